//! Copy on write: a tree in memory over a directory of the host that never
//! changes, or over nothing.
//!
//! A path is looked up in memory first. What the memory does not have shows
//! through from the host, unless it was removed. Links are followed in the
//! merged tree, so that a path through a link reads what was written through
//! another one.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use super::files::{Context, Entry, FileSystem, Write, unix_seconds};
use super::mount::{HostDirectory, expect_regular};
use super::path::join;
use super::tree::{DirectoryNode, FileNode, Node, Reached, Tree, entry_weight};
use super::walk::{Step, Walk, Walked, walk};
use super::{ErrorCode, FileStat, FileType};

/// A tree in memory, and the host directory below it.
pub(super) struct Overlay {
    host: Option<Arc<HostDirectory>>,
    state: Mutex<State>,
}

pub(super) struct State {
    pub tree: Tree,
    /// Bytes that the tree may hold. Nothing for the limit of the caller.
    pub cap: Option<u64>,
    pub read_only: bool,
}

/// What stands at a path of the merged tree.
struct Found {
    stat: FileStat,
    /// The path on the host that holds the content, if the memory does not.
    host: Option<String>,
}

impl Overlay {
    /// A tree over a directory of the host, capped by the limit of the caller.
    pub fn over(host: Arc<HostDirectory>) -> Self {
        Self::new(Some(host), None)
    }

    /// The same directory without changes.
    pub fn fresh(&self) -> Self {
        Self::new(self.host.clone(), self.lock().cap)
    }

    /// A tree over nothing, with a cap of its own.
    pub fn over_nothing(cap: u64) -> Self {
        Self::new(None, Some(cap))
    }

    fn new(host: Option<Arc<HostDirectory>>, cap: Option<u64>) -> Self {
        let tree = Tree::new(host.is_some());
        Self {
            host,
            state: Mutex::new(State {
                tree,
                cap,
                read_only: false,
            }),
        }
    }

    /// The directory that it lies over.
    pub fn host(&self) -> Option<&Arc<HostDirectory>> {
        self.host.as_ref()
    }

    /// The state. A panic elsewhere leaves it usable: the changes to it are
    /// made after everything that can fail.
    pub fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The state, for a change.
    fn lock_for(&self, context: &Context<'_>) -> Result<(MutexGuard<'_, State>, u64), ErrorCode> {
        let state = self.lock();
        if state.read_only {
            return Err(ErrorCode::ReadOnly);
        }
        let cap = state.cap.unwrap_or(context.limits.overlay_bytes);
        Ok((state, cap))
    }

    /// Follows a path through the merged tree.
    fn walk(&self, state: &State, path: &str, mode: Walk) -> Result<Walked<Found>, ErrorCode> {
        walk(path, mode, |parent, name| self.look(state, parent, name))
    }

    /// What stands at `name` in a directory.
    fn look(&self, state: &State, parent: &[String], name: &str) -> Result<Step<Found>, ErrorCode> {
        let host_path = match state.tree.directory(parent) {
            Reached::Memory(directory) => match directory.entries.get(name) {
                Some(node) => return self.look_at(state, node),
                None => directory.host_path(name),
            },
            Reached::Host(path) => Some(join(&path, name)),
            Reached::Nothing => None,
        };
        match host_path {
            Some(path) => self.look_on_host(path),
            None => Ok(Step::Missing),
        }
    }

    fn look_at(&self, state: &State, node: &Node) -> Result<Step<Found>, ErrorCode> {
        let found = |stat| Found { stat, host: None };
        Ok(match node {
            Node::File(file) => Step::Other(found(file_stat(file, state.read_only))),
            Node::Directory(directory) => {
                Step::Directory(found(self.directory_stat(state, directory)))
            }
            Node::Link(target) => Step::Link(target.clone(), found(link_stat(target))),
            Node::Moved(path) => return self.look_on_host(path.clone()),
            Node::Removed => Step::Missing,
        })
    }

