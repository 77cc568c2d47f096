//! Tools that are commands, and functions that suspend the script.

use std::collections::HashMap;
use std::fmt::Display;
use std::str::FromStr;

use monty_host::account::{self, Memory};
use monty_host::value::graph::{CHILD_BYTES, OBJECT_BYTES};
use monty_host::{
    Answer, Call, Error, Exception, ExternalCall, Reply, SourceRange, ToolError, Value, async_trait,
};

use crate::process::{self, Failed, Finished, MAX_ANSWER_BYTES};

/// The exit code of a command that suspends the script: `EX_TEMPFAIL` of
/// `sysexits.h`.
const SUSPENDS: i32 = 75;

/// The longest argument, as JSON.
const MAX_ARGUMENT_BYTES: usize = 64 << 20;

/// How much of an answer that is not JSON an error shows.
const SHOWN_CHARACTERS: usize = 60;

/// The names that Python takes for itself, in alphabetical order.
const KEYWORDS: [&str; 35] = [
    "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue",
    "def", "del", "elif", "else", "except", "finally", "for", "from", "global", "if", "import",
    "in", "is", "lambda", "nonlocal", "not", "or", "pass", "raise", "return", "try", "while",
    "with", "yield",
];

/// `NAME(PARAM, PARAM=DEFAULT)`.
#[derive(Clone, Debug)]
pub struct Signature {
    name: String,
    parameters: Vec<Parameter>,
}

#[derive(Clone, Debug)]
struct Parameter {
    name: String,
    default: Option<serde_json::Value>,
}

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
        let (signature, rest) = Signature::parse(text, usage)?;
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

impl FromStr for Signature {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let usage = "write NAME(PARAM, PARAM=DEFAULT), such as 'approve(amount, reason=\"\")'";
        match Self::parse(text, usage)? {
            (signature, rest) if rest.trim().is_empty() => Ok(signature),
            _ => Err(usage.to_owned()),
        }
    }
}

impl Signature {
    /// The signature that a text starts with, and the rest of the text.
    fn parse<'a>(text: &'a str, usage: &str) -> Result<(Self, &'a str), String> {
        let (name, rest) = text.split_once('(').ok_or(usage)?;
        let (parameters, rest) = split_parameters(rest).ok_or(usage)?;
        check_identifier(name.trim())?;
        let signature = Self {
            name: name.trim().to_owned(),
            parameters: parameters
                .into_iter()
                .map(str::parse)
                .collect::<Result<_, _>>()?,
        };
        signature.check_parameters()?;
        Ok((signature, rest))
    }
}

impl Signature {
    fn check_parameters(&self) -> Result<(), String> {
        let mut last_default: Option<&str> = None;
        for (index, parameter) in self.parameters.iter().enumerate() {
            let name = &parameter.name;
            let before = self.parameters.iter().take(index);
            if before.clone().any(|before| before.name == *name) {
                return Err(format!("the parameter `{name}` is there twice"));
            }
            match (&parameter.default, last_default) {
                (None, Some(default)) => {
                    return Err(format!(
                        "the parameter `{name}` follows `{default}`, which has a default: give it one, or put it first"
                    ));
                }
                (None, None) => {}
                (Some(_), _) => last_default = Some(name),
            }
        }
        Ok(())
    }
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

impl FromStr for Parameter {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, default) = match text.split_once('=') {
            None => (text, None),
            Some((name, json)) => {
                let default = Value::from_json_str(json.trim())
                    .map_err(|error| error.to_string())
                    // The command gets it as JSON again.
                    .and_then(|value| value.to_json().map_err(|error| error.to_string()))
                    .map_err(|error| {
                        format!("the default of `{}` is not JSON: {error}", name.trim())
                    })?;
                (name, Some(default))
            }
        };
        let name = name.trim();
        check_identifier(name)?;
        Ok(Self {
            name: name.to_owned(),
            default,
        })
    }
}

fn check_identifier(name: &str) -> Result<(), String> {
    if !is_identifier(name) {
        Err(format!("`{name}` is not a name in Python"))
    } else if KEYWORDS.contains(&name) {
        Err(format!(
            "`{name}` is a keyword of Python: choose another name"
        ))
    } else {
        Ok(())
    }
}

pub fn is_identifier(name: &str) -> bool {
    let starts = |character: char| character.is_alphabetic() || character == '_';
    let goes_on = |character: char| character.is_alphanumeric() || character == '_';
    name.starts_with(starts) && name.chars().all(goes_on)
}

/// The functions that the command line gives a script.
#[derive(Default)]
pub struct Functions {
    functions: HashMap<String, Function>,
    /// Whether the exit code of a command may suspend the script.
    may_suspend: bool,
    /// A name that was given to two of them.
    twice: Option<String>,
}

struct Function {
    signature: Signature,
    /// The command that answers, or nothing if every call suspends.
    command: Option<String>,
    is_async: bool,
}

impl Functions {
    /// No functions.
    pub fn new() -> Self {
        Self::default()
    }

    /// With functions that commands answer.
    pub fn tools(self, tools: &[ToolSpec], is_async: bool) -> Self {
        tools.iter().fold(self, |functions, tool| {
            functions.insert(&tool.signature, Some(&tool.command), is_async)
        })
    }

    /// With functions whose every call suspends.
    pub fn suspending(self, signatures: &[Signature], is_async: bool) -> Self {
        signatures.iter().fold(self, |functions, signature| {
            functions.insert(signature, None, is_async)
        })
    }

    /// Lets commands suspend the script.
    pub fn may_suspend(mut self, may_suspend: bool) -> Self {
        self.may_suspend = may_suspend;
        self
    }

