//! The operating system as a script sees it: files, environment, clocks,
//! randomness and modules.
//!
//! A script reaches nothing unless the host passes it an [`Os`]. [`System`] is
//! built from parts: [mounts](System::mount), [`MemoryFiles`], variables, a
//! [`Clock`]. For anything else, implement [`Os`].
//!
//! The crate `monty-vfs` has the common rules of files, files in memory and
//! overlays.
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

use crate::check::Declarations;

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

/// The system that a script sees, with one method for each function of the WIT
/// interface `os-call`. All return [`ErrorCode::Unhandled`] unless implemented.
/// Implementations need the macro [`async_trait`](macro@crate::async_trait).
///
/// Python's operations are built on these: `Path.exists()` on `stat`, text on
/// bytes, `Path.mkdir(parents=True)` on several `create_directory`.
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
    /// The metadata of a file, or of a link if links are not followed.
    async fn stat(&self, _path: &str, _follow_links: bool) -> Result<FileStat, ErrorCode> {
        Err(ErrorCode::Unhandled)
    }

    /// The target of a symbolic link, as written.
    async fn read_link(&self, _path: &str) -> Result<String, ErrorCode> {
        Err(ErrorCode::Unhandled)
    }

    /// Reads the whole content of a regular file.
    async fn read(&self, _path: &str) -> Result<Vec<u8>, ErrorCode> {
        Err(ErrorCode::Unhandled)
    }

    /// Writes a regular file, and creates it if it does not exist.
    async fn write(&self, _path: &str, _data: &[u8], _mode: WriteMode) -> Result<(), ErrorCode> {
        Err(ErrorCode::Unhandled)
    }

    /// Applies the immediate effect of opening a file, given by [`OpenMode`].
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

    /// Lists a whole tree at once, with its root as the empty path, each
    /// directory before its contents.
    async fn scan(&self, _path: &str, _options: ScanOptions) -> Result<Vec<ScanEntry>, ErrorCode> {
        Err(ErrorCode::Unhandled)
    }

    /// Creates one directory. Its parent must exist.
    async fn create_directory(&self, _path: &str) -> Result<(), ErrorCode> {
        Err(ErrorCode::Unhandled)
    }

    /// Removes a file, or a link but not its target.
    async fn remove_file(&self, _path: &str) -> Result<(), ErrorCode> {
        Err(ErrorCode::Unhandled)
    }

    /// Removes an empty directory.
    async fn remove_directory(&self, _path: &str) -> Result<(), ErrorCode> {
        Err(ErrorCode::Unhandled)
    }

    /// Moves a file, a link or a directory, as POSIX `rename()` does.
    async fn rename(&self, _source: &str, _destination: &str) -> Result<(), ErrorCode> {
        Err(ErrorCode::Unhandled)
    }

    /// An environment variable. `None` if it is not set.
    async fn getenv(&self, _name: &str) -> Result<Option<String>, ErrorCode> {
        Err(ErrorCode::Unhandled)
    }

    /// All environment variables, in any order.
    async fn environ(&self) -> Result<Vec<(String, String)>, ErrorCode> {
        Err(ErrorCode::Unhandled)
    }

    /// The time of day, for scripts whose clock is [`Clock::Host`].
    async fn now(&self) -> Result<SystemTime, ErrorCode> {
        Err(ErrorCode::Unhandled)
    }

    /// The time since a fixed start, which never decreases, for scripts whose
    /// clock is [`Clock::Host`].
    async fn monotonic_now(&self) -> Result<Duration, ErrorCode> {
        Err(ErrorCode::Unhandled)
    }

    /// Sleeps, for `time.sleep()` and `asyncio.sleep()`. Also the timeout while
    /// calls are pending: it is dropped if one of them is answered first, and
    /// an error means no timeout.
    async fn sleep(&self, _duration: Duration) -> Result<(), ErrorCode> {
        Err(ErrorCode::Unhandled)
    }

    /// Exactly `size` random bytes, for `os.urandom()`, and for the seed of
    /// `random` in scripts whose randomness is [`Randomness::Host`].
    async fn random_bytes(&self, _size: u64) -> Result<Vec<u8>, ErrorCode> {
        Err(ErrorCode::Unhandled)
    }

    /// The modules that a script can import of this, for a type check. Any by default.
    fn declarations(&self) -> Declarations {
        Declarations::new().open_modules()
    }

    /// Imports a module that Monty does not have: a [`Value::Module`].
    /// [`ErrorCode::NotFound`] for `ModuleNotFoundError`.
    async fn import_module(&self, _name: &str) -> Result<Value, ErrorCode> {
        Err(ErrorCode::Unhandled)
    }
}

/// An [`Os`] that implements nothing: every operation is
/// [`ErrorCode::Unhandled`]. The default of a script.
#[derive(Clone, Copy, Debug, Default)]
pub struct DenyAll;

impl Os for DenyAll {
    fn declarations(&self) -> Declarations {
        Declarations::new()
    }
}
