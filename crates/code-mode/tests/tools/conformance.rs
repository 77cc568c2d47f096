//! The stubs of `conformance/stubs`, which the JavaScript package writes too.

use std::fs;
use std::path::{Path, PathBuf};

use monty_code_mode::{Detail, Namespace, SchemaTool, ToolKind, ToolSchema, Toolbox};
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::support::{assert_python, echo};

/// A toolbox, and what there is to say of it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    #[serde(rename = "about")]
    _about: String,
    #[serde(default)]
    tools: Vec<Value>,
    #[serde(default)]
    namespaces: Vec<CaseNamespace>,
    names: Vec<String>,
    #[serde(default)]
    notes: Map<String, Value>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CaseNamespace {
    name: String,
    #[serde(default)]
    description: Option<String>,
    tools: Vec<Value>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Rejections {
    #[serde(rename = "about")]
    _about: String,
    rejected: Vec<Rejection>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Rejection {
    tool: ToolSchema,
    error: String,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../conformance/stubs")
}

fn read(file: &Path) -> String {
    fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

/// A tool of the data: what MCP's `tools/list` has, and `awaited`.
fn tool(given: &Value) -> SchemaTool {
    let schema = serde_json::from_value(given.clone()).expect("it is a tool");
    let tool = echo(schema).expect("the schema is sound");
    match given.get("awaited") {
        Some(Value::Bool(true)) => tool.awaited(),
        _ => tool,
    }
}

fn toolbox(case: &Case) -> Toolbox {
    let namespaces = case.namespaces.iter().map(|given| {
        let namespace = Namespace::new(&given.name).tools(given.tools.iter().map(tool));
        match &given.description {
            Some(description) => namespace.description(description),
            None => namespace,
        }
    });
    let tools = Toolbox::builder().tools(case.tools.iter().map(tool));
    let toolbox = namespaces.fold(tools, monty_code_mode::ToolboxBuilder::namespace);
    toolbox.build().expect("the tools go together")
}

/// The notes of each tool that has some, by its name.
fn notes(toolbox: &Toolbox) -> Map<String, Value> {
    let notes = toolbox.iter().filter_map(|tool| {
        let ToolKind::Schema(schema) = tool.kind() else {
            return None;
        };
        let notes: Vec<_> = schema.notes().iter().map(ToString::to_string).collect();
        (!notes.is_empty()).then(|| (tool.get_name().to_owned(), notes.into()))
    });
    notes.collect()
}

#[test]
fn stubs_are_those_of_the_data() {
    let mut checked = 0;
    let mut sources = Vec::new();
    let entries = fs::read_dir(folder()).expect("the data is there");
    for entry in entries {
        let file = entry.expect("it can be read").path();
        let is_case = file.extension().is_some_and(|ending| ending == "json");
        if !is_case || file.ends_with("rejected.json") {
            continue;
        }
        let case: Case = serde_json::from_str(&read(&file)).expect("it is a case");
        let toolbox = toolbox(&case);
        let names: Vec<_> = toolbox.iter().map(|tool| tool.get_name()).collect();
        assert_eq!(names, case.names, "{}", file.display());
        assert_eq!(notes(&toolbox), case.notes, "{}", file.display());
        for (detail, ending) in [
            (Detail::Signature, "signature.pyi"),
            (Detail::Full, "full.pyi"),
        ] {
            let expected = file.with_extension(ending);
            let source = toolbox.stubs().source(&toolbox, detail);
            assert!(
                source == read(&expected),
                "{}:\n{source}",
                expected.display()
            );
            sources.push(source);
        }
        checked += 1;
    }
    assert!(checked >= 12, "only {checked} cases were found");
    assert_python(&sources);
}

#[test]
fn rejected_schemas_are_those_of_the_data() {
    let data = read(&folder().join("rejected.json"));
    let data: Rejections = serde_json::from_str(&data).expect("they are rejections");
    assert!(!data.rejected.is_empty());
    for Rejection { tool, error } in data.rejected {
        let rejected = echo(tool).expect_err(&error);
        assert_eq!(rejected.to_string(), error);
    }
}
