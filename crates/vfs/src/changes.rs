//! The changes of a script in an overlay.

use crate::Overlay;
use crate::path::join_virtual;
use crate::tree::{Node, Reached, Tree};

/// A change in an [`Overlay`]. Paths are virtual.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Change {
    /// A file was created, or has new content.
    File {
        /// The file.
        path: String,
        /// Its content.
        data: Vec<u8>,
    },
    /// A directory was created. It holds only what the changes below it say,
    /// whatever the base has at this path.
    Directory {
        /// The directory.
        path: String,
    },
    /// A file or directory was moved: `path` is now the base's `from`, with the
    /// changes below it.
    Moved {
        /// The new path.
        path: String,
        /// Its path in the base.
        from: String,
    },
    /// A symbolic link was moved.
    Link {
        /// The new path.
        path: String,
        /// Its target.
        target: String,
    },
    /// A file or a directory was removed.
    Removed {
        /// The path it had.
        path: String,
    },
}

impl Overlay {
    /// The changes, a directory before its contents. `point` is the mount
    /// point.
    pub(crate) fn changes(&self, point: &str) -> impl Iterator<Item = Change> {
        let mut last = Some(Vec::new());
        std::iter::from_fn(move || {
            let state = self.lock();
            // Directories that were only touched are skipped.
            loop {
                let path = state.tree.after(last.take()?)?;
                let change = change(&state.tree, &path, point);
                last = Some(path);
                if change.is_some() {
                    return change;
                }
            }
        })
    }
}

fn change(tree: &Tree, names: &[String], point: &str) -> Option<Change> {
    let (name, parent) = names.split_last()?;
    let Reached::Memory(directory) = tree.directory(parent) else {
        return None;
    };
    let path = join_virtual(point, &names.join("/"));
    let moved = |path, base: &str| Change::Moved {
        path,
        from: join_virtual(point, base),
    };
    Some(match directory.get(name)? {
        Node::File(file) => Change::File {
            path,
            data: file.data.to_vec(),
        },
        Node::Link(target) => Change::Link {
            path,
            target: target.to_string(),
        },
        Node::Moved(base) => moved(path, base),
        Node::Removed => Change::Removed { path },
        Node::Directory(below) => match &below.base {
            None => Change::Directory { path },
            // If the base has it, it was only touched.
            Some(base) if directory.base_path(name).as_deref() == Some(base) => return None,
            Some(base) => moved(path, base),
        },
    })
}
