//! The limits and the time of one call.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use async_trait::async_trait;

use crate::{Error, Instant};

/// The default limit on a tree in memory: 100 MiB.
pub const DEFAULT_MEMORY_BYTES: u64 = 100 << 20;

/// The size of a new file or directory without its content: a block of most
/// file systems, so that many empty ones cannot fill a disk.
const NEW_ENTRY_BYTES: u64 = 4096;

/// The limits of a [`MountTable`](crate::MountTable).
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Bytes of a file that is read or written: [`Error::FileTooLarge`] beyond.
    /// 64 MiB by default.
    pub file_bytes: u64,
    /// Entries that one listing or one scan visits: [`Error::TooLarge`] beyond.
    /// 100 000 by default.
    pub entries: usize,
    /// Bytes of memory that each [`Overlay`](crate::Overlay) takes:
    /// [`Error::NoSpace`] beyond. [`DEFAULT_MEMORY_BYTES`] by default.
    pub overlay_bytes: u64,
    /// Bytes written to file systems outside memory, even if the files are
    /// removed again: [`Error::NoSpace`] beyond. 1 GiB by default.
    pub written_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            file_bytes: 64 << 20,
            entries: 100_000,
            overlay_bytes: DEFAULT_MEMORY_BYTES,
            written_bytes: 1 << 30,
        }
    }
}

/// Decides how long work may go on.
///
/// `()` lets work run to its end. For work that nothing else waits for.
#[async_trait]
pub trait Pace: Send + Sync {
    /// Awaited between two slices of work, with no lock held, to let other
    /// tasks run now and then.
    ///
    /// # Errors
    ///
    /// Ends the operation with this error, usually [`Error::Halted`].
    async fn breathe(&self) -> Result<(), Error>;
}

#[async_trait]
impl Pace for () {
    async fn breathe(&self) -> Result<(), Error> {
        Ok(())
    }
}

/// The limits and the time of one call.
pub struct Context<'a> {
    /// The time for files written in memory.
    now: Instant,
    limits: &'a Limits,
    written: &'a AtomicU64,
    pace: &'a dyn Pace,
    /// Directory entries that the call visited.
    visited: AtomicUsize,
}

impl<'a> Context<'a> {
    /// A call at this time. `written` accumulates what the calls of a run write
    /// to file systems outside memory.
    pub fn new(
        now: Instant,
        limits: &'a Limits,
        written: &'a AtomicU64,
        pace: &'a dyn Pace,
    ) -> Self {
        Self {
            now,
            limits,
            written,
            pace,
            visited: AtomicUsize::new(0),
        }
    }

    pub(crate) fn now(&self) -> Instant {
        self.now
    }

    pub(crate) fn overlay_bytes(&self) -> u64 {
        self.limits.overlay_bytes
    }

    /// Lets other tasks run now and then. For loops that a script can lengthen.
    ///
    /// # Errors
    ///
    /// If the work must end.
    pub async fn breathe(&self) -> Result<(), Error> {
        self.pace.breathe().await
    }

    /// Checks the size of a file that is read or written.
    ///
    /// # Errors
    ///
    /// [`Error::FileTooLarge`].
    pub fn check_file_bytes(&self, bytes: u64) -> Result<(), Error> {
        if bytes > self.limits.file_bytes {
            return Err(Error::FileTooLarge);
        }
        Ok(())
    }

    /// Takes bytes from the budget for writes outside memory. A `new` file or
    /// directory counts 4 KiB plus its content.
    ///
    /// # Errors
    ///
    /// [`Error::NoSpace`].
    pub fn spend_written(&self, bytes: u64, new: bool) -> Result<(), Error> {
        let limit = self.limits.written_bytes;
        let bytes = bytes.saturating_add(if new { NEW_ENTRY_BYTES } else { 0 });
        self.written
            .try_update(Ordering::Relaxed, Ordering::Relaxed, |written| {
                written.checked_add(bytes).filter(|total| *total <= limit)
            })
            .map(drop)
            .map_err(|_| Error::NoSpace)
    }

    /// Counts visited directory entries, whether or not they are part of the
    /// answer.
    pub(crate) fn visit(&self, entries: usize) -> Result<(), Error> {
        let visited = self.visited.fetch_add(entries, Ordering::Relaxed);
        self.check_entries(visited.saturating_add(entries))
    }

    /// Checks the number of entries of an answer.
    pub(crate) fn check_entries(&self, entries: usize) -> Result<(), Error> {
        let limit = self.limits.entries;
        if entries > limit {
            return Err(Error::too_large(&format!(
                "more than {limit} directory entries"
            )));
        }
        Ok(())
    }
}
