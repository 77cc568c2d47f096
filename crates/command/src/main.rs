//! The `monty-host` command: runs scripts and sessions in the sandbox.

mod arguments;
mod assembly;
mod check;
mod clock;
mod config;
mod config_check;
mod console;
mod ctrl_c;
mod interpreter;
mod key;
mod mcp;
mod output;
mod process;
mod reach;
mod repl;
mod resume;
mod run;
mod snapshots;
mod styles;
mod suggestion;
mod systems;
mod tool;

use std::ffi::OsString;
use std::fs::File;
use std::future::Future;
use std::io::{self, Write as _};
use std::path::Path;
use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{CommandFactory as _, Parser};
use monty_document::exit;

use exit::{SANDBOX, SUCCESS, USAGE};

use arguments::{Arguments, Command, CompileArguments, ConfigCommand, WitArguments};

fn main() -> ExitCode {
    let command_line = command_line();
    let arguments = match Arguments::try_parse_from(&command_line) {
        Ok(arguments) => arguments,
        Err(error) => return ExitCode::from(refused(&error, &command_line)),
    };
    let code = match arguments.command {
        Command::Run(arguments) => block_on(run::run(*arguments)),
        Command::Check(arguments) => block_on(check::check(*arguments)),
        Command::Resume(arguments) => block_on(resume::resume(*arguments)),
        Command::Repl(arguments) => block_on(repl::repl(*arguments)),
        Command::Mcp(arguments) => block_on_threads(mcp::mcp(*arguments)),
        Command::Config(ConfigCommand::Check(arguments)) => {
            block_on(config_check::check(arguments))
        }
        Command::Config(ConfigCommand::Schema) => output::write_out(&config::schema()),
        Command::Capabilities => capabilities(),
        Command::Wit(WitArguments { component: false }) => output::write_out(monty_host::WIT),
        Command::Wit(WitArguments { component: true }) => {
            output::write_out(monty_host::COMPONENT_WIT)
        }
        Command::Compile(arguments) => compile(&arguments),
        Command::Completions(arguments) => completions(arguments.shell),
        Command::Man(arguments) => man(&arguments.directory),
    };
    ExitCode::from(code)
}

/// The command line, with `run` where it begins as one of `run` does.
fn command_line() -> Vec<OsString> {
    let mut arguments: Vec<OsString> = std::env::args_os().collect();
    let runs = arguments.get(1).is_some_and(|first| {
        let text = first.to_string_lossy();
        let is_option = text.starts_with('-');
        let is_own = matches!(text.as_ref(), "-h" | "--help" | "-V" | "--version");
        let is_script = || {
            let names_a_command = Arguments::command().find_subcommand(first).is_some();
            !names_a_command && (text.ends_with(".py") || Path::new(first).is_file())
        };
        (is_option && !is_own) || (!is_option && is_script())
    });
    if runs {
        arguments.insert(1, "run".into());
    }
    arguments
}

/// Shows clap's message: an error, or the requested help.
fn refused(error: &clap::Error, command_line: &[OsString]) -> u8 {
    let mut options = command_line.iter().take_while(|text| *text != "--");
    if error.use_stderr() && options.any(|text| text == "--json") {
        return output::write_refusal("request", usage_message(&error.to_string()));
    }
    let printed = error.print();
    if error.kind() == ErrorKind::InvalidSubcommand {
        console::err("A script is a file that exists, or `-c CODE`: `monty-host script.py`.\n");
    }
    match printed {
        _ if error.use_stderr() => USAGE,
        Ok(()) => SUCCESS,
        Err(error) => output::unwritten(&error),
    }
}

/// An error of clap without what is for a terminal.
fn usage_message(error: &str) -> String {
    let error = error.strip_prefix("error: ").unwrap_or(error);
    let end = error
        .find("\n\nFor more information")
        .unwrap_or(error.len());
    let (message, _) = error.split_at(end);
    message.trim_end().to_owned()
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

/// Runs a command on all cores.
fn block_on_threads(command: impl Future<Output = u8>) -> u8 {
    match tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => {
            let code = runtime.block_on(command);
            // A read of standard input cannot be given up.
            runtime.shutdown_background();
            code
        }
        Err(error) => output::failed(SANDBOX, &error),
    }
}

fn capabilities() -> u8 {
    match interpreter::start(None).and_then(|monty| monty.capabilities_blocking()) {
        Ok(capabilities) => output::write_out(&capabilities.to_string()),
        Err(error) => output::failed(SANDBOX, &error),
    }
}

fn completions(shell: clap_complete::Shell) -> u8 {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "monty-host", &mut script);
    output::write_out(&String::from_utf8_lossy(&script))
}

fn man(directory: &Path) -> u8 {
    let written = std::fs::create_dir_all(directory)
        .and_then(|()| clap_mangen::generate_to(Arguments::command(), directory));
    match written {
        Ok(()) => SUCCESS,
        Err(error) => output::failed(
            USAGE,
            &format_args!(
                "cannot write the man pages to {}: {error}; name another directory",
                directory.display()
            ),
        ),
    }
}

fn compile(arguments: &CompileArguments) -> u8 {
    let path = &arguments.output;
    let unwritable = |error: io::Error| {
        output::failed(
            USAGE,
            &format_args!(
                "cannot write {}: {error}; name another file with --output",
                path.display()
            ),
        )
    };
    // Before the seconds that it takes.
    let mut options = File::options();
    let opened = options.write(true).create(true).truncate(false).open(path);
    let mut file = match opened {
        Ok(file) => file,
        Err(error) => return unwritable(error),
    };
    let compiled = match monty_host::Monty::builder().compile() {
        Ok(compiled) => compiled,
        Err(error) => return output::failed(SANDBOX, &error),
    };
    let written = file.set_len(0).and_then(|()| file.write_all(&compiled));
    written.map_or_else(unwritable, |()| SUCCESS)
}
