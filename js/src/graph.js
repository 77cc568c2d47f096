// The columns of a graph, and the check of a graph before anything is built from it.

export const Kind = Object.freeze({
  NONE: 0,
  FALSE: 1,
  TRUE: 2,
  ELLIPSIS: 3,
  NOT_IMPLEMENTED: 4,
  INTEGER: 5,
  FLOAT: 6,
  TEXT: 7,
  BYTES: 8,
  LIST: 9,
  TUPLE: 10,
  SET: 11,
  FROZEN_SET: 12,
  DICT: 13,
  RARE: 14,
});

/** The size of an object without its text, bytes and children. */
export const OBJECT_BYTES = 64;

/** The size of a child's place in its container. */
export const CHILD_BYTES = 32;

/** The deepest nesting of containers. */
const MAX_DEPTH = 1024;

/**
 * The caps of a message. `expandedBytes` limits the size of its values with each shared
 * object counted at every place that holds it, which bounds code that walks a value as
 * a tree.
 */
export const CAPS = capsOf(64 * 2 ** 20);

export function capsOf(messageBytes) {
  return Object.freeze({ expandedBytes: messageBytes, depth: MAX_DEPTH });
}

/** A message that breaks the rules of a graph, or a value that cannot be encoded. */
export class GraphError extends Error {
  constructor(message) {
    super(message);
    this.name = "GraphError";
  }
}

/** A message that exceeds a cap. */
export class CapError extends GraphError {}

export function tooLarge(what, { expandedBytes }) {
  return new CapError(
    `${what} more than ${expandedBytes} bytes (limits.messageBytes), counting shared objects at each place that holds them`,
  );
}

export function tooDeep(what, { depth }) {
  return new CapError(`${what} more than ${depth} levels deep`);
}

/** The size of a scalar. */
export function scalarBytes(value) {
  if (typeof value === "string") return OBJECT_BYTES + utf8Length(value);
  return OBJECT_BYTES + (value instanceof Uint8Array ? value.length : 0);
}

export function isContainer(rare) {
  return rare.tag === "named-tuple" || rare.tag === "class" || rare.tag === "instance" || rare.tag === "module";
}

const BEYOND_ASCII = /[^\0-\x7f]/;

/** The length of a well-formed text in bytes of UTF-8. */
export function utf8Length(text) {
  let length = text.length;
  // Most long texts are ASCII, which a regular expression finds several times faster.
  if (length > 50 && !BEYOND_ASCII.test(text)) return length;
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    if (unit < 0x80) continue;
    // Each half of a surrogate pair counts 2 bytes.
    length += unit < 0x800 || (unit >= 0xd800 && unit <= 0xdfff) ? 1 : 2;
  }
  return length;
}

/** The size of texts, bytes and lists of them. Stops counting beyond `most`. */
export function plainBytes(value, most) {
  if (!Array.isArray(value)) {
    return typeof value?.path === "string" ? scalarBytes(value.path) : scalarBytes(value);
  }
  let bytes = OBJECT_BYTES;
  for (const item of value) {
    if (bytes > most) break;
    bytes += CHILD_BYTES + plainBytes(item, most);
  }
  return bytes;
}

/** The size of a graph's columns, each object counted once. */
function columnBytes({ kinds, children, text, blobs, rare }) {
  const bytes = OBJECT_BYTES * kinds.length + CHILD_BYTES * children.length + text.length + blobs.length;
  return rare.reduce((sum, node) => sum + payloadBytes(node), bytes);
}

/** The size of an answer that waits for the script. */
export function answerBytes({ tag, val }) {
  if (tag === "raised") return scalarBytes(val.message ?? "");
  if (tag !== "value") return OBJECT_BYTES;
  return scalarBytes(val.root.val) + (val.graph === undefined ? 0 : columnBytes(val.graph));
}

/** The size of a call's arguments, each object counted once. */
export function requestBytes({ positional, keyword, graph }) {
  const operands = [...positional, ...keyword.map(({ value }) => value)];
  const bytes = operands.reduce((sum, { val }) => sum + scalarBytes(val), 0);
  return bytes + (graph === undefined ? 0 : columnBytes(graph));
}

/** Fills the columns, children before their container. */
export class GraphBuilder {
  kinds = [];
  counts = [];
  children = [];
  integers = [];
  floats = [];
  textLengths = [];
  texts = [];
  blobs = [];
  rare = [];

