//! The data of `conformance/` in compositions: scripts and messages with the
//! policy in front of the tools, and the scripts about the system on `os-wasi`.

#[path = "../../conformance/mod.rs"]
mod kit;

mod component;
mod system;

pub use crate::bindings::types;
