//! Copy on write: a tree in memory over a directory of the host that never
//! changes, or over nothing.
//!
//! A path is looked up in memory first. What the memory does not have shows
//! through from the host, unless it was removed. Links are followed in the
//! merged tree, so that a path through a link reads what was written through
//! another one.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use async_trait::async_trait;

use super::files::{Context, Entries, Entry, FileSystem, SLICE_ENTRIES, extend};
use super::mount::{HostDirectory, expect_regular};
use super::path::join;
use super::tree::{DirectoryNode, FileNode, Node, Reached, Tree};
use super::walk::{Step, Walk, Walked, walk};
use super::{ErrorCode, FileStat, FileType, WriteMode};
use crate::work::breathe;

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
enum Found<'a> {
    Memory(&'a Node),
    /// What the host has, at this path.
    Host(String, FileStat),
}

impl Found<'_> {
    fn file_type(&self) -> FileType {
        match self {
            Self::Memory(Node::File(_)) => FileType::Regular,
            Self::Memory(Node::Directory(_)) => FileType::Directory,
            Self::Memory(Node::Link(_)) => FileType::SymbolicLink,
            Self::Memory(Node::Moved(_) | Node::Removed) => FileType::Other,
            Self::Host(_, stat) => stat.file_type,
        }
    }

    /// The path on the host that holds the content, if the memory does not.
    fn on_host(self) -> Option<String> {
        match self {
            Self::Memory(_) => None,
            Self::Host(path, _) => Some(path),
        }
    }
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
    fn walk<'a>(
        &self,
        state: &'a State,
        path: &str,
        mode: Walk,
    ) -> Result<Walked<Found<'a>>, ErrorCode> {
        walk(path, mode, |parent, _, name| self.look(state, parent, name))
    }

    /// What stands at `name` in a directory; in the root, if that is nothing.
    fn look<'a>(
        &self,
        state: &'a State,
        parent: Option<&Found<'a>>,
        name: &str,
    ) -> Result<Step<Found<'a>>, ErrorCode> {
        let directory = match parent {
            None => &state.tree.root,
            Some(Found::Memory(Node::Directory(directory))) => directory,
            Some(Found::Memory(_)) => return Ok(Step::Missing),
            Some(Found::Host(path, _)) => return self.look_on_host(join(path, name)),
        };
        match (directory.get(name), directory.host_path(name)) {
            (Some(node), _) => self.look_at(node),
            (None, Some(path)) => self.look_on_host(path),
            (None, None) => Ok(Step::Missing),
        }
    }

    fn look_at<'a>(&self, node: &'a Node) -> Result<Step<Found<'a>>, ErrorCode> {
        let found = Found::Memory(node);
        Ok(match node {
            Node::File(_) => Step::Other(found),
            Node::Directory(_) => Step::Directory(found),
            Node::Link(target) => Step::Link(target.to_string(), found),
            Node::Moved(path) => return self.look_on_host(path.to_string()),
            Node::Removed => Step::Missing,
        })
    }

    fn look_on_host<'a>(&self, path: String) -> Result<Step<Found<'a>>, ErrorCode> {
        let Some(host) = &self.host else {
            return Ok(Step::Missing);
        };
        Ok(match host.look(&path)? {
            Step::Missing => Step::Missing,
            Step::Directory(stat) => Step::Directory(Found::Host(path, stat)),
            Step::Link(target, stat) => Step::Link(target, Found::Host(path, stat)),
            Step::Other(stat) => Step::Other(Found::Host(path, stat)),
        })
    }

    fn stat_of(&self, state: &State, found: &Found<'_>) -> FileStat {
        match found {
            Found::Memory(Node::File(file)) => file_stat(file, state.read_only),
            Found::Memory(Node::Directory(directory)) => self.directory_stat(state, directory),
            Found::Memory(Node::Link(target)) => link_stat(target),
            Found::Memory(Node::Moved(_) | Node::Removed) => {
                memory_stat(FileType::Other, 0, 0, SystemTime::UNIX_EPOCH, 0)
            }
            Found::Host(_, stat) => *stat,
        }
    }

    /// A directory in memory looks like the host's own, changed later.
    fn directory_stat(&self, state: &State, directory: &DirectoryNode) -> FileStat {
        if let (Some(host), Some(path)) = (&self.host, &directory.host)
            && let Ok(mut stat) = host.stat(path)
        {
            if let Some(modified) = directory.modified {
                stat.modified = modified.into();
                stat.changed = stat.modified;
            }
            return stat;
        }
        memory_stat(
            FileType::Directory,
            if state.read_only { 0o555 } else { 0o755 },
            0,
            directory.modified.unwrap_or(SystemTime::UNIX_EPOCH),
            directory.id,
        )
    }

    /// What a path leads to. Nothing for the root.
    fn find<'a>(
        &self,
        state: &'a State,
        path: &str,
        mode: Walk,
    ) -> Result<(Vec<String>, Option<Found<'a>>), ErrorCode> {
        let walked = self.walk(state, path, mode)?;
        if walked.item.is_none() && !walked.path.is_empty() {
            return Err(ErrorCode::NotFound);
        }
        Ok((walked.path, walked.item))
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
            state.tree.make_room(path, &Node::Removed, cap)?;
        }
        let removed = state.tree.put(path, remains, Some(now))?;
        state.tree.discard(removed);
        Ok(())
    }

    /// Whether a directory is empty. The answer holds as long as the tree has
    /// the same [revision](Tree::revision).
    async fn is_empty(&self, path: &[String]) -> Result<bool, ErrorCode> {
        let host_path = match self.lock().tree.directory(path) {
            Reached::Memory(directory) if directory.shows_any() => return Ok(false),
            Reached::Memory(directory) => directory.host.as_deref().map(str::to_owned),
            Reached::Host(path) => Some(path),
            Reached::Nothing => return Err(ErrorCode::NotADirectory),
        };
        let (Some(host), Some(host_path)) = (&self.host, host_path) else {
            return Ok(true);
        };
        let mut names = host.names(&host_path)?;
        while let Some(slice) = names.next_slice()? {
            if slice.unreadable > 0 {
                return Ok(false);
            }
            let all_hidden = match self.lock().tree.directory(path) {
                Reached::Memory(directory) => {
                    let mut names = slice.names.iter();
                    names.all(|(name, _)| directory.get(name).is_some())
                }
                Reached::Host(_) | Reached::Nothing => false,
            };
            if !all_hidden {
                return Ok(false);
            }
            breathe().await?;
        }
        Ok(true)
    }
}

