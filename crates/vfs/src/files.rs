//! The interface of all file systems.

use std::ops::ControlFlow;

use async_trait::async_trait;

use crate::path::join;
use crate::walk::{Step, Walk, walk};
use crate::{Context, Error, FileStat, FileType, Overlay};

/// One file system. Paths are relative to its root, and the
/// [`MountTable`](crate::MountTable) has checked them (see [`path`](crate::path)).
///
/// Links are followed, as POSIX does, except at the end where a method says so.
/// A link that is absolute or leads above the root is
/// [`Error::PermissionDenied`].
///
/// Methods that are not `async` are short. The others work in slices, and
/// [breathe](Context::breathe) between two of them, with no lock held. A
/// directory may change meanwhile: as with `readdir`, entries that exist
/// throughout are listed once.
#[async_trait]
pub trait FileSystem: Send + Sync {
    /// Whether it is read-only. The mount table then rejects changes, with the
    /// errors of POSIX.
    fn is_read_only(&self) -> bool;

    /// This file system as an overlay, if it is one over a base.
    fn as_overlay(&self) -> Option<&Overlay> {
        None
    }

    /// The metadata of the file at a path, or of a link at its end if that is
    /// not followed.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] for a missing file, or [`Error::NotADirectory`] if
    /// the path leads through a file.
    fn stat(&self, path: &str, follow_links: bool) -> Result<FileStat, Error>;

    /// The target of a link, as written, with `/` between the names.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidArgument`] if the path is not a link.
    fn read_link(&self, path: &str) -> Result<String, Error>;

    /// The path of an existing file, with links resolved.
    ///
    /// # Errors
    ///
    /// As for [`stat`](Self::stat).
    fn real_path(&self, path: &str) -> Result<String, Error> {
        let walked = walk(path, Walk::Follow, |_, parent, name| {
            look(self, parent, name)
        })?;
        if walked.item.is_none() && !walked.path.is_empty() {
            return Err(Error::NotFound);
        }
        Ok(walked.path.join("/"))
    }

    /// The content of a regular file. Never opens anything that could block or
    /// act when opened: no FIFO, no socket, no device.
    ///
    /// # Errors
    ///
    /// For anything but a regular file, those of [`expect_regular`].
    async fn read(&self, path: &str, context: &Context<'_>) -> Result<Vec<u8>, Error>;

    /// Whether [`read`](Self::read) would find a regular file.
    ///
    /// # Errors
    ///
    /// Those that `read` can have before it reads.
    fn check_readable(&self, path: &str) -> Result<(), Error>;

    /// Writes a regular file, and creates it if it does not exist.
    async fn write(
        &self,
        path: &str,
        data: &[u8],
        mode: WriteMode,
        context: &Context<'_>,
    ) -> Result<(), Error>;

    /// Applies the immediate effect of opening a file.
    async fn open(&self, path: &str, mode: OpenMode, context: &Context<'_>) -> Result<(), Error> {
        match mode {
            OpenMode::Read => self.check_readable(path),
            OpenMode::Write => self.write(path, &[], WriteMode::Replace, context).await,
            OpenMode::Append => self.write(path, &[], WriteMode::Append, context).await,
        }
    }

    /// Visits the names in a directory, slice by slice and in any order, until
    /// `visit` breaks.
    async fn list(
        &self,
        path: &str,
        context: &Context<'_>,
        visit: &mut Visit<'_>,
    ) -> Result<(), Error>;

    /// Creates one directory. Its parent must exist.
    fn create_directory(&self, path: &str, context: &Context<'_>) -> Result<(), Error>;

    /// Removes a file, or a link but not its target.
    fn remove_file(&self, path: &str, context: &Context<'_>) -> Result<(), Error>;

    /// Removes an empty directory, which is not the root.
    async fn remove_directory(&self, path: &str, context: &Context<'_>) -> Result<(), Error>;

    /// `rename()` of POSIX. Neither end is the root.
    async fn rename(
        &self,
        source: &str,
        destination: &str,
        context: &Context<'_>,
    ) -> Result<(), Error>;
}

/// The metadata of a name in a directory whose path has no links.
pub(crate) fn look<F: FileSystem + ?Sized>(
    files: &F,
    parent: &[String],
    name: &str,
) -> Result<Step<()>, Error> {
    let path = join(&parent.join("/"), name);
    let stat = match files.stat(&path, false) {
        Ok(stat) => stat,
        Err(Error::NotFound | Error::NotADirectory) => return Ok(Step::Missing),
        Err(error) => return Err(error),
    };
    Ok(match stat.file_type {
        FileType::Directory => Step::Directory(()),
        FileType::SymbolicLink => Step::Link(files.read_link(&path)?, ()),
        FileType::Regular | FileType::Other => Step::Other(()),
    })
}

/// Receives the names in a directory as they are found.
pub type Visit<'a> = dyn FnMut(Slice) -> Result<ControlFlow<()>, Error> + Send + 'a;

/// Some names in a directory.
#[derive(Debug, Default)]
pub struct Slice {
    /// The names, without `.` and `..`, with their types. Links are not
    /// followed.
    pub names: Vec<(String, FileType)>,
    /// The number of further names that are not UTF-8. They are not listed: a
    /// lossy name would open another file, or none.
    pub unreadable: usize,
    /// The number of further visited entries that a script cannot see.
    pub hidden: usize,
}

impl Slice {
    /// Visited entries.
    pub(crate) fn looked_at(&self) -> usize {
        self.names.len() + self.unreadable + self.hidden
    }
}

/// Entries visited between two [breaths](Context::breathe).
pub const SLICE_ENTRIES: usize = 256;

/// Bytes copied, read or written between two [breaths](Context::breathe).
pub const SLICE_BYTES: usize = 1 << 20;

/// Appends bytes, slice by slice.
pub(crate) async fn extend(
    data: &mut Vec<u8>,
    more: &[u8],
    context: &Context<'_>,
) -> Result<(), Error> {
    data.reserve_exact(more.len());
    let mut slices = more.chunks(SLICE_BYTES);
    if let Some(first) = slices.next() {
        data.extend_from_slice(first);
    }
    for slice in slices {
        context.breathe().await?;
        data.extend_from_slice(slice);
    }
    Ok(())
}

/// How a write treats the existing content of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WriteMode {
    /// The data replaces it.
    Replace,
    /// The data is appended to it.
    Append,
}

/// The mode a file is opened in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OpenMode {
    /// Reading: the file must exist.
    Read,
    /// Writing: the file is created, or truncated at once.
    Write,
    /// Appending: the file is created if it does not exist. Its content stays.
    Append,
}

/// Checks that a file is regular.
///
/// # Errors
///
/// [`Error::IsADirectory`] for a directory, [`Error::PermissionDenied`] for any
/// other file that is not regular.
pub fn expect_regular(file_type: FileType) -> Result<(), Error> {
    match file_type {
        FileType::Regular => Ok(()),
        FileType::Directory => Err(Error::IsADirectory),
        FileType::SymbolicLink | FileType::Other => Err(Error::PermissionDenied),
    }
}
