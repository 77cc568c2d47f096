//! Monty, the sandboxed Python interpreter, as a component.
//!
//! Monty on one side, the WIT world `monty:sandbox/sandbox` on the other, and
//! nothing else:
//!
//! - [`run`] and [`session`]: the exports.
//! - [`capabilities`]: what this build has.
//! - [`python`]: an interpreter, what runs in it and what that comes to.
//! - [`external`]: calls of the host's tools, and names the script did not define;
//!   [`callee`]: values that a script calls by their name.
//! - [`os`] and [`os_error`]: Python's operations on files, environment and
//!   clocks, made of those of the host's system, and their errors.
//! - [`futures`]: waits for what the script awaits.
//! - [`snapshot`]: scripts and sessions in bytes.
//! - [`options`] and [`memory`]: options, checked and in Monty's terms.
//!
//! These stand on the state of an interpreter, [`state`], and on what answers a piece
//! of code with imports, [`turn`]:
//!
//! - [`calls`] and [`sleeps`]: what is not answered yet.
//! - [`print`]: what the script prints, gathered into writes.
//! - [`answers`]: what the host's answers come to for the script.
//! - [`exceptions`] and [`hints`]: exceptions, failures, and what to write instead.
//! - [`origin`]: what code belongs to.
//! - [`encode`], [`decode`] and [`leaves`]: Python values, to and from the
//!   columns of a graph.
//! - [`ambient`]: what the standard library does not reach.
//! - [`allocator`]: small blocks, and the count of what is alive; [`compare`] and
//!   [`copy`]: bytes, in words.

#![allow(
    clippy::result_large_err,
    reason = "`ErrorCode` and `Failure` are WIT types, and moved once"
)]

mod allocator;
mod ambient;
mod answers;
mod callee;
mod calls;
mod capabilities;
mod compare;
mod copy;
mod decode;
mod encode;
mod exceptions;
mod external;
mod futures;
mod hints;
mod leaves;
mod memory;
mod options;
mod origin;
mod os;
mod os_error;
mod print;
#[cfg(monty_profile)]
mod profile;
mod python;
mod run;
mod session;
mod sleeps;
mod snapshot;
mod state;
mod turn;

/// What wit-bindgen generates from `wit/`.
mod bindings {
    wit_bindgen::generate!({
        path: "../wit",
        world: "monty:sandbox/sandbox",
        with: { "monty:sandbox/types@0.2.0": monty_value::types },
    });
}

use bindings::exports::monty::sandbox::interpreter::{
    Completeness, Failure, FeatureSet, Guest, GuestExtensions, Options, Outcome,
};
use monty_value::types::{CallRequest, SettledCall};

#[global_allocator]
static ALLOCATOR: allocator::Allocator = allocator::Allocator::new();

/// The component.
struct Component;

/// The options of later versions.
struct Extensions;

impl GuestExtensions for Extensions {
    fn new() -> Self {
        Self
    }
}

impl Guest for Component {
    type Session = session::Session;
    type Extensions = Extensions;

    fn run(source: String, options: Options) -> Result<Outcome, Failure> {
        run::run(&source, options)
    }

    fn resume(snapshot: Vec<u8>, answers: Vec<SettledCall>) -> Result<Outcome, Failure> {
        run::resume(snapshot, answers)
    }

    fn suspended_calls(snapshot: Vec<u8>) -> Result<Vec<CallRequest>, Failure> {
        run::suspended_calls(&snapshot)
    }

    fn source_completeness(source: String) -> Completeness {
        session::completeness(&source)
    }

    fn capabilities() -> FeatureSet {
        ambient::print_panics();
        #[cfg(monty_profile)]
        profile::write();
        capabilities::capabilities()
    }
}

bindings::export!(Component with_types_in bindings);
