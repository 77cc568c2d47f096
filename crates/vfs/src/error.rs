//! Why an operation failed, and why files cannot be mounted.

use std::fmt;

/// Why an operation failed: the codes of POSIX, and what it has none for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Error {
    /// ENOENT.
    NotFound,
    /// EACCES: also for whatever lies outside of the sandbox.
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
    /// ENOSPC: also beyond a limit of bytes that are kept or written.
    NoSpace,
    /// EDQUOT.
    QuotaExceeded,
    /// EINVAL.
    InvalidArgument,
    /// Nothing is mounted.
    Unhandled,
    /// A directory or a tree is too large to be listed. The text says what to
    /// do. Whoever walks a tree must not pass over it as over the others: it
    /// would see a part and take it for the whole.
    TooLarge(String),
    /// [`Pace::breathe`](crate::Pace::breathe) stopped the operation. Not to be
    /// passed over either.
    Halted,
    /// EIO, or what else the system says.
    Other(String),
}

impl Error {
    /// What is too large to be listed, as `what` says.
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

/// Files cannot be put together as asked. The text says what to change.
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
