//! `print` over the standard streams of WASI.
//!
//! What arrives is written and flushed at once, escaped if the stream is a
//! terminal. A stream that cannot be written any more, such as a closed pipe,
//! loses the text: `print.write` has no way to say so.
//!
//! A program in the same composition may limit prints, or have them kept
//! instead, and is told what was lost: `print-capture`.

use std::cell::RefCell;
use std::io::{IsTerminal, Write};

/// What wit-bindgen generates from `wit/`.
mod bindings {
    wit_bindgen::generate!({
        path: ["../../wit", "../wit"],
        world: "monty:adapters/print-stdio",
    });
}

use bindings::exports::monty::adapters::print_capture::{self, Destination, Printed};
use bindings::exports::monty::sandbox::print::{self, StandardStream};

thread_local! {
    static CAPTURE: RefCell<Option<Capture>> = const { RefCell::new(None) };
}

/// Prints that are limited.
struct Capture {
    printed: Printed,
    destination: Destination,
    /// What may still be printed.
    room: usize,
}

impl Capture {
    fn new(max_bytes: u64, destination: Destination) -> Self {
        Self {
            printed: Printed {
                stdout: String::new(),
                stderr: String::new(),
                bytes: 0,
                truncated: false,
                broken: false,
            },
            destination,
            room: usize::try_from(max_bytes).unwrap_or(usize::MAX),
        }
    }

    fn print(&mut self, to: StandardStream, text: &str) {
        self.printed.bytes = self.printed.bytes.saturating_add(text.len() as u64);
        let within = text
            .get(..text.floor_char_boundary(self.room))
            .unwrap_or(text);
        self.room -= within.len();
        if within.len() < text.len() {
            // What follows is dropped whole, or it would close the gap.
            self.room = 0;
            self.printed.truncated = true;
        }
        match (self.destination, to) {
            (Destination::Memory, StandardStream::Stdout) => self.printed.stdout.push_str(within),
            (Destination::Memory, StandardStream::Stderr) => self.printed.stderr.push_str(within),
            (Destination::StandardStreams, to) => {
                if !within.is_empty() && write(to, within).is_err() {
                    self.room = 0;
                    self.printed.broken = true;
                }
            }
        }
    }
}

/// The component.
struct Component;

impl print::Guest for Component {
    fn write(to: StandardStream, text: String) {
        CAPTURE.with_borrow_mut(|capture| match capture {
            Some(capture) => capture.print(to, &text),
            None => {
                // See the top: there is nobody to tell.
                let _ = write(to, &text);
            }
        });
    }
}

impl print_capture::Guest for Component {
    fn start(max_bytes: u64, destination: Destination) {
        CAPTURE.set(Some(Capture::new(max_bytes, destination)));
    }

    fn take() -> Printed {
        CAPTURE
            .take()
            .unwrap_or_else(|| Capture::new(0, Destination::Memory))
            .printed
    }
}

fn write(to: StandardStream, text: &str) -> std::io::Result<()> {
    match to {
        StandardStream::Stdout => write_and_flush(std::io::stdout(), text),
        StandardStream::Stderr => write_and_flush(std::io::stderr(), text),
    }
}

fn write_and_flush(mut stream: impl Write + IsTerminal, text: &str) -> std::io::Result<()> {
    let text = monty_terminal::for_stream(&stream, text);
    stream.write_all(text.as_bytes())?;
    stream.flush()
}

bindings::export!(Component with_types_in bindings);
