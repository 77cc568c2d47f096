//! The text of values and prints within a number of characters.
//!
//! Results are cut here and nowhere else, by their structure: the longest texts
//! and containers first, each with a visible mark of how much is missing. A mark
//! is not valid Python, so that no model passes it on as data.

use std::fmt::{self, Write};

use monty_host::Value;

use crate::text;

/// A text, and whether something is missing in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Excerpt {
    pub(crate) text: String,
    pub(crate) is_cut: bool,
}

/// A value as Python's `repr()` in at most `budget` characters, or little more
/// where not even the marks fit.
pub(crate) fn value(value: &Value, budget: usize) -> Excerpt {
    let whole = Cut {
        items: usize::MAX,
        text: usize::MAX,
    };
    if let Some(text) = whole.render(value, budget) {
        return Excerpt {
            text,
            is_cut: false,
        };
    }
    // The largest cut that fits. An item of a container weighs as much as several
    // characters of a text.
    let (mut fits, mut too_long) = (0, budget.saturating_mul(ITEM).max(1));
    let mut best = None;
    while fits + 1 < too_long {
        let middle = fits + (too_long - fits) / 2;
        let cut = Cut {
            items: middle / ITEM,
            text: middle,
        };
        match cut.render(value, budget) {
            Some(text) => {
                best = Some(text);
                fits = middle;
            }
            None => too_long = middle,
        }
    }
    let text = best.unwrap_or_else(|| format!("<{} of {}>", CUT, value.type_name()));
    Excerpt { text, is_cut: true }
}

/// A text of a script, such as its prints: the beginning and the end, at line
/// breaks where they are near.
pub(crate) fn text(text: &str, budget: usize) -> Excerpt {
    let text = &*text::plain(text);
    let length = text.chars().count();
    if length <= budget {
        return Excerpt {
            text: text.to_owned(),
            is_cut: false,
        };
    }
    let head = budget * 2 / 3;
    let head_end = byte_of(text, head);
    let tail_start = byte_of(text, length - (budget - head));
    let head = text.get(..head_end).unwrap_or_default();
    let tail = text.get(tail_start..).unwrap_or_default();
    let head = match head.rfind('\n') {
        Some(line) if line * 2 > head.len() => head.get(..line).unwrap_or_default(),
        _ => head,
    };
    let tail = match tail.find('\n') {
        Some(line) if line * 2 < tail.len() => tail.get(line + 1..).unwrap_or_default(),
        _ => tail,
    };
    let missing = length - head.chars().count() - tail.chars().count();
    Excerpt {
        text: format!("{head}\n{CUT} {missing} characters left out {CUT}\n{tail}"),
        is_cut: true,
    }
}

/// The characters that an item stands for.
const ITEM: usize = 16;

/// Stands where something is missing.
const CUT: char = '…';

fn byte_of(text: &str, character: usize) -> usize {
    // No text of fewer bytes has more characters.
    match character < text.len() {
        true => text
            .char_indices()
            .nth(character)
            .map_or(text.len(), |(index, _)| index),
        false => text.len(),
    }
}

/// Containers are this deep at most, beyond which nobody reads them.
const DEEPEST: usize = 24;

/// What is left of long containers and texts.
#[derive(Clone, Copy)]
struct Cut {
    items: usize,
    /// In characters.
    text: usize,
}

impl Cut {
    fn render(self, value: &Value, budget: usize) -> Option<String> {
        let mut within = Within {
            text: String::new(),
            room: budget,
        };
        self.write(&mut within, value, 0).ok()?;
        Some(within.text)
    }

    fn write(self, to: &mut Within, value: &Value, depth: usize) -> fmt::Result {
        if depth > DEEPEST {
            return to.write_char(CUT);
        }
        match value {
            Value::Str(text) => self.write_text(to, text),
            Value::Bytes(bytes) => {
                let shown = bytes.get(..self.text.min(bytes.len())).unwrap_or_default();
                write!(to, "{}", Value::bytes(shown))?;
                match bytes.len() - shown.len() {
                    0 => Ok(()),
                    more => write!(to, "{CUT}(+{more} bytes)"),
                }
            }
            Value::List(items) => self.write_items(to, "[", items, "]", depth),
            Value::Tuple(items) => {
                let close = if items.len() == 1 { ",)" } else { ")" };
                self.write_items(to, "(", items, close, depth)
            }
            Value::Set(items) if !items.is_empty() => self.write_items(to, "{", items, "}", depth),
            Value::FrozenSet(items) if !items.is_empty() => {
                self.write_items(to, "frozenset({", items, "})", depth)
            }
            Value::Dict(entries) => {
                to.write_char('{')?;
                for (index, (key, value)) in entries.iter().take(self.items).enumerate() {
                    if index > 0 {
                        to.write_str(", ")?;
                    }
                    self.write(to, key, depth + 1)?;
                    to.write_str(": ")?;
                    self.write(to, value, depth + 1)?;
                }
                self.write_missing(to, entries.len(), "keys")?;
                to.write_char('}')
            }
            Value::NamedTuple(tuple) => {
                let name = tuple.type_name().rsplit('.').next().unwrap_or_default();
                write!(to, "{name}(")?;
                for (index, (name, value)) in tuple.iter().enumerate() {
                    if index > 0 {
                        to.write_str(", ")?;
                    }
                    write!(to, "{name}=")?;
                    self.write(to, value, depth + 1)?;
                }
                to.write_char(')')
            }
            Value::Instance(instance) => {
                write!(to, "{}(", instance.class.name)?;
                let attributes = instance.attributes.iter().take(self.items);
                for (index, (name, value)) in attributes.enumerate() {
                    if index > 0 {
                        to.write_str(", ")?;
                    }
                    write!(to, "{}=", name.as_str().unwrap_or_default())?;
                    self.write(to, value, depth + 1)?;
                }
                self.write_missing(to, instance.attributes.len(), "attributes")?;
                to.write_char(')')
            }
            other => write!(to, "{other}"),
        }
    }