#[async_trait]
impl FileSystem for Overlay {
    fn stat(&self, path: &str, follow_links: bool) -> Result<FileStat, ErrorCode> {
        let state = self.lock();
        let mode = if follow_links {
            Walk::Follow
        } else {
            Walk::KeepLast
        };
        let (_, found) = self.find(&state, path, mode)?;
        Ok(match found {
            Some(found) => self.stat_of(&state, &found),
            None => self.directory_stat(&state, &state.tree.root),
        })
    }

    fn read_link(&self, path: &str) -> Result<String, ErrorCode> {
        let target = {
            let state = self.lock();
            match (self.find(&state, path, Walk::KeepLast)?.1, &self.host) {
                (Some(Found::Memory(Node::Link(target))), _) => target.to_string(),
                (Some(Found::Host(path, stat)), Some(host))
                    if stat.file_type == FileType::SymbolicLink =>
                {
                    host.read_link(&path)?
                }
                _ => return Err(ErrorCode::InvalidArgument),
            }
        };
        match self.resolve(path) {
            Err(ErrorCode::PermissionDenied) => Err(ErrorCode::PermissionDenied),
            _ => Ok(target),
        }
    }

    async fn read(&self, path: &str, context: &Context<'_>) -> Result<Vec<u8>, ErrorCode> {
        match self.content(path)? {
            Content::Host(host, path) => host.read(&path, context).await,
            Content::Memory(data) => {
                context.check_file_bytes(data.len() as u64)?;
                let mut copy = Vec::new();
                extend(&mut copy, &data).await?;
                Ok(copy)
            }
        }
    }

    fn check_readable(&self, path: &str) -> Result<(), ErrorCode> {
        match self.content(path)? {
            Content::Host(host, path) => host.check_readable(&path),
            Content::Memory(_) => Ok(()),
        }
    }

