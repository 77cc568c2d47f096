//! Which preopened directory a path belongs to, and the operations of Python
//! that are made of several steps.

use std::collections::BTreeSet;

use crate::directory::{Directory, Entry, Write};
use crate::path::{below, check, join_virtual, mount_point};
use crate::quota::Quota;
use crate::{ErrorCode, FileStat, FileType, MkdirOptions};

/// A directory and where it stands.
pub struct Mount {
    /// An absolute, normalised path.
    pub point: String,
    pub directory: Directory,
}

/// All preopened directories.
pub struct Mounts {
    /// The longest mount point first.
    mounts: Vec<Mount>,
    quota: Quota,
}

/// Where a path leads.
pub enum Route<'m, 'p> {
    /// Into a mount, at a path relative to it.
    Mount(&'m Mount, &'p str),
    /// To a directory that exists because a mount point lies below it.
    Above,
    /// Nowhere.
    Outside,
}

impl Mounts {
    /// The preopened directories of this component. Of two with one mount
    /// point, the first stands there.
    pub fn preopened() -> Self {
        let mut mounts: Vec<Mount> = Vec::new();
        for (descriptor, name) in wasip2::filesystem::preopens::get_directories() {
            let point = mount_point(&name);
            if mounts.iter().all(|mount| mount.point != point) {
                let directory = Directory::new(descriptor);
                mounts.push(Mount { point, directory });
            }
        }
        mounts.sort_by_key(|mount| std::cmp::Reverse(mount.point.len()));
        Self {
            mounts,
            quota: Quota::from_environment(),
        }
    }

