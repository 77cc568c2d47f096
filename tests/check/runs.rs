//! Scripts and sessions that are checked before they run.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use monty_host::check::{CheckLimits, CheckRules, Level};
use monty_host::os::System;
use monty_host::value::{Dict, Module};
use monty_host::{ErrorKind, Host, InterruptHandle, Record, Tool, Tools, Type, Value};

use crate::MONTY;
use crate::limits::ENDLESS;
use crate::support::assert_snapshot;

/// Tools, and how often one was called.
fn tools() -> (Tools, Arc<AtomicUsize>) {
    let calls = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&calls);
    let weather = Record::new("Weather")
        .field("city", Type::Str)
        .field("celsius", Type::Float);
    let forecast = Tool::new(
        "forecast",
        ["city", "days"],
        move |city: String, days: Option<u32>| {
            counted.fetch_add(1, Ordering::Relaxed);
            let mut weather = Dict::new();
            weather.push("city", city);
            weather.push("celsius", f64::from(days.unwrap_or(1)));
            Value::from(weather)
        },
    );
    let tools = Tools::new().tool(forecast.returns(weather)).async_function(
        "fetch",
        ["url"],
        async |url: String| url,
    );
    (tools, calls)
}

#[test]
fn an_error_comes_before_any_effect() {
    let (tools, calls) = tools();
    let source =
        "first = forecast('Oslo')\nsecond = forecast(town='Rome')\nfirst['celsius'] + second['c']";
    let script = MONTY.script(source).host(&tools).checked();
    let error = script.run_blocking().expect_err("`forecast` has no `town`");
    assert_eq!(error.kind(), ErrorKind::Check);
    assert_eq!(calls.load(Ordering::Relaxed), 0);
    assert_snapshot!("rejected", error);
    assert_snapshot!("rejected-in-short", error.summary());
}

#[test]
fn what_is_correct_runs() {
    let (tools, calls) = tools();
    let source = "print(await fetch('a'))\n[forecast(city)['celsius'] for city in cities]";
    let script = MONTY.script(source).host(&tools);
    let script = script
        .input("cities", ["Oslo", "Rome"])
        .expect("Python has lists")
        .checked();
    let report = script.run_blocking().expect("it runs");
    assert_eq!(report.value.to_string(), "[1.0, 1.0]");
    assert!(report.diagnostics.is_empty(), "{}", report.diagnostics);
    assert_eq!(calls.load(Ordering::Relaxed), 2);
}

#[test]
fn advice_comes_with_the_report_and_with_errors() {
    let source = "count: int = 'five'\ncount";
    let report = MONTY
        .script(source)
        .checked()
        .run_blocking()
        .expect("it runs");
    let rules: Vec<_> = report
        .diagnostics
        .warnings()
        .map(|one| &*one.rule)
        .collect();
    assert_eq!(rules, ["invalid-assignment"]);
    let source = "count: int = 'five'\ncount + 1";
    let error = MONTY
        .script(source)
        .checked()
        .run_blocking()
        .expect_err("it raises");
    assert_eq!(error.kind(), ErrorKind::Script);
    assert!(error.diagnostics().is_some_and(|advice| !advice.is_empty()));
}

#[test]
fn rules_decide() {
    let rules = CheckRules::new().rule("invalid-assignment", Level::Error);
    let script = MONTY
        .script("count: int = 'five'")
        .checked_by(rules, CheckLimits::default());
    assert_eq!(
        script.run_blocking().expect_err("it is rejected").kind(),
        ErrorKind::Check
    );
}

#[test]
fn what_is_not_checked_runs() {
    let limits = CheckLimits::default().with_source_bytes(4);
    let script = MONTY
        .script("nope = 1\nnope")
        .checked_by(CheckRules::new(), limits);
    let report = script.run_blocking().expect("it runs");
    assert!(report.diagnostics.not_checked().is_some());
}

#[test]
fn modules_and_values_of_the_host() {
    let mut attributes = Dict::new();
    attributes.push("VERSION", 7);
    let module = Value::Module(Arc::new(Module::new("settings", attributes)));
    let host = Host::new()
        .tools(&Tools::new().value("answer", 42).expect("a name"))
        .os(System::new().module("settings", module));
    let check = |source: &str| {
        let found = MONTY.check(source).host(&host).run_blocking();
        let found = found.expect("the host's names are Python");
        found.iter().map(|one| one.rule.clone()).collect::<Vec<_>>()
    };
    assert_eq!(check("import settings\nsettings.VERSION + answer"), [""; 0]);
    assert_eq!(
        check("from settings import VERSION\nVERSION.upper()"),
        ["unresolved-attribute"]
    );
    assert_eq!(check("import other"), ["unresolved-import"]);
    assert_eq!(check("answer.lower()"), ["unresolved-attribute"]);
}

