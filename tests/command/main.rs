//! The suites of the command `monty-host`.

mod check;
mod config;
mod durable;
mod examples;
#[path = "../program.rs"]
mod program;
mod repl;
mod run;
#[path = "../repository.rs"]
mod support;
