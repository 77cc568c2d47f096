//! The `monty-host` command: runs scripts and sessions in the sandbox.

mod arguments;
mod check;
mod console;
mod ctrl_c;
mod exit;
mod interpreter;
mod key;
mod output;
mod process;
mod reach;
mod repl;
mod resume;
mod run;
mod snapshots;
mod terminal;
mod tool;

use std::future::Future;
use std::path::Path;
use std::process::ExitCode;

use clap::Parser;
use clap::error::{ContextKind, ContextValue, ErrorKind};

use exit::{SANDBOX, SUCCESS, USAGE};

use arguments::{Arguments, Command, CompileArguments, WitArguments};

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return ExitCode::from(refused(&with_tip(error))),
    };
    let code = match arguments.command {
        Command::Run(arguments) => block_on(run::run(*arguments)),
        Command::Check(arguments) => block_on(check::check(*arguments)),
        Command::Resume(arguments) => block_on(resume::resume(*arguments)),
        Command::Repl(arguments) => block_on(repl::repl(*arguments)),
        Command::Capabilities => capabilities(),
        Command::Wit(WitArguments { component: false }) => output::write_out(monty_host::WIT),
        Command::Wit(WitArguments { component: true }) => {
            output::write_out(monty_host::COMPONENT_WIT)
        }
        Command::Compile(arguments) => compile(&arguments),
    };
    ExitCode::from(code)
}

/// Suggests the right command if a script was given instead of one.
fn with_tip(mut error: clap::Error) -> clap::Error {
    let script = match error.get(ContextKind::InvalidSubcommand) {
        Some(ContextValue::String(name)) if error.kind() == ErrorKind::InvalidSubcommand => name,
        _ => return error,
    };
    if Path::new(script).is_file() || script.ends_with(".py") {
        let script = console::quoted(Path::new(script));
        let tip = format!("to run a script: monty-host run {script}").into();
        error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![tip]));
    }
    error
}

/// Shows clap's message: an error, or the requested help.
fn refused(error: &clap::Error) -> u8 {
    match error.print() {
        _ if error.use_stderr() => USAGE,
        Ok(()) => SUCCESS,
        Err(error) => output::unwritten(&error),
    }
}

/// Runs a command on this thread.
fn block_on(command: impl Future<Output = u8>) -> u8 {
    match tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime.block_on(command),
        Err(error) => output::failed(SANDBOX, &error),
    }
}

fn capabilities() -> u8 {
    match interpreter::start(None).and_then(|monty| monty.capabilities_blocking()) {
        Ok(capabilities) => output::write_out(&capabilities.to_string()),
        Err(error) => output::failed(SANDBOX, &error),
    }
}

fn compile(arguments: &CompileArguments) -> u8 {
    let compiled = match monty_host::Monty::builder().compile() {
        Ok(compiled) => compiled,
        Err(error) => return output::failed(SANDBOX, &error),
    };
    let path = arguments.output.display();
    match std::fs::write(&arguments.output, compiled) {
        Ok(()) => SUCCESS,
        Err(error) => output::failed(
            USAGE,
            &format_args!("cannot write {path}: {error}; name another file with --output"),
        ),
    }
}
