//! Copy on write: a tree in memory over a file system that never changes, or
//! over nothing.
//!
//! A path is looked up in memory first. Anything else shows through from the
//! base, unless it was removed. Links are followed in the merged tree, so that
//! a path through a link reads what was written through another one.

use std::ops::ControlFlow;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;

use crate::files::{FileSystem, SLICE_ENTRIES, Slice, Visit, WriteMode, expect_regular, extend};
use crate::path::join;
use crate::tree::{DirectoryNode, FileNode, Node, Reached, Tree};
use crate::walk::{Step, Walk, Walked, walk};
use crate::{Context, Error, FileStat, FileType, Instant};

/// A file system that keeps changes to another one, its base, in memory. The
/// base never changes. Names that differ only in case are two files in memory,
/// even if they are one in the base.
pub struct Overlay {
    base: Option<Arc<dyn FileSystem>>,
    state: Mutex<State>,
}

pub(crate) struct State {
    pub tree: Tree,
    /// The limit on the tree, in bytes. `None` for the caller's limit.
    pub cap: Option<u64>,
    pub read_only: bool,
}

/// An entry of the merged tree.
enum Found<'a> {
    Memory(&'a Node),
    /// The base's entry, at this path.
    Base(String, FileStat),
}

impl Found<'_> {
    fn file_type(&self) -> FileType {
        match self {
            Self::Memory(Node::File(_)) => FileType::Regular,
            Self::Memory(Node::Directory(_)) => FileType::Directory,
            Self::Memory(Node::Link(_)) => FileType::SymbolicLink,
            Self::Memory(Node::Moved(_) | Node::Removed) => FileType::Other,
            Self::Base(_, stat) => stat.file_type,
        }
    }

    /// The path in the base with the content, if that is not in memory.
    fn in_base(self) -> Option<String> {
        match self {
            Self::Memory(_) => None,
            Self::Base(path, _) => Some(path),
        }
    }
}

impl Overlay {
    /// A tree over a base, capped by
    /// [`Limits::overlay_bytes`](crate::Limits::overlay_bytes).
    pub fn over(base: Arc<dyn FileSystem>) -> Self {
        Self::new(Some(base), None)
    }

    /// An overlay over the same base, without changes.
    pub(crate) fn fresh(&self) -> Self {
        Self::new(self.base.clone(), self.lock().cap)
    }

    /// A tree over nothing, with its own cap.
    pub(crate) fn over_nothing(cap: u64) -> Self {
        Self::new(None, Some(cap))
    }

    fn new(base: Option<Arc<dyn FileSystem>>, cap: Option<u64>) -> Self {
        let tree = Tree::new(base.is_some());
        Self {
            base,
            state: Mutex::new(State {
                tree,
                cap,
                read_only: false,
            }),
        }
    }

    /// The state. It stays usable after a panic elsewhere, because changes to
    /// it follow everything that can fail.
    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The state, for a change, and the limit on the tree in bytes.
    fn lock_for(&self, context: &Context<'_>) -> (MutexGuard<'_, State>, u64) {
        let state = self.lock();
        let cap = state.cap.unwrap_or(context.overlay_bytes());
        (state, cap)
    }

