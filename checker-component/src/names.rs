//! Names and modules that Monty does not have, and its typeshed does: it declares them
//! for other declarations, or for annotations, which Monty does not evaluate.

use std::collections::{HashMap, HashSet};

use ruff_python_ast::visitor::{Visitor, walk_expr, walk_stmt};
use ruff_python_ast::{Expr, ExprCall, ExprContext, Stmt, StmtImportFrom};
use ruff_text_size::{Ranged as _, TextRange};

use crate::arguments;
use crate::features;
use crate::finding::Finding;

/// Modules that can be imported and are not among the features: another name of
/// `os.path`, and what is only there for the parser.
const UNLISTED_MODULES: [&str; 2] = ["posixpath", "__future__"];

/// Names of modules that the interpreter's own table leaves out: those that Python has
/// had only since 3.14.
const UNLISTED_NAMES: [(&str, &str); 6] = [
    ("base64", "z85decode"),
    ("base64", "z85encode"),
    ("csv", "QUOTE_NOTNULL"),
    ("csv", "QUOTE_STRINGS"),
    ("decimal", "IEEE_CONTEXT_MAX_BITS"),
    ("decimal", "IEEEContext"),
];

/// The rule of attributes that a module has in Python and not in Monty.
pub const ATTRIBUTE: &str = "unsupported-attribute";

/// What every module has.
const IMPLICIT: [&str; 6] = [
    "__name__",
    "__file__",
    "__doc__",
    "__builtins__",
    "__debug__",
    "reveal_type",
];

/// What can be used besides what Monty has itself.
pub struct Known<'a> {
    /// Modules of the host, by their whole names.
    pub modules: HashSet<&'a str>,
    /// Names that the host or earlier snippets define.
    pub names: HashSet<String>,
    /// Whether there may be other names, and other modules.
    pub open_names: bool,
    pub open_modules: bool,
}

/// Every use of a name or module that is missing when the script runs.
pub fn missing(body: &[Stmt], bound: Bound, known: &Known<'_>) -> Vec<Finding> {
    let mut visitor = Missing {
        known,
        bound: bound.names,
        modules: bound.modules,
        found: Vec::new(),
    };
    visitor.visit_body(body);
    visitor.found
}

/// The names that a script binds somewhere, and those of modules among them.
#[derive(Default)]
pub struct Bound {
    pub names: HashSet<String>,
    /// Whether it runs code that it has as a text, which may bind any name.
    pub runs_text: bool,
    /// From a name to the module that it is, if it is nothing else.
    modules: HashMap<String, Option<&'static str>>,
}

impl Bound {
    pub fn of(body: &[Stmt]) -> Self {
        let mut bound = Self::default();
        bound.visit_body(body);
        bound
    }

    fn name(&mut self, name: &str) {
        self.names.insert(name.to_owned());
        self.modules.insert(name.to_owned(), None);
    }

    fn module(&mut self, name: &str, module: &str) {
        let module = features::module(module).map(|(module, _)| module);
        let is_new = self.names.insert(name.to_owned());
        let entry = self.modules.entry(name.to_owned()).or_insert(module);
        if !is_new && *entry != module {
            *entry = None;
        }
    }
}

impl<'a> Visitor<'a> for Bound {
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        match statement {
            Stmt::FunctionDef(function) => self.name(&function.name),
            Stmt::ClassDef(class) => self.name(&class.name),
            Stmt::Global(names) => names.names.iter().for_each(|name| self.name(name)),
            Stmt::Import(import) => {
                for name in &import.names {
                    match &name.asname {
                        Some(bound) => self.module(bound, &name.name),
                        None => {
                            let first = name.name.split('.').next().unwrap_or_default();
                            self.module(first, first);
                        }
                    }
                }
            }
            Stmt::ImportFrom(import) => {
                for name in &import.names {
                    self.name(name.asname.as_ref().unwrap_or(&name.name));
                }
            }
            _ => {}
        }
        walk_stmt(self, statement);
    }

    fn visit_expr(&mut self, expression: &'a Expr) {
        if let Expr::Name(name) = expression {
            match name.ctx {
                ExprContext::Load => self.runs_text |= name.id.as_str() == "exec",
                _ => self.name(&name.id),
            }
        }
        walk_expr(self, expression);
    }

    fn visit_parameter(&mut self, parameter: &'a ruff_python_ast::Parameter) {
        self.name(&parameter.name);
        ruff_python_ast::visitor::walk_parameter(self, parameter);
    }

    fn visit_except_handler(&mut self, handler: &'a ruff_python_ast::ExceptHandler) {
        let ruff_python_ast::ExceptHandler::ExceptHandler(one) = handler;
        if let Some(name) = &one.name {
            self.name(name);
        }
        ruff_python_ast::visitor::walk_except_handler(self, handler);
    }

    fn visit_pattern(&mut self, pattern: &'a ruff_python_ast::Pattern) {
        use ruff_python_ast::Pattern;
        let name = match pattern {
            Pattern::MatchAs(one) => one.name.as_ref(),
            Pattern::MatchStar(one) => one.name.as_ref(),
            Pattern::MatchMapping(one) => one.rest.as_ref(),
            _ => None,
        };
        if let Some(name) = name {
            self.name(name);
        }
        ruff_python_ast::visitor::walk_pattern(self, pattern);
    }

    fn visit_type_param(&mut self, parameter: &'a ruff_python_ast::TypeParam) {
        self.name(parameter.name());
        ruff_python_ast::visitor::walk_type_param(self, parameter);
    }
}

