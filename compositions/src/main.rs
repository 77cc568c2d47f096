//! The command that `just compose` and `just wit-package` run.

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};

const USAGE: &str = "\
usage: monty-compositions compose DOCUMENT.wac COMPONENTS OUTPUT.wasm
       monty-compositions wit-package FOLDER OUTPUT.wasm";

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
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let (component, output) = match arguments.as_slice() {
        ["compose", document, components, output] => (
            monty_compositions::compose(Path::new(document), Path::new(components))?,
            output,
        ),
        ["wit-package", folder, output] => {
            (monty_compositions::wit_package(Path::new(folder))?, output)
        }
        _ => bail!("{USAGE}"),
    };
    std::fs::write(output, component).with_context(|| format!("cannot write {output}"))
}
