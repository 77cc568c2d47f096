// `allOf`, and what stands beside a `$ref`, as one schema.

import { isEqual } from "./schema.js";

const ANNOTATIONS = new Set(
  "$comment $id $schema default deprecated description example examples readOnly title writeOnly".split(" "),
);

const BOUNDS = new Set(
  `contains contentEncoding contentMediaType dependencies dependentRequired dependentSchemas else
  exclusiveMaximum exclusiveMinimum format if maxContains maxItems maxLength maxProperties maximum
  minContains minItems minLength minProperties minimum multipleOf not pattern propertyNames required
  then unevaluatedItems unevaluatedProperties uniqueItems`.split(/\s+/),
);

/** Whether a keyword says nothing about the value. */
export function isAnnotation(keyword) {
  return ANNOTATIONS.has(keyword) || keyword.startsWith("x-");
}

/** Whether a keyword limits a value whose type other keywords tell. */
export function isBound(keyword) {
  return BOUNDS.has(keyword);
}

/**
 * Adds to `into` what another schema asks of the same value. Returns the keywords that
 * cannot be combined: of those, the first schema's stay.
 */
export function merge(into, other) {
  const leftOut = [];
  for (const [keyword, value] of other) {
    if (!into.has(keyword)) {
      into.set(keyword, value);
      continue;
    }
    const own = into.get(keyword);
    if (isEqual(own, value) || isAnnotation(keyword)) continue;
    const merged = combine(keyword, own, value);
    if (merged !== undefined) into.set(keyword, merged);
    // Types do not show bounds.
    else if (!isBound(keyword)) leftOut.push(keyword);
  }
  return leftOut;
}

function combine(keyword, own, other) {
  switch (keyword) {
    case "properties":
    case "patternProperties":
    case "$defs":
    case "definitions":
      return combineProperties(own, other);
    case "required":
      if (!Array.isArray(own) || !Array.isArray(other)) return undefined;
      return [...own, ...other.filter((name) => !own.some((one) => isEqual(one, name)))];
    case "enum":
      if (!Array.isArray(own) || !Array.isArray(other)) return undefined;
      return own.filter((value) => other.some((one) => isEqual(one, value)));
    case "type":
      return combineTypes(own, other);
    case "items":
    case "additionalProperties":
      return both(own, other);
    default:
      return undefined;
  }
}

function combineProperties(own, other) {
  if (!(own instanceof Map) || !(other instanceof Map)) return undefined;
  const properties = new Map(own);
  for (const [name, schema] of other) {
    const known = properties.get(name);
    if (known === undefined) properties.set(name, schema);
    else if (!isEqual(known, schema)) properties.set(name, both(known, schema));
  }
  return properties;
}

/** A schema for what both accept. */
function both(own, other) {
  if (own === true) return other;
  if (other === true) return own;
  if (own === false || other === false) return false;
  return new Map([["allOf", [own, other]]]);
}

/** The types that both allow. A number may be an integer. */
function combineTypes(own, other) {
  const [first, second] = [own, other].map((types) => (Array.isArray(types) ? types : [types]));
  const accepts = (types, one) => types.some((type) => isEqual(type, one)) || (one === "integer" && types.includes("number"));
  const common = first.filter((one) => accepts(second, one));
  for (const one of second) {
    if (accepts(first, one) && !common.some((known) => isEqual(known, one))) common.push(one);
  }
  if (common.length === 0) return undefined;
  return common.length === 1 ? common[0] : common;
}