    /// Follows a path through the merged tree.
    fn walk<'a>(
        &self,
        state: &'a State,
        path: &str,
        mode: Walk,
    ) -> Result<Walked<Found<'a>>, Error> {
        walk(path, mode, |parent, _, name| self.look(state, parent, name))
    }

    /// The entry `name` of a directory, or of the root if `None`.
    fn look<'a>(
        &self,
        state: &'a State,
        parent: Option<&Found<'a>>,
        name: &str,
    ) -> Result<Step<Found<'a>>, Error> {
        let directory = match parent {
            None => &state.tree.root,
            Some(Found::Memory(Node::Directory(directory))) => directory,
            Some(Found::Memory(_)) => return Ok(Step::Missing),
            Some(Found::Base(path, _)) => return self.look_in_base(join(path, name)),
        };
        match (directory.get(name), directory.base_path(name)) {
            (Some(node), _) => self.look_at(node),
            (None, Some(path)) => self.look_in_base(path),
            (None, None) => Ok(Step::Missing),
        }
    }

    fn look_at<'a>(&self, node: &'a Node) -> Result<Step<Found<'a>>, Error> {
        let found = Found::Memory(node);
        Ok(match node {
            Node::File(_) => Step::Other(found),
            Node::Directory(_) => Step::Directory(found),
            Node::Link(target) => Step::Link(target.to_string(), found),
            Node::Moved(path) => return self.look_in_base(path.to_string()),
            Node::Removed => Step::Missing,
        })
    }

    fn look_in_base<'a>(&self, path: String) -> Result<Step<Found<'a>>, Error> {
        let Some(base) = &self.base else {
            return Ok(Step::Missing);
        };
        let stat = match base.stat(&path, false) {
            Ok(stat) => stat,
            Err(Error::NotFound | Error::NotADirectory) => return Ok(Step::Missing),
            Err(error) => return Err(error),
        };
        Ok(match stat.file_type {
            FileType::Directory => Step::Directory(Found::Base(path, stat)),
            FileType::SymbolicLink => Step::Link(base.read_link(&path)?, Found::Base(path, stat)),
            FileType::Regular | FileType::Other => Step::Other(Found::Base(path, stat)),
        })
    }

    fn stat_of(&self, found: &Found<'_>) -> FileStat {
        match found {
            Found::Memory(Node::File(file)) => file_stat(file),
            Found::Memory(Node::Directory(directory)) => self.directory_stat(directory),
            Found::Memory(Node::Link(target)) => link_stat(target),
            Found::Memory(Node::Moved(_) | Node::Removed) => {
                memory_stat(FileType::Other, 0, 0, Instant::EPOCH, 0)
            }
            Found::Base(_, stat) => *stat,
        }
    }

    /// A directory in memory looks like the base's own, changed later.
    fn directory_stat(&self, directory: &DirectoryNode) -> FileStat {
        if let (Some(base), Some(path)) = (&self.base, &directory.base)
            && let Ok(mut stat) = base.stat(path, false)
        {
            if let Some(modified) = directory.modified {
                stat.modified = modified;
                stat.changed = modified;
            }
            return stat;
        }
        let modified = directory.modified.unwrap_or(Instant::EPOCH);
        memory_stat(FileType::Directory, 0o755, 0, modified, directory.id)
    }

    /// The entry that a path leads to. `None` for the root.
    fn find<'a>(
        &self,
        state: &'a State,
        path: &str,
        mode: Walk,
    ) -> Result<(Vec<String>, Option<Found<'a>>), Error> {
        let walked = self.walk(state, path, mode)?;
        if walked.item.is_none() && !walked.path.is_empty() {
            return Err(Error::NotFound);
        }
        Ok((walked.path, walked.item))
    }

    /// Whether the base has a visible entry at a name that the memory does not
    /// have.
    fn base_has(&self, tree: &Tree, path: &[String]) -> Result<bool, Error> {
        let Some((name, parent)) = path.split_last() else {
            return Ok(false);
        };
        let base_path = match tree.directory(parent) {
            Reached::Memory(directory) => directory.base_path(name),
            Reached::Base(path) => Some(join(&path, name)),
            Reached::Nothing => None,
        };
        Ok(match base_path {
            Some(path) => !matches!(self.look_in_base(path)?, Step::Missing),
            None => false,
        })
    }

    /// The node left at a name whose entry is removed.
    fn remains(&self, tree: &Tree, path: &[String]) -> Result<Option<Node>, Error> {
        Ok(self.base_has(tree, path)?.then_some(Node::Removed))
    }

    /// Takes the entry at `path` out of the tree.
    fn remove(
        &self,
        state: &mut State,
        path: &[String],
        cap: u64,
        now: Instant,
    ) -> Result<(), Error> {
        let remains = self.remains(&state.tree, path)?;
        // The entry in memory makes room for the mark that hides the base's.
        if remains.is_some() && state.tree.node(path).is_none() {
            state.tree.make_room(path, &Node::Removed, cap)?;
        }
        let removed = state.tree.put(path, remains, Some(now))?;
        state.tree.discard(removed);
        Ok(())
    }

    /// Whether a directory is empty. The answer is valid for the same
    /// [revision](Tree::revision) of the tree.
    async fn is_empty(&self, path: &[String], context: &Context<'_>) -> Result<bool, Error> {
        let base_path = {
            let state = self.lock();
            if let Reached::Memory(directory) = state.tree.directory(path)
                && directory.shows_any()
            {
                return Ok(false);
            }
            shows_through(&state.tree, path)?
        };
        let (Some(base), Some(base_path)) = (&self.base, base_path) else {
            return Ok(true);
        };
        let mut empty = true;
        let mut visit = |slice: Slice| {
            empty = slice.unreadable == 0
                && match self.lock().tree.directory(path) {
                    Reached::Memory(directory) => {
                        let mut names = slice.names.iter();
                        names.all(|(name, _)| directory.get(name).is_some())
                    }
                    Reached::Base(_) | Reached::Nothing => slice.names.is_empty(),
                };
            Ok(if empty {
                ControlFlow::Continue(())
            } else {
                ControlFlow::Break(())
            })
        };
        base.list(&base_path, context, &mut visit).await?;
        Ok(empty)
    }

    /// Some entries in memory after a name, and the last name if there may be
    /// more.
    fn list_memory(
        &self,
        path: &[String],
        after: Option<&str>,
    ) -> Result<(Slice, Option<String>), Error> {
        let mut slice = Slice::default();
        let mut last = None;
        let state = self.lock();
        let Reached::Memory(directory) = state.tree.directory(path) else {
            return Ok((slice, None));
        };
        for (name, node) in directory.entries(after).take(SLICE_ENTRIES) {
            last = Some(name.to_owned());
            match self.look_at(node)? {
                Step::Missing => slice.hidden += 1,
                Step::Directory(found) | Step::Other(found) | Step::Link(_, found) => {
                    slice.names.push((name.to_owned(), found.file_type()));
                }
            }
        }
        Ok((slice, last))
    }
}

