//! Files in memory.

use std::fmt;
use std::sync::Arc;

use crate::overlay::{Overlay, State};
use crate::path::{MAX_PATH_BYTES, check_given, names};
use crate::tree::{Node, Reached, Tree};
use crate::{DEFAULT_MEMORY_BYTES, Error, FileSystem, Instant, MountError};

/// A tree of files in memory.
///
/// A clone is another handle on the same files: keep one to read the files that
/// a script wrote.
///
/// Defaults:
///
/// - the tree is empty;
/// - a script may read and write;
/// - it takes at most 100 MiB, counting all memory of the tree.
///
/// Files that the host adds carry the time 1970-01-01, so that runs are
/// repeatable; files that a script writes carry the time of its clock.
///
/// ```
/// # use monty_vfs::MemoryFiles;
/// let files = MemoryFiles::new()
///     .file("/config/settings.json", "{}")?
///     .directory("/out")?;
/// assert_eq!(files.read("/config/settings.json").as_deref(), Some(&b"{}"[..]));
/// # Ok::<(), monty_vfs::MountError>(())
/// ```
#[derive(Clone)]
pub struct MemoryFiles {
    tree: Arc<Overlay>,
}

impl Default for MemoryFiles {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for MemoryFiles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryFiles").finish_non_exhaustive()
    }
}

impl MemoryFiles {
    /// An empty tree.
    pub fn new() -> Self {
        Self {
            tree: Arc::new(Overlay::over_nothing(DEFAULT_MEMORY_BYTES)),
        }
    }

    /// Adds a file, or replaces one. Creates missing directories.
    ///
    /// # Errors
    ///
    /// If the path is not absolute and normalised, leads through a file or to
    /// a directory, or if the tree would be larger than
    /// [`max_bytes`](Self::max_bytes).
    pub fn file(self, path: &str, data: impl Into<Vec<u8>>) -> Result<Self, MountError> {
        self.write(path, data)?;
        Ok(self)
    }

    /// Adds a directory and its missing parents. An existing directory is kept.
    ///
    /// # Errors
    ///
    /// As for [`file`](Self::file).
    pub fn directory(self, path: &str) -> Result<Self, MountError> {
        check_given(path)?;
        let names: Vec<String> = names(path).map(str::to_owned).collect();
        self.make_directories(path, &names)?;
        Ok(self)
    }

    /// Adds a symbolic link, or replaces one. Creates missing directories. The
    /// target is kept as written and need not exist. If it is absolute, or
    /// leads out of the tree, a script can neither follow nor read the link.
    ///
    /// # Errors
    ///
    /// As for [`file`](Self::file), and for a target that is empty, contains
    /// NUL, or has more than 4096 bytes.
    pub fn link(self, path: &str, target: &str) -> Result<Self, MountError> {
        if target.is_empty() || target.contains('\0') || target.len() > MAX_PATH_BYTES {
            return Err(MountError::new(format!(
                "the link `{path}` has no target of 1 to {MAX_PATH_BYTES} bytes without NUL: write \
                 a path relative to its directory, such as `../a.txt`"
            )));
        }
        self.add(path, |_| Node::Link(target.into()))?;
        Ok(self)
    }

    /// Whether the files are read-only for a script. Defaults to no. The host
    /// can still add files.
    #[must_use]
    pub fn read_only(self, read_only: bool) -> Self {
        self.tree.lock().read_only = read_only;
        self
    }

    /// The limit on the tree's memory, in bytes. 100 MiB by default. Besides
    /// content and names, a file takes some 200 bytes, and a non-empty
    /// directory up to 900.
    #[must_use]
    pub fn max_bytes(self, bytes: u64) -> Self {
        self.tree.lock().cap = Some(bytes);
        self
    }

    /// The content of a file. `None` if the path is not a file.
    pub fn read(&self, path: &str) -> Option<Vec<u8>> {
        let path: Vec<String> = names(path).map(str::to_owned).collect();
        match self.tree.lock().tree.node(&path) {
            Some(Node::File(file)) => Some(file.data.to_vec()),
            _ => None,
        }
    }

    /// Like [`file`](Self::file), through a handle.
    ///
    /// # Errors
    ///
    /// As for [`file`](Self::file).
    pub fn write(&self, path: &str, data: impl Into<Vec<u8>>) -> Result<(), MountError> {
        self.add(path, |id| Node::file(data.into(), Instant::EPOCH, id))
    }

    /// The paths of all files, ordered by name within each directory.
    pub fn paths(&self) -> impl Iterator<Item = String> {
        let mut last = Some(Vec::new());
        std::iter::from_fn(move || {
            let state = self.tree.lock();
            loop {
                let path = state.tree.after(last.take()?)?;
                let is_file = matches!(state.tree.node(&path), Some(Node::File(_)));
                let text = is_file.then(|| format!("/{}", path.join("/")));
                last = Some(path);
                if text.is_some() {
                    return text;
                }
            }
        })
    }

    /// Puts a node other than a directory at a path, given its id.
    fn add(&self, path: &str, node: impl FnOnce(u64) -> Node) -> Result<(), MountError> {
        check_given(path)?;
        let names: Vec<String> = names(path).map(str::to_owned).collect();
        let Some((_, parent)) = names.split_last() else {
            return Err(MountError::new("`/` is a directory: name a file in it"));
        };
        self.make_directories(path, parent)?;
        let mut state = self.tree.lock();
        if let Some(Node::Directory(_)) = state.tree.node(&names) {
            return Err(MountError::new(format!(
                "`{path}` is a directory: give the file another path"
            )));
        }
        let id = state.tree.new_id();
        put(&mut state, &names, node(id)).map_err(|error| refused(path, &error))
    }

    /// Creates the missing directories along `names`, including the last.
    fn make_directories(&self, path: &str, names: &[String]) -> Result<(), MountError> {
        let mut state = self.tree.lock();
        for depth in 1..=names.len() {
            let (directory, _) = names.split_at(depth);
            match state.tree.directory(directory) {
                Reached::Memory(_) => continue,
                Reached::Base(_) | Reached::Nothing => {}
            }
            if let Some(node) = state.tree.node(directory) {
                let what = match node {
                    Node::Link(_) => "link",
                    _ => "file",
                };
                return Err(MountError::new(format!(
                    "`/{}` is a {what}: `{path}` cannot lie below it",
                    directory.join("/")
                )));
            }
            let id = state.tree.new_id();
            let node = Node::directory(None, Some(Instant::EPOCH), id);
            Tree::check_depth(directory, None)
                .and_then(|()| put(&mut state, directory, node))
                .map_err(|error| refused(path, &error))?;
        }
        Ok(())
    }
}

impl From<MemoryFiles> for Arc<dyn FileSystem> {
    fn from(files: MemoryFiles) -> Self {
        files.tree
    }
}

/// Puts a node into a directory of the tree, if there is room.
fn put(state: &mut State, path: &[String], node: Node) -> Result<(), Error> {
    let cap = state.cap.unwrap_or(DEFAULT_MEMORY_BYTES);
    state.tree.make_room(path, &node, cap)?;
    let replaced = state.tree.put(path, Some(node), Some(Instant::EPOCH))?;
    state.tree.discard(replaced);
    Ok(())
}

fn refused(path: &str, error: &Error) -> MountError {
    MountError::new(match error {
        Error::NoSpace => {
            format!("`{path}` does not fit: allow more with `MemoryFiles::max_bytes`, called first")
        }
        error => format!("`{path}` cannot be added: {error}"),
    })
}
