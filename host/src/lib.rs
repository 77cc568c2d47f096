//! Runs model-written Python inside a Rust program, which chooses everything
//! the script can touch.
//!
//! The interpreter is [Monty], as a WebAssembly component with typed imports.
//! This crate embeds the component, runs it in wasmtime, and links its imports
//! to Rust: a call from Python to a tool is one function call across the
//! sandbox.
//!
//! ```
//! use monty_host::{Monty, Tools};
//!
//! let tools = Tools::new().function("add", ["a", "b"], |a: i64, b: Option<i64>| {
//!     a + b.unwrap_or(1)
//! });
//! let report = Monty::new()?
//!     .script("[add(n) for n in numbers]")
//!     .input("numbers", [1, 2, 3])?
//!     .host(&tools)
//!     .run_blocking()?;
//! assert_eq!(report.extract::<Vec<i64>>()?, [2, 3, 4]);
//! # Ok::<_, monty_host::Error>(())
//! ```
//!
//! # What is where
//!
//! - [`Monty`]: the compiled interpreter. One per process.
//! - [`Script`]: a script to run; [`Script::run`] returns a [`Report`] or an
//!   [`Error`]. [`Session`]: snippets that share their names.
//! - [`Host`]: everything a script reaches. Nothing by default.
//!   - [`Tools`]: the functions that a script uses without defining them, each
//!     a [`Tool`] with parameters, types and a description to read back.
//!   - [`os`]: files, environment, clocks and modules.
//!   - [`Print`]: where `print()` writes.
//!   - [`InterruptHandle`]: stops runs.
//! - [`Limits`]: what a run may use up, with safe defaults; [`account`] for
//!   tools that work for the host.
//! - [`Options`]: name, clock, time zone, randomness.
//! - [`Monty::capabilities`]: the supported parts of Python, for a model's
//!   prompt.
//! - [`check`]: type checks of scripts, against the tools' types, before they run.
//! - [`Value`]: a lossless Python value; [`value`] for everything related.
//! - [`embed`]: all of this in your own wasmtime store.
//!
//! Each run has a fresh instance. Nothing survives it, and Python that crashes
//! the interpreter is an [`Error`] of kind [`ErrorKind::Sandbox`].
//!
//! # Features
//!
//! All but `checker` are on by default.
//!
//! | feature | what it is | without it |
//! |---|---|---|
//! | `compile` | Cranelift, and the component to compile | a program runs what `monty-host compile` wrote, with `MontyBuilder::build_precompiled`; `Monty::new`, `MontyBuilder::build`, `MontyBuilder::compile` and `component` are absent, and the component is not in the program |
//! | `cache` | compiled code is kept on disk; turns on `compile` | each process compiles; `MontyBuilder::cache`, `MontyBuilder::cache_directory` and `embed::CodeCache` are absent |
//! | `tracing` | a span of the crate `tracing` for each run, call and wait, and one for compiling | no spans; `Host::trace_arguments` is absent. The crate stays in the tree, because wasmtime-wasi has it |
//! | `checker` | the type checker is embedded; turns on `compile` | a check needs a component of its own: [`check::CheckerBuilder::component`] |
//!
//! In the repository, `examples/precompiled` is a program without any of them.
//!
//! [Monty]: https://github.com/pydantic/monty

#![cfg_attr(docsrs, feature(doc_cfg))]

pub mod account;
mod answers;
pub mod check;
mod completeness;
mod component;
pub mod embed;
mod error;
mod feature_set;
mod host;
mod limits;
mod options;
pub mod os;
mod print;
mod run;
mod spans;
mod statistics;
mod tools;

pub use account::stop::InterruptHandle;
pub use answers::Answers;
/// The macro for implementations of [`os::Os`] and [`ExternalCall`].
pub use async_trait::async_trait;
pub use completeness::Completeness;
#[cfg(feature = "compile")]
pub use component::component;
pub use component::{COMPONENT_WIT, WIT};
pub use embed::{CodeSource, FeedOptions};
pub use error::{Error, ErrorKind};
pub use feature_set::{FeatureSet, ModuleNames};
pub use host::Host;
pub use limits::{Limit, Limits};
pub use monty_value as value;
pub use monty_value::types::{Exception, ExceptionReport, Frame, Hint, ObjectId, SourceRange};
pub use monty_value::{TimeZone, Value};
pub use options::{LocalTimezone, Options};
pub use print::{Collect, Discard, Inherit, Print, Printed, Stream};
pub use run::{
    Feed, FunctionCall, Monty, MontyBuilder, Progress, Report, Resume, Script, Session,
    SessionBuilder, SessionResume, Snapshot, SnapshotKey, SnapshotKind, Suspension, WhenFull,
};
pub use statistics::Statistics;
pub use tools::{
    Answer, BoundArguments, Call, CallOutcome, DynamicFunction, ExternalCall, Field, Parameter,
    ParameterKind, Parameters, Record, Reply, Signature, Tool, ToolError, ToolFunction, ToolOutput,
    Tools, Type,
};

/// Compiles the README's examples.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
