//! A check: ty's diagnostics and this checker's own, with what they are worth.

use std::collections::HashSet;

use monty_value::types::{Exception, Hint};
use ruff_db::diagnostic::{
    Annotation, Diagnostic, DiagnosticFormat, DiagnosticId, DisplayDiagnosticConfig,
    DisplayDiagnostics, LintName, Severity, Span, UnifiedFile,
};
use ruff_db::files::File;
use ruff_python_ast::{Expr, ExprContext, Stmt};
use ruff_python_parser::parse_module;
use ruff_python_stdlib::identifiers::is_identifier;
use ruff_text_size::{Ranged as _, TextRange, TextSize};

use crate::certainty;
use crate::database::Database;
use crate::earlier::{self, Snippet};
use crate::finding::Finding;
use crate::guards::{Guard, Guards};
use crate::hints;
use crate::names::{self, Bound, Known};
use crate::origin::{self, Origins};
use crate::stubs::Stubs;
use crate::syntax;
use crate::text::cut;
use crate::typeshed;

/// The most diagnostics that are returned.
const MAX_DIAGNOSTICS: usize = 50;

/// The longest message, and the longest rendered diagnostic, in bytes.
const MAX_MESSAGE: usize = 1_000;
const MAX_RENDERED: usize = 4_000;

/// The most declarations beside a diagnostic.
const MAX_DECLARATIONS: usize = 3;

/// The files of the host, in the folder where modules are found. The script is outside
/// of it, so that its name hides no module.
const TOOLS: &str = "host/__tools__.pyi";
const BUILTINS: &str = "host/__builtins__.pyi";
const MONTY: &str = "host/__monty__.pyi";

/// The name of the tools in rendered diagnostics.
const TOOLS_SHOWN: &str = "tools.pyi";

/// How ty writes what an async function returns.
const COROUTINE: &str = "CoroutineType[";

/// What ty says of `await` outside of functions, which Monty takes.
const TOP_LEVEL_AWAIT: [&str; 2] = [
    "`await` statement outside of a function",
    "`await` outside of an asynchronous function",
];

/// What to check.
#[derive(Clone)]
pub struct Request<'a> {
    pub name: &'a str,
    pub source: &'a str,
    pub stubs: &'a str,
    pub modules: Vec<(&'a str, &'a str)>,
    pub earlier: Vec<Snippet<'a>>,
    pub open_names: bool,
    pub open_modules: bool,
}

/// One thing that is wrong, or may be.
#[derive(Debug)]
pub struct Checked {
    pub rule: String,
    pub message: String,
    pub range: TextRange,
    pub concerns_tools: bool,
    pub certain: bool,
    pub declarations: Vec<String>,
    pub hint: Option<Hint>,
    pub concise: String,
    pub full: String,
}

/// What was found, and how much more there was.
#[derive(Debug, Default)]
pub struct Findings {
    pub diagnostics: Vec<Checked>,
    pub left_out: usize,
}

/// Why nothing was checked.
#[derive(Debug)]
pub enum Failure {
    Request(String),
    Internal(String),
}

/// A checker, with what it knows from one check to the next.
pub struct Checker {
    database: Database,
}

impl Checker {
    pub fn new() -> Result<Self, Failure> {
        let mut database = Database::new().map_err(Failure::Internal)?;
        let monty = include_str!("../stubs/builtins.pyi");
        database.write(MONTY, monty).map_err(Failure::Internal)?;
        Ok(Self { database })
    }

    pub fn check(&mut self, request: &Request<'_>) -> Result<Findings, Failure> {
        let stubs = Stubs::parse(request.stubs).map_err(Failure::Request)?;
        self.write_host(request, &stubs)?;
        let prefix = earlier::prefix(&request.earlier);
        let whole = format!("{prefix}{}", request.source);
        let offset = TextSize::try_from(prefix.len())
            .map_err(|_| Failure::Request("the session's code is longer than 4 GiB".to_owned()))?;

        let file = self.write_script(request.name, &whole)?;
        let mut diagnostics = self.database.diagnostics(file);
        diagnostics.retain(|diagnostic| !is_top_level_await(diagnostic));
        diagnostics.retain(|diagnostic| in_script(diagnostic, file, offset));
        if offset > TextSize::default() {
            // What is rendered is the script alone.
            self.write_script(request.name, request.source)?;
            let length = TextSize::try_from(request.source.len()).unwrap_or_default();
            for diagnostic in &mut diagnostics {
                shift(diagnostic, file, offset, length);
            }
        }

        let Ok(module) = parse_module(request.source) else {
            diagnostics.retain(Diagnostic::is_invalid_syntax);
            let context = Context {
                body: &[],
                origins: Origins::of(&[], &stubs),
                guards: Guards::default(),
                stubs: &stubs,
                file,
            };
            return Ok(self.findings(diagnostics, &context));
        };
        let body = &module.syntax().body;
        let bound = Bound::of(body);
        let earlier = parse_module(&prefix);
        let earlier = earlier
            .as_ref()
            .map_or(&[][..], |earlier| &earlier.syntax().body);
        let mut known = known(request, &stubs, earlier);
        known.open_names |= bound.runs_text;
        let mut found = syntax::unsupported(body);
        found.extend(names::missing(body, bound, &known));
        open(&mut diagnostics, &known);
        found.extend(diagnostics.iter().filter_map(left_out));
        merge(&mut diagnostics, found, file);
        let context = Context {
            body,
            origins: Origins::of(&[earlier, body], &stubs),
            guards: Guards::of(body),
            stubs: &stubs,
            file,
        };
        Ok(self.findings(diagnostics, &context))
    }

