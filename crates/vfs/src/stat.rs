//! What is known of a file.

/// What stands at a path.
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
    /// Since the Unix epoch, rounded towards the past.
    pub seconds: i64,
    /// 0 to 999999999, after the seconds.
    pub nanoseconds: u32,
}

impl Instant {
    /// 1970-01-01.
    pub const EPOCH: Self = Self {
        seconds: 0,
        nanoseconds: 0,
    };
}

/// What is known of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileStat {
    /// The type.
    pub file_type: FileType,
    /// Permission bits, such as `0o644`: those of the file, also where it is
    /// mounted read-only.
    pub permissions: u32,
    /// Size in bytes.
    pub size: u64,
    /// Last change of the content.
    pub modified: Instant,
    /// Last access.
    pub accessed: Instant,
    /// Last change of the entry.
    pub changed: Instant,
    /// A number that two paths share exactly when they lead to the same file.
    /// 0 if that is not known. Python's numbers of files have a sign, so one
    /// beyond 63 bits may look like another.
    pub file_id: u64,
    /// The device of `file_id`. A file system that knows none has nothing here:
    /// a [`MountTable`](crate::MountTable) gives each of them a number.
    pub device_id: Option<u64>,
    /// Number of hard links.
    pub link_count: u64,
}
