//! Blocks of JSON and TOML.

use std::path::Path;

use jsonschema::Validator;
use serde_json::Value;

use crate::blocks::Block;
use crate::programs::monty_host;
use crate::support::root;

/// The schema that `monty-host config schema` prints, and the keys of a configuration.
pub struct ConfigurationSchema {
    schema: Value,
    validator: Validator,
    keys: Vec<String>,
}

pub fn configuration_schema() -> ConfigurationSchema {
    let printed = monty_host(&["config", "schema"], &root()).into_result();
    let schema: Value = serde_json::from_str(&printed.expect("a schema")).expect("it is JSON");
    let properties = schema["properties"].as_object().expect("an object");
    ConfigurationSchema {
        validator: jsonschema::validator_for(&schema).expect("a valid schema"),
        keys: properties.keys().cloned().collect(),
        schema,
    }
}

impl ConfigurationSchema {
    /// The keys, at any depth, that a page does not name.
    pub fn unnamed(&self, page: &str) -> Vec<String> {
        let mut keys = Vec::new();
        collect_keys(&self.schema, &mut keys);
        keys.retain(|key| !page.contains(key));
        keys
    }
}

/// The keys of all objects that a schema describes.
fn collect_keys(schema: &Value, keys: &mut Vec<String>) {
    let inner: Vec<&Value> = match schema {
        Value::Object(object) => {
            let properties = object.get("properties").and_then(Value::as_object);
            keys.extend(properties.into_iter().flat_map(|all| all.keys().cloned()));
            object.values().collect()
        }
        Value::Array(items) => items.iter().collect(),
        _ => return,
    };
    for schema in inner {
        collect_keys(schema, keys);
    }
}

/// Parses a block. One with a key of configurations is one.
pub fn json(block: &Block, schema: &ConfigurationSchema) -> Result<(), String> {
    let value: Value = serde_json::from_str(&block.text()).map_err(|error| error.to_string())?;
    let is_configuration = schema.keys.iter().any(|key| value.get(key).is_some());
    if !is_configuration {
        return Ok(());
    }
    let errors = schema.validator.iter_errors(&value);
    let errors: Vec<_> = errors
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    match errors.is_empty() {
        true => Ok(()),
        false => Err(errors.join("\n")),
    }
}

/// Parses a block with the `tomllib` of the sandbox.
pub fn toml(block: &Block, folder: &Path) -> Result<(), String> {
    let text = Value::from(block.text());
    let input = format!("text={text}");
    let code = "import tomllib\ntomllib.loads(text)";
    let run = monty_host(&["run", "-c", code, "--input", &input], folder);
    run.into_result().map(|_| ())
}
