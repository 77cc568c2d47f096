//! Follows links name by name: for trees whose links no kernel follows, and to
//! find where a link leads.

use crate::Error;
use crate::path::names;

/// The limit on links followed for one path, as in Linux.
const MAX_LINKS: usize = 40;

/// The limit on names visited for one path. A path has fewer, but a link may
/// have two thousand.
const MAX_STEPS: usize = 1024;

/// The type of a name.
pub(crate) enum Step<T> {
    Missing,
    Directory(T),
    /// A symbolic link, with its target.
    Link(String, T),
    Other(T),
}

/// Whether a walk follows a link at the end.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Walk {
    /// Follows links everywhere.
    Follow,
    /// The path leads to the link itself.
    KeepLast,
}

impl Walk {
    /// Follows a link at the end, or not.
    pub fn follow(follow_links: bool) -> Self {
        if follow_links {
            Self::Follow
        } else {
            Self::KeepLast
        }
    }
}

/// The result of a walk.
pub(crate) struct Walked<T> {
    /// The names from the root, with links resolved. Empty for the root.
    pub path: Vec<String>,
    /// The type of the entry. `None` if it does not exist, or for the root.
    pub item: Option<T>,
}

/// Follows `path` name by name; it may hold `.` and `..`. `look` tells what
/// stands at a name in a directory, of which it gets what it told before,
/// except for the root, and the path.
///
/// A link that is absolute, or leads above the root, is
/// [`Error::PermissionDenied`]: it means a place outside the sandbox.
pub(crate) fn walk<T>(
    path: &str,
    mode: Walk,
    mut look: impl FnMut(Option<&T>, &[String], &str) -> Result<Step<T>, Error>,
) -> Result<Walked<T>, Error> {
    let mut todo: Vec<String> = Vec::new();
    follow(path, &mut todo)?;
    let mut done: Vec<String> = Vec::new();
    let mut items: Vec<T> = Vec::new();
    let mut links = 0;
    let mut steps = 0;
    while let Some(name) = todo.pop() {
        steps += 1;
        if steps > MAX_STEPS {
            return Err(Error::TooManyLinks);
        }
        if name == ".." {
            items.pop();
            done.pop().ok_or(Error::PermissionDenied)?;
            continue;
        }
        match look(items.last(), &done, &name)? {
            Step::Link(target, _) if mode == Walk::Follow || !todo.is_empty() => {
                links += 1;
                if links > MAX_LINKS {
                    return Err(Error::TooManyLinks);
                }
                follow(&target, &mut todo)?;
            }
            Step::Directory(item) => {
                done.push(name);
                items.push(item);
            }
            Step::Link(_, item) | Step::Other(item) => {
                if !todo.is_empty() {
                    return Err(Error::NotADirectory);
                }
                done.push(name);
                return Ok(Walked {
                    path: done,
                    item: Some(item),
                });
            }
            Step::Missing => {
                if !todo.is_empty() {
                    return Err(Error::NotFound);
                }
                done.push(name);
                return Ok(Walked {
                    path: done,
                    item: None,
                });
            }
        }
    }
    Ok(Walked {
        path: done,
        item: items.pop(),
    })
}

/// Puts the names of a link's target in front of the remaining ones.
fn follow(target: &str, todo: &mut Vec<String>) -> Result<(), Error> {
    if target.starts_with('/') {
        return Err(Error::PermissionDenied);
    }
    let names = names(target).rev().filter(|name| *name != ".");
    todo.extend(names.map(str::to_owned));
    Ok(())
}
