// Files in memory: the bounds that hold whatever a script does with them.

import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { MemoryFiles } from "../src/index.js";
import { describeBoth } from "./support.js";

const PARENTS = { parents: true, existOk: true };
const deep = (names) => "/d".repeat(names);
const long = (bytes) => "n".repeat(bytes);

/** Does something until it fails, and tells how often it was done. */
function fill(work, error) {
  for (let count = 0; ; count += 1) {
    try {
      work(count);
    } catch (thrown) {
      assert.deepEqual({ code: thrown.code }, error);
      return count;
    }
  }
}

describe("what counts towards maxBytes", () => {
  const noSpace = { code: "no-space" };
  const maxBytes = 4 * 2 ** 20;

  test("names, of files and of folders", () => {
    const files = new MemoryFiles({}, { maxBytes });
    const name = long(240);
    const count = fill((index) => files.writeText(`/${name}${index}`, ""), noSpace);
    assert.ok(count > 1000 && count * 240 < maxBytes, `${count} files`);
    assert.equal(files.paths().length, count);

    const folders = new MemoryFiles({}, { maxBytes });
    const created = fill((index) => folders.mkdir(`/${index}/${name}/${name}`, PARENTS), noSpace);
    assert.ok(created > 1000 && created * 2 * 240 < maxBytes, `${created} folders`);
  });

  test("entries without content, and what is appended", () => {
    const files = new MemoryFiles({}, { maxBytes });
    const count = fill((index) => files.writeText(`/${index}`, ""), noSpace);
    assert.ok(count * 500 < maxBytes, `${count} files`);

    const growing = new MemoryFiles({}, { maxBytes });
    const piece = new Uint8Array(1000);
    const appended = fill(() => growing.appendBytes("/f", piece), noSpace);
    assert.ok(appended * 1000 <= maxBytes && appended * 1000 > maxBytes - 2000, `${appended} pieces`);
    assert.equal(growing.get("/f").length, appended * 1000);
  });

  test("what is gone makes room", () => {
    const files = new MemoryFiles({}, { maxBytes: 10_000 });
    for (let round = 0; round < 50; round += 1) {
      files.mkdir("/a/b", PARENTS);
      files.writeText("/a/b/one", "x".repeat(3000));
      files.appendText("/a/b/one", "x".repeat(1000));
      files.writeText("/a/two", "x".repeat(2000));
      files.rename("/a/two", "/a/b/one");
      files.rename("/a/b", "/c");
      assert.equal(files.readText("/c/one").length, 2000);
      files.unlink("/c/one");
      files.rmdir("/c");
      files.rmdir("/a");
    }
    assert.deepEqual(files.paths(), []);
    files.writeText("/all", "x".repeat(10_000 - 512 - 3));
    assert.throws(() => files.writeText("/b", ""), noSpace);
  });
});