    async fn write(
        &self,
        path: &str,
        data: &[u8],
        mode: WriteMode,
        context: &Context<'_>,
    ) -> Result<(), ErrorCode> {
        let mut ready = None;
        loop {
            let wanted = match self.try_write(path, data, mode, ready.take(), context)? {
                Written::Done => return Ok(()),
                Written::Wants(old) => old,
            };
            let mut content = match (&self.host, &wanted) {
                (Some(host), Some(path)) => host.read(path, context).await?,
                _ => Vec::new(),
            };
            let size = (content.len() as u64).saturating_add(data.len() as u64);
            context.check_file_bytes(size)?;
            extend(&mut content, data).await?;
            ready = Some(Ready {
                old: wanted,
                content,
            });
        }
    }

    async fn list(&self, path: &str, context: &Context<'_>) -> Result<Entries, ErrorCode> {
        let (path, host_path) = {
            let state = self.lock();
            let (path, found) = self.find(&state, path, Walk::Follow)?;
            if found.is_some_and(|found| found.file_type() != FileType::Directory) {
                return Err(ErrorCode::NotADirectory);
            }
            let host_path = match state.tree.directory(&path) {
                Reached::Memory(directory) => directory.host.as_deref().map(str::to_owned),
                Reached::Host(path) => Some(path),
                Reached::Nothing => return Err(ErrorCode::NotADirectory),
            };
            (path, host_path)
        };
        let mut entries = Entries::new();
        if let (Some(host), Some(host_path)) = (&self.host, host_path) {
            let mut names = host.names(&host_path)?;
            while let Some(slice) = names.next_slice()? {
                for _ in 0..slice.unreadable {
                    context.visit()?;
                }
                for (name, file_type) in slice.names {
                    context.visit()?;
                    // Links are looked at below: the host knows nothing of the
                    // changes.
                    let is_symlink = file_type == FileType::SymbolicLink;
                    entries.insert(name, Entry::new(Some(file_type), is_symlink));
                }
                breathe().await?;
            }
        }
        let mut last = None;
        while let Some(name) = self.list_memory(&path, last, &mut entries, context)? {
            last = Some(name);
            breathe().await?;
        }
        for (name, entry) in entries.iter_mut().filter(|(_, entry)| entry.is_symlink) {
            *entry = self.link_entry(&path, name);
            // A link may lead through many others.
            breathe().await?;
        }
        Ok(entries)
    }

    fn make_directory(&self, path: &str, context: &Context<'_>) -> Result<(), ErrorCode> {
        let (mut guard, cap) = self.lock_for(context)?;
        let state = &mut *guard;
        let Walked { path, item } = self.walk(state, path, Walk::KeepLast)?;
        if path.is_empty() || item.is_some() {
            return Err(ErrorCode::AlreadyExists);
        }
        Tree::check_depth(&path, None)?;
        let node = Node::directory(None, Some(context.now), state.tree.new_id());
        state.tree.make_room(&path, &node, cap)?;
        let removed = state.tree.put(&path, Some(node), Some(context.now))?;
        state.tree.discard(removed);
        Ok(())
    }

    fn remove_file(&self, path: &str, context: &Context<'_>) -> Result<(), ErrorCode> {
        let (mut state, cap) = self.lock_for(context)?;
        let (path, found) = self.find(&state, path, Walk::KeepLast)?;
        if found.is_none_or(|found| found.file_type() == FileType::Directory) {
            return Err(ErrorCode::IsADirectory);
        }
        self.remove(&mut state, &path, cap, context.now)
    }

    async fn remove_directory(&self, path: &str, context: &Context<'_>) -> Result<(), ErrorCode> {
        loop {
            let (revision, found_path) = {
                let (state, _) = self.lock_for(context)?;
                let (path, found) = self.find(&state, path, Walk::KeepLast)?;
                let found = found.ok_or(ErrorCode::PermissionDenied)?;
                if found.file_type() != FileType::Directory {
                    return Err(ErrorCode::NotADirectory);
                }
                (state.tree.revision(), path)
            };
            if !self.is_empty(&found_path).await? {
                return Err(ErrorCode::DirectoryNotEmpty);
            }
            let (mut state, cap) = self.lock_for(context)?;
            if state.tree.revision() == revision {
                return self.remove(&mut state, &found_path, cap, context.now);
            }
        }
    }