    fn look_on_host(&self, path: String) -> Result<Step<Found>, ErrorCode> {
        let Some(host) = &self.host else {
            return Ok(Step::Missing);
        };
        let found = |stat| Found {
            stat,
            host: Some(path.clone()),
        };
        Ok(match host.look(&path)? {
            Step::Missing => Step::Missing,
            Step::Directory(stat) => Step::Directory(found(stat)),
            Step::Link(target, stat) => Step::Link(target, found(stat)),
            Step::Other(stat) => Step::Other(found(stat)),
        })
    }

    /// A directory in memory looks like the host's own, changed later.
    fn directory_stat(&self, state: &State, directory: &DirectoryNode) -> FileStat {
        let modified_seconds = directory.modified.map(unix_seconds);
        if let (Some(host), Some(path)) = (&self.host, &directory.host)
            && let Ok(mut stat) = host.stat(path)
        {
            if let Some(seconds) = modified_seconds {
                stat.modified_seconds = seconds;
                stat.changed_seconds = seconds;
            }
            return stat;
        }
        let seconds = modified_seconds.unwrap_or(0.0);
        memory_stat(
            FileType::Directory,
            if state.read_only { 0o555 } else { 0o755 },
            0,
            seconds,
            directory.id,
        )
    }

    /// What a path leads to. Nothing for the root.
    fn find(
        &self,
        state: &State,
        path: &str,
        mode: Walk,
    ) -> Result<(Vec<String>, Option<Found>), ErrorCode> {
        let walked = self.walk(state, path, mode)?;
        if walked.item.is_none() && !walked.path.is_empty() {
            return Err(ErrorCode::NotFound);
        }
        Ok((walked.path, walked.item))
    }

    /// The content of a file of the host.
    fn read_host(&self, path: &str, context: &Context<'_>) -> Result<Vec<u8>, ErrorCode> {
        let host = self.host.as_ref().ok_or(ErrorCode::NotFound)?;
        host.read(path, context)
    }

    /// Whether the host shows something at a name when the memory has nothing
    /// there.
    fn host_has(&self, tree: &Tree, path: &[String]) -> Result<bool, ErrorCode> {
        let Some((name, parent)) = path.split_last() else {
            return Ok(false);
        };
        let host_path = match tree.directory(parent) {
            Reached::Memory(directory) => directory.host_path(name),
            Reached::Host(path) => Some(join(&path, name)),
            Reached::Nothing => None,
        };
        Ok(match host_path {
            Some(path) => !matches!(self.look_on_host(path)?, Step::Missing),
            None => false,
        })
    }

    /// What is left at a name whose entry goes away.
    fn remains(&self, tree: &Tree, path: &[String]) -> Result<Option<Node>, ErrorCode> {
        Ok(self.host_has(tree, path)?.then_some(Node::Removed))
    }

    /// Takes the entry at `path` out of the tree.
    fn remove(
        &self,
        state: &mut State,
        path: &[String],
        cap: u64,
        now: SystemTime,
    ) -> Result<(), ErrorCode> {
        let remains = self.remains(&state.tree, path)?;
        // An entry in memory makes the room for what hides the host's.
        if remains.is_some() && state.tree.node(path).is_none() {
            make_room(&mut state.tree, path, 0, cap)?;
        }
        state.tree.put(path, remains, now).map(drop)
    }

    fn is_empty(&self, tree: &Tree, path: &[String]) -> Result<bool, ErrorCode> {
        let (entries, host_path) = match tree.directory(path) {
            Reached::Memory(directory) => (Some(&directory.entries), directory.host.clone()),
            Reached::Host(path) => (None, Some(path)),
            Reached::Nothing => return Err(ErrorCode::NotADirectory),
        };
        let held = |node: &Node| !matches!(node, Node::Removed);
        if entries.is_some_and(|entries| entries.values().any(held)) {
            return Ok(false);
        }
        match (&self.host, host_path) {
            (Some(host), Some(path)) => {
                let hidden = |name: &str| entries.is_some_and(|entries| entries.contains_key(name));
                Ok(!host.has_entry(&path, hidden)?)
            }
            _ => Ok(true),
        }
    }
}

