//! A script, from the command line: `wasi:cli/run` over the interpreter.
//!
//! The flags are those of `monty-host run`. What WASI has flags of its own
//! for, the runtime gives: directories (`--dir`), environment (`--env`), and
//! limits from outside (`wasmtime run -W timeout=…`).

mod arguments;

use std::io::{Read, Write};
use std::process::ExitCode;

use arguments::{Command, Run, Source};
use monty_runner::{Error, Report, Request, Script};
use monty_value::Value;

/// The script ended.
const SUCCESS: u8 = 0;
/// The script raised an exception, or is not Python.
const SCRIPT: u8 = 1;
/// The command line asks for something that cannot be.
const USAGE: u8 = 2;
/// A limit stopped the script.
const LIMIT: u8 = 3;
/// The sandbox failed.
const SANDBOX: u8 = 4;

/// What `--json` keeps of what a script prints: the default of `monty-host`.
const KEPT_PRINT_BYTES: u64 = 10 << 20;

/// WASI 0.2 knows success and failure: a runtime turns every code but 0 into 1.
fn main() -> ExitCode {
    let code = match arguments::parse() {
        Ok(Command::Help) => write_out(arguments::HELP),
        Ok(Command::Version) => write_out(concat!("monty-cli ", env!("CARGO_PKG_VERSION"), "\n")),
        Ok(Command::Run(run)) => execute(run),
        Err(message) => usage(&format!("{message}; --help lists the options")),
    };
    ExitCode::from(code)
}

fn execute(run: Run) -> u8 {
    let script = match script(run.source) {
        Ok(script) => script,
        Err(message) => return usage(&message),
    };
    let report = monty_runner::run(Request {
        script,
        inputs: run.inputs,
        working_directory: run.working_directory,
        limits: run.limits,
        kept_print_bytes: run.json.then_some(KEPT_PRINT_BYTES),
    });
    let shown = if run.json {
        write_out(&format!("{:#}\n", monty_runner::document(&report)))
    } else {
        show(&report)
    };
    match &report.result {
        Ok(_) => shown,
        Err(error) => code(error),
    }
}

fn code(error: &Error) -> u8 {
    match error {
        Error::Script(_) | Error::Source(_) => SCRIPT,
        Error::Request(_) => USAGE,
        Error::Limit(..) => LIMIT,
        Error::Sandbox(_) => SANDBOX,
    }
}

fn script(source: Source) -> Result<Script, String> {
    match source {
        Source::Code(source) => Ok(Script {
            name: "<string>".to_owned(),
            source,
        }),
        Source::Stdin => {
            let mut source = String::new();
            match std::io::stdin().read_to_string(&mut source) {
                Ok(_) => Ok(Script {
                    name: "<stdin>".to_owned(),
                    source,
                }),
                Err(error) => Err(format!(
                    "cannot read the script from standard input: {error}"
                )),
            }
        }
        Source::File(path) => {
            let shown = path.display().to_string();
            match std::fs::read_to_string(&path) {
                Ok(source) => Ok(Script {
                    name: shown,
                    source,
                }),
                Err(error) => Err(format!(
                    "cannot read the script {shown}: {error}; give the runtime its directory, \
                     such as `--dir .`, or use `-` for standard input or -c CODE"
                )),
            }
        }
    }
}

fn show(report: &Report) -> u8 {
    match &report.result {
        Ok(Value::None) => SUCCESS,
        Ok(value) => write_out(&format!("{value}\n")),
        Err(error) => {
            show_error(error);
            SUCCESS
        }
    }
}

fn show_error(error: &Error) {
    match error {
        Error::Script(exception) | Error::Source(exception) => {
            eprintln!("{exception}");
            if let Some(hint) = &exception.hint {
                eprintln!("hint: {}", hint.advice);
            }
        }
        Error::Limit(limit, exception) => {
            eprintln!("{exception}\nerror: stopped by the {limit} limit");
        }
        Error::Request(message) | Error::Sandbox(message) => eprintln!("error: {message}"),
    }
}

fn usage(message: &str) -> u8 {
    eprintln!("error: {message}");
    USAGE
}

/// Writes text to standard output, and says if that failed.
fn write_out(text: &str) -> u8 {
    let mut stdout = std::io::stdout().lock();
    match stdout
        .write_all(text.as_bytes())
        .and_then(|()| stdout.flush())
    {
        Ok(()) => SUCCESS,
        Err(_) => SANDBOX,
    }
}
