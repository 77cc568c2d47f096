//! Monty, the sandboxed Python interpreter, as a component.
//!
//! Monty on one side, the WIT world `monty:sandbox/sandbox` on the other, and
//! nothing else:
//!
//! - [`capabilities`]: what this build has.
//! - [`run`]: the run loop, which answers each suspension with an import.
//! - [`options`]: the options of a run, checked and in Monty's terms.
//! - [`memory`]: the memory limit.
//! - [`encode`], [`decode`] and [`leaves`]: Python values, to and from the
//!   columns of a graph.
//! - [`exceptions`]: exceptions and failures.
//! - [`hints`]: what to write instead of what Monty does not have.
//! - [`external`]: calls of the host's tools, and names the script did not define.
//! - [`os`] and [`os_error`]: files, environment, clocks, and their errors.
//! - [`print`]: what the script prints, gathered into writes.

#![allow(
    clippy::result_large_err,
    reason = "`ErrorCode` and `Failure` are WIT types, and moved once"
)]

mod capabilities;
mod decode;
mod encode;
mod exceptions;
mod external;
mod hints;
mod leaves;
mod memory;
mod options;
mod os;
mod os_error;
mod print;
mod run;

/// What wit-bindgen generates from `wit/`.
mod bindings {
    wit_bindgen::generate!({
        path: "../wit",
        world: "monty:sandbox/sandbox",
        with: { "monty:sandbox/types@0.1.0": monty_value::types },
    });
}

use bindings::exports::monty::sandbox::interpreter::{Failure, FeatureSet, Guest, Options};
use monty_value::types::Value;

/// Counts what is alive, which Monty's memory limit is measured by.
#[global_allocator]
static ALLOCATOR: monty_alloc::LimitedAllocator = monty_alloc::LimitedAllocator;

/// The component.
struct Component;

impl Guest for Component {
    fn run(source: String, options: Options) -> Result<Value, Failure> {
        run::run(source, options)
    }

    fn capabilities() -> FeatureSet {
        capabilities::capabilities()
    }
}

bindings::export!(Component with_types_in bindings);
