//! A tree in memory: the content of [`MemoryFiles`](crate::MemoryFiles), and
//! the changes of an [`Overlay`](crate::Overlay) to its base.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::Arc;

use crate::path::{MAX_DEPTH, join};
use crate::{Error, Instant};

/// The content of a name.
#[derive(Debug)]
pub(crate) enum Node {
    File(Box<FileNode>),
    Directory(Box<DirectoryNode>),
    /// A link, with its target.
    Link(Box<str>),
    /// A moved file of the base, by its path there.
    Moved(Box<str>),
    /// Nothing, hiding an entry of the base.
    Removed,
}

#[derive(Debug)]
pub(crate) struct FileNode {
    /// Shared with current readers.
    pub data: Arc<Vec<u8>>,
    pub modified: Instant,
    pub id: u64,
}

#[derive(Debug)]
pub(crate) struct DirectoryNode {
    entries: BTreeMap<Box<str>, Node>,
    /// The number of entries that are not marks for removed ones.
    shown: usize,
    /// The number of subdirectories of each height, so that a tree can be moved
    /// without visiting all of it.
    heights: BTreeMap<usize, usize>,
    /// The directory of the base whose entries show through. A moved directory
    /// keeps it, so that a move copies nothing.
    pub base: Option<Box<str>>,
    /// `None` if only the base knows.
    pub modified: Option<Instant>,
    pub id: u64,
}

impl Node {
    pub fn file(data: Vec<u8>, modified: Instant, id: u64) -> Self {
        Self::File(Box::new(FileNode {
            data: Arc::new(data),
            modified,
            id,
        }))
    }

    pub fn directory(base: Option<Box<str>>, modified: Option<Instant>, id: u64) -> Self {
        Self::Directory(Box::new(DirectoryNode {
            entries: BTreeMap::new(),
            shown: 0,
            heights: BTreeMap::new(),
            base,
            modified,
            id,
        }))
    }

    /// Levels of directories in memory, 1 for anything else.
    fn height(&self) -> usize {
        match self {
            Self::Directory(directory) => directory.height(),
            _ => 1,
        }
    }

    /// Bytes of memory behind the node, without a directory's entries.
    fn weight(&self) -> u64 {
        match self {
            Self::File(file) => {
                allocation(size_of::<FileNode>())
                    + allocation(size_of::<Vec<u8>>() + 2 * size_of::<usize>())
                    + content(file.data.capacity() as u64)
            }
            Self::Directory(directory) => directory.weight(),
            Self::Link(text) | Self::Moved(text) => content(text.len() as u64),
            Self::Removed => 0,
        }
    }
}

impl DirectoryNode {
    pub fn get(&self, name: &str) -> Option<&Node> {
        self.entries.get(name)
    }

    /// The entries, or those after a name, in order.
    pub fn entries(&self, after: Option<&str>) -> impl Iterator<Item = (&str, &Node)> {
        let start = after.map_or(Bound::Unbounded, Bound::Excluded);
        self.entries
            .range::<str, _>((start, Bound::Unbounded))
            .map(|(name, node)| (&**name, node))
    }

    /// Whether it has an entry that is not a mark.
    pub fn shows_any(&self) -> bool {
        self.shown > 0
    }

    /// The path of the entry `name` in the base, if its entries show through.
    pub fn base_path(&self, name: &str) -> Option<String> {
        self.base.as_ref().map(|base| join(base, name))
    }

    /// Puts a node at a name, or removes the existing one.
    fn set(&mut self, name: &str, node: Option<Node>) -> Option<Node> {
        if let Some(node) = &node {
            self.shown += usize::from(!matches!(node, Node::Removed));
            if let Node::Directory(directory) = node {
                *self.heights.entry(directory.height()).or_default() += 1;
            }
        }
        let old = match node {
            Some(node) => self.entries.insert(name.into(), node),
            None => self.entries.remove(name),
        };
        if let Some(old) = &old {
            self.shown -= usize::from(!matches!(old, Node::Removed));
            if let Node::Directory(directory) = old {
                self.forget_height(directory.height());
            }
        }
        if self.entries.is_empty() {
            // An empty map keeps a node.
            self.entries = BTreeMap::new();
        }
        old
    }

