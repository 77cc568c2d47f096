//! Colors, for a terminal whose user wants them.
//!
//! `NO_COLOR`, `CLICOLOR`, `CLICOLOR_FORCE` and `TERM=dumb` are obeyed, as
//! <https://bixense.com/clicolors/> has it. Text is colored after it is escaped, so a
//! script cannot add any of it.

use std::borrow::Cow;
use std::io::IsTerminal;

use anstream::stream::RawStream;
use anstream::{AutoStream, ColorChoice};
use anstyle::{AnsiColor, Style};

const LOCATION: Style = AnsiColor::Magenta.on_default();
const MARK: Style = AnsiColor::Red.on_default();
const PROBLEM: Style = AnsiColor::Red.on_default().bold();
const ADVICE: Style = AnsiColor::Cyan.on_default().bold();
const WARNING: Style = AnsiColor::Yellow.on_default().bold();
const PROMPT: Style = AnsiColor::Magenta.on_default().bold();

/// Whether a stream shows colors.
pub fn are_shown<S: RawStream + IsTerminal>(stream: &S) -> bool {
    AutoStream::choice(stream) != ColorChoice::Never
}

/// A prompt of a session.
pub fn prompt(text: &str) -> Cow<'_, str> {
    match are_shown(&std::io::stdout()) {
        true => Cow::Owned(painted(PROMPT, text)),
        false => Cow::Borrowed(text),
    }
}

/// A message with its label in color, or a traceback with its places, its marks and its
/// exception.
pub fn message(text: &str) -> String {
    let mut in_traceback = false;
    let lines = text.split_inclusive('\n').map(|whole| {
        let line = whole.trim_end_matches('\n');
        let end = whole.get(line.len()..).unwrap_or_default();
        let labels = [
            ("error:", PROBLEM),
            ("hint:", ADVICE),
            ("warning:", WARNING),
        ];
        let labelled = labels
            .into_iter()
            .find_map(|(label, style)| Some((label, style, line.strip_prefix(label)?)));
        let shown = match labelled {
            _ if line == "Traceback (most recent call last):" => {
                in_traceback = true;
                line.to_owned()
            }
            Some((label, style, rest)) => format!("{}{rest}", painted(style, label)),
            None if in_traceback => traceback_line(line, &mut in_traceback),
            None => line.to_owned(),
        };
        shown + end
    });
    lines.collect()
}

fn traceback_line(line: &str, in_traceback: &mut bool) -> String {
    let code = line.trim_start();
    if let Some(place) = line.strip_prefix("  File ") {
        let parts = place.split(", ").map(|part| {
            let label = ["line ", "in "]
                .into_iter()
                .find(|label| part.starts_with(label));
            let label = label.unwrap_or_default();
            let rest = part.get(label.len()..).unwrap_or_default();
            format!("{label}{}", painted(LOCATION, rest))
        });
        return format!("  File {}", parts.collect::<Vec<_>>().join(", "));
    }
    if line.starts_with("    ") {
        let is_mark = !code.is_empty() && code.chars().all(|c| "~^ ".contains(c));
        return match is_mark {
            true => painted(MARK, line),
            false => line.to_owned(),
        };
    }
    if line.starts_with("  ") {
        return line.to_owned();
    }
    // The exception ends it; further lines are its message.
    *in_traceback = false;
    match line.split_once(':') {
        Some((name, message)) => format!("{}:{message}", painted(PROBLEM, name)),
        None => painted(PROBLEM, line),
    }
}

fn painted(style: Style, text: &str) -> String {
    format!("{style}{text}{style:#}")
}
