//! The suites of the command `monty-host`.

mod durable;
mod examples;
mod repl;
mod run;
#[path = "../repository.rs"]
mod support;
