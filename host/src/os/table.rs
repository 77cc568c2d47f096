//! The mount table: which file system a path belongs to.

use std::path::Path;
use std::sync::Arc;

use super::changes::{Change, changes};
use super::files::{Context, Entries, Entry, FileSystem};
use super::mount::{HostDirectory, HostFiles};
use super::overlay::Overlay;
use super::path::{below, check, check_given};
use super::{ErrorCode, FileStat, FileType, Instant, MemoryFiles, MountError, OpenMode, WriteMode};

/// How a script sees a directory of the host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum MountMode {
    /// It may read. A change is refused with `PermissionError`.
    ReadOnly,
    /// It may read and write the directory itself. What it writes stays on
    /// disk, and is not to be trusted: do not run it, or keep configuration
    /// there that another program follows.
    ReadWrite,
    /// It may read and write, but what it writes is kept in memory and the
    /// directory never changes: copy on write. Names that differ in case only
    /// are two files in memory, even if they are one on the host's disk.
    Overlay,
}

/// A mount point and what is mounted there.
pub(super) struct Mount {
    /// An absolute, normalised path.
    pub point: String,
    content: Content,
}

impl Mount {
    pub fn files(&self) -> &dyn FileSystem {
        self.content.files()
    }
}

enum Content {
    Host(HostFiles),
    Overlay(Overlay),
    Memory(MemoryFiles),
}

impl Content {
    fn files(&self) -> &dyn FileSystem {
        match self {
            Self::Host(files) => files,
            Self::Overlay(overlay) => overlay,
            Self::Memory(files) => files.tree().as_ref(),
        }
    }

    fn host(&self) -> Option<&HostDirectory> {
        match self {
            Self::Host(files) => Some(&files.directory),
            Self::Overlay(overlay) => overlay.host().map(Arc::as_ref),
            Self::Memory(_) => None,
        }
    }

    fn writes_to_host(&self) -> bool {
        matches!(self, Self::Host(HostFiles { writable: true, .. }))
    }

    /// The same content as it was before anything was written.
    fn fresh(&self) -> Self {
        match self {
            Self::Host(files) => Self::Host(HostFiles {
                directory: Arc::clone(&files.directory),
                writable: files.writable,
            }),
            Self::Overlay(overlay) => Self::Overlay(overlay.fresh()),
            Self::Memory(files) => Self::Memory(files.clone()),
        }
    }
}

/// All mounts, the longest mount point first.
#[derive(Default)]
pub(super) struct MountTable {
    mounts: Vec<Mount>,
}

/// Where a path leads.
pub(super) enum Route<'t, 'p> {
    /// Into a mount, at a path relative to it.
    Mount(&'t Mount, &'p str),
    /// To a directory that exists because a mount point lies below it.
    Above,
    /// Nowhere.
    Outside,
}

impl MountTable {
    pub fn mount(&mut self, host: &Path, point: &str, mode: MountMode) -> Result<(), MountError> {
        check_given(point)?;
        let directory = Arc::new(HostDirectory::open(host)?);
        let content = match mode {
            MountMode::ReadOnly | MountMode::ReadWrite => Content::Host(HostFiles {
                directory,
                writable: mode == MountMode::ReadWrite,
            }),
            MountMode::Overlay => Content::Overlay(Overlay::over(directory)),
        };
        self.insert(point, content)
    }

    pub fn files(&mut self, point: &str, files: MemoryFiles) -> Result<(), MountError> {
        check_given(point)?;
        self.insert(point, Content::Memory(files))
    }

    fn insert(&mut self, point: &str, content: Content) -> Result<(), MountError> {
        for other in &self.mounts {
            if other.point == point {
                return Err(MountError::new(format!(
                    "something is mounted at `{point}` already: choose another virtual path"
                )));
            }
            let overlap = match (content.host(), other.content.host()) {
                (Some(host), Some(other)) => host.overlaps(other),
                _ => false,
            };
            if overlap && (content.writes_to_host() || other.content.writes_to_host()) {
                return Err(MountError::new(format!(
                    "the host directories of `{point}` and `{}` lie in each other, and one of \
                     them is read-write, which would change the other one too: mount directories \
                     that are apart, or make both read-only or overlays",
                    other.point
                )));
            }
        }
        let longer = |mount: &Mount| mount.point.len() > point.len();
        let position = self.mounts.partition_point(longer);
        self.mounts.insert(
            position,
            Mount {
                point: point.to_owned(),
                content,
            },
        );
        Ok(())
    }

