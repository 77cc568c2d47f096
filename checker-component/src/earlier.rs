//! What ran before in a session, as the start of the file that is checked.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use ruff_python_ast::visitor::{Visitor, walk_stmt};
use ruff_python_ast::{Expr, ExprContext, Stmt};
use ruff_python_parser::parse_module;
use ruff_text_size::Ranged as _;

/// A piece of code that ran.
#[derive(Clone)]
pub struct Snippet<'a> {
    pub source: &'a str,
    /// The line of the statement that raised.
    pub failed_line: Option<u32>,
}

/// All of the snippets, one after another. What did not run is left out; a statement
/// that raised may have bound names, which can then hold anything.
pub fn prefix(snippets: &[Snippet<'_>]) -> String {
    let mut prefix = String::new();
    for snippet in snippets {
        match snippet.failed_line {
            None => prefix.push_str(snippet.source),
            Some(line) => until(snippet.source, line, &mut prefix),
        }
        if !prefix.is_empty() && !prefix.ends_with('\n') {
            prefix.push('\n');
        }
    }
    prefix
}

/// The statements before a line, and the names that the one on it may have bound.
fn until(source: &str, failed_line: u32, prefix: &mut String) {
    let Ok(module) = parse_module(source) else {
        return;
    };
    let failed_at = match failed_line {
        0 | 1 => 0,
        line => source
            .match_indices('\n')
            .nth(line as usize - 2)
            .map_or(source.len(), |(offset, _)| offset + 1),
    };
    let body = &module.syntax().body;
    let failed = body.iter().find(|one| one.end().to_usize() > failed_at);
    let Some(failed) = failed else {
        prefix.push_str(source);
        return;
    };
    let before = source.get(..failed.start().to_usize()).unwrap_or_default();
    prefix.push_str(before);
    if !before.is_empty() && !before.ends_with('\n') {
        prefix.push('\n');
    }
    let mut bound = Names::default();
    bound.visit_stmt(failed);
    for name in bound.0 {
        // `Any` is a name that the script may have bound to something else.
        let _ = writeln!(prefix, "{name} = getattr(0, '')");
    }
}

/// The names that a statement binds where it stands: not those in functions.
#[derive(Default)]
struct Names(BTreeSet<String>);

impl<'a> Visitor<'a> for Names {
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        match statement {
            Stmt::FunctionDef(function) => {
                self.0.insert(function.name.to_string());
                return;
            }
            Stmt::ClassDef(class) => {
                self.0.insert(class.name.to_string());
                return;
            }
            Stmt::Import(import) => self.0.extend(import.names.iter().map(|name| {
                let first = name.name.split('.').next().unwrap_or_default();
                name.asname
                    .as_ref()
                    .map_or(first, |bound| bound.as_str())
                    .to_owned()
            })),
            Stmt::ImportFrom(import) => self.0.extend(
                import
                    .names
                    .iter()
                    .map(|name| name.asname.as_ref().unwrap_or(&name.name).to_string()),
            ),
            _ => {}
        }
        walk_stmt(self, statement);
    }

    fn visit_expr(&mut self, expression: &'a Expr) {
        if let Expr::Name(name) = expression
            && name.ctx == ExprContext::Store
        {
            self.0.insert(name.id.to_string());
        }
        ruff_python_ast::visitor::walk_expr(self, expression);
    }
}
