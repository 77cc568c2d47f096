//! A script, from the command line: `wasi:cli/run` over the interpreter.
//!
//! The flags are those of `monty-host run`. Directories (`--dir`), environment
//! (`--env`) and limits from outside (`wasmtime run -W timeout=…`) are flags of
//! the runtime.

mod arguments;

use std::io::{ErrorKind, Read, Write};
use std::process::ExitCode;

use arguments::{Command, Run, Source};
use monty_document::exit::{self, READER_LEFT, SUCCESS, UNWRITTEN, USAGE};
use monty_document::{Document, Layout, SCHEMA, Written};
use monty_runner::{Error, Report, Request, Script};

/// The codes are those of `monty-host`. WASI 0.2 has only success and failure:
/// a runtime turns every code but 0 into 1.
fn main() -> ExitCode {
    let code = match arguments::parse() {
        Ok(Command::Help) => write_out(arguments::HELP.as_bytes()),
        Ok(Command::Version) => {
            write_out(concat!("monty-cli ", env!("CARGO_PKG_VERSION"), "\n").as_bytes())
        }
        Ok(Command::Schema) => write_out(SCHEMA.as_bytes()),
        Ok(Command::Run(run)) => execute(run),
        Err(message) => usage(
            &format!("{message}; --help lists the options"),
            arguments::ask_for_json(),
        ),
    };
    ExitCode::from(code)
}

fn execute(run: Run) -> u8 {
    let script = match script(run.source) {
        Ok(script) => script,
        Err(message) => return usage(&message, run.json),
    };
    let report = monty_runner::run(Request {
        script,
        inputs: run.inputs,
        working_directory: run.working_directory,
        limits: run.limits,
        keep_prints: run.json,
    });
    if run.json {
        write_document(&report.to_json(Layout::Pretty))
    } else {
        show(&report)
    }
}

/// Writes a document, and returns the exit code.
fn write_document(document: &Written) -> u8 {
    match write_out(document.text.as_bytes()) {
        SUCCESS => document.exit_code,
        unwritten => unwritten,
    }
}

fn code(error: &Error) -> u8 {
    match error {
        Error::Unwritten(_) => UNWRITTEN,
        Error::ReaderLeft => READER_LEFT,
        error => exit::of_kind(error.kind()),
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

/// Shows the value of the last line, or the error.
fn show(report: &Report) -> u8 {
    match &report.result {
        Ok(value) => match report.value_line(value) {
            Ok(line) => {
                let line = monty_terminal::for_stream(&std::io::stdout(), &line);
                write_out(line.as_bytes())
            }
            Err(error) => show_error(report, &error),
        },
        Err(error) => show_error(report, error),
    }
}

/// Shows an error, unless its reader is gone, and returns its exit code.
fn show_error(report: &Report, error: &Error) -> u8 {
    let message = |error: &Error| format!("error: {}", error.message().unwrap_or_default());
    let Some(raised) = error.exception() else {
        if !matches!(error, Error::ReaderLeft) {
            complain(&message(error));
        }
        return code(error);
    };
    match report.traceback(raised) {
        Ok(traceback) => complain(&traceback),
        Err(too_large) => complain(&format!(
            "{}: …\n{}",
            raised.exception.type_name,
            message(&too_large)
        )),
    }
    if let Some(hint) = &raised.hint {
        complain(&format!("hint: {}", hint.advice));
    }
    if let Some(limit) = error.limit() {
        complain(&format!("error: stopped by the {limit} limit"));
    }
    code(error)
}

fn usage(message: &str, json: bool) -> u8 {
    if json {
        return write_document(&Document::refused("request", message).write(Layout::Pretty));
    }
    complain(&format!("error: {message}"));
    USAGE
}

/// Writes a line to standard error. A failure is ignored: it cannot be reported
/// anywhere.
fn complain(line: &str) {
    let mut stderr = std::io::stderr().lock();
    let line = monty_terminal::for_stream(&stderr, line);
    let _ = writeln!(stderr, "{line}");
}

/// Writes to standard output, and reports failure.
fn write_out(text: &[u8]) -> u8 {
    let mut stdout = std::io::stdout().lock();
    match stdout.write_all(text).and_then(|()| stdout.flush()) {
        Ok(()) => SUCCESS,
        Err(error) => match error.kind() {
            ErrorKind::BrokenPipe => READER_LEFT,
            kind => {
                complain(&format!("error: the output cannot be written: {kind}"));
                UNWRITTEN
            }
        },
    }
}
