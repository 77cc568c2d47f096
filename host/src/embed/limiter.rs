//! The linear memory of a run.

use wasmtime::ResourceLimiter;

/// The limit on the entries of a table. The component's functions take some
/// 4,000.
pub(crate) const TABLE_ELEMENTS: usize = 20_000;

/// Limits the linear memory of a run, and records denials.
#[derive(Clone, Debug)]
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

    /// Begins another run in the same memory. Earlier denials do not affect how
    /// this one ends.
    pub(crate) fn begin(&mut self, limit: usize) {
        self.limit = limit;
        self.refused = false;
    }

    /// The peak memory of the instance, in bytes.
    pub(crate) fn peak(&self) -> usize {
        self.peak
    }

    /// Whether the run requested more than its limit.
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
