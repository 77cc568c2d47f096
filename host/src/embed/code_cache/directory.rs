//! The directory of a cache, which only its user can write to.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use cap_std::fs::{Dir, File, OpenOptions};
use rand::TryRng as _;
use rand::rngs::SysRng;
use wasmtime::Engine;
use wasmtime::component::Component;

use super::VARIABLE;

/// How a file ends that holds compiled code.
const COMPILED: &str = ".cwasm";
/// How one ends that is being written.
const UNFINISHED: &str = ".new";

/// The size of the files to keep. One takes 20 MB.
const MAX_BYTES: u64 = 256 << 20;
/// The number of files to keep.
const MAX_FILES: usize = 64;
/// How long ago a file was written to that nobody is still writing.
const ABANDONED: Duration = Duration::from_secs(10 * 60);

/// A directory that is trusted: its files can be loaded. All of them are opened
/// relative to it, so that it cannot be swapped after it was checked.
pub(super) struct Directory {
    path: PathBuf,
    directory: Dir,
}

impl Directory {
    /// Opens the directory, or creates it. The error is the reason not to use
    /// it.
    pub fn open(path: PathBuf) -> Result<Self, String> {
        let opened = match open(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                create(&path).and_then(|()| open(&path))
            }
            opened => opened,
        };
        let shown = path.display();
        let directory = opened.map_err(|error| match error.kind() {
            io::ErrorKind::NotADirectory => {
                format!("{shown} is a symbolic link or not a directory; name a directory with {VARIABLE}")
            }
            _ => format!("cannot open {shown}: {error}; name another directory with {VARIABLE}"),
        })?;
        let metadata = directory
            .metadata()
            .map_err(|error| format!("cannot open {shown}: {error}"))?;
        #[cfg(unix)]
        trust(&path, &metadata)?;
        #[cfg(not(unix))]
        let _ = metadata;
        Ok(Self {
            path,
            directory: Dir::from_std_file(directory),
        })
    }

    /// The path of a file.
    pub fn path(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// Loads a file. The error is the reason to compile instead.
    pub fn load(&self, engine: &Engine, name: &str) -> Result<Component, String> {
        let path = self.path(name);
        let shown = path.display();
        let file = self.open_file(name).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => format!("{shown} does not exist yet"),
            _ => format!("cannot open {shown}: {error}"),
        })?;
        let file = file.into_std();
        let metadata = file
            .metadata()
            .map_err(|error| format!("cannot open {shown}: {error}"))?;
        if !metadata.is_file() {
            return Err(format!("{shown} is not a file"));
        }
        #[cfg(unix)]
        trust(&path, &metadata)?;
        // SAFETY: only this user or root could write the file, and it got its
        // name when all of it was there (`store`).
        unsafe { map(engine, file, &path) }
            .map_err(|error| format!("{shown} is damaged or of another version: {error:#}"))
    }

    /// Writes a file, which replaces one of the same name. Whoever opens it sees
    /// either the old one or the whole new one, even after a crash of the
    /// machine.
    pub fn store(&self, name: &str, code: &[u8]) -> Result<(), String> {
        // Before, so that writers which die one after the other do not fill the disk.
        self.make_room(name, code.len() as u64, SystemTime::now());
        self.replace(name, code).map_err(|error| {
            let path = self.path(name);
            format!("cannot write {}: {error}", path.display())
        })
    }

    /// Opens a file to read it. A named pipe in its place does not wait for a writer.
    fn open_file(&self, name: &str) -> io::Result<File> {
        let mut options = OpenOptions::new();
        options.read(true);
        #[cfg(unix)]
        cap_std::fs::OpenOptionsExt::custom_flags(
            &mut options,
            rustix::fs::OFlags::NONBLOCK.bits().cast_signed(),
        );
        self.directory.open_with(name, &options)
    }

    fn replace(&self, name: &str, code: &[u8]) -> io::Result<()> {
        let number = SysRng.try_next_u64().map_err(io::Error::other)?;
        let unfinished = format!("{name}.{number:016x}{UNFINISHED}");
        let mut file = self.create(&unfinished)?;
        let written = file
            .write_all(code)
            .and_then(|()| file.sync_data())
            .inspect(|()| forget_pages(&file))
            .and_then(|()| self.directory.rename(&unfinished, &self.directory, name));
        if written.is_err() {
            let _ = self.directory.remove_file(&unfinished);
        }
        written
    }

    fn create(&self, name: &str) -> io::Result<File> {
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        cap_std::fs::OpenOptionsExt::mode(&mut options, 0o600);
        self.directory.open_with(name, &options)
    }

    /// Removes the oldest files that are beyond the limits once this one is written, and
    /// those whose writer died. What cannot be listed or removed stays: the next writer
    /// tries again.
    fn make_room(&self, name: &str, size: u64, now: SystemTime) {
        let Ok(entries) = self.directory.entries() else {
            return;
        };
        let mut files: Vec<(SystemTime, u64, String)> = entries
            .filter_map(|entry| {
                let entry = entry.ok()?;
                let name = entry.file_name().into_string().ok()?;
                let metadata = entry.metadata().ok()?;
                let modified = metadata.modified().ok()?.into_std();
                Some((modified, metadata.len(), name))
            })
            .filter(|(_, _, other)| other != name)
            .collect();
        files.sort_unstable_by(|one, other| other.cmp(one));
        let (mut kept, mut bytes) = (1, size);
        for (modified, size, name) in files {
            let is_spare = if name.ends_with(COMPILED) {
                kept += 1;
                bytes += size;
                kept > MAX_FILES || bytes > MAX_BYTES
            } else {
                let age = now.duration_since(modified).unwrap_or_default();
                name.ends_with(UNFINISHED) && age > ABANDONED
            };
            if is_spare {
                let _ = self.directory.remove_file(name);
            }
        }
    }
}

