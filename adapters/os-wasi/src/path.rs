//! Paths of the sandbox.
//!
//! A virtual path is absolute: `/data/a.txt`. A relative path is one below a
//! mount point, without a `/` in front: `a.txt`, and empty for the mount point
//! itself.

use crate::ErrorCode;

/// Bytes in a path: `PATH_MAX` of Linux, so that every runtime has the same.
pub const MAX_PATH_BYTES: usize = 4096;

/// Bytes in a name: `NAME_MAX` of every common file system.
const MAX_NAME_BYTES: usize = 255;

/// Checks a path that a script sent. The interpreter normalises paths; another
/// component in its place might not.
pub fn check(path: &str) -> Result<(), ErrorCode> {
    if path.len() > MAX_PATH_BYTES {
        return Err(ErrorCode::NameTooLong);
    }
    let below_root = path.strip_prefix('/').ok_or(ErrorCode::InvalidArgument)?;
    if path.contains('\0') {
        return Err(ErrorCode::InvalidArgument);
    }
    if below_root.is_empty() {
        return Ok(());
    }
    for name in below_root.split('/') {
        if matches!(name, "" | "." | "..") {
            return Err(ErrorCode::InvalidArgument);
        }
        if name.len() > MAX_NAME_BYTES {
            return Err(ErrorCode::NameTooLong);
        }
    }
    Ok(())
}

/// Where a preopened directory of this name stands.
pub fn mount_point(name: &str) -> String {
    let mut point: Vec<&str> = Vec::new();
    for part in names(name) {
        match part {
            "." => {}
            ".." => drop(point.pop()),
            part => point.push(part),
        }
    }
    format!("/{}", point.join("/"))
}

/// The names of a path.
pub fn names(path: &str) -> impl DoubleEndedIterator<Item = &str> {
    path.split('/').filter(|name| !name.is_empty())
}

/// The path of `name` in the directory at `parent`, a relative path.
pub fn join(parent: &str, name: &str) -> String {
    if parent.is_empty() {
        name.to_owned()
    } else {
        format!("{parent}/{name}")
    }
}

/// The virtual path of a relative one below `parent`; `parent` itself if that
/// is empty.
pub fn join_virtual(parent: &str, relative: &str) -> String {
    if relative.is_empty() {
        parent.to_owned()
    } else {
        format!("{}/{relative}", parent.trim_end_matches('/'))
    }
}

/// Where `path` leads below `parent`: empty if they are the same, nothing if
/// it is elsewhere. Both are virtual.
pub fn below<'a>(path: &'a str, parent: &str) -> Option<&'a str> {
    let rest = path.strip_prefix(parent.trim_end_matches('/'))?;
    match rest {
        "" => Some(rest),
        rest => rest.strip_prefix('/'),
    }
}
