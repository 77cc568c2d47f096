//! The mount table: maps paths to file systems, and enforces common rules.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::Arc;

use crate::files::{FileSystem, OpenMode, Slice, WriteMode, look};
use crate::path::{below, check, check_given, join, parent};
use crate::walk::{Walk, walk};
use crate::{Change, Context, Error, FileStat, FileType, Instant, MountError};

/// Names in a directory with their types, links not followed. In order, so that
/// a run is repeatable.
pub(crate) type Entries = BTreeMap<String, FileType>;

/// A mount point and its file system.
pub(crate) struct Mount {
    /// An absolute, normalised path.
    pub point: String,
    pub files: Arc<dyn FileSystem>,
}

/// File systems, each at its mount point.
///
/// Among nested mount points, the longest wins. The directories above a mount
/// point exist and can be listed. Everything else is
/// [`Error::PermissionDenied`], or [`Error::Unhandled`] if nothing is mounted
/// at all.
///
/// Links stay within their own file system. A link that is absolute, or leads
/// out, can neither be followed nor read: [`Error::PermissionDenied`].
///
/// All methods take virtual paths, which they [check].
#[derive(Default)]
pub struct MountTable {
    /// The longest mount point first.
    mounts: Vec<Mount>,
}

/// Where a path leads.
pub(crate) enum Route<'t, 'p> {
    /// Into a mount, at a path relative to it.
    Mount(&'t Mount, &'p str),
    /// To a directory that exists because a mount point lies below it.
    Above,
    /// Nowhere.
    Outside,
}

impl MountTable {
    /// An empty table.
    pub fn new() -> Self {
        Self::default()
    }

    /// Mounts a file system at a virtual path.
    ///
    /// # Errors
    ///
    /// If the path is not absolute and normalised, or taken.
    pub fn mount(&mut self, point: &str, files: Arc<dyn FileSystem>) -> Result<(), MountError> {
        self.check_point(point)?;
        let longer = |mount: &Mount| mount.point.len() > point.len();
        let position = self.mounts.partition_point(longer);
        let mount = Mount {
            point: point.to_owned(),
            files,
        };
        self.mounts.insert(position, mount);
        Ok(())
    }

    /// Whether something can be mounted at a virtual path.
    ///
    /// # Errors
    ///
    /// As for [`mount`](Self::mount).
    pub fn check_point(&self, point: &str) -> Result<(), MountError> {
        check_given(point)?;
        if self.points().any(|other| other == point) {
            return Err(MountError::new(format!(
                "something is mounted at `{point}` already: choose another virtual path"
            )));
        }
        Ok(())
    }

    /// All mount points, longest first.
    pub fn points(&self) -> impl Iterator<Item = &str> {
        self.mounts.iter().map(|mount| &*mount.point)
    }

    /// The same mounts in their first state: overlays without changes,
    /// everything else shared.
    #[must_use]
    pub fn fresh(&self) -> Self {
        let mounts = self.mounts.iter().map(|mount| Mount {
            point: mount.point.clone(),
            files: match mount.files.as_overlay() {
                Some(overlay) => Arc::new(overlay.fresh()),
                None => Arc::clone(&mount.files),
            },
        });
        Self {
            mounts: mounts.collect(),
        }
    }

    /// The changes in overlays, a directory before its contents. The shortest
    /// mount point comes first.
    ///
    /// One change at a time, because all of them with their paths and content
    /// may take more memory than the overlays.
    pub fn changes(&self) -> impl Iterator<Item = Change> {
        let overlays = self.mounts.iter().rev().filter_map(|mount| {
            let overlay = mount.files.as_overlay()?;
            Some(overlay.changes(&mount.point))
        });
        overlays.flatten()
    }

    /// The metadata of the file at a path, or of a link at its end if that is
    /// not followed.
    ///
    /// # Errors
    ///
    /// Those of [`FileSystem::stat`].
    pub fn stat(&self, path: &str, follow_links: bool) -> Result<FileStat, Error> {
        let (mount, rest) = match self.route(path)? {
            Route::Mount(mount, rest) => (mount, rest),
            Route::Above => return Ok(above_stat()),
            Route::Outside => return Err(Error::PermissionDenied),
        };
        match mount.files.stat(rest, follow_links) {
            Ok(stat) if stat.file_type != FileType::Directory && self.holds_points(path) => {
                Ok(above_stat())
            }
            Ok(stat) => Ok(FileStat {
                device_id: stat.device_id.or_else(|| Some(self.device(mount))),
                ..stat
            }),
            Err(Error::NotFound | Error::NotADirectory) if self.holds_points(path) => {
                Ok(above_stat())
            }
            Err(error) => Err(error),
        }
    }

    /// The device number of a mount: from the top of the signed range, which
    /// Python uses, where no device of the system has its number.
    fn device(&self, mount: &Mount) -> u64 {
        let others = self.mounts.iter();
        let index = others
            .take_while(|other| other.point != mount.point)
            .count();
        i64::MAX.cast_unsigned() - index as u64
    }

