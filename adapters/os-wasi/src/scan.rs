//! A whole tree at once: what `os.walk()` and `Path.glob()` ask for.

use std::rc::Rc;

use crate::directory::{MAX_ENTRIES, too_many_entries};
use crate::mounts::Mounts;
use crate::path::{join, join_virtual};
use crate::{ErrorCode, FileType, ScanEntry, ScanOptions};

/// Text that one scan may answer with.
const MAX_SCAN_BYTES: usize = 32 << 20;

/// A directory that a scan descended into, and those it came through: a link
/// to one of them is a cycle.
struct Visited {
    resolved: String,
    /// 0 for the root.
    depth: u32,
    above: Option<Rc<Visited>>,
}

impl Visited {
    fn contains(&self, path: &str) -> bool {
        std::iter::successors(Some(self), |visited| visited.above.as_deref())
            .any(|visited| visited.resolved == path)
    }
}

/// A directory below the root that cannot be listed counts as empty, as in
/// `os.walk()`.
pub fn scan(
    mounts: &Mounts,
    path: &str,
    options: &ScanOptions,
) -> Result<Vec<ScanEntry>, ErrorCode> {
    let stat = mounts.stat(path)?;
    let mut found = vec![ScanEntry {
        path: String::new(),
        is_directory: stat.file_type == FileType::Directory,
        is_file: stat.file_type == FileType::Regular,
        is_symbolic_link: mounts.is_symlink(path)?,
    }];
    // A file is described, so that a pattern without `*` can find it.
    if options.max_depth == Some(0) || stat.file_type != FileType::Directory {
        return Ok(found);
    }
    let root = Rc::new(Visited {
        resolved: mounts.resolve(path)?,
        depth: 0,
        above: None,
    });
    let mut text_bytes = 0;
    let mut pending = vec![(String::new(), root)];
    while let Some((directory, visited)) = pending.pop() {
        let full = join_virtual(path, &directory);
        let entries = match mounts.list(&full) {
            Ok(entries) => entries,
            // A limit, or a broken disk: the answer would be incomplete.
            Err(error @ ErrorCode::Other(_)) => return Err(error),
            Err(error) if directory.is_empty() => return Err(error),
            Err(_) => continue,
        };
        if found.len() + entries.len() > MAX_ENTRIES {
            return Err(too_many_entries());
        }
        let depth = visited.depth + 1;
        let descends = options.max_depth.is_none_or(|max| depth < max);
        for entry in entries {
            let relative = join(&directory, &entry.name);
            text_bytes += relative.len();
            if text_bytes > MAX_SCAN_BYTES {
                return Err(ErrorCode::Other(format!(
                    "more than {MAX_SCAN_BYTES} bytes of paths in one scan"
                )));
            }
            let follows = !entry.is_symlink || options.follow_symbolic_links;
            if entry.is_directory && descends && follows {
                let resolved = if entry.is_symlink {
                    mounts.resolve(&join_virtual(&full, &entry.name)).ok()
                } else {
                    Some(join_virtual(&visited.resolved, &entry.name))
                };
                if let Some(resolved) = resolved.filter(|path| !visited.contains(path)) {
                    let next = Visited {
                        resolved,
                        depth,
                        above: Some(Rc::clone(&visited)),
                    };
                    pending.push((relative.clone(), Rc::new(next)));
                }
            }
            found.push(ScanEntry {
                path: relative,
                is_directory: entry.is_directory,
                is_file: entry.is_file,
                is_symbolic_link: entry.is_symlink,
            });
        }
    }
    found.sort_unstable_by(|a, b| a.path.cmp(&b.path));
    Ok(found)
}
