//! What a script changed in an overlay.

use super::overlay::Overlay;
use super::path::join_virtual;
use super::tree::{DirectoryNode, Node};

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
pub(super) fn changes(overlay: &Overlay, mount: &str) -> Vec<Change> {
    let mut changes = Vec::new();
    collect_changes(&overlay.lock().tree.root, mount, mount, &mut changes);
    changes
}

fn collect_changes(directory: &DirectoryNode, path: &str, mount: &str, changes: &mut Vec<Change>) {
    let on_host = |host: &str| join_virtual(mount, host);
    for (name, node) in &directory.entries {
        let path = join_virtual(path, name);
        match node {
            Node::File(file) => changes.push(Change::File {
                path,
                data: file.data.clone(),
            }),
            Node::Link(target) => changes.push(Change::Link {
                path,
                target: target.clone(),
            }),
            Node::Moved(host) => changes.push(Change::Moved {
                path,
                from: on_host(host),
            }),
            Node::Removed => changes.push(Change::Removed { path }),
            Node::Directory(below) => {
                match &below.host {
                    None => changes.push(Change::Directory { path: path.clone() }),
                    // Where the host has it, it was only touched.
                    Some(_) if below.host == directory.host_path(name) => {}
                    Some(host) => changes.push(Change::Moved {
                        path: path.clone(),
                        from: on_host(host),
                    }),
                }
                collect_changes(below, &path, mount, changes);
            }
        }
    }
}
