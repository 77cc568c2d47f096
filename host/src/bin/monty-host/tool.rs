//! Tools that are commands.

use std::process::Stdio;
use std::str::FromStr;

use monty_host::{Call, ToolError, Tools, Value};
use tokio::io::AsyncWriteExt;
use tokio::process::Command;

/// `NAME(PARAM, PARAM=DEFAULT)=COMMAND`.
#[derive(Clone, Debug)]
pub struct ToolSpec {
    name: String,
    parameters: Vec<Parameter>,
    command: String,
}

#[derive(Clone, Debug)]
struct Parameter {
    name: String,
    default: Option<serde_json::Value>,
}

impl FromStr for ToolSpec {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let usage = "write NAME(PARAM, PARAM=DEFAULT)=COMMAND, such as 'add(a, b=1)=./add.sh'";
        let (name, rest) = text.split_once('(').ok_or(usage)?;
        let (parameters, command) = split_parameters(rest).ok_or(usage)?;
        check_identifier(name.trim())?;
        if command.trim().is_empty() {
            return Err(usage.to_owned());
        }
        Ok(Self {
            name: name.trim().to_owned(),
            parameters: parameters
                .into_iter()
                .map(str::parse)
                .collect::<Result<_, _>>()?,
            command: command.to_owned(),
        })
    }
}

/// Splits `a, b=[1, ")"])=command` into its parameters and the command.
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
                let command = text.get(index + 1..)?.trim_start().strip_prefix('=')?;
                return Some((parameters, command));
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
                let default = serde_json::from_str(json.trim()).map_err(|error| {
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
    let starts = |character: char| character.is_alphabetic() || character == '_';
    let goes_on = |character: char| character.is_alphanumeric() || character == '_';
    if name.starts_with(starts) && name.chars().all(goes_on) {
        Ok(())
    } else {
        Err(format!("`{name}` is not a name in Python"))
    }
}

impl ToolSpec {
    /// Adds the tool to others.
    pub fn add_to(&self, tools: Tools) -> Tools {
        let tool = self.clone();
        tools.dynamic(&self.name, move |call| {
            let tool = tool.clone();
            async move { tool.answer(call).await }
        })
    }

    async fn answer(&self, call: Call) -> Result<Value, ToolError> {
        let arguments = self.bind(call)?;
        let name = &self.name;
        let mut child = Command::new("sh")
            .arg("-c")
            .arg(&self.command)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| {
                ToolError::runtime_error(format_args!("{name}() cannot start: {error}"))
            })?;
        let stdin = child.stdin.take();
        let write = async {
            if let Some(mut stdin) = stdin {
                // A command that does not read its arguments is no error.
                let _ = stdin.write_all(arguments.to_string().as_bytes()).await;
            }
        };
        let (output, ()) = tokio::join!(child.wait_with_output(), write);
        let output = output.map_err(|error| {
            ToolError::runtime_error(format_args!("{name}() cannot be waited for: {error}"))
        })?;
        if !output.status.success() {
            let stderr = String::from_utf8_lossy(&output.stderr);
            let reason = match stderr.trim() {
                "" => output.status.to_string(),
                stderr => stderr.to_owned(),
            };
            return Err(ToolError::runtime_error(reason));
        }
        let answer: serde_json::Value =
            serde_json::from_slice(&output.stdout).map_err(|error| {
                ToolError::runtime_error(format_args!("{name}() did not answer JSON: {error}"))
            })?;
        Ok(Value::from_json(answer))
    }

    /// The arguments as the object that the command gets.
    fn bind(&self, call: Call) -> Result<serde_json::Value, ToolError> {
        let name = &self.name;
        let taken = self.parameters.len();
        let given = call.positional.len();
        if given > taken {
            return Err(ToolError::type_error(format_args!(
                "{name}() takes {taken} positional arguments but {given} were given"
            )));
        }
        let mut bound = serde_json::Map::new();
        let mut insert = |parameter: &str, value: &Value| {
            let json = value.to_json().map_err(|error| {
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
