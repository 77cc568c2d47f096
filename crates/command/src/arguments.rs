//! The command line.

use std::path::PathBuf;
use std::str::FromStr;
use std::time::{Duration, SystemTime};

use clap::{Args, Parser, Subcommand};
use monty_document::units::{parse_duration, parse_size};
use monty_host::check::DiagnosticFormat;
use monty_host::os::MountMode;
use monty_host::{LocalTimezone, Value};

use crate::clock::{parse_instant, parse_timezone};
use crate::tool::{SuspendSpec, ToolSpec};

/// Runs Python that a model wrote, in a sandbox that reaches nothing but what
/// the options give it.
///
/// `monty-host FILE` and `monty-host -c CODE` are short for `monty-host run`.
#[derive(Parser, Debug)]
#[command(name = "monty-host", version, max_term_width = 100)]
pub struct Arguments {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Subcommand, Debug)]
pub enum Command {
    /// Runs a script and prints the value of its last line
    Run(Box<RunArguments>),
    /// Checks the types of a script, without running it
    Check(Box<CheckArguments>),
    /// Goes on with a script that `run --suspend-dir` suspended
    Resume(Box<ResumeArguments>),
    /// Reads Python from the terminal and runs it piece by piece
    Repl(Box<ReplArguments>),
    /// Serves the Model Context Protocol: an agent's model runs scripts that call your tools
    Mcp(Box<McpArguments>),
    /// Checks a configuration, or prints its JSON Schema
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Prints what of Python there is, for a model's prompt
    Capabilities,
    /// Prints the WIT package that the component and its host speak
    Wit(WitArguments),
    /// Compiles the interpreter for this machine, ahead of time
    Compile(CompileArguments),
    /// Prints a script that completes this command in a shell
    Completions(CompletionsArguments),
    /// Writes the man pages to a directory
    Man(ManArguments),
}

#[derive(Args, Debug)]
pub struct CompletionsArguments {
    /// The shell
    pub shell: clap_complete::Shell,
}

#[derive(Args, Debug)]
pub struct ManArguments {
    /// The directory, such as ~/.local/share/man/man1
    pub directory: PathBuf,
}

#[derive(Args, Debug)]
#[command(
    allow_negative_numbers = true,
    after_long_help = "\
Exit codes:
  0  the script ended
  1  the script raised an exception, or is not Python
  2  the command line asks for something that cannot be
  3  a limit stopped the script
  4  the sandbox failed
  5  the script is suspended
  6  the output could not be written
  130  Ctrl-C ended the command, and its tools with it
  141  the reader of the output left, which also ends the script
  128 + N  signal N ended the command, and its tools with it"
)]
pub struct RunArguments {
    /// The script, or `-` for standard input
    #[arg(required_unless_present_any = ["code", "json_schema"], conflicts_with = "code")]
    pub file: Option<PathBuf>,

    /// The script itself
    #[arg(short, long, allow_hyphen_values = true)]
    pub code: Option<String>,

    #[command(flatten)]
    pub start: StartArguments,

    #[command(flatten)]
    pub reach: ReachArguments,

    #[command(flatten)]
    pub suspend: SuspendArguments,

    /// Check the types of the script first, and do not run one that has errors
    #[arg(long)]
    pub check: bool,

    /// Python stubs of what the script can use, for --check: they tell the types of
    /// tools and inputs
    #[arg(long, value_name = "FILE", requires = "check")]
    pub stubs: Option<PathBuf>,

    /// Where to write the state of a script that a tool suspends
    ///
    /// Without it, no tool can suspend the script. The state is written to a
    /// new file, signed with the key; `monty-host resume` goes on from it as
    /// often as one likes. It is not encrypted.
    #[arg(long, value_name = "DIR")]
    pub suspend_dir: Option<PathBuf>,

    /// Print one JSON document at the end, instead of prints and the value
    #[arg(long)]
    pub json: bool,

    /// Print the JSON Schema of that document, and run nothing
    #[arg(long)]
    pub json_schema: bool,
}

#[derive(Args, Debug)]
#[command(after_long_help = "\
Errors are what fails whatever the values are, if it concerns a tool or is not in
Monty. Warnings are advice.

Exit codes:
  0  there are no errors
  1  there are errors
  2  the command line asks for something that cannot be
  3  a limit stopped the checker: the script is not checked
  4  the sandbox failed
  6  the output could not be written
  141  the reader of the output left")]
pub struct CheckArguments {
    /// The script, or `-` for standard input
    #[arg(required_unless_present = "code", conflicts_with = "code")]
    pub file: Option<PathBuf>,

