//! The forms of diagnostics, for people, models and programs.

use monty_host::check::{CheckRules, DiagnosticFormat, Level};

use crate::support::assert_snapshot;
use crate::{CHECKER, declarations};

const SOURCE: &str = "\
from datetime import UTC
weather = get_weather(town='Oslo')
print(weather['temperature'])
count: int = 'five'
";

fn rendered(format: DiagnosticFormat) -> String {
    let check = CHECKER.check(SOURCE).name("trip.py");
    let found = check.declarations(declarations()).run_blocking();
    found.expect("the stubs are Python").render(format)
}

#[test]
fn full() {
    assert_snapshot!("full", rendered(DiagnosticFormat::Full));
}

#[test]
fn concise() {
    assert_snapshot!("concise", rendered(DiagnosticFormat::Concise));
}

#[test]
fn json() {
    assert_snapshot!("json", rendered(DiagnosticFormat::Json));
}

#[test]
fn github() {
    assert_snapshot!("github", rendered(DiagnosticFormat::Github));
}

#[test]
fn gitlab() {
    assert_snapshot!("gitlab", rendered(DiagnosticFormat::Gitlab));
}

#[test]
fn rules_change_levels() {
    let rules = CheckRules::new()
        .rule("unresolved-import", Level::Ignore)
        .rule("invalid-assignment", Level::Error)
        .rule("invalid-key", Level::Warning);
    let check = CHECKER.check(SOURCE).rules(rules);
    let found = check.declarations(declarations()).run_blocking();
    let found = found.expect("the stubs are Python");
    let levels: Vec<_> = found
        .iter()
        .map(|one| (one.rule.as_str(), one.level))
        .collect();
    assert_eq!(
        levels,
        [
            ("missing-argument", Level::Error),
            ("unknown-argument", Level::Error),
            ("invalid-key", Level::Warning),
            ("invalid-assignment", Level::Error),
        ]
    );
}

#[test]
fn places_count_characters() {
    let found = CHECKER.check("é = 'ü'; nope").run_blocking();
    let found = found.expect("there are no stubs");
    let one = found.iter().next().expect("`nope` is not defined");
    assert_eq!(
        (one.start.line, one.start.column, one.start.offset),
        (1, 10, 11)
    );
    assert_eq!((one.end.line, one.end.column, one.end.offset), (1, 14, 15));
}

#[test]
fn stubs_that_are_not_python_are_an_error() {
    let declarations = monty_host::check::Declarations::new().with_stubs("def broken(");
    let check = CHECKER.check("1").declarations(declarations).run_blocking();
    let error = check.expect_err("the stubs end too early");
    assert_snapshot!("stubs-that-are-not-python", error);
}
