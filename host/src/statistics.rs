//! What a run used up.

use std::time::Duration;

/// What a run used up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Statistics {
    /// Time in Python, including the compilation of the source.
    pub python_time: Duration,
    /// Time in the host: tools, `os-call` operations and prints.
    pub host_time: Duration,
    /// Calls of tools, lookups and `os-call` operations.
    pub calls: u64,
    /// Most memory that the instance held, in bytes, interpreter included.
    pub peak_memory_bytes: usize,
    /// Text printed, in bytes.
    pub output_bytes: u64,
}
