//! Type checks, each in an instance of its own.

use std::hint::black_box;

use benchmark_runner::{Absent, Done, Row, resident_bytes};
use monty_host::check::{Checker, Declarations, Diagnostics};

use crate::{Bench, Failure};

/// 30 lines that call five tools.
const TOOLS: Case = Case {
    source: include_str!("../../checks/tools.py"),
    stubs: include_str!("../../checks/tools.pyi"),
};
/// 90 lines that use most of the standard library.
const LIBRARY: Case = Case {
    source: include_str!("../../../tests/check/corpus/runs.py"),
    stubs: include_str!("../../../tests/check/corpus/tools.pyi"),
};
/// 40 lines with 20 errors.
const ERRORS: Case = Case {
    source: include_str!("../../../tests/check/corpus/results.py"),
    stubs: LIBRARY.stubs,
};
const SMALL: Case = Case {
    source: "1 + 1",
    stubs: "",
};

#[derive(Clone, Copy)]
struct Case {
    source: &'static str,
    stubs: &'static str,
}

impl Case {
    async fn check(self, checker: &Checker, earlier: &[&str]) -> Result<Diagnostics, Failure> {
        let declarations = Declarations::new().with_stubs(self.stubs);
        let check = checker.check(self.source).declarations(declarations);
        let check = earlier
            .iter()
            .fold(check, |check, source| check.after(*source));
        Ok(check.run().await?)
    }
}

/// A row of the given name.
pub fn open<'a>(bench: &'a Bench, row: &str) -> Result<Row<'a>, Absent> {
    Ok(match row {
        "start" => start(bench),
        "memory" => memory(bench),
        "small" => checks(bench, SMALL, &[])?,
        "tools" => checks(bench, TOOLS, &[])?,
        "library" => checks(bench, LIBRARY, &[])?,
        "errors" => checks(bench, ERRORS, &[])?,
        "session" => {
            let line = Case {
                source: "send('a@example.com', str(len(report)))",
                ..TOOLS
            };
            checks(bench, line, &[TOOLS.source])?
        }
        _ => return Err(Absent::Row("there is no such check")),
    })
}

/// A checker whose code is in the cache, and its first check.
fn start(bench: &Bench) -> Row<'_> {
    Box::new(move |iterations| {
        bench.runtime.block_on(async {
            for _ in 0..iterations {
                black_box(TOOLS.check(&Checker::new()?, &[]).await?);
            }
            Ok(Done::default())
        })
    })
}

fn checks<'a>(
    bench: &'a Bench,
    case: Case,
    earlier: &'static [&'static str],
) -> Result<Row<'a>, Failure> {
    let checker = Checker::new()?;
    Ok(Box::new(move |iterations| {
        bench.runtime.block_on(async {
            for _ in 0..iterations {
                black_box(case.check(&checker, earlier).await?);
            }
            Ok(Done::default())
        })
    }))
}

/// What the process has grown by after a checker and its checks.
fn memory(bench: &Bench) -> Row<'_> {
    Box::new(move |count| {
        bench.runtime.block_on(async {
            let before = resident_bytes()?;
            let checker = Checker::new()?;
            for _ in 0..count {
                black_box(LIBRARY.check(&checker, &[]).await?);
            }
            Ok(Done::answer(
                resident_bytes()?.saturating_sub(before) / count,
            ))
        })
    })
}