  push(kind) {
    return this.kinds.push(kind) - 1;
  }

  pushText(text, length) {
    this.textLengths.push(length);
    this.texts.push(text);
    return this.push(Kind.TEXT);
  }

  pushContainer(kind, ids) {
    this.counts.push(ids.length);
    for (const id of ids) this.children.push(id);
    return this.push(kind);
  }

  pushRare(node, ids) {
    this.rare.push(node);
    return ids === undefined ? this.push(Kind.RARE) : this.pushContainer(Kind.RARE, ids);
  }

  /** The graph, or `undefined` if it has no objects. */
  finish() {
    if (this.kinds.length === 0) return undefined;
    const blobs = new Uint8Array(this.blobs.reduce((length, blob) => length + blob.length, 0));
    let position = 0;
    for (const blob of this.blobs) {
      blobs.set(blob, position);
      position += blob.length;
    }
    return {
      kinds: Uint8Array.from(this.kinds),
      counts: Uint32Array.from(this.counts),
      children: Uint32Array.from(this.children),
      integers: BigInt64Array.from(this.integers),
      floats: Float64Array.from(this.floats),
      textLengths: Uint32Array.from(this.textLengths),
      text: this.texts.join(""),
      blobLengths: Uint32Array.from(this.blobs, (blob) => blob.length),
      blobs,
      rare: this.rare,
    };
  }
}

/**
 * Checks a graph in one pass, before anything is built from it: ids, counts and lengths
 * are in range, the columns are consumed exactly, and depth and size are within the
 * caps. Returns the size of each object with its content.
 */
export function checkGraph(graph, caps) {
  const { kinds, counts, children, rare } = graph;
  const total = kinds.length;
  if (columnBytes(graph) > caps.expandedBytes) throw tooLarge("the graph's objects take", caps);
  const depths = new Uint32Array(total);
  const sizes = new Float64Array(total);
  const isClass = new Uint8Array(total);
  const isText = new Uint8Array(total);
  const used = { counts: 0, children: 0, integers: 0, floats: 0, textLengths: 0, blobLengths: 0, rare: 0 };
  const take = (column, amount = 1) => {
    const start = used[column];
    used[column] += amount;
    if (used[column] > graph[column].length) throw tooShort(column);
    return start;
  };
  for (let id = 0; id < total; id += 1) {
    const kind = kinds[id];
    let size = OBJECT_BYTES;
    let node;
    let holds = false;
    switch (kind) {
      case Kind.NONE:
      case Kind.FALSE:
      case Kind.TRUE:
      case Kind.ELLIPSIS:
      case Kind.NOT_IMPLEMENTED:
        break;
      case Kind.INTEGER:
        take("integers");
        break;
      case Kind.FLOAT:
        take("floats");
        break;
      case Kind.TEXT:
        size += graph.textLengths[take("textLengths")];
        isText[id] = 1;
        break;
      case Kind.BYTES:
        size += graph.blobLengths[take("blobLengths")];
        break;
      case Kind.LIST:
      case Kind.TUPLE:
      case Kind.SET:
      case Kind.FROZEN_SET:
      case Kind.DICT:
        holds = true;
        break;
      case Kind.RARE:
        node = rare[take("rare")];
        size += payloadBytes(node);
        if (node.tag === "big-integer" && !isMinimal(node.val)) {
          throw new GraphError(
            `graph object ${id} is an int of ${node.val.length} bytes, which is not the least number that holds it`,
          );
        }
        holds = isContainer(node);
        break;
      default:
        throw new GraphError(`the graph holds an object of kind ${kind}, which is not a kind`);
    }
    if (holds) {
      const count = counts[take("counts")];
      const start = take("children", count);
      if (holdsPairs(kind, node) && count % 2 !== 0) {
        throw new GraphError(`graph object ${id} holds pairs, but has ${count} children`);
      }
      if (node?.tag === "named-tuple" && node.val.fieldNames.length !== count) {
        throw new GraphError(
          `graph object ${id} is a named tuple with ${node.val.fieldNames.length} fields and ${count} values`,
        );
      }
      let depth = 0;
      const hold = (child) => {
        if (child >= id) {
          throw new GraphError(`graph object ${id} holds object ${child}, which does not stand before it`);
        }
        depth = Math.max(depth, depths[child] + 1);
        size += sizes[child] + CHILD_BYTES;
      };
      for (let index = start; index < start + count; index += 1) hold(children[index]);
      if (kind === Kind.RARE && node.tag !== "named-tuple") {
        for (let index = start; index < start + count; index += 2) {
          if (isText[children[index]] === 1) continue;
          throw new GraphError(`graph object ${id} has an attribute whose name, object ${children[index]}, is no str`);
        }
      }
      if (node?.tag === "instance") {
        if (isClass[node.val.class] !== 1) {
          throw new GraphError(
            `graph object ${id} is an instance of object ${node.val.class}, which is not a class that stands before it`,
          );
        }
        hold(node.val.class);
      }
      if (node?.tag === "class") isClass[id] = 1;
      depths[id] = depth;
      if (depth > caps.depth) throw tooDeep(`graph object ${id} is nested`, caps);
    }
    sizes[id] = size;
    if (size > caps.expandedBytes) throw tooLarge(`graph object ${id} takes`, caps);
  }
  for (const column of Object.keys(used)) {
    const left = graph[column].length - used[column];
    if (left > 0) throw tooLong(column, left);
  }
  const blobBytes = graph.blobLengths.reduce((sum, length) => sum + length, 0);
  if (blobBytes > graph.blobs.length) throw tooShort("blobs");
  if (blobBytes < graph.blobs.length) throw tooLong("blobs", graph.blobs.length - blobBytes);
  return sizes;
}

