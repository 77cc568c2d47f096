// What all entries export.

export { MontyError, OsError, PythonError } from "./errors.js";
export { MemoryFiles } from "./files.js";
export { asyncTool, suspend, tool } from "./tools.js";
export {
  BuiltinFunction,
  Complex,
  Cycle,
  Decimal,
  Ellipsis,
  File,
  FrozenSet,
  HostFunction,
  Instance,
  Module,
  NamedTuple,
  NotImplemented,
  Path,
  PyClass,
  PyDate,
  PyDateTime,
  PyFloat,
  PyTime,
  Representation,
  TimeDelta,
  TimeZone,
  Tuple,
  TypeObject,
} from "./values.js";
