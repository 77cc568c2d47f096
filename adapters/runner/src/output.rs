//! The outcome of a run as text: the document of `--json`, and the value as
//! Python shows it. Neither takes more bytes than the run's output limit.

use std::borrow::Cow;
use std::fmt::{self, Display, Write};

use monty_document::{
    Document, Failure, Layout, Outcome, Printed, Statistics, Written, exception_too_large,
    value_too_large,
};
use monty_value::Value;
use monty_value::types::ExceptionReport;

use crate::run::{Error, Report};

impl Report {
    /// The run as a JSON document with a line break at the end.
    pub fn to_json(&self, layout: Layout) -> Written {
        let outcome = match &self.result {
            Ok(value) => Outcome::Value(value),
            Err(error) => Outcome::Failure(Failure {
                kind: error.kind(),
                limit: error.limit(),
                message: error.message().unwrap_or_default().into(),
                exception: error.exception(),
                diagnostics: None,
            }),
        };
        let elapsed = u64::try_from(self.elapsed.as_micros()).unwrap_or(u64::MAX);
        let document = Document {
            outcome,
            printed: Printed {
                stdout: Cow::Borrowed(&self.printed.stdout),
                stderr: Cow::Borrowed(&self.printed.stderr),
            },
            // Only a host around the instance can measure the rest.
            statistics: Statistics {
                elapsed_micros: Some(elapsed),
                output_bytes: Some(self.printed.bytes),
                ..Statistics::default()
            },
            max_bytes: self.output_bytes,
        };
        document.write(layout)
    }

    /// The value as Python shows it, with a line break at the end; nothing for
    /// `None`, as at Python's prompt.
    ///
    /// # Errors
    ///
    /// [`Error::Output`] if it takes more than what the prints left of
    /// `Limits::output_bytes`.
    pub fn value_line(&self, value: &Value) -> Result<String, Error> {
        if value.is_none() {
            return Ok(String::new());
        }
        let room = self.output_bytes.saturating_sub(self.printed.bytes);
        let mut line =
            capped(value, room).ok_or_else(|| Error::Output(value_too_large(self.output_bytes)))?;
        line.push('\n');
        Ok(line)
    }

    /// An exception as Python shows it: a traceback.
    ///
    /// # Errors
    ///
    /// [`Error::Output`] if it takes more than `Limits::output_bytes`.
    pub fn traceback(&self, exception: &ExceptionReport) -> Result<String, Error> {
        capped(exception, self.output_bytes)
            .ok_or_else(|| Error::Output(exception_too_large(self.output_bytes)))
    }
}

/// A text, if it has at most so many bytes.
fn capped(shown: &impl Display, max_bytes: u64) -> Option<String> {
    let mut text = Capped {
        text: String::new(),
        max_bytes: usize::try_from(max_bytes).unwrap_or(usize::MAX),
    };
    write!(text, "{shown}").ok()?;
    Some(text.text)
}

struct Capped {
    text: String,
    max_bytes: usize,
}

impl Write for Capped {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        if text.len() > self.max_bytes.saturating_sub(self.text.len()) {
            return Err(fmt::Error);
        }
        self.text.push_str(text);
        Ok(())
    }
}
