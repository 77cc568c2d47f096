//! A directory of the host, as the kernel keeps it.
//!
//! The directory is opened once, and every path is opened relative to it
//! through cap-std, which refuses to leave it: an absolute link and a `..` that
//! would lead out are `PermissionDenied`, whatever is renamed meanwhile.

use std::io::{self, Read as _, Write as _};
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use cap_std::ambient_authority;
use cap_std::fs::{Dir, File, Metadata, OpenOptions};
#[cfg(unix)]
use cap_std::fs::{MetadataExt as _, OpenOptionsExt as _};

use super::files::{Context, Entries, Entry, FileSystem, SLICE_BYTES, SLICE_ENTRIES};
use super::path::join;
use super::walk::{Step, Walk, walk};
use super::{ErrorCode, FileStat, FileType, Instant, MountError, WriteMode};
use crate::work::breathe;

/// What a new file or directory counts beside its content: a block of most
/// file systems, so that many empty ones cannot fill a disk.
const NEW_ENTRY_BYTES: u64 = 4096;

/// A directory of the host that was opened.
pub(super) struct HostDirectory {
    directory: Dir,
    /// Only compared with other mounts and never opened again.
    canonical: PathBuf,
}

impl HostDirectory {
    pub fn open(path: &Path) -> Result<Self, MountError> {
        let shown = path.display();
        // Opened first and described after: a name that changes in between
        // cannot swap the directory.
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
        })
    }

    /// Whether one of the two directories lies in the other.
    pub fn overlaps(&self, other: &Self) -> bool {
        self.canonical.starts_with(&other.canonical) || other.canonical.starts_with(&self.canonical)
    }

    pub fn stat(&self, path: &str) -> Result<FileStat, ErrorCode> {
        Ok(describe(&self.directory.metadata(name(path))?))
    }

    /// What the path is, without following a link at its end.
    pub fn link_stat(&self, path: &str) -> Result<FileStat, ErrorCode> {
        Ok(describe(&self.directory.symlink_metadata(name(path))?))
    }

    /// Where a link points, with `/` between the names, and before them if it
    /// is absolute.
    pub fn read_link(&self, path: &str) -> Result<String, ErrorCode> {
        let target = self.directory.read_link_contents(path)?;
        let mut text = String::new();
        let mut absolute = false;
        for component in target.components() {
            match component {
                Component::Prefix(_) | Component::RootDir => absolute = true,
                Component::CurDir => {}
                Component::ParentDir => text = join(&text, ".."),
                // A name that is not UTF-8 leads nowhere in the sandbox.
                Component::Normal(name) => text = join(&text, &name.to_string_lossy()),
            }
        }
        if absolute {
            text.insert(0, '/');
        }
        Ok(text)
    }

    pub async fn read(&self, path: &str, context: &Context<'_>) -> Result<Vec<u8>, ErrorCode> {
        let mut file = self.open_regular(path, OpenOptions::new().read(true))?;
        let size = file.metadata()?.len();
        context.check_file_bytes(size)?;
        let mut data = Vec::with_capacity(usize::try_from(size).unwrap_or(0));
        // The size is a hint: the file may grow, and files of `/proc` have none.
        while (&mut file)
            .take(SLICE_BYTES as u64)
            .read_to_end(&mut data)?
            == SLICE_BYTES
        {
            context.check_file_bytes(data.len() as u64)?;
            breathe().await?;
        }
        context.check_file_bytes(data.len() as u64)?;
        Ok(data)
    }

    pub fn check_readable(&self, path: &str) -> Result<(), ErrorCode> {
        self.open_regular(path, OpenOptions::new().read(true))
            .map(drop)
    }

    /// The names in a directory, to be read slice by slice.
    pub fn names(&self, path: &str) -> Result<Names, ErrorCode> {
        // Asked first, because what listing something else reports depends on
        // the platform.
        if self.stat(path)?.file_type != FileType::Directory {
            return Err(ErrorCode::NotADirectory);
        }
        Ok(Names(self.directory.read_dir(name(path))?))
    }

    /// The size of a regular file. Nothing if there is none.
    fn regular_size(&self, path: &str) -> Result<Option<u64>, ErrorCode> {
        match self.stat(path) {
            Ok(stat) => {
                expect_regular(stat.file_type)?;
                Ok(Some(stat.size))
            }
            Err(ErrorCode::NotFound) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Opens a regular file, and nothing that could block or act when it is
    /// opened: no FIFO, no socket, no device.
    fn open_regular(&self, path: &str, options: &mut OpenOptions) -> Result<File, ErrorCode> {
        // What stands there is asked before it is opened, since opening a
        // device can have an effect, and again of the handle, since something
        // else may stand there by then: `O_NONBLOCK` lets that open return.
        self.regular_size(path)?;
        #[cfg(unix)]
        {
            use rustix::fs::OFlags;
            let flags = OFlags::NONBLOCK.union(OFlags::NOCTTY);
            options.custom_flags(flags.bits().cast_signed());
        }
        let file = self.directory.open_with(path, options)?;
        expect_regular(file_type(&file.metadata()?.file_type()))?;
        Ok(file)
    }

    fn resolve(&self, path: &str) -> Result<String, ErrorCode> {
        let walked = walk(path, Walk::Resolve, |_, parent, name| {
            self.look(&join(&parent.join("/"), name))
        })?;
        Ok(walked.path.join("/"))
    }

    /// What stands at a path whose directories are no links.
    pub fn look(&self, path: &str) -> Result<Step<FileStat>, ErrorCode> {
        let stat = match self.link_stat(path) {
            Ok(stat) => stat,
            Err(ErrorCode::NotFound | ErrorCode::NotADirectory) => return Ok(Step::Missing),
            Err(error) => return Err(error),
        };
        Ok(match stat.file_type {
            FileType::Directory => Step::Directory(stat),
            FileType::SymbolicLink => Step::Link(self.read_link(path)?, stat),
            FileType::Regular | FileType::Other => Step::Other(stat),
        })
    }
}

/// A directory of the host that is read.
pub(super) struct Names(cap_std::fs::ReadDir);

/// Some names of a directory.
pub(super) struct NamesSlice {
    /// The names with their types, links not followed.
    pub names: Vec<(String, FileType)>,
    /// How many more there were that are not UTF-8.
    pub unreadable: usize,
}

impl Names {
    /// The next names. Nothing at the end.
    pub fn next_slice(&mut self) -> Result<Option<NamesSlice>, ErrorCode> {
        let mut slice = NamesSlice {
            names: Vec::new(),
            unreadable: 0,
        };
        for entry in self.0.by_ref().take(SLICE_ENTRIES) {
            let entry = entry?;
            match entry.file_name().into_string() {
                Ok(name) => slice.names.push((name, file_type(&entry.file_type()?))),
                Err(_) => slice.unreadable += 1,
            }
        }
        let is_end = slice.names.is_empty() && slice.unreadable == 0;
        Ok((!is_end).then_some(slice))
    }
}

/// A directory of the host as a script sees it, unless an
/// [`Overlay`](super::overlay::Overlay) lies over it.
pub(super) struct HostFiles {
    pub directory: Arc<HostDirectory>,
    pub writable: bool,
}

impl HostFiles {
    fn check_writable(&self) -> Result<&HostDirectory, ErrorCode> {
        if self.writable {
            Ok(&self.directory)
        } else {
            Err(ErrorCode::ReadOnly)
        }
    }
}

#[async_trait]
impl FileSystem for HostFiles {
    fn stat(&self, path: &str, follow_links: bool) -> Result<FileStat, ErrorCode> {
        if follow_links {
            self.directory.stat(path)
        } else {
            self.directory.link_stat(path)
        }
    }

    fn read_link(&self, path: &str) -> Result<String, ErrorCode> {
        if self.directory.link_stat(path)?.file_type != FileType::SymbolicLink {
            return Err(ErrorCode::InvalidArgument);
        }
        let target = self.directory.read_link(path)?;
        match self.directory.resolve(path) {
            Err(ErrorCode::PermissionDenied) => Err(ErrorCode::PermissionDenied),
            _ => Ok(target),
        }
    }

    async fn read(&self, path: &str, context: &Context<'_>) -> Result<Vec<u8>, ErrorCode> {
        self.directory.read(path, context).await
    }

    fn check_readable(&self, path: &str) -> Result<(), ErrorCode> {
        self.directory.check_readable(path)
    }

    async fn write(
        &self,
        path: &str,
        data: &[u8],
        mode: WriteMode,
        context: &Context<'_>,
    ) -> Result<(), ErrorCode> {
        let host = self.check_writable()?;
        let added = data.len() as u64;
        let old = host.regular_size(path)?;
        context.check_file_bytes(match mode {
            WriteMode::Replace => added,
            WriteMode::Append => old.unwrap_or(0).saturating_add(added),
        })?;
        let entry = if old.is_none() { NEW_ENTRY_BYTES } else { 0 };
        context.spend_written(added.saturating_add(entry))?;
        let mut options = OpenOptions::new();
        options.create(true);
        match mode {
            WriteMode::Replace => options.write(true),
            WriteMode::Append => options.append(true),
        };
        let mut file = host.open_regular(path, &mut options)?;
        if mode == WriteMode::Replace {
            // Not by `O_TRUNC`, which acts before it is known what was opened.
            file.set_len(0)?;
        }
        let mut slices = data.chunks(SLICE_BYTES);
        if let Some(first) = slices.next() {
            file.write_all(first)?;
        }
        for slice in slices {
            breathe().await?;
            file.write_all(slice)?;
        }
        Ok(())
    }

    async fn list(&self, path: &str, context: &Context<'_>) -> Result<Entries, ErrorCode> {
        let mut entries = Entries::new();
        let mut names = self.directory.names(path)?;
        while let Some(slice) = names.next_slice()? {
            for _ in 0..slice.unreadable {
                context.visit()?;
            }
            for (name, file_type) in slice.names {
                context.visit()?;
                let entry = if file_type == FileType::SymbolicLink {
                    let target = self.directory.stat(&join(path, &name)).ok();
                    // A link may lead through many others.
                    breathe().await?;
                    Entry::new(target.map(|stat| stat.file_type), true)
                } else {
                    Entry::new(Some(file_type), false)
                };
                entries.insert(name, entry);
            }
            breathe().await?;
        }
        Ok(entries)
    }

    fn make_directory(&self, path: &str, context: &Context<'_>) -> Result<(), ErrorCode> {
        let host = self.check_writable()?;
        if path.is_empty() || host.link_stat(path).is_ok() {
            return Err(ErrorCode::AlreadyExists);
        }
        context.spend_written(NEW_ENTRY_BYTES)?;
        Ok(host.directory.create_dir(path)?)
    }

    fn remove_file(&self, path: &str, _context: &Context<'_>) -> Result<(), ErrorCode> {
        let host = self.check_writable()?;
        // Asked first: macOS has `EPERM` for it, Windows another code.
        if host.link_stat(path)?.file_type == FileType::Directory {
            return Err(ErrorCode::IsADirectory);
        }
        Ok(host.directory.remove_file(path)?)
    }

    async fn remove_directory(&self, path: &str, _context: &Context<'_>) -> Result<(), ErrorCode> {
        let host = self.check_writable()?;
        if path.is_empty() {
            return Err(ErrorCode::PermissionDenied);
        }
        Ok(host.directory.remove_dir(path)?)
    }

    async fn rename(
        &self,
        source: &str,
        destination: &str,
        _context: &Context<'_>,
    ) -> Result<(), ErrorCode> {
        let host = self.check_writable()?;
        if source.is_empty() || destination.is_empty() {
            return Err(ErrorCode::PermissionDenied);
        }
        Ok(host
            .directory
            .rename(source, &host.directory, destination)?)
    }

    fn resolve(&self, path: &str) -> Result<String, ErrorCode> {
        self.directory.resolve(path)
    }
}

/// The error for what is not a regular file.
pub(super) fn expect_regular(file_type: FileType) -> Result<(), ErrorCode> {
    match file_type {
        FileType::Regular => Ok(()),
        FileType::Directory => Err(ErrorCode::IsADirectory),
        FileType::SymbolicLink | FileType::Other => Err(ErrorCode::PermissionDenied),
    }
}

/// The path as cap-std wants it: it has no empty one.
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
    let instant = |seconds: i64, nanoseconds: i64| Instant {
        seconds,
        nanoseconds: u32::try_from(nanoseconds).unwrap_or_default(),
    };
    FileStat {
        file_type: file_type(&metadata.file_type()),
        permissions: metadata.mode() & 0o7777,
        size: metadata.len(),
        modified: instant(metadata.mtime(), metadata.mtime_nsec()),
        accessed: instant(metadata.atime(), metadata.atime_nsec()),
        changed: instant(metadata.ctime(), metadata.ctime_nsec()),
        file_id: metadata.ino(),
        device_id: metadata.dev(),
        link_count: metadata.nlink(),
    }
}

#[cfg(not(unix))]
fn describe(metadata: &Metadata) -> FileStat {
    let instant = |time: io::Result<cap_std::time::SystemTime>| {
        Instant::from(time.map_or(std::time::UNIX_EPOCH, cap_std::time::SystemTime::into_std))
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
        device_id: 0,
        link_count: 1,
    }
}
