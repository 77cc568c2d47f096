//! The parts of a document, each written within the room that is left.

use std::fmt::{self, Display, Write as _};
use std::io;

use serde::Serialize;

use crate::layout::{Layout, Style, json_bytes};

/// The bytes that a document may still take.
pub(crate) struct Room {
    layout: Layout,
    left: u64,
}

/// Why a part was not written.
pub(crate) enum Unwritten {
    /// It takes more than the room that is left.
    TooLarge,
    /// JSON has no form for it.
    NoForm,
}

impl Room {
    pub(crate) fn new(layout: Layout, bytes: u64) -> Self {
        Self {
            layout,
            left: bytes,
        }
    }

    pub(crate) fn layout(&self) -> Layout {
        self.layout
    }

    /// Adds room: for quotes, which are there even if a text is empty.
    pub(crate) fn widen(&mut self, bytes: u64) {
        self.left = self.left.saturating_add(bytes);
    }

    /// The text of a part, which from then on takes its room.
    pub(crate) fn take(
        &mut self,
        content: impl Serialize,
        depth: usize,
    ) -> Result<Vec<u8>, Unwritten> {
        let mut text = Capped {
            bytes: Vec::new(),
            room: self.left,
        };
        let style = Style::new(self.layout, depth);
        let mut serializer = serde_json::Serializer::with_formatter(&mut text, style);
        content.serialize(&mut serializer).map_err(|error| {
            if error.is_io() {
                Unwritten::TooLarge
            } else {
                Unwritten::NoForm
            }
        })?;
        self.left = text.room;
        Ok(text.bytes)
    }

    /// The text of a part that may be left out: `null` if it does not fit, or
    /// has no form.
    pub(crate) fn take_or_null(&mut self, content: impl Serialize, depth: usize) -> Vec<u8> {
        self.take(content, depth)
            .unwrap_or_else(|_| b"null".to_vec())
    }

    /// Whether a part fits, which from then on takes its room.
    pub(crate) fn has(&mut self, content: impl Serialize, depth: usize) -> bool {
        self.take(content, depth).is_ok()
    }

    /// The start of a text that fits, which from then on takes its room.
    pub(crate) fn start_of<'t>(&mut self, text: &'t str) -> &'t str {
        for (index, character) in text.char_indices() {
            match self.left.checked_sub(json_bytes(character)) {
                Some(left) => self.left = left,
                None => {
                    self.left = 0;
                    return text.split_at(index).0;
                }
            }
        }
        text
    }
}

/// A buffer that rejects bytes beyond its room.
struct Capped {
    bytes: Vec<u8>,
    room: u64,
}

impl io::Write for Capped {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let left = self.room.checked_sub(bytes.len() as u64);
        self.room = left.ok_or(io::ErrorKind::FileTooLarge)?;
        self.bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A text of at most so many bytes, and the number of bytes that were cut.
///
/// ```
/// assert_eq!(monty_document::shortened("a long text", 6), "a long… (5 more bytes)");
/// ```
pub fn shortened(text: impl Display, max_bytes: usize) -> String {
    let mut start = Start {
        text: String::new(),
        room: max_bytes,
        more: 0,
    };
    // It takes everything.
    let _ = write!(start, "{text}");
    let Start { mut text, more, .. } = start;
    if more > 0 {
        text.push_str(&format!("… ({more} more bytes)"));
    }
    text
}

/// Keeps the start of a text, and counts the rest.
struct Start {
    text: String,
    room: usize,
    more: usize,
}

impl fmt::Write for Start {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let (kept, rest) = text.split_at(text.floor_char_boundary(self.room));
        self.text.push_str(kept);
        // What does not fit is the end, even if something shorter follows.
        self.room = if rest.is_empty() {
            self.room - kept.len()
        } else {
            0
        };
        self.more += rest.len();
        Ok(())
    }
}
