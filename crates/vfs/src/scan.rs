//! Lists a whole tree at once.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use crate::files::SLICE_ENTRIES;
use crate::path::{MAX_DEPTH, MAX_PATH_BYTES, join, join_virtual, names};
use crate::table::{Mount, MountTable, Route, entries};
use crate::{Context, Error, FileType};

/// The limit on the text in the answer of one scan.
const MAX_SCAN_BYTES: usize = 32 << 20;

/// The extent of a scan.
#[derive(Clone, Copy, Debug, Default)]
pub struct ScanOptions {
    /// The depth of the deepest entries: 0 for the root alone, 1 for its
    /// children. `None` for the whole tree.
    pub max_depth: Option<u32>,
    /// Whether to descend into directories behind symbolic links.
    pub follow_symbolic_links: bool,
}

/// An entry found by a scan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScanEntry {
    /// The path relative to the root of the scan, separated by `/`. Empty for
    /// the root.
    pub path: String,
    /// Whether it is a directory, or a link to one.
    pub is_directory: bool,
    /// Whether it is a regular file, or a link to one.
    pub is_file: bool,
    /// Whether it is a symbolic link. A link that leads nowhere, or out of its
    /// file system, is neither a directory nor a file.
    pub is_symbolic_link: bool,
}

/// The type of an entry, and where it leads.
#[derive(Clone, Copy)]
struct Kind {
    /// `None` for a link that leads nowhere.
    target: Option<FileType>,
    is_link: bool,
}

impl Kind {
    fn entry(self, path: String) -> ScanEntry {
        ScanEntry {
            path,
            is_directory: self.target == Some(FileType::Directory),
            is_file: self.target == Some(FileType::Regular),
            is_symbolic_link: self.is_link,
        }
    }
}

/// A directory, however it was reached.
struct Place<'a> {
    /// Unique per directory.
    id: usize,
    /// The mount that has it, unless there are mount points below: the mount
    /// table handles those.
    mount: Option<&'a Mount>,
    /// Its path in the mount, without links; its virtual path without a mount.
    path: String,
}

/// An entry of a directory.
struct Child<'a> {
    name: String,
    kind: Kind,
    /// Where it leads, once a scan descends into it. Nowhere for a link that
    /// cannot be followed.
    place: OnceLock<Option<Arc<Place<'a>>>>,
}

type Children<'a> = Arc<[Child<'a>]>;

/// A directory being scanned.
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
    /// The contents of directories that may be reached again: links that lead
    /// to each other are visited once, not once per path to them.
    listed: HashMap<usize, Children<'a>>,
    found: Vec<ScanEntry>,
    text_bytes: usize,
}

