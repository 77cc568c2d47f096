// Tools that JSON Schemas describe: Python stubs for the model, functions for the script.

import type { CallRequest, Entries, Tools } from "./index.js";

/** A tool as an MCP server's `tools/list` describes it. Fields that are not listed are ignored. */
export interface ToolDescription {
  name: string;
  title?: string;
  description?: string;
  /** The JSON Schema of the arguments, which are an object. */
  inputSchema: object;
  /** The JSON Schema of the result. Without it, the result is `Any`. */
  outputSchema?: object;
  /** What the server says of its effects. Hints, no guarantees. */
  annotations?: object;
  /** Whether scripts await it, as an `async def`. Defaults to false. */
  awaited?: boolean;
  /**
   * Runs a call: gets the arguments by the keys of the schema, without those that have
   * their default. They are JSON, and not validated against the schema. A tool without
   * it has a stub, and cannot be called.
   */
  call?: (args: Record<string, any>) => unknown;
}

export interface NamespaceDescription {
  name: string;
  description?: string;
  tools?: ToolDescription[];
}

/** A tool of a toolbox as scripts see it. */
export interface ToolInfo {
  /** Its name in a script, after that of its namespace: `github.search_issues`. */
  name: string;
  originalName: string;
  namespace?: { readonly name: string; readonly originalName: string; readonly description?: string };
  description?: string;
  annotations: object;
  /** What its stub does not show of its schemas, each with its place. */
  notes: string[];
}

/**
 * The functions that a script may call, named and described as the Rust crate
 * `monty-code-mode` does.
 *
 * Throws a `TypeError` for a schema that no tool can have, and for two tools or two
 * namespaces of one name.
 */
export class Toolbox {
  constructor(options?: { tools?: ToolDescription[]; namespaces?: NamespaceDescription[] });
  /** The tools, those without a namespace first. */
  readonly tools: ToolInfo[];
  /**
   * The tools as Python source for the model: `"full"`, with descriptions, or
   * `"signature"`, in one line each. `names` selects some by their name in a script.
   */
  stubs(detail?: "full" | "signature", names?: string[]): string;
  /** `tools` for `run()` or `session()`, and `inputs` for `run()` or the first `feed()`: of the tools that have a `call`. */
  readonly options: { tools: Tools; inputs: Entries };
  /**
   * The arguments of a suspended call, as the tool's `call` gets them. Throws a
   * `PythonError` to answer the call with, if they do not fit the parameters.
   */
  argumentsOf(call: Pick<CallRequest, "name" | "positional" | "keyword">): Record<string, any>;
}
