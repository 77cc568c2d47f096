//! Whether a source that is typed line by line can be run.

/// Whether more lines could follow a source that is typed line by line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Completeness {
    /// It can be run: it is whole, or wrong in a way that no line mends.
    Complete,
    /// It ends within a bracket, a string or a statement.
    Incomplete,
    /// It ends after the head of a block, such as `def f():`. Once there is a
    /// body it is [`Complete`](Self::Complete), though more of it may follow: a
    /// person ends it with an empty line.
    IncompleteBlock,
}
