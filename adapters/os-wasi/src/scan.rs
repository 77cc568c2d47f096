//! A whole tree at once: what `os.walk()` and `Path.glob()` ask for.

use std::cell::OnceCell;
use std::collections::HashMap;
use std::rc::Rc;

use crate::directory::{Entry, MAX_ENTRIES, beyond, too_many_entries};
use crate::mounts::{Mount, Mounts, Route};
use crate::path::{MAX_PATH_BYTES, join, join_virtual};
use crate::{ErrorCode, FileType, ScanEntry, ScanOptions};

/// Text that one scan may answer with.
const MAX_SCAN_BYTES: usize = 32 << 20;

/// A directory, however it was reached.
struct Place<'a> {
    /// Different for each directory.
    id: usize,
    /// The mount that has it, unless mount points lie below: all mounts are
    /// asked for those.
    mount: Option<&'a Mount>,
    /// Its path in the mount, without links; its virtual path if there is no
    /// mount.
    path: String,
}

/// An entry of a directory.
struct Child<'a> {
    entry: Entry,
    /// Where it leads, once a scan wants to descend into it. Nowhere for a link
    /// that cannot be followed.
    place: OnceCell<Option<Rc<Place<'a>>>>,
}

type Children<'a> = Rc<[Child<'a>]>;

/// A directory that a scan is in.
struct Level<'a> {
    place: Rc<Place<'a>>,
    /// Relative to the root of the scan, through links.
    path: String,
    children: Children<'a>,
    next: usize,
}

struct Scan<'a> {
    mounts: &'a Mounts,
    /// The virtual path of the root.
    root: &'a str,
    options: &'a ScanOptions,
    /// The directories that links may lead to, by mount point and path.
    ids: HashMap<(&'a str, String), usize>,
    next_id: usize,
    /// What is in the directories that may be reached once more: links that
    /// lead to each other are looked at once, not once for each way to them.
    listed: HashMap<usize, Children<'a>>,
    found: Vec<ScanEntry>,
    text_bytes: usize,
}

/// A directory below the root that cannot be listed counts as empty, as in
/// `os.walk()`. A link to a directory that the scan came through is not
/// followed: it is a cycle.
pub fn scan(
    mounts: &Mounts,
    path: &str,
    options: &ScanOptions,
) -> Result<Vec<ScanEntry>, ErrorCode> {
    let stat = mounts.stat(path)?;
    let root = ScanEntry {
        path: String::new(),
        is_directory: stat.file_type == FileType::Directory,
        is_file: stat.file_type == FileType::Regular,
        is_symbolic_link: mounts.is_symlink(path)?,
    };
    // A file is described, so that a pattern without `*` can find it.
    if options.max_depth == Some(0) || !root.is_directory {
        return Ok(vec![root]);
    }
    let mut scan = Scan {
        mounts,
        root: path,
        options,
        ids: HashMap::new(),
        next_id: 0,
        listed: HashMap::new(),
        found: vec![root],
        text_bytes: 0,
    };
    scan.run()?;
    Ok(scan.found)
}

impl<'a> Scan<'a> {
    fn run(&mut self) -> Result<(), ErrorCode> {
        let place = self.place(self.root)?;
        let children = self.list(&place)?;
        let mut levels = vec![Level {
            place,
            path: String::new(),
            children,
            next: 0,
        }];
        while let Some(level) = levels.last_mut() {
            let children = Rc::clone(&level.children);
            let Some(child) = children.get(level.next) else {
                levels.pop();
                continue;
            };
            level.next += 1;
            let path = join(&level.path, &child.entry.name);
            self.add(path.clone(), &child.entry)?;
            let parent = Rc::clone(&level.place);
            if !self.descends(&child.entry, levels.len()) {
                continue;
            }
            if self.root.len() + 1 + path.len() > MAX_PATH_BYTES {
                return Err(beyond(format!(
                    "a directory whose path has more than {MAX_PATH_BYTES} bytes"
                )));
            }
            let place = child
                .place
                .get_or_init(|| self.below(&parent, &child.entry));
            let Some(place) = place else { continue };
            if levels.iter().any(|level| level.place.id == place.id) {
                continue;
            }
            let children = match self.list(place) {
                Ok(children) => children,
                // A limit: the answer would be incomplete.
                Err(error @ ErrorCode::Raised(_)) => return Err(error),
                Err(_) => continue,
            };
            levels.push(Level {
                place: Rc::clone(place),
                path,
                children,
                next: 0,
            });
        }
        Ok(())
    }

