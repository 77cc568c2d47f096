//! Python values as the WIT package `monty:sandbox` carries them.
//!
//! - [`types`]: the boundary types, shared by the guest's and the host's bindings.
//! - [`graph`]: the codec of the columns.
#![warn(missing_docs)]

pub mod graph;
pub mod types;
