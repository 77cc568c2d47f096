//! The protocol between `benchmarks/compare` and a program that is measured.
//!
//! The program reads lines and answers each with one:
//!
//! | line | answer |
//! |---|---|
//! | `open ROW` | `ok`, or `absent REASON`: this program has no such row |
//! | `run N` | `NANOSECONDS ANSWER`: the time that `N` iterations of the opened row took, and what the last came to |
//!
//! An answer `error REASON` ends the comparison. One row is open at a time, and is
//! dropped when another is opened. `program PATH` is the Python program in that file
//! and `script PATH` one that uses the tools and files of the host.

use std::error::Error;
use std::hint::black_box;
use std::io::{self, BufRead, Write};
use std::time::{Duration, Instant};

/// A row that is open: runs it the given number of times.
pub type Row<'a> = Box<dyn FnMut(u64) -> Result<Done, Box<dyn Error>> + 'a>;

/// How the iterations of a row ended.
#[derive(Default)]
pub struct Done {
    /// What the last iteration came to, as Python's `repr`.
    pub answer: String,
    /// The measured time, where that is not all of it.
    pub time: Option<Duration>,
}

impl Done {
    /// All of the time counts.
    pub fn answer(answer: impl ToString) -> Self {
        Self {
            answer: answer.to_string(),
            time: None,
        }
    }
}

/// Answers lines from standard input until it ends.
///
/// `open` sets a row up, or says why there is none.
///
/// # Errors
///
/// If a row fails, or the other side is gone.
pub fn serve<'a>(
    mut open: impl FnMut(&str) -> Result<Row<'a>, Absent>,
) -> Result<(), Box<dyn Error>> {
    let mut row: Option<Row<'_>> = None;
    for line in io::stdin().lock().lines() {
        let line = line?;
        let answer = match line.split_once(' ') {
            Some(("open", name)) => {
                row = None;
                match open(name) {
                    Ok(opened) => {
                        row = Some(opened);
                        "ok".to_owned()
                    }
                    Err(Absent::Row(reason)) => format!("absent {reason}"),
                    Err(Absent::Failed(error)) => format!("error {error}"),
                }
            }
            Some(("run", iterations)) => match &mut row {
                Some(row) => measure(row, iterations.parse()?),
                None => "error no row is open".to_owned(),
            },
            _ => format!("error unknown line `{line}`"),
        };
        let mut output = io::stdout().lock();
        writeln!(output, "{answer}")?;
        output.flush()?;
    }
    Ok(())
}

/// Why a row could not be opened.
pub enum Absent {
    /// This program does not have it.
    Row(&'static str),
    /// It has, and failed to set it up.
    Failed(Box<dyn Error>),
}

impl<E: Into<Box<dyn Error>>> From<E> for Absent {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

fn measure(row: &mut Row<'_>, iterations: u64) -> String {
    let started = Instant::now();
    begin_row();
    let done = row(iterations);
    end_row();
    let elapsed = started.elapsed();
    match done {
        Ok(Done { answer, time }) => {
            format!("{} {answer}", time.unwrap_or(elapsed).as_nanos())
        }
        Err(error) => format!("error {}", error.to_string().replace('\n', "; ")),
    }
}

/// How long a thread sleeps before a request of the rows after a pause.
pub const PAUSE: Duration = Duration::from_millis(2);

/// What a thread does before a request of `first-result`: something else, for as long
/// as it takes to make an instance ready.
pub fn work() {
    const WORK: Duration = Duration::from_micros(200);
    let started = Instant::now();
    while started.elapsed() < WORK {
        std::hint::spin_loop();
    }
}

/// Where `benchmarks/guards` begins to count instructions.
#[inline(never)]
fn begin_row() {
    black_box("begin");
}

/// Where `benchmarks/guards` ends.
#[inline(never)]
fn end_row() {
    black_box("end");
}

/// Resident memory of this process, in bytes.
///
/// # Errors
///
/// If the system does not tell.
pub fn resident_bytes() -> io::Result<u64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let kibibytes = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:")?.trim().strip_suffix(" kB"))
        .and_then(|number| number.trim().parse::<u64>().ok());
    Ok(kibibytes.unwrap_or(0) * 1024)
}
