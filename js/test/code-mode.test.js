// Tools that JSON Schemas describe: their stubs, as the conformance data has them, and
// their calls.

import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { Toolbox } from "../src/code-mode.js";
import * as m from "../src/index.js";
import { names, readJson, readText } from "./conformance/kit.js";
import { describeBoth } from "./support.js";

describe("stubs", () => {
  const cases = names("stubs", ".json").filter((name) => name !== "rejected");
  assert.ok(cases.length >= 12, "there are cases");
  for (const name of cases) {
    test(name, () => {
      const { about, names: expected, notes = {}, ...options } = readJson(`stubs/${name}.json`);
      const toolbox = new Toolbox(options);
      assert.deepEqual(toolbox.tools.map((tool) => tool.name), expected);
      const noted = toolbox.tools.filter((tool) => tool.notes.length > 0);
      assert.deepEqual(Object.fromEntries(noted.map((tool) => [tool.name, tool.notes])), notes);
      for (const detail of ["signature", "full"]) {
        assert.equal(toolbox.stubs(detail), readText(`stubs/${name}.${detail}.pyi`), detail);
      }
    });
  }

  for (const { tool, error } of readJson("stubs/rejected.json").rejected) {
    test(`rejected: ${error.slice(0, 100)}`, () => {
      assert.throws(() => new Toolbox({ tools: [tool] }), { name: "TypeError", message: error });
    });
  }

  test("of some tools, with the types that they need", () => {
    const toolbox = new Toolbox({
      tools: ["b", "a"].map((name) => ({
        name,
        inputSchema: { type: "object" },
        outputSchema: { type: "object", title: `Of ${name}`, properties: { x: { type: "integer" } } },
      })),
    });
    assert.equal(toolbox.stubs("signature", ["a"]), "class OfA(TypedDict): x: NotRequired[int]\ndef a() -> OfA: ...\n");
    assert.equal(toolbox.stubs("full", []), "");
  });

  test("names and keys of any kind stay data", () => {
    const properties = JSON.parse('{"__proto__": {"type": "integer"}, "constructor": {"type": "string"}}');
    const toolbox = new Toolbox({ tools: [{ name: "toString", inputSchema: { type: "object", properties } }] });
    assert.equal(
      toolbox.stubs("signature"),
      "def toString(*, __proto__: int | None = None, constructor: str | None = None) -> Any: ...\n",
    );
  });
});

