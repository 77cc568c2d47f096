//! An agent of rig's that refunds late orders: with direct calls, with code
//! mode, and with a person who approves. Its model is scripted, so that it
//! runs without a network.
//!
//! ```console
//! $ cargo run -- compare
//! $ cargo run -- start DIRECTORY
//! $ cargo run -- resume DIRECTORY yes
//! ```

mod approval;
mod compare;
mod shop;

use std::path::Path;
use std::process::ExitCode;

/// What goes wrong in a small program.
type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

#[tokio::main]
async fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match run(&arguments).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: &[String]) -> Result<()> {
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        ["compare"] => compare::run().await,
        ["start", directory] => approval::start(Path::new(directory)).await,
        ["resume", directory, answer @ ("yes" | "no")] => {
            approval::resume(Path::new(directory), *answer == "yes").await
        }
        _ => Err("usage: compare | start DIRECTORY | resume DIRECTORY yes|no".into()),
    }
}
