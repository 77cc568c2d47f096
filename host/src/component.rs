//! The embedded component, and its contract with the host.

/// The component that this crate embeds: Monty with the imports of [`WIT`].
#[cfg(feature = "compile")]
pub static COMPONENT: &[u8] = include_bytes!("../component/monty.wasm");

/// Its SHA-256 as `sha256sum` prints it, so that it need not be computed at
/// startup.
pub(crate) const COMPONENT_HASH: &str = include_str!("../component/monty.wasm.sha256");

/// The WIT package `monty:sandbox`, all files of `wit/` in one.
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

/// The imports and exports of [`COMPONENT`], as `wasm-tools component wit`
/// prints them: everything it can reach.
pub const COMPONENT_WIT: &str = include_str!("../component/monty.wit");