    pub fn route<'m, 'p>(&'m self, path: &'p str) -> Result<Route<'m, 'p>, ErrorCode> {
        if self.mounts.is_empty() {
            return Err(ErrorCode::Unhandled);
        }
        check(path)?;
        for mount in &self.mounts {
            if let Some(rest) = below(path, &mount.point) {
                return Ok(Route::Mount(mount, rest));
            }
        }
        if self.has_points_below(path) {
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

    pub fn has_points_below(&self, path: &str) -> bool {
        self.points_below(path).next().is_some()
    }

    /// The directory for an operation that makes no sense on one that exists
    /// for its mount points only.
    fn inside<'a>(
        &'a self,
        path: &'a str,
        above: ErrorCode,
    ) -> Result<(&'a Directory, &'a str), ErrorCode> {
        match self.route(path)? {
            Route::Mount(mount, rest) => Ok((&mount.directory, rest)),
            Route::Above => Err(above),
            Route::Outside => Err(ErrorCode::PermissionDenied),
        }
    }

    pub fn stat(&self, path: &str) -> Result<FileStat, ErrorCode> {
        let stat = match self.route(path)? {
            Route::Mount(mount, rest) => mount.directory.stat(rest),
            Route::Above => return Ok(above_stat()),
            Route::Outside => return Err(ErrorCode::PermissionDenied),
        };
        match stat {
            Err(ErrorCode::NotFound | ErrorCode::NotADirectory) if self.has_points_below(path) => {
                Ok(above_stat())
            }
            stat => stat,
        }
    }

    /// What a predicate asks. As in CPython, a path that cannot be looked at
    /// is `false`.
    pub fn test(
        &self,
        path: &str,
        test: impl FnOnce(&FileStat) -> bool,
    ) -> Result<bool, ErrorCode> {
        false_on_error(self.stat(path).map(|stat| test(&stat)))
    }

    fn is_directory(&self, path: &str) -> Result<bool, ErrorCode> {
        self.test(path, |stat| stat.file_type == FileType::Directory)
    }

    pub fn is_symlink(&self, path: &str) -> Result<bool, ErrorCode> {
        false_on_error(match self.route(path)? {
            Route::Mount(mount, rest) => mount.directory.is_symlink(rest),
            Route::Above | Route::Outside => Ok(false),
        })
    }

    pub fn read(&self, path: &str) -> Result<Vec<u8>, ErrorCode> {
        let (directory, rest) = self.inside(path, ErrorCode::IsADirectory)?;
        directory.read(rest)
    }

    pub fn check_readable(&self, path: &str) -> Result<(), ErrorCode> {
        let (directory, rest) = self.inside(path, ErrorCode::IsADirectory)?;
        directory.check_readable(rest)
    }

    pub fn write(&self, path: &str, data: &[u8], how: Write) -> Result<(), ErrorCode> {
        let (directory, rest) = self.inside(path, ErrorCode::IsADirectory)?;
        directory.write(rest, data, how, &self.quota)
    }

    /// The entries of a directory, with the mount points in it, sorted by name
    /// so that a run can be repeated.
    pub fn list(&self, path: &str) -> Result<Vec<Entry>, ErrorCode> {
        let points: BTreeSet<&str> = self
            .points_below(path)
            .map(|rest| rest.split_once('/').map_or(rest, |(first, _)| first))
            .collect();
        let mut entries = match self.route(path)? {
            Route::Mount(mount, rest) => match mount.directory.list(rest) {
                Err(ErrorCode::NotFound | ErrorCode::NotADirectory) if !points.is_empty() => {
                    Vec::new()
                }
                listed => listed?,
            },
            Route::Above => Vec::new(),
            Route::Outside => return Err(ErrorCode::PermissionDenied),
        };
        entries.retain(|entry| !points.contains(entry.name.as_str()));
        for name in points {
            entries.push(Entry::new(
                name.to_owned(),
                Some(FileType::Directory),
                false,
            ));
        }
        entries.sort_unstable_by(|a, b| a.name.cmp(&b.name));
        Ok(entries)
    }

    /// `Path.mkdir()`, step by step as in CPython.
    pub fn mkdir(&self, path: &str, options: MkdirOptions) -> Result<(), ErrorCode> {
        let mut made = self.make_directory(path);
        if options.parents && matches!(made, Err(ErrorCode::NotFound)) {
            self.make_parents(path)?;
            made = self.make_directory(path);
        }
        match made {
            Err(ErrorCode::Unhandled) => Err(ErrorCode::Unhandled),
            // Asked whatever the error is: a directory that exists in a
            // read-only mount is no error either.
            Err(_) if options.exist_ok && self.is_directory(path)? => Ok(()),
            made => made,
        }
    }

    /// Makes the directories above `path` that are missing: up to the first
    /// one that can be made or exists, then down again.
    fn make_parents(&self, path: &str) -> Result<(), ErrorCode> {
        let mut missing = Vec::new();
        let mut path = path;
        while let Some((parent, _)) = path
            .rsplit_once('/')
            .filter(|(parent, _)| !parent.is_empty())
        {
            path = parent;
            match self.make_directory(path) {
                Ok(()) => break,
                Err(ErrorCode::NotFound) => missing.push(path),
                Err(_) if self.is_directory(path)? => break,
                Err(error) => return Err(error),
            }
        }
        for path in missing.into_iter().rev() {
            self.make_directory(path)?;
        }
        Ok(())
    }

    fn make_directory(&self, path: &str) -> Result<(), ErrorCode> {
        let (directory, rest) = self.inside(path, ErrorCode::AlreadyExists)?;
        directory.make_directory(rest, &self.quota)
    }

    pub fn unlink(&self, path: &str) -> Result<(), ErrorCode> {
        let (directory, rest) = self.inside(path, ErrorCode::IsADirectory)?;
        if self.has_points_below(path) {
            return Err(ErrorCode::IsADirectory);
        }
        directory.remove_file(rest)
    }

    pub fn rmdir(&self, path: &str) -> Result<(), ErrorCode> {
        let (directory, rest) = self.inside(path, ErrorCode::DirectoryNotEmpty)?;
        if self.has_points_below(path) {
            return Err(ErrorCode::DirectoryNotEmpty);
        }
        directory.remove_directory(rest)
    }

    pub fn rename(&self, source: &str, destination: &str) -> Result<(), ErrorCode> {
        let (Route::Mount(from, old), Route::Mount(to, new)) =
            (self.route(source)?, self.route(destination)?)
        else {
            return Err(ErrorCode::PermissionDenied);
        };
        // A mount point stays where it is, and so does what holds one.
        if self.has_points_below(source) || self.has_points_below(destination) {
            return Err(ErrorCode::PermissionDenied);
        }
        if from.point != to.point {
            return Err(ErrorCode::CrossDevice);
        }
        from.directory.rename(old, new)
    }

    pub fn resolve(&self, path: &str) -> Result<String, ErrorCode> {
        match self.route(path)? {
            Route::Mount(mount, rest) => {
                Ok(join_virtual(&mount.point, &mount.directory.resolve(rest)?))
            }
            // Nothing is looked at, so there is nothing to refuse.
            Route::Above | Route::Outside => Ok(path.to_owned()),
        }
    }
}

/// A directory that exists because a mount point lies below it.
fn above_stat() -> FileStat {
    FileStat {
        file_type: FileType::Directory,
        permissions: 0o555,
        size: 0,
        modified_seconds: 0.0,
        accessed_seconds: 0.0,
        changed_seconds: 0.0,
        file_id: 0,
        device_id: 0,
        link_count: 1,
    }
}

fn false_on_error(answer: Result<bool, ErrorCode>) -> Result<bool, ErrorCode> {
    match answer {
        Err(ErrorCode::Unhandled) => Err(ErrorCode::Unhandled),
        Err(_) => Ok(false),
        answer => answer,
    }
}