    /// The script itself
    #[arg(short, long, allow_hyphen_values = true)]
    pub code: Option<String>,

    /// How to write what is found: full, concise, json, github or gitlab
    #[arg(long, value_name = "FORMAT", default_value = "full")]
    pub format: DiagnosticFormat,

    /// Python stubs of what the script can use: tools, inputs and types
    #[arg(long, value_name = "FILE")]
    pub stubs: Option<PathBuf>,

    /// A global variable of the script, as JSON
    #[arg(long = "input", value_name = "NAME=JSON")]
    pub inputs: Vec<Input>,

    /// A function of the script, as `run` takes it: what is called is not run
    #[arg(long = "tool", value_name = "NAME(PARAM, PARAM=DEFAULT)=COMMAND")]
    pub tools: Vec<ToolSpec>,

    /// The same for an `async def`
    #[arg(long = "async-tool", value_name = "NAME(PARAM, PARAM=DEFAULT)=COMMAND")]
    pub async_tools: Vec<ToolSpec>,

    /// The time that the check may take, such as 500ms [default: 2s]
    #[arg(long, value_name = "TIME", value_parser = parse_duration)]
    pub max_duration: Option<Duration>,
}

#[derive(Args, Debug)]
#[command(
    allow_negative_numbers = true,
    after_long_help = "\
The script keeps its variables, its limits and its directory. What it reaches is
what is given here; changes to an overlay are gone.

Exit codes: as those of `run`."
)]
pub struct ResumeArguments {
    /// What `run --suspend-dir` or `resume` wrote
    pub snapshot: PathBuf,

    /// The answer to a call; its number may be left out if there is just one
    ///
    /// Calls that are left out go on waiting, unless the script waits for just
    /// that one.
    #[arg(long = "answer", value_name = "[ID=]JSON", allow_hyphen_values = true)]
    pub answers: Vec<ToCall<Value>>,

    /// An exception as the answer to a call, such as 'ValueError:not this one'
    #[arg(long = "raise", value_name = "[ID=]TYPE:MESSAGE")]
    pub exceptions: Vec<ToCall<Raise>>,

    #[command(flatten)]
    pub reach: ReachArguments,

    #[command(flatten)]
    pub suspend: SuspendArguments,

    /// Where to write the state if the script is suspended again [default:
    /// beside the snapshot]
    #[arg(long, value_name = "DIR")]
    pub suspend_dir: Option<PathBuf>,

    /// Print one JSON document at the end, instead of prints and the value
    #[arg(long)]
    pub json: bool,
}

#[derive(Args, Debug)]
#[command(
    allow_negative_numbers = true,
    after_long_help = "\
Ctrl-C stops the code that runs, or clears the line. Ctrl-D, exit() and quit()
leave. A limit holds for each piece of code.

Input that is no terminal is read in the same way, without prompts. Errors do
not end it, and the exit code is 0, as that of `python3 -i`; `run` is for
scripts.

Exit codes:
  0  the session was left
  2  the command line asks for something that cannot be
  4  the sandbox failed
  6  the output could not be written
  141  the reader of the output left"
)]
pub struct ReplArguments {
    #[command(flatten)]
    pub start: StartArguments,

    #[command(flatten)]
    pub reach: ReachArguments,

    /// Neither read nor write the file with the lines of former sessions
    ///
    /// It is `monty-host/history` in the user's directory for state.
    #[arg(long)]
    pub no_history: bool,
}

#[derive(Args, Debug)]
#[command(
    allow_negative_numbers = true,
    after_long_help = "\
Standard output belongs to the protocol; what goes wrong is told on standard error.
Ctrl-C and SIGTERM end the server, its commands and its MCP servers.

Exit codes:
  0  the client left, or a signal ended the server
  2  the command line or the configuration asks for something that cannot be
  4  the sandbox failed"
)]
pub struct McpArguments {
    /// Serve many clients over HTTP at this address, such as 127.0.0.1:8080, instead of
    /// one on standard input and output
    ///
    /// An address that other machines reach needs `server.clients` and
    /// `server.allowedHosts` in the configuration.
    #[arg(long, value_name = "ADDRESS")]
    pub http: Option<String>,

    /// Print what a model will see, with its count of tokens, and end
    #[arg(long, conflicts_with = "http")]
    pub print_tools: bool,

    #[command(flatten)]
    pub start: StartArguments,

    #[command(flatten)]
    pub reach: ReachArguments,
}

#[derive(Subcommand, Debug)]
pub enum ConfigCommand {
    /// Says what a configuration means, and what is wrong with it
    ///
    /// Its MCP servers are started for it.
    Check(ConfigCheckArguments),
    /// Prints the JSON Schema of configurations, for editors
    Schema,
}

