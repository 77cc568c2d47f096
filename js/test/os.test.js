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
    await assert.rejects(() => evaluate(write, { os: new m.MemoryFiles({}, { readOnly: true }) }), { type: "PermissionError" });
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
      time: () => 12.5,
      dateToday: () => new m.PyDate(2024, 2, 29),
      datetimeNow: (timezone) => new m.PyDateTime({ year: 2024, month: 1, day: 2, timezone }),
      urandom: (size) => new Uint8Array(size).fill(7),
      importModule(name) {
        if (name !== "shop") throw new m.OsError("not-found");
        return new m.Module("shop", { currency: "EUR" });
      },
      readText() {
        throw new m.PythonError("OSError", "of the program");
      },
      readBytes: () => "no bytes",
      exists: async () => true,
    };
    const source = `
import time, os, shop
from datetime import date, datetime, timezone
[time.time(), str(date.today()), str(datetime.now(timezone.utc)), os.urandom(2), shop.currency]`;
    const expected = [12.5, "2024-02-29", "2024-01-02 00:00:00+00:00", new Uint8Array([7, 7]), "EUR"];
    assert.deepEqual(await evaluate(source, { os, clock: "host" }), expected);
    const open = (call) => evaluate(`from pathlib import Path\nPath('/f').${call}()`, { os });
    await assert.rejects(() => evaluate("import toys", { os }), { type: "ModuleNotFoundError" });
    await assert.rejects(() => open("read_text"), { type: "OSError", pythonMessage: "of the program" });
    await assert.rejects(() => open("read_bytes"), { type: "RuntimeError", pythonMessage: "os.readBytes() must return a Uint8Array" });
    await assert.rejects(() => open("exists"), { kind: "request", message: "os.exists() returned a promise: it must return its result" });
    assert.equal(await evaluate("1"), 1);
  });
});
