//! The command line.

use std::ffi::OsString;
use std::path::PathBuf;

use lexopt::prelude::*;
use monty_document::units::{parse_duration, parse_size};
use monty_runner::Limits;
use monty_value::Value;

pub const HELP: &str = "\
Runs Python that a model wrote, in a sandbox that reaches nothing but what the
runtime gives it: `wasmtime run --dir data::/data monty-cli.wasm -c CODE`

Usage: monty-cli [OPTIONS] FILE
       monty-cli [OPTIONS] -c CODE

Arguments:
  FILE                             The script, or `-` for standard input

Options:
  -c, --code CODE                  The script itself
      --input NAME=JSON            A global variable of the script, as JSON
      --working-directory PATH     The directory that its relative paths start from [default: /]
      --max-memory SIZE            Memory of its objects, such as 64MiB [default: 128MiB]
      --max-duration TIME          Time in Python, such as 500ms or 2s [default: 5s]
      --max-recursion-depth DEPTH  Depth of Python calls [default: 1000]
      --max-output SIZE            Text that it prints and its value [default: 10MiB]
      --json                       Print one JSON document at the end, instead of prints and the
                                   value
      --json-schema                Print the JSON Schema of that document, and run nothing
  -h, --help                       Print this
  -V, --version                    Print the version

Exit codes: 0 the script ended; 1 it did not, and standard error says why, or
the document. WASI 0.2 has no others.
";

/// The action.
pub enum Command {
    Run(Run),
    Schema,
    Help,
    Version,
}

/// A script and its options.
pub struct Run {
    pub source: Source,
    pub inputs: Vec<(String, Value)>,
    pub working_directory: Option<String>,
    pub limits: Limits,
    pub json: bool,
}

/// The source of the script.
pub enum Source {
    File(PathBuf),
    Stdin,
    Code(String),
}

/// Whether `--json` is among the arguments, even of a command line that cannot
/// be read.
pub fn ask_for_json() -> bool {
    std::env::args_os()
        .take_while(|argument| argument != "--")
        .any(|argument| argument == "--json")
}

/// Reads the command line of this process. The text of an error names the
/// problem.
pub fn parse() -> Result<Command, String> {
    let mut parser = lexopt::Parser::from_env();
    let mut source = None;
    let mut inputs = Vec::new();
    let mut working_directory = None;
    let mut limits = Limits::default();
    let mut json = false;
    while let Some(argument) = parser.next().map_err(|error| error.to_string())? {
        match argument {
            Short('h') | Long("help") => return Ok(Command::Help),
            Short('V') | Long("version") => return Ok(Command::Version),
            Short('c') | Long("code") => set_source(
                &mut source,
                Source::Code(text(value("--code", &mut parser)?)?),
            )?,
            Long("input") => inputs.push(input(&text(value("--input", &mut parser)?)?)?),
            Long("working-directory") => {
                let path = value("--working-directory", &mut parser)?;
                working_directory = Some(text(path)?);
            }
            Long("max-memory") => {
                limits.memory_bytes = checked("--max-memory", &mut parser, parse_size)?;
            }
            Long("max-duration") => {
                limits.duration = checked("--max-duration", &mut parser, parse_duration)?;
            }
            Long("max-recursion-depth") => {
                limits.recursion_depth = checked("--max-recursion-depth", &mut parser, |text| {
                    text.parse().map_err(|_| "write a whole number".to_owned())
                })?;
            }
            Long("max-output") => {
                limits.output_bytes = checked("--max-output", &mut parser, parse_size)?;
            }
            Long("json") => json = true,
            Long("json-schema") => return Ok(Command::Schema),
            Value(path) if path == "-" => set_source(&mut source, Source::Stdin)?,
            Value(path) => set_source(&mut source, Source::File(path.into()))?,
            other => return Err(other.unexpected().to_string()),
        }
    }
    Ok(Command::Run(Run {
        source: source.ok_or("name a script, `-` for standard input, or use -c CODE")?,
        inputs,
        working_directory,
        limits,
        json,
    }))
}

fn set_source(source: &mut Option<Source>, found: Source) -> Result<(), String> {
    match source.replace(found) {
        None => Ok(()),
        Some(_) => Err("name one script: a file, `-`, or -c CODE".to_owned()),
    }
}

fn value(option: &str, parser: &mut lexopt::Parser) -> Result<OsString, String> {
    parser
        .value()
        .map_err(|_| format!("{option} needs a value"))
}

fn text(value: OsString) -> Result<String, String> {
    value
        .into_string()
        .map_err(|value| format!("`{}` is not UTF-8", value.display()))
}

fn checked<T>(
    option: &str,
    parser: &mut lexopt::Parser,
    parse: impl Fn(&str) -> Result<T, String>,
) -> Result<T, String> {
    let text = text(value(option, parser)?)?;
    parse(&text).map_err(|error| format!("invalid value `{text}` for {option}: {error}"))
}

/// `NAME=JSON`.
fn input(text: &str) -> Result<(String, Value), String> {
    let (name, json) = text
        .split_once('=')
        .ok_or("write --input NAME=JSON, such as limit=10 or 'city=\"Paris\"'")?;
    let value = Value::from_json_str(json).map_err(|error| {
        format!(
            "`{json}` is not JSON ({error}); text needs quotes of its own, such as \
             '{name}=\"Paris\"'"
        )
    })?;
    Ok((name.to_owned(), value))
}