#[derive(Args, Debug)]
pub struct ConfigCheckArguments {
    /// The configuration
    pub file: PathBuf,
}

/// What a script or a session starts with.
#[derive(Args, Debug, Default)]
pub struct StartArguments {
    /// A global variable of the script, as JSON
    #[arg(long = "input", value_name = "NAME=JSON")]
    pub inputs: Vec<Input>,

    /// The directory that the script's relative paths start from [default: /]
    #[arg(long, value_name = "PATH")]
    pub working_directory: Option<String>,

    /// The script's local time zone: a name of the IANA database, such as Europe/London,
    /// or an offset, such as +02:00 [default: UTC]
    #[arg(long, value_name = "ZONE", allow_hyphen_values = true, value_parser = parse_timezone)]
    pub timezone: Option<LocalTimezone>,

    /// Memory of the script's objects, such as 64MiB [default: 128MiB]
    #[arg(long, value_name = "SIZE", value_parser = parse_size)]
    pub max_memory: Option<u64>,

    /// Time in Python, such as 500ms or 2s [default: 5s]
    #[arg(long, value_name = "TIME", value_parser = parse_duration)]
    pub max_duration: Option<Duration>,

    /// Time beyond --max-duration after which the script is stopped from outside
    /// [default: 1s]
    #[arg(long, value_name = "TIME", value_parser = parse_duration)]
    pub grace: Option<Duration>,

    /// Time that the host works for the script: messages, files, prints [default: 5s]
    #[arg(long, value_name = "TIME", value_parser = parse_duration)]
    pub max_host_duration: Option<Duration>,

    /// Time that the script waits for tools, or sleeps [default: 10min]
    #[arg(long, value_name = "TIME", value_parser = parse_duration)]
    pub max_wait_duration: Option<Duration>,

    /// Memory of the host for messages, calls and answers [default: 256MiB]
    #[arg(long, value_name = "SIZE", value_parser = parse_size)]
    pub max_host_memory: Option<u64>,

    /// One message from the script to the host: the arguments of a call, or the value of
    /// the last line [default: 64MiB]
    #[arg(long, value_name = "SIZE", value_parser = parse_size)]
    pub max_message: Option<u64>,

    /// Depth of Python calls [default: 1000]
    #[arg(long, value_name = "DEPTH")]
    pub max_recursion_depth: Option<u32>,

    /// Calls of tools and of the operating system [default: 10000]
    #[arg(long, value_name = "COUNT")]
    pub max_calls: Option<u64>,

    /// Text that is printed, and the value of the last line or the exception, such as 1MiB
    /// [default: 10MiB]
    #[arg(long, value_name = "SIZE", value_parser = parse_size)]
    pub max_output: Option<u64>,

    /// Calls of async tools under way at a time [default: 100]
    #[arg(long, value_name = "COUNT")]
    pub max_concurrent_calls: Option<usize>,

    /// Time for one call of a tool, which then raises TimeoutError [default: none]
    ///
    /// The command is killed, and all that it started.
    #[arg(long, value_name = "TIME", value_parser = parse_duration)]
    pub max_call_duration: Option<Duration>,
}

/// What a script or a session reaches.
#[derive(Args, Debug, Default)]
pub struct ReachArguments {
    /// A function of the script that a command answers
    ///
    /// The command runs in the shell. It gets the arguments as a JSON object on
    /// standard input and answers with JSON on standard output, of up to 16 MiB.
    /// If it fails, the script sees a RuntimeError with what it wrote to standard
    /// error; else `run`, `resume` and `repl` pass that on. When it ends, so does all that it left in the background. It cannot
    /// ask on the terminal, and MONTY_SNAPSHOT_KEY is not in its environment.
    /// Parameters without a default are required; defaults are JSON; `*`, `*PARAM`
    /// and `**PARAM` are as in a `def`.
    #[arg(long = "tool", value_name = "NAME(PARAM, PARAM=DEFAULT)=COMMAND")]
    pub tools: Vec<ToolSpec>,

    /// The same for an `async def`: the script awaits it, and `asyncio.gather`
    /// runs several at once
    #[arg(long = "async-tool", value_name = "NAME(PARAM, PARAM=DEFAULT)=COMMAND")]
    pub async_tools: Vec<ToolSpec>,

    /// A directory of this machine that the script finds at a path: read-only,
    /// writable, or with changes kept in memory
    #[arg(short, long = "mount", value_name = "HOST::VIRTUAL[::ro|rw|overlay]")]
    pub mounts: Vec<Mount>,

    /// An environment variable of the script
    #[arg(long = "env", value_name = "NAME=VALUE")]
    pub variables: Vec<Variable>,

