//! What the methods of sealed traits take, so that nobody else can have them.

/// A type that cannot be named outside of this crate.
#[derive(Clone, Copy, Debug)]
pub struct Token;
