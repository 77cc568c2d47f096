//! The memory limit, which the interpreter enforces between instructions and
//! before it builds a large object.

/// The most memory that the script's objects may take, in bytes, and the limit
/// of a run that asked for none: 2 GiB.
pub const MOST: u64 = 1 << 31;

/// The limit as the interpreter takes it. No single allocation can be larger on a
/// 32-bit target, and one that is tried panics: below, Python gets a
/// `MemoryError`.
pub fn limit(max_memory: u64) -> usize {
    const LARGEST_ALLOCATION: usize = isize::MAX as usize;
    usize::try_from(max_memory).map_or(LARGEST_ALLOCATION, |limit| limit.min(LARGEST_ALLOCATION))
}
