//! What a script reaches of the operating system: files, environment, clocks,
//! randomness and modules.
//!
//! A script reaches nothing unless the host passes an [`Os`] to it. [`System`]
//! is put together from parts: [mounts](System::mount), [`MemoryFiles`],
//! variables, a [`Clock`]. A host with another idea of files implements [`Os`].
//!
//! | file | holds |
//! |---|---|
//! | `system.rs` | [`System`], the parts put together |
//! | `table.rs` | which mount a path belongs to, and Python's own operations |
//! | `scan.rs` | a whole tree at once |
//! | `mount.rs` | a directory of the host, kept by cap-std |
//! | `overlay.rs` | copy on write over one; over nothing, it is memory |
//! | `changes.rs` | what a script changed in an overlay |
//! | `memory.rs` | [`MemoryFiles`] |
//! | `tree.rs` | the tree behind both, with its cap |
//! | `walk.rs` | links followed in a merged tree |
//! | `files.rs` | the trait of file systems, the limits |
//! | `path.rs` | virtual paths and their bounds |
//! | `clock.rs`, `random.rs`, `sleep.rs` | the parts that are no files |

#![allow(
    clippy::result_large_err,
    reason = "ErrorCode is generated from WIT and holds an exception"
)]

mod changes;
mod clock;
mod error;
mod files;
mod memory;
mod mount;
mod overlay;
mod path;
mod random;
mod scan;
mod sleep;
mod system;
mod table;
#[cfg(test)]
mod tests;
mod tree;
mod walk;

use async_trait::async_trait;

pub use self::changes::Change;
pub use self::clock::Clock;
pub use self::error::MountError;
pub use self::memory::MemoryFiles;
pub use self::random::Random;
pub use self::sleep::SleepPolicy;
pub use self::system::System;
pub use self::table::MountMode;
pub use crate::bindings::monty::sandbox::os_call::{
    ErrorCode, FileStat, FileType, MkdirOptions, OpenMode, ScanEntry, ScanOptions, TimeCaller,
};
use monty_value::{Date, DateTime, TimeZone, Value};

/// The operating system as a script sees it: one method for each function of
/// the WIT interface `os-call`, all of them [`ErrorCode::Unhandled`] unless
/// they are implemented.
///
/// Paths are absolute and normalised POSIX paths of the sandbox: no `.`, no
/// `..`, no empty component, no NUL.
#[async_trait]
pub trait Os: Send + Sync {
    /// `Path.exists()`. A path that does not exist is `false` and no error.
    async fn exists(&self, _path: &str) -> Result<bool, ErrorCode> {
        Err(ErrorCode::Unhandled)
    }

    /// `Path.is_file()`. A path that does not exist is `false` and no error.
    async fn is_file(&self, _path: &str) -> Result<bool, ErrorCode> {
        Err(ErrorCode::Unhandled)
    }

    /// `Path.is_dir()`. A path that does not exist is `false` and no error.
    async fn is_dir(&self, _path: &str) -> Result<bool, ErrorCode> {
        Err(ErrorCode::Unhandled)
    }

    /// `Path.is_symlink()`. A path that does not exist is `false` and no error.
    async fn is_symlink(&self, _path: &str) -> Result<bool, ErrorCode> {
        Err(ErrorCode::Unhandled)
    }

    /// `Path.stat()`, following symbolic links.
    async fn stat(&self, _path: &str) -> Result<FileStat, ErrorCode> {
        Err(ErrorCode::Unhandled)
    }

    /// `Path.read_text()`: the whole file. [`ErrorCode::NotUtf8`] if it is not
    /// UTF-8: the guest then asks for the bytes to say where.
    async fn read_text(&self, path: &str) -> Result<String, ErrorCode> {
        String::from_utf8(self.read_bytes(path).await?).map_err(|_| ErrorCode::NotUtf8)
    }

    /// `Path.read_bytes()`: the whole file.
    async fn read_bytes(&self, _path: &str) -> Result<Vec<u8>, ErrorCode> {
        Err(ErrorCode::Unhandled)
    }

    /// `Path.write_text()`: creates the file or replaces its content.
    async fn write_text(&self, path: &str, data: &str) -> Result<(), ErrorCode> {
        self.write_bytes(path, data.as_bytes()).await
    }

    /// `Path.write_bytes()`: creates the file or replaces its content.
    async fn write_bytes(&self, _path: &str, _data: &[u8]) -> Result<(), ErrorCode> {
        Err(ErrorCode::Unhandled)
    }

