//! The adapters on their own, and the compositions, in a wasmtime that has
//! WASI and nothing else.
//!
//! They need the components that `adapters/build` makes.

mod bindings;
mod command;
mod conformance;
mod denied;
#[path = "../documents.rs"]
mod documents;
mod example;
mod files;
mod fits;
mod hostile;
mod policy;
mod prints;
mod service;
mod sessions;
mod support;
mod system;
