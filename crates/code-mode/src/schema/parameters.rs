//! The parameters of a tool, of the schema of its arguments.

use monty_host::{Parameter, ParameterKind, Type, Value as Object};
use serde_json::{Map, Value, json};

use super::convert::{Converter, Property, properties};
use super::error::Problem;
use super::reference::child;
use crate::names::{self, Scope};

/// A parameter, and the key of the arguments that it stands for.
#[derive(Clone, Debug)]
pub(super) struct Mapped {
    pub(super) parameter: Parameter,
    pub(super) key: String,
    pub(super) required: bool,
}

/// What collects the arguments that no other parameter takes, if its name is
/// free.
const EXTRA: &str = "extra";

/// The parameters, in the order in which a call gives them: those that are
/// required first, then by name alone those that can be left out.
pub(super) fn parameters(
    schema: &Value,
    converter: &mut Converter<'_, '_>,
) -> Result<Vec<Mapped>, Problem> {
    let Value::Object(keywords) = schema else {
        return Err(Problem::new(
            "",
            "the arguments of a tool are an object: give a schema with `\"type\": \"object\"`",
        ));
    };
    let Some(flat) = converter.flat(keywords, "") else {
        return Ok(vec![collecting(Type::Any, &[])]);
    };
    if let Some(given) = flat.keywords.get("type")
        && *given != "object"
        && !given
            .as_array()
            .is_some_and(|types| types.contains(&json!("object")))
    {
        return Err(Problem::new(
            child(&flat.pointer, "type"),
            format_args!("{given}, but the arguments of a tool are an object"),
        ));
    }
    let keywords = with_alternatives(&flat.keywords, &flat.pointer, converter);
    let listed = properties(&keywords);
    let python = names::assign(listed.iter().map(|property| property.name), Scope::Members);
    let here = child(&flat.pointer, "properties");
    let mut mapped = Vec::new();
    for (property, name) in listed.iter().zip(python) {
        let ty = match property.schema {
            Some(schema) => converter.ty(schema, &child(&here, property.name), property.name),
            None => Type::Any,
        };
        mapped.push(Mapped {
            parameter: parameter(property, name, ty),
            key: property.name.to_owned(),
            required: property.required,
        });
    }
    let is_unknown = !["type", "properties"]
        .iter()
        .any(|one| keywords.contains_key(*one));
    let extra = match keywords.get("additionalProperties") {
        Some(more @ Value::Object(_)) => {
            let pointer = child(&flat.pointer, "additionalProperties");
            Some(converter.ty(more, &pointer, EXTRA))
        }
        Some(Value::Bool(true)) => Some(Type::Any),
        None if is_unknown => Some(Type::Any),
        _ => None,
    };
    if let Some(ty) = extra {
        mapped.push(collecting(ty, &mapped));
    }
    Ok(mapped)
}

fn parameter(property: &Property<'_>, name: String, ty: Type) -> Parameter {
    let mut parameter = Parameter::new(name);
    if let Some(description) = property.description() {
        parameter = parameter.description(description);
    }
    if property.required {
        return parameter.typed(ty);
    }
    let default = property.schema.and_then(|schema| schema.get("default"));
    let default = default.filter(|default| !default.is_null() || ty.takes_none());
    let (ty, default) = match default {
        Some(default) => (ty, Object::from_json(default.clone())),
        // `None` is a value of its own here, which a script may want to send.
        None if ty.takes_none() => (ty, Object::Ellipsis),
        None => (Type::optional(ty), Object::None),
    };
    let parameter = parameter.typed(ty).keyword_only();
    // A value has a form in Python.
    parameter.clone().default(default).unwrap_or(parameter)
}

/// `**extra`.
fn collecting(ty: Type, others: &[Mapped]) -> Mapped {
    let mut name = EXTRA.to_owned();
    while others
        .iter()
        .any(|other| other.parameter.get_name() == name)
    {
        name.push('_');
    }
    Mapped {
        parameter: Parameter::from(format!("**{name}")).typed(ty),
        key: String::new(),
        required: false,
    }
}

impl Mapped {
    pub(super) fn collects(&self) -> bool {
        self.parameter.get_kind() == ParameterKind::VarKeyword
    }
}

/// The keywords of an object, with the properties that only some of its
/// alternatives have. The validator sees to it that they go together.
fn with_alternatives(
    keywords: &Map<String, Value>,
    pointer: &str,
    converter: &mut Converter<'_, '_>,
) -> Map<String, Value> {
    let mut all = keywords.clone();
    for keyword in ["anyOf", "oneOf"] {
        let Some(Value::Array(branches)) = keywords.get(keyword) else {
            continue;
        };
        let here = child(pointer, keyword);
        let mut listed = match all.get("properties") {
            Some(Value::Object(listed)) => listed.clone(),
            _ => Map::new(),
        };
        let before = listed.len();
        for (index, branch) in branches.iter().enumerate() {
            let Value::Object(branch) = branch else {
                continue;
            };
            let Some(flat) = converter.flat(branch, &child(&here, &index.to_string())) else {
                continue;
            };
            let properties = flat.keywords.get("properties").and_then(Value::as_object);
            for (name, schema) in properties.into_iter().flatten() {
                match listed.get_mut(name) {
                    None => {
                        listed.insert(name.clone(), schema.clone());
                    }
                    Some(known) if known == schema => {}
                    Some(known) => match known.get_mut("anyOf").and_then(Value::as_array_mut) {
                        Some(known) => known.push(schema.clone()),
                        None => *known = json!({ "anyOf": [known, schema] }),
                    },
                }
            }
        }
        if !branches.is_empty() {
            converter.note(&here, "which parameters go together is not shown");
        }
        if listed.len() > before || !listed.is_empty() {
            all.insert("properties".to_owned(), Value::Object(listed));
        }
    }
    all
}
