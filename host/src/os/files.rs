//! What the file systems have in common: the trait they implement, and the
//! bounds they keep.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::SystemTime;

use async_trait::async_trait;
use monty_value::types::Exception;

use super::{ErrorCode, FileStat, FileType, WriteMode};
use crate::work::breathe;

/// One file system. Paths are relative to its root (see
/// [`path`](super::path)) and have been checked.
///
/// The calls are local, so they run where they are called, on the executor's
/// thread. Those that are not short work in slices, and let others run between
/// two of them, with no lock held. A directory may change meanwhile: as with
/// `readdir`, what is there all the time is listed once.
#[async_trait]
pub(super) trait FileSystem: Send + Sync {
    /// What the path leads to, or what it is itself if links are not followed.
    fn stat(&self, path: &str, follow_links: bool) -> Result<FileStat, ErrorCode>;

    /// Where a link points, as it is written. Absolute targets, and those that
    /// lead out, are [`ErrorCode::PermissionDenied`].
    fn read_link(&self, path: &str) -> Result<String, ErrorCode>;

    /// The content of a regular file.
    async fn read(&self, path: &str, context: &Context<'_>) -> Result<Vec<u8>, ErrorCode>;

    /// Whether [`read`](Self::read) would find a regular file.
    fn check_readable(&self, path: &str) -> Result<(), ErrorCode>;

    /// Writes a regular file, which is made if it does not exist.
    async fn write(
        &self,
        path: &str,
        data: &[u8],
        mode: WriteMode,
        context: &Context<'_>,
    ) -> Result<(), ErrorCode>;

    /// The entries of a directory. Names that are not UTF-8 are left out: a
    /// lossy name would open another file, or none.
    async fn list(&self, path: &str, context: &Context<'_>) -> Result<Entries, ErrorCode>;

    /// Makes one directory, in a directory that exists.
    fn make_directory(&self, path: &str, context: &Context<'_>) -> Result<(), ErrorCode>;

    /// Removes a file or a link.
    fn remove_file(&self, path: &str, context: &Context<'_>) -> Result<(), ErrorCode>;

    /// Removes an empty directory.
    async fn remove_directory(&self, path: &str, context: &Context<'_>) -> Result<(), ErrorCode>;

    /// `rename` of POSIX.
    async fn rename(
        &self,
        source: &str,
        destination: &str,
        context: &Context<'_>,
    ) -> Result<(), ErrorCode>;

    /// The path without links. What does not exist is kept as it is written.
    fn resolve(&self, path: &str) -> Result<String, ErrorCode>;
}

/// Entries that are looked at between two [breaths](breathe).
pub(super) const SLICE_ENTRIES: usize = 256;

/// Bytes that are copied, read or written between two [breaths](breathe).
pub(super) const SLICE_BYTES: usize = 1 << 20;

/// Appends bytes, slice by slice.
pub(super) async fn extend(data: &mut Vec<u8>, more: &[u8]) -> Result<(), ErrorCode> {
    data.reserve_exact(more.len());
    let mut slices = more.chunks(SLICE_BYTES);
    if let Some(first) = slices.next() {
        data.extend_from_slice(first);
    }
    for slice in slices {
        breathe().await?;
        data.extend_from_slice(slice);
    }
    Ok(())
}

/// The entries of a directory by name, in order, so that a run can be repeated.
pub(super) type Entries = BTreeMap<String, Entry>;

/// An entry of a directory. The types follow links; one that leads nowhere, or
/// out of the mount, is neither a directory nor a file.
#[derive(Clone, Copy)]
pub(super) struct Entry {
    pub is_directory: bool,
    pub is_file: bool,
    pub is_symlink: bool,
}

impl Entry {
    pub fn new(target: Option<FileType>, is_symlink: bool) -> Self {
        Self {
            is_directory: target == Some(FileType::Directory),
            is_file: target == Some(FileType::Regular),
            is_symlink,
        }
    }
}

/// What one call may use, and when it happens.
pub(super) struct Context<'a> {
    /// The time for files that are written in memory.
    pub now: SystemTime,
    pub limits: Limits,
    /// Bytes written to directories of the host so far.
    pub written: &'a AtomicU64,
    /// Entries of directories that the call looked at.
    pub visited: AtomicUsize,
}

impl Context<'_> {
    /// Checks the size of a file that is read or written.
    pub fn check_file_bytes(&self, bytes: u64) -> Result<(), ErrorCode> {
        if bytes > self.limits.file_bytes {
            return Err(ErrorCode::FileTooLarge);
        }
        Ok(())
    }

    /// Counts an entry of a directory that is looked at, whether it is part of
    /// the answer or not.
    pub fn visit(&self) -> Result<(), ErrorCode> {
        let visited = self.visited.fetch_add(1, Ordering::Relaxed);
        self.check_entries(visited.saturating_add(1))
    }

    /// Checks the number of entries of an answer.
    pub fn check_entries(&self, entries: usize) -> Result<(), ErrorCode> {
        let limit = self.limits.entries;
        if entries > limit {
            return Err(beyond(format!("more than {limit} directory entries")));
        }
        Ok(())
    }

    /// Takes bytes from what may be written to directories of the host.
    pub fn spend_written(&self, bytes: u64) -> Result<(), ErrorCode> {
        let limit = self.limits.written_bytes;
        self.written
            .try_update(Ordering::Relaxed, Ordering::Relaxed, |written| {
                written.checked_add(bytes).filter(|total| *total <= limit)
            })
            .map(drop)
            .map_err(|_| ErrorCode::NoSpace)
    }
}

/// The bounds of a [`System`](super::System), which documents them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    pub file_bytes: u64,
    pub entries: usize,
    pub overlay_bytes: u64,
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

/// The error for a directory or a tree that is too large to be listed.
///
/// No `OSError`: `os.walk()` and `Path.glob()` pass over those, as in CPython,
/// and a script would see an empty tree.
pub(super) fn beyond(what: String) -> ErrorCode {
    ErrorCode::Raised(Exception::new(
        "RuntimeError",
        format!("{what}: list a smaller directory, or fewer levels of it"),
    ))
}

/// What a tree in memory may hold, unless the host says otherwise.
pub(super) const DEFAULT_MEMORY_BYTES: u64 = 100 << 20;