    fn write_text(self, to: &mut Within, text: &str) -> fmt::Result {
        let end = byte_of(text, self.text);
        let (shown, missing) = text.split_at(end);
        write!(to, "{}", Value::from(shown))?;
        match missing.chars().count() {
            0 => Ok(()),
            more => write!(to, "{CUT}(+{more} characters)"),
        }
    }

    fn write_items(
        self,
        to: &mut Within,
        open: &str,
        items: &[Value],
        close: &str,
        depth: usize,
    ) -> fmt::Result {
        to.write_str(open)?;
        for (index, item) in items.iter().take(self.items).enumerate() {
            if index > 0 {
                to.write_str(", ")?;
            }
            self.write(to, item, depth + 1)?;
        }
        self.write_missing(to, items.len(), "items")?;
        to.write_str(close)
    }

    fn write_missing(self, to: &mut Within, length: usize, what: &str) -> fmt::Result {
        match length.saturating_sub(self.items) {
            0 => Ok(()),
            missing if self.items == 0 => write!(to, "{CUT}{missing} {what}"),
            missing => write!(to, ", {CUT}+{missing} {what}"),
        }
    }
}

/// Text with a maximum of characters.
struct Within {
    text: String,
    room: usize,
}

impl Write for Within {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        // Bytes are no fewer than characters: counting is for what is close.
        let length = match text.len() <= self.room {
            true => text.chars().count(),
            false if text.len() / 4 > self.room => return Err(fmt::Error),
            false => text.chars().count(),
        };
        self.room = self.room.checked_sub(length).ok_or(fmt::Error)?;
        self.text.push_str(text);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use monty_host::Value;

    use super::{text, value};

    fn rows(count: usize) -> Value {
        Value::list((0..count).map(|id| {
            Value::dict([
                ("id", Value::from(id)),
                ("title", Value::from(format!("Issue {id}"))),
                ("body", Value::from("word ".repeat(40))),
            ])
        }))
    }

    #[test]
    fn what_fits_is_whole() {
        let short = Value::list([
            Value::from(1),
            Value::from("é"),
            Value::tuple([Value::None]),
        ]);
        let excerpt = value(&short, 100);
        assert_eq!(excerpt.text, short.to_string());
        assert!(!excerpt.is_cut);
    }

    #[test]
    fn the_longest_parts_are_cut_first() {
        let excerpt = value(&rows(2), 230);
        assert_eq!(
            excerpt.text,
            "[{'id': 0, 'title': 'Issue 0', 'body': 'word word word word word word word word word word word'…(+146 characters)}, \
             {'id': 1, 'title': 'Issue 1', 'body': 'word word word word word word word word word word word'…(+146 characters)}]"
        );
        assert!(excerpt.is_cut);
        let many = value(&Value::list(0..10_000), 60);
        assert_eq!(
            many.text,
            "[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, …+9986 items]"
        );
    }

    #[test]
    fn no_budget_is_exceeded_by_much() {
        let deep = (0..100).fold(Value::None, |inner, _| Value::list([inner]));
        let shared = (0..60).fold(Value::from("x"), |inner, _| {
            Value::list([inner.clone(), inner])
        });
        for budget in [0, 1, 10, 50, 300, 5000] {
            for large in [&rows(1000), &deep, &shared] {
                let excerpt = value(large, budget);
                assert!(excerpt.text.chars().count() <= budget.max(20), "{budget}");
            }
        }
    }

    #[test]
    fn prints_keep_their_beginning_and_end() {
        let lines: String = (0..100).map(|line| format!("line {line}\n")).collect();
        assert_eq!(
            text(&lines, 60).text,
            "line 0\nline 1\nline 2\nline 3\nline 4\n… 740 characters left out …\nline 98\nline 99\n"
        );
        assert_eq!(text("short", 5).text, "short");
        assert_eq!(text("ééééééé", 3).text, "éé\n… 4 characters left out …\né");
    }
}
