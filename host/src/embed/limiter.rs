//! The linear memory of a run.

use wasmtime::ResourceLimiter;

/// The most that a table of the component holds: its functions, which are
/// some 4,000.
pub(crate) const TABLE_ELEMENTS: usize = 20_000;

/// Limits the linear memory of a run, and remembers that it did.
#[derive(Debug)]
pub(crate) struct MemoryLimiter {
    limit: usize,
    peak: usize,
    refused: bool,
}

impl MemoryLimiter {
    pub(crate) fn new(limit: usize) -> Self {
        Self {
            limit,
            peak: 0,
            refused: false,
        }
    }

    /// Begins another run in the same memory. What was refused before is no
    /// reason for how this one ends.
    pub(crate) fn begin(&mut self, limit: usize) {
        self.limit = limit;
        self.refused = false;
    }

    /// The most that the instance held, in bytes.
    pub(crate) fn peak(&self) -> usize {
        self.peak
    }

    /// Whether the run asked for more than it may have.
    pub(crate) fn refused(&self) -> bool {
        self.refused
    }
}

impl ResourceLimiter for MemoryLimiter {
    fn memory_growing(
        &mut self,
        _current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        let allowed = desired <= self.limit;
        if allowed {
            self.peak = self.peak.max(desired);
        } else {
            self.refused = true;
        }
        Ok(allowed)
    }

    fn table_growing(
        &mut self,
        _current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        Ok(desired <= TABLE_ELEMENTS)
    }
}
