//! `print` over the standard streams of WASI.
//!
//! What arrives is written and flushed at once. A stream that cannot be
//! written any more, such as a closed pipe, loses the text: `print.write` has
//! no way to say so, and the script is not to blame.
//!
//! A program in the same composition may have prints kept instead, through
//! `print-capture`.

use std::cell::RefCell;
use std::io::Write;

/// What wit-bindgen generates from `wit/`.
mod bindings {
    wit_bindgen::generate!({
        path: ["../../wit", "../wit"],
        world: "monty:adapters/print-stdio",
    });
}

use bindings::exports::monty::adapters::print_capture::{self, Printed};
use bindings::exports::monty::sandbox::print::{self, StandardStream};

thread_local! {
    static CAPTURE: RefCell<Option<Capture>> = const { RefCell::new(None) };
}

/// Prints that are kept.
struct Capture {
    printed: Printed,
    /// What may still be kept.
    room: usize,
}

impl Capture {
    fn new(max_bytes: u64) -> Self {
        Self {
            printed: Printed {
                stdout: String::new(),
                stderr: String::new(),
                truncated: false,
            },
            room: usize::try_from(max_bytes).unwrap_or(usize::MAX),
        }
    }

    fn keep(&mut self, to: StandardStream, text: &str) {
        let kept = text
            .get(..text.floor_char_boundary(self.room))
            .unwrap_or(text);
        match to {
            StandardStream::Stdout => self.printed.stdout.push_str(kept),
            StandardStream::Stderr => self.printed.stderr.push_str(kept),
        }
        self.room -= kept.len();
        if kept.len() < text.len() {
            // What follows is dropped whole, or it would close the gap.
            self.room = 0;
            self.printed.truncated = true;
        }
    }
}

/// The component.
struct Component;

impl print::Guest for Component {
    fn write(to: StandardStream, text: String) {
        CAPTURE.with_borrow_mut(|capture| match capture {
            Some(capture) => capture.keep(to, &text),
            None => {
                // See the top: there is nobody to tell.
                let _ = match to {
                    StandardStream::Stdout => write(std::io::stdout(), &text),
                    StandardStream::Stderr => write(std::io::stderr(), &text),
                };
            }
        });
    }
}

impl print_capture::Guest for Component {
    fn start(max_bytes: u64) {
        CAPTURE.set(Some(Capture::new(max_bytes)));
    }

    fn take() -> Printed {
        CAPTURE.take().unwrap_or_else(|| Capture::new(0)).printed
    }
}

fn write(mut stream: impl Write, text: &str) -> std::io::Result<()> {
    stream.write_all(text.as_bytes())?;
    stream.flush()
}

bindings::export!(Component with_types_in bindings);
