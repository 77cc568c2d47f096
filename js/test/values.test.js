import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import * as m from "../src/index.js";

let monty;
before(async () => {
  monty = await m.createMonty();
});
after(() => monty.dispose());

const evaluate = async (source, options) => (await monty.run(source, options)).value;
const echo = (value, options) => evaluate("x", { inputs: { x: value }, ...options });
const describeInPython = (value) => evaluate("f'{type(x).__name__} {x!r}'", { inputs: { x: value } });

describe("out of Python", () => {
  const cases = {
    None: null,
    True: true,
    "42": 42,
    "2**53 - 1": Number.MAX_SAFE_INTEGER,
    "2**53": 2n ** 53n,
    "-(2**63)": -(2n ** 63n),
    "2**63": 2n ** 63n,
    "-(2**200)": -(2n ** 200n),
    "1.5": 1.5,
    "1.0": 1,
    "-0.0": -0,
    "float('inf')": Number.POSITIVE_INFINITY,
    "float('nan')": Number.NaN,
    "'héllo 😀'": "héllo 😀",
    "'\\ufeffstarts with a byte order mark'": "\ufeffstarts with a byte order mark",
    "['\\ufeffä', 'b']": ["\ufeffä", "b"],
    "b'\\x00\\xff'": new Uint8Array([0, 255]),
    "[1, [2.5, 'ä', '😀', '']]": [1, [2.5, "ä", "😀", ""]],
    "(1, 2)": m.Tuple.of(1, 2),
    "{1, 2}": new Set([1, 2]),
    "frozenset({1})": new m.FrozenSet([1]),
    "{'a': 1, 'b': {}}": { a: 1, b: {} },
    "{1: 'x', 'y': 2}": new Map([[1, "x"], ["y", 2]]),
    "[b'ab', b'c']": [new Uint8Array([97, 98]), new Uint8Array([99])],
    "...": m.Ellipsis,
    "[..., NotImplemented]": [m.Ellipsis, m.NotImplemented],
    "1+2j": new m.Complex(1, 2),
    "__import__('decimal').Decimal('1.20')": new m.Decimal("1.20"),
  };
  for (const [source, expected] of Object.entries(cases)) {
    test(source, async () => {
      const script = source.startsWith("__import__") ? "from decimal import Decimal\nDecimal('1.20')" : source;
      assert.deepEqual(await evaluate(script), expected);
    });
  }

  test("dates and times", async () => {
    const value = await evaluate(`
from datetime import date, datetime, time, timedelta, timezone
[date(2024, 2, 29), datetime(2024, 1, 2, 3, 4, 5, 678000, timezone(timedelta(hours=2))),
 time(1, 2, 3, 4), timedelta(days=-1, seconds=5), timezone(timedelta(hours=-3, minutes=-30), 'NT')]`);
    assert.deepEqual(value.map(String).slice(0, 3), ["2024-02-29", "2024-01-02T03:04:05.678000+02:00", "01:02:03.000004"]);
    assert.equal(value[1].toDate().toISOString(), "2024-01-02T01:04:05.678Z");
    assert.equal(value[3].toMilliseconds(), -86395000);
    assert.deepEqual(value[4], new m.TimeZone(-12600, "NT"));
  });

  test("exceptions, types, functions, paths, classes and instances", async () => {
    const value = await evaluate(`
from pathlib import Path
from dataclasses import dataclass
@dataclass
class Point:
    x: int
    y: int
[ValueError('bad'), int, len, Path('/a/b'), Point(1, 2)]`);
    assert.deepEqual([value[0].type, value[0].message], ["ValueError", "bad"]);
    assert.deepEqual(value.slice(1, 4), [new m.TypeObject("int"), new m.BuiltinFunction("len"), new m.Path("/a/b")]);
    assert.equal(value[4].class.name, "Point");
    assert.equal(value[4].class.hostDefined, false);
    assert.deepEqual([...value[4].attributes], [["x", 1], ["y", 2]]);
  });

  test("a cycle is the text that its repr shows", async () => {
    assert.deepEqual(await evaluate("x = []\nx.append(x)\nx"), [new m.Cycle("[...]")]);
  });

  test("an object held twice is one object", async () => {
    const [first, second, third] = await evaluate("x = {'a': 1}\n[x, x, {'a': 1}]");
    assert.equal(first, second);
    assert.notEqual(first, third);
  });

  test("a key called __proto__ is an entry", async () => {
    const value = await evaluate("{'__proto__': {'polluted': True}, 'constructor': 1}");
    assert.equal(Object.getPrototypeOf(value), Object.prototype);
    assert.deepEqual(Object.keys(value), ["__proto__", "constructor"]);
    assert.equal({}.polluted, undefined);
  });
});

