//! Paths of the sandbox and their limits.
//!
//! A virtual path is absolute: `/data/a.txt`. A relative path is one below the
//! root of a file system, without a `/` in front: `a.txt`, and empty for the
//! root itself.

use crate::{Error, MountError};

/// Bytes in a path: `PATH_MAX` of Linux, so that every system has the same.
pub const MAX_PATH_BYTES: usize = 4096;

/// Bytes in a name: `NAME_MAX` of every common file system.
pub const MAX_NAME_BYTES: usize = 255;

/// Names in a path. Keeps trees in memory shallow enough to walk, and to drop,
/// by recursion.
pub const MAX_DEPTH: usize = 128;

/// Checks a virtual path that a script sent. The interpreter normalises paths,
/// but it is not trusted to.
///
/// # Errors
///
/// - [`Error::InvalidArgument`] for a path that is not absolute and normalised;
/// - [`Error::NameTooLong`] beyond the bounds;
/// - [`Error::PermissionDenied`] for a name that this system would not take for
///   a single name.
pub fn check(path: &str) -> Result<(), Error> {
    if path.len() > MAX_PATH_BYTES {
        return Err(Error::NameTooLong);
    }
    let below_root = path.strip_prefix('/').ok_or(Error::InvalidArgument)?;
    if path.contains('\0') {
        return Err(Error::InvalidArgument);
    }
    // A system that parses these would see more than one name, or another root.
    if cfg!(windows) && path.contains(['\\', ':']) {
        return Err(Error::PermissionDenied);
    }
    if below_root.is_empty() {
        return Ok(());
    }
    for (depth, name) in below_root.split('/').enumerate() {
        if matches!(name, "" | "." | "..") {
            return Err(Error::InvalidArgument);
        }
        if name.len() > MAX_NAME_BYTES || depth >= MAX_DEPTH {
            return Err(Error::NameTooLong);
        }
    }
    Ok(())
}

/// Checks a virtual path that the embedder gave.
///
/// # Errors
///
/// As for [`check`], with a text that shows how to write it.
pub fn check_given(path: &str) -> Result<(), MountError> {
    check(path).map_err(|_| {
        MountError::new(format!(
            "`{path}` is not a virtual path: write an absolute path without `.`, `..`, `//` or a \
             `/` at the end, such as `/data`"
        ))
    })
}

/// The virtual path of a name resolved against `/`: `.` is `/`; `data` and
/// `./x/../data/` are `/data`.
pub fn absolute(name: &str) -> String {
    let mut path: Vec<&str> = Vec::new();
    for name in names(name) {
        match name {
            "." => {}
            ".." => drop(path.pop()),
            name => path.push(name),
        }
    }
    format!("/{}", path.join("/"))
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

/// The directory of a relative path: empty for a path of one name.
pub fn parent(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(parent, _)| parent)
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

/// The path of `path` relative to `parent`: empty if they are the same, `None`
/// if it is elsewhere. Both are virtual.
pub fn below<'a>(path: &'a str, parent: &str) -> Option<&'a str> {
    let rest = path.strip_prefix(parent.trim_end_matches('/'))?;
    if rest.is_empty() {
        Some(rest)
    } else {
        rest.strip_prefix('/')
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_resolved_against_the_root() {
        for (name, path) in [
            ("", "/"),
            (".", "/"),
            ("/", "/"),
            ("data/", "/data"),
            ("./here", "/here"),
            ("../up", "/up"),
            ("x/../y//z", "/y/z"),
        ] {
            assert_eq!(absolute(name), path, "{name}");
            assert_eq!(check(path), Ok(()));
        }
    }

    #[test]
    fn paths_lie_below_each_other_by_names() {
        assert_eq!(below("/data/a", "/data"), Some("a"));
        assert_eq!(below("/data", "/data"), Some(""));
        assert_eq!(below("/database", "/data"), None);
        assert_eq!(below("/data/a", "/"), Some("data/a"));
        assert_eq!(below("/", "/"), Some(""));
        assert_eq!(below("/", "/data"), None);
    }

    #[test]
    fn paths_out_of_bounds_are_refused() {
        let deep = |depth| "/x".repeat(depth);
        assert_eq!(check(&deep(MAX_DEPTH)), Ok(()));
        assert_eq!(check(&deep(MAX_DEPTH + 1)), Err(Error::NameTooLong));
        let name = |bytes: usize| format!("/{}", "é".repeat(bytes / 2));
        assert_eq!(check(&name(254)), Ok(()));
        assert_eq!(check(&name(256)), Err(Error::NameTooLong));
        let long = format!("/{}", "x".repeat(200)).repeat(20);
        assert_eq!(check(&long), Ok(()));
        assert_eq!(
            check(&format!("{long}{}", name(100))),
            Err(Error::NameTooLong)
        );
        for path in ["", "a", "/a/", "//", "/a//b", "/.", "/a/..", "/a\0"] {
            assert_eq!(check(path), Err(Error::InvalidArgument), "{path:?}");
        }
    }
}
