//! Errors of system operations.

use std::io::{self, ErrorKind};

use monty_value::types::Exception;
use monty_vfs::Error;

use crate::account::stop::keyboard_interrupt;

/// The reason an operation failed: a POSIX code, which the interpreter turns
/// into CPython's exception and text, or a case that POSIX has no code for.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum ErrorCode {
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
    /// EFBIG.
    FileTooLarge,
    /// ENOSPC.
    NoSpace,
    /// EDQUOT.
    QuotaExceeded,
    /// EINVAL.
    InvalidArgument,
    /// The host does not implement this operation.
    Unhandled,
    /// An exception other than `OSError`.
    Raised(Exception),
    /// EIO, or another error of the system.
    Other(String),
}

impl From<Error> for ErrorCode {
    fn from(error: Error) -> Self {
        match error {
            Error::NotFound => Self::NotFound,
            Error::PermissionDenied => Self::PermissionDenied,
            Error::NotPermitted => Self::NotPermitted,
            Error::ReadOnly => Self::ReadOnly,
            Error::AlreadyExists => Self::AlreadyExists,
            Error::IsADirectory => Self::IsADirectory,
            Error::NotADirectory => Self::NotADirectory,
            Error::DirectoryNotEmpty => Self::DirectoryNotEmpty,
            Error::Busy => Self::Busy,
            Error::NameTooLong => Self::NameTooLong,
            Error::TooManyLinks => Self::TooManyLinks,
            Error::CrossDevice => Self::CrossDevice,
            Error::FileTooLarge => Self::FileTooLarge,
            Error::NoSpace => Self::NoSpace,
            Error::QuotaExceeded => Self::QuotaExceeded,
            Error::InvalidArgument => Self::InvalidArgument,
            Error::Unhandled => Self::Unhandled,
            // Not an `OSError`, which `os.walk()` and `Path.glob()` ignore, as
            // in CPython: a script would see an empty tree.
            Error::TooLarge(text) => Self::Raised(Exception::new("RuntimeError", text)),
            // The run is being stopped.
            Error::Halted => Self::Raised(keyboard_interrupt()),
            Error::Other(text) => Self::Other(text),
        }
    }
}

/// What the operating system says, by kind. The text is left out, because it
/// may name a path of the host.
pub(super) fn failed(error: io::Error) -> Error {
    // `ErrorKind` has no stable kind for these.
    #[cfg(unix)]
    match rustix::io::Errno::from_io_error(&error) {
        Some(rustix::io::Errno::LOOP) => return Error::TooManyLinks,
        Some(rustix::io::Errno::PERM) => return Error::NotPermitted,
        _ => {}
    }
    match error.kind() {
        ErrorKind::NotFound => Error::NotFound,
        ErrorKind::PermissionDenied => Error::PermissionDenied,
        ErrorKind::ResourceBusy => Error::Busy,
        ErrorKind::ReadOnlyFilesystem => Error::ReadOnly,
        ErrorKind::AlreadyExists => Error::AlreadyExists,
        ErrorKind::IsADirectory => Error::IsADirectory,
        ErrorKind::NotADirectory => Error::NotADirectory,
        ErrorKind::DirectoryNotEmpty => Error::DirectoryNotEmpty,
        ErrorKind::InvalidFilename => Error::NameTooLong,
        ErrorKind::CrossesDevices => Error::CrossDevice,
        ErrorKind::FileTooLarge => Error::FileTooLarge,
        ErrorKind::StorageFull => Error::NoSpace,
        ErrorKind::QuotaExceeded => Error::QuotaExceeded,
        ErrorKind::InvalidInput => Error::InvalidArgument,
        kind => Error::Other(kind.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_do_not_name_the_host() {
        let error = io::Error::other("/home/someone/secret.txt is locked");
        assert_eq!(failed(error), Error::Other("other error".to_owned()));
    }
}
