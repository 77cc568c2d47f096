//! What a script changed in an overlay.

use super::overlay::Overlay;
use super::path::join_virtual;
use super::tree::{Node, Reached, Tree};

/// A change that a script made to an [overlay](super::MountMode::Overlay).
/// Paths are those of the sandbox.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Change {
    /// A file was made, or has this content now.
    File {
        /// The file.
        path: String,
        /// Its content.
        data: Vec<u8>,
    },
    /// A directory was made. It holds what the changes below it say and
    /// nothing else, whatever the host has at this path.
    Directory {
        /// The directory.
        path: String,
    },
    /// Something was moved: `path` is now what the host has at `from`, with
    /// the changes below it.
    Moved {
        /// The new path.
        path: String,
        /// The path that the host directory has it at.
        from: String,
    },
    /// A symbolic link was moved.
    Link {
        /// The new path.
        path: String,
        /// Where it points.
        target: String,
    },
    /// A file or a directory is gone.
    Removed {
        /// The path it had.
        path: String,
    },
}

/// What was changed in an overlay, a directory before what is in it. `mount` is
/// the mount point.
pub(super) fn changes(overlay: &Overlay, mount: &str) -> impl Iterator<Item = Change> {
    let mut last = Some(Vec::new());
    std::iter::from_fn(move || {
        let state = overlay.lock();
        // Directories that were only touched are passed over.
        loop {
            let path = state.tree.after(last.take()?)?;
            let change = change(&state.tree, &path, mount);
            last = Some(path);
            if change.is_some() {
                return change;
            }
        }
    })
}

fn change(tree: &Tree, names: &[String], mount: &str) -> Option<Change> {
    let (name, parent) = names.split_last()?;
    let Reached::Memory(directory) = tree.directory(parent) else {
        return None;
    };
    let path = join_virtual(mount, &names.join("/"));
    let moved = |path, host: &str| Change::Moved {
        path,
        from: join_virtual(mount, host),
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
        Node::Moved(host) => moved(path, host),
        Node::Removed => Change::Removed { path },
        Node::Directory(below) => match &below.host {
            None => Change::Directory { path },
            // Where the host has it, it was only touched.
            Some(host) if directory.host_path(name).as_deref() == Some(host) => return None,
            Some(host) => moved(path, host),
        },
    })
}
