//! Errors: of the operating system towards a script, and of a mount towards
//! the host.

use std::fmt;
use std::io::{self, ErrorKind};

use super::ErrorCode;
use crate::messages::keyboard_interrupt;
use crate::work::Halted;

/// By kind. The text of the error is left out, because it may name a path of
/// the host.
impl From<io::Error> for ErrorCode {
    fn from(error: io::Error) -> Self {
        // `ErrorKind::FilesystemLoop` is not stable.
        #[cfg(unix)]
        if rustix::io::Errno::from_io_error(&error) == Some(rustix::io::Errno::LOOP) {
            return Self::TooManyLinks;
        }
        match error.kind() {
            ErrorKind::NotFound => Self::NotFound,
            ErrorKind::PermissionDenied => Self::PermissionDenied,
            ErrorKind::ResourceBusy => Self::Busy,
            ErrorKind::ReadOnlyFilesystem => Self::ReadOnly,
            ErrorKind::AlreadyExists => Self::AlreadyExists,
            ErrorKind::IsADirectory => Self::IsADirectory,
            ErrorKind::NotADirectory => Self::NotADirectory,
            ErrorKind::DirectoryNotEmpty => Self::DirectoryNotEmpty,
            ErrorKind::InvalidFilename => Self::NameTooLong,
            ErrorKind::CrossesDevices => Self::CrossDevice,
            ErrorKind::FileTooLarge => Self::FileTooLarge,
            ErrorKind::StorageFull => Self::NoSpace,
            ErrorKind::QuotaExceeded => Self::QuotaExceeded,
            ErrorKind::InvalidInput => Self::InvalidArgument,
            kind => Self::Other(kind.to_string()),
        }
    }
}

/// No `OSError`, which a walk of a tree would pass over.
impl From<Halted> for ErrorCode {
    fn from(Halted: Halted) -> Self {
        Self::Raised(keyboard_interrupt())
    }
}

/// A [`System`](super::System) or [`MemoryFiles`](super::MemoryFiles) cannot
/// be put together as asked. The text says what to change.
#[derive(Debug)]
pub struct MountError {
    message: String,
}

impl MountError {
    pub(super) fn new(message: impl Into<String>) -> Self {
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
