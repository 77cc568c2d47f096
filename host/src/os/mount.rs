//! A directory of the host, confined by the kernel.
//!
//! The directory is opened once, and every path is opened relative to it
//! through cap-std, which never leaves it. An absolute link, or a `..` that
//! would lead out, is `PermissionDenied`, even if files are renamed meanwhile.

use std::io::{self, Read as _, Write as _};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use async_trait::async_trait;
use cap_std::ambient_authority;
use cap_std::fs::{Dir, File, Metadata, OpenOptions};
#[cfg(unix)]
use cap_std::fs::{MetadataExt as _, OpenOptionsExt as _};
use monty_vfs::{
    Context, Error, FileStat, FileSystem, FileType, Instant, MountError, SLICE_BYTES,
    SLICE_ENTRIES, Slice, Visit, WriteMode, expect_regular,
};

use super::error::failed;

/// An open directory of the host.
pub(super) struct HostDirectory {
    directory: Dir,
    /// Only compared with other mounts and never opened again.
    canonical: PathBuf,
    writable: bool,
}

impl HostDirectory {
    pub fn open(path: &Path, writable: bool) -> Result<Self, MountError> {
        let shown = path.display();
        // Opened before its metadata is read, so that a name that changes in
        // between cannot swap the directory.
        let directory = Dir::open_ambient_dir(path, ambient_authority()).map_err(|error| {
            MountError::new(match error.kind() {
                io::ErrorKind::NotFound => {
                    format!(
                        "the directory `{shown}` does not exist: create it before it is mounted"
                    )
                }
                io::ErrorKind::NotADirectory => format!(
                    "`{shown}` is not a directory: mount the directory that holds it, or pass its \
                     content with `MemoryFiles`"
                ),
                _ => format!("the directory `{shown}` cannot be opened: {error}"),
            })
        })?;
        let canonical = std::fs::canonicalize(path).map_err(|error| {
            MountError::new(format!("the directory `{shown}` cannot be opened: {error}"))
        })?;
        Ok(Self {
            directory,
            canonical,
            writable,
        })
    }

    /// Whether a write to one of the two directories changes the other.
    pub fn interferes(&self, other: &Self) -> bool {
        let overlap = self.canonical.starts_with(&other.canonical)
            || other.canonical.starts_with(&self.canonical);
        overlap && (self.writable || other.writable)
    }