impl MountTable {
    /// Lists a whole tree including its root, each directory before its
    /// contents and its entries in order.
    ///
    /// A directory below the root that cannot be listed has no entries. A link
    /// to a directory that the scan came through is a cycle and is not
    /// followed.
    ///
    /// # Errors
    ///
    /// Those of [`list`](Self::list) for the root, and [`Error::TooLarge`] for
    /// a tree with too many entries, too much text in their paths, or paths out
    /// of [bounds](crate::path).
    pub async fn scan(
        &self,
        path: &str,
        options: &ScanOptions,
        context: &Context<'_>,
    ) -> Result<Vec<ScanEntry>, Error> {
        let kind = Kind {
            target: Some(self.stat(path, true)?.file_type),
            is_link: self.stat(path, false)?.file_type == FileType::SymbolicLink,
        };
        let root = kind.entry(String::new());
        // A file gives its own entry, so that a pattern without `*` can find
        // it.
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
    async fn run(&mut self) -> Result<(), Error> {
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
            self.add(child.kind.entry(path.clone()))?;
            if self.found.len().is_multiple_of(SLICE_ENTRIES) {
                self.context.breathe().await?;
            }
            let parent = Arc::clone(&level.place);
            if !self.descends(child.kind, levels.len()) {
                continue;
            }
            self.check_path(&path, levels.len())?;
            let place = match child.place.get() {
                Some(place) => place,
                None => {
                    // A link may lead through many others.
                    self.context.breathe().await?;
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
                // The answer would be incomplete.
                Err(error @ (Error::TooLarge(_) | Error::Halted)) => return Err(error),
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

    /// Whether the scan descends into an entry, which is `depth` levels below
    /// the root.
    fn descends(&self, kind: Kind, depth: usize) -> bool {
        let goes_on = self
            .options
            .max_depth
            .is_none_or(|max| depth < max as usize);
        let follows = !kind.is_link || self.options.follow_symbolic_links;
        kind.target == Some(FileType::Directory) && goes_on && follows
    }

    fn add(&mut self, entry: ScanEntry) -> Result<(), Error> {
        self.context.check_entries(self.found.len() + 1)?;
        self.text_bytes += entry.path.len();
        if self.text_bytes > MAX_SCAN_BYTES {
            return Err(Error::too_large(&format!(
                "more than {MAX_SCAN_BYTES} bytes of paths in one scan"
            )));
        }
        self.found.push(entry);
        Ok(())
    }

    /// Whether a directory is reachable by its path.
    fn check_path(&self, path: &str, depth: usize) -> Result<(), Error> {
        if self.root.len() + 1 + path.len() > MAX_PATH_BYTES
            || names(self.root).count() + depth > MAX_DEPTH
        {
            return Err(Error::too_large(&format!(
                "a directory whose path has more than {MAX_PATH_BYTES} bytes or {MAX_DEPTH} names"
            )));
        }
        Ok(())
    }

    /// The contents of a directory.
    async fn list(&mut self, place: &Place<'a>) -> Result<Children<'a>, Error> {
        if let Some(children) = self.listed.get(&place.id) {
            return Ok(Arc::clone(children));
        }
        let entries = match place.mount {
            Some(mount) => entries(mount.files.as_ref(), &place.path, self.context).await?,
            None => self.table.entries(&place.path, self.context).await?,
        };
        let mut children = Vec::with_capacity(entries.len());
        for (name, file_type) in entries {
            let is_link = file_type == FileType::SymbolicLink;
            let target = if is_link {
                // It may lead through many others.
                self.context.breathe().await?;
                self.target(place, &name)
            } else {
                Some(file_type)
            };
            children.push(Child {
                name,
                kind: Kind { target, is_link },
                place: OnceLock::new(),
            });
        }
        let children: Children<'a> = children.into();
        if self.options.follow_symbolic_links && place.mount.is_some() {
            self.listed.insert(place.id, Arc::clone(&children));
        }
        Ok(children)
    }

    /// The entry that a link leads to.
    fn target(&self, place: &Place<'a>, name: &str) -> Option<FileType> {
        let stat = match place.mount {
            Some(mount) => mount.files.stat(&join(&place.path, name), true),
            None => self.table.stat(&join_virtual(&place.path, name), true),
        };
        stat.ok().map(|stat| stat.file_type)
    }

    /// Where an entry of a directory leads.
    fn below(&mut self, parent: &Place<'a>, child: &Child<'_>) -> Option<Arc<Place<'a>>> {
        let Some(mount) = parent.mount else {
            return self.place(&join_virtual(&parent.path, &child.name)).ok();
        };
        let mut path = join(&parent.path, &child.name);
        if child.kind.is_link {
            path = mount.files.real_path(&path).ok()?;
        }
        let id = self.id(mount, &path);
        Some(Arc::new(Place {
            id,
            mount: Some(mount),
            path,
        }))
    }

    /// Where a virtual path leads.
    fn place(&mut self, path: &str) -> Result<Arc<Place<'a>>, Error> {
        let real = match self.table.route(path)? {
            Route::Mount(mount, rest) => mount.files.real_path(rest).map(|real| (mount, real)),
            // It has only mount points.
            Route::Above => Err(Error::NotFound),
            Route::Outside => Err(Error::PermissionDenied),
        };
        if !self.table.holds_points(path) {
            let (mount, path) = real?;
            let id = self.id(mount, &path);
            return Ok(Arc::new(Place {
                id,
                mount: Some(mount),
                path,
            }));
        }
        let id = match real {
            Ok((mount, real)) => self.id(mount, &real),
            Err(_) => self.new_id(),
        };
        Ok(Arc::new(Place {
            id,
            mount: None,
            path: path.to_owned(),
        }))
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
