//! The files of a sandbox.
//!
//! A [`MountTable`] combines file systems: [`MemoryFiles`], an [`Overlay`] that
//! keeps changes to another file system in memory, and any other
//! [`FileSystem`], such as a directory of the machine. It behaves as POSIX
//! does, and has an [`Error`] for each reason to fail. Operations that a
//! language builds on these, such as `exists()` or creating missing parents,
//! are not here.
//!
//! Nothing here opens a file of the machine or blocks. Operations that a script
//! can lengthen work in slices, and wait for [`Pace::breathe`] between two of
//! them, with no lock held. If the future of an operation is dropped, a tree in
//! memory is unchanged or fully changed.
//!
//! ```
//! use monty_vfs::{Context, Instant, Limits, MemoryFiles, MountTable, WriteMode};
//! use std::sync::atomic::AtomicU64;
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let files = MemoryFiles::new().directory("/out")?;
//! let mut table = MountTable::new();
//! table.mount("/data", files.clone().into())?;
//!
//! let (limits, written) = (Limits::default(), AtomicU64::new(0));
//! let context = Context::new(Instant::EPOCH, &limits, &written, &());
//! table.write("/data/out/a.txt", b"text", WriteMode::Replace, &context).await?;
//! assert_eq!(files.read("/out/a.txt").as_deref(), Some(&b"text"[..]));
//! # Ok(())
//! # }
//! # let mut example = Box::pin(example());
//! # let polled = example.as_mut().poll(&mut std::task::Context::from_waker(std::task::Waker::noop()));
//! # assert!(matches!(polled, std::task::Poll::Ready(Ok(()))));
//! ```
//!
//! | module | holds |
//! |---|---|
//! | `table` | which file system a path belongs to, and what holds for all of them |
//! | `scan` | a whole tree at once |
//! | `files` | the trait of file systems |
//! | `overlay` | copy on write; over nothing, it is memory |
//! | `memory` | [`MemoryFiles`] |
//! | `changes` | what was changed in an overlay |
//! | `tree` | the tree behind overlays and memory, and what it weighs |
//! | `walk` | links followed name by name |
//! | `context` | what one call may use |
//! | [`path`] | paths of the sandbox and their bounds |

mod changes;
mod context;
mod error;
mod files;
mod memory;
mod overlay;
pub mod path;
mod scan;
mod stat;
mod table;
#[cfg(test)]
mod tests;
mod tree;
mod walk;

pub use async_trait::async_trait;

pub use self::changes::Change;
pub use self::context::{Context, DEFAULT_MEMORY_BYTES, Limits, Pace};
pub use self::error::{Error, MountError};
pub use self::files::{
    FileSystem, OpenMode, SLICE_BYTES, SLICE_ENTRIES, Slice, Visit, WriteMode, expect_regular,
};
pub use self::memory::MemoryFiles;
pub use self::overlay::Overlay;
pub use self::scan::{ScanEntry, ScanOptions};
pub use self::stat::{FileStat, FileType, Instant};
pub use self::table::MountTable;

/// Compiles the README's example.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
