import assert from "node:assert/strict";
import { test } from "node:test";

import * as m from "../src/index.js";
import { describeBoth } from "./support.js";

describeBoth("the operating system", (context) => {
  const evaluate = (source, options) => context.evaluate(source, options);

  test("everything is denied by default", async () => {
    await assert.rejects(() => evaluate("open('/etc/passwd')"), { type: "PermissionError" });
    await assert.rejects(() => evaluate("import os\nos.getenv('HOME')"), { type: "RuntimeError" });
    await assert.rejects(() => evaluate("import numpy"), { type: "ModuleNotFoundError" });
  });

  test("files in memory", async () => {
    const os = new m.MemoryFiles({ "/data/in.csv": "a,b\n1,ü\n", "/data/raw.bin": new Uint8Array([255]) });
    const source = `
import os
from pathlib import Path
rows = Path('/data/in.csv').read_text().splitlines()
Path('/out/deep').mkdir(parents=True)
Path('/out/deep/x.txt').write_text('x')
with open('/out/log.txt', 'a') as file:
    file.write('one\\n')
    file.write('two\\n')
os.rename('/out/deep', '/out/moved')
try:
    Path('/data/raw.bin').read_text()
except UnicodeDecodeError as error:
    failed = str(error)
try:
    open('/data/none')
except FileNotFoundError as error:
    missing = str(error)
[rows, sorted(str(p) for p in Path('/').rglob('*')), Path('/data/in.csv').stat().st_size, failed, missing,
 sorted(os.listdir('/out')), Path('/data').is_dir(), Path('/nope').exists()]`;
    assert.deepEqual(await evaluate(source, { os }), [
      ["a,b", "1,ü"],
      ["/data", "/data/in.csv", "/data/raw.bin", "/out", "/out/log.txt", "/out/moved", "/out/moved/x.txt"],
      9,
      "'utf-8' codec can't decode byte 0xff in position 0: invalid start byte",
      "[Errno 2] No such file or directory: '/data/none'",
      ["log.txt", "moved"],
      true,
      false,
    ]);
    assert.equal(new TextDecoder().decode(os.get("/out/log.txt")), "one\ntwo\n");
  });

  test("errors of files are those of CPython", async () => {
    const os = new m.MemoryFiles({ "/d/f": "x" });
    const errors = {
      "open('/d')": "IsADirectoryError",
      "open('/d/f/g')": "NotADirectoryError",
      "os.mkdir('/d')": "FileExistsError",
      "os.rmdir('/d')": "OSError",
      "os.unlink('/nope')": "FileNotFoundError",
      "os.rename('/d', '/d/e')": "OSError",
    };
    for (const [source, type] of Object.entries(errors)) {
      await assert.rejects(() => evaluate(`import os\n${source}`, { os }), { kind: "script", type }, source);
    }
  });

  test("read-only files, and a quota", async () => {
    const write = "from pathlib import Path\nPath('/f').write_text('x' * 2000)";
    await assert.rejects(() => evaluate(write, { os: new m.MemoryFiles({}, { readOnly: true }) }), { type: "OSError", pythonMessage: "[Errno 30] Read-only file system: '/f'" });
    await assert.rejects(() => evaluate(write, { os: new m.MemoryFiles({}, { maxBytes: 1000 }) }), { type: "OSError" });
    assert.throws(() => new m.MemoryFiles({ "/a/../b": "" }), TypeError);
  });

  test("the environment", async () => {
    const os = new m.MemoryFiles({}, { environment: { REGION: "eu" } });
    const source = "import os\n[os.getenv('REGION'), os.getenv('NONE'), dict(os.environ)]";
    assert.deepEqual(await evaluate(source, { os }), ["eu", null, { REGION: "eu" }]);
  });

  test("operations of the program's own", async () => {
    const os = {
      now: () => 1_704_153_600_123_456_789n,
      monotonicNow: () => 1500.25,
      randomBytes: (size) => new Uint8Array(size).fill(7),
      importModule(name) {
        if (name !== "shop") throw new m.OsError("not-found");
        return new m.Module("shop", { currency: "EUR" });
      },
      environ: () => new Map([["A", "b"]]),
      stat: (path) => (path === "/link" ? { fileType: "symbolic-link", size: 3, permissions: 0o777 } : { size: 5, modified: new Date(2500) }),
      readLink: () => "target",
      read() {
        throw new m.PythonError("OSError", "of the program");
      },
    };
    const source = `
import time, os, shop
from datetime import date, datetime, timezone
stat = os.stat('/f')
[time.time_ns(), time.monotonic(), str(date.today()), str(datetime.now(timezone.utc)), os.urandom(2), shop.currency,
 dict(os.environ), stat.st_size, stat.st_mtime]`;
    assert.deepEqual(await evaluate(source, { os, clock: "host" }), [
      1_704_153_600_123_456_789n, 1.50025, "2024-01-02", "2024-01-02 00:00:00.123456+00:00", new Uint8Array([7, 7]), "EUR", { A: "b" }, 5, 2.5,
    ]);
    await assert.rejects(() => evaluate("import toys", { os }), { type: "ModuleNotFoundError" });
    await assert.rejects(() => evaluate("from pathlib import Path\nPath('/f').read_bytes()", { os }), {
      type: "OSError",
      pythonMessage: "of the program",
      cause: new m.PythonError("OSError", "of the program"),
    });
  });

  test("a result of another type is an error in the script, which names it", async () => {
    const bytes = (length) => new Uint8Array(length);
    const cases = [
      [{ read: () => "text", open() {} }, "open('/f').read()", 'os.read(): the result must be a Uint8Array, not "text"'],
      [{ stat: () => ({ fileType: "file", size: 1 }) }, "os.stat('/f')", 'os.stat(): the field `fileType` must be "regular", "directory", "symbolic-link" or "other", not "file"'],
      [{ stat: () => ({ sise: 1 }) }, "os.stat('/f')", /^os\.stat\(\): unknown field `sise`; did you mean `size`\?/],
      [{ stat: () => ({}) }, "os.stat('/f')", "os.stat(): the field `size` must be an integer from 0 to 2^64 - 1, not undefined"],
      [{ stat: () => ({ size: 1, modified: "now" }) }, "os.stat('/f')", /^os\.stat\(\): the field `modified` must be a Date, milliseconds/],
      [{ listDirectory: () => [1] }, "os.listdir('/')", "os.listDirectory(): the result must be an array of strings, not an array"],
      [{ scan: () => [{ path: "", isDirectory: 1 }] }, "list(os.scandir('/'))", "os.scan(): the field `isDirectory` must be true or false, not 1"],
      [{ environ: () => ({ A: 1 }) }, "dict(os.environ)", "os.environ(): the result must be a plain object or a Map of strings, not an object"],
      [{ getenv: () => 5 }, "os.getenv('A')", "os.getenv(): the result must be a string or undefined, not 5"],
      [{ randomBytes: () => bytes(3) }, "os.urandom(2)", "os.randomBytes() must return 2 bytes, not 3"],
      [{ importModule: () => ({}) }, "import shop", "os.importModule(): the result must be a Module, not an object"],
      [{ now: () => "noon" }, "import time\ntime.time()", /^os\.now\(\): the result must be a Date/],
      [{ monotonicNow: () => -1 }, "import time\ntime.monotonic()", "os.monotonicNow(): the result must be milliseconds, or a bigint of nanoseconds, not below 0, not -1"],
    ];
    for (const [os, source, pythonMessage] of cases) {
      const options = { os, clock: "host" };
      await assert.rejects(() => evaluate(`import os\n${source}`, options), { kind: "script", type: "RuntimeError", pythonMessage }, source);
    }
    await assert.rejects(() => evaluate("import os\nos.stat('/f')", { os: { stat: async () => ({}) } }), {
      kind: "request",
      message: "os.stat() returned a promise: it must return its result",
    });
    const rejects = { stat: () => Promise.reject(new Error("late")) };
    await assert.rejects(() => evaluate("import os\nos.stat('/f')", { os: rejects }), { kind: "request" });
    assert.equal(await evaluate("1"), 1);
  });

  test("random bytes beyond the limit of a message are not asked for", async () => {
    const os = { randomBytes: () => assert.fail("asked for") };
    await assert.rejects(() => evaluate("import os\nos.urandom(70_000_000)", { os }), { kind: "limit", limit: "message" });
  });
});