    /// The target of a link, as written.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidArgument`] if the path is not a link, and
    /// [`Error::PermissionDenied`] for a target that is absolute or leads out:
    /// a script must not learn where its files are kept.
    pub fn read_link(&self, path: &str) -> Result<String, Error> {
        let (mount, rest) = match self.route(path)? {
            Route::Mount(mount, rest) if !self.holds_points(path) => (mount, rest),
            Route::Mount(..) | Route::Above => return Err(Error::InvalidArgument),
            Route::Outside => return Err(Error::PermissionDenied),
        };
        let files = mount.files.as_ref();
        let target = files.read_link(rest)?;
        if target.starts_with('/') {
            return Err(Error::PermissionDenied);
        }
        let from = join(&files.real_path(parent(rest))?, &target);
        match walk(&from, Walk::Follow, |_, parent, name| {
            look(files, parent, name)
        }) {
            Err(Error::PermissionDenied) => Err(Error::PermissionDenied),
            // Any target inside is fine, even one that does not exist.
            _ => Ok(target),
        }
    }

    /// The content of a regular file.
    ///
    /// # Errors
    ///
    /// Those of [`FileSystem::read`], and [`Error::FileTooLarge`].
    pub async fn read(&self, path: &str, context: &Context<'_>) -> Result<Vec<u8>, Error> {
        let (files, rest) = self.inside(path, Error::IsADirectory)?;
        files.read(rest, context).await
    }

    /// Writes a regular file, and creates it if it does not exist.
    ///
    /// # Errors
    ///
    /// Those of [`FileSystem::write`], [`Error::ReadOnly`],
    /// [`Error::FileTooLarge`] and [`Error::NoSpace`].
    pub async fn write(
        &self,
        path: &str,
        data: &[u8],
        mode: WriteMode,
        context: &Context<'_>,
    ) -> Result<(), Error> {
        let (files, rest) = self.inside(path, Error::IsADirectory)?;
        refuse_write(files, rest)?;
        files.write(rest, data, mode, context).await
    }

    /// Applies the immediate effect of opening a file.
    ///
    /// # Errors
    ///
    /// Those of [`read`](Self::read) or [`write`](Self::write).
    pub async fn open(
        &self,
        path: &str,
        mode: OpenMode,
        context: &Context<'_>,
    ) -> Result<(), Error> {
        let (files, rest) = self.inside(path, Error::IsADirectory)?;
        if mode != OpenMode::Read {
            refuse_write(files, rest)?;
        }
        files.open(rest, mode, context).await
    }

    /// The names in a directory, with the mount points in it, in order.
    ///
    /// # Errors
    ///
    /// [`Error::NotADirectory`] for anything else, and [`Error::TooLarge`].
    pub async fn list(&self, path: &str, context: &Context<'_>) -> Result<Vec<String>, Error> {
        let entries = self.entries(path, context).await?;
        Ok(entries.into_keys().collect())
    }

    pub(crate) async fn entries(
        &self,
        path: &str,
        context: &Context<'_>,
    ) -> Result<Entries, Error> {
        let mut points = self.points_below(path).peekable();
        let mut entries = match self.route(path)? {
            Route::Mount(mount, rest) => match entries(mount.files.as_ref(), rest, context).await {
                Err(Error::NotFound | Error::NotADirectory) if points.peek().is_some() => {
                    Entries::new()
                }
                listed => listed?,
            },
            Route::Above => Entries::new(),
            Route::Outside => return Err(Error::PermissionDenied),
        };
        for point in points {
            let name = point.split_once('/').map_or(point, |(first, _)| first);
            entries.insert(name.to_owned(), FileType::Directory);
        }
        Ok(entries)
    }

    /// Creates one directory. Its parent must exist.
    ///
    /// # Errors
    ///
    /// [`Error::AlreadyExists`] for an existing file of any type, even in a
    /// read-only file system; otherwise those of [`write`](Self::write).
    pub fn create_directory(&self, path: &str, context: &Context<'_>) -> Result<(), Error> {
        let (files, rest) = self.inside(path, Error::AlreadyExists)?;
        if files.is_read_only() {
            match files.stat(rest, false) {
                Ok(_) => return Err(Error::AlreadyExists),
                Err(Error::NotFound) => refuse_change(files, rest)?,
                Err(error) => return Err(error),
            }
        }
        files.create_directory(rest, context)
    }

    /// Removes a file, or a link but not its target.
    ///
    /// # Errors
    ///
    /// [`Error::IsADirectory`] and [`Error::ReadOnly`], besides those of
    /// [`FileSystem::stat`].
    pub fn remove_file(&self, path: &str, context: &Context<'_>) -> Result<(), Error> {
        let (files, rest) = self.inside(path, Error::IsADirectory)?;
        if rest.is_empty() {
            return Err(Error::IsADirectory);
        }
        refuse_change(files, rest)?;
        files.remove_file(rest, context)
    }