    /// Writes what the host serves: tools, which are built in, and modules.
    fn write_host(&mut self, request: &Request<'_>, stubs: &Stubs) -> Result<(), Failure> {
        let mut builtins = "from __monty__ import *\n".to_owned();
        for name in sorted(&stubs.names) {
            builtins.push_str(&format!("from __tools__ import {name} as {name}\n"));
        }
        self.write(TOOLS, request.stubs)?;
        self.write(BUILTINS, &builtins)?;
        for (name, source) in &request.modules {
            if !name.split('.').all(is_identifier) {
                return Err(Failure::Request(format!(
                    "`{}` is not the name of a module",
                    cut(name, MAX_MESSAGE)
                )));
            }
            let inside = format!("{name}.");
            let is_package = request
                .modules
                .iter()
                .any(|(other, _)| other.starts_with(&inside));
            let path = name.replace('.', "/");
            let path = match is_package {
                true => format!("host/{path}/__init__.pyi"),
                false => format!("host/{path}.pyi"),
            };
            self.write(&path, source)?;
        }
        Ok(())
    }

    fn write(&mut self, path: &str, source: &str) -> Result<File, Failure> {
        self.database.write(path, source).map_err(Failure::Internal)
    }

    fn write_script(&mut self, name: &str, source: &str) -> Result<File, Failure> {
        // The name is one file, whatever stands in it, and no stub.
        let name = name.replace(['/', '\\', '\0'], "_");
        let name = match cut(&name, MAX_MESSAGE).trim_matches('.') {
            "" => "script.py".to_owned(),
            name if name.ends_with(".py") => name.to_owned(),
            name => format!("{name}.py"),
        };
        self.write(&name, source)
    }

    fn findings(&self, mut diagnostics: Vec<Diagnostic>, context: &Context<'_>) -> Findings {
        diagnostics.sort_by_key(|diagnostic| {
            let range = diagnostic.range().unwrap_or_default();
            (range.start(), range.end(), diagnostic.id().as_str())
        });
        let mut all: Vec<_> = diagnostics
            .iter()
            .filter_map(|diagnostic| context.judge(diagnostic))
            .collect();
        // What matters most is returned, if not all is.
        all.sort_by_key(|judged| !judged.is_error());
        let left_out = all.len().saturating_sub(MAX_DIAGNOSTICS);
        all.truncate(MAX_DIAGNOSTICS);
        all.sort_by_key(|judged| (judged.range.start(), judged.range.end()));
        let diagnostics = all.into_iter().map(|judged| self.render(judged)).collect();
        Findings {
            diagnostics,
            left_out,
        }
    }

    fn render(&self, judged: Judged<'_>) -> Checked {
        let mut diagnostic = judged.diagnostic.clone();
        diagnostic.set_documentation_url(None);
        if let Some(hint) = &judged.hint {
            diagnostic.help(&hint.advice);
        }
        if judged.message.contains(COROUTINE) && judged.rule != "unused-awaitable" {
            diagnostic
                .help("The result of an async function is awaited: write `await` before the call.");
        }
        let render = |format| {
            let config = DisplayDiagnosticConfig::new("monty")
                .format(format)
                // A model that reads it has the script.
                .context(0)
                .hide_severity(true);
            let one = std::slice::from_ref(&diagnostic);
            let text = DisplayDiagnostics::new(&self.database, &config, one).to_string();
            let text = text.replace(TOOLS, TOOLS_SHOWN);
            cut(text.trim_end(), MAX_RENDERED)
        };
        Checked {
            rule: judged.rule.to_owned(),
            message: judged.message,
            range: judged.range,
            concerns_tools: judged.concerns_tools,
            certain: judged.certain,
            declarations: judged.declarations,
            hint: judged.hint,
            concise: render(DiagnosticFormat::Concise),
            full: render(DiagnosticFormat::Full),
        }
    }
}