impl FileSystem for Overlay {
    fn stat(&self, path: &str) -> Result<FileStat, ErrorCode> {
        let state = self.lock();
        let (_, found) = self.find(&state, path, Walk::Follow)?;
        Ok(match found {
            Some(found) => found.stat,
            None => self.directory_stat(&state, &state.tree.root),
        })
    }

    fn is_symlink(&self, path: &str) -> Result<bool, ErrorCode> {
        let state = self.lock();
        let (_, found) = self.find(&state, path, Walk::KeepLast)?;
        Ok(found.is_some_and(|found| found.stat.file_type == FileType::SymbolicLink))
    }

    fn read(&self, path: &str, context: &Context<'_>) -> Result<Vec<u8>, ErrorCode> {
        let state = self.lock();
        let (path, found) = self.find(&state, path, Walk::Follow)?;
        let found = found.ok_or(ErrorCode::IsADirectory)?;
        expect_regular(found.stat.file_type)?;
        match (found.host, state.tree.node(&path)) {
            (Some(host_path), _) => self.read_host(&host_path, context),
            (None, Some(Node::File(file))) => {
                context.check_file_bytes(file.data.len() as u64)?;
                Ok(file.data.clone())
            }
            _ => Err(ErrorCode::NotFound),
        }
    }

    fn check_readable(&self, path: &str) -> Result<(), ErrorCode> {
        let state = self.lock();
        let (_, found) = self.find(&state, path, Walk::Follow)?;
        let found = found.ok_or(ErrorCode::IsADirectory)?;
        expect_regular(found.stat.file_type)?;
        match (&self.host, found.host) {
            (Some(host), Some(path)) => host.check_readable(&path),
            _ => Ok(()),
        }
    }

    fn write(
        &self,
        path: &str,
        data: &[u8],
        how: Write,
        context: &Context<'_>,
    ) -> Result<(), ErrorCode> {
        let (mut state, cap) = self.lock_for(context)?;
        let state = &mut *state;
        let Walked { path, item } = self.walk(state, path, Walk::Follow)?;
        if path.is_empty() {
            return Err(ErrorCode::IsADirectory);
        }
        if let Some(found) = &item {
            expect_regular(found.stat.file_type)?;
        }
        Tree::check_depth(&path, None)?;
        let size = data.len() as u64;
        let in_memory = match state.tree.node(&path) {
            Some(Node::File(file)) => Some((file.data.len() as u64, file.id)),
            _ => None,
        };
        match (how, in_memory) {
            (Write::Append, Some((old, _))) => {
                context.check_file_bytes(old.saturating_add(size))?;
                state.tree.check_room(size, cap)?;
                state.tree.grow(size);
                if let Some(file) = state.tree.file_mut(&path) {
                    file.data.extend_from_slice(data);
                    file.modified = context.now;
                }
                return Ok(());
            }
            (Write::Replace, Some((old, id))) => {
                context.check_file_bytes(size)?;
                state.tree.check_room(size.saturating_sub(old), cap)?;
                let node = file_node(data.to_vec(), context.now, id);
                return state.tree.put(&path, Some(node), context.now).map(drop);
            }
            (_, None) => {}
        }
        let mut content = match item.and_then(|found| found.host) {
            Some(host_path) if how == Write::Append => self.read_host(&host_path, context)?,
            _ => Vec::new(),
        };
        let size = (content.len() as u64).saturating_add(size);
        context.check_file_bytes(size)?;
        make_room(&mut state.tree, &path, size, cap)?;
        content.extend_from_slice(data);
        let id = state.tree.new_id();
        let node = file_node(content, context.now, id);
        state.tree.put(&path, Some(node), context.now).map(drop)
    }

