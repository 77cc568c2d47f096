//! What a script reaches of the operating system: files, environment, clocks,
//! randomness and modules.
//!
//! A script reaches nothing unless the host passes an [`Os`] to it. [`System`]
//! is put together from parts: [mounts](System::mount), [`MemoryFiles`],
//! variables, a [`Clock`]. A host with another idea of files implements [`Os`].
//!
//! What all files have in common, those in memory and overlays are the crate
//! `monty-vfs`.
//!
//! | file | holds |
//! |---|---|
//! | `system.rs` | [`System`], the parts put together |
//! | `mounts.rs` | what is mounted, and how |
//! | `mount.rs` | a directory of the host, kept by cap-std |
//! | `error.rs` | [`ErrorCode`], and what it makes of the errors of files |
//! | `clock.rs`, `random.rs`, `sleep.rs` | the parts that are no files |

mod clock;
mod error;
mod mount;
mod mounts;
mod random;
mod sleep;
mod system;
#[cfg(test)]
mod tests;

use std::time::{Duration, SystemTime};

use async_trait::async_trait;

pub use self::clock::Clock;
pub use self::error::ErrorCode;
pub use self::mounts::MountMode;
pub use self::random::Randomness;
pub use self::sleep::SleepPolicy;
pub use self::system::System;
use monty_value::Value;
#[doc(inline)]
pub use monty_vfs::{
    Change, FileStat, FileType, Instant, MemoryFiles, MountError, OpenMode, ScanEntry, ScanOptions,
    WriteMode,
};

/// The system that a script sees: one method for each function of the WIT
/// interface `os-call`, all of them [`ErrorCode::Unhandled`] unless they are
/// implemented. Implementations carry the macro
/// [`async_trait`](macro@crate::async_trait).
///
/// What Python makes of it is not part of it: `Path.exists()` is a `stat`, text
/// is bytes, `Path.mkdir(parents=True)` is some `create_directory`.
///
/// Paths are absolute and normalised POSIX paths of the sandbox: no `.`, no
/// `..`, no empty component, no NUL.
///
/// ```
/// use monty_host::os::{ErrorCode, Os};
/// use monty_host::{Host, Monty, async_trait};
///
/// /// A file that is made when a script reads it.
/// struct Sales;
///
/// #[async_trait]
/// impl Os for Sales {
///     async fn read(&self, path: &str) -> Result<Vec<u8>, ErrorCode> {
///         match path {
///             "/sales.csv" => Ok(b"Oslo,14\nParis,17\n".to_vec()),
///             _ => Err(ErrorCode::NotFound),
///         }
///     }
/// }
///
/// let script = "[line.split(',')[0] for line in open('/sales.csv').read().splitlines()]";
/// let host = Host::new().os(Sales);
/// let report = Monty::new()?.script(script).host(host).run_blocking()?;
/// assert_eq!(report.extract::<Vec<String>>()?, ["Oslo", "Paris"]);
/// # Ok::<_, monty_host::Error>(())
/// ```
#[async_trait]
pub trait Os: Send + Sync {
    /// What a path leads to, or what it is itself if links are not followed.
    async fn stat(&self, _path: &str, _follow_links: bool) -> Result<FileStat, ErrorCode> {
        Err(ErrorCode::Unhandled)
    }

    /// The target of a symbolic link as it is written.
    /// [`ErrorCode::InvalidArgument`] if the path is no link.
    async fn read_link(&self, _path: &str) -> Result<String, ErrorCode> {
        Err(ErrorCode::Unhandled)
    }

    /// The whole content of a regular file.
    async fn read(&self, _path: &str) -> Result<Vec<u8>, ErrorCode> {
        Err(ErrorCode::Unhandled)
    }

    /// Writes a regular file, which is created if it does not exist.
    async fn write(&self, _path: &str, _data: &[u8], _mode: WriteMode) -> Result<(), ErrorCode> {
        Err(ErrorCode::Unhandled)
    }

    /// The effect that opening a file has at once: [`OpenMode`] says which.
    /// Unless it is implemented, a file opened for reading is read for nothing.
    async fn open(&self, path: &str, mode: OpenMode) -> Result<(), ErrorCode> {
        match mode {
            OpenMode::Read => self.read(path).await.map(drop),
            OpenMode::Write => self.write(path, &[], WriteMode::Replace).await,
            OpenMode::Append => self.write(path, &[], WriteMode::Append).await,
        }
    }

    /// The names in a directory, in any order.
    async fn list_directory(&self, _path: &str) -> Result<Vec<String>, ErrorCode> {
        Err(ErrorCode::Unhandled)
    }

    /// A whole tree at once, its root included as the empty path, each
    /// directory before what is in it.
    async fn scan(&self, _path: &str, _options: ScanOptions) -> Result<Vec<ScanEntry>, ErrorCode> {
        Err(ErrorCode::Unhandled)
    }

    /// Makes one directory, in one that exists.
    /// [`ErrorCode::AlreadyExists`], whatever stands there.
    async fn create_directory(&self, _path: &str) -> Result<(), ErrorCode> {
        Err(ErrorCode::Unhandled)
    }

    /// Removes a file, or a link without what it leads to.
    async fn remove_file(&self, _path: &str) -> Result<(), ErrorCode> {
        Err(ErrorCode::Unhandled)
    }

    /// Removes an empty directory.
    async fn remove_directory(&self, _path: &str) -> Result<(), ErrorCode> {
        Err(ErrorCode::Unhandled)
    }

    /// Moves a file, a link or a directory, as `rename()` of POSIX.
    async fn rename(&self, _source: &str, _destination: &str) -> Result<(), ErrorCode> {
        Err(ErrorCode::Unhandled)
    }

    /// A variable of the environment. `None` if it is not set.
    async fn getenv(&self, _name: &str) -> Result<Option<String>, ErrorCode> {
        Err(ErrorCode::Unhandled)
    }

    /// All variables of the environment, in any order.
    async fn environ(&self) -> Result<Vec<(String, String)>, ErrorCode> {
        Err(ErrorCode::Unhandled)
    }

    /// The time of day, for scripts whose clock is [`Clock::Host`].
    async fn now(&self) -> Result<SystemTime, ErrorCode> {
        Err(ErrorCode::Unhandled)
    }

    /// The time since some start, never less than before, for scripts whose
    /// clock is [`Clock::Host`].
    async fn monotonic_now(&self) -> Result<Duration, ErrorCode> {
        Err(ErrorCode::Unhandled)
    }

    /// `time.sleep()` and `asyncio.sleep()`: returns when the time is over. Also
    /// the timeout while calls are pending: it is dropped if one of them is
    /// answered before, and an error means no timeout.
    async fn sleep(&self, _duration: Duration) -> Result<(), ErrorCode> {
        Err(ErrorCode::Unhandled)
    }

    /// `os.urandom()`, and where `random` starts from for scripts whose
    /// randomness is [`Randomness::Host`]: exactly `size` bytes.
    async fn random_bytes(&self, _size: u64) -> Result<Vec<u8>, ErrorCode> {
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
