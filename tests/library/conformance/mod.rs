//! The data of `conformance/` in the interpreter and in the host crate.

#[path = "../../conformance/mod.rs"]
mod kit;

mod calls;
mod component;
mod embedder;
mod system;

pub use monty_host::embed::bindings::types;
