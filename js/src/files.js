import { boolean, bytes, checkArgument, checkOptions, entries, integer, isPlain, string, toEntries } from "./check.js";
import { OsError, PythonError } from "./errors.js";
import { utf8Length } from "./graph.js";

/** The longest path and name in bytes, as on Linux and in the Rust host. */
const MAX_PATH_BYTES = 4096;
const MAX_NAME_BYTES = 255;

/** The most names in a path. */
const MAX_DEPTH = 128;

/** The size of an entry without its name and content: about what a small file's objects take in V8. */
const ENTRY_BYTES = 512;

/** The most text in the result of a scan. */
const MAX_SCAN_BYTES = 32 * 2 ** 20;

/** The static methods by which `MemoryFiles` moves to another thread and back. */
export const SAVE = Symbol("monty.save");
export const LOAD = Symbol("monty.load");
export const CHANGES = Symbol("monty.changes");

const OPTIONS = { environment: entries(string), readOnly: boolean, maxBytes: integer(0), maxEntries: integer(0) };
const FILES = {
  wants: "a plain object or a Map of paths",
  accepts: (value) => isPlain(value) || value instanceof Map,
};
const CONTENT = {
  wants: "a string, a Uint8Array, or null for a folder",
  accepts: (value) => value === null || string.accepts(value) || bytes.accepts(value),
};

/**
 * Files in memory and an environment: an `os` for scripts.
 *
 * Maps absolute POSIX paths to their content, or to `null` for a folder. Parent folders
 * are created. Initial files have the time 1970-01-01, so that runs are repeatable.
 */
export class MemoryFiles {
  #root = new DirectoryNode(1, 0);
  #environment;
  #readOnly = false;
  #maxBytes;
  #maxEntries;
  #bytes = 0;
  // The number of the next file or folder.
  #nextId = 2;
  #changes = 0;

  constructor(files = {}, options = undefined) {
    checkArgument("MemoryFiles", "the files", files, FILES);
    const {
      environment = {},
      readOnly = false,
      maxBytes = 64 * 2 ** 20,
      maxEntries = 100_000,
    } = checkOptions("MemoryFiles", options, OPTIONS);
    this.#environment = new Map(toEntries(environment));
    this.#maxBytes = maxBytes;
    this.#maxEntries = maxEntries;
    for (const [path, content] of toEntries(files)) this.#add(path, content);
    this.#readOnly = readOnly;
  }

  /** The content of a file, for the program that embeds the script. */
  get(path) {
    const entry = this.#look(path);
    return entry instanceof FileNode ? entry.content.slice() : undefined;
  }

