//! Shared by the programs around the interpreter: the command line and the HTTP
//! service.
//!
//! - [`bindings`]: wit-bindgen's generated bindings for `wit/`.
//! - [`run`]: runs a script to its end.
//! - [`Report::to_json`]: the outcome as JSON of limited size.

#![allow(
    clippy::result_large_err,
    reason = "`ExceptionReport` is a WIT type, and moved once"
)]

/// wit-bindgen's generated bindings for `wit/`.
#[allow(missing_docs, reason = "the documentation is in wit/")]
pub mod bindings {
    wit_bindgen::generate!({
        path: ["../../wit", "../wit"],
        world: "monty:adapters/runner",
        with: { "monty:sandbox/types@0.2.0": monty_value::types },
        generate_all,
    });
}

mod output;
mod run;

pub use bindings::monty::adapters::print_capture;
pub use run::{Error, Limits, Report, Request, Script, run};
