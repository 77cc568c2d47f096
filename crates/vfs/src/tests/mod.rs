//! Tests of a [`MountTable`] by its methods.

mod agreement;
mod bounds;
mod links;
mod memory;
mod overlay;
mod pace;
mod read_only;
mod scan;
mod table;

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::task::{Context as TaskContext, Poll, Waker};

use crate::*;

/// Asserts that an operation fails with this error.
macro_rules! refused {
    ($result:expr, $($error:tt)+) => {
        match $result {
            Err(error) => assert!(matches!(error, Error::$($error)+), "{error:?}"),
            Ok(value) => panic!("not refused: {value:?}"),
        }
    };
}
use refused;

/// Polls a future that never waits for anything to its end.
fn wait<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    match future
        .as_mut()
        .poll(&mut TaskContext::from_waker(Waker::noop()))
    {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("it waits"),
    }
}

/// A table with what its calls use.
struct Files {
    table: MountTable,
    limits: Limits,
    written: AtomicU64,
    now: Instant,
}

impl Files {
    fn new() -> Self {
        Self {
            table: MountTable::new(),
            limits: Limits::default(),
            written: AtomicU64::new(0),
            now: Instant {
                seconds: 1000,
                nanoseconds: 7,
            },
        }
    }

    fn at(point: &str, files: impl Into<Arc<dyn FileSystem>>) -> Self {
        Self::new().and(point, files)
    }

    fn and(mut self, point: &str, files: impl Into<Arc<dyn FileSystem>>) -> Self {
        self.table.mount(point, files.into()).unwrap();
        self
    }

    fn context(&self) -> Context<'_> {
        Context::new(self.now, &self.limits, &self.written, &())
    }

    fn stat(&self, path: &str) -> Result<FileStat, Error> {
        self.table.stat(path, true)
    }

    fn file_type(&self, path: &str) -> FileType {
        self.table.stat(path, false).unwrap().file_type
    }

    fn read(&self, path: &str) -> Result<Vec<u8>, Error> {
        wait(self.table.read(path, &self.context()))
    }

    fn text(&self, path: &str) -> String {
        String::from_utf8(self.read(path).unwrap()).unwrap()
    }

    fn write(&self, path: &str, data: impl AsRef<[u8]>) -> Result<(), Error> {
        let context = self.context();
        wait(
            self.table
                .write(path, data.as_ref(), WriteMode::Replace, &context),
        )
    }

    fn append(&self, path: &str, data: impl AsRef<[u8]>) -> Result<(), Error> {
        let context = self.context();
        wait(
            self.table
                .write(path, data.as_ref(), WriteMode::Append, &context),
        )
    }

    fn open(&self, path: &str, mode: OpenMode) -> Result<(), Error> {
        wait(self.table.open(path, mode, &self.context()))
    }

    fn list(&self, path: &str) -> Result<Vec<String>, Error> {
        wait(self.table.list(path, &self.context()))
    }

    fn create_directory(&self, path: &str) -> Result<(), Error> {
        self.table.create_directory(path, &self.context())
    }

    fn remove_file(&self, path: &str) -> Result<(), Error> {
        self.table.remove_file(path, &self.context())
    }

    fn remove_directory(&self, path: &str) -> Result<(), Error> {
        wait(self.table.remove_directory(path, &self.context()))
    }

    fn rename(&self, source: &str, destination: &str) -> Result<(), Error> {
        wait(self.table.rename(source, destination, &self.context()))
    }

    /// The entries of a scan, with `d`, `f` and `l`.
    fn scan(&self, path: &str, options: ScanOptions) -> Result<Vec<String>, Error> {
        let entries = wait(self.table.scan(path, &options, &self.context()))?;
        let line = |entry: &ScanEntry| {
            let kinds = [
                (entry.is_symbolic_link, 'l'),
                (entry.is_directory, 'd'),
                (entry.is_file, 'f'),
            ];
            let kinds = kinds.into_iter().filter(|(is, _)| *is);
            let kinds: String = kinds.map(|(_, letter)| letter).collect();
            format!("{kinds} {}", entry.path)
        };
        Ok(entries.iter().map(line).collect())
    }

    fn tree(&self, path: &str) -> Vec<String> {
        self.scan(path, ScanOptions::default()).unwrap()
    }
}

const FOLLOWED: ScanOptions = ScanOptions {
    max_depth: None,
    follow_symbolic_links: true,
};

/// `a.txt`, `dir/b.txt`, `dir/deep/c.txt` and `empty`.
fn memory() -> MemoryFiles {
    MemoryFiles::new()
        .file("/a.txt", "alpha")
        .and_then(|files| files.file("/dir/b.txt", "beta"))
        .and_then(|files| files.file("/dir/deep/c.txt", "gamma"))
        .and_then(|files| files.directory("/empty"))
        .unwrap()
}

fn overlay(base: impl Into<Arc<dyn FileSystem>>) -> Arc<dyn FileSystem> {
    Arc::new(Overlay::over(base.into()))
}

/// The same files in memory, in an overlay, and in an overlay over that, at
/// `/data`.
fn all() -> [(&'static str, Files); 3] {
    [
        ("memory", Files::at("/data", memory())),
        ("overlay", Files::at("/data", overlay(memory()))),
        (
            "two overlays",
            Files::at("/data", overlay(overlay(memory()))),
        ),
    ]
}
