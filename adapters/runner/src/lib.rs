//! What the programs around the interpreter share: the command line and the
//! HTTP service.
//!
//! - [`bindings`]: what wit-bindgen generates from `wit/`.
//! - [`run`]: a script, run to its end.
//! - [`Report::to_json`]: what became of it, as JSON of a limited size.
//! - [`units`]: sizes and times as people write them.

#![allow(
    clippy::result_large_err,
    reason = "`ExceptionReport` is a WIT type, and moved once"
)]

/// What wit-bindgen generates from `wit/`.
#[allow(missing_docs, reason = "the documentation is in wit/")]
pub mod bindings {
    wit_bindgen::generate!({
        path: ["../../wit", "../wit"],
        world: "monty:adapters/runner",
        with: { "monty:sandbox/types@0.2.0": monty_value::types },
        generate_all,
    });
}

mod capped;
mod document;
mod run;
pub mod units;

pub use bindings::monty::adapters::print_capture;
pub use document::Layout;
pub use run::{Error, Limits, Report, Request, Script, run};
