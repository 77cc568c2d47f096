//! Runs Python that a language model wrote inside a Rust program, with
//! everything it can touch chosen by the program.
//!
//! The interpreter is [Monty], as a WebAssembly component whose imports are
//! typed. This crate embeds the component, runs it in wasmtime, and links its
//! imports to Rust: a call from Python to a tool is one function call across
//! the sandbox.
//!
//! ```
//! use monty_host::{Monty, ToolError, Tools};
//!
//! let tools = Tools::new().function("add", ["a", "b"], |a: i64, b: Option<i64>| {
//!     Ok::<_, ToolError>(a + b.unwrap_or(1))
//! });
//! let report = Monty::new()?
//!     .script("[add(n) for n in numbers]")
//!     .input("numbers", [1, 2, 3])?
//!     .tools(&tools)
//!     .run_blocking()?;
//! assert_eq!(report.extract::<Vec<i64>>()?, [2, 3, 4]);
//! # Ok::<_, monty_host::Error>(())
//! ```
//!
//! # What is where
//!
//! - [`Monty`]: the interpreter, compiled. One for a process.
//! - [`Script`]: a script and all that it can touch; [`Script::run`] gives a
//!   [`Report`] or an [`Error`].
//! - [`Tools`]: the functions that a script finds without defining them.
//! - [`os`]: files, environment, clocks and modules. Nothing by default.
//! - [`Print`]: where `print()` writes.
//! - [`Limits`]: what a run may use up, with safe defaults; [`account`] for
//!   tools that work for the host.
//! - [`Monty::capabilities`]: what of Python there is, for a model's prompt.
//! - [`Value`]: a Python value, lossless; [`value`] for all that goes with it.
//!
//! Each run has a fresh instance. Nothing survives it, and Python that crashes
//! the interpreter is an [`Error`] of kind [`ErrorKind::Sandbox`].
//!
//! # A linker and a store of one's own
//!
//! [`Monty`] and [`Script`] are built on public parts, for hosts that already
//! have a wasmtime engine: the generated [`bindings`], [`MontyCtx`] as the
//! state behind the imports, [`MontyView`] for the store that holds it,
//! [`add_to_linker`], and [`engine_config`] and [`limit_store`] for the
//! settings that the limits need. WASI is linked with
//! [`wasmtime_wasi::p2::add_to_linker_async`].
//!
//! [Monty]: https://github.com/pydantic/monty

pub mod account;
pub mod bindings;
mod capabilities;
mod clock;
mod completeness;
mod context;
mod error;
mod imports;
mod inputs;
mod interrupt;
mod limits;
mod messages;
mod monty;
mod nesting;
pub mod os;
mod outcome;
mod pending;
mod policy;
mod print;
mod report;
mod script;
mod session;
mod setup;
mod snapshot;
mod state;
mod statistics;
mod tools;
mod watch;
mod wit;
mod work;

/// What implementations of [`os::Os`] and [`ExternalCall`] carry.
pub use async_trait::async_trait;
pub use capabilities::Capabilities;
pub use completeness::Completeness;
pub use context::{MontyCtx, MontyView, add_to_linker, limit_store};
pub use error::{Error, ErrorKind};
pub use inputs::Answers;
pub use interrupt::InterruptHandle;
pub use limits::{Limit, Limits};
pub use monty::{COMPONENT, Monty, MontyBuilder, WhenFull, engine_config};
pub use monty_value as value;
pub use monty_value::types::{Exception, ExceptionReport, Frame, Hint, ObjectId, SourceRange};
pub use monty_value::{TimeZone, Value};
pub use print::{Collect, Discard, Inherit, Print, Printed, Stream};
pub use report::{Progress, Report, Suspension};
pub use script::{Resume, Script};
pub use session::{Feed, Session, SessionBuilder};
pub use snapshot::{Snapshot, SnapshotKey, SnapshotKind};
pub use statistics::Statistics;
pub use tools::{
    Answer, AnswerFuture, Call, ExternalCall, Param, Params, Reply, ToolError, ToolFunction,
    ToolOutput, Tools,
};
pub use wit::{COMPONENT_WIT, WIT};

/// The README's example is compiled with the other examples.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