  /** The paths of all files. */
  paths() {
    return [...walk(this.#root)].filter(({ entry }) => entry instanceof FileNode).map(({ path }) => `/${path}`);
  }

  /** Ignores whether to follow links: there are none. */
  stat(path) {
    const entry = this.#find(path);
    const isDirectory = entry instanceof DirectoryNode;
    return {
      fileType: isDirectory ? "directory" : "regular",
      permissions: isDirectory ? 0o755 : 0o644,
      size: isDirectory ? 0 : entry.length,
      modified: entry.modified,
      fileId: entry.id,
      deviceId: 1,
    };
  }

  readLink(path) {
    this.#find(path);
    throw new OsError("invalid-argument");
  }

  /** The content of a file, not copied as `get()` does. */
  read(path) {
    return this.#file(path).content;
  }

  write(path, data, mode) {
    this.#write(path, data, mode, Date.now());
  }

  open(path, mode) {
    if (mode === "read") this.#file(path);
    else this.write(path, new Uint8Array(), mode === "append" ? "append" : "replace");
  }

  listDirectory(path) {
    const { children } = this.#directory(path);
    this.#checkEntries(children.size);
    return [...children.keys()];
  }

  scan(path, { maxDepth = Number.POSITIVE_INFINITY }) {
    const root = this.#find(path);
    const found = [toScanEntry("", root)];
    if (!(root instanceof DirectoryNode)) return found;
    let length = 0;
    for (const { path: relative, entry } of walk(root, maxDepth)) {
      length += relative.length;
      if (length > MAX_SCAN_BYTES) throw beyond(`more than ${MAX_SCAN_BYTES} bytes of paths in one scan`);
      this.#checkEntries(found.length + 1);
      found.push(toScanEntry(relative, entry));
    }
    return found;
  }

  createDirectory(path) {
    const { parent, name, entry } = this.#place(path);
    if (entry !== undefined) throw new OsError("already-exists");
    this.#checkWritable();
    this.#makeDirectory(parent, name, Date.now());
  }

  removeFile(path) {
    const { parent, name, entry } = this.#place(path);
    // In the order of Linux: rules for any name come before those for the entry.
    if (entry === this.#root) throw new OsError("is-a-directory");
    this.#checkWritable();
    if (entry === undefined) throw new OsError("not-found");
    if (entry instanceof DirectoryNode) throw new OsError("is-a-directory");
    this.#count(-entry.length - weightOf(name));
    parent.remove(name, Date.now());
  }

  removeDirectory(path) {
    const { parent, name, entry } = this.#place(path);
    if (entry === this.#root) throw new OsError("busy");
    this.#checkWritable();
    if (entry === undefined) throw new OsError("not-found");
    if (!(entry instanceof DirectoryNode)) throw new OsError("not-a-directory");
    if (entry.children.size > 0) throw new OsError("directory-not-empty");
    this.#count(-weightOf(name));
    parent.remove(name, Date.now());
  }

  rename(source, destination) {
    const from = this.#place(source);
    const to = this.#place(destination);
    if (from.entry === this.#root || to.entry === this.#root) throw new OsError("busy");
    this.#checkWritable();
    const moved = from.entry;
    if (moved === undefined) throw new OsError("not-found");
    if (source === destination) return;
    if (destination.startsWith(`${source}/`)) throw new OsError("invalid-argument");
    if (source.startsWith(`${destination}/`)) throw new OsError("directory-not-empty");
    if (to.entry instanceof DirectoryNode) {
      if (!(moved instanceof DirectoryNode)) throw new OsError("is-a-directory");
      if (to.entry.children.size > 0) throw new OsError("directory-not-empty");
    } else if (to.entry !== undefined && moved instanceof DirectoryNode) {
      throw new OsError("not-a-directory");
    }
    // Everything below a moved folder must stay within the limits of a path.
    if (to.depth + moved.height > MAX_DEPTH) throw new OsError("name-too-long");
    const replaced = to.entry === undefined ? 0 : weightOf(to.name) + (to.entry.length ?? 0);
    this.#count(weightOf(to.name) - weightOf(from.name) - replaced);
    const now = Date.now();
    from.parent.remove(from.name, now);
    to.parent.put(to.name, moved, now);
  }

  getenv(name) {
    return this.#environment.get(name);
  }

  /** All of it as plain data, which another thread can be sent. */
  static [SAVE](files) {
    return {
      root: files.#root.save(),
      environment: files.#environment,
      readOnly: files.#readOnly,
      maxBytes: files.#maxBytes,
      maxEntries: files.#maxEntries,
      bytes: files.#bytes,
      nextId: files.#nextId,
    };
  }

  /** Makes `files` what was saved. */
  static [LOAD](files, saved) {
    files.#root = DirectoryNode.load(saved.root);
    files.#environment = saved.environment;
    files.#readOnly = saved.readOnly;
    files.#maxBytes = saved.maxBytes;
    files.#maxEntries = saved.maxEntries;
    files.#bytes = saved.bytes;
    files.#nextId = saved.nextId;
  }

  /** Counts the changes. */
  static [CHANGES](files) {
    return files.#changes;
  }

  environ() {
    return this.#environment;
  }

  /** Adds an initial file. */
  #add(path, content) {
    checkArgument("MemoryFiles", "a path", path, string);
    checkArgument("MemoryFiles", `the content of ${JSON.stringify(path)}`, content, CONTENT);
    try {
      const folders = content === null ? namesOf(path) : namesOf(path).slice(0, -1);
      let parent = this.#root;
      for (const name of folders) parent = this.#folder(parent, name);
      if (content !== null) this.#write(path, typeof content === "string" ? encode(content) : content, "replace", 0);
    } catch (error) {
      if (!(error instanceof OsError)) throw error;
      const kind = content === null ? "folder" : "file";
      throw new TypeError(`MemoryFiles: ${JSON.stringify(path)} cannot be a ${kind}: ${REASONS[error.code] ?? error.code}`);
    }
  }

  /** The folder of that name in another, created if it is missing. */
  #folder(parent, name) {
    const entry = parent.children.get(name);
    if (entry instanceof DirectoryNode) return entry;
    if (entry !== undefined) throw new OsError("not-a-directory");
    return this.#makeDirectory(parent, name, 0);
  }

  #makeDirectory(parent, name, now) {
    this.#count(weightOf(name));
    const directory = new DirectoryNode(this.#nextId++, now);
    parent.put(name, directory, now);
    return directory;
  }

  /** The entry at a path, if it exists. */
  #look(path) {
    let entry = this.#root;
    for (const name of namesOf(path)) {
      if (!(entry instanceof DirectoryNode)) return undefined;
      entry = entry.children.get(name);
    }
    return entry;
  }

  #find(path) {
    const { entry } = this.#place(path);
    if (entry === undefined) throw new OsError("not-found");
    return entry;
  }

  /** The entry at a path, and its parent. The root has no parent. */
  #place(path) {
    const names = namesOf(path);
    const name = names.pop();
    if (name === undefined) return { entry: this.#root };
    let parent = this.#root;
    for (const step of names) {
      parent = parent.children.get(step);
      if (parent === undefined) throw new OsError("not-found");
      if (!(parent instanceof DirectoryNode)) throw new OsError("not-a-directory");
    }
    return { parent, name, entry: parent.children.get(name), depth: names.length };
  }

  #file(path) {
    const entry = this.#find(path);
    if (entry instanceof DirectoryNode) throw new OsError("is-a-directory");
    return entry;
  }

