//! Tools that are commands, and functions that suspend the script.

use std::fmt::Display;
use std::str::FromStr;
use std::sync::Arc;

use monty_code_mode::without_secrets;
use monty_host::account::{self, Memory};
use monty_host::value::graph::{CHILD_BYTES, OBJECT_BYTES};
use monty_host::{BoundArguments, Error, Parameter, Signature, Tool, ToolError, Tools, Value};

use crate::console;
use crate::process::{self, Failed, Finished, MAX_ANSWER_BYTES};

/// The exit code of a command that suspends the script: `EX_TEMPFAIL` of
/// `sysexits.h`.
const SUSPENDS: i32 = 75;

/// The longest argument, as JSON.
const MAX_ARGUMENT_BYTES: usize = 64 << 20;

/// How much of an answer that is not JSON an error shows.
const SHOWN_CHARACTERS: usize = 60;

/// `NAME(PARAM, PARAM=DEFAULT)`.
#[derive(Clone, Debug)]
pub struct SuspendSpec(Signature);

/// `NAME(PARAM, PARAM=DEFAULT)=COMMAND`.
#[derive(Clone, Debug)]
pub struct ToolSpec {
    signature: Signature,
    command: String,
}

impl FromStr for ToolSpec {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let usage = "write NAME(PARAM, PARAM=DEFAULT)=COMMAND, such as 'add(a, b=1)=./add.sh'";
        let (signature, rest) = signature(text, usage)?;
        let command = rest.trim_start().strip_prefix('=').ok_or(usage)?;
        if command.trim().is_empty() {
            return Err(usage.to_owned());
        }
        Ok(Self {
            signature,
            command: command.to_owned(),
        })
    }
}

impl ToolSpec {
    /// A command for a signature: `NAME(PARAM, PARAM=DEFAULT)`.
    pub fn new(text: &str, command: &str) -> Result<Self, String> {
        let usage = "write NAME(PARAM, PARAM=DEFAULT), such as 'add(a, b=1)'";
        match signature(text, usage)? {
            (_, rest) if !rest.trim().is_empty() => Err(usage.to_owned()),
            _ if command.trim().is_empty() => Err("its command is empty".to_owned()),
            (signature, _) => Ok(Self {
                signature,
                command: command.to_owned(),
            }),
        }
    }

    /// The tool by itself.
    pub fn into_tool(self, is_async: bool, context: Context) -> Tool {
        let function = Function {
            signature: self.signature,
            command: Some(self.command.as_str().into()),
            is_async,
        };
        function.into_tool(context)
    }
}

impl FromStr for SuspendSpec {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let usage = "write NAME(PARAM, PARAM=DEFAULT), such as 'approve(amount, reason=\"\")'";
        match signature(text, usage)? {
            (signature, rest) if rest.trim().is_empty() => Ok(Self(signature)),
            _ => Err(usage.to_owned()),
        }
    }
}

/// The signature that a text starts with, and the rest of the text.
fn signature<'a>(text: &'a str, usage: &str) -> Result<(Signature, &'a str), String> {
    let (name, rest) = text.split_once('(').ok_or(usage)?;
    let (texts, rest) = split_parameters(rest).ok_or(usage)?;
    let mut parameters = Vec::new();
    let mut by_name = false;
    for (index, text) in texts.iter().enumerate() {
        if text.trim() == "*" {
            if by_name || index + 1 == texts.len() {
                return Err("a `*` stands once, before a parameter: leave it out".to_owned());
            }
            by_name = true;
            continue;
        }
        let parameter = parameter(text)?;
        parameters.push(match by_name {
            true => parameter.keyword_only(),
            false => parameter,
        });
    }
    let signature = Signature::new(name.trim(), parameters);
    Ok((signature.map_err(|error| error.to_string())?, rest))
}

/// `PARAM`, `PARAM=DEFAULT`, `*PARAM` or `**PARAM`.
fn parameter(text: &str) -> Result<Parameter, String> {
    let Some((name, json)) = text.split_once('=') else {
        return Ok(Parameter::from(text.trim()));
    };
    let name = name.trim();
    let not_json = |error| format!("the default of `{name}` is not JSON: {error}");
    let default = Value::from_json_str(json.trim()).map_err(not_json)?;
    // The command gets it as JSON again.
    default.to_json().map_err(not_json)?;
    let parameter = Parameter::from(name).default(default);
    parameter.map_err(|error| error.to_string())
}

