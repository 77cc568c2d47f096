//! What a diagnostic comes to.

use std::collections::BTreeMap;
use std::fmt;

use super::diagnostic::Facts;

/// What a diagnostic comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Level {
    /// It is left out.
    Ignore,
    /// It is advice: the script runs.
    Warning,
    /// It rejects the script.
    Error,
}

impl Level {
    /// The name of the level: `ignore`, `warning` or `error`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ignore => "ignore",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.name())
    }
}

/// Rules whose every diagnostic that is certain rejects: the script does not start, or
/// stops there, whatever the tools answer.
const FATAL: [&str; 6] = [
    "invalid-syntax",
    "unresolved-import",
    "unresolved-reference",
    "unsupported-argument",
    "unsupported-attribute",
    "unsupported-syntax",
];

/// Which diagnostics reject a script, and which are advice.
///
/// By default, what rejects a script is what makes a run fail whatever the values are,
/// if it
///
/// * concerns tools: wrong, missing and surplus arguments of a tool; unknown keys and
///   attributes of its result, and operators that it does not have; an `await` that is
///   missing or surplus;
/// * or is a name, a module, an argument of a function or syntax that Monty does not
///   have.
///
/// Everything else is advice, because a type checker is stricter than Python: a value
/// that may be `None` need not be.
///
/// ```
/// use monty_host::check::{CheckRules, Level};
///
/// // All that ty takes for an error rejects, but for one rule.
/// let strict = CheckRules::new().all(Level::Error).rule("invalid-assignment", Level::Warning);
/// # let _ = strict;
/// ```
#[derive(Clone, Debug, Default)]
pub struct CheckRules {
    all: Option<Level>,
    rules: BTreeMap<String, Level>,
}

impl CheckRules {
    /// The defaults.
    pub fn new() -> Self {
        Self::default()
    }

    /// The level of every diagnostic without a rule of its own here.
    #[must_use]
    pub fn all(mut self, level: Level) -> Self {
        self.all = Some(level);
        self
    }

    /// The level of the diagnostics of a rule, such as `invalid-argument-type`.
    #[must_use]
    pub fn rule(mut self, rule: impl Into<String>, level: Level) -> Self {
        self.rules.insert(rule.into(), level);
        self
    }

    pub(super) fn level(&self, rule: &str, facts: Facts) -> Level {
        if let Some(level) = self.rules.get(rule).copied().or(self.all) {
            return level;
        }
        let rejects = facts.certain && (facts.concerns_tools || FATAL.contains(&rule));
        match rejects {
            true => Level::Error,
            false => Level::Warning,
        }
    }
}