/// Whether a module has a name, as far as its names are known.
fn has_name(module: &str, name: &str) -> bool {
    let Some((_, names)) = features::module(module) else {
        return true;
    };
    names.contains(&name)
        || name.starts_with('_')
        || UNLISTED_NAMES.contains(&(module, name))
        || features::module(&format!("{module}.{name}")).is_some()
}

/// Whether a condition is what type checkers alone take for true.
fn is_type_checking(condition: &Expr) -> bool {
    let name = match condition {
        Expr::Name(name) => name.id.as_str(),
        Expr::Attribute(attribute) => attribute.attr.as_str(),
        _ => "",
    };
    name == "TYPE_CHECKING"
}

struct Missing<'k> {
    known: &'k Known<'k>,
    bound: HashSet<String>,
    modules: HashMap<String, Option<&'static str>>,
    found: Vec<Finding>,
}

impl Missing<'_> {
    /// A module that an import names, as the interpreter looks for it.
    fn import(&mut self, module: &str, range: TextRange) {
        let first = module.split('.').next().unwrap_or_default();
        if self.known.open_modules || self.is_there(module) || self.known.modules.contains(first) {
            return;
        }
        let message = match features::module(first) {
            Some(_) if first != module => {
                format!("No module named '{module}'; '{first}' is not a package")
            }
            _ => format!("No module named '{module}'"),
        };
        self.found.push(Finding::failure(
            "unresolved-import",
            range,
            "ModuleNotFoundError",
            message,
        ));
    }

    fn is_there(&self, module: &str) -> bool {
        features::module(module).is_some()
            || UNLISTED_MODULES.contains(&module)
            || self.known.modules.contains(module)
    }

    fn import_from(&mut self, import: &StmtImportFrom) {
        let Some(module) = import.module.as_ref().filter(|_| import.level == 0) else {
            return;
        };
        if !self.is_there(module) {
            return self.import(module, module.range());
        }
        for name in &import.names {
            if !has_name(module, &name.name) && &name.name != "*" {
                self.found.push(Finding::failure(
                    "unresolved-import",
                    name.range(),
                    "ImportError",
                    format!("cannot import name '{}' from '{module}'", name.name),
                ));
            }
        }
    }

    /// The module that an expression is.
    fn module_of(&self, expression: &Expr) -> Option<&'static str> {
        match expression {
            Expr::Name(name) => self.modules.get(name.id.as_str()).copied().flatten(),
            Expr::Attribute(attribute) => {
                let outer = self.module_of(&attribute.value)?;
                let inner = format!("{outer}.{}", attribute.attr);
                features::module(&inner).map(|(module, _)| module)
            }
            _ => None,
        }
    }

    fn attribute(&mut self, value: &Expr, attribute: &str, range: TextRange) {
        let Some(module) = self.module_of(value) else {
            return;
        };
        if !has_name(module, attribute) {
            self.found.push(Finding::failure(
                ATTRIBUTE,
                range,
                "AttributeError",
                format!("module '{module}' has no attribute '{attribute}'"),
            ));
        }
    }

    fn call(&mut self, call: &ExprCall) {
        let found = match &*call.func {
            Expr::Name(name) if !self.bound.contains(name.id.as_str()) => {
                arguments::of_exception(&name.id, call)
            }
            Expr::Attribute(attribute) => self
                .module_of(&attribute.value)
                .and_then(|module| arguments::of_module(module, &attribute.attr, call)),
            _ => None,
        };
        self.found.extend(found);
    }

    fn name(&mut self, name: &str, range: TextRange) {
        let is_there = self.known.open_names
            || self.bound.contains(name)
            || self.known.names.contains(name)
            || features::BUILTINS.contains(&name)
            || IMPLICIT.contains(&name);
        if !is_there {
            self.found.push(Finding::failure(
                "unresolved-reference",
                range,
                "NameError",
                format!("name '{name}' is not defined"),
            ));
        }
    }
}

impl<'a> Visitor<'a> for Missing<'_> {
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        match statement {
            Stmt::Import(import) => {
                for name in &import.names {
                    self.import(&name.name, name.range());
                }
            }
            Stmt::ImportFrom(import) => self.import_from(import),
            Stmt::If(branches) if is_type_checking(&branches.test) => {
                for clause in &branches.elif_else_clauses {
                    self.visit_elif_else_clause(clause);
                }
                return;
            }
            _ => {}
        }
        walk_stmt(self, statement);
    }

    // Annotations are not evaluated.
    fn visit_annotation(&mut self, _annotation: &'a Expr) {}

    fn visit_expr(&mut self, expression: &'a Expr) {
        match expression {
            Expr::Name(name) if name.ctx == ExprContext::Load => {
                self.name(&name.id, name.range());
            }
            Expr::Attribute(attribute) => {
                self.attribute(&attribute.value, &attribute.attr, attribute.range());
            }
            Expr::Call(call) => self.call(call),
            _ => {}
        }
        walk_expr(self, expression);
    }
}
