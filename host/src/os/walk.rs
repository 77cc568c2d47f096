//! Path resolution for trees whose links the host's kernel does not follow:
//! overlays, and every `resolve`.

use super::ErrorCode;
use super::path::names;

/// Links followed for one path, as in Linux.
const MAX_LINKS: usize = 40;

/// Names looked at for one path. A path has fewer, but a link may hold two
/// thousand.
const MAX_STEPS: usize = 1024;

/// What stands at a name.
pub(super) enum Step<T> {
    Missing,
    Directory(T),
    /// A symbolic link, with its target.
    Link(String, T),
    Other(T),
}

/// How far a walk goes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Walk {
    /// Follows links everywhere.
    Follow,
    /// A link at the end is what the path leads to.
    KeepLast,
    /// Follows links, and keeps what does not exist as it is written.
    Resolve,
}

/// Where a path leads.
pub(super) struct Walked<T> {
    /// The names, from the root, none of them a link on the way. Empty for the
    /// root.
    pub path: Vec<String>,
    /// What stands there. Nothing if it does not exist, or for the root.
    pub item: Option<T>,
}

/// Follows `path` name by name. `look` tells what stands at a name in a
/// directory, of which it gets what it told before, except for the root, and
/// the path.
///
/// A link that is absolute, or leads above the root, is
/// [`ErrorCode::PermissionDenied`]: it means a place on the host.
pub(super) fn walk<T>(
    path: &str,
    mode: Walk,
    mut look: impl FnMut(Option<&T>, &[String], &str) -> Result<Step<T>, ErrorCode>,
) -> Result<Walked<T>, ErrorCode> {
    let mut todo: Vec<String> = names(path).rev().map(str::to_owned).collect();
    let mut done: Vec<String> = Vec::new();
    let mut items: Vec<T> = Vec::new();
    let mut links = 0;
    let mut steps = 0;
    while let Some(name) = todo.pop() {
        steps += 1;
        if steps > MAX_STEPS {
            return Err(ErrorCode::TooManyLinks);
        }
        if name == ".." {
            items.pop();
            if done.pop().is_none() {
                return Err(ErrorCode::PermissionDenied);
            }
            continue;
        }
        let step = look(items.last(), &done, &name)?;
        match step {
            Step::Link(target, _) if mode != Walk::KeepLast || !todo.is_empty() => {
                links += 1;
                if links > MAX_LINKS {
                    return Err(ErrorCode::TooManyLinks);
                }
                if target.starts_with('/') {
                    return Err(ErrorCode::PermissionDenied);
                }
                let target = names(&target).rev().filter(|name| *name != ".");
                todo.extend(target.map(str::to_owned));
            }
            Step::Directory(item) => {
                done.push(name);
                items.push(item);
            }
            Step::Link(_, item) | Step::Other(item) => {
                done.push(name);
                if todo.is_empty() {
                    return Ok(Walked {
                        path: done,
                        item: Some(item),
                    });
                }
                if mode != Walk::Resolve {
                    return Err(ErrorCode::NotADirectory);
                }
                return keep_rest(done, todo);
            }
            Step::Missing => {
                done.push(name);
                if todo.is_empty() || mode == Walk::Resolve {
                    return keep_rest(done, todo);
                }
                return Err(ErrorCode::NotFound);
            }
        }
    }
    Ok(Walked {
        path: done,
        item: items.pop(),
    })
}

/// Adds the names below what does not exist.
fn keep_rest<T>(mut done: Vec<String>, todo: Vec<String>) -> Result<Walked<T>, ErrorCode> {
    for name in todo.into_iter().rev() {
        if name != ".." {
            done.push(name);
        } else if done.pop().is_none() {
            return Err(ErrorCode::PermissionDenied);
        }
    }
    Ok(Walked {
        path: done,
        item: None,
    })
}