    fn list(&self, path: &str, context: &Context<'_>) -> Result<Vec<Entry>, ErrorCode> {
        let state = self.lock();
        let (path, found) = self.find(&state, path, Walk::Follow)?;
        if found.is_some_and(|found| found.stat.file_type != FileType::Directory) {
            return Err(ErrorCode::NotADirectory);
        }
        let (in_memory, host_path) = match state.tree.directory(&path) {
            Reached::Memory(directory) => (Some(directory), directory.host.clone()),
            Reached::Host(path) => (None, Some(path)),
            Reached::Nothing => return Err(ErrorCode::NotADirectory),
        };
        let mut entries = Vec::new();
        if let (Some(host), Some(host_path)) = (&self.host, host_path) {
            entries = host.list(&host_path, context)?;
            if let Some(directory) = in_memory {
                entries.retain(|entry| !directory.entries.contains_key(&entry.name));
            }
            for entry in entries.iter_mut().filter(|entry| entry.is_symlink) {
                // The host's answer knows nothing of the changes.
                *entry = self.link_entry(&state, &path, &entry.name);
            }
        }
        for (name, node) in in_memory.iter().flat_map(|directory| &directory.entries) {
            context.check_entries(entries.len() + 1)?;
            match self.look_at(&state, node)? {
                Step::Missing => {}
                Step::Directory(found) | Step::Other(found) => {
                    let file_type = Some(found.stat.file_type);
                    entries.push(Entry::new(name.clone(), file_type, false));
                }
                Step::Link(..) => entries.push(self.link_entry(&state, &path, name)),
            }
        }
        Ok(entries)
    }

    fn make_directory(&self, path: &str, context: &Context<'_>) -> Result<(), ErrorCode> {
        let (mut state, cap) = self.lock_for(context)?;
        let Walked { path, item } = self.walk(&state, path, Walk::KeepLast)?;
        if path.is_empty() || item.is_some() {
            return Err(ErrorCode::AlreadyExists);
        }
        Tree::check_depth(&path, None)?;
        make_room(&mut state.tree, &path, 0, cap)?;
        let id = state.tree.new_id();
        let node = Node::Directory(DirectoryNode {
            entries: Default::default(),
            host: None,
            modified: Some(context.now),
            id,
        });
        state.tree.put(&path, Some(node), context.now).map(drop)
    }

    fn remove_file(&self, path: &str, context: &Context<'_>) -> Result<(), ErrorCode> {
        let (mut state, cap) = self.lock_for(context)?;
        let (path, found) = self.find(&state, path, Walk::KeepLast)?;
        if found.is_none_or(|found| found.stat.file_type == FileType::Directory) {
            return Err(ErrorCode::IsADirectory);
        }
        self.remove(&mut state, &path, cap, context.now)
    }

    fn remove_directory(&self, path: &str, context: &Context<'_>) -> Result<(), ErrorCode> {
        let (mut state, cap) = self.lock_for(context)?;
        let (path, found) = self.find(&state, path, Walk::KeepLast)?;
        let found = found.ok_or(ErrorCode::PermissionDenied)?;
        if found.stat.file_type != FileType::Directory {
            return Err(ErrorCode::NotADirectory);
        }
        if !self.is_empty(&state.tree, &path)? {
            return Err(ErrorCode::DirectoryNotEmpty);
        }
        self.remove(&mut state, &path, cap, context.now)
    }

