//! Symbolic links followed by hand, for `resolve`: WASI follows them, but does
//! not tell where they lead.

use crate::ErrorCode;
use crate::path::names;

/// Links followed for one path, as in Linux.
const MAX_LINKS: usize = 40;

/// Names looked at for one path. A path has fewer, but a link may hold two
/// thousand.
const MAX_STEPS: usize = 4096;

/// What stands at a path.
pub enum Step {
    /// Nothing.
    Missing,
    /// A directory.
    Directory,
    /// A symbolic link, with its target.
    Link(String),
    /// Anything else.
    Other,
}

/// Follows a relative path name by name; `look` tells what stands at a path
/// whose directories are no links. What does not exist is kept as it is
/// written.
///
/// A link that is absolute, or leads above the root, is
/// [`ErrorCode::PermissionDenied`]: it means a place outside the sandbox.
pub fn resolve(
    path: &str,
    look: impl Fn(&str) -> Result<Step, ErrorCode>,
) -> Result<String, ErrorCode> {
    let mut todo: Vec<String> = names(path).rev().map(str::to_owned).collect();
    let mut done: Vec<String> = Vec::new();
    let mut links = 0;
    let mut steps = 0;
    // Below what is no directory, nothing exists to be looked at.
    let mut exists = true;
    while let Some(name) = todo.pop() {
        steps += 1;
        if steps > MAX_STEPS {
            return Err(ErrorCode::TooManyLinks);
        }
        if name == ".." {
            done.pop().ok_or(ErrorCode::PermissionDenied)?;
            continue;
        }
        done.push(name);
        if !exists {
            continue;
        }
        match look(&done.join("/"))? {
            Step::Directory => {}
            Step::Missing | Step::Other => exists = false,
            Step::Link(target) => {
                done.pop();
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
        }
    }
    Ok(done.join("/"))
}
