//! The exports.

use std::cell::RefCell;

use ruff_text_size::TextSize;

use crate::check::{self, Checker};
use crate::earlier::Snippet;

wit_bindgen::generate!({ path: "../wit/checker", world: "checker" });

use exports::monty::checker::type_checker::{
    Diagnostic, Failure, Findings, Guest as TypeChecker, Hint, Position, Request,
};

thread_local! {
    /// The checker, with what it learned: the standard library above all.
    static CHECKER: RefCell<Option<Checker>> = const { RefCell::new(None) };
}

/// Typical code, and what it can use.
const WARM_UP: &str = include_str!("../warm-up/script.py");
const WARM_UP_STUBS: &str = include_str!("../warm-up/tools.pyi");

struct Component;

export!(Component);

impl crate::world::Guest for Component {
    fn warm_up() {
        CHECKER.with_borrow_mut(|checker| {
            let Ok(warm) = Checker::new() else {
                return;
            };
            let warm = checker.insert(warm);
            let blank = check::Request {
                name: "script.py",
                source: "",
                stubs: "",
                modules: Vec::new(),
                earlier: Vec::new(),
                open_names: false,
                open_modules: false,
            };
            let typical = check::Request {
                source: WARM_UP,
                stubs: WARM_UP_STUBS,
                ..blank.clone()
            };
            // The code that ty keeps for errors is used too. Whatever fails here fails
            // in the checks that come.
            let _ = warm.check(&typical);
            let _ = warm.check(&blank);
        });
    }
}

impl TypeChecker for Component {
    fn check(request: Request) -> Result<Findings, Failure> {
        CHECKER.with_borrow_mut(|checker| {
            let checker = match checker {
                Some(checker) => checker,
                None => checker.insert(Checker::new()?),
            };
            let modules = request.modules.iter();
            let earlier = request.earlier.iter();
            let found = checker.check(&check::Request {
                name: &request.name,
                source: &request.source,
                stubs: &request.stubs,
                modules: modules
                    .map(|module| (module.name.as_str(), module.source.as_str()))
                    .collect(),
                earlier: earlier
                    .map(|snippet| Snippet {
                        source: &snippet.source,
                        failed_line: snippet.failed_line,
                    })
                    .collect(),
                open_names: request.open_names,
                open_modules: request.open_modules,
            })?;
            Ok(lower(found, &request.source))
        })
    }
}

fn lower(found: check::Findings, source: &str) -> Findings {
    let diagnostics = found.diagnostics.into_iter().map(|one| Diagnostic {
        rule: one.rule,
        message: one.message,
        start: position(source, one.range.start()),
        end: position(source, one.range.end()),
        concerns_tools: one.concerns_tools,
        certain: one.certain,
        declarations: one.declarations,
        hint: one.hint.map(|hint| Hint {
            code: hint.code,
            advice: hint.advice,
        }),
        concise: one.concise,
        full: one.full,
    });
    Findings {
        diagnostics: diagnostics.collect(),
        left_out: u32::try_from(found.left_out).unwrap_or(u32::MAX),
    }
}

fn position(source: &str, offset: TextSize) -> Position {
    let before = source.get(..offset.to_usize()).unwrap_or(source);
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let lines = before.bytes().filter(|byte| *byte == b'\n').count();
    let columns = before.get(line_start..).unwrap_or_default().chars().count();
    let count = |number: usize| u32::try_from(number + 1).unwrap_or(u32::MAX);
    Position {
        line: count(lines),
        column: count(columns),
        offset: offset.to_u32(),
    }
}

impl From<check::Failure> for Failure {
    fn from(failure: check::Failure) -> Self {
        match failure {
            check::Failure::Request(message) => Self::InvalidRequest(message),
            check::Failure::Internal(message) => Self::Internal(message),
        }
    }
}