/// The directory of the base whose entries show through at a path.
fn shows_through(tree: &Tree, path: &[String]) -> Result<Option<String>, Error> {
    match tree.directory(path) {
        Reached::Memory(directory) => Ok(directory.base.as_deref().map(str::to_owned)),
        Reached::Base(path) => Ok(Some(path)),
        Reached::Nothing => Err(Error::NotADirectory),
    }
}

#[async_trait]
impl FileSystem for Overlay {
    fn is_read_only(&self) -> bool {
        self.lock().read_only
    }

    fn as_overlay(&self) -> Option<&Overlay> {
        self.base.as_ref().map(|_| self)
    }

    fn stat(&self, path: &str, follow_links: bool) -> Result<FileStat, Error> {
        let state = self.lock();
        let (_, found) = self.find(&state, path, Walk::follow(follow_links))?;
        Ok(match found {
            Some(found) => self.stat_of(&found),
            None => self.directory_stat(&state.tree.root),
        })
    }

    fn read_link(&self, path: &str) -> Result<String, Error> {
        let state = self.lock();
        match (self.find(&state, path, Walk::KeepLast)?.1, &self.base) {
            (Some(Found::Memory(Node::Link(target))), _) => Ok(target.to_string()),
            (Some(Found::Base(path, _)), Some(base)) => base.read_link(&path),
            _ => Err(Error::InvalidArgument),
        }
    }

    fn real_path(&self, path: &str) -> Result<String, Error> {
        let state = self.lock();
        let (path, _) = self.find(&state, path, Walk::Follow)?;
        Ok(path.join("/"))
    }

    async fn read(&self, path: &str, context: &Context<'_>) -> Result<Vec<u8>, Error> {
        match self.content(path)? {
            Content::Base(base, path) => base.read(&path, context).await,
            Content::Memory(data) => {
                context.check_file_bytes(data.len() as u64)?;
                let mut copy = Vec::new();
                extend(&mut copy, &data, context).await?;
                Ok(copy)
            }
        }
    }

    fn check_readable(&self, path: &str) -> Result<(), Error> {
        match self.content(path)? {
            Content::Base(base, path) => base.check_readable(&path),
            Content::Memory(_) => Ok(()),
        }
    }

    async fn write(
        &self,
        path: &str,
        data: &[u8],
        mode: WriteMode,
        context: &Context<'_>,
    ) -> Result<(), Error> {
        let mut ready = None;
        loop {
            let wanted = match self.try_write(path, data, mode, ready.take(), context)? {
                Written::Done => return Ok(()),
                Written::Wants(old) => old,
            };
            let mut content = match (&self.base, &wanted) {
                (Some(base), Some(path)) => base.read(path, context).await?,
                _ => Vec::new(),
            };
            let size = (content.len() as u64).saturating_add(data.len() as u64);
            context.check_file_bytes(size)?;
            extend(&mut content, data, context).await?;
            ready = Some(Ready {
                old: wanted,
                content,
            });
        }
    }

