//! Sources that take a checker down: they are not checked, and the next check works.

use std::time::{Duration, Instant};

use monty_host::check::CheckLimits;

use crate::CHECKER;
use crate::support::assert_snapshot;

fn not_checked(source: &str, limits: CheckLimits) -> String {
    let began = Instant::now();
    let most = limits.duration + Duration::from_secs(10);
    let found = CHECKER.check(source).limits(limits).run_blocking();
    let found = found.expect("a limit is not an error");
    assert!(began.elapsed() < most, "the check was not stopped in time");
    assert!(
        found.is_empty(),
        "what was stopped rejects nothing: {found}"
    );
    let after = CHECKER
        .check("nope")
        .run_blocking()
        .expect("the next check works");
    assert_eq!(after.errors().count(), 1);
    found.not_checked().unwrap_or("checked").to_owned()
}

/// What the checker infers without end.
pub const ENDLESS: &str = "\
from functools import partial
class A:
    def __init__(self, f):
        self.f = f
p = print
for i in range(10):
    p = partial(p)
    a = A(partial(p, a) if i else p)
";

#[test]
fn inference_without_end() {
    let limits = CheckLimits::default().with_duration(Duration::from_millis(300));
    let reason = not_checked(ENDLESS, limits);
    assert_ne!(reason, "checked");
}

#[test]
fn a_long_chain_of_operators() {
    let source = vec!["x"; 20_000].join(" + ");
    let reason = not_checked(&format!("x = 1\n{source}"), CheckLimits::default());
    assert_snapshot!("long-chain", reason);
}

#[test]
fn a_large_union() {
    let mut source = "import random\nx = random.random()\n".to_owned();
    for number in 0..3_000 {
        source += &format!("if x > {number}: x = ({number}, x)\n");
    }
    let limits = CheckLimits::default().with_duration(Duration::from_millis(200));
    let reason = not_checked(&source, limits);
    assert_snapshot!("large-union", reason);
}

#[test]
fn more_memory_than_it_may_have() {
    let source: String = (0..20_000)
        .map(|number| format!("def f{number}(a, b=[{number}]): return a\n"))
        .collect();
    let limits = CheckLimits::default()
        .with_memory_bytes(24 << 20)
        .with_duration(Duration::from_secs(60));
    let reason = not_checked(&source, limits);
    assert_snapshot!("memory", reason);
}

#[test]
fn a_source_that_is_too_long() {
    let source = "x = 1\n".repeat(200_000);
    let reason = not_checked(&source, CheckLimits::default());
    assert_snapshot!("too-long", reason);
}

#[test]
fn deep_nesting() {
    let source = format!("{}1{}", "(".repeat(5_000), ")".repeat(5_000));
    let found = CHECKER.check(source).run_blocking().expect("it ends");
    assert!(!found.is_empty() || found.not_checked().is_some());
}

/// Many diagnostics are cut, and each is.
#[test]
fn a_flood_of_diagnostics() {
    let source = format!("{}{}", "nope\n".repeat(5_000), "a".repeat(100_000));
    let found = CHECKER.check(source).run_blocking().expect("it ends");
    if found.not_checked().is_none() {
        assert_eq!((found.iter().count(), found.left_out()), (50, 4_951));
        assert!(found.iter().all(|one| one.full.len() < 5_000));
    }
}

/// The scripts that attack the interpreter do no harm here either.
#[test]
fn the_hostile_scripts() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/hostile");
    let mut count = 0;
    for file in std::fs::read_dir(folder).expect("the hostile scripts are there") {
        let path = file.expect("they can be listed").path();
        let Ok(source) = std::fs::read_to_string(&path) else {
            continue;
        };
        let name = path.display().to_string();
        let declarations = monty_host::check::Declarations::open();
        let check = CHECKER.check(source).declarations(declarations);
        let began = Instant::now();
        check
            .run_blocking()
            .expect("a script is no error of the host");
        assert!(
            began.elapsed() < Duration::from_secs(10),
            "{name} took too long"
        );
        count += 1;
    }
    assert!(count > 100, "the hostile scripts are gone");
}

/// A check that is dropped frees its place.
#[test]
fn a_dropped_check_stops() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime starts");
    runtime.block_on(async {
        let source = "x = 1\n".repeat(100_000);
        for _ in 0..8 {
            let limits = CheckLimits::default().with_duration(Duration::from_secs(60));
            let check = CHECKER.check(source.as_str()).limits(limits);
            let timed = tokio::time::timeout(Duration::from_millis(50), check.run());
            assert!(timed.await.is_err(), "it is a long check");
        }
        let after = CHECKER
            .check("1")
            .run()
            .await
            .expect("there is a free place");
        assert!(after.is_empty());
    });
}
