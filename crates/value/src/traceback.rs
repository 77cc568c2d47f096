//! The text of an [`ExceptionReport`]: a traceback as CPython prints it.

use std::fmt::{self, Formatter, Write};

use crate::types::{Exception, ExceptionReport, Frame};

/// How often a repeated frame is shown before repetitions are only counted.
const REPETITIONS_SHOWN: u64 = 3;

impl Exception {
    /// An exception to raise in Python.
    pub fn new(type_name: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            type_name: type_name.into(),
            message: Some(message.into()),
        }
    }
}

/// The last line of a traceback, such as `ValueError: x`.
impl fmt::Display for Exception {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.type_name)?;
        match &self.message {
            Some(message) => write!(formatter, ": {message}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Exception {}

/// The traceback as Python prints it, without a line break at the end; the
/// exception alone if there are no frames.
impl fmt::Display for ExceptionReport {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        if !self.traceback.is_empty() {
            formatter.write_str("Traceback (most recent call last):\n")?;
        }
        for frames in self.traceback.chunk_by(is_repetition) {
            write_repetitions(frames, formatter)?;
        }
        write!(formatter, "{}", self.exception)
    }
}

impl std::error::Error for ExceptionReport {}

/// Whether Python counts the second frame as a repetition of the first.
fn is_repetition(first: &Frame, second: &Frame) -> bool {
    first.filename == second.filename
        && first.start.line == second.start.line
        && first.function == second.function
}

fn write_repetitions(frames: &[Frame], formatter: &mut Formatter<'_>) -> fmt::Result {
    let times = |frame: &Frame| u64::from(frame.repeated.max(1));
    let mut left = REPETITIONS_SHOWN;
    for frame in frames {
        let shown = times(frame).min(left);
        left -= shown;
        for _ in 0..shown {
            write!(formatter, "{frame}")?;
        }
    }
    let total: u64 = frames.iter().map(times).sum();
    match total.saturating_sub(REPETITIONS_SHOWN) {
        0 => Ok(()),
        more => writeln!(formatter, "  [Previous line repeated {more} more times]"),
    }
}

/// One frame of a traceback, once, with a line break at the end.
impl fmt::Display for Frame {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        let line = self.start.line;
        write!(formatter, "  File \"{}\", line {line}", self.filename)?;
        if !self.hide_function {
            let function = self.function.as_deref().unwrap_or("<module>");
            write!(formatter, ", in {function}")?;
        }
        formatter.write_char('\n')?;
        let Some(source) = &self.source_line else {
            return Ok(());
        };
        if self.end.line != line {
            return source
                .lines()
                .try_for_each(|line| writeln!(formatter, "    {line}"));
        }
        let trimmed = source.trim_start();
        writeln!(formatter, "    {trimmed}")?;
        if self.hide_caret {
            return Ok(());
        }
        let blanks = source.chars().count() - trimmed.chars().count();
        let column = (self.start.column as usize).saturating_sub(1);
        // A frame comes from the guest: its columns must not produce more text
        // than the line they point into.
        let width = trimmed.chars().count();
        let indent = column.saturating_sub(blanks).min(width);
        let carets = self.end.column.saturating_sub(self.start.column) as usize;
        let carets = carets.min(width.saturating_sub(indent)).max(1);
        // The formatter's own padding takes 65,535 at most.
        formatter.write_str("    ")?;
        repeat(' ', indent, formatter)?;
        repeat('~', carets, formatter)?;
        formatter.write_char('\n')
    }
}

fn repeat(character: char, times: usize, formatter: &mut Formatter<'_>) -> fmt::Result {
    (0..times).try_for_each(|_| formatter.write_char(character))
}
