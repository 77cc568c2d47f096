// Files in memory: what each operation answers, and the bounds that hold whatever a
// script does with them.

import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { MemoryFiles } from "../src/index.js";
import { describeBoth } from "./support.js";

const encode = (text) => new TextEncoder().encode(text);
const deep = (names) => "/d".repeat(names);
const long = (bytes) => "n".repeat(bytes);

const write = (files, path, text) => files.write(path, encode(text), "replace");
const append = (files, path, text) => files.write(path, encode(text), "append");
const read = (files, path) => new TextDecoder().decode(files.read(path));

/** Makes a directory, with those above it that are missing. */
function createDirectories(files, path) {
  const names = path.slice(1).split("/");
  for (let depth = 1; depth <= names.length; depth += 1) {
    const folder = `/${names.slice(0, depth).join("/")}`;
    try {
      files.stat(folder);
    } catch {
      files.createDirectory(folder);
    }
  }
}

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

describe("an operation answers as on Linux", () => {
  const entries = { "/f": "file", "/g": "other", "/d/in": "x", "/e/x": "" };
  const make = (options) => new MemoryFiles(entries, options);
  const cases = [
    ["stat", ["/none"], "not-found"],
    ["stat", ["/none/x"], "not-found"],
    ["stat", ["/f/x"], "not-a-directory"],
    ["stat", ["/f/x/y"], "not-a-directory"],
    ["stat", ["relative"], "invalid-argument"],
    ["readLink", ["/f"], "invalid-argument"],
    ["readLink", ["/d"], "invalid-argument"],
    ["readLink", ["/none"], "not-found"],
    ["read", ["/none"], "not-found"],
    ["read", ["/d"], "is-a-directory"],
    ["read", ["/"], "is-a-directory"],
    ["write", ["/d", encode("x"), "replace"], "is-a-directory"],
    ["write", ["/none/x", encode("x"), "append"], "not-found"],
    ["write", ["/f/x", encode("x"), "replace"], "not-a-directory"],
    ["open", ["/none", "read"], "not-found"],
    ["open", ["/d", "append"], "is-a-directory"],
    ["listDirectory", ["/f"], "not-a-directory"],
    ["listDirectory", ["/none"], "not-found"],
    ["scan", ["/none", {}], "not-found"],
    ["createDirectory", ["/f"], "already-exists"],
    ["createDirectory", ["/d"], "already-exists"],
    ["createDirectory", ["/"], "already-exists"],
    ["createDirectory", ["/none/x"], "not-found"],
    ["createDirectory", ["/f/x"], "not-a-directory"],
    ["removeFile", ["/none"], "not-found"],
    ["removeFile", ["/d"], "is-a-directory"],
    ["removeFile", ["/"], "is-a-directory"],
    ["removeFile", ["/f/x"], "not-a-directory"],
    ["removeDirectory", ["/none"], "not-found"],
    ["removeDirectory", ["/f"], "not-a-directory"],
    ["removeDirectory", ["/d"], "directory-not-empty"],
    ["removeDirectory", ["/"], "busy"],
    ["rename", ["/none", "/x"], "not-found"],
    ["rename", ["/f", "/none/x"], "not-found"],
    ["rename", ["/f", "/g/x"], "not-a-directory"],
    ["rename", ["/f", "/f/x"], "not-a-directory"],
    ["rename", ["/d", "/d/x"], "invalid-argument"],
    ["rename", ["/d/in", "/d"], "directory-not-empty"],
    ["rename", ["/f", "/d"], "is-a-directory"],
    ["rename", ["/d", "/f"], "not-a-directory"],
    ["rename", ["/e", "/d"], "directory-not-empty"],
    ["rename", ["/", "/x"], "busy"],
    ["rename", ["/f", "/"], "busy"],
  ];
  for (const [operation, given, code] of cases) {
    const shown = given.map((value) => (typeof value === "string" ? value : "…")).join(", ");
    test(`${operation}(${shown}): ${code}`, () => {
      assert.throws(() => make()[operation](...given), { name: "OsError", code });
    });
  }

  test("what works", () => {
    const files = make();
    files.rename("/f", "/g");
    assert.equal(read(files, "/g"), "file");
    files.rename("/g", "/g");
    files.createDirectory("/n");
    files.rename("/d", "/n");
    assert.deepEqual(files.paths().toSorted(), ["/e/x", "/g", "/n/in"]);
    append(files, "/g", ", more");
    files.open("/g", "append");
    assert.equal(read(files, "/g"), "file, more");
    files.open("/g", "write");
    files.open("/h", "append");
    assert.deepEqual([read(files, "/g"), read(files, "/h")], ["", ""]);
    files.removeFile("/n/in");
    files.removeDirectory("/n");
    files.removeFile("/h");
    assert.deepEqual(files.listDirectory("/").toSorted(), ["e", "g"]);
  });

  test("a scan has its root, and each folder before what is in it", () => {
    const files = new MemoryFiles({ "/a/b/c": "", "/a/d": "" });
    const scan = (path, options = {}) => files.scan(path, options).map((entry) => entry.path + (entry.isDirectory ? "/" : ""));
    assert.deepEqual(scan("/a"), ["/", "b/", "b/c", "d"]);
    assert.deepEqual(scan("/a", { maxDepth: 1 }), ["/", "b/", "d"]);
    assert.deepEqual(scan("/a", { maxDepth: 0 }), ["/"]);
    assert.deepEqual(scan("/a/d"), [""]);
  });

  test("what is read-only can be looked at, and what exists is said to", () => {
    const files = make({ readOnly: true });
    const codes = [
      ["createDirectory", ["/d"], "already-exists"],
      ["createDirectory", ["/none/x"], "not-found"],
      ["createDirectory", ["/x"], "read-only"],
      ["write", ["/f", encode("x"), "replace"], "read-only"],
      ["write", ["/d", encode("x"), "replace"], "is-a-directory"],
      ["open", ["/x", "write"], "read-only"],
      ["removeFile", ["/f"], "read-only"],
      ["removeDirectory", ["/d"], "read-only"],
      ["rename", ["/f", "/x"], "read-only"],
    ];
    for (const [operation, given, code] of codes) assert.throws(() => files[operation](...given), { code }, operation);
    // The bits are the file's own, as on a read-only mount.
    assert.deepEqual(files.stat("/f").permissions.toString(8), "644");
    files.open("/f", "read");
  });

  test("stat tells files apart, and what the program gave carries no time", () => {
    const files = new MemoryFiles({ "/f": "ü", "/d/g": "" });
    write(files, "/n", "now");
    const stats = ["/f", "/d", "/d/g", "/n", "/"].map((path) => files.stat(path));
    assert.deepEqual(stats.map(({ fileType, size }) => [fileType, size]), [["regular", 2], ["directory", 0], ["regular", 0], ["regular", 3], ["directory", 0]]);
    assert.equal(new Set(stats.map(({ fileId }) => fileId)).size, 5);
    assert.deepEqual(stats.slice(0, 3).map(({ modified }) => modified), [0, 0, 0]);
    assert.ok(Math.abs(stats[3].modified - Date.now()) < 10_000);
    const { fileId } = files.stat("/f");
    files.rename("/f", "/d/f");
    assert.equal(files.stat("/d/f").fileId, fileId);
  });
});

