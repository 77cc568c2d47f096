//! Monty, the sandboxed Python interpreter, as a component.
//!
//! Monty on one side, the WIT world `monty:sandbox/sandbox` on the other, and
//! nothing else:
//!
//! - [`capabilities`]: what this build has.
//! - [`run`] and [`session`]: the exports.
//! - [`python`]: an interpreter, and the loop that answers each suspension of
//!   Monty with an import.
//! - [`calls`]: what the host has not answered yet, and sleeps.
//! - [`snapshot`]: scripts and sessions in bytes.
//! - [`options`]: options, checked and in Monty's terms.
//! - [`memory`]: the memory limit.
//! - [`encode`], [`decode`] and [`leaves`]: Python values, to and from the
//!   columns of a graph.
//! - [`exceptions`]: exceptions and failures.
//! - [`hints`]: what to write instead of what Monty does not have.
//! - [`external`]: calls of the host's tools, and names the script did not define.
//! - [`callee`]: values of the host that a script calls by their name.
//! - [`os`] and [`os_error`]: files, environment, clocks, and their errors.
//! - [`print`]: what the script prints, gathered into writes.
//! - [`ambient`]: what the standard library does not reach.

#![allow(
    clippy::result_large_err,
    reason = "`ErrorCode` and `Failure` are WIT types, and moved once"
)]

mod ambient;
mod callee;
mod calls;
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
mod python;
mod run;
mod session;
mod snapshot;

/// What wit-bindgen generates from `wit/`.
mod bindings {
    wit_bindgen::generate!({
        path: "../wit",
        world: "monty:sandbox/sandbox",
        with: { "monty:sandbox/types@0.1.0": monty_value::types },
    });
}

use bindings::exports::monty::sandbox::interpreter::{
    Completeness, Failure, FeatureSet, Guest, Options, Outcome,
};
use monty_value::types::{CallRequest, SettledCall};

/// Counts what is alive, which Monty's memory limit is measured by.
#[global_allocator]
static ALLOCATOR: monty_alloc::LimitedAllocator = monty_alloc::LimitedAllocator;

/// The component.
struct Component;

impl Guest for Component {
    type Session = session::Session;

    fn run(source: String, options: Options) -> Result<Outcome, Failure> {
        run::run(&source, options)
    }

    fn resume(snapshot: Vec<u8>, answers: Vec<SettledCall>) -> Result<Outcome, Failure> {
        run::resume(&snapshot, answers)
    }

    fn suspended_calls(snapshot: Vec<u8>) -> Result<Vec<CallRequest>, Failure> {
        run::suspended_calls(&snapshot)
    }

    fn source_completeness(source: String) -> Completeness {
        session::completeness(&source)
    }

    fn capabilities() -> FeatureSet {
        ambient::print_panics();
        capabilities::capabilities()
    }
}

bindings::export!(Component with_types_in bindings);
