//! A preopened directory. Paths are relative to it, and empty for itself.

use wasip2::filesystem::types::{
    Descriptor, DescriptorFlags, DescriptorStat, DescriptorType, ErrorCode as WasiError, OpenFlags,
    PathFlags,
};

use monty_value::types::Exception;

use crate::path::join;
use crate::quota::{NEW_ENTRY_BYTES, Quota};
use crate::walk::{Step, resolve};
use crate::{ErrorCode, FileStat, FileType};

/// Bytes of a file that is read: what the largest message of a host holds.
const MAX_FILE_BYTES: u64 = 64 << 20;

/// Bytes in one call of `read` or `write`.
const CHUNK_BYTES: usize = 1 << 20;

/// Entries of a directory, or of a scan.
pub const MAX_ENTRIES: usize = 100_000;

/// How a file is written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Write {
    /// The data is the new content.
    Replace,
    /// The data follows the old content.
    Append,
}

/// An entry of a directory. The types follow links; one that leads nowhere, or
/// out of the mount, is neither a directory nor a file.
pub struct Entry {
    pub name: String,
    pub is_directory: bool,
    pub is_file: bool,
    pub is_symlink: bool,
}

impl Entry {
    pub fn new(name: String, target: Option<FileType>, is_symlink: bool) -> Self {
        Self {
            name,
            is_directory: target == Some(FileType::Directory),
            is_file: target == Some(FileType::Regular),
            is_symlink,
        }
    }
}

/// A preopened directory.
pub struct Directory {
    descriptor: Descriptor,
    writable: bool,
}

impl Directory {
    pub fn new(descriptor: Descriptor) -> Self {
        let flags = descriptor.get_flags().unwrap_or(DescriptorFlags::empty());
        Self {
            descriptor,
            writable: flags.contains(DescriptorFlags::MUTATE_DIRECTORY),
        }
    }

    /// What the path leads to, following links.
    pub fn stat(&self, path: &str) -> Result<FileStat, ErrorCode> {
        let stat = self
            .descriptor
            .stat_at(PathFlags::SYMLINK_FOLLOW, name(path))?;
        // Not every file system can tell: 0 says so.
        let file_id = self
            .descriptor
            .metadata_hash_at(PathFlags::SYMLINK_FOLLOW, name(path))
            .map_or(0, |hash| hash.lower);
        Ok(self.describe(&stat, file_id))
    }

    /// What stands at the path, without following a link at its end.
    fn link_type(&self, path: &str) -> Result<FileType, ErrorCode> {
        let stat = self.descriptor.stat_at(PathFlags::empty(), name(path))?;
        Ok(file_type(stat.type_))
    }

    pub fn is_symlink(&self, path: &str) -> Result<bool, ErrorCode> {
        Ok(self.link_type(path)? == FileType::SymbolicLink)
    }

    pub fn check_readable(&self, path: &str) -> Result<(), ErrorCode> {
        self.open_regular(path, OpenFlags::empty(), DescriptorFlags::READ)
            .map(drop)
    }

    /// The content of a regular file.
    pub fn read(&self, path: &str) -> Result<Vec<u8>, ErrorCode> {
        let file = self.open_regular(path, OpenFlags::empty(), DescriptorFlags::READ)?;
        let size = file.stat()?.size;
        if size > MAX_FILE_BYTES {
            return Err(ErrorCode::FileTooLarge);
        }
        let mut data = Vec::with_capacity(usize::try_from(size).unwrap_or(0));
        // The size is a hint: the file may grow, and some have none.
        loop {
            let (chunk, end) = file.read(CHUNK_BYTES as u64, data.len() as u64)?;
            data.extend_from_slice(&chunk);
            if data.len() as u64 > MAX_FILE_BYTES {
                return Err(ErrorCode::FileTooLarge);
            }
            if end || chunk.is_empty() {
                return Ok(data);
            }
        }
    }