describe("into Python", () => {
  const cases = [
    [null, "NoneType None"],
    [undefined, "NoneType None"],
    [true, "bool True"],
    [1, "int 1"],
    [-0, "float -0.0"],
    [1.5, "float 1.5"],
    [1e300, "float 1e+300"],
    [new m.PyFloat(1), "float 1.0"],
    [2n ** 64n, "int 18446744073709551616"],
    [-128n, "int -128"],
    [-(2n ** 127n) - 1n, "int -170141183460469231731687303715884105729"],
    [255n ** 9n, `int ${255n ** 9n}`],
    ["a'ü😀", 'str "a\'ü😀"'],
    [new Uint8Array([1]), "bytes b'\\x01'"],
    [new Uint8Array([1]).buffer, "bytes b'\\x01'"],
    [[1, "a"], "list [1, 'a']"],
    [m.Tuple.of(1), "tuple (1,)"],
    [new Set([1]), "set {1}"],
    [new m.FrozenSet([1]), "frozenset frozenset({1})"],
    [{ a: [1] }, "dict {'a': [1]}"],
    [Object.assign(Object.create(null), { a: 1 }), "dict {'a': 1}"],
    [JSON.parse('{"__proto__": 1}'), "dict {'__proto__': 1}"],
    [new Map([[m.Tuple.of(1, 2), null]]), "dict {(1, 2): None}"],
    [new Date("2024-01-02T03:04:05.678Z"), "datetime datetime.datetime(2024, 1, 2, 3, 4, 5, 678000, tzinfo=datetime.timezone.utc)"],
    [new m.PyDate(99, 1, 2), "date datetime.date(99, 1, 2)"],
    [new m.Decimal("1.20"), "Decimal Decimal('1.20')"],
    [new m.Complex(1, -2), "complex (1-2j)"],
    [new m.Path("/a"), "PosixPath PosixPath('/a')"],
    [new m.PythonError("KeyError", "k"), "KeyError KeyError('k')"],
    [new m.TypeObject("int"), "type <class 'int'>"],
    [new m.NamedTuple("Point", { x: 1, y: 2 }), "namedtuple Point(x=1, y=2)"],
    [m.Ellipsis, "ellipsis Ellipsis"],
  ];
  for (const [value, expected] of cases) {
    test(expected, async () => assert.equal(await describeInPython(value), expected));
  }

  test("an object held twice is one object", async () => {
    const shared = [1];
    assert.equal(await evaluate("a[0] is a[1] and a[0] is b", { inputs: { a: [shared, shared], b: shared } }), true);
  });

  const refused = [
    [() => {}, "x: a function cannot be a value: pass it as a tool"],
    [[Symbol("s")], "x[0]: a symbol has no equivalent in Python"],
    [{ a: [new WeakMap()] }, "x.a[0]: a WeakMap has no equivalent in Python"],
    ["\ud800", "x: a string with half a surrogate pair has no equivalent in Python"],
    [new Date(Number.NaN), "x: the date is not valid"],
    [cyclic(), "x.self: the value contains itself"],
    [[new m.Module("shop", new Map([[1, 2]]))], "x[0]: shop has an attribute whose name is not a string"],
  ];
  for (const [value, message] of refused) {
    test(`refused: ${message}`, () => assert.rejects(() => echo(value), { kind: "request", message }));
  }

  test("a value that is nested too deep, or doubles at each level, is beyond the limit of a message", async () => {
    const first10 = "[0]".repeat(10);
    await assert.rejects(() => echo(deep(2000)), {
      kind: "limit",
      limit: "message",
      message: `x${first10}[…]${first10}: the value is nested more than 1024 levels deep`,
    });
    let value = "x";
    for (let level = 0; level < 40; level += 1) value = [value, value];
    await assert.rejects(() => echo(value), { kind: "limit", limit: "message", message: /takes more than 67108864 bytes/ });
  });
});

test("a Decimal is one that Python takes", () => {
  for (const text of ["1.20", "-0", "1E+5", "+.5e-7", "5.", "inf", "-Infinity", "NaN12", "sNaN"]) {
    assert.equal(new m.Decimal(text).text, text);
  }
  for (const text of ["", ".", "1,5", " 1", "1_000", "1e", "0x10", "NaN1x", "١"]) {
    const message = `${JSON.stringify(text)} is not a decimal number`;
    assert.throws(() => new m.Decimal(text), { name: "RangeError", message });
  }
});

test("exact values come back as they went", async () => {
  const source = `
from datetime import datetime, timezone
{'1': 1, 'f': 1.0, 'z': -0.0, 'big': 2**70, 't': (1, [2]), 's': frozenset({3}), 'd': {}, 'n': None,
 'at': datetime(2024, 1, 2, 3, 4, 5, 6, timezone.utc), 'c': 1j}`;
  const value = await evaluate(source, { values: "exact" });
  assert.deepEqual([...value.keys()], ["1", "f", "z", "big", "t", "s", "d", "n", "at", "c"]);
  assert.deepEqual(value.get("f"), new m.PyFloat(1));
  assert.equal(await evaluate("repr(x)", { inputs: { x: value } }), await evaluate(`${source.trim().replace("{", "repr({")})`));
});

function cyclic() {
  const value = {};
  value.self = value;
  return value;
}

function deep(levels) {
  let value = [];
  for (let level = 0; level < levels; level += 1) value = [value];
  return value;
}