    async fn rename(
        &self,
        source: &str,
        destination: &str,
        context: &Context<'_>,
    ) -> Result<(), ErrorCode> {
        let mut empty_at = None;
        loop {
            let replaced = match self.try_rename(source, destination, empty_at, context)? {
                Renamed::Done => return Ok(()),
                Renamed::Replaces { path, revision } => {
                    empty_at = Some(revision);
                    path
                }
            };
            if !self.is_empty(&replaced).await? {
                return Err(ErrorCode::DirectoryNotEmpty);
            }
        }
    }

    fn resolve(&self, path: &str) -> Result<String, ErrorCode> {
        let state = self.lock();
        let walked = self.walk(&state, path, Walk::Resolve)?;
        Ok(walked.path.join("/"))
    }
}

/// Where the content of a file is.
enum Content<'a> {
    Host(&'a HostDirectory, String),
    Memory(Arc<Vec<u8>>),
}

/// The new content of a file, put together without the lock.
struct Ready {
    /// The file of the host that it begins with.
    old: Option<String>,
    content: Vec<u8>,
}

/// What came of a write.
enum Written {
    Done,
    /// The new content is to be put together, beginning with this file of the
    /// host.
    Wants(Option<String>),
}

/// What came of a rename.
enum Renamed {
    Done,
    /// It replaces this directory, if that is empty.
    Replaces {
        path: Vec<String>,
        revision: u64,
    },
}