    /// Writes a regular file, which is made if it does not exist.
    pub fn write(
        &self,
        path: &str,
        data: &[u8],
        how: Write,
        quota: &Quota,
    ) -> Result<(), ErrorCode> {
        self.check_writable()?;
        let follow = PathFlags::SYMLINK_FOLLOW;
        let new = match self.descriptor.stat_at(follow, name(path)) {
            Ok(stat) => {
                expect_regular(stat.type_)?;
                0
            }
            Err(WasiError::NoEntry) => NEW_ENTRY_BYTES,
            Err(error) => return Err(error.into()),
        };
        quota.spend((data.len() as u64).saturating_add(new))?;
        let file = self.open_regular(path, OpenFlags::CREATE, DescriptorFlags::WRITE)?;
        let mut offset = match how {
            // Not by a flag of `open-at`, which acts before it is known what
            // was opened.
            Write::Replace => {
                file.set_size(0)?;
                0
            }
            Write::Append => file.stat()?.size,
        };
        for chunk in data.chunks(CHUNK_BYTES) {
            let mut rest = chunk;
            while !rest.is_empty() {
                let written = file.write(rest, offset)?;
                offset = offset.saturating_add(written);
                rest = usize::try_from(written)
                    .ok()
                    .filter(|written| *written > 0)
                    .and_then(|written| rest.get(written..))
                    .ok_or(WasiError::Io)?;
            }
        }
        Ok(())
    }

    /// The entries of a directory.
    pub fn list(&self, path: &str) -> Result<Vec<Entry>, ErrorCode> {
        let directory = self.descriptor.open_at(
            PathFlags::SYMLINK_FOLLOW,
            name(path),
            OpenFlags::DIRECTORY,
            DescriptorFlags::READ,
        )?;
        let stream = directory.read_directory()?;
        let mut entries = Vec::new();
        while let Some(entry) = stream.read_directory_entry()? {
            if matches!(entry.name.as_str(), "." | "..") {
                continue;
            }
            if entries.len() == MAX_ENTRIES {
                return Err(too_many_entries());
            }
            let kind = file_type(entry.type_);
            let is_symlink = kind == FileType::SymbolicLink;
            let target = if is_symlink {
                let target = join(path, &entry.name);
                let stat = self.descriptor.stat_at(PathFlags::SYMLINK_FOLLOW, &target);
                stat.ok().map(|stat| file_type(stat.type_))
            } else {
                Some(kind)
            };
            entries.push(Entry::new(entry.name, target, is_symlink));
        }
        Ok(entries)
    }

    /// Makes one directory, in a directory that exists.
    pub fn make_directory(&self, path: &str, quota: &Quota) -> Result<(), ErrorCode> {
        if path.is_empty() || self.link_type(path).is_ok() {
            return Err(ErrorCode::AlreadyExists);
        }
        self.check_writable()?;
        quota.spend(NEW_ENTRY_BYTES)?;
        Ok(self.descriptor.create_directory_at(path)?)
    }

    /// Removes a file or a link.
    pub fn remove_file(&self, path: &str) -> Result<(), ErrorCode> {
        self.check_writable()?;
        // Asked first: runtimes and platforms have different codes for it.
        if self.link_type(path)? == FileType::Directory {
            return Err(ErrorCode::IsADirectory);
        }
        Ok(self.descriptor.unlink_file_at(path)?)
    }

    /// Removes an empty directory.
    pub fn remove_directory(&self, path: &str) -> Result<(), ErrorCode> {
        self.check_writable()?;
        if path.is_empty() {
            return Err(ErrorCode::PermissionDenied);
        }
        Ok(self.descriptor.remove_directory_at(path)?)
    }

    /// `rename` of POSIX.
    pub fn rename(&self, source: &str, destination: &str) -> Result<(), ErrorCode> {
        self.check_writable()?;
        if source.is_empty() || destination.is_empty() {
            return Err(ErrorCode::PermissionDenied);
        }
        Ok(self
            .descriptor
            .rename_at(source, &self.descriptor, destination)?)
    }

    /// The path without links. What does not exist is kept as it is written.
    pub fn resolve(&self, path: &str) -> Result<String, ErrorCode> {
        resolve(path, |path| {
            Ok(match self.link_type(path) {
                Ok(FileType::Directory) => Step::Directory,
                Ok(FileType::SymbolicLink) => Step::Link(self.descriptor.readlink_at(path)?),
                Ok(FileType::Regular | FileType::Other) => Step::Other,
                Err(ErrorCode::NotFound | ErrorCode::NotADirectory) => Step::Missing,
                Err(error) => return Err(error),
            })
        })
    }

    fn check_writable(&self) -> Result<(), ErrorCode> {
        if self.writable {
            Ok(())
        } else {
            Err(ErrorCode::ReadOnly)
        }
    }

