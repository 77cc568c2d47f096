//! The messages of `conformance/messages`.

use std::fs;
use std::path::{Path, PathBuf};

use monty_value::types::{
    Class, Graph, Instance, Module, NamedTuple, Operand, RareNode, Value as Message,
};
use serde_json::Value as Json;

use super::meaning::{
    array, bytes, complex, date, datetime, exception, file, float, function, id, number, string,
    time, timedelta, timezone, wide,
};

/// A message, and what becomes of it.
pub struct Case {
    /// The file it stands in, and its name.
    pub name: String,
    /// The message.
    pub message: Message,
    /// What it means, or the rule that it breaks.
    pub outcome: Outcome,
    /// What the interpreter gives back for it, if that is another value.
    pub returns: Option<Json>,
    /// Who it is for, if it is not for everybody.
    pub receiver: Option<String>,
}

/// What becomes of a message.
pub enum Outcome {
    /// It is taken.
    Means(Json),
    /// It is rejected.
    Breaks(Rule),
}

/// A rule of `conformance/rules.json`.
#[derive(Clone)]
pub struct Rule {
    /// Its name.
    pub name: String,
    /// Who refuses a message that breaks it: `every`, `host` or `interpreter`.
    pub refused_by: String,
}

/// The folder `conformance`.
pub fn folder() -> PathBuf {
    // Other packages include this file.
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .map(|folder| folder.join("conformance"))
        .find(|folder| folder.is_dir())
        .expect("the package is in the repository")
}

/// Reads a file of the kit.
pub fn read(path: &Path) -> Json {
    let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{path:?}: {error}"));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{path:?}: {error}"))
}

/// All rules.
pub fn rules() -> Vec<Rule> {
    let rules = read(&folder().join("rules.json"));
    let rules = array(&rules["rules"]).iter();
    rules
        .map(|rule| Rule {
            name: string(&rule["name"]),
            refused_by: string(&rule["refused-by"]),
        })
        .collect()
}

/// All messages.
pub fn cases() -> Vec<Case> {
    let rules = rules();
    let mut paths: Vec<PathBuf> = fs::read_dir(folder().join("messages"))
        .expect("the folder is there")
        .map(|entry| entry.expect("it can be listed").path())
        .collect();
    paths.sort();
    let mut cases = Vec::new();
    for path in paths {
        let topic = path.file_stem().expect("a name").to_string_lossy();
        for case in array(&read(&path)["messages"]) {
            let name = format!("{topic}: {}", string(&case["name"]));
            let outcome = match (case.get("means"), case.get("breaks")) {
                (Some(meaning), None) => Outcome::Means(meaning.clone()),
                (None, Some(rule)) => {
                    let rule = rules.iter().find(|known| known.name == string(rule));
                    Outcome::Breaks(
                        rule.unwrap_or_else(|| panic!("{name}: no such rule"))
                            .clone(),
                    )
                }
                _ => panic!("{name}: a message means something or breaks a rule"),
            };
            cases.push(Case {
                name,
                message: message(case),
                outcome,
                returns: case.get("returns").cloned(),
                receiver: case.get("receiver").map(string),
            });
        }
    }
    cases
}

fn message(case: &Json) -> Message {
    Message {
        root: operand(&case["root"]),
        graph: case.get("graph").map(graph),
    }
}

fn tagged(json: &Json) -> (&str, &Json) {
    let (tag, content) = json
        .as_object()
        .and_then(|object| object.iter().next())
        .unwrap_or_else(|| panic!("{json} has no tag"));
    (tag, content)
}

fn operand(json: &Json) -> Operand {
    match tagged(json) {
        ("null", _) => Operand::Null,
        ("boolean", value) => Operand::Boolean(value.as_bool().expect("a bool")),
        ("integer", value) => Operand::Integer(wide(value)),
        ("float", value) => Operand::Float(float(value)),
        ("text", value) => Operand::Text(string(value)),
        ("bytes", value) => Operand::Bytes(bytes(value)),
        ("node", value) => Operand::Node(number(value)),
        (unknown, _) => panic!("{unknown} is no operand"),
    }
}

fn graph(json: &Json) -> Graph {
    let column = |name: &str| json.get(name).map(array).unwrap_or_default();
    let numbers = |name: &str| column(name).iter().map(number).collect();
    Graph {
        kinds: column("kinds").iter().map(number).collect(),
        counts: numbers("counts"),
        children: numbers("children"),
        integers: column("integers").iter().map(wide).collect(),
        floats: column("floats").iter().map(float).collect(),
        text_lengths: numbers("text-lengths"),
        text: json.get("text").map(string).unwrap_or_default(),
        blob_lengths: numbers("blob-lengths"),
        blobs: json.get("blobs").map(bytes).unwrap_or_default(),
        rare: column("rare").iter().map(rare).collect(),
    }
}

fn rare(json: &Json) -> RareNode {
    match tagged(json) {
        ("big-integer", value) => RareNode::BigInteger(bytes(value)),
        ("complex", value) => RareNode::Complex(complex(value)),
        ("decimal", value) => RareNode::Decimal(string(value)),
        ("date", value) => RareNode::Date(date(value)),
        ("datetime", value) => RareNode::Datetime(datetime(value)),
        ("time", value) => RareNode::Time(time(value)),
        ("timedelta", value) => RareNode::Timedelta(timedelta(value)),
        ("timezone", value) => RareNode::Timezone(timezone(value)),
        ("path", value) => RareNode::Path(string(value)),
        ("exception", value) => RareNode::Exception(exception(value)),
        ("type-object", value) => RareNode::TypeObject(string(value)),
        ("builtin-function", value) => RareNode::BuiltinFunction(string(value)),
        ("function", value) => RareNode::Function(function(value)),
        ("named-tuple", value) => RareNode::NamedTuple(NamedTuple {
            type_name: string(&value["type-name"]),
            field_names: array(&value["field-names"]).iter().map(string).collect(),
        }),
        ("class", value) => RareNode::Class(Class {
            name: string(&value["name"]),
            id: id(&value["id"]),
            host_defined: value["host-defined"].as_bool().expect("a bool"),
            dataclass: value["dataclass"].as_bool().expect("a bool"),
        }),
        ("instance", value) => RareNode::Instance(Instance {
            class: number(&value["class"]),
            id: id(&value["id"]),
        }),
        ("module", value) => RareNode::Module(Module {
            name: string(&value["name"]),
            id: id(&value["id"]),
        }),
        ("file", value) => RareNode::File(file(value)),
        ("representation", value) => RareNode::Representation(string(value)),
        ("cycle", value) => RareNode::Cycle(string(value)),
        (unknown, _) => panic!("{unknown} is no rare kind"),
    }
}
