//! Whether a source typed line by line can run.

/// Whether a source typed line by line can run, or needs more lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Completeness {
    /// It can run: it is whole, or has an error that no further line can fix.
    Complete,
    /// It ends within a bracket, a string or a statement.
    Incomplete,
    /// It ends after the header of a block, such as `def f():`. With a body it
    /// is [`Complete`](Self::Complete), although more lines of the body may
    /// follow; a person ends it with an empty line.
    IncompleteBlock,
}
