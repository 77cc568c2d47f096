//! What sealed bytes are for.

use std::fmt;

/// What sealed bytes are for.
#[derive(Clone, Copy)]
pub(super) enum Purpose {
    /// A token.
    Token,
    /// The content of a token, which lies in the store.
    Content,
    /// Bytes of the embedder: [`Keys::seal`](super::Keys::seal).
    Blob,
}

impl Purpose {
    /// Stands for it in what is authenticated.
    pub(super) fn tag(self) -> u8 {
        match self {
            Self::Token => 1,
            Self::Content => 2,
            Self::Blob => 3,
        }
    }
}

impl fmt::Display for Purpose {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Token => "the approval token",
            Self::Content => "the entry in the store that the approval token belongs to",
            Self::Blob => "what was sealed for this context",
        })
    }
}