  #directory(path) {
    const entry = this.#find(path);
    if (!(entry instanceof DirectoryNode)) throw new OsError("not-a-directory");
    return entry;
  }

  #write(path, data, mode, now) {
    const { parent, name, entry } = this.#place(path);
    if (entry instanceof DirectoryNode) throw new OsError("is-a-directory");
    this.#checkWritable();
    const file = entry ?? new FileNode(this.#nextId++);
    const position = mode === "append" ? file.length : 0;
    this.#count(position + data.length - file.length + (entry === undefined ? weightOf(name) : 0));
    file.write(data, position, now);
    if (entry === undefined) parent.put(name, file, now);
  }

  #checkWritable() {
    if (this.#readOnly) throw new OsError("read-only");
  }

  #checkEntries(count) {
    if (count > this.#maxEntries) throw beyond(`more than ${this.#maxEntries} directory entries`);
  }

  /** Counts bytes before they are stored. Each change passes here. */
  #count(more) {
    this.#changes += 1;
    const bytes = this.#bytes + more;
    if (more > 0 && bytes > this.#maxBytes) throw new OsError("no-space");
    this.#bytes = bytes;
  }
}

/** The reasons to reject an initial file, by error code. */
const REASONS = {
  "invalid-argument": "paths are absolute, without `.`, `..`, `//` or a trailing `/`",
  "name-too-long": `a path has at most ${MAX_PATH_BYTES} bytes and ${MAX_DEPTH} names, a name at most ${MAX_NAME_BYTES} bytes`,
  "no-space": "the files take more than `maxBytes`",
  "not-a-directory": "it or a parent is a file",
  "is-a-directory": "it is a folder",
};

class FileNode {
  #buffer = new Uint8Array();
  length = 0;
  /** In milliseconds since 1970. */
  modified = 0;

  constructor(id) {
    this.id = id;
  }

  get content() {
    return this.#buffer.subarray(0, this.length);
  }

  /** The number of its levels. */
  get height() {
    return 1;
  }

  save() {
    return { id: this.id, modified: this.modified, content: this.content };
  }

  static load({ id, modified, content }) {
    const file = new FileNode(id);
    file.#buffer = content;
    file.length = content.length;
    file.modified = modified;
    return file;
  }

  /** Writes `data` at a position, and truncates the file after it. */
  write(data, position, now) {
    const length = position + data.length;
    if (position === 0 || length > this.#buffer.length) {
      // A growing file gets a quarter of spare room, so that frequent appends do not copy
      // it each time. The room is not counted, but stays small.
      const buffer = new Uint8Array(position === 0 ? length : Math.ceil(length * 1.25));
      buffer.set(this.#buffer.subarray(0, position));
      this.#buffer = buffer;
    }
    this.#buffer.set(data, position);
    this.length = length;
    this.modified = now;
  }
}

class DirectoryNode {
  children = new Map();
  #parent;
  // The number of children of each height, which gives the folder's height without a
  // walk through it.
  #heights = [];

