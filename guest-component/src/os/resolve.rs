//! `Path.resolve()`, as `os.path.realpath()` of CPython 3.13 and later: what
//! does not exist, cannot be looked at or is a circle of links stays as it is
//! written.

use monty_types::normalize_virtual_path;

use crate::{
    bindings::monty::sandbox::os_call::{self as host, ErrorCode},
    os_error,
};

/// The most links that a path may lead through, `MAXSYMLINKS` of Linux. Those
/// beyond stay as they are written, or a host could let a path grow for ever.
const MAX_LINKS: usize = 40;

/// The most bytes of a path that the system is asked about, and of a link's
/// target: `PATH_MAX` of Linux.
const MAX_PATH_BYTES: usize = 4096;

/// What is left to resolve, the next one last.
enum Part {
    /// A name, `.`, `..` or nothing.
    Name(String),
    /// All that a link stands for is resolved by now.
    EndOfLink(String),
}

/// Resolves the links in an absolute path.
///
/// # Errors
///
/// What is no `OSError`.
pub fn resolve(path: &str) -> Result<String, ErrorCode> {
    if path.len() > MAX_PATH_BYTES {
        return Ok(normalize_virtual_path(path).into_owned());
    }
    let mut parts = Vec::new();
    push_parts(path, &mut parts);
    let mut resolved = String::new();
    // Links, with what they lead to: nothing while that is being found out. A
    // path has few.
    let mut links: Vec<(String, Option<String>)> = Vec::new();
    while let Some(part) = parts.pop() {
        let name = match part {
            Part::Name(name) => name,
            Part::EndOfLink(link) => {
                if let Some((_, target)) = links.iter_mut().find(|(path, _)| *path == link) {
                    *target = Some(resolved.clone());
                }
                continue;
            }
        };
        match name.as_str() {
            "" | "." => continue,
            ".." => {
                resolved.truncate(resolved.rfind('/').unwrap_or(0));
                continue;
            }
            _ => {}
        }
        let path = format!("{resolved}/{name}");
        match links.iter().find(|(link, _)| *link == path) {
            Some((_, Some(target))) => resolved.clone_from(target),
            // A circle.
            Some((_, None)) => resolved = path,
            None if links.len() == MAX_LINKS => resolved = path,
            None => match host::read_link(&path) {
                Ok(target) if target.len() <= MAX_PATH_BYTES => {
                    if target.starts_with('/') {
                        resolved.clear();
                    }
                    links.push((path.clone(), None));
                    parts.push(Part::EndOfLink(path));
                    push_parts(&target, &mut parts);
                }
                Err(error) if !os_error::is_os_error(&error) => return Err(error),
                Ok(_) | Err(_) => resolved = path,
            },
        }
    }
    if resolved.is_empty() {
        resolved.push('/');
    }
    Ok(resolved)
}

fn push_parts(path: &str, parts: &mut Vec<Part>) {
    let names = path.rsplit('/');
    parts.extend(names.map(|name| Part::Name(name.to_owned())));
}
