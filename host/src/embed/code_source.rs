//! Where compiled code comes from.

use std::path::PathBuf;

/// How a program got the compiled code of its component.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CodeSource {
    /// Loaded from this file, in milliseconds: of the cache, or the one given to
    /// [`build_precompiled`](crate::MontyBuilder::build_precompiled).
    Loaded(PathBuf),
    /// Compiled, in seconds, and kept in this file of the cache for the next
    /// process.
    Kept(PathBuf),
    /// Compiled, and not kept, for this reason: the next process compiles again.
    NotKept(String),
}
