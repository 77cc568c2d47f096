//! A tree in memory: what [`MemoryFiles`](super::MemoryFiles) holds, and what
//! an [`Overlay`](super::overlay::Overlay) lays over a directory of the host.

use std::collections::BTreeMap;
use std::time::SystemTime;

use super::ErrorCode;
use super::path::MAX_DEPTH;

/// Bytes that an entry takes beside its name and content: about what the map
/// node and the allocations cost, so that many empty files count too.
const ENTRY_BYTES: u64 = 192;

/// What stands at a name.
#[derive(Clone, Debug)]
pub(super) enum Node {
    File(FileNode),
    Directory(DirectoryNode),
    /// A link of the host directory that was moved, with its target.
    Link(String),
    /// A file of the host directory that was moved: its path there.
    Moved(String),
    /// Nothing, though the host directory has something there.
    Removed,
}

#[derive(Clone, Debug)]
pub(super) struct FileNode {
    pub data: Vec<u8>,
    pub modified: SystemTime,
    pub id: u64,
}

#[derive(Clone, Debug)]
pub(super) struct DirectoryNode {
    pub entries: BTreeMap<String, Node>,
    /// The directory of the host whose entries show through. A directory that
    /// was moved keeps it, so that moving one copies nothing.
    pub host: Option<String>,
    /// Nothing if only the host knows.
    pub modified: Option<SystemTime>,
    pub id: u64,
}

impl Node {
    /// Bytes that count against the cap.
    pub fn weight(&self, name: &str) -> u64 {
        let content = match self {
            Self::File(file) => file.data.len() as u64,
            Self::Directory(directory) => directory.weight(),
            Self::Link(text) | Self::Moved(text) => text.len() as u64,
            Self::Removed => 0,
        };
        entry_weight(name).saturating_add(content)
    }

    /// Levels of directories in memory, 1 for anything else.
    fn height(&self) -> usize {
        match self {
            Self::Directory(directory) => {
                let below = directory.entries.values().map(Self::height).max();
                1 + below.unwrap_or(0)
            }
            _ => 1,
        }
    }
}

impl DirectoryNode {
    fn weight(&self) -> u64 {
        let host = self.host.as_ref().map_or(0, |path| path.len() as u64);
        let entries = self.entries.iter();
        host + entries.map(|(name, node)| node.weight(name)).sum::<u64>()
    }

    /// Where the host keeps the entry `name`, if the host's entries show
    /// through.
    pub fn host_path(&self, name: &str) -> Option<String> {
        self.host.as_ref().map(|host| super::path::join(host, name))
    }
}

/// Bytes that an entry without content counts.
pub(super) fn entry_weight(name: &str) -> u64 {
    ENTRY_BYTES + name.len() as u64
}

/// A tree with a cap.
#[derive(Clone, Debug)]
pub(super) struct Tree {
    pub root: DirectoryNode,
    used_bytes: u64,
    next_id: u64,
}

/// The directory that a path of names leads to.
pub(super) enum Reached<'a> {
    Memory(&'a DirectoryNode),
    /// Only the host has it, at this path.
    Host(String),
    /// It is no directory, or there is none.
    Nothing,
}

impl Tree {
    /// An empty tree over the root of a host directory, or over nothing.
    pub fn new(over_host: bool) -> Self {
        Self {
            root: DirectoryNode {
                entries: BTreeMap::new(),
                host: over_host.then(String::new),
                modified: (!over_host).then_some(SystemTime::UNIX_EPOCH),
                id: 1,
            },
            used_bytes: 0,
            next_id: 2,
        }
    }

    /// A number that no other file of this tree has.
    pub fn new_id(&mut self) -> u64 {
        let id = self.next_id;
        self.next_id += 1;
        id
    }

    /// Whether `more` bytes fit under the cap.
    pub fn check_room(&self, more: u64, cap: u64) -> Result<(), ErrorCode> {
        if self.used_bytes.saturating_add(more) > cap {
            return Err(ErrorCode::NoSpace);
        }
        Ok(())
    }