describe("paths", () => {
  const files = new MemoryFiles();

  test("have 4096 bytes and 128 names of 255 bytes at most", () => {
    files.mkdir(deep(127), PARENTS);
    files.writeText(`${deep(127)}/f`, "x");
    files.writeText(`/${long(255)}`, "x");
    for (const path of [`${deep(127)}/d/f`, `/${long(256)}`, `/${"ü".repeat(128)}`, `/${long(250)}`.repeat(17)]) {
      assert.throws(() => files.mkdir(path, PARENTS), { code: "name-too-long" }, path);
      assert.throws(() => files.writeText(path, ""), { code: "name-too-long" }, path);
      assert.throws(() => files.stat(path), { code: "name-too-long" }, path);
    }
  });

  test("of what a folder holds stay within that when it is moved", () => {
    const moving = new MemoryFiles();
    moving.mkdir(`${deep(100)}`, PARENTS);
    moving.mkdir("/a/b/c", PARENTS);
    moving.writeText("/a/b/c/f", "x");
    moving.mkdir(`${deep(100)}${"/e".repeat(24)}`, PARENTS);
    assert.throws(() => moving.rename("/a", `${deep(100)}${"/e".repeat(24)}/a`.replace("/e/a", "/e/e/a")), { code: "not-found" });
    moving.rename("/a", `${deep(100)}${"/e".repeat(24)}/a`);
    assert.equal(moving.readText(`${deep(100)}${"/e".repeat(24)}/a/b/c/f`), "x");
    moving.mkdir("/x/1/2/3/4", PARENTS);
    const below = `${deep(100)}${"/e".repeat(24)}/x`;
    assert.throws(() => moving.rename("/x", below), { code: "name-too-long" });
    // Less deep, it fits.
    moving.rmdir("/x/1/2/3/4");
    moving.rename("/x", below);
    assert.ok(moving.isDir(`${below}/1/2/3`));
  });

  test("are absolute and normalised", () => {
    for (const path of ["a", "", "/a/", "//a", "/./a", "/a/..", "/a\0b", "/\ud800"]) {
      assert.throws(() => files.writeText(path, ""), { code: "invalid-argument" }, path);
    }
    const message = /^MemoryFiles: "\/a\/\.\.\/b" cannot be a file: a path is absolute, without/;
    assert.throws(() => new MemoryFiles({ "/a/../b": "" }), { name: "TypeError", message });
    assert.throws(() => new MemoryFiles({ "/a": "", "/a/b": "" }), { name: "TypeError", message: /another file stands above it/ });
    assert.throws(() => new MemoryFiles({ "/a": "x" }, { maxBytes: 10 }), { name: "TypeError", message: /more than `maxBytes`/ });
  });

  test("do not keep what they were cut from", () => {
    const marked = new MemoryFiles({ "/\ufeffmarked": "x" });
    assert.deepEqual(marked.iterdir("/"), ["\ufeffmarked"]);
    assert.ok(marked.exists("/\ufeffmarked"));
  });
});

describeBoth("files in a script", (context) => {
  test("a folder or a tree with too many entries is an error, not a part of them", async () => {
    const entries = new Map(Array.from({ length: 11 }, (_, index) => [`/many/${index}`, ""]));
    const os = new MemoryFiles(entries, { maxEntries: 10 });
    for (const call of ["os.listdir('/many')", "list(os.walk('/'))", "list(Path('/').rglob('*'))", "list(Path('/many').iterdir())"]) {
      await assert.rejects(() => context.evaluate(`import os\nfrom pathlib import Path\n${call}`, { os }), {
        type: "RuntimeError",
        pythonMessage: "more than 10 directory entries: list a smaller directory, or fewer levels of it",
      });
    }
    assert.equal(await context.evaluate("from pathlib import Path\nlen(list(Path('/').glob('*')))", { os }), 1);
  });

  test("so is a scan with too long paths", async () => {
    const folder = `/${long(250)}`.repeat(15);
    const os = new MemoryFiles(new Map(Array.from({ length: 9000 }, (_, index) => [`${folder}/${long(200)}${index}`, ""])));
    await assert.rejects(() => context.evaluate("import os\nlist(os.walk('/'))", { os }), {
      type: "RuntimeError",
      pythonMessage: "more than 33554432 bytes of paths in one scan: list a smaller directory, or fewer levels of it",
    });
  });
});

// Each of these took time in proportion to all paths there are.
test("thousands of long names are made, moved, listed and removed", { timeout: 60_000 }, () => {
  const files = new MemoryFiles();
  const folder = `/${long(250)}`.repeat(14);
  files.mkdir(folder, PARENTS);
  const each = (work) => {
    for (let index = 0; index < 9000; index += 1) work(`${folder}/${long(240)}${index}`, `${folder}/${index}`);
  };
  each((path) => files.mkdir(path, { parents: false, existOk: false }));
  each((path, moved) => files.rename(path, moved));
  assert.equal(files.iterdir(folder).length, 9000);
  each((_, moved) => files.rmdir(moved));
  assert.deepEqual(files.iterdir(folder), []);
});

test("a file that is appended to often is not copied each time", { timeout: 60_000 }, () => {
  const files = new MemoryFiles();
  const piece = new Uint8Array(500).fill(1);
  for (let count = 0; count < 100_000; count += 1) files.appendBytes("/log", piece);
  assert.equal(files.stat("/log").size, 50_000_000);
});
