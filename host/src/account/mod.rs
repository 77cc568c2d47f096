//! The cost of a run to its host, and the reasons to stop it.
//!
//! For tools that do host work themselves, such as converting the values that a
//! script passes or the answers it gets.
//!
//! The time of a tool's own code counts as waiting, and its memory does not
//! count, since the embedder wrote it. But time and memory that a script
//! controls should count towards the limits of the host.
//! [`Tools::function`](crate::Tools::function) does this for the arguments it
//! binds. Implementations of [`ExternalCall`](crate::ExternalCall), and tools
//! that convert a [`Value`](crate::Value), use this module.
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
//! Outside a run, neither has an effect.

pub(crate) mod clock;
pub(crate) mod stop;
pub(crate) mod work;

use std::fmt;

use self::stop::INTERRUPTED;
use self::work::{Halted, Held};

/// Counts the time of an action towards
/// [`Limits::host_duration`](crate::Limits::host_duration) of the run that
/// called the tool, instead of as waiting.
pub fn time<T>(action: impl FnOnce() -> T) -> T {
    let result = work::in_host(action);
    if let Some(work) = work::current() {
        // The clock stops the run.
        let _ = work.check();
    }
    result
}

/// Counts bytes towards
/// [`Limits::host_memory_bytes`](crate::Limits::host_memory_bytes) of the run
/// that called the tool, until the result is dropped.
///
/// # Errors
///
/// If this exceeds the run's limit. The run is then being stopped.
pub fn memory(bytes: u64) -> Result<Memory, Exceeded> {
    let mut memory = Memory(None);
    memory.grow(bytes)?;
    Ok(memory)
}

/// Counted memory, released on drop.
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

/// The run exceeded a limit and is being stopped. The script never sees the
/// tool's answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exceeded;

impl fmt::Display for Exceeded {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(INTERRUPTED)
    }
}

impl std::error::Error for Exceeded {}