    /// Appends text to a file, which is created if it does not exist.
    async fn append_text(&self, path: &str, data: &str) -> Result<(), ErrorCode> {
        self.append_bytes(path, data.as_bytes()).await
    }

    /// Appends bytes to a file, which is created if it does not exist.
    async fn append_bytes(&self, _path: &str, _data: &[u8]) -> Result<(), ErrorCode> {
        Err(ErrorCode::Unhandled)
    }

    /// The effect that `open()` has at once: [`OpenMode`] says which. Unless
    /// it is implemented, a file opened for reading is read for nothing.
    async fn open(&self, path: &str, mode: OpenMode) -> Result<(), ErrorCode> {
        match mode {
            OpenMode::Read => self.read_bytes(path).await.map(drop),
            OpenMode::Write => self.write_bytes(path, &[]).await,
            OpenMode::Append => self.append_bytes(path, &[]).await,
        }
    }

    /// `Path.iterdir()`: the names in a directory, in any order.
    async fn iterdir(&self, _path: &str) -> Result<Vec<String>, ErrorCode> {
        Err(ErrorCode::Unhandled)
    }

    /// A whole tree at once, with its root as the empty path.
    async fn scan(&self, _path: &str, _options: ScanOptions) -> Result<Vec<ScanEntry>, ErrorCode> {
        Err(ErrorCode::Unhandled)
    }

    /// `Path.mkdir()`.
    async fn mkdir(&self, _path: &str, _options: MkdirOptions) -> Result<(), ErrorCode> {
        Err(ErrorCode::Unhandled)
    }

    /// `Path.unlink()`.
    async fn unlink(&self, _path: &str) -> Result<(), ErrorCode> {
        Err(ErrorCode::Unhandled)
    }

    /// `Path.rmdir()`.
    async fn rmdir(&self, _path: &str) -> Result<(), ErrorCode> {
        Err(ErrorCode::Unhandled)
    }

    /// `Path.rename()`. Replaces a file that stands at the destination.
    async fn rename(&self, _source: &str, _destination: &str) -> Result<(), ErrorCode> {
        Err(ErrorCode::Unhandled)
    }

    /// `Path.resolve()`: the path with symbolic links resolved. What does not
    /// exist is kept as it is written.
    async fn resolve(&self, _path: &str) -> Result<String, ErrorCode> {
        Err(ErrorCode::Unhandled)
    }

    /// `Path.absolute()`.
    async fn absolute(&self, _path: &str) -> Result<String, ErrorCode> {
        Err(ErrorCode::Unhandled)
    }

    /// `os.getenv()`: `None` if the variable is not set.
    async fn getenv(&self, _name: &str) -> Result<Option<String>, ErrorCode> {
        Err(ErrorCode::Unhandled)
    }

    /// `os.environ`: all variables.
    async fn environ(&self) -> Result<Vec<(String, String)>, ErrorCode> {
        Err(ErrorCode::Unhandled)
    }

    /// `date.today()`, for scripts whose clock is [`Clock::Host`].
    async fn date_today(&self) -> Result<Date, ErrorCode> {
        Err(ErrorCode::Unhandled)
    }

    /// `datetime.now()`, for scripts whose clock is [`Clock::Host`]: in the
    /// zone that is named, or naive in local time.
    async fn datetime_now(&self, _timezone: Option<TimeZone>) -> Result<DateTime, ErrorCode> {
        Err(ErrorCode::Unhandled)
    }

    /// Seconds since the Unix epoch, for scripts whose clock is
    /// [`Clock::Host`].
    async fn time(&self, _caller: TimeCaller) -> Result<f64, ErrorCode> {
        Err(ErrorCode::Unhandled)
    }

    /// `time.sleep()` and `asyncio.sleep()`: returns when the time is over.
    async fn sleep(&self, _duration: std::time::Duration) -> Result<(), ErrorCode> {
        Err(ErrorCode::Unhandled)
    }

    /// `os.urandom()`: exactly `size_bytes` of them.
    async fn urandom(&self, _size_bytes: u64) -> Result<Vec<u8>, ErrorCode> {
        Err(ErrorCode::Unhandled)
    }

    /// `import` of a module that Python does not have: a
    /// [`Value::Module`]. [`ErrorCode::NotFound`] for `ModuleNotFoundError`.
    async fn import_module(&self, _name: &str) -> Result<Value, ErrorCode> {
        Err(ErrorCode::Unhandled)
    }
}

/// An [`Os`] that answers nothing: every operation is
/// [`ErrorCode::Unhandled`]. What a script has unless it is given another one.
#[derive(Clone, Copy, Debug, Default)]
pub struct DenyAll;

impl Os for DenyAll {}
