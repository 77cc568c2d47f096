//! The WIT package that the component and its host speak.

/// The WIT package `monty:sandbox`, all files in one: what `wit/` holds.
pub const WIT: &str = concat!(
    include_str!("../../wit/types.wit"),
    "\n",
    include_str!("../../wit/external-call.wit"),
    "\n",
    include_str!("../../wit/os-call.wit"),
    "\n",
    include_str!("../../wit/print.wit"),
    "\n",
    include_str!("../../wit/interpreter.wit"),
    "\n",
    include_str!("../../wit/worlds.wit"),
);
