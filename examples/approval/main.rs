//! A call that waits for a person: the script is written to disk, signed, and
//! resumed in another process with the answer.
//!
//! ```text
//! approval request FILE
//! approval approve FILE yes
//! ```

use std::error::Error;
use std::path::Path;

use monty_host::{Answers, Monty, Progress, Snapshot, SnapshotKey, ToolError, Tools};

fn tools() -> Tools {
    Tools::new()
        .function("invoices", (), || {
            [("Ada", 120), ("Bob", 4800), ("Eve", 15)]
        })
        // Nobody can answer this one now.
        .function("approve", ["payee", "amount"], |_: String, _: u64| {
            Err::<bool, _>(ToolError::suspend())
        })
        .function("pay", ["payee", "amount"], |payee: String, amount: u64| {
            println!("paid {amount} to {payee}");
        })
}

/// The key that signs snapshots. A real program takes it from its secret store.
fn key() -> Result<SnapshotKey, Box<dyn Error>> {
    let secret = std::env::var("APPROVAL_KEY").map_err(|_| "set APPROVAL_KEY to a secret")?;
    Ok(SnapshotKey::new(secret)?)
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["request", file] => request(Path::new(file)),
        ["approve", file, answer] => approve(Path::new(file), answer == "yes"),
        _ => Err("usage: approval request FILE | approval approve FILE yes|no".into()),
    }
}

fn request(file: &Path) -> Result<(), Box<dyn Error>> {
    let script = Monty::new()?.script(include_str!("script.py"));
    let progress = script.host(tools()).start_blocking()?;
    report(progress, file)
}

fn approve(file: &Path, approved: bool) -> Result<(), Box<dyn Error>> {
    let monty = Monty::new()?;
    let snapshot = Snapshot::from_bytes(&std::fs::read(file)?, &key()?)?;
    let calls = tokio::runtime::Builder::new_current_thread()
        .build()?
        .block_on(monty.suspended_calls(&snapshot))?;
    let answers = calls.iter().try_fold(Answers::new(), |answers, call| {
        answers.value(call.id, approved)
    })?;
    let progress = monty
        .resume(&snapshot, answers)
        .host(tools())
        .start_blocking()?;
    report(progress, file)
}

/// Reports how far the script has come, and stores it if it is suspended.
fn report(progress: Progress, file: &Path) -> Result<(), Box<dyn Error>> {
    match progress {
        Progress::Suspended(suspension) => {
            print!("{}", suspension.printed);
            for call in &suspension.calls {
                let arguments: Vec<String> =
                    call.positional.iter().map(ToString::to_string).collect();
                println!("waits for {}({})", call.name, arguments.join(", "));
            }
            std::fs::write(file, suspension.snapshot.to_bytes(&key()?)?)?;
        }
        Progress::Finished(report) => {
            print!("{}", report.printed);
            println!("{}", report.value);
            std::fs::remove_file(file)?;
        }
    }
    Ok(())
}
