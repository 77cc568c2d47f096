//! Text from a script, made safe to show on a terminal.

use std::borrow::Cow;
use std::fmt::Write;
use std::io::IsTerminal;

/// Text for a stream: escaped if the stream is a terminal, unchanged on a pipe
/// or in a file.
pub fn for_stream<'a>(stream: &impl IsTerminal, text: &'a str) -> Cow<'a, str> {
    if stream.is_terminal() {
        escape(text)
    } else {
        Cow::Borrowed(text)
    }
}

/// The text with characters that a terminal would obey or hide escaped as in
/// Python, such as `\x1b` and `\u202e`. Line breaks and tabs stay.
pub fn escape(text: &str) -> Cow<'_, str> {
    if text.chars().all(is_harmless) {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        if is_harmless(character) {
            escaped.push(character);
        } else {
            push_escape(&mut escaped, character);
        }
    }
    Cow::Owned(escaped)
}

/// The text on one line, with line breaks and tabs escaped too.
pub fn escape_line(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        if is_printable(character) {
            escaped.push(character);
        } else {
            push_escape(&mut escaped, character);
        }
    }
    escaped
}

fn is_harmless(character: char) -> bool {
    matches!(character, '\n' | '\t') || is_printable(character)
}

/// Everything but controls, format characters, surrogates, unassigned code
/// points and separators other than the blank. The standard library escapes
/// those, and at the start of a text combining characters too, hence the `a`.
fn is_printable(character: char) -> bool {
    if (' '..='~').contains(&character) {
        return true;
    }
    let mut buffer = [b'a'; 5];
    let Some((_, rest)) = buffer.split_first_mut() else {
        return false;
    };
    let length = 1 + character.encode_utf8(rest).len();
    buffer
        .get(..length)
        .and_then(|bytes| str::from_utf8(bytes).ok())
        .is_some_and(|text| text.escape_debug().nth(1) != Some('\\'))
}

fn push_escape(text: &mut String, character: char) {
    let code = u32::from(character);
    // Writing to a string cannot fail.
    let _ = match character {
        '\n' => write!(text, "\\n"),
        '\r' => write!(text, "\\r"),
        '\t' => write!(text, "\\t"),
        ..='\u{ff}' => write!(text, "\\x{code:02x}"),
        ..='\u{ffff}' => write!(text, "\\u{code:04x}"),
        _ => write!(text, "\\U{code:08x}"),
    };
}
