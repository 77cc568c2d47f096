//! What in a script comes from tools.

use std::collections::HashSet;

use ruff_python_ast::visitor::{Visitor, walk_expr, walk_stmt};
use ruff_python_ast::{Comprehension, Expr, ExprContext, Stmt};
use ruff_text_size::{Ranged as _, TextRange};

use crate::stubs::Stubs;

/// Functions that hand on what they are given.
const HAND_ON: [&str; 14] = [
    "enumerate",
    "filter",
    "gather",
    "iter",
    "list",
    "max",
    "min",
    "next",
    "reversed",
    "set",
    "sorted",
    "tuple",
    "zip",
    "run",
];

/// How often the names are looked through. Each time finds what comes from names that
/// are bound later; few scripts need two.
const ROUNDS: usize = 4;

/// The names that hold something of a tool's result.
pub struct Origins<'s> {
    stubs: &'s Stubs,
    names: HashSet<String>,
}

impl<'s> Origins<'s> {
    /// Follows results through pieces of code, each of which has the names of those
    /// before it.
    pub fn of(pieces: &[&[Stmt]], stubs: &'s Stubs) -> Self {
        let mut origins = Self {
            stubs,
            names: HashSet::new(),
        };
        for _ in 0..ROUNDS {
            let before = origins.names.len();
            for body in pieces {
                origins.visit_body(body);
            }
            if origins.names.len() == before {
                break;
            }
        }
        origins
    }

    /// Whether an expression is a tool's result, or a part of one.
    pub fn is_of_tool(&self, expression: &Expr) -> bool {
        match expression {
            Expr::Name(name) => self.names.contains(name.id.as_str()),
            Expr::Attribute(attribute) => self.is_of_tool(&attribute.value),
            Expr::Subscript(subscript) => self.is_of_tool(&subscript.value),
            Expr::Starred(starred) => self.is_of_tool(&starred.value),
            Expr::Await(awaited) => self.is_of_tool(&awaited.value),
            Expr::Named(named) => self.is_of_tool(&named.value),
            Expr::Call(call) => {
                let called = match &*call.func {
                    Expr::Name(name) => name.id.as_str(),
                    Expr::Attribute(attribute) => attribute.attr.as_str(),
                    _ => "",
                };
                self.stubs.tool_of(&call.func).is_some()
                    || call
                        .func
                        .as_attribute_expr()
                        .is_some_and(|method| self.is_of_tool(&method.value))
                    || HAND_ON.contains(&called)
                        && call.arguments.args.iter().any(|one| self.is_of_tool(one))
            }
            Expr::If(choice) => self.is_of_tool(&choice.body) || self.is_of_tool(&choice.orelse),
            Expr::BoolOp(choice) => choice.values.iter().any(|one| self.is_of_tool(one)),
            Expr::List(list) => list.elts.iter().any(|one| self.is_of_tool(one)),
            Expr::Tuple(tuple) => tuple.elts.iter().any(|one| self.is_of_tool(one)),
            Expr::Dict(dict) => dict.items.iter().any(|item| self.is_of_tool(&item.value)),
            Expr::ListComp(list) => self.is_of_tool(&list.elt),
            Expr::SetComp(set) => self.is_of_tool(&set.elt),
            Expr::Generator(generator) => self.is_of_tool(&generator.elt),
            Expr::DictComp(dict) => self.is_of_tool(&dict.value),
            _ => false,
        }
    }

    /// Whether what a diagnostic is about is of a tool: the expression that it marks, or
    /// an operand of it.
    pub fn concerns(&self, path: &[&Expr]) -> bool {
        let near = path.iter().rev().take(2);
        near.into_iter().any(|expression| match expression {
            Expr::BinOp(operation) => {
                self.is_of_tool(&operation.left) || self.is_of_tool(&operation.right)
            }
            Expr::Compare(comparison) => comparison.operands.iter().any(|one| self.is_of_tool(one)),
            Expr::UnaryOp(operation) => self.is_of_tool(&operation.operand),
            other => self.is_of_tool(other),
        })
    }

    fn bind(&mut self, target: &Expr) {
        let mut targets = Names::default();
        targets.visit_expr(target);
        self.names.extend(targets.0);
    }
}

impl<'a> Visitor<'a> for Origins<'_> {
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        match statement {
            Stmt::Assign(assignment) if self.is_of_tool(&assignment.value) => {
                assignment.targets.iter().for_each(|one| self.bind(one));
            }
            Stmt::AnnAssign(assignment) => {
                let value = assignment.value.as_deref();
                if value.is_some_and(|value| self.is_of_tool(value)) {
                    self.bind(&assignment.target);
                }
            }
            Stmt::For(repeated) if self.is_of_tool(&repeated.iter) => self.bind(&repeated.target),
            _ => {}
        }
        walk_stmt(self, statement);
    }

    fn visit_expr(&mut self, expression: &'a Expr) {
        match expression {
            Expr::Named(named) if self.is_of_tool(&named.value) => self.bind(&named.target),
            Expr::ListComp(list) => self.comprehensions(&list.generators),
            Expr::SetComp(set) => self.comprehensions(&set.generators),
            Expr::DictComp(dict) => self.comprehensions(&dict.generators),
            Expr::Generator(generator) => self.comprehensions(&generator.generators),
            _ => {}
        }
        walk_expr(self, expression);
    }
}

impl Origins<'_> {
    fn comprehensions(&mut self, generators: &[Comprehension]) {
        for generator in generators {
            if self.is_of_tool(&generator.iter) {
                self.bind(&generator.target);
            }
        }
    }
}

/// The names that are bound in a target.
#[derive(Default)]
struct Names(Vec<String>);

impl<'a> Visitor<'a> for Names {
    fn visit_expr(&mut self, expression: &'a Expr) {
        if let Expr::Name(name) = expression
            && name.ctx == ExprContext::Store
        {
            self.0.push(name.id.to_string());
        }
        walk_expr(self, expression);
    }
}

/// The expressions around a range, outermost first, and whether it stands in an
/// annotation.
pub fn path(body: &[Stmt], range: TextRange) -> (Vec<&Expr>, bool) {
    let mut path = Path {
        range,
        around: Vec::new(),
        in_annotation: false,
    };
    path.visit_body(body);
    (path.around, path.in_annotation)
}

struct Path<'a> {
    range: TextRange,
    around: Vec<&'a Expr>,
    in_annotation: bool,
}

impl<'a> Visitor<'a> for Path<'a> {
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        if statement.range().contains_range(self.range) {
            walk_stmt(self, statement);
        }
    }

    fn visit_expr(&mut self, expression: &'a Expr) {
        if expression.range().contains_range(self.range) {
            self.around.push(expression);
            walk_expr(self, expression);
        }
    }

    fn visit_annotation(&mut self, annotation: &'a Expr) {
        if annotation.range().contains_range(self.range) {
            self.in_annotation = true;
        }
        self.visit_expr(annotation);
    }
}
