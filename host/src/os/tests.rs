//! Tests of [`System`](super::System) through the methods of [`Os`](super::Os),
//! as a script calls them.

mod agreement;
mod confinement;
mod limits;
mod memory;
mod operations;
mod overlay;
mod parts;
mod slices;
mod table;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use tempfile::TempDir;

use super::*;

/// Asserts that an operation fails with this code.
macro_rules! refused {
    ($result:expr, $($code:tt)+) => {
        match $result {
            Err(error) => assert!(matches!(error, ErrorCode::$($code)+), "{error:?}"),
            Ok(value) => panic!("not refused: {value:?}"),
        }
    };
}
use refused;

/// A directory of the host, and a system with it, or with the same files in
/// memory, at `/data`.
struct Case {
    name: &'static str,
    /// Beside the mounted directory lies `secret.txt`.
    host: TempDir,
    system: System,
    writable: bool,
}

impl Case {
    fn host_path(&self, path: &str) -> std::path::PathBuf {
        self.host.path().join("mounted").join(path)
    }

    /// The disk, to see that it did not change.
    fn disk(&self) -> BTreeMap<String, Option<Vec<u8>>> {
        disk(self.host.path())
    }
}

const FILES: [(&str, &str); 3] = [
    ("a.txt", "alpha"),
    ("dir/b.txt", "beta"),
    ("dir/deep/c.txt", "gamma"),
];

fn host_directory() -> TempDir {
    let host = tempfile::tempdir().unwrap();
    let mounted = host.path().join("mounted");
    fs::create_dir_all(mounted.join("dir/deep")).unwrap();
    fs::create_dir(mounted.join("empty")).unwrap();
    for (path, data) in FILES {
        fs::write(mounted.join(path), data).unwrap();
    }
    fs::write(host.path().join("secret.txt"), "secret").unwrap();
    host
}

fn host_case(name: &'static str, mode: MountMode) -> Case {
    let host = host_directory();
    let system = System::new()
        .mount(host.path().join("mounted"), "/data", mode)
        .unwrap();
    Case {
        name,
        host,
        system,
        writable: mode != MountMode::ReadOnly,
    }
}

fn read_only() -> Case {
    host_case("read-only", MountMode::ReadOnly)
}

fn read_write() -> Case {
    host_case("read-write", MountMode::ReadWrite)
}

fn overlay() -> Case {
    host_case("overlay", MountMode::Overlay)
}

fn memory() -> Case {
    let mut files = MemoryFiles::new().directory("/empty").unwrap();
    for (path, data) in FILES {
        files = files.file(&format!("/{path}"), data).unwrap();
    }
    Case {
        name: "memory",
        host: host_directory(),
        system: System::new().files_at("/data", files).unwrap(),
        writable: true,
    }
}

fn memory_read_only() -> Case {
    let mut files = MemoryFiles::new()
        .read_only(true)
        .directory("/empty")
        .unwrap();
    for (path, data) in FILES {
        files = files.file(&format!("/{path}"), data).unwrap();
    }
    Case {
        name: "memory, read-only",
        host: host_directory(),
        system: System::new().files_at("/data", files).unwrap(),
        writable: false,
    }
}

fn all() -> Vec<Case> {
    vec![
        read_only(),
        read_write(),
        overlay(),
        memory(),
        memory_read_only(),
    ]
}

fn writable() -> Vec<Case> {
    all().into_iter().filter(|case| case.writable).collect()
}

fn on_host() -> Vec<Case> {
    vec![read_only(), read_write(), overlay()]
}

/// Everything below a directory: the content of files, nothing for the rest.
fn disk(root: &Path) -> BTreeMap<String, Option<Vec<u8>>> {
    let mut found = BTreeMap::new();
    let mut pending = vec![root.to_owned()];
    while let Some(directory) = pending.pop() {
        for entry in fs::read_dir(directory).unwrap() {
            let entry = entry.unwrap();
            let file_type = entry.file_type().unwrap();
            let content = file_type.is_file().then(|| fs::read(entry.path()).unwrap());
            if file_type.is_dir() {
                pending.push(entry.path());
            }
            let path = entry.path();
            let path = path.strip_prefix(root).unwrap();
            found.insert(path.to_string_lossy().into_owned(), content);
        }
    }
    found
}

/// Shorthand for the tests.
trait Shorthand: Os {
    async fn exists(&self, path: &str) -> bool {
        self.stat(path, true).await.is_ok()
    }

    async fn is_file(&self, path: &str) -> bool {
        let stat = self.stat(path, true).await;
        stat.is_ok_and(|stat| stat.file_type == FileType::Regular)
    }

    async fn is_dir(&self, path: &str) -> bool {
        let stat = self.stat(path, true).await;
        stat.is_ok_and(|stat| stat.file_type == FileType::Directory)
    }

    async fn is_symlink(&self, path: &str) -> bool {
        let stat = self.stat(path, false).await;
        stat.is_ok_and(|stat| stat.file_type == FileType::SymbolicLink)
    }

    async fn read_text(&self, path: &str) -> Result<String, ErrorCode> {
        Ok(String::from_utf8(self.read(path).await?).unwrap())
    }

    async fn replace(&self, path: &str, data: impl AsRef<[u8]>) -> Result<(), ErrorCode> {
        self.write(path, data.as_ref(), WriteMode::Replace).await
    }

    async fn append(&self, path: &str, data: impl AsRef<[u8]>) -> Result<(), ErrorCode> {
        self.write(path, data.as_ref(), WriteMode::Append).await
    }

    /// Creates a directory and its missing parents.
    async fn make_directories(&self, path: &str) -> Result<(), ErrorCode> {
        for (end, _) in path.match_indices('/').skip(1) {
            match self.create_directory(&path[..end]).await {
                Ok(()) | Err(ErrorCode::AlreadyExists) => {}
                Err(_) if self.is_dir(&path[..end]).await => {}
                Err(error) => return Err(error),
            }
        }
        self.create_directory(path).await
    }
}

impl<T: Os> Shorthand for T {}

fn whole_tree() -> ScanOptions {
    ScanOptions {
        max_depth: None,
        follow_symbolic_links: false,
    }
}

/// The entries of a scan, with `d`, `f` and `l`.
async fn scan(system: &System, path: &str, options: ScanOptions) -> Vec<String> {
    let entries = system.scan(path, options).await.unwrap();
    let kind = |entry: &ScanEntry| {
        [
            (entry.is_symbolic_link, 'l'),
            (entry.is_directory, 'd'),
            (entry.is_file, 'f'),
        ]
        .into_iter()
        .filter_map(|(is, letter)| is.then_some(letter))
        .collect::<String>()
    };
    entries
        .iter()
        .map(|entry| format!("{} {}", kind(entry), entry.path))
        .collect()
}