  constructor(id, now) {
    this.id = id;
    /** In milliseconds since 1970. */
    this.modified = now;
  }

  get height() {
    return Math.max(this.#heights.length, 1);
  }

  save() {
    const children = Array.from(this.children, ([name, entry]) => [name, entry.save()]);
    return { id: this.id, modified: this.modified, children };
  }

  static load({ id, modified, children }) {
    const directory = new DirectoryNode(id, modified);
    for (const [name, saved] of children) {
      directory.put(name, saved.children === undefined ? FileNode.load(saved) : DirectoryNode.load(saved), modified);
    }
    return directory;
  }

  put(name, entry, now) {
    this.remove(name, now);
    this.children.set(ownText(name), entry);
    if (entry instanceof DirectoryNode) entry.#parent = this;
    this.#changeHeight(undefined, entry.height);
    this.modified = now;
  }

  remove(name, now) {
    const entry = this.children.get(name);
    if (entry === undefined) return;
    this.children.delete(name);
    if (entry instanceof DirectoryNode) entry.#parent = undefined;
    this.#changeHeight(entry.height, undefined);
    this.modified = now;
  }

  /** Updates the heights after a child's changed, up to the first folder whose own stays. */
  #changeHeight(before, after) {
    let directory = this;
    while (directory !== undefined && before !== after) {
      const heights = directory.#heights;
      const whole = directory.height;
      if (before !== undefined) heights[before] -= 1;
      if (after !== undefined) heights[after] = (heights[after] ?? 0) + 1;
      while (heights.length > 0 && !heights[heights.length - 1]) heights.length -= 1;
      [before, after] = [whole, directory.height];
      directory = directory.#parent;
    }
  }
}

/** Everything below a folder down to a depth, folders before their content. */
function* walk(root, maxDepth = Number.POSITIVE_INFINITY) {
  const open = maxDepth > 0 ? [{ prefix: "", children: root.children.entries() }] : [];
  while (open.length > 0) {
    const { prefix, children } = open[open.length - 1];
    const { done, value } = children.next();
    if (done) {
      open.pop();
      continue;
    }
    const [name, entry] = value;
    const path = prefix + name;
    yield { path, entry };
    if (entry instanceof DirectoryNode && open.length < maxDepth) {
      open.push({ prefix: `${path}/`, children: entry.children.entries() });
    }
  }
}

/** Checks a path and returns its names. The root has none. */
function namesOf(path) {
  if (path.length > MAX_PATH_BYTES) throw new OsError("name-too-long");
  const bytes = utf8Length(path);
  if (bytes > MAX_PATH_BYTES) throw new OsError("name-too-long");
  if (!path.startsWith("/") || path.includes("\0") || !path.isWellFormed()) throw new OsError("invalid-argument");
  if (path === "/") return [];
  const names = path.slice(1).split("/");
  if (names.some((name) => name === "" || name === "." || name === "..")) throw new OsError("invalid-argument");
  const lengthOf = bytes === path.length ? (name) => name.length : utf8Length;
  if (names.length > MAX_DEPTH || names.some((name) => lengthOf(name) > MAX_NAME_BYTES)) {
    throw new OsError("name-too-long");
  }
  return names;
}

/**
 * The error for a folder or a tree that is too large to list. Not an `OSError`, which
 * `os.walk()` and `Path.glob()` ignore, so that a script would see an empty tree.
 */
function beyond(what) {
  return new PythonError("RuntimeError", `${what}: list a smaller directory, or fewer levels of it`);
}

function weightOf(name) {
  return ENTRY_BYTES + utf8Length(name);
}

/** A copy of a text: V8 keeps the whole path alive for a slice of it. */
function ownText(text) {
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(encode(text));
}

function toScanEntry(path, entry) {
  const isDirectory = entry instanceof DirectoryNode;
  return { path, isDirectory, isFile: !isDirectory, isSymbolicLink: false };
}

function encode(text) {
  return new TextEncoder().encode(text);
}