/** Splits the text column into its strings. Lengths are in bytes of UTF-8. */
export function cutTexts(text, lengths) {
  const total = lengths.reduce((sum, length) => sum + length, 0);
  const texts = new Array(lengths.length);
  let position = 0;
  if (total === text.length && utf8Length(text) === total) {
    // As many bytes as UTF-16 units, so all of it is ASCII.
    for (let index = 0; index < lengths.length; index += 1) {
      texts[index] = text.slice(position, (position += lengths[index]));
    }
    return texts;
  }
  for (let index = 0; index < lengths.length; index += 1) {
    const start = position;
    let left = lengths[index];
    while (left > 0 && position < text.length) {
      const code = text.codePointAt(position);
      left -= code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
      position += code < 0x10000 ? 1 : 2;
    }
    if (left > 0) throw tooShort("text");
    if (left < 0) {
      throw new GraphError("a length in the graph's column `text-lengths` ends inside a character");
    }
    texts[index] = text.slice(start, position);
  }
  if (position < text.length) throw tooLong("text", text.length - position);
  return texts;
}

/** Whether two's complement has no redundant byte. Zero takes one byte. */
function isMinimal(bytes) {
  if (bytes.length < 2) return bytes.length === 1;
  const [next, last] = bytes.subarray(-2);
  return !((last === 0 && next < 0x80) || (last === 0xff && next >= 0x80));
}

function holdsPairs(kind, node) {
  return kind === Kind.DICT || node?.tag === "class" || node?.tag === "instance" || node?.tag === "module";
}

/** The size of a rare object's own data in bytes, without its children. */
export function payloadBytes({ tag, val }) {
  switch (tag) {
    case "big-integer":
      return val.length;
    case "decimal":
    case "path":
    case "type-object":
    case "builtin-function":
    case "representation":
    case "cycle":
      return utf8Length(val);
    case "exception":
      return utf8Length(val.typeName) + utf8Length(val.message ?? "");
    case "function":
      return utf8Length(val.name) + utf8Length(val.docstring ?? "");
    case "named-tuple":
      return val.fieldNames.reduce((sum, name) => sum + utf8Length(name) + 1, utf8Length(val.typeName));
    case "class":
    case "module":
      return utf8Length(val.name);
    case "file":
      return utf8Length(val.path) + utf8Length(val.mode);
    case "datetime":
    case "time":
      return utf8Length(val.timezone?.name ?? "");
    case "timezone":
      return utf8Length(val.name ?? "");
    default:
      return 0;
  }
}

function columnName(column) {
  return column.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

function tooShort(column) {
  return new GraphError(`the graph's column \`${columnName(column)}\` is shorter than its objects need`);
}

function tooLong(column, left) {
  return new GraphError(
    `the graph's column \`${columnName(column)}\` has ${left} entries more than its objects take`,
  );
}
