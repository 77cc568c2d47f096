//! Calls that wait, as data that a person reads and another process makes.

use monty_host::value::Dict;
use monty_host::{Call, Error, ParameterKind, ToolError, Value};
use serde_json::{Map, Value as Json};

use crate::approvals::PendingCall;
use crate::table::Table;

/// The longest argument that somebody decides on, as JSON in bytes.
const MOST_SHOWN: usize = 1024 * 1024;

/// A call with its arguments by the names of the parameters.
pub(crate) fn pending(table: &Table, call: &Call, line: Option<u32>) -> Result<PendingCall, Error> {
    let mut arguments = Map::new();
    match table.entry(&call.name) {
        Some(entry) => {
            let bound = entry.tool.get_signature().bind(call.clone());
            let bound = bound.map_err(|error| Error::invalid(error.message()))?;
            for (parameter, value) in bound.iter() {
                let name = parameter.get_name();
                match value.to_json_within(MOST_SHOWN) {
                    Ok(shown) => {
                        arguments.insert(name.to_owned(), shown);
                    }
                    // Such as `...`: left out again when the call is made.
                    Err(_) if parameter.get_default() == Some(value) => {}
                    Err(error) => {
                        return Err(Error::invalid(format_args!("`{name}`: {error}")));
                    }
                }
            }
        }
        // A tool that suspends by itself need not be one of the table.
        None => {
            let positional = Value::tuple(call.positional.iter().cloned());
            let keyword: Dict = call.keyword.iter().cloned().collect();
            arguments.insert("args".to_owned(), positional.to_json_within(MOST_SHOWN)?);
            arguments.insert(
                "kwargs".to_owned(),
                Value::from(keyword).to_json_within(MOST_SHOWN)?,
            );
        }
    }
    let pending = PendingCall::new(call.id, call.name.clone(), Json::Object(arguments));
    pending.check().map_err(Error::invalid)?;
    Ok(match line {
        Some(line) => pending.line(line),
        None => pending,
    })
}

/// The call again, perhaps with other arguments.
pub(crate) fn call(table: &Table, tool: &str, arguments: Json) -> Result<Call, ToolError> {
    let Json::Object(mut arguments) = arguments else {
        return Err(ToolError::type_error(format_args!(
            "the arguments of {tool}() are an object by the names of its parameters"
        )));
    };
    let Some(entry) = table.entry(tool) else {
        return Err(ToolError::runtime_error(format_args!(
            "there is no tool `{tool}`"
        )));
    };
    let parameters = entry.tool.get_signature().get_parameters();
    let collects = parameters
        .iter()
        .any(|parameter| parameter.get_kind() == ParameterKind::VarPositional);
    let mut positional = Vec::new();
    let mut missing = None;
    let mut keyword = Vec::new();
    for parameter in parameters {
        let Some(value) = arguments.remove(parameter.get_name()) else {
            // What comes after it must not take its place.
            missing = missing.or(Some(parameter.get_name()));
            continue;
        };
        let value = Value::from_json(value);
        match parameter.get_kind() {
            // What follows goes by its place.
            ParameterKind::PositionalOrKeyword if collects && missing.is_none() => {
                positional.push(value);
            }
            ParameterKind::VarPositional => {
                if let Some(missing) = missing
                    && value.items().is_some_and(|items| !items.is_empty())
                {
                    return Err(ToolError::type_error(format_args!(
                        "{tool}() got '{}' without '{missing}', which comes before: give it too",
                        parameter.get_name()
                    )));
                }
                positional.extend(value.items().unwrap_or_default().iter().cloned());
            }
            ParameterKind::VarKeyword => {
                for (name, value) in value.as_dict().into_iter().flat_map(Dict::iter) {
                    let name = name.as_str().unwrap_or_default().to_owned();
                    keyword.push((name, value.clone()));
                }
            }
            _ => keyword.push((parameter.get_name().to_owned(), value)),
        }
    }
    // Binding tells what is wrong with the others.
    for (name, value) in arguments {
        keyword.push((name, Value::from_json(value)));
    }
    Ok(Call::new(tool, positional, keyword))
}
