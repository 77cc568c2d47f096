//! Gathers what the script prints into writes to the host.

use std::{
    borrow::Cow,
    cell::RefCell,
    time::{Duration, Instant},
};

use monty_types::{MontyException, PrintStream, PrintWriterCallback};
use monty_value::types::Exception;

use crate::{
    bindings::monty::sandbox::print::{self, StandardStream},
    exceptions,
};

/// How much text is gathered before it is written.
const BUFFER_BYTES: usize = 8 * 1024;

/// The largest single write, so that the host never has to take a text whose
/// size the script chose.
const WRITE_BYTES: usize = 64 * 1024;

/// How long text may wait while the script computes.
const MAX_WAIT: Duration = Duration::from_millis(50);

/// Polls between two looks at the clock, which is an import and would slow
/// down every loop that has text waiting.
const POLLS_PER_LOOK: u32 = 16;

/// The standard streams of a run, which the interpreter writes to and which are
/// written out before it asks for anything else.
pub struct Printer(RefCell<Streams>);

impl Printer {
    /// Streams to which nothing was printed yet.
    pub fn new(line_buffered: bool) -> Self {
        Self(RefCell::new(Streams::new(line_buffered)))
    }

    /// Prepares for another piece of code, whose prints the host may take.
    pub fn reset(&self) {
        self.0.borrow_mut().refusal = None;
    }

    /// Why the host takes no more of what this piece of code prints, which is to
    /// end it.
    pub fn refusal(&self) -> Option<Exception> {
        self.0.borrow().refusal.clone()
    }

    /// Whether a newline writes out, from here on.
    pub fn set_line_buffered(&self, line_buffered: bool) {
        self.0.borrow_mut().line_buffered = line_buffered;
    }

    /// Writes out what waits. Due before every other import and at the end.
    pub fn flush(&self) {
        self.0.borrow_mut().flush();
    }
}

/// Both streams: what one of them waits with is written out before the other is
/// written to.
struct Streams {
    stream: PrintStream,
    waiting: String,
    line_buffered: bool,
    polls: u32,
    /// When a poll first found text waiting.
    seen_waiting: Option<Instant>,
    /// Why the host takes no more.
    refusal: Option<Exception>,
}

impl Streams {
    fn new(line_buffered: bool) -> Self {
        Self {
            stream: PrintStream::Stdout,
            waiting: String::new(),
            line_buffered,
            polls: 0,
            seen_waiting: None,
            refusal: None,
        }
    }

    fn flush(&mut self) {
        if !self.waiting.is_empty() {
            let waiting = std::mem::take(&mut self.waiting);
            self.write(&waiting);
            self.waiting = waiting;
            self.waiting.clear();
            self.polls = 0;
            self.seen_waiting = None;
        }
    }

    fn write(&mut self, text: &str) {
        if self.refusal.is_none()
            && let Err(exception) = print::write(target(self.stream), text)
        {
            self.refusal = Some(exception);
        }
    }

    fn push_str(&mut self, stream: PrintStream, text: &str) {
        self.switch_to(stream);
        if self.waiting.len() + text.len() > BUFFER_BYTES {
            self.flush();
        }
        if text.len() > BUFFER_BYTES {
            for piece in pieces(text) {
                self.write(piece);
            }
        } else {
            self.waiting.push_str(text);
            if self.line_buffered && text.contains('\n') {
                self.flush();
            }
        }
    }

    fn push_char(&mut self, stream: PrintStream, character: char) {
        self.push_str(stream, character.encode_utf8(&mut [0; 4]));
    }

    fn switch_to(&mut self, stream: PrintStream) {
        if self.stream != stream {
            self.flush();
            self.stream = stream;
        }
    }

    fn poll(&mut self) -> Result<(), MontyException> {
        if let Some(exception) = &self.refusal {
            return Err(exceptions::from_host(exception.clone()));
        }
        if self.waiting.is_empty() {
            return Ok(());
        }
        self.polls = self.polls.wrapping_add(1);
        if self.polls.is_multiple_of(POLLS_PER_LOOK) {
            match self.seen_waiting {
                None => self.seen_waiting = Some(Instant::now()),
                Some(since) if since.elapsed() >= MAX_WAIT => self.flush(),
                Some(_) => {}
            }
        }
        Ok(())
    }
}

impl PrintWriterCallback for &Printer {
    fn stdout_write(&mut self, output: Cow<'_, str>) -> Result<(), MontyException> {
        self.0.borrow_mut().push_str(PrintStream::Stdout, &output);
        Ok(())
    }

    fn stdout_push(&mut self, end: char) -> Result<(), MontyException> {
        self.0.borrow_mut().push_char(PrintStream::Stdout, end);
        Ok(())
    }

    fn stderr_write(&mut self, output: Cow<'_, str>) -> Result<(), MontyException> {
        self.0.borrow_mut().push_str(PrintStream::Stderr, &output);
        Ok(())
    }

    fn stderr_push(&mut self, end: char) -> Result<(), MontyException> {
        self.0.borrow_mut().push_char(PrintStream::Stderr, end);
        Ok(())
    }

    /// Called between instructions, so that a script which prints and then
    /// computes for long is still seen to print. An error ends the script: see
    /// `monty.patch`.
    fn poll_flush(&mut self) -> Result<(), MontyException> {
        self.0.borrow_mut().poll()
    }
}

fn target(stream: PrintStream) -> StandardStream {
    match stream {
        PrintStream::Stdout => StandardStream::Stdout,
        PrintStream::Stderr => StandardStream::Stderr,
    }
}

/// Splits a text into pieces of at most [`WRITE_BYTES`], between characters.
fn pieces(mut text: &str) -> impl Iterator<Item = &str> {
    std::iter::from_fn(move || {
        if text.is_empty() {
            return None;
        }
        let (piece, rest) = text
            .split_at_checked(text.floor_char_boundary(WRITE_BYTES))
            .unwrap_or((text, ""));
        text = rest;
        Some(piece)
    })
}