    /// Opens a regular file, and nothing that could block or act when it is
    /// opened: no FIFO, no socket, no device.
    fn open_regular(
        &self,
        path: &str,
        open: OpenFlags,
        flags: DescriptorFlags,
    ) -> Result<Descriptor, ErrorCode> {
        // What stands there is asked before it is opened, and again of what
        // was opened, since something else may stand there by then.
        match self
            .descriptor
            .stat_at(PathFlags::SYMLINK_FOLLOW, name(path))
        {
            Ok(stat) => expect_regular(stat.type_)?,
            Err(WasiError::NoEntry) if open.contains(OpenFlags::CREATE) => {}
            Err(error) => return Err(error.into()),
        }
        let file = self
            .descriptor
            .open_at(PathFlags::SYMLINK_FOLLOW, name(path), open, flags)?;
        expect_regular(file.get_type()?)?;
        Ok(file)
    }

    fn describe(&self, stat: &DescriptorStat, file_id: u64) -> FileStat {
        let seconds = |time: Option<wasip2::clocks::wall_clock::Datetime>| {
            time.map_or(0.0, |time| {
                time.seconds as f64 + f64::from(time.nanoseconds) / 1e9
            })
        };
        let file_type = file_type(stat.type_);
        let permissions = match (file_type, self.writable) {
            (FileType::Directory, true) => 0o755,
            (FileType::Directory, false) => 0o555,
            (_, true) => 0o644,
            (_, false) => 0o444,
        };
        FileStat {
            file_type,
            permissions,
            size: stat.size,
            modified_seconds: seconds(stat.data_modification_timestamp),
            accessed_seconds: seconds(stat.data_access_timestamp),
            changed_seconds: seconds(stat.status_change_timestamp),
            file_id,
            device_id: 0,
            link_count: stat.link_count.max(1),
        }
    }
}

/// The error of a directory, or a scan, with more than [`MAX_ENTRIES`].
pub fn too_many_entries() -> ErrorCode {
    beyond(format!("more than {MAX_ENTRIES} directory entries"))
}

/// The error for a directory or a tree that is too large to be listed.
///
/// No `OSError`: `os.walk()` and `Path.glob()` pass over those, as in CPython,
/// and a script would see an empty tree.
pub fn beyond(what: String) -> ErrorCode {
    ErrorCode::Raised(Exception::new(
        "RuntimeError",
        format!("{what}: list a smaller directory, or fewer levels of it"),
    ))
}

/// The path as WASI wants it: it has no empty one.
fn name(path: &str) -> &str {
    if path.is_empty() { "." } else { path }
}

fn file_type(found: DescriptorType) -> FileType {
    match found {
        DescriptorType::RegularFile => FileType::Regular,
        DescriptorType::Directory => FileType::Directory,
        DescriptorType::SymbolicLink => FileType::SymbolicLink,
        DescriptorType::Unknown
        | DescriptorType::BlockDevice
        | DescriptorType::CharacterDevice
        | DescriptorType::Fifo
        | DescriptorType::Socket => FileType::Other,
    }
}

fn expect_regular(found: DescriptorType) -> Result<(), ErrorCode> {
    match file_type(found) {
        FileType::Regular => Ok(()),
        FileType::Directory => Err(ErrorCode::IsADirectory),
        FileType::SymbolicLink | FileType::Other => Err(ErrorCode::PermissionDenied),
    }
}

impl From<WasiError> for ErrorCode {
    fn from(error: WasiError) -> Self {
        match error {
            WasiError::NoEntry => Self::NotFound,
            WasiError::Access
            | WasiError::NotPermitted
            | WasiError::Busy
            | WasiError::TextFileBusy => Self::PermissionDenied,
            WasiError::ReadOnly => Self::ReadOnly,
            WasiError::Exist => Self::AlreadyExists,
            WasiError::IsDirectory => Self::IsADirectory,
            WasiError::NotDirectory => Self::NotADirectory,
            WasiError::NotEmpty => Self::DirectoryNotEmpty,
            WasiError::NameTooLong => Self::NameTooLong,
            WasiError::Loop => Self::TooManyLinks,
            WasiError::CrossDevice => Self::CrossDevice,
            WasiError::FileTooLarge => Self::FileTooLarge,
            WasiError::InsufficientSpace | WasiError::Quota => Self::NoSpace,
            WasiError::Invalid | WasiError::IllegalByteSequence => Self::InvalidArgument,
            error => Self::Other(error.message().to_owned()),
        }
    }
}
