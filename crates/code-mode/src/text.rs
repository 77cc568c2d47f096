//! Foreign text in Python source: nothing that a server writes ends a literal,
//! a docstring or a comment, reorders what is shown, or is invisible.

use std::borrow::Cow;
use std::fmt::Write as _;

/// Whether a character is not written as it is: controls, line separators, marks
/// that reorder text, and what has no shape of its own, in which instructions
/// can hide.
fn is_hidden(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
            | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}')
}

/// Adds a character, or Python's escape for it.
fn push(text: &mut String, character: char) {
    let _ = match (character, u32::from(character)) {
        ('\\', _) => text.write_str("\\\\"),
        (_, _) if !is_hidden(character) => text.write_char(character),
        ('\n', _) => text.write_str("\\n"),
        ('\t', _) => text.write_str("\\t"),
        ('\r', _) => text.write_str("\\r"),
        (_, code @ ..=0xff) => write!(text, "\\x{code:02x}"),
        (_, code @ ..=0xffff) => write!(text, "\\u{code:04x}"),
        (_, code) => write!(text, "\\U{code:08x}"),
    };
}

/// The start of a text, and how many characters are cut.
fn cut(text: &str, max_chars: usize) -> (&str, usize) {
    match text.char_indices().nth(max_chars) {
        Some((end, _)) => {
            let (start, rest) = text.split_at(end);
            (start, rest.chars().count())
        }
        None => (text, 0),
    }
}

/// A text as a Python literal.
pub(crate) fn literal(text: &str) -> String {
    let quote = if text.contains('\'') && !text.contains('"') {
        '"'
    } else {
        '\''
    };
    let mut literal = String::with_capacity(text.len() + 2);
    literal.push(quote);
    for character in text.chars() {
        if character == quote {
            literal.push('\\');
        }
        push(&mut literal, character);
    }
    literal.push(quote);
    literal
}

/// A text with what is hidden in it as escapes, for a line of a list.
pub(crate) fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\\' => escaped.push('\\'),
            character => push(&mut escaped, character),
        }
    }
    escaped
}

/// A text as it is, for somebody who decides on it: every space is there, and whatever
/// looks like one and is none is an escape.
pub(crate) fn exact(text: &str, max_chars: usize) -> String {
    let (start, more) = cut(text, max_chars);
    let mut exact = String::with_capacity(start.len());
    for character in start.chars() {
        match character {
            // It is JSON, whose own escapes stay as they are.
            '\\' => exact.push('\\'),
            ' ' => exact.push(' '),
            character if character.is_whitespace() && !is_hidden(character) => {
                let _ = write!(exact, "\\u{:04x}", u32::from(character));
            }
            character => push(&mut exact, character),
        }
    }
    note_cut(&mut exact, more);
    exact
}

/// A text of several lines as a terminal may get it: nothing in it moves the
/// cursor, reorders what is shown, or is read by a model and seen by nobody.
pub(crate) fn plain(text: &str) -> Cow<'_, str> {
    let mut characters = text.char_indices().peekable();
    let mut plain: Option<String> = None;
    while let Some((index, character)) = characters.next() {
        let ends_line = character == '\r' && characters.peek().is_some_and(|(_, c)| *c == '\n');
        let is_kept = !is_unsafe(character) || ends_line;
        match (&mut plain, is_kept) {
            (None, true) => {}
            (Some(plain), true) => plain.push(character),
            (plain, false) => {
                let before = || text.get(..index).unwrap_or_default().to_owned();
                push(plain.get_or_insert_with(before), character);
            }
        }
    }
    plain.map_or(Cow::Borrowed(text), Cow::Owned)
}

/// Whether a character has no place even in a text of several lines. What joins
/// letters or emoji has.
fn is_unsafe(character: char) -> bool {
    (character.is_control() && !matches!(character, '\n' | '\t'))
        || matches!(character,
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{e0000}'..='\u{e0fff}')
}

/// A text in one line, for a comment or a message.
pub(crate) fn line(text: &str, max_chars: usize) -> String {
    let (start, more) = cut(text.trim(), max_chars);
    let mut line = String::with_capacity(start.len());
    let mut space = false;
    for character in start.chars() {
        if character.is_whitespace() {
            space = true;
            continue;
        }
        if std::mem::take(&mut space) {
            line.push(' ');
        }
        match character {
            '\\' => line.push('\\'),
            character => push(&mut line, character),
        }
    }
    note_cut(&mut line, more);
    line
}

/// The lines of a docstring, without quotes around them and not indented.
pub(crate) fn docstring(text: &str, max_chars: usize) -> Vec<String> {
    let (start, more) = cut(text.trim(), max_chars);
    let start = start.replace("\r\n", "\n").replace('\r', "\n");
    let mut lines = Vec::new();
    for source in start.split('\n') {
        let mut line = String::with_capacity(source.len());
        let source = source.trim_end();
        let last = source.chars().count().saturating_sub(1);
        for (index, character) in source.chars().enumerate() {
            match character {
                '\t' => line.push_str("    "),
                // With those that begin or end the docstring, it would be one
                // more; three in a row would end it.
                '"' if index == 0 || index == last || line.ends_with('"') => line.push_str("\\\""),
                character => push(&mut line, character),
            }
        }
        lines.push(line);
    }
    if let Some(last) = lines.last_mut() {
        note_cut(last, more);
    }
    lines
}

fn note_cut(text: &mut String, more: usize) {
    if more > 0 {
        let _ = write!(text, "… ({more} more characters)");
    }
}
