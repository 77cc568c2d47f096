//! Foreign text in messages: in one line, and of bounded length. A secret of the call is
//! taken out of it before it is cut.

use std::fmt::Write as _;

use monty_code_mode::without_secrets;

/// Whether a character is shown as an escape: controls, and marks that reorder or
/// hide text.
fn is_hidden(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff0}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e0fff}')
}

fn push(text: &mut String, character: char) {
    match is_hidden(character) {
        true => {
            // As Python writes them.
            let _ = match u32::from(character) {
                code @ ..=0xff => write!(text, "\\x{code:02x}"),
                code @ ..=0xffff => write!(text, "\\u{code:04x}"),
                code => write!(text, "\\U{code:08x}"),
            };
        }
        false => text.push(character),
    }
}

/// A text in one line, cut with a mark.
pub(super) fn line(text: &str, max_chars: usize) -> String {
    let mut line = String::new();
    let text = without_secrets(text);
    let mut characters = text.trim().chars();
    let mut space = false;
    for character in characters.by_ref().take(max_chars) {
        if character.is_whitespace() {
            space = true;
            continue;
        }
        if std::mem::take(&mut space) {
            line.push(' ');
        }
        push(&mut line, character);
    }
    note_cut(&mut line, characters.count());
    line
}

/// A text of several lines, cut with a mark.
pub(super) fn lines(text: &str, max_chars: usize) -> String {
    let mut lines = String::new();
    let text = without_secrets(text);
    let mut characters = text.trim().chars();
    for character in characters.by_ref().take(max_chars) {
        match character {
            '\r' => {}
            '\n' | '\t' => lines.push(character),
            character => push(&mut lines, character),
        }
    }
    note_cut(&mut lines, characters.count());
    lines
}

fn note_cut(text: &mut String, more: usize) {
    if more > 0 {
        let _ = write!(text, "… ({more} more characters)");
    }
}
