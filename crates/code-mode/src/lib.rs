//! Code mode: a model writes one Python script that calls an agent's tools as
//! functions, and [`monty_host`] runs it in a sandbox.

mod excerpt;
mod statement;