    /// Whether any of them is a command.
    pub fn have_commands(&self) -> bool {
        let mut functions = self.functions.values();
        functions.any(|function| function.command.is_some())
    }

    fn insert(mut self, signature: &Signature, command: Option<&str>, is_async: bool) -> Self {
        let function = Function {
            signature: signature.clone(),
            command: command.map(str::to_owned),
            is_async,
        };
        let before = self.functions.insert(signature.name.clone(), function);
        self.twice = self.twice.or(before.map(|before| before.signature.name));
        self
    }

    /// The same, if each has a name of its own.
    pub fn check(self) -> Result<Self, Error> {
        match &self.twice {
            None => Ok(self),
            Some(name) => Err(Error::invalid(format_args!(
                "two functions are called `{name}`: give one of them another name"
            ))),
        }
    }

    fn answer(&self, function: &Function, call: Call) -> Reply {
        let (input, held) = match function.signature.input(call) {
            Ok(input) => input,
            Err(error) => return Reply::Now(Err(error)),
        };
        let Some(command) = &function.command else {
            let suspend = Err(ToolError::suspend());
            return if function.is_async {
                Reply::Awaitable(Box::pin(std::future::ready(suspend)))
            } else {
                Reply::Now(suspend)
            };
        };
        let execution = Execution {
            name: function.signature.name.clone(),
            command: command.clone(),
            may_suspend: self.may_suspend,
            input,
            _held: held,
        };
        let answer = Box::pin(execution.answer());
        if function.is_async {
            Reply::Awaitable(answer)
        } else {
            Reply::Later(answer)
        }
    }
}

#[async_trait]
impl ExternalCall for Functions {
    fn call(&self, call: Call) -> Reply {
        match self.functions.get(&call.name) {
            Some(function) if call.receiver.is_none() => self.answer(function, call),
            _ => Reply::Now(Ok(None)),
        }
    }

    async fn get_name(
        &self,
        name: &str,
        _position: &SourceRange,
    ) -> Result<Option<Value>, Exception> {
        let is_function = self.functions.contains_key(name);
        Ok(is_function.then(|| Value::function(name, None)))
    }
}

/// One execution of a command.
struct Execution {
    name: String,
    command: String,
    may_suspend: bool,
    /// The arguments as JSON.
    input: String,
    /// What they count in the run.
    _held: Memory,
}

impl Execution {
    async fn answer(self) -> Answer {
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
        // Before it is there: a few bytes of JSON are a large object.
        let _held = account::memory(parsed_bytes(&finished.stdout))?;
        let answer = account::time(|| Value::from_json_slice(&finished.stdout))
            .map_err(|error| ToolError::runtime_error(not_json(name, &finished.stdout, &error)))?;
        Ok(Some(answer))
    }

    fn failed(&self, finished: &Finished) -> ToolError {
        if self.may_suspend && finished.status.code() == Some(SUSPENDS) {
            return ToolError::suspend();
        }
        let status = match finished.status.code() {
            Some(SUSPENDS) => format!(
                "exit status {SUSPENDS}, which suspends a script that was started with --suspend-dir"
            ),
            Some(code) => format!("exit status {code}"),
            None => finished.status.to_string(),
        };
        let stderr = String::from_utf8_lossy(&finished.stderr);
        let name = &self.name;
        ToolError::runtime_error(match stderr.trim() {
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
    let answer = answer.trim();
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

impl Signature {
    /// The arguments as the text that the command gets, and what that counts.
    fn input(&self, call: Call) -> Result<(String, Memory), ToolError> {
        let text = account::time(|| self.bind(call).map(|arguments| arguments.to_string()))?;
        let held = account::memory(text.len() as u64)?;
        Ok((text, held))
    }

    /// The arguments as the object that the command gets.
    fn bind(&self, call: Call) -> Result<serde_json::Value, ToolError> {
        let name = &self.name;
        let taken = self.parameters.len();
        let given = call.positional.len();
        if given > taken {
            let arguments = if taken == 1 { "argument" } else { "arguments" };
            let were = if given == 1 { "was" } else { "were" };
            return Err(ToolError::type_error(format_args!(
                "{name}() takes {taken} positional {arguments} but {given} {were} given"
            )));
        }
        let mut bound = serde_json::Map::new();
        let mut insert = |parameter: &str, value: &Value| {
            let json = value.to_json_within(MAX_ARGUMENT_BYTES).map_err(|error| {
                ToolError::type_error(format_args!("{name}() argument '{parameter}': {error}"))
            })?;
            match bound.insert(parameter.to_owned(), json) {
                None => Ok(()),
                Some(_) => Err(ToolError::type_error(format_args!(
                    "{name}() got multiple values for argument '{parameter}'"
                ))),
            }
        };
        for (parameter, value) in self.parameters.iter().zip(&call.positional) {
            insert(&parameter.name, value)?;
        }
        for (keyword, value) in &call.keyword {
            if !self.parameters.iter().any(|known| known.name == *keyword) {
                return Err(ToolError::type_error(format_args!(
                    "{name}() got an unexpected keyword argument '{keyword}'"
                )));
            }
            insert(keyword, value)?;
        }
        for parameter in &self.parameters {
            if bound.contains_key(&parameter.name) {
                continue;
            }
            let Some(default) = &parameter.default else {
                return Err(ToolError::type_error(format_args!(
                    "{name}() missing 1 required positional argument: '{}'",
                    parameter.name
                )));
            };
            bound.insert(parameter.name.clone(), default.clone());
        }
        Ok(serde_json::Value::Object(bound))
    }
}