fn sorted(names: &HashSet<String>) -> Vec<&String> {
    let mut names: Vec<_> = names.iter().collect();
    names.sort();
    names
}

/// What a script can use that Monty does not have itself.
fn known<'a>(request: &Request<'a>, stubs: &Stubs, earlier: &[Stmt]) -> Known<'a> {
    // Of types, which a run does not have, only annotations may speak.
    let is_value = |name: &&String| !stubs.types.contains_key(*name);
    let mut names: HashSet<_> = stubs.names.iter().filter(is_value).cloned().collect();
    names.extend(Bound::of(earlier).names);
    Known {
        modules: request.modules.iter().map(|(name, _)| *name).collect(),
        names,
        open_names: request.open_names,
        open_modules: request.open_modules,
    }
}

/// Leaves out what ty says of names and modules that the host may serve, and of modules
/// that are looked for here.
fn open(diagnostics: &mut Vec<Diagnostic>, known: &Known<'_>) {
    diagnostics.retain(|one| {
        let is_open = |name: &str, open: bool| open && one.id().is_lint_named(name);
        !is_open("unresolved-reference", known.open_names)
            && !is_open("unresolved-import", known.open_modules)
            && !is_open(
                "unresolved-import",
                one.headline_message().starts_with("Cannot resolve"),
            )
    });
}

/// The finding for an attribute that Python has and Monty has not.
fn left_out(diagnostic: &Diagnostic) -> Option<Finding> {
    if !diagnostic.id().is_lint_named("unresolved-attribute") {
        return None;
    }
    let message = diagnostic.headline_message();
    let (before, attribute) = message.strip_suffix('`')?.rsplit_once('`')?;
    let of = certainty::class_of(before.split('`').nth(1)?)?;
    if !typeshed::is_missing(&of, attribute) {
        return None;
    }
    let of = match before.starts_with("Class ") {
        true if matches!(of.as_str(), "date" | "datetime" | "time") => {
            format!("type object 'datetime.{of}'")
        }
        true => format!("type object '{of}'"),
        false => format!("'{of}' object"),
    };
    Some(Finding::failure(
        names::ATTRIBUTE,
        diagnostic.range()?,
        "AttributeError",
        format!("{of} has no attribute '{attribute}'"),
    ))
}

/// Puts this checker's findings in the place of ty's about the same.
fn merge(diagnostics: &mut Vec<Diagnostic>, found: Vec<Finding>, file: File) {
    for finding in found {
        diagnostics.retain(|one| {
            let same_rule = one.id().as_str() == finding.rule
                || finding.rule == names::ATTRIBUTE
                    && one.id().is_lint_named("unresolved-attribute")
                || finding.rule == syntax::RULE && one.is_invalid_syntax();
            let range = one.range().unwrap_or_default();
            !(same_rule
                && range
                    .intersect(finding.range)
                    .is_some_and(|both| !both.is_empty()))
        });
        let name = LintName::of(finding.rule);
        let message = finding.exception.to_string();
        let mut diagnostic = Diagnostic::new(DiagnosticId::Lint(name), Severity::Error, message);
        diagnostic.annotate(Annotation::primary(
            Span::from(file).with_range(finding.range),
        ));
        diagnostics.push(diagnostic);
    }
}

fn is_top_level_await(diagnostic: &Diagnostic) -> bool {
    diagnostic.is_invalid_syntax() && TOP_LEVEL_AWAIT.contains(&diagnostic.headline_message())
}

/// Whether a diagnostic is about the script, and not about what ran before it.
fn in_script(diagnostic: &Diagnostic, file: File, offset: TextSize) -> bool {
    diagnostic.primary_span().is_some_and(|span| {
        matches!(span.file(), UnifiedFile::Ty(other) if *other == file)
            && span.range().is_some_and(|range| range.start() >= offset)
    })
}

/// Moves what is marked in the script to where it is without what ran before.
fn shift(diagnostic: &mut Diagnostic, file: File, offset: TextSize, length: TextSize) {
    let moved = |annotation: &mut Annotation| {
        let span = annotation.get_span();
        if let UnifiedFile::Ty(other) = span.file()
            && *other == file
            && let Some(range) = span.range()
        {
            let to = |place: TextSize| place.checked_sub(offset).unwrap_or_default().min(length);
            let range = TextRange::new(to(range.start()), to(range.end()));
            let span = span.clone().with_range(range);
            if range.is_empty() {
                annotation.hide_snippet(true);
            }
            annotation.set_span(span);
        }
    };
    diagnostic.annotations_mut().for_each(moved);
    for sub in diagnostic.sub_diagnostics_mut() {
        sub.annotations_mut().for_each(moved);
    }
}