    /// The time of day, which then stands still, such as 2026-01-31T12:00:00Z [default:
    /// this machine's]
    #[arg(long, value_name = "TIME", value_parser = parse_instant)]
    pub clock: Option<SystemTime>,

    /// A number that all randomness follows from, so that a run can be repeated [default:
    /// this machine's randomness]
    #[arg(long, value_name = "NUMBER", value_parser = parse_seed)]
    pub seed: Option<u64>,

    /// Sleep in all; what would exceed it raises TimeoutError [default: 10s]
    #[arg(long, value_name = "TIME", value_parser = parse_duration)]
    pub max_sleep: Option<Duration>,

    /// A configuration: MCP servers, tools, directories, limits, policy and secrets
    ///
    /// What is given by options beside it comes on top. `monty-host config check`
    /// explains a configuration.
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,

    /// Code that `monty-host compile` wrote, instead of the embedded component
    ///
    /// It runs outside the sandbox: name only a file that nobody else can write.
    #[arg(long, value_name = "FILE")]
    pub precompiled: Option<PathBuf>,
}

/// What suspends a script, and how its state is signed.
#[derive(Args, Debug)]
pub struct SuspendArguments {
    /// A function of the script whose every call suspends it
    ///
    /// The answer comes with `monty-host resume`. A command of --tool that ends
    /// with the exit code 75 (EX_TEMPFAIL) suspends the script too.
    #[arg(long = "suspend", value_name = "NAME(PARAM, PARAM=DEFAULT)")]
    pub functions: Vec<SuspendSpec>,

    /// The same for an `async def`: calls that are gathered wait together
    #[arg(long = "async-suspend", value_name = "NAME(PARAM, PARAM=DEFAULT)")]
    pub async_functions: Vec<SuspendSpec>,

    /// The key that snapshots are signed with: at least 16 random bytes
    ///
    /// The bytes of the environment variable MONTY_SNAPSHOT_KEY are taken
    /// instead if there is one and no file is named.
    #[arg(long = "snapshot-key-file", value_name = "FILE")]
    pub key_file: Option<PathBuf>,
}

#[derive(Args, Debug)]
pub struct WitArguments {
    /// Print what the embedded component imports and exports instead: all that
    /// it can reach
    #[arg(long)]
    pub component: bool,
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
    pub value: Value,
}

impl FromStr for Input {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, json) = text
            .split_once('=')
            .ok_or("write NAME=JSON, such as limit=10 or 'city=\"Paris\"'")?;
        let value = Value::from_json_str(json).map_err(|error| {
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

/// `[ID=]ANSWER`.
#[derive(Clone, Debug)]
pub struct ToCall<T> {
    /// The call, if it is not the only one.
    pub id: Option<u32>,
    pub answer: T,
}

impl<T> ToCall<T> {
    fn parse(text: &str, parse: impl FnOnce(&str) -> Result<T, String>) -> Result<Self, String> {
        // Neither JSON nor the name of an exception starts with digits and `=`.
        let numbered = text
            .split_once('=')
            .and_then(|(id, answer)| Some((id.parse().ok()?, answer)));
        let (id, answer) = match numbered {
            Some((id, answer)) => (Some(id), answer),
            None => (None, text),
        };
        let answer = parse(answer)?;
        Ok(Self { id, answer })
    }
}

impl FromStr for ToCall<Value> {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::parse(text, |json| {
            Value::from_json_str(json).map_err(|error| {
                format!("`{json}` is not JSON ({error}); text needs quotes of its own, such as '\"yes\"'")
            })
        })
    }
}

/// `TYPE:MESSAGE`.
#[derive(Clone, Debug)]
pub struct Raise {
    pub type_name: String,
    pub message: String,
}

impl FromStr for ToCall<Raise> {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::parse(text, |text| match text.split_once(':') {
            Some((name, message)) if is_dotted_name(name) => Ok(Raise {
                type_name: name.to_owned(),
                message: message.trim_start().to_owned(),
            }),
            _ => Err("write TYPE:MESSAGE, such as 'ValueError:not this one'".to_owned()),
        })
    }
}

fn is_dotted_name(name: &str) -> bool {
    let is_part = |character: char| character.is_alphanumeric() || character == '_';
    let parts = name.split('.');
    parts.into_iter().all(|part| {
        !part.is_empty() && !part.starts_with(char::is_numeric) && part.chars().all(is_part)
    })
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

fn parse_seed(text: &str) -> Result<u64, String> {
    let advice = "write a whole number from 0 to 2^64 - 1, such as 7";
    text.parse().map_err(|_| advice.to_owned())
}
