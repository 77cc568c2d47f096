//! Standard output and standard error, as this command writes to them.
//!
//! A script may print text that controls a terminal, or that shows something
//! other than its content. On a terminal such text is escaped; a pipe or a file
//! gets every byte unchanged.

use std::borrow::Cow;
use std::fmt::{self, Display, Write as _};
use std::io::{self, IsTerminal, Write};
use std::path::Path;

use monty_host::value::is_printable;
use monty_host::{Print, Stream};

use crate::styles;

/// A sink for the prints of a script.
pub struct Console;

impl Print for Console {
    fn write(&mut self, stream: Stream, text: &str) -> io::Result<()> {
        match stream {
            Stream::Stdout => write_text(io::stdout().lock(), text),
            Stream::Stderr => write_text(io::stderr().lock(), text),
        }
    }
}

/// Writes text to standard output.
pub fn out(text: &str) -> io::Result<()> {
    write_text(io::stdout().lock(), text)
}

/// Writes text to standard error. A failure is ignored: it cannot be reported
/// anywhere.
pub fn err(text: impl Display) {
    let stderr = io::stderr().lock();
    let text = text.to_string();
    let _ = match styles::are_shown(&stderr) {
        // Escaped even where colors are forced on a pipe: it is for a person.
        true => write_all(stderr, &styles::message(&escaped(&text, escape))),
        false => write_text(stderr, &text),
    };
}

fn write_text(to: impl Write + IsTerminal, text: &str) -> io::Result<()> {
    if to.is_terminal() {
        write_all(to, &escaped(text, escape))
    } else {
        write_all(to, text)
    }
}

fn write_all(mut to: impl Write, text: &str) -> io::Result<()> {
    to.write_all(text.as_bytes())?;
    to.flush()
}

/// Text that a terminal only displays, with the layout of newlines and tabs.
fn escaped(text: &str, escape: fn(char, &mut String) -> fmt::Result) -> Cow<'_, str> {
    if text.chars().all(is_harmless) {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        // Writing to a string cannot fail.
        let _ = match c {
            c if is_harmless(c) => escaped.write_char(c),
            c => escape(c, &mut escaped),
        };
    }
    Cow::Owned(escaped)
}

fn is_harmless(c: char) -> bool {
    let is_space = || c.is_whitespace() && !c.is_control() && !matches!(c, '\u{2028}' | '\u{2029}');
    matches!(c, '\n' | '\t') || is_printable(c) || is_space()
}

/// As Python's `repr()` writes it.
fn escape(c: char, out: &mut String) -> fmt::Result {
    match c {
        '\n' => out.write_str("\\n"),
        '\r' => out.write_str("\\r"),
        '\t' => out.write_str("\\t"),
        ..='\u{ff}' => write!(out, "\\x{:02x}", u32::from(c)),
        ..='\u{ffff}' => write!(out, "\\u{:04x}", u32::from(c)),
        _ => write!(out, "\\U{:08x}", u32::from(c)),
    }
}

/// A value within a line that a person decides by: on one line, with nothing
/// that hides the rest. A long value is shortened to its beginning and its
/// length.
pub fn excerpt(value: impl Display) -> String {
    let mut excerpt = Excerpt::default();
    let is_whole = write!(excerpt, "{value}").is_ok();
    let Excerpt { start, characters } = excerpt;
    match characters {
        _ if !is_whole => format!("{start}… (more than {} characters)", grouped(COUNTED)),
        ..=SHOWN => start,
        _ => format!("{start}… ({} characters)", grouped(characters)),
    }
}

/// The number of a value's characters to show.
const SHOWN: usize = 1000;
/// The limit on counting them: a value can be too long to wait for.
const COUNTED: usize = 100_000_000;

#[derive(Default)]
struct Excerpt {
    start: String,
    characters: usize,
}

impl fmt::Write for Excerpt {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let room = SHOWN.saturating_sub(self.characters);
        for c in text.chars().take(room) {
            if is_printable(c) {
                self.start.push(c);
            } else {
                escape(c, &mut self.start)?;
            }
        }
        self.characters += text.chars().count();
        if self.characters > COUNTED {
            return Err(fmt::Error);
        }
        Ok(())
    }
}

/// A number with commas between its thousands.
fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// A path, quoted for the shell.
pub fn quoted(path: &Path) -> String {
    let path = path.display().to_string();
    let is_plain = |character: char| character.is_alphanumeric() || "-_./+,:@%".contains(character);
    if !path.is_empty() && path.chars().all(is_plain) {
        path
    } else {
        format!("'{}'", path.replace('\'', r"'\''"))
    }
}
