//! The command that `just compose` runs.

use std::ffi::OsString;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, anyhow};

const HELP: &str = "\
Composes components as a WAC document describes: what `just compose` runs

Usage: monty-compositions DOCUMENT COMPONENTS OUTPUT

Arguments:
  DOCUMENT    The composition, such as compositions/monty-cli.wac
  COMPONENTS  The folder of the components: `monty:cli` in the document is
              COMPONENTS/monty/cli.wasm. adapters/build fills target/components
  OUTPUT      The component to write

Options:
  -h, --help  Print this

A result that leaves an import of `monty:` open is refused: no runtime has it.

Exit codes: 0 the component is written; 1 it could not be composed or written;
2 the command line is invalid.
";

/// The action that the command line requests.
enum Command {
    Help,
    Compose {
        document: PathBuf,
        components: PathBuf,
        output: PathBuf,
    },
}

fn main() -> ExitCode {
    let command = match parse(std::env::args_os().skip(1).collect()) {
        Ok(command) => command,
        Err(message) => {
            complain(&format!("error: {message}; --help shows the usage"));
            return ExitCode::from(2);
        }
    };
    match run(command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&format!("error: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

/// Writes a line to standard error. A failure is ignored: it cannot be reported
/// anywhere.
fn complain(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}

fn parse(arguments: Vec<OsString>) -> Result<Command, String> {
    if arguments
        .iter()
        .any(|text| text == "-h" || text == "--help")
    {
        return Ok(Command::Help);
    }
    if let Some(option) = arguments
        .iter()
        .find(|text| text.as_encoded_bytes().starts_with(b"-"))
    {
        return Err(format!("unknown option `{}`", option.display()));
    }
    match <[OsString; 3]>::try_from(arguments) {
        Ok([document, components, output]) => Ok(Command::Compose {
            document: document.into(),
            components: components.into(),
            output: output.into(),
        }),
        Err(arguments) => Err(format!(
            "expected three arguments, DOCUMENT, COMPONENTS and OUTPUT, and got {}",
            arguments.len()
        )),
    }
}

fn run(command: Command) -> Result<()> {
    match command {
        Command::Help => std::io::stdout()
            .write_all(HELP.as_bytes())
            .context("cannot write to standard output"),
        Command::Compose {
            document,
            components,
            output,
        } => compose(&document, &components, &output),
    }
}

fn compose(document: &Path, components: &Path, output: &Path) -> Result<()> {
    let component = monty_compositions::compose(document, components)?;
    std::fs::write(output, component).map_err(|error| {
        anyhow!(
            "cannot write {}: {error}\nhelp: name a file in a folder that exists",
            output.display()
        )
    })
}
