//! Where `print()` writes.

use std::fmt;
use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

/// The stream that `print(file=…)` names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Stream {
    /// `sys.stdout`, the default.
    Stdout,
    /// `sys.stderr`.
    Stderr,
}

/// A sink for what a script prints, called while the script runs.
///
/// Any `FnMut(Stream, &str)` is one that never fails. [`Discard`],
/// [`Inherit`] and [`Collect`] are ready-made.
pub trait Print: Send {
    /// Takes a piece of text as it was printed, with its newlines. Pieces end
    /// anywhere, not only at lines.
    ///
    /// # Errors
    ///
    /// If the text cannot be written. The run ends there, as an error of kind
    /// [`Host`](crate::ErrorKind::Host) whose
    /// [`source`](std::error::Error::source) is this one: the script is not to
    /// go on for a reader who has left.
    fn write(&mut self, stream: Stream, text: &str) -> io::Result<()>;
}

impl<F: FnMut(Stream, &str) + Send> Print for F {
    fn write(&mut self, stream: Stream, text: &str) -> io::Result<()> {
        self(stream, text);
        Ok(())
    }
}

/// Throws prints away.
#[derive(Clone, Copy, Debug, Default)]
pub struct Discard;

impl Print for Discard {
    fn write(&mut self, _stream: Stream, _text: &str) -> io::Result<()> {
        Ok(())
    }
}

/// Writes prints to the standard streams of this process, and flushes them.
///
/// A stream that takes no more, such as a pipe that was closed or a disk that
/// is full, ends the run.
#[derive(Clone, Copy, Debug, Default)]
pub struct Inherit;

impl Print for Inherit {
    fn write(&mut self, stream: Stream, text: &str) -> io::Result<()> {
        fn write_all(mut to: impl Write, text: &str) -> io::Result<()> {
            to.write_all(text.as_bytes())?;
            to.flush()
        }
        match stream {
            Stream::Stdout => write_all(std::io::stdout().lock(), text),
            Stream::Stderr => write_all(std::io::stderr().lock(), text),
        }
    }
}

/// Keeps prints. Clones share what was kept.
#[derive(Clone, Debug, Default)]
pub struct Collect(Arc<Mutex<Printed>>);

impl Collect {
    /// An empty collection.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes what was kept, and leaves nothing.
    pub fn take(&self) -> Printed {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Print for Collect {
    fn write(&mut self, stream: Stream, text: &str) -> io::Result<()> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(stream, text);
        Ok(())
    }
}

/// What a script printed, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Printed {
    pieces: Vec<(Stream, String)>,
}

impl Printed {
    pub(crate) fn push(&mut self, stream: Stream, text: &str) {
        match self.pieces.last_mut() {
            Some((last, piece)) if *last == stream => piece.push_str(text),
            _ => self.pieces.push((stream, text.to_owned())),
        }
    }

    /// The text, cut where the stream changes.
    pub fn pieces(&self) -> impl Iterator<Item = (Stream, &str)> {
        self.pieces
            .iter()
            .map(|(stream, text)| (*stream, text.as_str()))
    }

    /// What went to one stream.
    pub fn on(&self, stream: Stream) -> String {
        self.pieces()
            .filter(|(on, _)| *on == stream)
            .map(|(_, text)| text)
            .collect()
    }

    /// Whether nothing was printed.
    pub fn is_empty(&self) -> bool {
        self.pieces.is_empty()
    }
}

impl fmt::Display for Printed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.pieces()
            .try_for_each(|(_, text)| formatter.write_str(text))
    }
}
