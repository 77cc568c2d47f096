//! A whole tree at once: what `os.walk()` and `Path.glob()` ask for.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use super::files::{Context, Entry, SLICE_ENTRIES, beyond};
use super::path::{MAX_DEPTH, MAX_PATH_BYTES, join, join_virtual, names};
use super::table::{Mount, MountTable, Route};
use super::{ErrorCode, FileType, ScanEntry, ScanOptions};
use crate::work::breathe;

/// Text that one scan may answer with.
const MAX_SCAN_BYTES: usize = 32 << 20;

/// A directory, however it was reached.
struct Place<'a> {
    /// Different for each directory.
    id: usize,
    /// The mount that has it, unless mount points lie below: the mount table
    /// is asked for those.
    mount: Option<&'a Mount>,
    /// Its path in the mount, without links; its virtual path if there is no
    /// mount.
    path: String,
}

/// An entry of a directory.
struct Child<'a> {
    name: String,
    entry: Entry,
    /// Where it leads, once a scan wants to descend into it. Nowhere for a link
    /// that cannot be followed.
    place: OnceLock<Option<Arc<Place<'a>>>>,
}

type Children<'a> = Arc<[Child<'a>]>;

/// A directory that a scan is in.
struct Level<'a> {
    place: Arc<Place<'a>>,
    /// Relative to the root of the scan, through links.
    path: String,
    children: Children<'a>,
    next: usize,
}

struct Scan<'a> {
    table: &'a MountTable,
    /// The virtual path of the root.
    root: &'a str,
    options: &'a ScanOptions,
    context: &'a Context<'a>,
    /// The directories that links may lead to, by mount point and path.
    ids: HashMap<(&'a str, String), usize>,
    next_id: usize,
    /// What is in the directories that may be reached once more: links that
    /// lead to each other are looked at once, not once for each way to them.
    listed: HashMap<usize, Children<'a>>,
    found: Vec<ScanEntry>,
    text_bytes: usize,
}

impl MountTable {
    /// A directory below the root that cannot be listed counts as empty, as in
    /// `os.walk()`. A link to a directory that the scan came through is not
    /// followed: it is a cycle.
    pub async fn scan(
        &self,
        path: &str,
        options: &ScanOptions,
        context: &Context<'_>,
    ) -> Result<Vec<ScanEntry>, ErrorCode> {
        let stat = self.stat(path, true)?;
        let itself = self.stat(path, false)?;
        let root = ScanEntry {
            path: String::new(),
            is_directory: stat.file_type == FileType::Directory,
            is_file: stat.file_type == FileType::Regular,
            is_symbolic_link: itself.file_type == FileType::SymbolicLink,
        };
        // A file is described, so that a pattern without `*` can find it.
        if options.max_depth == Some(0) || !root.is_directory {
            return Ok(vec![root]);
        }
        let mut scan = Scan {
            table: self,
            root: path,
            options,
            context,
            ids: HashMap::new(),
            next_id: 0,
            listed: HashMap::new(),
            found: vec![root],
            text_bytes: 0,
        };
        scan.run().await?;
        Ok(scan.found)
    }
}

impl<'a> Scan<'a> {
    async fn run(&mut self) -> Result<(), ErrorCode> {
        let place = self.place(self.root)?;
        let children = self.list(&place).await?;
        let mut levels = vec![Level {
            place,
            path: String::new(),
            children,
            next: 0,
        }];
        while let Some(level) = levels.last_mut() {
            let children = Arc::clone(&level.children);
            let Some(child) = children.get(level.next) else {
                levels.pop();
                continue;
            };
            level.next += 1;
            let path = join(&level.path, &child.name);
            self.add(path.clone(), child.entry)?;
            if self.found.len().is_multiple_of(SLICE_ENTRIES) {
                breathe().await?;
            }
            let parent = Arc::clone(&level.place);
            if !self.descends(child.entry, levels.len()) {
                continue;
            }
            self.check_path(&path, levels.len())?;
            let place = match child.place.get() {
                Some(place) => place,
                None => {
                    // A link may lead through many others.
                    breathe().await?;
                    let place = self.below(&parent, child);
                    child.place.get_or_init(|| place)
                }
            };
            let Some(place) = place else { continue };
            if levels.iter().any(|level| level.place.id == place.id) {
                continue;
            }
            let children = match self.list(place).await {
                Ok(children) => children,
                // A limit, or the end of the run: the answer would be
                // incomplete.
                Err(error @ ErrorCode::Raised(_)) => return Err(error),
                Err(_) => continue,
            };
            levels.push(Level {
                place: Arc::clone(place),
                path,
                children,
                next: 0,
            });
        }
        Ok(())
    }

    /// Whether the scan goes on below an entry, which is `depth` levels below
    /// the root.
    fn descends(&self, entry: Entry, depth: usize) -> bool {
        let goes_on = self
            .options
            .max_depth
            .is_none_or(|max| depth < max as usize);
        let follows = !entry.is_symlink || self.options.follow_symbolic_links;
        entry.is_directory && goes_on && follows
    }

    fn add(&mut self, path: String, entry: Entry) -> Result<(), ErrorCode> {
        self.context.check_entries(self.found.len() + 1)?;
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

    /// Whether a directory can be reached by its path.
    fn check_path(&self, path: &str, depth: usize) -> Result<(), ErrorCode> {
        if self.root.len() + 1 + path.len() > MAX_PATH_BYTES
            || names(self.root).count() + depth > MAX_DEPTH
        {
            return Err(beyond(format!(
                "a directory whose path has more than {MAX_PATH_BYTES} bytes or {MAX_DEPTH} names"
            )));
        }
        Ok(())
    }

    /// What is in a directory.
    async fn list(&mut self, place: &Place<'a>) -> Result<Children<'a>, ErrorCode> {
        if let Some(children) = self.listed.get(&place.id) {
            return Ok(Arc::clone(children));
        }
        let entries = match place.mount {
            Some(mount) => mount.files().list(&place.path, self.context).await?,
            None => self.table.list(&place.path, self.context).await?,
        };
        let children: Children<'a> = entries
            .into_iter()
            .map(|(name, entry)| Child {
                name,
                entry,
                place: OnceLock::new(),
            })
            .collect();
        if self.options.follow_symbolic_links && place.mount.is_some() {
            self.listed.insert(place.id, Arc::clone(&children));
        }
        Ok(children)
    }

    /// Where an entry of a directory leads.
    fn below(&mut self, parent: &Place<'a>, child: &Child<'_>) -> Option<Arc<Place<'a>>> {
        let Some(mount) = parent.mount else {
            return self.place(&join_virtual(&parent.path, &child.name)).ok();
        };
        let mut path = join(&parent.path, &child.name);
        if child.entry.is_symlink {
            path = mount.files().resolve(&path).ok()?;
        }
        let id = self.id(mount, &path);
        Some(Arc::new(Place {
            id,
            mount: Some(mount),
            path,
        }))
    }

    /// Where a virtual path leads.
    fn place(&mut self, path: &str) -> Result<Arc<Place<'a>>, ErrorCode> {
        let virtual_place = |id| Place {
            id,
            mount: None,
            path: path.to_owned(),
        };
        let place = match self.table.route(path)? {
            Route::Mount(mount, rest) => {
                let resolved = mount.files().resolve(rest)?;
                let id = self.id(mount, &resolved);
                if self.table.points_below(path).next().is_some() {
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
        Ok(Arc::new(place))
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