describe("what counts towards maxBytes", () => {
  const noSpace = { code: "no-space" };
  const maxBytes = 4 * 2 ** 20;

  test("names, of files and of folders", () => {
    const files = new MemoryFiles({}, { maxBytes });
    const name = long(240);
    const count = fill((index) => write(files, `/${name}${index}`, ""), noSpace);
    assert.ok(count > 1000 && count * 240 < maxBytes, `${count} files`);
    assert.equal(files.paths().length, count);

    const folders = new MemoryFiles({}, { maxBytes });
    const created = fill((index) => createDirectories(folders, `/${index}/${name}/${name}`), noSpace);
    assert.ok(created > 1000 && created * 2 * 240 < maxBytes, `${created} folders`);
  });

  test("entries without content, and what is appended", () => {
    const files = new MemoryFiles({}, { maxBytes });
    const count = fill((index) => write(files, `/${index}`, ""), noSpace);
    assert.ok(count * 500 < maxBytes, `${count} files`);

    const growing = new MemoryFiles({}, { maxBytes });
    const piece = new Uint8Array(1000);
    const appended = fill(() => growing.write("/f", piece, "append"), noSpace);
    assert.ok(appended * 1000 <= maxBytes && appended * 1000 > maxBytes - 2000, `${appended} pieces`);
    assert.equal(growing.get("/f").length, appended * 1000);
  });

  test("what is gone makes room", () => {
    const files = new MemoryFiles({}, { maxBytes: 10_000 });
    for (let round = 0; round < 50; round += 1) {
      createDirectories(files, "/a/b");
      write(files, "/a/b/one", "x".repeat(3000));
      append(files, "/a/b/one", "x".repeat(1000));
      write(files, "/a/two", "x".repeat(2000));
      files.rename("/a/two", "/a/b/one");
      files.rename("/a/b", "/c");
      assert.equal(read(files, "/c/one").length, 2000);
      files.removeFile("/c/one");
      files.removeDirectory("/c");
      files.removeDirectory("/a");
    }
    assert.deepEqual(files.paths(), []);
    write(files, "/all", "x".repeat(10_000 - 512 - 3));
    assert.throws(() => write(files, "/b", ""), noSpace);
  });
});

