//! What a run used up, and may still.

use std::time::Duration;

use crate::limits::Limits;

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
    pub peak_host_memory_bytes: u64,
    /// Text printed, in bytes.
    pub output_bytes: u64,
}

/// What a piece of code had used up when it was suspended.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Usage {
    pub(crate) calls: u64,
    pub(crate) output_bytes: u64,
    pub(crate) python_time: Duration,
    pub(crate) host_time: Duration,
    pub(crate) wait_time: Duration,
}

/// What a piece of code may use up, and has.
#[derive(Clone, Debug)]
pub(crate) struct Budget {
    pub(crate) used: Usage,
    pub(crate) limits: Limits,
}
