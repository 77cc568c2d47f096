//! The WIT package that the component and its host speak, and the component's
//! own.

/// The WIT package `monty:sandbox`, all files in one: what `wit/` holds.
pub const WIT: &str = concat!(
    include_str!("../wit/types.wit"),
    "\n",
    include_str!("../wit/external-call.wit"),
    "\n",
    include_str!("../wit/os-call.wit"),
    "\n",
    include_str!("../wit/print.wit"),
    "\n",
    include_str!("../wit/interpreter.wit"),
    "\n",
    include_str!("../wit/worlds.wit"),
);

/// What [`COMPONENT`](crate::COMPONENT) imports and exports, as
/// `wasm-tools component wit` shows it: all that it can reach.
pub const COMPONENT_WIT: &str = include_str!("../component/monty.wit");
