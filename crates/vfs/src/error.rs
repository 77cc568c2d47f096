//! Errors of operations, and of mounting files.

use std::fmt;

/// The reason an operation failed: a POSIX code, or a case that POSIX has no
/// code for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Error {
    /// ENOENT.
    NotFound,
    /// EACCES. Also for anything outside the sandbox.
    PermissionDenied,
    /// EPERM.
    NotPermitted,
    /// EROFS.
    ReadOnly,
    /// EEXIST.
    AlreadyExists,
    /// EISDIR.
    IsADirectory,
    /// ENOTDIR.
    NotADirectory,
    /// ENOTEMPTY.
    DirectoryNotEmpty,
    /// EBUSY.
    Busy,
    /// ENAMETOOLONG.
    NameTooLong,
    /// ELOOP.
    TooManyLinks,
    /// EXDEV.
    CrossDevice,
    /// EFBIG: beyond [`Limits::file_bytes`](crate::Limits::file_bytes).
    FileTooLarge,
    /// ENOSPC. Also beyond a limit on bytes kept or written.
    NoSpace,
    /// EDQUOT.
    QuotaExceeded,
    /// EINVAL.
    InvalidArgument,
    /// Nothing is mounted.
    Unhandled,
    /// A directory or a tree is too large to list. The text says what to do.
    /// Code that walks a tree must not ignore this like other errors: it would
    /// take a part for the whole.
    TooLarge(String),
    /// [`Pace::breathe`](crate::Pace::breathe) stopped the operation. It must
    /// not be ignored either.
    Halted,
    /// EIO, or another error of the system.
    Other(String),
}

impl Error {
    /// The error for `what`, which is too large to list.
    pub(crate) fn too_large(what: &str) -> Self {
        Self::TooLarge(format!(
            "{what}: list a smaller directory, or fewer levels of it"
        ))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotFound => "no such file or directory",
            Self::PermissionDenied => "permission denied",
            Self::NotPermitted => "operation not permitted",
            Self::ReadOnly => "read-only file system",
            Self::AlreadyExists => "file exists",
            Self::IsADirectory => "is a directory",
            Self::NotADirectory => "not a directory",
            Self::DirectoryNotEmpty => "directory not empty",
            Self::Busy => "device or resource busy",
            Self::NameTooLong => "file name too long",
            Self::TooManyLinks => "too many levels of symbolic links",
            Self::CrossDevice => "invalid cross-device link",
            Self::FileTooLarge => "file too large",
            Self::NoSpace => "no space left on device",
            Self::QuotaExceeded => "disk quota exceeded",
            Self::InvalidArgument => "invalid argument",
            Self::Unhandled => "nothing is mounted",
            Self::Halted => "stopped",
            Self::TooLarge(text) | Self::Other(text) => text,
        })
    }
}

impl std::error::Error for Error {}

/// Files cannot be mounted as requested. The text says what to change.
#[derive(Debug)]
pub struct MountError {
    message: String,
}

impl MountError {
    /// An error with this text, which says what to change.
    pub fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
        }
    }
}

impl fmt::Display for MountError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for MountError {}
