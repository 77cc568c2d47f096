//! The metadata of a file.

/// The type of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FileType {
    /// A regular file.
    Regular,
    /// A directory.
    Directory,
    /// A symbolic link.
    SymbolicLink,
    /// Anything else.
    Other,
}

/// A point in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant {
    /// Seconds since the Unix epoch, rounded down.
    pub seconds: i64,
    /// Nanoseconds past `seconds`, from 0 to 999999999.
    pub nanoseconds: u32,
}

impl Instant {
    /// 1970-01-01.
    pub const EPOCH: Self = Self {
        seconds: 0,
        nanoseconds: 0,
    };
}

/// The metadata of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileStat {
    /// The type.
    pub file_type: FileType,
    /// Permission bits, such as `0o644`: those of the file, even if it is
    /// mounted read-only.
    pub permissions: u32,
    /// Size in bytes.
    pub size: u64,
    /// Last change of the content.
    pub modified: Instant,
    /// Last access.
    pub accessed: Instant,
    /// Last change of the metadata.
    pub changed: Instant,
    /// A number that is equal for two paths exactly when they lead to the same
    /// file. 0 if unknown. Python's file numbers are signed, so a number beyond
    /// 63 bits may look like another.
    pub file_id: u64,
    /// The device of `file_id`. `None` if the file system does not know it: a
    /// [`MountTable`](crate::MountTable) then assigns one.
    pub device_id: Option<u64>,
    /// Number of hard links.
    pub link_count: u64,
}