    async fn list(
        &self,
        path: &str,
        context: &Context<'_>,
        visit: &mut Visit<'_>,
    ) -> Result<(), Error> {
        let (path, base_path) = {
            let state = self.lock();
            let (path, found) = self.find(&state, path, Walk::Follow)?;
            if found.is_some_and(|found| found.file_type() != FileType::Directory) {
                return Err(Error::NotADirectory);
            }
            let base_path = shows_through(&state.tree, &path)?;
            (path, base_path)
        };
        if let (Some(base), Some(base_path)) = (&self.base, base_path) {
            let mut goes_on = ControlFlow::Continue(());
            let mut visit_base = |mut slice: Slice| {
                // Names in memory are visited, and counted, below.
                if let Reached::Memory(directory) = self.lock().tree.directory(&path) {
                    slice
                        .names
                        .retain(|(name, _)| directory.get(name).is_none());
                }
                goes_on = visit(slice)?;
                Ok(goes_on)
            };
            base.list(&base_path, context, &mut visit_base).await?;
            if goes_on.is_break() {
                return Ok(());
            }
        }
        let mut last: Option<String> = None;
        loop {
            let (slice, next) = self.list_memory(&path, last.as_deref())?;
            if visit(slice)?.is_break() || next.is_none() {
                return Ok(());
            }
            last = next;
            context.breathe().await?;
        }
    }

    fn create_directory(&self, path: &str, context: &Context<'_>) -> Result<(), Error> {
        let (mut guard, cap) = self.lock_for(context);
        let state = &mut *guard;
        let Walked { path, item } = self.walk(state, path, Walk::KeepLast)?;
        if path.is_empty() || item.is_some() {
            return Err(Error::AlreadyExists);
        }
        Tree::check_depth(&path, None)?;
        let node = Node::directory(None, Some(context.now()), state.tree.new_id());
        state.tree.make_room(&path, &node, cap)?;
        let removed = state.tree.put(&path, Some(node), Some(context.now()))?;
        state.tree.discard(removed);
        Ok(())
    }

    fn remove_file(&self, path: &str, context: &Context<'_>) -> Result<(), Error> {
        let (mut state, cap) = self.lock_for(context);
        let (path, found) = self.find(&state, path, Walk::KeepLast)?;
        if found.is_none_or(|found| found.file_type() == FileType::Directory) {
            return Err(Error::IsADirectory);
        }
        self.remove(&mut state, &path, cap, context.now())
    }

    async fn remove_directory(&self, path: &str, context: &Context<'_>) -> Result<(), Error> {
        loop {
            let (revision, found_path) = {
                let state = self.lock();
                let (path, found) = self.find(&state, path, Walk::KeepLast)?;
                let found = found.ok_or(Error::Busy)?;
                if found.file_type() != FileType::Directory {
                    return Err(Error::NotADirectory);
                }
                (state.tree.revision(), path)
            };
            if !self.is_empty(&found_path, context).await? {
                return Err(Error::DirectoryNotEmpty);
            }
            let (mut state, cap) = self.lock_for(context);
            if state.tree.revision() == revision {
                return self.remove(&mut state, &found_path, cap, context.now());
            }
        }
    }

    async fn rename(
        &self,
        source: &str,
        destination: &str,
        context: &Context<'_>,
    ) -> Result<(), Error> {
        let mut empty_at = None;
        loop {
            let replaced = match self.try_rename(source, destination, empty_at, context)? {
                Renamed::Done => return Ok(()),
                Renamed::Replaces { path, revision } => {
                    empty_at = Some(revision);
                    path
                }
            };
            if !self.is_empty(&replaced, context).await? {
                return Err(Error::DirectoryNotEmpty);
            }
        }
    }
}

/// The location of a file's content.
enum Content<'a> {
    Base(&'a dyn FileSystem, String),
    Memory(Arc<Vec<u8>>),
}

/// The new content of a file, built without the lock.
struct Ready {
    /// The file of the base that it starts with.
    old: Option<String>,
    content: Vec<u8>,
}

/// The result of a write.
enum Written {
    Done,
    /// The new content must be built first, starting with this file of the
    /// base.
    Wants(Option<String>),
}

/// The result of a rename.
enum Renamed {
    Done,
    /// It replaces this directory, if that is empty.
    Replaces {
        path: Vec<String>,
        revision: u64,
    },
}

