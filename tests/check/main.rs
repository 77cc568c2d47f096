//! The type checker, through `Monty::check` and the runs that are checked.
//!
//! - `artefact`: the committed component.
//! - `corpus`: scripts with the diagnostics that are expected, in `corpus/`.
//! - `true_python`: what the interpreter runs is not rejected; what it does not have is.
//! - `runs`: scripts and sessions that are checked.
//! - `limits`: sources that take a checker down.
//! - `forms`: the forms of diagnostics.

mod artefact;
#[path = "../upstream/cases.rs"]
#[allow(dead_code, reason = "the suite of upstream reads all of it")]
mod cases;
mod corpus;
#[path = "../upstream/fixtures.rs"]
mod fixtures;
mod forms;
mod limits;
mod runs;
#[path = "../upstream/source.rs"]
mod source;
#[path = "../repository.rs"]
mod support;
mod true_python;

use std::sync::LazyLock;

use monty_host::Monty;
use monty_host::check::{Checker, Declarations};

/// One checker for all tests: it is compiled once.
pub static CHECKER: LazyLock<Checker> =
    LazyLock::new(|| Checker::new().expect("the embedded checker runs here"));

/// One interpreter for all tests, with that checker.
pub static MONTY: LazyLock<Monty> = LazyLock::new(|| {
    let builder = Monty::builder().checker(&CHECKER);
    builder.build().expect("the embedded interpreter runs here")
});

/// What the scripts of the corpus can use.
pub fn declarations() -> Declarations {
    Declarations::new().with_stubs(include_str!("corpus/tools.pyi"))
}
