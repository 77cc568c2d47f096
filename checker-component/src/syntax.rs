//! Syntax that Monty refuses before it runs anything. ty, which checks Python, takes it.

use ruff_python_ast::visitor::{Visitor, walk_expr, walk_stmt};
use ruff_python_ast::{Comprehension, Expr, Operator, Stmt, StmtClassDef};
use ruff_text_size::{Ranged as _, TextRange};

use crate::finding::Finding;

/// The rule.
pub const RULE: &str = "unsupported-syntax";

/// What the interpreter's messages begin with.
const PREFIX: &str = "The monty syntax parser does not yet support";

const INHERITANCE: &str = "class inheritance and metaclasses";
const CLASS_BODY: &str =
    "class bodies containing anything other than methods and simple class variables";
const TARGETS: &str = "complex class variable targets (only `name = <expr>` is allowed)";
const DECORATORS: &str = "method decorators (classmethod/staticmethod/property)";

/// Everything in a module that Monty's parser refuses, with the words it has for it.
pub fn unsupported(body: &[Stmt]) -> Vec<Finding> {
    let mut visitor = Unsupported::default();
    visitor.visit_body(body);
    visitor.found
}

#[derive(Default)]
struct Unsupported {
    found: Vec<Finding>,
}

impl Unsupported {
    fn add(&mut self, what: &str, range: TextRange) {
        self.say(format!("{PREFIX} {what}"), range);
    }

    fn say(&mut self, message: String, range: TextRange) {
        self.found.push(Finding::failure(
            RULE,
            range,
            "NotImplementedError",
            message,
        ));
    }

    fn class(&mut self, class: &StmtClassDef) {
        if class
            .arguments
            .as_ref()
            .is_some_and(|arguments| !arguments.is_empty())
        {
            self.add(INHERITANCE, class.name.range());
        }
        for statement in &class.body {
            match statement {
                Stmt::FunctionDef(function) => {
                    if let Some(decorator) = function.decorator_list.first() {
                        self.add(DECORATORS, decorator.range());
                    }
                }
                Stmt::Assign(assignment) => {
                    if !matches!(assignment.targets.as_slice(), [Expr::Name(_)]) {
                        self.add(TARGETS, statement.range());
                    }
                }
                Stmt::AnnAssign(assignment) => {
                    if !assignment.target.is_name_expr() && assignment.value.is_some() {
                        self.add(TARGETS, statement.range());
                    }
                }
                Stmt::Pass(_) => {}
                Stmt::Expr(expression)
                    if expression.value.is_string_literal_expr()
                        || expression.value.is_ellipsis_literal_expr() => {}
                other => self.add(CLASS_BODY, first_line(other)),
            }
        }
    }
}

/// Where a statement begins: all of it may be long.
fn first_line(statement: &Stmt) -> TextRange {
    match statement {
        Stmt::ClassDef(class) => class.name.range(),
        Stmt::If(branches) => branches.test.range(),
        Stmt::For(statement) => statement.target.range(),
        other => other.range(),
    }
}

impl<'a> Visitor<'a> for Unsupported {
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        match statement {
            Stmt::ClassDef(class) => self.class(class),
            Stmt::Delete(_) => self.add("the 'del' statement", statement.range()),
            Stmt::TypeAlias(_) => self.add("type aliases", statement.range()),
            Stmt::For(statement) if statement.is_async => {
                self.add("async for loops", statement.target.range());
            }
            Stmt::With(statement) if statement.is_async => {
                let first = statement.items.first();
                let range = first.map_or(statement.range(), |item| item.range());
                self.add("async context managers (async with)", range);
            }
            Stmt::Try(statement) if statement.is_star => {
                let first = statement.handlers.first();
                let range = first.map_or(statement.range(), |handler| handler.range());
                self.add("exception groups (try*/except*)", range);
            }
            Stmt::ImportFrom(import) if import.names.iter().any(|name| &name.name == "*") => {
                self.say(
                    "Wildcard imports (`from ... import *`) are not supported".to_owned(),
                    import.range(),
                );
            }
            Stmt::AugAssign(assignment) if assignment.op == Operator::MatMult => {
                self.found.push(Finding::failure(
                    RULE,
                    assignment.range(),
                    "SyntaxError",
                    "matrix multiplication augmented assignment (@=) is not yet supported",
                ));
            }
            _ => {}
        }
        walk_stmt(self, statement);
    }

    fn visit_expr(&mut self, expression: &'a Expr) {
        match expression {
            Expr::Yield(_) => self.add("yield expressions", expression.range()),
            Expr::YieldFrom(_) => self.add("yield from expressions", expression.range()),
            Expr::TString(_) => self.add("template strings (t-strings)", expression.range()),
            _ => {}
        }
        walk_expr(self, expression);
    }

    fn visit_comprehension(&mut self, comprehension: &'a Comprehension) {
        if comprehension.is_async {
            self.add("async comprehensions", comprehension.range());
        }
        ruff_python_ast::visitor::walk_comprehension(self, comprehension);
    }
}
