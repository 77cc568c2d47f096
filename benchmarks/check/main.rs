//! What a type check takes: `just bench-check`.
//!
//! The first line is of a fresh process whose code is in the cache. Every check is in a
//! fresh instance; the others differ in what is checked. Times are medians.

use std::time::{Duration, Instant};

use monty_host::check::{Checker, Declarations};

const STUBS: &str = include_str!("../../tests/check/corpus/tools.pyi");
const SCRIPT: &str = include_str!("../../tests/check/corpus/runs.py");
const WRONG: &str = include_str!("../../tests/check/corpus/results.py");

/// The checks that are timed.
const ROUNDS: usize = 101;

fn main() -> Result<(), monty_host::Error> {
    let before = process_bytes();
    let began = Instant::now();
    let checker = Checker::new()?;
    println!(
        "{:40} {:>10.2?}",
        "the checker, loaded from the cache",
        began.elapsed()
    );
    let declarations = || Declarations::new().with_stubs(STUBS);
    let began = Instant::now();
    checker
        .check(SCRIPT)
        .declarations(declarations())
        .run_blocking()?;
    println!(
        "{:40} {:>10.2?}",
        "the first check, 90 lines",
        began.elapsed()
    );
    println!(
        "{:40} {:>6} MiB",
        "memory of the process since its start",
        (process_bytes() - before) >> 20
    );
    for (name, source) in [
        ("1 + 1", "1 + 1"),
        ("90 lines that are correct", SCRIPT),
        ("40 lines with 20 errors", WRONG),
    ] {
        let mut times = Vec::new();
        for _ in 0..ROUNDS {
            let check = checker.check(source).declarations(declarations());
            let began = Instant::now();
            check.run_blocking()?;
            times.push(began.elapsed());
        }
        println!("{name:40} {:>10.2?}", median(times));
    }
    let mut times = Vec::new();
    for _ in 0..ROUNDS {
        let check = checker
            .check("area(2) + weather['celsius']")
            .declarations(declarations());
        let check = check.after(SCRIPT).after("def area(r): return r * r");
        let check = check.after("weather = get_weather('Oslo')");
        let began = Instant::now();
        check.run_blocking()?;
        times.push(began.elapsed());
    }
    println!(
        "{:40} {:>10.2?}",
        "1 line after 92 in a session",
        median(times)
    );
    println!(
        "{:40} {:>6} MiB",
        "memory of the process since its start",
        (process_bytes() - before) >> 20
    );
    Ok(())
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

/// The memory of this process, in bytes; 0 where nobody tells.
fn process_bytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kilobytes = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    kilobytes.unwrap_or(0) << 10
}