    /// The size of a regular file. `None` if it does not exist.
    fn regular_size(&self, path: &str) -> Result<Option<u64>, Error> {
        match self.stat(path, true) {
            Ok(stat) => {
                expect_regular(stat.file_type)?;
                Ok(Some(stat.size))
            }
            Err(Error::NotFound) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Opens only a regular file, nothing that could block or act when opened:
    /// no FIFO, no socket, no device.
    fn open_regular(&self, path: &str, options: &mut OpenOptions) -> Result<File, Error> {
        // The type is checked before opening, since opening a device can have
        // an effect, and again on the handle, since the file may have been
        // replaced by then: `O_NONBLOCK` lets that open return.
        self.regular_size(path)?;
        #[cfg(unix)]
        {
            use rustix::fs::OFlags;
            let flags = OFlags::NONBLOCK.union(OFlags::NOCTTY);
            options.custom_flags(flags.bits().cast_signed());
        }
        let file = self.directory.open_with(path, options).map_err(failed)?;
        let metadata = file.metadata().map_err(failed)?;
        expect_regular(file_type(&metadata.file_type()))?;
        Ok(file)
    }
}

#[async_trait]
impl FileSystem for HostDirectory {
    fn is_read_only(&self) -> bool {
        !self.writable
    }

    fn stat(&self, path: &str, follow_links: bool) -> Result<FileStat, Error> {
        let metadata = if follow_links {
            self.directory.metadata(name(path))
        } else {
            self.directory.symlink_metadata(name(path))
        };
        Ok(describe(&metadata.map_err(failed)?))
    }

    fn read_link(&self, path: &str) -> Result<String, Error> {
        let target = self.directory.read_link_contents(name(path));
        Ok(text(&target.map_err(failed)?))
    }

    async fn read(&self, path: &str, context: &Context<'_>) -> Result<Vec<u8>, Error> {
        let mut file = self.open_regular(path, OpenOptions::new().read(true))?;
        let size = file.metadata().map_err(failed)?.len();
        context.check_file_bytes(size)?;
        let mut data = Vec::with_capacity(usize::try_from(size).unwrap_or(0));
        // The size is a hint: the file may grow, and files of `/proc` have none.
        loop {
            let mut slice = (&mut file).take(SLICE_BYTES as u64);
            let read = slice.read_to_end(&mut data).map_err(failed)?;
            context.check_file_bytes(data.len() as u64)?;
            if read < SLICE_BYTES {
                return Ok(data);
            }
            context.breathe().await?;
        }
    }

    fn check_readable(&self, path: &str) -> Result<(), Error> {
        self.open_regular(path, OpenOptions::new().read(true))
            .map(drop)
    }

    async fn write(
        &self,
        path: &str,
        data: &[u8],
        mode: WriteMode,
        context: &Context<'_>,
    ) -> Result<(), Error> {
        let added = data.len() as u64;
        let old = self.regular_size(path)?;
        context.check_file_bytes(match mode {
            WriteMode::Replace => added,
            WriteMode::Append => old.unwrap_or(0).saturating_add(added),
        })?;
        context.spend_written(added, old.is_none())?;
        let mut options = OpenOptions::new();
        options.create(true);
        match mode {
            WriteMode::Replace => options.write(true),
            WriteMode::Append => options.append(true),
        };
        let mut file = self.open_regular(path, &mut options)?;
        if mode == WriteMode::Replace {
            // Not by `O_TRUNC`, which acts before the type of the opened file
            // is known.
            file.set_len(0).map_err(failed)?;
        }
        let mut slices = data.chunks(SLICE_BYTES);
        if let Some(first) = slices.next() {
            file.write_all(first).map_err(failed)?;
        }
        for slice in slices {
            context.breathe().await?;
            file.write_all(slice).map_err(failed)?;
        }
        Ok(())
    }

    async fn list(
        &self,
        path: &str,
        context: &Context<'_>,
        visit: &mut Visit<'_>,
    ) -> Result<(), Error> {
        // Asked first, because what listing something else reports depends on
        // the platform.
        if self.stat(path, true)?.file_type != FileType::Directory {
            return Err(Error::NotADirectory);
        }
        let mut entries = self.directory.read_dir(name(path)).map_err(failed)?;
        loop {
            let mut slice = Slice::default();
            let mut looked_at = 0;
            for entry in entries.by_ref().take(SLICE_ENTRIES) {
                let entry = entry.map_err(failed)?;
                looked_at += 1;
                match entry.file_name().into_string() {
                    Ok(name) => {
                        let found = entry.file_type().map_err(failed)?;
                        slice.names.push((name, file_type(&found)));
                    }
                    Err(_) => slice.unreadable += 1,
                }
            }
            if looked_at == 0 || visit(slice)? == ControlFlow::Break(()) {
                return Ok(());
            }
            context.breathe().await?;
        }
    }

    fn create_directory(&self, path: &str, context: &Context<'_>) -> Result<(), Error> {
        if path.is_empty() || self.stat(path, false).is_ok() {
            return Err(Error::AlreadyExists);
        }
        context.spend_written(0, true)?;
        self.directory.create_dir(path).map_err(failed)
    }

    fn remove_file(&self, path: &str, _context: &Context<'_>) -> Result<(), Error> {
        // Checked first: macOS has `EPERM` for it, Windows another code.
        if self.stat(path, false)?.file_type == FileType::Directory {
            return Err(Error::IsADirectory);
        }
        self.directory.remove_file(path).map_err(failed)
    }

    async fn remove_directory(&self, path: &str, _context: &Context<'_>) -> Result<(), Error> {
        self.directory.remove_dir(path).map_err(failed)
    }

    async fn rename(
        &self,
        source: &str,
        destination: &str,
        _context: &Context<'_>,
    ) -> Result<(), Error> {
        self.directory
            .rename(source, &self.directory, destination)
            .map_err(failed)
    }
}

/// The target of a link, as written. A name that is not UTF-8 leads nowhere in
/// the sandbox.
#[cfg(unix)]
fn text(target: &Path) -> String {
    target.to_string_lossy().into_owned()
}

/// The target of a link with `/` between the names, and before them if it is
/// absolute. A name that is not Unicode leads nowhere in the sandbox.
#[cfg(not(unix))]
fn text(target: &Path) -> String {
    use std::path::Component;

    let mut names = Vec::new();
    for component in target.components() {
        match component {
            Component::Prefix(_) | Component::RootDir => names = vec![String::new()],
            Component::CurDir => {}
            Component::ParentDir => names.push("..".to_owned()),
            Component::Normal(name) => names.push(name.to_string_lossy().into_owned()),
        }
    }
    names.join("/")
}

/// The path for cap-std, which has no empty path.
fn name(path: &str) -> &str {
    if path.is_empty() { "." } else { path }
}

fn file_type(found: &cap_std::fs::FileType) -> FileType {
    if found.is_file() {
        FileType::Regular
    } else if found.is_dir() {
        FileType::Directory
    } else if found.is_symlink() {
        FileType::SymbolicLink
    } else {
        FileType::Other
    }
}

#[cfg(unix)]
fn describe(metadata: &Metadata) -> FileStat {
    // The kernel keeps nanoseconds from 0 to 999999999.
    let instant = |seconds, nanoseconds| Instant {
        seconds,
        nanoseconds: u32::try_from(nanoseconds).unwrap_or(0),
    };
    FileStat {
        file_type: file_type(&metadata.file_type()),
        permissions: metadata.mode() & 0o7777,
        size: metadata.len(),
        modified: instant(metadata.mtime(), metadata.mtime_nsec()),
        accessed: instant(metadata.atime(), metadata.atime_nsec()),
        changed: instant(metadata.ctime(), metadata.ctime_nsec()),
        file_id: metadata.ino(),
        device_id: Some(metadata.dev()),
        link_count: metadata.nlink(),
    }
}

#[cfg(not(unix))]
fn describe(metadata: &Metadata) -> FileStat {
    let instant = |time: io::Result<cap_std::time::SystemTime>| {
        time.map_or(Instant::EPOCH, |time| {
            super::convert::instant(time.into_std())
        })
    };
    let file_type = file_type(&metadata.file_type());
    let writable = if metadata.permissions().readonly() {
        0
    } else {
        0o200
    };
    let modified = instant(metadata.modified());
    FileStat {
        file_type,
        permissions: writable
            | if file_type == FileType::Directory {
                0o555
            } else {
                0o444
            },
        size: metadata.len(),
        modified,
        accessed: instant(metadata.accessed()),
        changed: modified,
        file_id: 0,
        device_id: None,
        link_count: 1,
    }
}