#[cfg(unix)]
fn open(path: &Path) -> io::Result<std::fs::File> {
    use rustix::fs::OFlags;
    use std::os::unix::fs::OpenOptionsExt as _;

    let flags = OFlags::DIRECTORY.union(OFlags::NOFOLLOW);
    std::fs::OpenOptions::new()
        .read(true)
        .custom_flags(flags.bits().cast_signed())
        .open(path)
}

#[cfg(not(unix))]
fn open(path: &Path) -> io::Result<std::fs::File> {
    let directory = Dir::open_ambient_dir(path, cap_std::ambient_authority())?;
    Ok(directory.into_std_file())
}

fn create(path: &Path) -> io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// Lets the kernel read the file again when it is used. What was just written stands in
/// its cache in large blocks, which it maps as a whole: an instance then maps pages that
/// it does not need, and its reset looks through all of them: a fresh one took 18.3 µs in
/// place of 15.7.
#[cfg(target_os = "linux")]
fn forget_pages(file: &File) {
    // If it does not, instances are slower.
    let _ = rustix::fs::fadvise(file, 0, None, rustix::fs::Advice::DontNeed);
}

#[cfg(not(target_os = "linux"))]
fn forget_pages(_file: &File) {}

/// Checks that only this user or root can write to a directory or a file.
#[cfg(unix)]
fn trust(path: &Path, metadata: &std::fs::Metadata) -> Result<(), String> {
    use std::os::unix::fs::MetadataExt as _;

    let (owner, user) = (metadata.uid(), rustix::process::geteuid().as_raw());
    let path = path.display();
    if owner != user && owner != 0 {
        return Err(format!(
            "{path} belongs to user {owner}, and this is user {user}; name another directory with {VARIABLE}"
        ));
    }
    let mode = metadata.mode() & 0o7777;
    if mode & 0o022 != 0 {
        return Err(format!(
            "others can write to {path} (mode {mode:o}); run `chmod go-w` on it, or name another directory with {VARIABLE}"
        ));
    }
    Ok(())
}

/// Maps an open file into memory.
///
/// # Safety
///
/// As for [`Component::deserialize_file`].
#[cfg(unix)]
unsafe fn map(
    engine: &Engine,
    mut file: std::fs::File,
    _path: &Path,
) -> wasmtime::Result<Component> {
    use std::io::Read as _;
    use std::os::fd::AsRawFd as _;

    // wasmtime opens files by name, and the name may stand for another file by
    // now: this one stands for the open file.
    let opened = format!("/dev/fd/{}", file.as_raw_fd());
    if Path::new(&opened).exists() {
        // SAFETY: the caller vouches for the file.
        return unsafe { Component::deserialize_file(engine, opened) };
    }
    // A process may see no such directory.
    let mut code = Vec::new();
    file.read_to_end(&mut code)?;
    // SAFETY: the caller vouches for the content.
    unsafe { Component::deserialize(engine, code) }
}

/// Maps an open file into memory.
///
/// # Safety
///
/// As for [`Component::deserialize_file`].
#[cfg(not(unix))]
unsafe fn map(engine: &Engine, _file: std::fs::File, path: &Path) -> wasmtime::Result<Component> {
    // SAFETY: the caller vouches for the file.
    unsafe { Component::deserialize_file(engine, path) }
}
