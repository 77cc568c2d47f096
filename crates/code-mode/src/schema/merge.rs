//! `allOf`, and what stands beside a `$ref`, as one schema.

use serde_json::{Map, Value, json};

/// Adds what another schema asks of the same value, and gives the keywords that
/// could not be put together: of those, the first schema's stay.
pub(super) fn merge(into: &mut Map<String, Value>, other: &Map<String, Value>) -> Vec<String> {
    let mut left_out = Vec::new();
    for (keyword, value) in other {
        let Some(own) = into.get_mut(keyword) else {
            into.insert(keyword.clone(), value.clone());
            continue;
        };
        if own == value || is_annotation(keyword) {
            continue;
        }
        let merged = match (keyword.as_str(), &*own, value) {
            ("properties" | "patternProperties" | "$defs" | "definitions", _, _) => {
                properties(own, value)
            }
            ("required", Value::Array(own), Value::Array(more)) => {
                let more = more.iter().filter(|name| !own.contains(name));
                Some(own.iter().chain(more).cloned().collect())
            }
            ("enum", Value::Array(own), Value::Array(others)) => {
                let both = own.iter().filter(|value| others.contains(value));
                Some(both.cloned().collect())
            }
            ("type", own, other) => types(own, other),
            ("items" | "additionalProperties", own, other) => Some(both(own, other)),
            _ => None,
        };
        match merged {
            Some(merged) => *own = merged,
            // Bounds are not shown in a type; each is checked in a call.
            None if is_bound(keyword) => {}
            None => left_out.push(keyword.clone()),
        }
    }
    left_out
}

/// Whether a keyword says nothing about the value.
pub(super) fn is_annotation(keyword: &str) -> bool {
    matches!(
        keyword,
        "$comment"
            | "$id"
            | "$schema"
            | "default"
            | "deprecated"
            | "description"
            | "example"
            | "examples"
            | "readOnly"
            | "title"
            | "writeOnly"
    ) || keyword.starts_with("x-")
}

/// Whether a keyword limits a value whose type other keywords tell.
pub(super) fn is_bound(keyword: &str) -> bool {
    matches!(
        keyword,
        "contains"
            | "contentEncoding"
            | "contentMediaType"
            | "dependencies"
            | "dependentRequired"
            | "dependentSchemas"
            | "else"
            | "exclusiveMaximum"
            | "exclusiveMinimum"
            | "format"
            | "if"
            | "maxContains"
            | "maxItems"
            | "maxLength"
            | "maxProperties"
            | "maximum"
            | "minContains"
            | "minItems"
            | "minLength"
            | "minProperties"
            | "minimum"
            | "multipleOf"
            | "not"
            | "pattern"
            | "propertyNames"
            | "required"
            | "then"
            | "unevaluatedItems"
            | "unevaluatedProperties"
            | "uniqueItems"
    )
}

fn properties(own: &Value, other: &Value) -> Option<Value> {
    let (Value::Object(own), Value::Object(other)) = (own, other) else {
        return None;
    };
    let mut properties = own.clone();
    for (name, schema) in other {
        match properties.get_mut(name) {
            Some(own) if own != schema => *own = both(own, schema),
            Some(_) => {}
            None => {
                properties.insert(name.clone(), schema.clone());
            }
        }
    }
    Some(Value::Object(properties))
}

/// A schema for what both take.
fn both(own: &Value, other: &Value) -> Value {
    match (own, other) {
        (Value::Bool(true), other) => other.clone(),
        (own, Value::Bool(true)) => own.clone(),
        (Value::Bool(false), _) | (_, Value::Bool(false)) => Value::Bool(false),
        (own, other) => json!({ "allOf": [own, other] }),
    }
}

/// The types that both allow. A number may be an integer.
fn types(own: &Value, other: &Value) -> Option<Value> {
    let listed = |value: &Value| match value {
        Value::Array(types) => types.clone(),
        one => vec![one.clone()],
    };
    let (own, other) = (listed(own), listed(other));
    let takes = |types: &[Value], one: &Value| {
        types.contains(one) || *one == "integer" && types.contains(&Value::from("number"))
    };
    let mut common: Vec<Value> = own
        .iter()
        .filter(|one| takes(&other, one))
        .cloned()
        .collect();
    for one in &other {
        if takes(&own, one) && !common.contains(one) {
            common.push(one.clone());
        }
    }
    match common.as_slice() {
        [] => None,
        [one] => Some(one.clone()),
        _ => Some(Value::Array(common)),
    }
}
