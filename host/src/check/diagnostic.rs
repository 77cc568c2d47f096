//! What a check finds.

use std::fmt;

use monty_value::types::Hint;

use super::bindings::exports::monty::checker::type_checker as wit;
use super::render::{self, DiagnosticFormat};
use super::rules::{CheckRules, Level};

/// A place in a source.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub struct Position {
    /// The line, from 1.
    pub line: u32,
    /// The column in characters, from 1.
    pub column: u32,
    /// The offset in bytes of UTF-8, from 0.
    pub offset: u32,
}

/// One thing that is wrong with a source, or may be.
///
/// `Display` writes it in one line.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Diagnostic {
    /// Its rule, such as `invalid-argument-type`: one of ty's, or
    /// `unsupported-syntax`, `unsupported-attribute` and `unsupported-argument` for what
    /// Monty does not have.
    pub rule: String,
    /// What it comes to, by the [`CheckRules`] of the check.
    pub level: Level,
    /// What is wrong, in one line.
    pub message: String,
    /// Where it begins.
    pub start: Position,
    /// Where it ends.
    pub end: Position,
    /// Whether it concerns a tool: its arguments, or what is done with its result.
    pub concerns_tools: bool,
    /// Whether a run that gets there fails, whatever the values are.
    pub certain: bool,
    /// The declarations of the tools and types that it concerns, three at most.
    pub declarations: Vec<String>,
    /// What to write instead, if Monty lacks something: the hint that a run gives.
    pub hint: Option<Hint>,
    /// The name of the source, the place, the rule and the message, in one line.
    pub concise: String,
    /// The same with the lines of the source and of the declarations.
    pub full: String,
}

/// The name of every source in the checker, where a name is that of a file. What users
/// call it need not be one.
pub(super) const SOURCE: &str = "script.py";

/// What a level is decided by.
#[derive(Clone, Copy, Debug)]
pub(super) struct Facts {
    pub(super) concerns_tools: bool,
    pub(super) certain: bool,
}

impl Diagnostic {
    /// A diagnostic of the source that the checker knows as [`SOURCE`].
    pub(super) fn new(found: wit::Diagnostic, name: &str, rules: &CheckRules) -> Self {
        let own = |arrow: &str, text: &str| {
            text.replace(&format!("{arrow} {SOURCE}:"), &format!("{arrow} {name}:"))
        };
        let concise = match found.concise.strip_prefix(SOURCE) {
            Some(rest) => format!("{name}{rest}"),
            None => found.concise,
        };
        let facts = Facts {
            concerns_tools: found.concerns_tools,
            certain: found.certain,
        };
        Self {
            level: rules.level(&found.rule, facts),
            rule: found.rule,
            message: found.message,
            start: position(found.start),
            end: position(found.end),
            concerns_tools: found.concerns_tools,
            certain: found.certain,
            declarations: found.declarations,
            hint: found.hint.map(|hint| Hint {
                code: hint.code,
                advice: hint.advice,
            }),
            concise,
            full: own(":::", &own("-->", &found.full)),
        }
    }
}

fn position(position: wit::Position) -> Position {
    let wit::Position {
        line,
        column,
        offset,
    } = position;
    Position {
        line,
        column,
        offset,
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.level, self.concise)
    }
}

/// What a check found, by its place in the source.
///
/// `Display` writes the full form of each, and is empty if nothing was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Diagnostics {
    pub(super) name: String,
    pub(super) list: Vec<Diagnostic>,
    pub(super) left_out: u32,
    pub(super) not_checked: Option<String>,
}

impl Diagnostics {
    /// All of them, in the order of their places.
    pub fn iter(&self) -> std::slice::Iter<'_, Diagnostic> {
        self.list.iter()
    }

    /// Those that reject the source.
    pub fn errors(&self) -> impl Iterator<Item = &Diagnostic> {
        self.iter().filter(|one| one.level == Level::Error)
    }

    /// Those that are advice.
    pub fn warnings(&self) -> impl Iterator<Item = &Diagnostic> {
        self.iter().filter(|one| one.level == Level::Warning)
    }

    /// Whether nothing was found.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// The number of diagnostics beyond the 50 that a check returns.
    pub fn left_out(&self) -> u32 {
        self.left_out
    }

    /// Why the source was not checked, if a limit stopped the checker. Such a source is
    /// not rejected.
    pub fn not_checked(&self) -> Option<&str> {
        self.not_checked.as_deref()
    }

    /// All of them in a form, for people or for programs.
    pub fn render(&self, format: DiagnosticFormat) -> String {
        render::render(self, format)
    }
}

impl<'d> IntoIterator for &'d Diagnostics {
    type Item = &'d Diagnostic;
    type IntoIter = std::slice::Iter<'d, Diagnostic>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl fmt::Display for Diagnostics {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.render(DiagnosticFormat::Full))
    }
}
