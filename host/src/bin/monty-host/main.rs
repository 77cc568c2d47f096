//! The `monty-host` command: runs a script in the sandbox.

mod arguments;
mod output;
mod run;
mod tool;

use std::process::ExitCode;

use clap::Parser;

use arguments::{Arguments, Command, CompileArguments};

/// A run that ended well.
const SUCCESS: u8 = 0;
/// The script raised an exception, or is not Python.
const SCRIPT: u8 = 1;
/// The command line asks for something that cannot be. The code that clap uses.
const USAGE: u8 = 2;
/// A limit stopped the script.
const LIMIT: u8 = 3;
/// The sandbox failed.
const SANDBOX: u8 = 4;

fn main() -> ExitCode {
    let code = match Arguments::parse().command {
        Command::Run(arguments) => run::run(*arguments),
        Command::Capabilities => capabilities(),
        Command::Wit => output::write_out(monty_host::WIT),
        Command::Compile(arguments) => compile(&arguments),
    };
    ExitCode::from(code)
}

fn capabilities() -> u8 {
    let monty = monty_host::Monty::new();
    match monty.and_then(|monty| monty.capabilities_blocking()) {
        Ok(capabilities) => output::write_out(&capabilities.to_string()),
        Err(error) => output::failed(SANDBOX, &error),
    }
}

fn compile(arguments: &CompileArguments) -> u8 {
    let compiled = match monty_host::Monty::builder().cache(false).compile() {
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