    /// The directory at `path`, which has no links.
    pub fn directory(&self, path: &[String]) -> Reached<'_> {
        let mut directory = &self.root;
        let mut names = path.iter();
        while let Some(name) = names.next() {
            match directory.entries.get(name) {
                Some(Node::Directory(below)) => directory = below,
                Some(_) => return Reached::Nothing,
                None => {
                    let Some(host) = directory.host_path(name) else {
                        return Reached::Nothing;
                    };
                    let rest = names.fold(host, |host, name| super::path::join(&host, name));
                    return Reached::Host(rest);
                }
            }
        }
        Reached::Memory(directory)
    }

    /// What the memory has at `path`, except the root.
    pub fn node(&self, path: &[String]) -> Option<&Node> {
        let (name, parent) = path.split_last()?;
        match self.directory(parent) {
            Reached::Memory(directory) => directory.entries.get(name),
            Reached::Host(_) | Reached::Nothing => None,
        }
    }

    /// The file that the memory has at `path`.
    pub fn file_mut(&mut self, path: &[String]) -> Option<&mut FileNode> {
        let (name, parent) = path.split_last()?;
        let mut directory = &mut self.root;
        for name in parent {
            match directory.entries.get_mut(name) {
                Some(Node::Directory(below)) => directory = below,
                _ => return None,
            }
        }
        match directory.entries.get_mut(name) {
            Some(Node::File(file)) => Some(file),
            _ => None,
        }
    }

    /// The directory at `path`, which exists, ready for a change: what only
    /// the host has of it gets a node in memory.
    pub fn directory_mut(
        &mut self,
        path: &[String],
        cap: u64,
    ) -> Result<&mut DirectoryNode, ErrorCode> {
        let mut directory = &mut self.root;
        for name in path {
            let host = directory.host_path(name);
            let next = directory.entries.entry(name.clone()).or_insert_with(|| {
                let node = Node::Directory(DirectoryNode {
                    entries: BTreeMap::new(),
                    host,
                    modified: None,
                    id: self.next_id,
                });
                self.next_id += 1;
                self.used_bytes = self.used_bytes.saturating_add(node.weight(name));
                node
            });
            let Node::Directory(next) = next else {
                return Err(ErrorCode::NotADirectory);
            };
            directory = next;
        }
        // Checked after: the nodes made above change nothing that a script sees,
        // and there are at most as many as a path has names.
        if self.used_bytes > cap {
            return Err(ErrorCode::NoSpace);
        }
        Ok(directory)
    }

    /// Puts a node at a name, or takes away the one that is there. The caller
    /// has checked that there is room.
    pub fn put(
        &mut self,
        path: &[String],
        node: Option<Node>,
        now: SystemTime,
    ) -> Result<Option<Node>, ErrorCode> {
        let Some((name, parent)) = path.split_last() else {
            return Err(ErrorCode::PermissionDenied);
        };
        let added = node.as_ref().map_or(0, |node| node.weight(name));
        let directory = self.directory_mut(parent, u64::MAX)?;
        directory.modified = Some(now);
        let old = match node {
            Some(node) => directory.entries.insert(name.clone(), node),
            None => directory.entries.remove(name),
        };
        let removed = old.as_ref().map_or(0, |node| node.weight(name));
        self.used_bytes = (self.used_bytes + added).saturating_sub(removed);
        Ok(old)
    }

    /// Counts bytes that a file grew by.
    pub fn grow(&mut self, bytes: u64) {
        self.used_bytes = self.used_bytes.saturating_add(bytes);
    }

    /// Whether the bytes that were counted are those of the tree.
    #[cfg(test)]
    pub fn is_counted(&self) -> bool {
        self.used_bytes == self.root.weight()
    }

    /// Whether a node may be moved to `path`: no tree may be deeper than paths
    /// are, or dropping it would take a deep recursion.
    pub fn check_depth(path: &[String], node: Option<&Node>) -> Result<(), ErrorCode> {
        if path.len() + node.map_or(0, Node::height) > MAX_DEPTH + 1 {
            return Err(ErrorCode::NameTooLong);
        }
        Ok(())
    }
}
