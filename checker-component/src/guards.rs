//! Handlers of exceptions: a script that catches what fails does not fail.

use ruff_python_ast::visitor::{Visitor, walk_stmt};
use ruff_python_ast::{ExceptHandler, Expr, Stmt};
use ruff_text_size::{Ranged as _, TextRange};

/// Exceptions that catch many others.
const BROAD: [&str; 2] = ["Exception", "BaseException"];

/// Exceptions, and those above them.
const BASES: [(&str, &[&str]); 4] = [
    ("ModuleNotFoundError", &["ImportError"]),
    ("UnboundLocalError", &["NameError"]),
    ("KeyError", &["LookupError"]),
    ("IndexError", &["LookupError"]),
];

/// What a script catches, and where.
#[derive(Default)]
pub struct Guards {
    /// The statements of a `try`, and the exceptions that it names; none for a handler
    /// of all.
    guarded: Vec<(TextRange, Vec<String>)>,
}

/// How a place is guarded against an exception.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Guard {
    /// Not at all.
    None,
    /// By a handler of every exception.
    Broad,
    /// By a handler that names it.
    Named,
}

impl Guards {
    pub fn of(body: &[Stmt]) -> Self {
        let mut guards = Self::default();
        guards.visit_body(body);
        guards
    }

    /// How a place is guarded against an exception.
    pub fn at(&self, range: TextRange, exception: &str) -> Guard {
        let above = BASES
            .iter()
            .find(|(name, _)| *name == exception)
            .map_or(&[][..], |(_, above)| above);
        let mut guard = Guard::None;
        for (guarded, names) in &self.guarded {
            if !guarded.contains_range(range) {
                continue;
            }
            for name in names {
                if name == exception || above.contains(&name.as_str()) {
                    return Guard::Named;
                }
                if BROAD.contains(&name.as_str()) {
                    guard = Guard::Broad;
                }
            }
        }
        guard
    }
}

impl<'a> Visitor<'a> for Guards {
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        if let Stmt::Try(attempt) = statement
            && let (Some(first), Some(last)) = (attempt.body.first(), attempt.body.last())
        {
            let mut names = Vec::new();
            for handler in &attempt.handlers {
                let ExceptHandler::ExceptHandler(handler) = handler;
                match handler.type_.as_deref() {
                    None => names.push("BaseException".to_owned()),
                    Some(Expr::Tuple(several)) => {
                        names.extend(several.elts.iter().filter_map(last_name));
                    }
                    Some(one) => names.extend(last_name(one)),
                }
            }
            let range = TextRange::new(first.start(), last.end());
            self.guarded.push((range, names));
        }
        walk_stmt(self, statement);
    }
}

fn last_name(expression: &Expr) -> Option<String> {
    match expression {
        Expr::Name(name) => Some(name.id.to_string()),
        Expr::Attribute(attribute) => Some(attribute.attr.to_string()),
        _ => None,
    }
}