    fn forget_height(&mut self, height: usize) {
        if let Some(count) = self.heights.get_mut(&height) {
            *count -= 1;
            if *count == 0 {
                self.heights.remove(&height);
            }
        }
        if self.heights.is_empty() {
            self.heights = BTreeMap::new();
        }
    }

    /// Calls `change` with the directory at `path` below this one, and keeps
    /// the heights along the path correct. `None` if the memory has no such
    /// directory.
    fn change<R>(&mut self, path: &[String], change: impl FnOnce(&mut Self) -> R) -> Option<R> {
        let Some((name, rest)) = path.split_first() else {
            return Some(change(self));
        };
        let Some(Node::Directory(below)) = self.entries.get_mut(name.as_str()) else {
            return None;
        };
        let before = below.height();
        let result = below.change(rest, change);
        let after = below.height();
        if before != after {
            self.forget_height(before);
            *self.heights.entry(after).or_default() += 1;
        }
        result
    }

    fn height(&self) -> usize {
        let tallest = self.heights.last_key_value().map(|(height, _)| *height);
        1 + tallest.unwrap_or(usize::from(!self.entries.is_empty()))
    }

    /// Bytes of memory, without the entries'.
    fn weight(&self) -> u64 {
        let base = self.base.as_ref().map_or(0, |path| path.len() as u64);
        allocation(size_of::<Self>())
            + content(base)
            + map_weight(&self.entries)
            + map_weight(&self.heights)
    }

    /// Bytes of memory of everything in it.
    fn entries_weight(&self) -> u64 {
        let entries = self.entries.iter().map(|(name, node)| {
            let below = match node {
                Node::Directory(directory) => directory.entries_weight(),
                _ => 0,
            };
            entry_weight(name, node) + below
        });
        entries.sum()
    }
}

/// Bytes that the allocator uses for an allocation: with a header and rounded
/// up, as in most allocators.
const fn allocation(bytes: usize) -> u64 {
    let rounded = (bytes + 8).next_multiple_of(16);
    if rounded < 32 { 32 } else { rounded as u64 }
}

/// Bytes of memory for text or data of this length.
const fn content(bytes: u64) -> u64 {
    match bytes {
        0 => 0,
        1..=24 => 32,
        _ => bytes.saturating_add(24),
    }
}

/// Bytes of a node of a `BTreeMap`, which has room for eleven entries.
const fn map_node<K, V>() -> u64 {
    allocation(11 * (size_of::<K>() + size_of::<V>()) + 16)
}

/// Bytes that a map takes as soon as it holds anything: a whole node.
fn map_weight<K, V>(map: &BTreeMap<K, V>) -> u64 {
    if map.is_empty() {
        0
    } else {
        map_node::<K, V>()
    }
}

/// Bytes that an entry takes in the map: its share of a node with the minimum
/// of five entries, and of the nodes above.
const SLOT_BYTES: u64 = map_node::<Box<str>, Node>() / 5 + map_node::<Box<str>, Node>() / 25;

/// Bytes of memory of an entry, without a directory's entries.
pub(crate) fn entry_weight(name: &str, node: &Node) -> u64 {
    SLOT_BYTES
        .saturating_add(content(name.len() as u64))
        .saturating_add(node.weight())
}

/// A tree with a cap.
#[derive(Debug)]
pub(crate) struct Tree {
    pub root: DirectoryNode,
    /// Bytes of memory that the tree takes, as [`entry_weight`] counts them.
    used_bytes: u64,
    next_id: u64,
    /// Changes whenever a name is added or removed.
    revision: u64,
}

/// The directory at a path of names.
pub(crate) enum Reached<'a> {
    Memory(&'a DirectoryNode),
    /// Only the base has it, at this path.
    Base(String),
    /// It is not a directory, or does not exist.
    Nothing,
}