    fn rename(
        &self,
        source: &str,
        destination: &str,
        context: &Context<'_>,
    ) -> Result<(), ErrorCode> {
        let (mut state, cap) = self.lock_for(context)?;
        let state = &mut *state;
        // Both ways are walked before either end is looked at, and the checks
        // follow in the order of Linux, so that the same error comes first.
        let Walked { path: from, item } = self.walk(state, source, Walk::KeepLast)?;
        let Walked {
            path: to,
            item: replaced,
        } = self.walk(state, destination, Walk::KeepLast)?;
        if from.is_empty() || to.is_empty() {
            return Err(ErrorCode::PermissionDenied);
        }
        let found = item.ok_or(ErrorCode::NotFound)?;
        if from == to {
            return Ok(());
        }
        if to.starts_with(&from) {
            return Err(ErrorCode::InvalidArgument);
        }
        if from.starts_with(&to) {
            return Err(ErrorCode::DirectoryNotEmpty);
        }
        let is_directory = found.stat.file_type == FileType::Directory;
        if let Some(replaced) = replaced {
            match (is_directory, replaced.stat.file_type == FileType::Directory) {
                (false, true) => return Err(ErrorCode::IsADirectory),
                (true, false) => return Err(ErrorCode::NotADirectory),
                (true, true) if !self.is_empty(&state.tree, &to)? => {
                    return Err(ErrorCode::DirectoryNotEmpty);
                }
                _ => {}
            }
        }
        Tree::check_depth(&to, state.tree.node(&from))?;
        let from_host = self.host_node(state, &from, found)?;
        let remains = self.remains(&state.tree, &from)?;
        // Everything that can fail comes before the first change.
        let content = from_host.as_ref().map_or(0, |node| node.weight(""));
        make_room(&mut state.tree, &from, 0, cap)?;
        make_room(&mut state.tree, &to, content, cap)?;
        let in_memory = state.tree.put(&from, remains, context.now)?;
        let node = from_host.or(in_memory);
        state.tree.put(&to, node, context.now).map(drop)
    }

    fn resolve(&self, path: &str) -> Result<String, ErrorCode> {
        let state = self.lock();
        let walked = self.walk(&state, path, Walk::Resolve)?;
        Ok(walked.path.join("/"))
    }
}

impl Overlay {
    /// The entry for a link, whose types are those of its target.
    fn link_entry(&self, state: &State, directory: &[String], name: &str) -> Entry {
        let path = join(&directory.join("/"), name);
        let target = match self.find(state, &path, Walk::Follow) {
            Ok((_, Some(found))) => Some(found.stat.file_type),
            Ok((_, None)) => Some(FileType::Directory),
            Err(_) => None,
        };
        Entry::new(name.to_owned(), target, true)
    }

    /// The node for something to be moved that only the host has.
    fn host_node(
        &self,
        state: &mut State,
        from: &[String],
        found: Found,
    ) -> Result<Option<Node>, ErrorCode> {
        let (Some(path), Some(host)) = (found.host, &self.host) else {
            return Ok(None);
        };
        if state.tree.node(from).is_some() {
            return Ok(None);
        }
        Ok(Some(match found.stat.file_type {
            FileType::Directory => Node::Directory(DirectoryNode {
                entries: Default::default(),
                host: Some(path),
                modified: None,
                id: state.tree.new_id(),
            }),
            FileType::SymbolicLink => Node::Link(host.read_link(&path)?),
            FileType::Regular | FileType::Other => Node::Moved(path),
        }))
    }
}

/// Makes the directories in memory that an entry at `path` needs, and checks
/// that there is room for it.
fn make_room(tree: &mut Tree, path: &[String], content: u64, cap: u64) -> Result<(), ErrorCode> {
    let Some((name, parent)) = path.split_last() else {
        return Err(ErrorCode::PermissionDenied);
    };
    let weight = entry_weight(name).saturating_add(content);
    // First, or a script without room could still make directories.
    tree.check_room(weight, cap)?;
    tree.directory_mut(parent, cap)?;
    tree.check_room(weight, cap)
}

fn file_node(data: Vec<u8>, modified: SystemTime, id: u64) -> Node {
    Node::File(FileNode { data, modified, id })
}

fn file_stat(file: &FileNode, read_only: bool) -> FileStat {
    memory_stat(
        FileType::Regular,
        if read_only { 0o444 } else { 0o644 },
        file.data.len() as u64,
        unix_seconds(file.modified),
        file.id,
    )
}

fn link_stat(target: &str) -> FileStat {
    memory_stat(FileType::SymbolicLink, 0o777, target.len() as u64, 0.0, 0)
}

/// The mount table fills in the device.
fn memory_stat(
    file_type: FileType,
    permissions: u32,
    size: u64,
    seconds: f64,
    file_id: u64,
) -> FileStat {
    FileStat {
        file_type,
        permissions,
        size,
        modified_seconds: seconds,
        accessed_seconds: seconds,
        changed_seconds: seconds,
        file_id,
        device_id: 0,
        link_count: 1,
    }
}
