//! The command that `just compose` runs.

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};

const USAGE: &str = "usage: monty-compositions DOCUMENT.wac COMPONENTS OUTPUT.wasm";

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [document, components, output] = arguments.as_slice() else {
        bail!("{USAGE}");
    };
    let component = monty_compositions::compose(Path::new(document), Path::new(components))?;
    std::fs::write(output, component).with_context(|| format!("cannot write {output}"))
}