/// What a diagnostic is judged by.
struct Context<'a> {
    body: &'a [Stmt],
    origins: Origins<'a>,
    guards: Guards,
    stubs: &'a Stubs,
    file: File,
}

/// A diagnostic, and what it is worth.
struct Judged<'d> {
    diagnostic: &'d Diagnostic,
    rule: &'static str,
    message: String,
    range: TextRange,
    concerns_tools: bool,
    certain: bool,
    declarations: Vec<String>,
    hint: Option<Hint>,
}

impl Judged<'_> {
    fn is_error(&self) -> bool {
        self.certain
    }
}

impl Context<'_> {
    /// What a diagnostic is worth; nothing if Monty runs what ty reports.
    fn judge<'d>(&self, diagnostic: &'d Diagnostic) -> Option<Judged<'d>> {
        let rule = diagnostic.id().as_str();
        let range = diagnostic.range().unwrap_or_default();
        let message = diagnostic.concise_message().to_str().into_owned();
        let (path, in_annotation) = origin::path(self.body, range);
        if rule == "invalid-await" && self.awaits_plain_tool(&path) {
            return None;
        }
        // What ty takes for the parameter of a lambda that it cannot infer.
        if message.contains("of type `object`") {
            return None;
        }
        let declared = self.declared(diagnostic, &path, &message);
        let is_code = message.contains(COROUTINE);
        let concerns_tools = match rule {
            "unsupported-syntax"
            | "unsupported-attribute"
            | "unsupported-argument"
            | "invalid-syntax"
            | "unresolved-reference"
            | "unresolved-import" => false,
            "unused-awaitable" => self.origins.concerns(&path),
            "invalid-argument-type" => declared.is_tool || is_code && self.origins.concerns(&path),
            _ => declared.is_tool || self.origins.concerns(&path) || self.is_in_namespace(&path),
        };
        let exception = exception(rule);
        let guard = self.guards.at(range, exception);
        let is_guarded = match guard {
            Guard::Named => true,
            Guard::Broad => !concerns_tools,
            Guard::None => false,
        };
        // Annotations are not evaluated, and what is caught by name is expected.
        if in_annotation || guard == Guard::Named && !concerns_tools {
            return None;
        }
        let certain = !is_guarded && is_certain(rule, &message, &path);
        let hint = hints::hint(&raised(rule, exception, &message));
        Some(Judged {
            diagnostic,
            rule,
            message: cut(&message, MAX_MESSAGE),
            range,
            concerns_tools,
            certain,
            declarations: declared.texts,
            hint,
        })
    }

    /// Whether an expression looks for a tool in a namespace.
    fn is_in_namespace(&self, path: &[&Expr]) -> bool {
        path.last()
            .and_then(|expression| expression.as_attribute_expr()?.value.as_name_expr())
            .is_some_and(|name| self.stubs.namespaces.contains(name.id.as_str()))
    }

    /// Whether what is awaited is a call of a tool that is not async, which Monty
    /// answers with the value.
    fn awaits_plain_tool(&self, path: &[&Expr]) -> bool {
        path.iter().rev().take(2).any(|expression| {
            let awaited = match expression {
                Expr::Await(awaited) => &awaited.value,
                other => *other,
            };
            awaited
                .as_call_expr()
                .and_then(|call| self.stubs.tool_of(&call.func))
                .is_some_and(|tool| !tool.is_async)
        })
    }

    /// The declarations of the tools and types that a diagnostic is about.
    fn declared(&self, diagnostic: &Diagnostic, path: &[&Expr], message: &str) -> Declared {
        let mut places = Vec::new();
        let mut add = |annotation: &Annotation| {
            let span = annotation.get_span();
            if let (UnifiedFile::Ty(file), Some(range)) = (span.file(), span.range())
                && *file != self.file
            {
                places.extend(self.stubs.declared_at(range.start()));
            }
        };
        let tools_file = |annotation: &&Annotation| matches!(annotation.get_span().file(), UnifiedFile::Ty(file) if *file != self.file);
        let subs = diagnostic.sub_diagnostics();
        let annotations = diagnostic
            .annotations()
            .iter()
            .chain(subs.iter().flat_map(|sub| sub.annotations()));
        let _ = annotations.filter(tools_file).map(&mut add).count();
        let range = diagnostic.range().unwrap_or_default();
        let mut calls = path.iter().rev().filter_map(|one| one.as_call_expr());
        let call = match diagnostic.id().as_str() {
            // They mark the call.
            "missing-argument" | "no-matching-overload" | "unused-awaitable" => calls.next(),
            // They mark an argument, or a part of one.
            "unknown-argument"
            | "too-many-positional-arguments"
            | "parameter-already-assigned"
            | "positional-only-parameter-as-kwarg"
            | "invalid-argument-type"
            | "missing-typed-dict-key" => {
                calls.find(|call| call.arguments.range().contains_range(range))
            }
            _ => None,
        };
        let tool = call.and_then(|call| self.stubs.tool_of(&call.func));
        // What is not awaited.
        let unawaited = message.contains(COROUTINE).then(|| {
            let mut calls = path.iter().rev().filter_map(|one| one.as_call_expr());
            calls.find_map(|call| self.stubs.tool_of(&call.func))
        });
        let mut indices: Vec<usize> = tool.map(|tool| tool.declaration).into_iter().collect();
        // The function may have another name in the script.
        if tool.is_none() && call.is_some() {
            indices.append(&mut places);
        }
        let is_tool = !indices.is_empty();
        indices.extend(unawaited.flatten().map(|tool| tool.declaration));
        indices.extend(self.stubs.types_in(message));
        let mut seen = HashSet::new();
        indices.retain(|index| seen.insert(*index));
        let texts = indices
            .iter()
            .filter_map(|index| self.stubs.declaration(*index))
            .take(MAX_DECLARATIONS)
            .map(str::to_owned)
            .collect();
        Declared { is_tool, texts }
    }
}

