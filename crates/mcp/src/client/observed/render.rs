//! A shape as a line of a docstring.

use std::fmt::Write as _;

use super::shape::Shape;

/// The longest line, in bytes. Beyond it, what is inside is left out.
const MAX_LINE: usize = 600;

impl Shape {
    /// The shape in the notation of annotations, or nothing if it says nothing.
    pub(super) fn render(&self) -> Option<String> {
        // Less deep until it is short enough.
        let lines = (0..=super::shape::MAX_DEPTH).rev().map(|depth| {
            let mut line = String::new();
            self.write(&mut line, depth);
            line
        });
        let mut lines = lines.filter(|line| line.len() <= MAX_LINE);
        lines.next().filter(|line| line != "Any")
    }

    fn write(&self, line: &mut String, depth: usize) {
        let mut kinds = 0;
        let mut next = |line: &mut String| {
            if kinds > 0 {
                line.push_str(" | ");
            }
            kinds += 1;
        };
        if let Some(fields) = &self.object {
            next(line);
            match depth {
                0 => line.push_str("dict"),
                _ => {
                    line.push('{');
                    for (index, field) in fields.iter().enumerate() {
                        if index > 0 {
                            line.push_str(", ");
                        }
                        // No key has quotes in it.
                        let _ = write!(line, "'{}': ", field.key);
                        if !field.required {
                            line.push_str("NotRequired[");
                        }
                        field.shape.write(line, depth - 1);
                        if !field.required {
                            line.push(']');
                        }
                    }
                    line.push('}');
                }
            }
        }
        if let Some(values) = &self.dict {
            next(line);
            match depth == 0 || values.is_unknown() {
                true => line.push_str("dict"),
                false => {
                    line.push_str("dict[str, ");
                    values.write(line, depth - 1);
                    line.push(']');
                }
            }
        }
        if let Some(items) = &self.list {
            next(line);
            match depth == 0 || items.is_unknown() {
                true => line.push_str("list"),
                false => {
                    line.push_str("list[");
                    items.write(line, depth - 1);
                    line.push(']');
                }
            }
        }
        let scalars = [
            (self.str, "str"),
            (self.int, "int"),
            (self.float, "float"),
            (self.bool, "bool"),
            (self.none, "None"),
        ];
        for (_, name) in scalars.iter().filter(|(is_seen, _)| *is_seen) {
            next(line);
            line.push_str(name);
        }
        if kinds == 0 {
            line.push_str("Any");
        }
    }

    /// Whether nothing was seen, or too much.
    fn is_unknown(&self) -> bool {
        self.any || *self == Self::default()
    }
}
