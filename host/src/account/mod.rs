//! What a run costs its host, and what stops it.
//!
//! This module is for tools that do work of the host themselves: converting
//! what a script gave them, or what they answer.
//!
//! What a tool's own code takes counts as waiting, and what it keeps does not
//! count at all: its embedder wrote it. Where a script decides how much that is,
//! it should count as what the host does for the run.
//! [`Tools::function`](crate::Tools::function) sees to the arguments that it
//! binds; whoever implements [`ExternalCall`](crate::ExternalCall) or converts a
//! [`Value`](crate::Value) says it here.
//!
//! ```
//! use monty_host::{Answer, Call, Value, account};
//!
//! fn as_text(call: &Call) -> Answer {
//!     let text = account::time(|| format!("{:?}", call.positional));
//!     let _held = account::memory(text.len() as u64)?;
//!     // … while the text is sent to somebody …
//!     Ok(Some(Value::None))
//! }
//! ```
//!
//! Outside of a run, neither does anything.

pub(crate) mod clock;
pub(crate) mod stop;
pub(crate) mod work;

use std::fmt;

use self::stop::INTERRUPTED;
use self::work::{Halted, Held};

/// Counts what an action takes towards
/// [`Limits::host_duration`](crate::Limits::host_duration) of the run whose tool
/// is at work here, and not as waiting.
pub fn time<T>(action: impl FnOnce() -> T) -> T {
    let result = work::in_host(action);
    if let Some(work) = work::current() {
        // The run is told by its clock.
        let _ = work.check();
    }
    result
}

/// Counts bytes towards
/// [`Limits::host_memory_bytes`](crate::Limits::host_memory_bytes) of the run
/// whose tool is at work here, until the answer is dropped.
///
/// # Errors
///
/// If that is more than the run may hold: it is being stopped.
pub fn memory(bytes: u64) -> Result<Memory, Exceeded> {
    let mut memory = Memory(None);
    memory.grow(bytes)?;
    Ok(memory)
}

/// Memory that counts for as long as this lives.
#[derive(Debug)]
pub struct Memory(Option<Held>);

impl Memory {
    /// Counts more bytes.
    ///
    /// # Errors
    ///
    /// As [`memory`].
    pub fn grow(&mut self, bytes: u64) -> Result<(), Exceeded> {
        let Some(work) = work::current() else {
            return Ok(());
        };
        let held = work.hold(bytes).map_err(|Halted| Exceeded)?;
        match &mut self.0 {
            Some(before) => before.merge(held),
            None => self.0 = Some(held),
        }
        Ok(())
    }
}

/// The run exceeded a limit and is being stopped. Whatever a tool makes of it,
/// the script does not see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exceeded;

impl fmt::Display for Exceeded {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(INTERRUPTED)
    }
}

impl std::error::Error for Exceeded {}
