//! Paths of the sandbox.
//!
//! A virtual path is absolute: `/data/a.txt`. A relative path is one below a
//! mount point, without a `/` in front: `a.txt`, and empty for the mount point
//! itself.

use super::{ErrorCode, MountError};

/// Bytes in a path: `PATH_MAX` of Linux, so that every host has the same.
pub(super) const MAX_PATH_BYTES: usize = 4096;

/// Bytes in a name: `NAME_MAX` of every common file system.
const MAX_NAME_BYTES: usize = 255;

/// Names in a path. Keeps trees in memory shallow enough to be walked, and
/// dropped, by recursion.
pub(super) const MAX_DEPTH: usize = 128;

/// Checks a path that a script sent. The guest normalises paths, but a guest
/// is not trusted to.
pub(super) fn check(path: &str) -> Result<(), ErrorCode> {
    if path.len() > MAX_PATH_BYTES {
        return Err(ErrorCode::NameTooLong);
    }
    let Some(below_root) = path.strip_prefix('/') else {
        return Err(ErrorCode::InvalidArgument);
    };
    if path.contains('\0') {
        return Err(ErrorCode::InvalidArgument);
    }
    // A host that parses these would see more than one name, or another root.
    if cfg!(windows) && path.contains(['\\', ':']) {
        return Err(ErrorCode::PermissionDenied);
    }
    if below_root.is_empty() {
        return Ok(());
    }
    for (depth, name) in below_root.split('/').enumerate() {
        if matches!(name, "" | "." | "..") {
            return Err(ErrorCode::InvalidArgument);
        }
        if name.len() > MAX_NAME_BYTES || depth >= MAX_DEPTH {
            return Err(ErrorCode::NameTooLong);
        }
    }
    Ok(())
}

/// Checks a virtual path that the host gave.
pub(super) fn check_given(path: &str) -> Result<(), MountError> {
    check(path).map_err(|_| {
        MountError::new(format!(
            "`{path}` is not a virtual path: write an absolute path without `.`, `..`, `//` or a \
             `/` at the end, such as `/data`"
        ))
    })
}

/// The names of a relative path.
pub(super) fn names(path: &str) -> impl DoubleEndedIterator<Item = &str> {
    path.split('/').filter(|name| !name.is_empty())
}

/// The path of `name` in the directory at `parent`, a relative path.
pub(super) fn join(parent: &str, name: &str) -> String {
    if parent.is_empty() {
        name.to_owned()
    } else {
        format!("{parent}/{name}")
    }
}

/// The virtual path of a relative one below `parent`; `parent` itself if that
/// is empty.
pub(super) fn join_virtual(parent: &str, relative: &str) -> String {
    if relative.is_empty() {
        parent.to_owned()
    } else {
        format!("{}/{relative}", parent.trim_end_matches('/'))
    }
}

/// Where `path` leads below `parent`: empty if they are the same, nothing if
/// it is elsewhere. Both are virtual.
pub(super) fn below<'a>(path: &'a str, parent: &str) -> Option<&'a str> {
    let rest = path.strip_prefix(parent.trim_end_matches('/'))?;
    if rest.is_empty() {
        Some(rest)
    } else {
        rest.strip_prefix('/')
    }
}
