//! Between the types of `os-call`, those of files and those of WASI.

use monty_value::types::{Exception, Instant};
use wasip2::clocks::wall_clock::Datetime;
use wasip2::filesystem::types::ErrorCode as WasiError;

use crate::bindings::exports::monty::sandbox::os_call::{
    ErrorCode, FileStat, FileType, OpenMode, ScanEntry, ScanOptions, WriteMode,
};

impl From<monty_vfs::Error> for ErrorCode {
    fn from(error: monty_vfs::Error) -> Self {
        use monty_vfs::Error;

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
            // No `OSError`, which `os.walk()` and `Path.glob()` pass over, as
            // in CPython: a script would see an empty tree.
            Error::TooLarge(text) => Self::Raised(Exception::new("RuntimeError", text)),
            error @ Error::Halted => Self::Other(error.to_string()),
            Error::Other(text) => Self::Other(text),
        }
    }
}

/// What the runtime says of a file.
pub fn failed(error: WasiError) -> monty_vfs::Error {
    use monty_vfs::Error;

    match error {
        WasiError::NoEntry => Error::NotFound,
        // Runtimes say `not-permitted` of a path that leads out.
        WasiError::Access | WasiError::NotPermitted | WasiError::TextFileBusy => {
            Error::PermissionDenied
        }
        WasiError::Busy => Error::Busy,
        WasiError::ReadOnly => Error::ReadOnly,
        WasiError::Exist => Error::AlreadyExists,
        WasiError::IsDirectory => Error::IsADirectory,
        WasiError::NotDirectory => Error::NotADirectory,
        WasiError::NotEmpty => Error::DirectoryNotEmpty,
        WasiError::NameTooLong => Error::NameTooLong,
        WasiError::Loop => Error::TooManyLinks,
        WasiError::CrossDevice => Error::CrossDevice,
        WasiError::FileTooLarge => Error::FileTooLarge,
        WasiError::InsufficientSpace => Error::NoSpace,
        WasiError::Quota => Error::QuotaExceeded,
        WasiError::Invalid | WasiError::IllegalByteSequence => Error::InvalidArgument,
        error => Error::Other(error.message().to_owned()),
    }
}

/// The epoch for a time that the runtime does not know.
pub fn instant(time: Option<Datetime>) -> monty_vfs::Instant {
    time.map_or(monty_vfs::Instant::EPOCH, |time| monty_vfs::Instant {
        seconds: i64::try_from(time.seconds).unwrap_or(i64::MAX),
        nanoseconds: time.nanoseconds,
    })
}

impl From<monty_vfs::FileStat> for FileStat {
    fn from(stat: monty_vfs::FileStat) -> Self {
        let instant = |at: monty_vfs::Instant| Instant {
            seconds: at.seconds,
            nanoseconds: at.nanoseconds,
        };
        Self {
            file_type: match stat.file_type {
                monty_vfs::FileType::Regular => FileType::Regular,
                monty_vfs::FileType::Directory => FileType::Directory,
                monty_vfs::FileType::SymbolicLink => FileType::SymbolicLink,
                monty_vfs::FileType::Other => FileType::Other,
            },
            permissions: stat.permissions,
            size: stat.size,
            modified: instant(stat.modified),
            accessed: instant(stat.accessed),
            changed: instant(stat.changed),
            file_id: stat.file_id,
            device_id: stat.device_id.unwrap_or(0),
            link_count: stat.link_count,
        }
    }
}

impl From<monty_vfs::ScanEntry> for ScanEntry {
    fn from(entry: monty_vfs::ScanEntry) -> Self {
        Self {
            path: entry.path,
            is_directory: entry.is_directory,
            is_file: entry.is_file,
            is_symbolic_link: entry.is_symbolic_link,
        }
    }
}

impl From<ScanOptions> for monty_vfs::ScanOptions {
    fn from(options: ScanOptions) -> Self {
        Self {
            max_depth: options.max_depth,
            follow_symbolic_links: options.follow_symbolic_links,
        }
    }
}

impl From<WriteMode> for monty_vfs::WriteMode {
    fn from(mode: WriteMode) -> Self {
        match mode {
            WriteMode::Replace => Self::Replace,
            WriteMode::Append => Self::Append,
        }
    }
}

impl From<OpenMode> for monty_vfs::OpenMode {
    fn from(mode: OpenMode) -> Self {
        match mode {
            OpenMode::Read => Self::Read,
            OpenMode::Write => Self::Write,
            OpenMode::Append => Self::Append,
        }
    }
}