/// Splits `a, b=[1, ")"])=command` into its parameters and what follows.
///
/// Commas and parentheses inside a default belong to the default.
fn split_parameters(text: &str) -> Option<(Vec<&str>, &str)> {
    let mut parameters = Vec::new();
    let (mut depth, mut in_string, mut escaped, mut start) = (0_u32, false, false, 0);
    for (index, character) in text.char_indices() {
        match character {
            _ if escaped => escaped = false,
            '\\' if in_string => escaped = true,
            '"' => in_string = !in_string,
            _ if in_string => {}
            '[' | '{' | '(' => depth += 1,
            ']' | '}' => depth = depth.checked_sub(1)?,
            ')' if depth > 0 => depth -= 1,
            ',' if depth == 0 => {
                parameters.push(text.get(start..index)?);
                start = index + 1;
            }
            ')' => {
                let last = text.get(start..index)?;
                if !(last.trim().is_empty() && parameters.is_empty()) {
                    parameters.push(last);
                }
                return Some((parameters, text.get(index + 1..)?));
            }
            _ => {}
        }
    }
    None
}

/// The functions that the command line gives a script.
#[derive(Default)]
pub struct Functions {
    functions: Vec<Function>,
    context: Context,
}

/// What commands may do besides answering.
#[derive(Clone, Copy, Default)]
pub struct Context {
    /// Suspend the script by their exit code.
    may_suspend: bool,
    /// Write to standard error here.
    is_heard: bool,
}

struct Function {
    signature: Signature,
    /// The command that answers, or nothing if every call suspends.
    command: Option<Arc<str>>,
    is_async: bool,
}

impl Functions {
    /// No functions.
    pub fn new() -> Self {
        Self::default()
    }

    /// With functions that commands answer.
    pub fn tools(mut self, tools: &[ToolSpec], is_async: bool) -> Self {
        self.functions.extend(tools.iter().map(|tool| Function {
            signature: tool.signature.clone(),
            command: Some(tool.command.as_str().into()),
            is_async,
        }));
        self
    }

    /// With functions whose every call suspends.
    pub fn suspending(mut self, functions: &[SuspendSpec], is_async: bool) -> Self {
        self.functions
            .extend(functions.iter().map(|SuspendSpec(signature)| Function {
                signature: signature.clone(),
                command: None,
                is_async,
            }));
        self
    }

    /// Lets commands suspend the script.
    pub fn may_suspend(mut self, may_suspend: bool) -> Self {
        self.context.may_suspend = may_suspend;
        self
    }

    /// Passes on what commands write to standard error. Not where a client may have
    /// left that unread, so that writing to it waits.
    pub fn heard(mut self) -> Self {
        self.context.is_heard = true;
        self
    }

    /// What tools by command beside these may do.
    pub fn context(&self) -> Context {
        Context {
            may_suspend: false,
            ..self.context
        }
    }

    /// Whether any of them is a command.
    pub fn have_commands(&self) -> bool {
        let mut functions = self.functions.iter();
        functions.any(|function| function.command.is_some())
    }

    /// What the script finds, if each has a name of its own.
    pub fn into_tools(self) -> Result<Tools, Error> {
        let context = self.context;
        let functions = self.functions.into_iter();
        let tools = functions.fold(Tools::new(), |tools, function| {
            tools.tool(function.into_tool(context))
        });
        tools.check()?;
        Ok(tools)
    }
}

impl Function {
    fn into_tool(self, context: Context) -> Tool {
        let tool = match self.command {
            Some(command) => {
                Tool::from_signature(self.signature, move |arguments: BoundArguments| {
                    let execution = Execution::new(&arguments, &command, context);
                    async move { execution?.answer().await }
                })
            }
            None => Tool::from_signature(self.signature, |_: BoundArguments| {
                Err::<(), _>(ToolError::suspend())
            }),
        };
        match self.is_async {
            true => tool.awaited(),
            false => tool,
        }
    }
}

