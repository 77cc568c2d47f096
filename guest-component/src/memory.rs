//! The memory limit, which the interpreter enforces between instructions and
//! before it builds a large object.

/// The limit of a run that asked for none: no single allocation can be larger
/// on a 32-bit target, and one that is tried panics. Below it, Python gets a
/// `MemoryError`.
const ADDRESS_SPACE: usize = isize::MAX as usize;

/// The memory that the script's objects may take, in bytes.
pub fn limit(max_memory_bytes: Option<u64>) -> usize {
    max_memory_bytes.map_or(ADDRESS_SPACE, |bytes| {
        usize::try_from(bytes).unwrap_or(usize::MAX)
    })
}

/// Starts to count: what is alive now is not the script's.
///
/// The allocator has a limit of its own, which is left off: it would end the
/// instance while a value that is within the script's limit is copied for the
/// host, and a host cannot tell such an end from a crash. The memory of the
/// component is the host's to cap.
///
/// # Errors
///
/// If nothing is allocated yet.
pub fn start_counting() -> Result<(), String> {
    monty_alloc::set_hard_limit(None).map_err(str::to_owned)
}
