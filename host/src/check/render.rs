//! The forms of diagnostics.

use std::fmt::Write as _;
use std::str::FromStr;

use serde_json::{Value as Json, json};
use sha2::{Digest as _, Sha256};

use super::diagnostic::{Diagnostic, Diagnostics};
use super::rules::Level;

/// A form of [`Diagnostics`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum DiagnosticFormat {
    /// With the lines of the source, for people.
    #[default]
    Full,
    /// One line each.
    Concise,
    /// An array of JSON objects.
    Json,
    /// Annotations of GitHub's workflows.
    Github,
    /// A report of GitLab's code quality.
    Gitlab,
}

impl FromStr for DiagnosticFormat {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        match name {
            "full" => Ok(Self::Full),
            "concise" => Ok(Self::Concise),
            "json" => Ok(Self::Json),
            "github" => Ok(Self::Github),
            "gitlab" => Ok(Self::Gitlab),
            _ => Err(format!(
                "`{name}` is not a format: use full, concise, json, github or gitlab"
            )),
        }
    }
}

pub(super) fn render(diagnostics: &Diagnostics, format: DiagnosticFormat) -> String {
    let name = diagnostics.name.as_str();
    let shown = || diagnostics.iter().filter(|one| one.level != Level::Ignore);
    match format {
        DiagnosticFormat::Full => {
            let mut text = String::new();
            for one in shown() {
                let _ = writeln!(text, "{}: {}\n", one.level, one.full);
            }
            if diagnostics.left_out > 0 {
                let _ = writeln!(text, "{} more are left out", diagnostics.left_out);
            }
            if let Some(reason) = &diagnostics.not_checked {
                let _ = writeln!(text, "not checked: {reason}");
            }
            text
        }
        DiagnosticFormat::Concise => {
            let mut text = String::new();
            for one in shown() {
                let _ = writeln!(text, "{one}");
            }
            if let Some(reason) = &diagnostics.not_checked {
                let _ = writeln!(text, "{name}: not checked: {reason}");
            }
            text
        }
        DiagnosticFormat::Json => {
            lines(Json::Array(shown().map(|one| as_json(name, one)).collect()))
        }
        DiagnosticFormat::Github => shown().map(|one| github(name, one)).collect(),
        DiagnosticFormat::Gitlab => {
            lines(Json::Array(shown().map(|one| gitlab(name, one)).collect()))
        }
    }
}

fn lines(json: Json) -> String {
    format!("{json:#}\n")
}

fn as_json(name: &str, one: &Diagnostic) -> Json {
    let place = |position: super::Position| {
        json!({
            "line": position.line,
            "column": position.column,
            "offset": position.offset,
        })
    };
    json!({
        "file": name,
        "rule": one.rule,
        "level": one.level.name(),
        "message": one.message,
        "start": place(one.start),
        "end": place(one.end),
        "concerns_tools": one.concerns_tools,
        "certain": one.certain,
        "declarations": one.declarations,
        "hint": one.hint.as_ref().map(|hint| json!({ "code": hint.code, "advice": hint.advice })),
    })
}

/// `::error title=…,file=…::message`, in which some characters are escaped.
fn github(name: &str, one: &Diagnostic) -> String {
    let escaped = |text: &str| {
        text.replace('%', "%25")
            .replace('\r', "%0D")
            .replace('\n', "%0A")
    };
    let property = |text: &str| escaped(text).replace(':', "%3A").replace(',', "%2C");
    format!(
        "::{} title=monty ({}),file={},line={},col={},endLine={},endColumn={}::{}\n",
        one.level,
        property(&one.rule),
        property(name),
        one.start.line,
        one.start.column,
        one.end.line,
        one.end.column,
        escaped(&one.message),
    )
}

fn gitlab(name: &str, one: &Diagnostic) -> Json {
    let severity = match one.level {
        Level::Error => "major",
        _ => "minor",
    };
    // The same after lines were added above it.
    let identity = format!("{name}\0{}\0{}", one.rule, one.message);
    json!({
        "check_name": one.rule,
        "description": one.message,
        "severity": severity,
        "fingerprint": format!("{:x}", Sha256::digest(identity)),
        "location": {
            "path": name,
            "positions": {
                "begin": { "line": one.start.line, "column": one.start.column },
                "end": { "line": one.end.line, "column": one.end.column },
            },
        },
    })
}