/// One execution of a command.
struct Execution {
    name: String,
    command: Arc<str>,
    context: Context,
    /// The arguments as JSON.
    input: String,
    /// What they count in the run.
    _held: Memory,
}

impl Execution {
    fn new(
        arguments: &BoundArguments,
        command: &Arc<str>,
        context: Context,
    ) -> Result<Self, ToolError> {
        let input = account::time(|| input(arguments).map(|input| input.to_string()))?;
        Ok(Self {
            name: arguments.signature().get_name().to_owned(),
            command: Arc::clone(command),
            context,
            _held: account::memory(input.len() as u64)?,
            input,
        })
    }

    async fn answer(self) -> Result<Value, ToolError> {
        let name = &self.name;
        let finished = process::run(&self.command, self.input.as_bytes())
            .await
            .map_err(|failed| {
                ToolError::runtime_error(match failed {
                    Failed::Start(error) => format!("{name}() cannot start: {error}"),
                    Failed::Wait(error) => format!("{name}() cannot be waited for: {error}"),
                    Failed::TooLong => format!(
                        "{name}() answered with more than {MAX_ANSWER_BYTES} bytes; ask it for less"
                    ),
                    Failed::Stopped(exceeded) => return exceeded.into(),
                })
            })?;
        if !finished.status.success() {
            return Err(self.failed(&finished));
        }
        if self.context.is_heard {
            // An error has it in its message.
            for line in finished.shown_errors().lines() {
                console::err(format_args!("{name}: {line}\n"));
            }
        }
        // Before it is there: a few bytes of JSON are a large object.
        let _held = account::memory(parsed_bytes(&finished.stdout))?;
        let answer = account::time(|| Value::from_json_slice(&finished.stdout))
            .map_err(|error| ToolError::runtime_error(not_json(name, &finished.stdout, &error)))?;
        Ok(answer)
    }

    fn failed(&self, finished: &Finished) -> ToolError {
        if self.context.may_suspend && finished.status.code() == Some(SUSPENDS) {
            return ToolError::suspend();
        }
        let status = match finished.status.code() {
            Some(SUSPENDS) => format!(
                "exit status {SUSPENDS}, which suspends a script that was started with --suspend-dir"
            ),
            Some(code) => format!("exit status {code}"),
            None => finished.status.to_string(),
        };
        let name = &self.name;
        ToolError::runtime_error(match finished.shown_errors().trim() {
            "" => format!("{name}() failed: {status}"),
            stderr => format!("{name}() failed: {status}: {stderr}"),
        })
    }
}

/// About what a document takes once it is read: an object for each of the signs
/// that come before one.
fn parsed_bytes(json: &[u8]) -> u64 {
    let signs = json.iter().filter(|byte| b"[{,:".contains(byte)).count();
    signs as u64 * (OBJECT_BYTES + CHILD_BYTES)
}

/// What a tool printed instead of JSON, and what to print.
fn not_json(name: &str, answer: &[u8], error: &impl Display) -> String {
    let answer = String::from_utf8_lossy(answer);
    let answer = without_secrets(answer.trim());
    if answer.is_empty() {
        return format!("{name}() printed no answer; a tool without one prints null");
    }
    let mut start: String = answer.chars().take(SHOWN_CHARACTERS).collect();
    if start.len() < answer.len() {
        start.push('…');
    }
    // A document that begins as one is not text.
    let advice = match start.starts_with(['[', '{']) {
        true => "",
        false => "; text needs quotes of its own, such as \"yes\"",
    };
    format!("{name}() answered `{start}`, which cannot be read as JSON: {error}{advice}")
}

/// The arguments as the object that the command gets.
fn input(arguments: &BoundArguments) -> Result<serde_json::Value, ToolError> {
    let name = arguments.signature().get_name();
    let arguments = arguments.iter().map(|(parameter, value)| {
        let parameter = parameter.get_name();
        match value.to_json_within(MAX_ARGUMENT_BYTES) {
            Ok(json) => Ok((parameter.to_owned(), json)),
            Err(error) => Err(ToolError::type_error(format_args!(
                "{name}() argument '{parameter}': {error}"
            ))),
        }
    });
    arguments.collect()
}
