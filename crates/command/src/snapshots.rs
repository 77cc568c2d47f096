//! Suspended scripts in files.

use std::fmt::Write as _;
use std::fs::{File, OpenOptions};
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};

use monty_host::{Call, Error, Snapshot, SnapshotKey};
use rand::TryRng;
use rand::rngs::SysRng;

use crate::console::{excerpt, quoted};
use crate::key::{KeyUse, key};

/// The limit on the size of a snapshot.
const MAX_SNAPSHOT_BYTES: u64 = 1 << 30;

/// The directory for snapshots, and the key that signs them.
pub struct SnapshotStore {
    directory: PathBuf,
    key: SnapshotKey,
    /// The key's file, for the line that says how to resume.
    key_file: Option<PathBuf>,
}

/// A suspended script in a file.
pub struct Saved<'a> {
    pub path: PathBuf,
    pub calls: &'a [Call],
    key_file: Option<&'a Path>,
}

impl SnapshotStore {
    /// A store in a directory, which need not exist yet.
    pub fn new(directory: PathBuf, key_file: Option<PathBuf>, to: KeyUse) -> Result<Self, Error> {
        Ok(Self {
            directory,
            key: key(key_file.as_deref(), to)?,
            key_file,
        })
    }

    /// Creates the directory if needed, and tests whether it is writable: a
    /// script that cannot be saved should not begin.
    pub fn make_directory(&self) -> Result<(), Error> {
        let refused = |what, error| {
            Error::invalid(format_args!(
                "cannot {what} the directory {}: {error}; name another one with --suspend-dir",
                self.directory.display()
            ))
        };
        std::fs::create_dir_all(&self.directory).map_err(|error| refused("make", error))?;
        let trial = self.directory.join(format!(".{}.trial", unique_name()?));
        create_private(&trial)
            .and_then(|_| std::fs::remove_file(&trial))
            .map_err(|error| refused("write in", error))
    }

    /// Writes a snapshot to a new file that only its owner can read.
    pub fn save<'a>(&'a self, snapshot: &Snapshot, calls: &'a [Call]) -> Result<Saved<'a>, Error> {
        let bytes = snapshot.to_bytes(&self.key)?;
        let name = unique_name()?;
        let path = self.directory.join(format!("{name}.snapshot"));
        // Under another name until it is complete, so that a watcher of the
        // directory never sees a partial file.
        let partial = self.directory.join(format!(".{name}.partial"));
        let written = create_private(&partial)
            .and_then(|mut file| {
                file.write_all(&bytes)?;
                file.sync_all()
            })
            .and_then(|()| std::fs::rename(&partial, &path));
        if let Err(error) = written {
            // What is left of it is of no use to anybody.
            let _ = std::fs::remove_file(&partial);
            return Err(Error::invalid(format_args!(
                "cannot write the snapshot {}: {error}",
                path.display()
            )));
        }
        Ok(Saved {
            path,
            calls,
            key_file: self.key_file.as_deref(),
        })
    }

    /// Reads a snapshot from a file.
    pub fn load(&self, path: &Path) -> Result<Snapshot, Error> {
        let shown = path.display();
        let unreadable =
            |error| Error::invalid(format_args!("cannot read the snapshot {shown}: {error}"));
        let metadata = std::fs::metadata(path).map_err(unreadable)?;
        // Opening a pipe would wait for somebody to write to it.
        if !metadata.is_file() {
            return Err(Error::invalid(format_args!(
                "{shown} is not a regular file: name the file that `run --suspend-dir` wrote"
            )));
        }
        let length = metadata.len();
        if length > MAX_SNAPSHOT_BYTES {
            return Err(Error::invalid(format_args!(
                "{shown} has {length} bytes; a snapshot has at most {MAX_SNAPSHOT_BYTES}: name the file that `run --suspend-dir` wrote"
            )));
        }
        let mut bytes = Vec::new();
        // It may grow meanwhile.
        File::open(path)
            .and_then(|file| file.take(MAX_SNAPSHOT_BYTES).read_to_end(&mut bytes))
            .map_err(unreadable)?;
        Snapshot::from_bytes(&bytes, &self.key)
            .map_err(|error| Error::invalid(format_args!("{shown}: {error}")))
    }
}

/// A name that no other file has yet.
fn unique_name() -> Result<String, Error> {
    let mut unique = [0; 8];
    SysRng
        .try_fill_bytes(&mut unique)
        .map_err(|error| Error::invalid(format_args!("no random numbers: {error}")))?;
    Ok(format!("{:016x}", u64::from_be_bytes(unique)))
}

/// A new file that only its owner can read and write.
fn create_private(path: &Path) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

impl Saved<'_> {
    /// The command that resumes from the file.
    pub fn command(&self) -> String {
        let mut command = format!("monty-host resume {}", quoted(&self.path));
        if let Some(path) = self.key_file {
            let _ = write!(command, " --snapshot-key-file {}", quoted(path));
        }
        match self.calls {
            [_] => command.push_str(" --answer JSON"),
            calls => calls.iter().for_each(|call| {
                let _ = write!(command, " --answer {}=JSON", call.id);
            }),
        }
        command
    }

    /// The text for the user.
    pub fn message(&self) -> String {
        let calls = match self.calls {
            [_] => "a call",
            _ => "calls",
        };
        let mut text = format!("suspended: the script waits for {calls}\n");
        for call in self.calls {
            let _ = writeln!(text, "  {}  {}", call.id, shown(call));
        }
        let _ = write!(
            text,
            "resume it with the script's other options (--tool, --suspend, --mount, --env):\n  {}\n",
            self.command()
        );
        text
    }
}

/// A call as Python would write it, on one line. The script chose the
/// arguments, and a person decides by them.
pub fn shown(call: &Call) -> String {
    let mut arguments: Vec<String> = call.positional.iter().map(excerpt).collect();
    let keyword = call.keyword.iter();
    arguments.extend(keyword.map(|(name, value)| format!("{}={}", excerpt(name), excerpt(value))));
    format!("{}({})", excerpt(&call.name), arguments.join(", "))
}
