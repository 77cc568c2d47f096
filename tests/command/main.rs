//! The suites of the command `monty-host`.

mod check;
mod config;
#[path = "../documents.rs"]
mod documents;
mod durable;
mod examples;
#[path = "../program.rs"]
mod program;
mod repl;
mod run;
#[path = "../repository.rs"]
mod support;
