//! What a run used up.

use std::time::Duration;

/// What a run used up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Statistics {
    /// Time in Python, including the compilation of the source.
    pub python_time: Duration,
    /// Time that the host worked for the run: messages, `os-call` operations,
    /// prints and the result.
    pub host_time: Duration,
    /// Time that the script waited: for tools, or asleep.
    pub wait_time: Duration,
    /// Calls of tools, names and attributes asked for, and `os-call` operations.
    pub calls: u64,
    /// Most memory that the instance held, in bytes, interpreter included.
    pub peak_memory_bytes: usize,
    /// Most memory of the host that messages, calls and answers held at a
    /// time, in bytes as [`Limits::host_memory_bytes`] counts them.
    ///
    /// [`Limits::host_memory_bytes`]: crate::Limits::host_memory_bytes
    pub peak_host_memory_bytes: u64,
    /// Text printed, in bytes.
    pub output_bytes: u64,
}
