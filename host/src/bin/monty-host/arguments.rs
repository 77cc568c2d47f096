//! The command line.

use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use clap::{Args, Parser, Subcommand};
use monty_host::os::MountMode;

use crate::tool::ToolSpec;

/// Runs Python that a model wrote, in a sandbox that reaches nothing but what
/// the options give it.
#[derive(Parser, Debug)]
#[command(version, max_term_width = 100)]
pub struct Arguments {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Subcommand, Debug)]
pub enum Command {
    /// Runs a script and prints the value of its last line
    Run(Box<RunArguments>),
    /// Prints what of Python there is, for a model's prompt
    Capabilities,
    /// Prints the WIT package that the component and its host speak
    Wit,
    /// Compiles the interpreter for this machine, ahead of time
    Compile(CompileArguments),
}

#[derive(Args, Debug)]
#[command(after_long_help = "\
Exit codes:
  0  the script ended
  1  the script raised an exception, or is not Python
  2  the command line asks for something that cannot be
  3  a limit stopped the script
  4  the sandbox failed")]
pub struct RunArguments {
    /// The script, or `-` for standard input
    #[arg(required_unless_present = "code", conflicts_with = "code")]
    pub file: Option<PathBuf>,

    /// The script itself
    #[arg(short, long)]
    pub code: Option<String>,

    /// A global variable of the script, as JSON
    #[arg(long = "input", value_name = "NAME=JSON")]
    pub inputs: Vec<Input>,

    /// A function of the script that a command answers
    ///
    /// The command runs in the shell. It gets the arguments as a JSON object on
    /// standard input and answers with JSON on standard output. If it fails, the
    /// script sees a RuntimeError with what it wrote to standard error.
    /// Parameters without a default are required; defaults are JSON.
    #[arg(long = "tool", value_name = "NAME(PARAM, PARAM=DEFAULT)=COMMAND")]
    pub tools: Vec<ToolSpec>,

    /// A directory of this machine that the script finds at a path: read-only,
    /// writable, or with changes kept in memory
    #[arg(short, long = "mount", value_name = "HOST::VIRTUAL[::ro|rw|overlay]")]
    pub mounts: Vec<Mount>,

    /// An environment variable of the script
    #[arg(long = "env", value_name = "NAME=VALUE")]
    pub variables: Vec<Variable>,

    /// The directory that the script's relative paths start from [default: /]
    #[arg(long, value_name = "PATH")]
    pub cwd: Option<String>,

    /// Memory of the script's objects, such as 64MiB [default: 128MiB]
    #[arg(long, value_name = "SIZE", value_parser = parse_size)]
    pub max_memory: Option<u64>,

    /// Time in Python, such as 500ms or 2s [default: 5s]
    #[arg(long, value_name = "TIME", value_parser = parse_duration)]
    pub max_duration: Option<Duration>,

    /// Depth of Python calls [default: 1000]
    #[arg(long, value_name = "DEPTH")]
    pub max_recursion_depth: Option<u32>,

    /// Calls of tools and of the operating system [default: 10000]
    #[arg(long, value_name = "COUNT")]
    pub max_calls: Option<u64>,

    /// Print one JSON document at the end, instead of prints and the value
    #[arg(long)]
    pub json: bool,

    /// Code that `monty-host compile` wrote, instead of the embedded component
    ///
    /// It runs outside the sandbox: name only a file that nobody else can write.
    #[arg(long, value_name = "FILE")]
    pub precompiled: Option<PathBuf>,
}

#[derive(Args, Debug)]
pub struct CompileArguments {
    /// Where to write the code
    #[arg(short, long, default_value = "monty.cwasm", value_name = "FILE")]
    pub output: PathBuf,
}

/// `NAME=JSON`.
#[derive(Clone, Debug)]
pub struct Input {
    pub name: String,
    pub value: serde_json::Value,
}

impl FromStr for Input {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, json) = text
            .split_once('=')
            .ok_or("write NAME=JSON, such as limit=10 or 'city=\"Paris\"'")?;
        let value = serde_json::from_str(json).map_err(|error| {
            format!(
                "`{json}` is not JSON ({error}); text needs quotes of its own, such as '{name}=\"Paris\"'"
            )
        })?;
        Ok(Self {
            name: name.to_owned(),
            value,
        })
    }
}

/// `NAME=VALUE`.
#[derive(Clone, Debug)]
pub struct Variable {
    pub name: String,
    pub value: String,
}

impl FromStr for Variable {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once('=') {
            Some((name, value)) if !name.is_empty() => Ok(Self {
                name: name.to_owned(),
                value: value.to_owned(),
            }),
            _ => Err("write NAME=VALUE, such as LANG=C".to_owned()),
        }
    }
}

/// `HOST::VIRTUAL[::ro|rw|overlay]`.
#[derive(Clone, Debug)]
pub struct Mount {
    pub host: PathBuf,
    pub virtual_path: String,
    pub mode: MountMode,
}

impl FromStr for Mount {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let usage = "write HOST::VIRTUAL or HOST::VIRTUAL::MODE, such as ./data::/data::ro";
        let mut parts = text.split("::");
        let (Some(host), Some(virtual_path)) = (parts.next(), parts.next()) else {
            return Err(usage.to_owned());
        };
        let mode = match parts.next() {
            None | Some("ro") => MountMode::ReadOnly,
            Some("rw") => MountMode::ReadWrite,
            Some("overlay") => MountMode::Overlay,
            Some(mode) => {
                return Err(format!("`{mode}` is not a mode: write ro, rw or overlay"));
            }
        };
        if host.is_empty() || parts.next().is_some() {
            return Err(usage.to_owned());
        }
        Ok(Self {
            host: PathBuf::from(host),
            virtual_path: virtual_path.to_owned(),
            mode,
        })
    }
}

fn parse_size(text: &str) -> Result<u64, String> {
    let (number, unit) = split_unit(text);
    let factor: u64 = match unit {
        "" | "B" => 1,
        "K" | "KiB" => 1 << 10,
        "M" | "MiB" => 1 << 20,
        "G" | "GiB" => 1 << 30,
        "kB" | "KB" => 1_000,
        "MB" => 1_000_000,
        "GB" => 1_000_000_000,
        _ => return Err(format!("`{unit}` is not a unit: write KiB, MiB or GiB")),
    };
    number
        .parse::<u64>()
        .ok()
        .and_then(|number| number.checked_mul(factor))
        .ok_or_else(|| {
            "write a whole number of bytes, or one with a unit, such as 64MiB".to_owned()
        })
}

fn parse_duration(text: &str) -> Result<Duration, String> {
    let (number, unit) = split_unit(text);
    let factor = match unit {
        "us" => 1e-6,
        "ms" => 1e-3,
        "s" | "" => 1.0,
        "m" | "min" => 60.0,
        _ => return Err(format!("`{unit}` is not a unit: write us, ms, s or min")),
    };
    number
        .parse::<f64>()
        .ok()
        .and_then(|number| Duration::try_from_secs_f64(number * factor).ok())
        .ok_or_else(|| "write a number with a unit, such as 500ms or 2s".to_owned())
}

fn split_unit(text: &str) -> (&str, &str) {
    let end = text
        .find(|character: char| !character.is_ascii_digit() && character != '.')
        .unwrap_or(text.len());
    let (number, unit) = text.split_at_checked(end).unwrap_or((text, ""));
    (number, unit.trim())
}
