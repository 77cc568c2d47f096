// The parameters of a tool, from the schema of its arguments.

import { propertiesOf } from "./convert.js";
import { MEMBERS, assignNames } from "./names.js";
import { SchemaProblem, childPointer, isEqual } from "./schema.js";
import { ANY, NONE, takesNone, unionOf } from "./types.js";

/** The parameter that collects the arguments that no other one takes, if its name is free. */
const EXTRA = "extra";

/**
 * The parameters in the order of a call: the required ones, then by name alone those
 * that may be omitted. Each has a `name`, the `key` of the arguments, a `type`, whether
 * it is `required` or `collects` the rest, and a `default` if it is neither.
 */
export function parametersOf(schema, converter) {
  if (!(schema instanceof Map)) {
    throw new SchemaProblem("", 'the arguments of a tool are an object: give a schema with `"type": "object"`');
  }
  const flat = converter.flat(schema, "");
  if (flat === undefined) return [collecting(ANY, [])];
  const given = flat.keywords.get("type");
  if (given !== undefined && given !== "object" && !(Array.isArray(given) && given.includes("object"))) {
    const reason = `${JSON.stringify(given)}, but the arguments of a tool are an object`;
    throw new SchemaProblem(childPointer(flat.pointer, "type"), reason);
  }
  const keywords = withAlternatives(flat, converter);
  const listed = propertiesOf(keywords);
  const names = assignNames(
    listed.map(({ name }) => name),
    MEMBERS,
  );
  const here = childPointer(flat.pointer, "properties");
  const parameters = listed.map((property, index) => {
    const { name: key, schema: own } = property;
    const type = own === undefined ? ANY : converter.type(own, childPointer(here, key), key);
    return parameter(property, names[index], type);
  });
  const extra = extraType(keywords, flat.pointer, converter);
  return extra === undefined ? parameters : [...parameters, collecting(extra, parameters)];
}

function extraType(keywords, pointer, converter) {
  const more = keywords.get("additionalProperties");
  if (more instanceof Map) return converter.type(more, childPointer(pointer, "additionalProperties"), EXTRA);
  const isUnknown = more === undefined && !keywords.has("type") && !keywords.has("properties");
  return more === true || isUnknown ? ANY : undefined;
}

function parameter({ name: key, schema, required, description }, name, type) {
  const common = { name, key, description, required, collects: false };
  if (required) return { ...common, type };
  const given = schema instanceof Map ? schema.get("default") : undefined;
  if (given !== undefined && (given !== null || takesNone(type))) return { ...common, type, default: given };
  // `None` is a value of its own here, which a script may want to send: `...`.
  if (takesNone(type)) return { ...common, type, default: undefined };
  return { ...common, type: unionOf([type, NONE]), default: null };
}

/** `**extra`. */
function collecting(type, others) {
  let name = EXTRA;
  while (others.some((other) => other.name === name)) name += "_";
  return { name, key: "", type, required: false, collects: true };
}

/** The keywords of an object, with the properties that only some of its alternatives have. */
function withAlternatives({ keywords, pointer }, converter) {
  const all = new Map(keywords);
  for (const keyword of ["anyOf", "oneOf"]) {
    const branches = keywords.get(keyword);
    if (!Array.isArray(branches)) continue;
    const here = childPointer(pointer, keyword);
    const own = all.get("properties");
    const listed = own instanceof Map ? new Map(own) : new Map();
    branches.forEach((branch, index) => {
      if (!(branch instanceof Map)) return;
      const properties = converter.flat(branch, childPointer(here, index))?.keywords.get("properties");
      if (!(properties instanceof Map)) return;
      for (const [name, schema] of properties) listed.set(name, withAlternative(listed.get(name), schema));
    });
    if (branches.length > 0) converter.note(here, "which parameters go together is not shown");
    if (listed.size > 0) all.set("properties", listed);
  }
  return all;
}

function withAlternative(known, schema) {
  if (known === undefined || isEqual(known, schema)) return schema;
  const alternatives = known instanceof Map ? known.get("anyOf") : undefined;
  if (Array.isArray(alternatives)) return new Map(known).set("anyOf", [...alternatives, schema]);
  return new Map([["anyOf", [known, schema]]]);
}