impl Overlay {
    /// Locates the content of the regular file at a path.
    fn content(&self, path: &str) -> Result<Content<'_>, Error> {
        let state = self.lock();
        let (_, found) = self.find(&state, path, Walk::Follow)?;
        let found = found.ok_or(Error::IsADirectory)?;
        expect_regular(found.file_type())?;
        match (found, &self.base) {
            (Found::Memory(Node::File(file)), _) => Ok(Content::Memory(Arc::clone(&file.data))),
            (Found::Base(path, _), Some(base)) => Ok(Content::Base(base.as_ref(), path)),
            _ => Err(Error::NotFound),
        }
    }

    /// Writes a file, if its old content is at hand.
    fn try_write(
        &self,
        path: &str,
        data: &[u8],
        mode: WriteMode,
        ready: Option<Ready>,
        context: &Context<'_>,
    ) -> Result<Written, Error> {
        let (mut guard, cap) = self.lock_for(context);
        let state = &mut *guard;
        let Walked { path, item } = self.walk(state, path, Walk::Follow)?;
        if path.is_empty() {
            return Err(Error::IsADirectory);
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
            state.tree.append(&path, data, context.now(), cap)?;
            return Ok(Written::Done);
        }
        let old = item
            .and_then(Found::in_base)
            .filter(|_| mode == WriteMode::Append);
        let Some(Ready { content, .. }) = ready.filter(|ready| ready.old == old) else {
            context.check_file_bytes(data.len() as u64)?;
            return Ok(Written::Wants(old));
        };
        let id = match in_memory {
            Some((_, id)) => id,
            None => state.tree.new_id(),
        };
        let node = Node::file(content, context.now(), id);
        state.tree.make_room(&path, &node, cap)?;
        let replaced = state.tree.put(&path, Some(node), Some(context.now()))?;
        state.tree.discard(replaced);
        Ok(Written::Done)
    }

    /// Renames, unless it would replace a directory not known to be empty at
    /// this revision of the tree.
    fn try_rename(
        &self,
        source: &str,
        destination: &str,
        empty_at: Option<u64>,
        context: &Context<'_>,
    ) -> Result<Renamed, Error> {
        let (mut guard, cap) = self.lock_for(context);
        let state = &mut *guard;
        // Both paths are walked before either end is checked, and the checks
        // follow the order of Linux, so that the same error comes first.
        let Walked { path: from, item } = self.walk(state, source, Walk::KeepLast)?;
        let Walked {
            path: to,
            item: replaced,
        } = self.walk(state, destination, Walk::KeepLast)?;
        if from.is_empty() || to.is_empty() {
            return Err(Error::Busy);
        }
        let found = item.ok_or(Error::NotFound)?;
        if from == to {
            return Ok(Renamed::Done);
        }
        if to.starts_with(&from) {
            return Err(Error::InvalidArgument);
        }
        if from.starts_with(&to) {
            return Err(Error::DirectoryNotEmpty);
        }
        let is_directory = found.file_type() == FileType::Directory;
        if let Some(replaced) = replaced {
            match (is_directory, replaced.file_type() == FileType::Directory) {
                (false, true) => return Err(Error::IsADirectory),
                (true, false) => return Err(Error::NotADirectory),
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
        let base_node = match (found, &self.base) {
            (Found::Base(path, stat), Some(base)) if state.tree.node(&from).is_none() => {
                Some(match stat.file_type {
                    FileType::Directory => {
                        Node::directory(Some(path.into()), None, state.tree.new_id())
                    }
                    FileType::SymbolicLink => Node::Link(base.read_link(&path)?.into()),
                    FileType::Regular | FileType::Other => Node::Moved(path.into()),
                })
            }
            _ => None,
        };
        let remains = self.remains(&state.tree, &from)?;
        // Everything that can fail comes before the first change.
        state.tree.make_room(&from, &Node::Removed, cap)?;
        let moved = base_node.as_ref().unwrap_or(&Node::Removed);
        state.tree.make_room(&to, moved, cap)?;
        let in_memory = state.tree.put(&from, remains, Some(context.now()))?;
        let node = base_node.or(in_memory);
        let replaced = state.tree.put(&to, node, Some(context.now()))?;
        state.tree.discard(replaced);
        Ok(Renamed::Done)
    }
}

fn file_stat(file: &FileNode) -> FileStat {
    let size = file.data.len() as u64;
    memory_stat(FileType::Regular, 0o644, size, file.modified, file.id)
}

fn link_stat(target: &str) -> FileStat {
    let size = target.len() as u64;
    memory_stat(FileType::SymbolicLink, 0o777, size, Instant::EPOCH, 0)
}

fn memory_stat(
    file_type: FileType,
    permissions: u32,
    size: u64,
    modified: Instant,
    file_id: u64,
) -> FileStat {
    FileStat {
        file_type,
        permissions,
        size,
        modified,
        accessed: modified,
        changed: modified,
        file_id,
        device_id: None,
        link_count: 1,
    }
}
