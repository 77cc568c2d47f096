//! Between the types of `os-call` and those of files.

use std::time::SystemTime;

use monty_value::types::Instant;

use super::{FileStat, FileType, OpenMode, ScanEntry, ScanOptions, WriteMode};

pub(super) fn instant(time: SystemTime) -> monty_vfs::Instant {
    let Instant {
        seconds,
        nanoseconds,
    } = time.into();
    monty_vfs::Instant {
        seconds,
        nanoseconds,
    }
}

impl From<monty_vfs::Stat> for FileStat {
    fn from(stat: monty_vfs::Stat) -> Self {
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
