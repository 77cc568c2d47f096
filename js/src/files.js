import { OsError } from "./errors.js";

/**
 * Files in memory and an environment: an `os` for scripts.
 *
 * Paths are absolute POSIX paths. Folders above a file that is given are made.
 */
export class MemoryFiles {
  #entries = new Map([["/", directory()]]);
  #environment;
  #readOnly;
  #maxBytes;
  #bytes = 0;

  constructor(files = {}, { environment = {}, readOnly = false, maxBytes = 64 * 2 ** 20 } = {}) {
    this.#environment = new Map(Object.entries(environment));
    this.#maxBytes = maxBytes;
    for (const [path, content] of files instanceof Map ? files : Object.entries(files)) {
      if (!/^(\/(?!\.{1,2}(\/|$))[^/\0]+)+$/.test(path)) {
        throw new TypeError(`a path is absolute and normalised, not ${JSON.stringify(path)}`);
      }
      this.mkdir(parentOf(path), { parents: true, existOk: true });
      this.writeBytes(path, typeof content === "string" ? encode(content) : content);
    }
    this.#readOnly = readOnly;
  }

  /** The content of a file, for the program that embeds the script. */
  get(path) {
    const entry = this.#entries.get(path);
    return entry?.type === "regular" ? entry.content.slice() : undefined;
  }

  /** The paths of all files. */
  paths() {
    return [...this.#entries].filter(([, entry]) => entry.type === "regular").map(([path]) => path);
  }

  exists(path) {
    return this.#entries.has(path);
  }

  isFile(path) {
    return this.#entries.get(path)?.type === "regular";
  }

  isDir(path) {
    return this.#entries.get(path)?.type === "directory";
  }

  isSymlink() {
    return false;
  }

  stat(path) {
    const { type, content, modifiedSeconds } = this.#find(path);
    return {
      fileType: type,
      permissions: type === "directory" ? 0o755 : 0o644,
      size: content?.length ?? 0,
      modifiedSeconds,
    };
  }

  readText(path) {
    try {
      return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(this.#file(path).content);
    } catch (error) {
      throw error instanceof OsError ? error : new OsError("not-utf8");
    }
  }

  readBytes(path) {
    return this.#file(path).content;
  }

  writeText(path, data) {
    this.writeBytes(path, encode(data));
  }

  writeBytes(path, data) {
    this.#checkWritable();
    const before = this.#entries.get(path);
    if (before?.type === "directory") throw new OsError("is-a-directory");
    if (before === undefined) this.#directory(parentOf(path));
    this.#count(data.length - (before?.content.length ?? 0));
    this.#entries.set(path, { type: "regular", content: data.slice(), modifiedSeconds: Date.now() / 1000 });
  }

  appendText(path, data) {
    this.appendBytes(path, encode(data));
  }

  appendBytes(path, data) {
    const before = this.#entries.has(path) ? this.#file(path).content : new Uint8Array();
    const content = new Uint8Array(before.length + data.length);
    content.set(before);
    content.set(data, before.length);
    this.writeBytes(path, content);
  }

  open(path, mode) {
    if (mode === "read") this.#file(path);
    else if (mode === "write") this.writeBytes(path, new Uint8Array());
    else this.appendBytes(path, new Uint8Array());
  }

  iterdir(path) {
    this.#directory(path);
    return [...this.#children(path)];
  }

  scan(path, { maxDepth = Number.POSITIVE_INFINITY }) {
    const root = this.#find(path);
    const entries = [];
    const prefix = path === "/" ? "/" : `${path}/`;
    entries.push(toEntry("", root));
    for (const [candidate, entry] of this.#entries) {
      if (candidate === path || !candidate.startsWith(prefix)) continue;
      const relative = candidate.slice(prefix.length);
      if (relative.split("/").length <= maxDepth) entries.push(toEntry(relative, entry));
    }
    return entries;
  }

  mkdir(path, { parents, existOk }) {
    const before = this.#entries.get(path);
    if (before !== undefined) {
      if (existOk && before.type === "directory") return;
      throw new OsError("already-exists");
    }
    this.#checkWritable();
    const parent = parentOf(path);
    if (parents && !this.#entries.has(parent)) this.mkdir(parent, { parents, existOk });
    this.#directory(parent);
    this.#count(0);
    this.#entries.set(path, directory());
  }

  unlink(path) {
    const { type, content } = this.#find(path);
    if (type === "directory") throw new OsError("is-a-directory");
    this.#checkWritable();
    this.#bytes -= content.length;
    this.#entries.delete(path);
  }

  rmdir(path) {
    this.#directory(path);
    this.#checkWritable();
    if (path === "/") throw new OsError("permission-denied");
    if (!this.#children(path).next().done) throw new OsError("directory-not-empty");
    this.#entries.delete(path);
  }

  rename(source, destination) {
    const moved = this.#find(source);
    this.#checkWritable();
    if (source === destination) return;
    if (source === "/" || destination.startsWith(`${source}/`)) throw new OsError("invalid-argument");
    this.#directory(parentOf(destination));
    const replaced = this.#entries.get(destination);
    if (replaced?.type === "directory") {
      if (moved.type !== "directory") throw new OsError("is-a-directory");
      this.rmdir(destination);
    } else if (replaced !== undefined) {
      if (moved.type === "directory") throw new OsError("not-a-directory");
      this.unlink(destination);
    }
    for (const [path, entry] of [...this.#entries]) {
      if (path !== source && !path.startsWith(`${source}/`)) continue;
      this.#entries.delete(path);
      this.#entries.set(destination + path.slice(source.length), entry);
    }
  }

  resolve(path) {
    return path;
  }

  absolute(path) {
    return path;
  }

  getenv(name) {
    return this.#environment.get(name);
  }

  environ() {
    return Object.fromEntries(this.#environment);
  }

  #find(path) {
    const entry = this.#entries.get(path);
    if (entry !== undefined) return entry;
    for (let parent = parentOf(path); parent !== "/"; parent = parentOf(parent)) {
      if (this.#entries.get(parent)?.type === "regular") throw new OsError("not-a-directory");
    }
    throw new OsError("not-found");
  }

  #file(path) {
    const entry = this.#find(path);
    if (entry.type === "directory") throw new OsError("is-a-directory");
    return entry;
  }

  #directory(path) {
    if (this.#find(path).type !== "directory") throw new OsError("not-a-directory");
  }

  *#children(path) {
    const prefix = path === "/" ? "/" : `${path}/`;
    for (const candidate of this.#entries.keys()) {
      if (candidate.length > prefix.length && candidate.startsWith(prefix) && !candidate.includes("/", prefix.length)) {
        yield candidate.slice(prefix.length);
      }
    }
  }

  #checkWritable() {
    if (this.#readOnly) throw new OsError("read-only");
  }

  /** Counts bytes before they are stored, and entries as some bytes each. */
  #count(more) {
    const bytes = this.#bytes + more;
    if (bytes + 256 * this.#entries.size > this.#maxBytes) throw new OsError("no-space");
    this.#bytes = bytes;
  }
}

function directory() {
  return { type: "directory", modifiedSeconds: Date.now() / 1000 };
}

function toEntry(path, { type }) {
  return { path, isDirectory: type === "directory", isFile: type === "regular", isSymbolicLink: false };
}

function parentOf(path) {
  return path.slice(0, path.lastIndexOf("/")) || "/";
}

function encode(text) {
  return new TextEncoder().encode(text);
}