#[test]
fn a_session_knows_what_ran() {
    let (tools, calls) = tools();
    let session = MONTY.session().host(&tools).checked().open_blocking();
    let mut session = session.expect("a session opens");
    let mut feed = |source: &str| match session.feed(source).run_blocking() {
        Ok(report) => report.value.to_string(),
        Err(error) => match error.diagnostics().and_then(|found| found.errors().next()) {
            Some(first) => format!("rejected: {}", first.concise),
            None => error.summary(),
        },
    };
    let snippets = [
        "import math\ndef area(r: float) -> float:\n    return math.pi * r ** 2",
        "weather = forecast('Oslo')",
        "weather['celsius'] + round(area(1))",
        "weather['temperature']",
        "area('x', 5)\nmissing",
        "before = 1\n1 / 0\nafter = 2",
        "before + 1",
        "after",
        "for later in [1, 2]:\n    kept = later\n    1 / 0",
        "kept + later",
        "from math import sqrt\nweather = sqrt(16)",
        "weather + 1",
    ];
    let told: Vec<_> = snippets
        .iter()
        .map(|one| format!(">>> {one}\n{}", feed(one)))
        .collect();
    assert_snapshot!("session", told.join("\n"));
    assert_eq!(calls.load(Ordering::Relaxed), 1);
}

#[test]
fn inputs_of_a_snippet_stay() {
    let session = MONTY.session().checked().open_blocking();
    let mut session = session.expect("a session opens");
    let feed = session
        .feed("limit + 1")
        .input("limit", 5)
        .expect("Python has it");
    assert_eq!(
        feed.run_blocking().expect("it runs").value.as_i64(),
        Some(6)
    );
    assert_eq!(
        session
            .feed("limit * 2")
            .run_blocking()
            .expect("it runs")
            .value
            .as_i64(),
        Some(10)
    );
}

#[test]
fn a_restored_session_may_have_other_names() {
    let mut session = MONTY.session().open_blocking().expect("a session opens");
    session.feed("hidden = 5").run_blocking().expect("it runs");
    let snapshot = session.dump_blocking().expect("it is idle");
    let restored = MONTY.session().checked().restore_blocking(&snapshot);
    let mut restored = restored.expect("it goes on");
    let report = restored
        .feed("hidden + 1")
        .run_blocking()
        .expect("it is not rejected");
    assert_eq!(report.value.as_i64(), Some(6));
}

/// Nothing of one check is left for another: not its tools, its names or its modules.
#[test]
fn checks_share_nothing() {
    let (tools, _) = tools();
    let with = MONTY
        .check("class Private: pass\nforecast('Oslo')")
        .host(&tools);
    assert!(with.run_blocking().expect("it is checked").is_empty());
    for source in [
        "forecast('Oslo')",
        "Private",
        "import script",
        "import tools",
        "import __tools__",
    ] {
        let found = MONTY.check(source).run_blocking().expect("it is checked");
        assert_eq!(found.errors().count(), 1, "{source}: {found}");
    }
}

#[tokio::test]
async fn an_interrupt_during_the_check_is_for_the_run() {
    let (tools, calls) = tools();
    let handle = InterruptHandle::new();
    let host = Host::new().tools(&tools).interrupt(&handle);
    let interrupted = async |run: &mut (dyn Future<Output = Option<ErrorKind>> + Unpin)| {
        let handle = handle.clone();
        let interrupt = std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(300));
            handle.interrupt();
        });
        let kind = run.await;
        interrupt.join().expect("no panic");
        kind
    };
    // It takes the checker to its limit of time, 2 s.
    let source = format!("{ENDLESS}forecast('Oslo')\n");
    let script = MONTY.script(&source).host(host.clone()).checked();
    let mut run = Box::pin(async { script.run().await.err().map(|error| error.kind()) });
    assert_eq!(interrupted(&mut run).await, Some(ErrorKind::Interrupted));

    let session = MONTY.session().host(&host).checked().open().await;
    let mut session = session.expect("a session");
    let feed = session.feed(&source).run();
    let mut run = Box::pin(async { feed.await.err().map(|error| error.kind()) });
    assert_eq!(interrupted(&mut run).await, Some(ErrorKind::Interrupted));
    drop(run);
    assert_eq!(calls.load(Ordering::Relaxed), 0);
    // The session lives on.
    let report = session.feed("forecast('Oslo')['celsius']").run().await;
    assert_eq!(report.expect("a value").value.as_f64(), Some(1.0));
}