describe("what a Toolbox rejects", () => {
  const tool = { name: "f", inputSchema: { type: "object" } };
  const cases = [
    [() => new Toolbox({ tool: [tool] }), /^Toolbox: unknown option `tool`; did you mean `tools`\?/],
    [() => new Toolbox({ tools: [5] }), "Toolbox: a tool must be a plain object, not 5"],
    [() => new Toolbox({ tools: [{ inputSchema: {} }] }), "Toolbox: the name of a tool must be a string, not undefined"],
    [() => new Toolbox({ tools: [{ ...tool, call: "f" }] }), 'Toolbox, in the tool "f": the option `call` must be a function, not "f"'],
    [() => new Toolbox({ tools: [{ name: "f" }] }), /^the tool `f`: inputSchema#: the arguments of a tool are an object/],
    [() => new Toolbox({ tools: [tool, tool] }), "Toolbox: two tools without a namespace are called `f`: leave one out, or put it in a namespace"],
    [() => new Toolbox({ namespaces: [{ name: "s", tools: [tool, tool] }] }), "Toolbox: two tools of the namespace `s` are called `f`: leave one out"],
    [() => new Toolbox({ namespaces: [{ name: "s" }, { name: "s" }] }), "Toolbox: two namespaces are called `s`: give one of them another name"],
    [() => new Toolbox({ namespaces: [{ name: "s", tool: [] }] }), /^Toolbox, in a namespace: unknown option `tool`; did you mean `tools`\?/],
    [() => new Toolbox({ tools: [tool] }).stubs("short"), 'stubs(): the detail must be "signature" or "full", not "short"'],
    [() => new Toolbox({ tools: [tool] }).stubs("full", ["g"]), 'stubs(): the toolbox has no tool "g": use the `name` of one of `tools`'],
    [() => new Toolbox({ tools: [{ ...tool, inputSchema: { default: new Date() } }] }), /^the tool `f`: inputSchema#\/default: not JSON: /],
  ];
  for (const [call, message] of cases) {
    test(String(message), () => assert.throws(call, { name: "TypeError", message }));
  }
});

describeBoth("calls of described tools", ({}, jspi) => {
  const schema = {
    type: "object",
    properties: {
      "per-page": { type: "integer", default: 30 },
      query: { type: "string" },
      from: { type: ["string", "null"] },
      note: { type: "string" },
    },
    required: ["query"],
    additionalProperties: { type: "integer" },
  };

  async function call(source, options) {
    const monty = await m.createMonty({ jspi });
    const given = [];
    const record = async (args) => {
      given.push(args);
      return args.query;
    };
    const toolbox = new Toolbox({
      tools: [{ name: "search", inputSchema: schema, call: record }, { name: "silent", inputSchema: schema }],
      namespaces: [{ name: "git-hub", tools: [{ name: "search", inputSchema: schema, awaited: true, call: record }] }],
    });
    const { value } = await monty.run(source, { ...toolbox.options, ...options });
    monty.dispose();
    return { value, given };
  }

  test("arguments arrive as one object by the keys of the schema, without those left out", async () => {
    assert.deepEqual(await call("search('a')"), { value: "a", given: [{ query: "a" }] });
    assert.deepEqual(await call("search(query='a', per_page=5, from_=None, note=None)"), {
      value: "a",
      given: [{ query: "a", "per-page": 5, from: null }],
    });
    assert.deepEqual(await call("search('a', per_page=30, more=1)"), { value: "a", given: [{ query: "a", more: 1 }] });
  });

  test("in a namespace, awaited, several at once", async () => {
    const source = "import asyncio\nawait asyncio.gather(git_hub.search('a'), git_hub.search('b', note='x'))";
    assert.deepEqual(await call(source), { value: ["a", "b"], given: [{ query: "a" }, { query: "b", note: "x" }] });
  });

  test("values arrive as JSON, also with exact values", async () => {
    const source = "search('a', note={'a': [1.0, 2.5, None, True, (1, 2)]})";
    const given = [{ query: "a", note: { a: [1, 2.5, null, true, [1, 2]] } }];
    assert.deepEqual(await call(source), { value: "a", given });
    assert.deepEqual(await call(source, { values: "exact" }), { value: "a", given });
  });

  test("a suspended call is approved with the same arguments, in another process too", async () => {
    const toolbox = new Toolbox({ namespaces: [{ name: "s", tools: [{ name: "do it", inputSchema: schema, call: () => m.suspend }] }] });
    const monty = await m.createMonty({ jspi });
    const { suspension } = await monty.run("s.do_it('a', per_page=5, more=1) + '!'", toolbox.options);
    const [call] = suspension.calls;
    assert.equal(call.name, "s.do_it");
    assert.deepEqual(toolbox.argumentsOf(call), { query: "a", "per-page": 5, more: 1 });
    const { tools } = toolbox.options;
    assert.equal((await monty.resume(suspension.snapshot, { [call.id]: "done" }, { tools })).value, "done!");
    const wrong = { name: "s.do_it", positional: [], keyword: new Map() };
    assert.throws(() => toolbox.argumentsOf(wrong), { name: "PythonError", type: "TypeError", pythonMessage: "s.do_it() missing 1 required positional argument: 'query'" });
    assert.throws(() => toolbox.argumentsOf({ ...wrong, name: "other" }), { name: "TypeError", message: /^argumentsOf\(\): the toolbox has no tool "other"/ });
    assert.throws(() => toolbox.argumentsOf({ name: "s.do_it" }), { name: "TypeError", message: /^argumentsOf\(\): the call must be a call of a suspension/ });
    monty.dispose();
  });

  test("what does not fit is a TypeError in Python", async () => {
    for (const [source, pythonMessage] of [
      ["search()", "search() missing 1 required positional argument: 'query'"],
      ["search('a', 5)", "search() takes 1 positional argument but 2 were given"],
      ["search('a', **{'per-page': 5})", "search() got 'per-page' among its keywords: pass it as 'per_page'"],
      ["search('a', note=b'x')", "search() argument 'note': Uint8Array has no form in JSON; pass str, int, float, bool, None, lists and dicts"],
      ["search('a', note={1: 2})", "search() argument 'note': the keys of a dict must be str"],
      ["search('a', note=float('nan'))", "search() argument 'note': Number has no form in JSON; pass str, int, float, bool, None, lists and dicts"],
    ]) {
      await assert.rejects(() => call(source), { type: "TypeError", pythonMessage });
    }
    await assert.rejects(() => call("silent('a')"), { type: "NameError" });
  });
});

describeBoth("calls of tools with parameters", (context) => {
  test("bind as in CPython, which the data has", async () => {
    const { functions, calls } = readJson("calls/calls.json");
    const tools = Object.fromEntries(functions.map(toTool));
    const source = calls.map(
      (call) => `try:\n    o = repr(${call})\nexcept TypeError as e:\n    o = f'TypeError: {e}'\noutcomes.append(o)\n`,
    );
    const { value } = await context.monty.run(`outcomes = []\n${source.join("")}outcomes`, { tools, values: "exact" });
    const expected = readText("calls/calls.out").trimEnd().split("\n");
    assert.deepEqual(calls.map((call, index) => `${call} | ${value[index]}`), expected);
  });

  /** A tool of a signature such as `f(a, b=1, *, c)`, which returns its arguments by name. */
  function toTool(signature) {
    const [, name, list] = signature.match(/^(\w+)\((.*)\)$/);
    const parameters = list === "" ? [] : list.split(", ").map((text) => {
      const [parameter, json] = text.split("=");
      return json === undefined ? parameter : [parameter, JSON.parse(json)];
    });
    const shown = parameters.map((one) => (Array.isArray(one) ? one[0] : one)).filter((one) => one !== "*");
    const toValue = (one, value) => (/^\*\w/.test(one) ? m.Tuple.from(value) : value);
    const handler = (...bound) => new Map(shown.map((one, index) => [one.replace(/^\*+/, ""), toValue(one, bound[index])]));
    return [name, m.tool(handler, parameters)];
  }
});