describe("paths", () => {
  const files = new MemoryFiles();

  test("have 4096 bytes and 128 names of 255 bytes at most", () => {
    createDirectories(files, deep(127));
    write(files, `${deep(127)}/f`, "x");
    write(files, `/${long(255)}`, "x");
    for (const path of [`${deep(127)}/d/f`, `/${long(256)}`, `/${"ü".repeat(128)}`, `/${long(250)}`.repeat(17)]) {
      assert.throws(() => createDirectories(files, path), { code: "name-too-long" }, path);
      assert.throws(() => write(files, path, ""), { code: "name-too-long" }, path);
      assert.throws(() => files.stat(path), { code: "name-too-long" }, path);
    }
  });

  test("of what a folder holds stay within that when it is moved", () => {
    const moving = new MemoryFiles();
    createDirectories(moving, `${deep(100)}`);
    createDirectories(moving, "/a/b/c");
    write(moving, "/a/b/c/f", "x");
    createDirectories(moving, `${deep(100)}${"/e".repeat(24)}`);
    assert.throws(() => moving.rename("/a", `${deep(100)}${"/e".repeat(24)}/a`.replace("/e/a", "/e/e/a")), { code: "not-found" });
    moving.rename("/a", `${deep(100)}${"/e".repeat(24)}/a`);
    assert.equal(read(moving, `${deep(100)}${"/e".repeat(24)}/a/b/c/f`), "x");
    createDirectories(moving, "/x/1/2/3/4");
    const below = `${deep(100)}${"/e".repeat(24)}/x`;
    assert.throws(() => moving.rename("/x", below), { code: "name-too-long" });
    // Less deep, it fits.
    moving.removeDirectory("/x/1/2/3/4");
    moving.rename("/x", below);
    assert.ok(moving.stat(`${below}/1/2/3`).fileType === "directory");
  });

  test("are absolute and normalised", () => {
    for (const path of ["a", "", "/a/", "//a", "/./a", "/a/..", "/a\0b", "/\ud800"]) {
      assert.throws(() => write(files, path, ""), { code: "invalid-argument" }, path);
    }
    const message = /^MemoryFiles: "\/a\/\.\.\/b" cannot be a file: paths are absolute, without/;
    assert.throws(() => new MemoryFiles({ "/a/../b": "" }), { name: "TypeError", message });
    assert.throws(() => new MemoryFiles({ "/a": "", "/a/b": "" }), { name: "TypeError", message: /it or a parent is a file/ });
    assert.throws(() => new MemoryFiles({ "/a": "", "/a/b": null }), { name: "TypeError", message: /^MemoryFiles: "\/a\/b" cannot be a folder: / });
    assert.deepEqual(new MemoryFiles({ "/a/b": null, "/": null }).scan("/a", {}).map(({ path }) => path), ["", "b"]);
    assert.throws(() => new MemoryFiles({ "/a": "x" }, { maxBytes: 10 }), { name: "TypeError", message: /more than `maxBytes`/ });
  });

  test("do not keep what they were cut from", () => {
    const marked = new MemoryFiles({ "/\ufeffmarked": "x" });
    assert.deepEqual(marked.listDirectory("/"), ["\ufeffmarked"]);
    assert.ok(marked.stat("/\ufeffmarked"));
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
  createDirectories(files, folder);
  const each = (work) => {
    for (let index = 0; index < 9000; index += 1) work(`${folder}/${long(240)}${index}`, `${folder}/${index}`);
  };
  each((path) => files.createDirectory(path));
  each((path, moved) => files.rename(path, moved));
  assert.equal(files.listDirectory(folder).length, 9000);
  each((_, moved) => files.removeDirectory(moved));
  assert.deepEqual(files.listDirectory(folder), []);
});

test("a file that is appended to often is not copied each time", { timeout: 60_000 }, () => {
  const files = new MemoryFiles();
  const piece = new Uint8Array(500).fill(1);
  for (let count = 0; count < 100_000; count += 1) files.write("/log", piece, "append");
  assert.equal(files.stat("/log").size, 50_000_000);
});