    /// Removes an empty directory.
    ///
    /// # Errors
    ///
    /// [`Error::NotADirectory`] for anything else, [`Error::DirectoryNotEmpty`],
    /// [`Error::ReadOnly`], and [`Error::Busy`] for `/` and for mount points.
    pub async fn remove_directory(&self, path: &str, context: &Context<'_>) -> Result<(), Error> {
        let route = self.route(path)?;
        if path == "/" || matches!(route, Route::Mount(_, "")) {
            return Err(Error::Busy);
        }
        let (files, rest) = self.inside(path, Error::DirectoryNotEmpty)?;
        refuse_change(files, rest)?;
        files.remove_directory(rest, context).await
    }

    /// `rename()` of POSIX.
    ///
    /// # Errors
    ///
    /// Those of POSIX: [`Error::CrossDevice`] for two file systems,
    /// [`Error::Busy`] for a mount point and its parents, and so on.
    pub async fn rename(
        &self,
        source: &str,
        destination: &str,
        context: &Context<'_>,
    ) -> Result<(), Error> {
        let (from, to) = (self.route(source)?, self.route(destination)?);
        if matches!(from, Route::Outside) || matches!(to, Route::Outside) {
            return Err(Error::PermissionDenied);
        }
        // Mount points and their parents cannot move.
        if self.holds_points(source) || self.holds_points(destination) {
            return Err(Error::Busy);
        }
        let (Route::Mount(from, old), Route::Mount(to, new)) = (from, to) else {
            return Err(Error::Busy);
        };
        if old.is_empty() || new.is_empty() {
            return Err(Error::Busy);
        }
        if from.point != to.point {
            return Err(Error::CrossDevice);
        }
        let files = from.files.as_ref();
        if files.is_read_only() {
            check_parent(files, old)?;
            refuse_change(files, new)?;
        }
        files.rename(old, new, context).await
    }

    pub(crate) fn route<'t, 'p>(&'t self, path: &'p str) -> Result<Route<'t, 'p>, Error> {
        if self.mounts.is_empty() {
            return Err(Error::Unhandled);
        }
        check(path)?;
        for mount in &self.mounts {
            if let Some(rest) = below(path, &mount.point) {
                return Ok(Route::Mount(mount, rest));
            }
        }
        if self.holds_points(path) {
            Ok(Route::Above)
        } else {
            Ok(Route::Outside)
        }
    }

    /// The mount points below a directory, relative to it.
    fn points_below<'a>(&'a self, path: &'a str) -> impl Iterator<Item = &'a str> {
        self.mounts
            .iter()
            .filter_map(move |mount| below(&mount.point, path))
            .filter(|rest| !rest.is_empty())
    }

    /// Whether mount points lie below a path, which is then a directory.
    pub(crate) fn holds_points(&self, path: &str) -> bool {
        self.points_below(path).next().is_some()
    }

    /// The file system for an operation that is invalid on a directory with
    /// mount points below it.
    fn inside<'a>(
        &'a self,
        path: &'a str,
        holds_points: Error,
    ) -> Result<(&'a dyn FileSystem, &'a str), Error> {
        match self.route(path)? {
            Route::Mount(..) | Route::Above if self.holds_points(path) => Err(holds_points),
            Route::Mount(mount, rest) => Ok((mount.files.as_ref(), rest)),
            Route::Above | Route::Outside => Err(Error::PermissionDenied),
        }
    }
}

/// The entries of a directory.
pub(crate) async fn entries(
    files: &dyn FileSystem,
    path: &str,
    context: &Context<'_>,
) -> Result<Entries, Error> {
    let mut entries = Entries::new();
    let mut visit = |slice: Slice| {
        context.visit(slice.looked_at())?;
        entries.extend(slice.names);
        Ok(ControlFlow::Continue(()))
    };
    files.list(path, context, &mut visit).await?;
    Ok(entries)
}

/// Rejects writing a file in a read-only file system, with the error that comes
/// first in Linux.
fn refuse_write(files: &dyn FileSystem, path: &str) -> Result<(), Error> {
    if !files.is_read_only() {
        return Ok(());
    }
    match files.stat(path, true) {
        Ok(stat) if stat.file_type == FileType::Directory => Err(Error::IsADirectory),
        Ok(_) => Err(Error::ReadOnly),
        Err(Error::NotFound) => refuse_change(files, path),
        Err(error) => Err(error),
    }
}

/// Rejects changing an entry of a read-only file system. Errors on the path to
/// it come first.
fn refuse_change(files: &dyn FileSystem, path: &str) -> Result<(), Error> {
    if !files.is_read_only() {
        return Ok(());
    }
    check_parent(files, path)?;
    Err(Error::ReadOnly)
}

/// Whether the parent of a path exists.
fn check_parent(files: &dyn FileSystem, path: &str) -> Result<(), Error> {
    match files.stat(parent(path), true)?.file_type {
        FileType::Directory => Ok(()),
        _ => Err(Error::NotADirectory),
    }
}

/// A directory that exists because a mount point lies below it.
fn above_stat() -> FileStat {
    FileStat {
        file_type: FileType::Directory,
        permissions: 0o555,
        size: 0,
        modified: Instant::EPOCH,
        accessed: Instant::EPOCH,
        changed: Instant::EPOCH,
        file_id: 0,
        device_id: None,
        link_count: 1,
    }
}
