// The entry for agents whose model writes the scripts: tools that JSON Schemas
// describe, as Python stubs for the model and as functions for the script.

export { Toolbox } from "./code-mode/toolbox.js";
