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

/// A sink for a script's prints, called while the script runs.
///
/// Any `FnMut(Stream, &str)` is a sink that never fails. [`Discard`],
/// [`Inherit`] and [`Collect`] are ready-made.
///
/// ```
/// use monty_host::{Host, Monty, Stream};
///
/// let (send, receive) = std::sync::mpsc::channel();
/// let host = Host::new().print(move |stream: Stream, text: &str| {
///     // Nobody is left to tell if this fails.
///     let _ = send.send((stream, text.to_owned()));
/// });
/// let script = "import sys\nprint('a')\nprint('b', file=sys.stderr)";
/// Monty::new()?.script(script).host(host).run_blocking()?;
/// let printed: Vec<_> = receive.iter().collect();
/// assert_eq!(printed[0], (Stream::Stdout, "a\n".to_owned()));
/// assert_eq!(printed[1], (Stream::Stderr, "b\n".to_owned()));
/// # Ok::<_, monty_host::Error>(())
/// ```
pub trait Print: Send {
    /// Takes a piece of printed text, newlines included. Pieces may end in the
    /// middle of a line.
    ///
    /// # Errors
    ///
    /// If the text cannot be written. The run then ends as an error of kind
    /// [`Host`](crate::ErrorKind::Host) with this error as its
    /// [`source`](std::error::Error::source), because a script should not go on
    /// without a reader.
    fn write(&mut self, stream: Stream, text: &str) -> io::Result<()>;
}

impl<F: FnMut(Stream, &str) + Send> Print for F {
    fn write(&mut self, stream: Stream, text: &str) -> io::Result<()> {
        self(stream, text);
        Ok(())
    }
}

/// Discards prints.
#[derive(Clone, Copy, Debug, Default)]
pub struct Discard;

impl Print for Discard {
    fn write(&mut self, _stream: Stream, _text: &str) -> io::Result<()> {
        Ok(())
    }
}

/// Writes prints to the standard streams of this process, and flushes them.
///
/// A failing stream, such as a closed pipe or a full disk, ends the run.
#[derive(Clone, Copy, Debug, Default)]
pub struct Inherit;

impl Print for Inherit {
    fn write(&mut self, stream: Stream, text: &str) -> io::Result<()> {
        fn write_all(mut to: impl Write, text: &str) -> io::Result<()> {
            to.write_all(text.as_bytes())?;
            to.flush()
        }
        match stream {
            Stream::Stdout => write_all(io::stdout().lock(), text),
            Stream::Stderr => write_all(io::stderr().lock(), text),
        }
    }
}

/// Collects prints. Clones share the collection.
///
/// ```
/// use monty_host::{Collect, Host, Monty, Stream};
///
/// let printed = Collect::new();
/// let host = Host::new().print(printed.clone());
/// Monty::new()?.script("print('a')").host(host).run_blocking()?;
/// assert_eq!(printed.take().on(Stream::Stdout), "a\n");
/// # Ok::<_, monty_host::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Collect(Arc<Mutex<Printed>>);

impl Collect {
    /// An empty collection.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the collected output, and leaves none.
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

/// The output of a script, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Printed {
    text: String,
    /// The lengths of the pieces, which alternate between the two streams and
    /// start with `sys.stdout`. Seven bits per byte, with the highest bit set
    /// if more follow: a script may change the stream with each character.
    lengths: Vec<u8>,
    /// The length of the unfinished piece.
    last: usize,
    on_stderr: bool,
}

impl Printed {
    pub(crate) fn push(&mut self, stream: Stream, text: &str) {
        if text.is_empty() {
            return;
        }
        if self.on_stderr != (stream == Stream::Stderr) {
            push_length(self.last, &mut self.lengths);
            self.last = 0;
            self.on_stderr = !self.on_stderr;
        }
        self.text.push_str(text);
        self.last += text.len();
    }

    /// The text, split where the stream changes.
    pub fn pieces(&self) -> impl Iterator<Item = (Stream, &str)> {
        let mut lengths = self.lengths.as_slice();
        let mut text = self.text.as_str();
        let mut last = Some(self.last);
        let mut stream = Stream::Stderr;
        std::iter::from_fn(move || {
            loop {
                let length = take_length(&mut lengths).or_else(|| last.take())?;
                stream = match stream {
                    Stream::Stdout => Stream::Stderr,
                    Stream::Stderr => Stream::Stdout,
                };
                let (piece, rest) = text.split_at_checked(length)?;
                text = rest;
                // Output that starts on `sys.stderr` leaves an empty piece
                // before it.
                if !piece.is_empty() {
                    return Some((stream, piece));
                }
            }
        })
    }

    /// The text of one stream.
    pub fn on(&self, stream: Stream) -> String {
        self.pieces()
            .filter(|(on, _)| *on == stream)
            .map(|(_, text)| text)
            .collect()
    }

    /// Whether nothing was printed.
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }
}

fn push_length(mut length: usize, lengths: &mut Vec<u8>) {
    while length > 0x7f {
        lengths.push(length as u8 | 0x80);
        length >>= 7;
    }
    lengths.push(length as u8);
}

fn take_length(lengths: &mut &[u8]) -> Option<usize> {
    let mut length = 0;
    for shift in (0..).step_by(7) {
        let (byte, rest) = lengths.split_first()?;
        *lengths = rest;
        length |= usize::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            break;
        }
    }
    Some(length)
}

/// The text of both streams, in order.
impl fmt::Display for Printed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}
