//! `print` over the standard streams of WASI.
//!
//! Prints are written and flushed at once, escaped if the stream is a terminal.
//! A stream that cannot be written, such as a closed pipe, ends the script with
//! an `OSError`: nothing would read its next print.
//!
//! A program in the same composition may limit prints, or have them kept
//! instead, and is told why they ended: `print-capture`.

use std::cell::RefCell;
use std::io::{ErrorKind, IsTerminal, Write};

/// wit-bindgen's generated bindings for `wit/`.
mod bindings {
    wit_bindgen::generate!({
        path: ["../../wit", "../wit"],
        world: "monty:adapters/print-stdio",
        with: { "monty:sandbox/types@0.2.0": monty_value::types },
        generate_all,
    });
}

use bindings::exports::monty::adapters::print_capture::{self, Destination, End, Printed};
use bindings::exports::monty::sandbox::print::{self, StandardStream};
use monty_value::types::Exception;

thread_local! {
    static CAPTURE: RefCell<Option<Capture>> = const { RefCell::new(None) };
}

/// Limited prints.
struct Capture {
    printed: Printed,
    destination: Destination,
    max_bytes: u64,
    /// The number of bytes that may still be printed.
    room: usize,
}

impl Capture {
    fn new(max_bytes: u64, destination: Destination) -> Self {
        Self {
            printed: Printed {
                stdout: String::new(),
                stderr: String::new(),
                bytes: 0,
                end: None,
            },
            destination,
            max_bytes,
            room: usize::try_from(max_bytes).unwrap_or(usize::MAX),
        }
    }

    fn print(&mut self, to: StandardStream, text: &str) -> Result<(), Exception> {
        self.printed.bytes = self.printed.bytes.saturating_add(text.len() as u64);
        if let Some(end) = &self.printed.end {
            return Err(exception(end, to, self.max_bytes));
        }
        let within = text
            .get(..text.floor_char_boundary(self.room))
            .unwrap_or(text);
        self.room -= within.len();
        let written = match (self.destination, to) {
            (Destination::Memory, StandardStream::Stdout) => {
                self.printed.stdout.push_str(within);
                Ok(())
            }
            (Destination::Memory, StandardStream::Stderr) => {
                self.printed.stderr.push_str(within);
                Ok(())
            }
            (Destination::StandardStreams, to) => write(to, within),
        };
        let end = match written {
            Err(end) => end,
            Ok(()) if within.len() < text.len() => End::UsedUp,
            Ok(()) => return Ok(()),
        };
        let end = self.printed.end.insert(end);
        Err(exception(end, to, self.max_bytes))
    }
}

/// The component.
struct Component;

impl print::Guest for Component {
    fn write(to: StandardStream, text: String) -> Result<(), Exception> {
        CAPTURE.with_borrow_mut(|capture| match capture {
            Some(capture) => capture.print(to, &text),
            None => write(to, &text).map_err(|end| exception(&end, to, u64::MAX)),
        })
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

/// The exception that ends the script.
fn exception(end: &End, to: StandardStream, max_bytes: u64) -> Exception {
    let stream = match to {
        StandardStream::Stdout => "standard output",
        StandardStream::Stderr => "standard error",
    };
    match end {
        End::UsedUp => Exception::new(
            "RuntimeError",
            format!("the script printed more than {max_bytes} bytes: print less"),
        ),
        End::ReaderLeft => Exception::new(
            "OSError",
            format!("{stream} cannot be written: its reader left"),
        ),
        End::Failed(reason) => {
            Exception::new("OSError", format!("{stream} cannot be written: {reason}"))
        }
    }
}

fn write(to: StandardStream, text: &str) -> Result<(), End> {
    if text.is_empty() {
        return Ok(());
    }
    let written = match to {
        StandardStream::Stdout => write_and_flush(std::io::stdout(), text),
        StandardStream::Stderr => write_and_flush(std::io::stderr(), text),
    };
    written.map_err(|error| match error.kind() {
        ErrorKind::BrokenPipe => End::ReaderLeft,
        // The number in the text of an error is WASI's, and misleads elsewhere.
        kind => End::Failed(kind.to_string()),
    })
}

fn write_and_flush(mut stream: impl Write + IsTerminal, text: &str) -> std::io::Result<()> {
    let text = monty_terminal::for_stream(&stream, text);
    stream.write_all(text.as_bytes())?;
    stream.flush()
}

bindings::export!(Component with_types_in bindings);