    pub fn fresh(&self) -> Self {
        let mounts = self.mounts.iter().map(|mount| Mount {
            point: mount.point.clone(),
            content: mount.content.fresh(),
        });
        Self {
            mounts: mounts.collect(),
        }
    }

    /// All mount points.
    pub fn points(&self) -> Vec<&str> {
        self.mounts.iter().map(|mount| &*mount.point).collect()
    }

    pub fn changes(&self) -> impl Iterator<Item = Change> {
        let overlays = self.mounts.iter().rev();
        overlays
            .filter_map(|mount| match &mount.content {
                Content::Overlay(overlay) => Some(changes(overlay, &mount.point)),
                Content::Host(_) | Content::Memory(_) => None,
            })
            .flatten()
    }

    pub fn route<'t, 'p>(&'t self, path: &'p str) -> Result<Route<'t, 'p>, ErrorCode> {
        if self.mounts.is_empty() {
            return Err(ErrorCode::Unhandled);
        }
        check(path)?;
        for mount in &self.mounts {
            if let Some(rest) = below(path, &mount.point) {
                return Ok(Route::Mount(mount, rest));
            }
        }
        if self.points_below(path).next().is_some() {
            Ok(Route::Above)
        } else {
            Ok(Route::Outside)
        }
    }

    /// The mount points below a directory, relative to it.
    pub fn points_below<'a>(&'a self, path: &'a str) -> impl Iterator<Item = &'a str> {
        self.mounts
            .iter()
            .filter_map(move |mount| below(&mount.point, path))
            .filter(|rest| !rest.is_empty())
    }