struct Declared {
    /// Whether a tool is called.
    is_tool: bool,
    texts: Vec<String>,
}

/// What a run raises where a rule is broken.
fn exception(rule: &str) -> &'static str {
    match rule {
        "unresolved-reference" => "NameError",
        "unresolved-import" => "ModuleNotFoundError",
        "unresolved-attribute" | "unsupported-attribute" => "AttributeError",
        "invalid-key" => "KeyError",
        "index-out-of-bounds" => "IndexError",
        "unsupported-syntax" => "NotImplementedError",
        "invalid-syntax" => "SyntaxError",
        _ => "TypeError",
    }
}

/// The exception as a run writes it, for the hint: this checker's own findings say it,
/// and of ty's those about attributes.
fn raised(rule: &str, exception: &str, message: &str) -> Exception {
    let (type_name, message) = match message.split_once(": ") {
        Some((name, message)) if name.ends_with("Error") && is_identifier(name) => {
            (name.to_owned(), message.to_owned())
        }
        _ => (exception.to_owned(), message.to_owned()),
    };
    let message = match rule {
        // Object of type `X` has no attribute `y`.
        "unresolved-attribute" => message.replace('`', "'"),
        _ => message,
    };
    Exception {
        type_name,
        message: Some(message),
    }
}

/// Whether a run that gets there fails, whatever the values are.
fn is_certain(rule: &str, message: &str, path: &[&Expr]) -> bool {
    match rule {
        "unsupported-syntax"
        | "unsupported-attribute"
        | "unsupported-argument"
        | "invalid-syntax"
        | "unresolved-import" => true,
        // ty follows the order of bindings, and does not see all that a run does.
        "unresolved-reference" => message.starts_with("NameError: "),
        "missing-argument"
        | "unknown-argument"
        | "too-many-positional-arguments"
        | "parameter-already-assigned"
        | "positional-only-parameter-as-kwarg"
        | "missing-typed-dict-key"
        | "unused-awaitable" => true,
        "invalid-argument-type" => certainty::expected_and_found(message)
            .is_some_and(|(expected, found)| certainty::is_disjoint(expected, found)),
        // Writing a key adds it.
        "invalid-key" => {
            let is_read = path.iter().rev().take(2).any(|expression| {
                expression
                    .as_subscript_expr()
                    .is_some_and(|subscript| subscript.ctx == ExprContext::Load)
            });
            is_read && !certainty::quotes_a_choice(message)
        }
        // Setting an attribute may add it.
        "unresolved-attribute" => {
            let is_set = path.last().is_some_and(|expression| {
                expression
                    .as_attribute_expr()
                    .is_some_and(|attribute| attribute.ctx != ExprContext::Load)
            });
            !is_set && !certainty::quotes_a_choice(message)
        }
        "not-subscriptable"
        | "not-iterable"
        | "call-non-callable"
        | "unsupported-operator"
        | "invalid-await" => !certainty::quotes_a_choice(message),
        _ => false,
    }
}