    /// Whether the scan goes on below an entry, which is `depth` levels below
    /// the root.
    fn descends(&self, entry: &Entry, depth: usize) -> bool {
        let max = self.options.max_depth;
        let goes_on = max.is_none_or(|max| depth < max as usize);
        let follows = !entry.is_symlink || self.options.follow_symbolic_links;
        entry.is_directory && goes_on && follows
    }

    fn add(&mut self, path: String, entry: &Entry) -> Result<(), ErrorCode> {
        if self.found.len() == MAX_ENTRIES {
            return Err(too_many_entries());
        }
        self.text_bytes += path.len();
        if self.text_bytes > MAX_SCAN_BYTES {
            let what = format!("more than {MAX_SCAN_BYTES} bytes of paths in one scan");
            return Err(beyond(what));
        }
        self.found.push(ScanEntry {
            path,
            is_directory: entry.is_directory,
            is_file: entry.is_file,
            is_symbolic_link: entry.is_symlink,
        });
        Ok(())
    }

    /// What is in a directory.
    fn list(&mut self, place: &Place<'a>) -> Result<Children<'a>, ErrorCode> {
        if let Some(children) = self.listed.get(&place.id) {
            return Ok(Rc::clone(children));
        }
        let mut entries = match place.mount {
            Some(mount) => mount.directory.list(&place.path)?,
            None => self.mounts.list(&place.path)?,
        };
        entries.sort_unstable_by(|a, b| a.name.cmp(&b.name));
        let children: Children<'a> = entries
            .into_iter()
            .map(|entry| Child {
                entry,
                place: OnceCell::new(),
            })
            .collect();
        if self.options.follow_symbolic_links && place.mount.is_some() {
            self.listed.insert(place.id, Rc::clone(&children));
        }
        Ok(children)
    }

    /// Where an entry of a directory leads.
    fn below(&mut self, parent: &Place<'a>, entry: &Entry) -> Option<Rc<Place<'a>>> {
        let Some(mount) = parent.mount else {
            return self.place(&join_virtual(&parent.path, &entry.name)).ok();
        };
        let mut path = join(&parent.path, &entry.name);
        if entry.is_symlink {
            path = mount.directory.resolve(&path).ok()?;
        }
        let id = self.id(mount, &path);
        Some(Rc::new(Place {
            id,
            mount: Some(mount),
            path,
        }))
    }

    /// Where a virtual path leads.
    fn place(&mut self, path: &str) -> Result<Rc<Place<'a>>, ErrorCode> {
        let virtual_place = |id| Place {
            id,
            mount: None,
            path: path.to_owned(),
        };
        let place = match self.mounts.route(path)? {
            Route::Mount(mount, rest) => {
                let resolved = mount.directory.resolve(rest)?;
                let id = self.id(mount, &resolved);
                if self.mounts.has_points_below(path) {
                    virtual_place(id)
                } else {
                    Place {
                        id,
                        mount: Some(mount),
                        path: resolved,
                    }
                }
            }
            Route::Above => virtual_place(self.new_id()),
            Route::Outside => return Err(ErrorCode::PermissionDenied),
        };
        Ok(Rc::new(place))
    }

    /// The number of a directory in a mount.
    fn id(&mut self, mount: &'a Mount, path: &str) -> usize {
        let new = self.new_id();
        if !self.options.follow_symbolic_links {
            return new;
        }
        let key = (mount.point.as_str(), path.to_owned());
        *self.ids.entry(key).or_insert(new)
    }

    fn new_id(&mut self) -> usize {
        self.next_id += 1;
        self.next_id
    }
}