    /// The file system for an operation that makes no sense on a directory
    /// that exists for its mount points only.
    fn inside<'a>(
        &'a self,
        path: &'a str,
        above: ErrorCode,
    ) -> Result<(&'a dyn FileSystem, &'a str), ErrorCode> {
        match self.route(path)? {
            Route::Mount(mount, rest) => Ok((mount.files(), rest)),
            Route::Above => Err(above),
            Route::Outside => Err(ErrorCode::PermissionDenied),
        }
    }

    pub fn stat(&self, path: &str, follow_links: bool) -> Result<FileStat, ErrorCode> {
        let (mount, rest) = match self.route(path)? {
            Route::Mount(mount, rest) => (mount, rest),
            Route::Above => return Ok(above_stat()),
            Route::Outside => return Err(ErrorCode::PermissionDenied),
        };
        match mount.files().stat(rest, follow_links) {
            Ok(mut stat) => {
                if stat.device_id == 0 {
                    // File ids in memory are numbered in each tree, so each
                    // tree is a device: its position from the top of the range
                    // is none of the host's.
                    let index = self
                        .mounts
                        .iter()
                        .take_while(|other| other.point != mount.point);
                    stat.device_id = u64::MAX - index.count() as u64;
                }
                Ok(stat)
            }
            Err(ErrorCode::NotFound | ErrorCode::NotADirectory)
                if self.points_below(path).next().is_some() =>
            {
                Ok(above_stat())
            }
            Err(error) => Err(error),
        }
    }

    pub fn read_link(&self, path: &str) -> Result<String, ErrorCode> {
        let (files, rest) = self.inside(path, ErrorCode::InvalidArgument)?;
        if self.points_below(path).next().is_some() {
            return Err(ErrorCode::InvalidArgument);
        }
        files.read_link(rest)
    }

    pub async fn read(&self, path: &str, context: &Context<'_>) -> Result<Vec<u8>, ErrorCode> {
        let (files, rest) = self.inside(path, ErrorCode::IsADirectory)?;
        files.read(rest, context).await
    }

    pub async fn write(
        &self,
        path: &str,
        data: &[u8],
        mode: WriteMode,
        context: &Context<'_>,
    ) -> Result<(), ErrorCode> {
        let (files, rest) = self.inside(path, ErrorCode::IsADirectory)?;
        files.write(rest, data, mode, context).await
    }

    pub async fn open(
        &self,
        path: &str,
        mode: OpenMode,
        context: &Context<'_>,
    ) -> Result<(), ErrorCode> {
        let (files, rest) = self.inside(path, ErrorCode::IsADirectory)?;
        match mode {
            OpenMode::Read => files.check_readable(rest),
            OpenMode::Write => files.write(rest, &[], WriteMode::Replace, context).await,
            OpenMode::Append => files.write(rest, &[], WriteMode::Append, context).await,
        }
    }

    /// The entries of a directory, with the mount points in it.
    pub async fn list(&self, path: &str, context: &Context<'_>) -> Result<Entries, ErrorCode> {
        let mut points = self.points_below(path).peekable();
        let mut entries = match self.route(path)? {
            Route::Mount(mount, rest) => match mount.files().list(rest, context).await {
                Err(ErrorCode::NotFound | ErrorCode::NotADirectory) if points.peek().is_some() => {
                    Entries::new()
                }
                listed => listed?,
            },
            Route::Above => Entries::new(),
            Route::Outside => return Err(ErrorCode::PermissionDenied),
        };
        for point in points {
            let name = point.split_once('/').map_or(point, |(first, _)| first);
            let entry = Entry::new(Some(FileType::Directory), false);
            entries.insert(name.to_owned(), entry);
        }
        Ok(entries)
    }

    pub async fn list_directory(
        &self,
        path: &str,
        context: &Context<'_>,
    ) -> Result<Vec<String>, ErrorCode> {
        let entries = self.list(path, context).await?;
        Ok(entries.into_keys().collect())
    }

    pub fn create_directory(&self, path: &str, context: &Context<'_>) -> Result<(), ErrorCode> {
        let (files, rest) = self.inside(path, ErrorCode::AlreadyExists)?;
        files.make_directory(rest, context)
    }

    pub fn remove_file(&self, path: &str, context: &Context<'_>) -> Result<(), ErrorCode> {
        let (files, rest) = self.inside(path, ErrorCode::IsADirectory)?;
        if self.points_below(path).next().is_some() {
            return Err(ErrorCode::IsADirectory);
        }
        files.remove_file(rest, context)
    }

    pub async fn remove_directory(
        &self,
        path: &str,
        context: &Context<'_>,
    ) -> Result<(), ErrorCode> {
        let (files, rest) = self.inside(path, ErrorCode::DirectoryNotEmpty)?;
        if self.points_below(path).next().is_some() {
            return Err(ErrorCode::DirectoryNotEmpty);
        }
        files.remove_directory(rest, context).await
    }

    pub async fn rename(
        &self,
        source: &str,
        destination: &str,
        context: &Context<'_>,
    ) -> Result<(), ErrorCode> {
        let (from, to) = match (self.route(source)?, self.route(destination)?) {
            (Route::Mount(from, source), Route::Mount(to, destination)) => {
                ((from, source), (to, destination))
            }
            _ => return Err(ErrorCode::PermissionDenied),
        };
        // A mount point stays where it is, and so does what holds one.
        if [source, destination]
            .into_iter()
            .any(|path| self.points_below(path).next().is_some())
        {
            return Err(ErrorCode::PermissionDenied);
        }
        if from.0.point != to.0.point {
            return Err(ErrorCode::CrossDevice);
        }
        let files = from.0.files();
        files.rename(from.1, to.1, context).await
    }
}

/// The start of the Unix epoch.
const START: Instant = Instant {
    seconds: 0,
    nanoseconds: 0,
};

/// A directory that exists because a mount point lies below it.
fn above_stat() -> FileStat {
    FileStat {
        file_type: FileType::Directory,
        permissions: 0o555,
        size: 0,
        modified: START,
        accessed: START,
        changed: START,
        file_id: 0,
        device_id: 0,
        link_count: 1,
    }
}
