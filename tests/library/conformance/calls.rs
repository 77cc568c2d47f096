//! The calls of `conformance/calls`: tools bind their arguments as functions
//! in CPython do, and say so in the same words.

use std::collections::BTreeMap;

use monty_host::value::Dict;
use monty_host::{BoundArguments, Parameter, Signature, Tool, Tools, Value};

use super::kit::meaning::{array, string};
use super::kit::message::{folder, read};
use crate::support::script;

#[test]
fn tools_bind_arguments_as_cpython_does() {
    let folder = folder().join("calls");
    let data = read(&folder.join("calls.json"));
    let tools = array(&data["functions"]).iter().map(string);
    let tools = tools.fold(Tools::new(), |tools, function| tools.tool(tool(&function)));
    let calls: Vec<_> = array(&data["calls"]).iter().map(string).collect();

    // All of them in one script, each within its own `try`.
    let mut source = "outcomes = []\n".to_owned();
    for call in &calls {
        source += &format!(
            "try:\n    outcome = repr({call})\nexcept TypeError as error:\n    outcome = f'TypeError: {{error}}'\noutcomes.append(outcome)\n"
        );
    }
    let report = script(&(source + "outcomes")).host(&tools).run_blocking();
    let outcomes: Vec<String> = report.expect("it ends").extract().expect("texts");
    assert_eq!(outcomes.len(), calls.len());

    let expected = std::fs::read_to_string(folder.join("calls.out")).expect("it is there");
    let mut expected: BTreeMap<&str, &str> = expected
        .lines()
        .map(|line| line.split_once(" | ").expect("LABEL | RESULT"))
        .collect();
    let mut wrong = Vec::new();
    for (call, outcome) in calls.iter().zip(&outcomes) {
        match expected.remove(call.as_str()) {
            Some(in_cpython) if in_cpython == outcome => {}
            other => wrong.push(format!(
                "{call}\n  CPython {other:?}\n  got     {outcome:?}"
            )),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(expected.is_empty(), "no call for {expected:?}");
}

/// A tool of a signature such as `f(a, b=1, *, c)`, which returns its arguments
/// by name.
fn tool(function: &str) -> Tool {
    let (name, parameters) = function.split_once('(').expect("NAME(…");
    let parameters = parameters.strip_suffix(')').expect("…)");
    let mut by_name = false;
    let parameters = parameters.split(", ").filter_map(|text| match text {
        "" => None,
        "*" => {
            by_name = true;
            None
        }
        text => Some(parameter(text, by_name)),
    });
    let signature = Signature::new(name, parameters.collect::<Vec<_>>()).expect("Python has it");
    assert_eq!(
        signature.to_string(),
        function.replace('"', "'"),
        "it is shown as it was written"
    );
    Tool::from_signature(signature, |arguments: BoundArguments| {
        let arguments = arguments.iter();
        let arguments = arguments.map(|(one, value)| (Value::from(one.get_name()), value.clone()));
        Value::from(arguments.collect::<Dict>())
    })
}

fn parameter(text: &str, by_name: bool) -> Parameter {
    let (name, default) = match text.split_once('=') {
        Some((name, default)) => (name, Some(default)),
        None => (text, None),
    };
    let mut parameter = Parameter::from(name);
    if by_name {
        parameter = parameter.keyword_only();
    }
    match default {
        Some(json) => {
            let default = Value::from_json_str(json).expect("a default is JSON");
            parameter.default(default).expect("it has a form")
        }
        None => parameter,
    }
}
