// Serves the repository to this machine, for the page and for its test.

import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname } from "node:path";
import { fileURLToPath } from "node:url";

const root = new URL("../../", import.meta.url);
const types = { ".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".wasm": "application/wasm" };

export function serve(port = 0) {
  const server = createServer(async (request, response) => {
    try {
      const { pathname } = new URL(request.url, "http://localhost");
      const file = new URL(`.${pathname}`, root);
      if (!file.href.startsWith(root.href)) throw new Error("outside of the repository");
      const content = await readFile(file);
      response.writeHead(200, { "content-type": types[extname(file.pathname)] ?? "application/octet-stream" });
      response.end(content);
    } catch {
      response.writeHead(404);
      response.end();
    }
  });
  return new Promise((resolve) => {
    server.listen(port, "127.0.0.1", () => resolve({ server, url: `http://127.0.0.1:${server.address().port}/examples/browser/index.html` }));
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { url } = await serve(8080);
  console.log(url);
}