impl Overlay {
    /// Where the content of the regular file at a path is.
    fn content(&self, path: &str) -> Result<Content<'_>, ErrorCode> {
        let state = self.lock();
        let (_, found) = self.find(&state, path, Walk::Follow)?;
        let found = found.ok_or(ErrorCode::IsADirectory)?;
        expect_regular(found.file_type())?;
        match (found, &self.host) {
            (Found::Memory(Node::File(file)), _) => Ok(Content::Memory(Arc::clone(&file.data))),
            (Found::Host(path, _), Some(host)) => Ok(Content::Host(host, path)),
            _ => Err(ErrorCode::NotFound),
        }
    }

    /// Writes a file, if what it takes is there.
    fn try_write(
        &self,
        path: &str,
        data: &[u8],
        mode: WriteMode,
        ready: Option<Ready>,
        context: &Context<'_>,
    ) -> Result<Written, ErrorCode> {
        let (mut guard, cap) = self.lock_for(context)?;
        let state = &mut *guard;
        let Walked { path, item } = self.walk(state, path, Walk::Follow)?;
        if path.is_empty() {
            return Err(ErrorCode::IsADirectory);
        }
        if let Some(found) = &item {
            expect_regular(found.file_type())?;
        }
        Tree::check_depth(&path, None)?;
        let in_memory = match &item {
            Some(Found::Memory(Node::File(file))) => Some((file.data.len(), file.id)),
            _ => None,
        };
        if let (WriteMode::Append, Some((old, _))) = (mode, in_memory) {
            context.check_file_bytes((old as u64).saturating_add(data.len() as u64))?;
            state.tree.append(&path, data, context.now, cap)?;
            return Ok(Written::Done);
        }
        let old = item
            .and_then(Found::on_host)
            .filter(|_| mode == WriteMode::Append);
        let Some(Ready { content, .. }) = ready.filter(|ready| ready.old == old) else {
            context.check_file_bytes(data.len() as u64)?;
            return Ok(Written::Wants(old));
        };
        let id = match in_memory {
            Some((_, id)) => id,
            None => state.tree.new_id(),
        };
        let node = Node::file(content, context.now, id);
        state.tree.make_room(&path, &node, cap)?;
        let replaced = state.tree.put(&path, Some(node), Some(context.now))?;
        state.tree.discard(replaced);
        Ok(Written::Done)
    }

    /// Renames, unless an empty directory is replaced that was not seen to be
    /// empty at this revision of the tree.
    fn try_rename(
        &self,
        source: &str,
        destination: &str,
        empty_at: Option<u64>,
        context: &Context<'_>,
    ) -> Result<Renamed, ErrorCode> {
        let (mut guard, cap) = self.lock_for(context)?;
        let state = &mut *guard;
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
            return Ok(Renamed::Done);
        }
        if to.starts_with(&from) {
            return Err(ErrorCode::InvalidArgument);
        }
        if from.starts_with(&to) {
            return Err(ErrorCode::DirectoryNotEmpty);
        }
        let is_directory = found.file_type() == FileType::Directory;
        if let Some(replaced) = replaced {
            match (is_directory, replaced.file_type() == FileType::Directory) {
                (false, true) => return Err(ErrorCode::IsADirectory),
                (true, false) => return Err(ErrorCode::NotADirectory),
                (true, true) if empty_at != Some(state.tree.revision()) => {
                    return Ok(Renamed::Replaces {
                        path: to,
                        revision: state.tree.revision(),
                    });
                }
                _ => {}
            }
        }
        Tree::check_depth(&to, state.tree.node(&from))?;
        let host_node = match (found, &self.host) {
            (Found::Host(path, stat), Some(host)) if state.tree.node(&from).is_none() => {
                Some(match stat.file_type {
                    FileType::Directory => {
                        Node::directory(Some(path.into()), None, state.tree.new_id())
                    }
                    FileType::SymbolicLink => Node::Link(host.read_link(&path)?.into()),
                    FileType::Regular | FileType::Other => Node::Moved(path.into()),
                })
            }
            _ => None,
        };
        let remains = self.remains(&state.tree, &from)?;
        // Everything that can fail comes before the first change.
        state.tree.make_room(&from, &Node::Removed, cap)?;
        let moved = host_node.as_ref().unwrap_or(&Node::Removed);
        state.tree.make_room(&to, moved, cap)?;
        let in_memory = state.tree.put(&from, remains, Some(context.now))?;
        let node = host_node.or(in_memory);
        let replaced = state.tree.put(&to, node, Some(context.now))?;
        state.tree.discard(replaced);
        Ok(Renamed::Done)
    }

    /// Adds some entries that the memory has after a name, and takes those out
    /// that it hides. The last name, if there may be more.
    fn list_memory(
        &self,
        path: &[String],
        after: Option<String>,
        entries: &mut Entries,
        context: &Context<'_>,
    ) -> Result<Option<String>, ErrorCode> {
        let state = self.lock();
        let Reached::Memory(directory) = state.tree.directory(path) else {
            return Ok(None);
        };
        let mut last = None;
        for (name, node) in directory.entries(after.as_deref()).take(SLICE_ENTRIES) {
            last = Some(name);
            if entries.remove(name).is_none() {
                context.visit()?;
            }
            let entry = match self.look_at(node)? {
                Step::Missing => continue,
                Step::Directory(found) | Step::Other(found) => {
                    Entry::new(Some(found.file_type()), false)
                }
                // Looked at when all are known.
                Step::Link(..) => Entry::new(None, true),
            };
            entries.insert(name.to_owned(), entry);
        }
        Ok(last.map(str::to_owned))
    }

    /// The entry for a link, whose types are those of its target.
    fn link_entry(&self, directory: &[String], name: &str) -> Entry {
        let path = join(&directory.join("/"), name);
        let target = match self.find(&self.lock(), &path, Walk::Follow) {
            Ok((_, Some(found))) => Some(found.file_type()),
            Ok((_, None)) => Some(FileType::Directory),
            Err(_) => None,
        };
        Entry::new(target, true)
    }
}

fn file_stat(file: &FileNode, read_only: bool) -> FileStat {
    memory_stat(
        FileType::Regular,
        if read_only { 0o444 } else { 0o644 },
        file.data.len() as u64,
        file.modified,
        file.id,
    )
}

fn link_stat(target: &str) -> FileStat {
    memory_stat(
        FileType::SymbolicLink,
        0o777,
        target.len() as u64,
        SystemTime::UNIX_EPOCH,
        0,
    )
}

/// The mount table fills in the device.
fn memory_stat(
    file_type: FileType,
    permissions: u32,
    size: u64,
    modified: SystemTime,
    file_id: u64,
) -> FileStat {
    let modified = modified.into();
    FileStat {
        file_type,
        permissions,
        size,
        modified,
        accessed: modified,
        changed: modified,
        file_id,
        device_id: 0,
        link_count: 1,
    }
}