impl Tree {
    /// An empty tree over the root of a base, or over nothing.
    pub fn new(over_base: bool) -> Self {
        let root = DirectoryNode {
            entries: BTreeMap::new(),
            shown: 0,
            heights: BTreeMap::new(),
            base: over_base.then(Box::default),
            modified: (!over_base).then_some(Instant::EPOCH),
            id: 1,
        };
        Self {
            used_bytes: root.weight(),
            root,
            // Apart from those of a base that counts its own.
            next_id: if over_base { 1 << 62 } else { 2 },
            revision: 0,
        }
    }

    /// A number unique among the files of this tree.
    pub fn new_id(&mut self) -> u64 {
        let id = self.next_id;
        self.next_id += 1;
        id
    }

    /// Changes with the names in the tree: results of a lookup without the lock
    /// are valid while it stays the same.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// Whether `more` bytes fit under the cap.
    pub fn check_room(&self, more: u64, cap: u64) -> Result<(), Error> {
        if self.used_bytes.saturating_add(more) > cap {
            return Err(Error::NoSpace);
        }
        Ok(())
    }

    /// The directory at `path`, which has no links.
    pub fn directory(&self, path: &[String]) -> Reached<'_> {
        let mut directory = &self.root;
        let mut names = path.iter();
        while let Some(name) = names.next() {
            match directory.get(name) {
                Some(Node::Directory(below)) => directory = below,
                Some(_) => return Reached::Nothing,
                None => {
                    let Some(base) = directory.base_path(name) else {
                        return Reached::Nothing;
                    };
                    let rest = names.fold(base, |base, name| join(&base, name));
                    return Reached::Base(rest);
                }
            }
        }
        Reached::Memory(directory)
    }

    /// The node in memory at `path`, except the root.
    pub fn node(&self, path: &[String]) -> Option<&Node> {
        let (name, parent) = path.split_last()?;
        match self.directory(parent) {
            Reached::Memory(directory) => directory.get(name),
            Reached::Base(_) | Reached::Nothing => None,
        }
    }

    /// The path of the entry after `path`, a directory before its contents.
    /// After a removed entry comes its former successor.
    pub fn after(&self, mut path: Vec<String>) -> Option<Vec<String>> {
        if let Reached::Memory(directory) = self.directory(&path)
            && let Some((first, _)) = directory.entries(None).next()
        {
            path.push(first.to_owned());
            return Some(path);
        }
        while let Some(name) = path.pop() {
            if let Reached::Memory(directory) = self.directory(&path)
                && let Some((next, _)) = directory.entries(Some(&name)).next()
            {
                path.push(next.to_owned());
                return Some(path);
            }
        }
        None
    }

    /// Makes room for a node at `path`: its parent exists, and gets a node in
    /// memory if only the base has it.
    pub fn make_room(&mut self, path: &[String], node: &Node, cap: u64) -> Result<(), Error> {
        let Some((_, parent)) = path.split_last() else {
            return Err(Error::PermissionDenied);
        };
        // First, or a script without room could still create directories.
        self.check_room(self.added(path, node), cap)?;
        if let Reached::Memory(_) = self.directory(parent) {
            return Ok(());
        }
        for depth in 1..=parent.len() {
            let (made, _) = parent.split_at(depth);
            let base = match self.directory(made) {
                Reached::Memory(_) => continue,
                Reached::Base(path) => path,
                Reached::Nothing => return Err(Error::NotADirectory),
            };
            let directory = Node::directory(Some(base.into()), None, self.new_id());
            self.check_room(self.added(made, &directory), cap)?;
            self.put(made, Some(directory), None)?;
        }
        self.check_room(self.added(path, node), cap)
    }

    /// Bytes that a node takes at `path`, replacing the existing one. Includes
    /// room for the directory's own maps.
    fn added(&self, path: &[String], node: &Node) -> u64 {
        let Some((name, parent)) = path.split_last() else {
            return 0;
        };
        let Reached::Memory(directory) = self.directory(parent) else {
            return entry_weight(name, node);
        };
        let old = directory.get(name).map_or(0, |old| entry_weight(name, old));
        let mut added = entry_weight(name, node).saturating_sub(old);
        if directory.entries.is_empty() {
            added += map_node::<Box<str>, Node>();
        }
        if directory.heights.is_empty() && matches!(node, Node::Directory(_)) {
            added += map_node::<usize, usize>();
        }
        added
    }

    /// Puts a node at a name, or takes away the one that is there, whose
    /// entries count until they are put elsewhere or [dropped](Self::discard).
    /// The directory exists in memory, and the caller has checked that there
    /// is room.
    pub fn put(
        &mut self,
        path: &[String],
        node: Option<Node>,
        now: Option<Instant>,
    ) -> Result<Option<Node>, Error> {
        let Some((name, parent)) = path.split_last() else {
            return Err(Error::PermissionDenied);
        };
        let added = node.as_ref().map_or(0, |node| entry_weight(name, node));
        let changed = self.root.change(parent, |directory| {
            let before = directory.weight();
            let old = directory.set(name, node);
            if now.is_some() {
                directory.modified = now;
            }
            (old, before, directory.weight())
        });
        let (old, before, after) = changed.ok_or(Error::NotADirectory)?;
        let removed = old.as_ref().map_or(0, |node| entry_weight(name, node));
        let used = self.used_bytes.saturating_add(added).saturating_add(after);
        self.used_bytes = used.saturating_sub(removed.saturating_add(before));
        self.revision += 1;
        Ok(old)
    }

    /// Drops a removed node.
    pub fn discard(&mut self, node: Option<Node>) {
        if let Some(Node::Directory(directory)) = node {
            let weight = directory.entries_weight();
            self.used_bytes = self.used_bytes.saturating_sub(weight);
        }
    }

    /// Appends to the file at `path`.
    pub fn append(
        &mut self,
        path: &[String],
        data: &[u8],
        now: Instant,
        cap: u64,
    ) -> Result<(), Error> {
        let (name, parent) = path.split_last().ok_or(Error::IsADirectory)?;
        let free = cap.saturating_sub(self.used_bytes);
        let appended = self.root.change(parent, |directory| {
            let Some(Node::File(file)) = directory.entries.get_mut(name.as_str()) else {
                return None;
            };
            let before = content(file.data.capacity() as u64);
            let fits = |bytes: usize| content(bytes as u64).saturating_sub(before) <= free;
            // A copy, if the file is being read.
            let old = Arc::make_mut(&mut file.data);
            let exact = old.len().saturating_add(data.len());
            let fits_exactly = exact <= old.capacity() || fits(exact);
            if fits_exactly {
                if exact > old.capacity() {
                    // In steps of an eighth, so that many small pieces need few
                    // copies and little memory is wasted.
                    let ample = exact.saturating_add(old.len() / 8);
                    let capacity = if fits(ample) { ample } else { exact };
                    old.reserve_exact(capacity - old.len());
                }
                old.extend_from_slice(data);
                file.modified = now;
            }
            Some((before, content(file.data.capacity() as u64), fits_exactly))
        });
        let (before, after, appended) = appended.flatten().ok_or(Error::NotFound)?;
        self.used_bytes = self.used_bytes.saturating_add(after).saturating_sub(before);
        if appended {
            Ok(())
        } else {
            Err(Error::NoSpace)
        }
    }

    /// Whether the counted bytes, heights and entries match the tree.
    #[cfg(test)]
    pub fn is_counted(&self) -> bool {
        fn height(directory: &DirectoryNode) -> Option<usize> {
            let shown = directory.entries.values();
            let shown = shown.filter(|node| !matches!(node, Node::Removed));
            let mut tallest = usize::from(!directory.entries.is_empty());
            for node in directory.entries.values() {
                if let Node::Directory(below) = node {
                    tallest = tallest.max(height(below)?);
                }
            }
            let right = shown.count() == directory.shown && directory.height() == 1 + tallest;
            right.then_some(1 + tallest)
        }
        let weight = self.root.weight() + self.root.entries_weight();
        self.used_bytes == weight && height(&self.root).is_some()
    }

    /// Whether a node may be moved to `path`: a tree deeper than paths allow
    /// would need a deep recursion to drop.
    pub fn check_depth(path: &[String], node: Option<&Node>) -> Result<(), Error> {
        if path.len() + node.map_or(0, Node::height) > MAX_DEPTH + 1 {
            return Err(Error::NameTooLong);
        }
        Ok(())
    }
}
