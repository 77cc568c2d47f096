//! What the stubs of a request declare.

use std::collections::{HashMap, HashSet};

use ruff_python_ast::{Expr, Stmt, StmtClassDef, StmtFunctionDef};
use ruff_python_parser::parse_module;
use ruff_text_size::{Ranged as _, TextRange, TextSize};

use crate::text::cut;

/// The longest declaration that is shown, in bytes.
const MAX_DECLARATION: usize = 1_000;

/// A tool.
#[derive(Debug)]
pub struct Tool {
    pub is_async: bool,
    pub declaration: usize,
}

/// The names that stubs declare.
#[derive(Debug, Default)]
pub struct Stubs {
    /// By their whole names: those in a namespace have a dot.
    pub tools: HashMap<String, Tool>,
    /// The declarations of types, by their names.
    pub types: HashMap<String, usize>,
    /// The classes that only group tools.
    pub namespaces: HashSet<String>,
    /// All names at the top.
    pub names: HashSet<String>,
    /// Where each declaration stands, and its text.
    declarations: Vec<(TextRange, String)>,
}

impl Stubs {
    /// Reads stubs.
    ///
    /// # Errors
    ///
    /// If they are not Python.
    pub fn parse(source: &str) -> Result<Self, String> {
        let module = parse_module(source).map_err(|error| {
            let at = error.location.start().to_usize();
            let before = source.get(..at).unwrap_or(source);
            let line = before.matches('\n').count() + 1;
            format!("the stubs are not Python: {} in line {line}", error.error)
        })?;
        let mut stubs = Self::default();
        for statement in &module.syntax().body {
            stubs.statement(statement, source);
        }
        Ok(stubs)
    }

    fn statement(&mut self, statement: &Stmt, source: &str) {
        match statement {
            Stmt::FunctionDef(function) => {
                self.names.insert(function.name.to_string());
                self.tool(None, function, source);
            }
            Stmt::ClassDef(class) => {
                self.names.insert(class.name.to_string());
                if is_namespace(class) {
                    self.namespaces.insert(class.name.to_string());
                    for member in &class.body {
                        if let Stmt::FunctionDef(function) = member {
                            self.tool(Some(&class.name), function, source);
                        }
                    }
                } else {
                    let declaration = self.declare(class.range(), class.range(), source);
                    self.types.insert(class.name.to_string(), declaration);
                }
            }
            Stmt::Assign(assignment) => {
                for target in &assignment.targets {
                    if let Expr::Name(name) = target {
                        self.names.insert(name.id.to_string());
                        if assignment.value.is_call_expr() {
                            let range = assignment.range();
                            let declaration = self.declare(range, range, source);
                            self.types.insert(name.id.to_string(), declaration);
                        }
                    }
                }
            }
            Stmt::AnnAssign(assignment) => {
                if let Expr::Name(name) = &*assignment.target {
                    self.names.insert(name.id.to_string());
                }
            }
            _ => {}
        }
    }

    fn tool(&mut self, namespace: Option<&str>, function: &StmtFunctionDef, source: &str) {
        let end = match &function.returns {
            Some(returns) => returns.end(),
            None => function.parameters.end(),
        };
        let shown = TextRange::new(function.start(), end);
        let declaration = self.declare(function.range(), shown, source);
        let name = match namespace {
            Some(namespace) => format!("{namespace}.{}", function.name),
            None => function.name.to_string(),
        };
        let is_async = function.is_async;
        self.tools.insert(
            name,
            Tool {
                is_async,
                declaration,
            },
        );
    }

    fn declare(&mut self, range: TextRange, shown: TextRange, source: &str) -> usize {
        let text = source
            .get(shown.start().to_usize()..shown.end().to_usize())
            .unwrap_or_default();
        self.declarations.push((range, cut(text, MAX_DECLARATION)));
        self.declarations.len() - 1
    }

    /// The text of a declaration.
    pub fn declaration(&self, index: usize) -> Option<&str> {
        self.declarations.get(index).map(|(_, text)| text.as_str())
    }

    /// The declaration at a place of the stubs.
    pub fn declared_at(&self, offset: TextSize) -> Option<usize> {
        self.declarations
            .iter()
            .position(|(range, _)| range.contains_inclusive(offset))
    }

    /// The tool that an expression names.
    pub fn tool_of(&self, function: &Expr) -> Option<&Tool> {
        match function {
            Expr::Name(name) => self.tools.get(name.id.as_str()),
            Expr::Attribute(attribute) => {
                let namespace = attribute.value.as_name_expr()?;
                self.tools
                    .get(&format!("{}.{}", namespace.id, attribute.attr))
            }
            _ => None,
        }
    }

    /// The types whose names stand in a text.
    pub fn types_in(&self, text: &str) -> impl Iterator<Item = usize> {
        text.split(|letter: char| !(letter.is_alphanumeric() || letter == '_'))
            .filter_map(|word| self.types.get(word).copied())
    }
}

/// A class that only groups tools: it has no bases, no decorators and no fields.
fn is_namespace(class: &StmtClassDef) -> bool {
    let has_bases = class
        .arguments
        .as_ref()
        .is_some_and(|arguments| !arguments.is_empty());
    !has_bases
        && class.decorator_list.is_empty()
        && !class.body.iter().any(|member| member.is_ann_assign_stmt())
}
