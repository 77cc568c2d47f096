//! The usage of a run.

use std::time::Duration;

/// The usage of a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Statistics {
    /// Time in Python, including the compilation of the source.
    pub python_time: Duration,
    /// Time the host worked for the run: messages, `os-call` operations, prints
    /// and the result.
    pub host_time: Duration,
    /// Time the script waited for tools or slept.
    pub wait_time: Duration,
    /// Tool calls, requests for names and attributes, and `os-call` operations.
    pub calls: u64,
    /// Peak memory of the instance in bytes, interpreter included.
    pub peak_memory_bytes: usize,
    /// Peak host memory of messages, calls and answers, in bytes as counted by
    /// [`Limits::host_memory_bytes`].
    ///
    /// [`Limits::host_memory_bytes`]: crate::Limits::host_memory_bytes
    pub peak_host_memory_bytes: u64,
    /// Text printed, in bytes.
    pub output_bytes: u64,
}
