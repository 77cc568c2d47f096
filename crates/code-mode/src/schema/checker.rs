//! Checks values against a schema, and says why one does not fit, as far as that
//! can be found in time.

use std::collections::{HashMap, HashSet};

use jsonschema::Validator;
use serde_json::Value;

use super::check::validator;
use super::error::Problem;
use super::fit::Misfit;
use super::reference::{child, resolve};

/// How many alternatives are tried for a message. The validator gathers the
/// errors of each alternative, at each level of the value.
const MAX_TRIED: u64 = 2_000;

/// The most `$ref`s that are followed to see whether a schema is recursive.
const MAX_REFERENCES: usize = 300;

/// Checks values against a schema.
pub(super) struct Checker {
    schema: Value,
    validator: Validator,
    /// How many alternatives there can be at each level of a value. One if the
    /// schema is not recursive: its own size bounds them then.
    alternatives: u64,
}

impl Checker {
    pub(super) fn new(schema: &Value) -> Result<Self, Problem> {
        Ok(Self {
            validator: validator(schema)?,
            alternatives: match is_recursive(schema) || refers_by_name(schema) {
                true => most_alternatives(schema),
                false => 1,
            },
            schema: schema.clone(),
        })
    }

    /// Why a value does not fit, if it does not.
    pub(super) fn misfit(&self, value: &Value) -> Option<Misfit> {
        // Ends at the first error of an alternative.
        if self.validator.is_valid(value) {
            return None;
        }
        let levels = u32::try_from(depth(value)).unwrap_or(u32::MAX);
        if self.alternatives.saturating_pow(levels) > MAX_TRIED {
            return Some(Misfit::unexplained());
        }
        let error = self.validator.validate(value).err()?;
        Some(Misfit::of(&error, &self.schema))
    }
}

fn depth(value: &Value) -> usize {
    let deepest = match value {
        Value::Array(items) => items.iter().map(depth).max(),
        Value::Object(entries) => entries.values().map(depth).max(),
        _ => return 0,
    };
    1 + deepest.unwrap_or(0)
}

/// The most alternatives that a schema gives at one place.
fn most_alternatives(schema: &Value) -> u64 {
    match schema {
        Value::Array(items) => items.iter().map(most_alternatives).max().unwrap_or(1),
        Value::Object(keywords) => {
            let own = ["anyOf", "oneOf"].into_iter().filter_map(|keyword| {
                let branches = keywords.get(keyword)?.as_array()?;
                u64::try_from(branches.len()).ok()
            });
            own.chain(keywords.values().map(most_alternatives))
                .max()
                .unwrap_or(1)
        }
        _ => 1,
    }
}

/// Whether a schema refers to an anchor, or to what a validation finds: where
/// that leads, and whether back, only the validator knows.
fn refers_by_name(schema: &Value) -> bool {
    match schema {
        Value::Object(keywords) => keywords.iter().any(|(keyword, value)| {
            let is_name = match (keyword.as_str(), value) {
                ("$dynamicRef" | "$recursiveRef", Value::String(_)) => true,
                ("$ref", Value::String(target)) => target != "#" && !target.starts_with("#/"),
                _ => false,
            };
            is_name || refers_by_name(value)
        }),
        Value::Array(items) => items.iter().any(refers_by_name),
        _ => false,
    }
}

/// Whether a schema refers to one that it is in, at once or by way of others.
fn is_recursive(schema: &Value) -> bool {
    let mut references = Vec::new();
    collect(schema, schema, "", &mut references);
    if references.len() > MAX_REFERENCES {
        return true;
    }
    let is_within = |place: &str, target: &str| {
        let rest = place.strip_prefix(target);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let targets: HashSet<&str> = references
        .iter()
        .map(|(_, target)| target.as_str())
        .collect();
    let mut leads_to: HashMap<&str, HashSet<&str>> = HashMap::new();
    for target in &targets {
        let within = references
            .iter()
            .filter(|(place, _)| is_within(place, target));
        leads_to.insert(target, within.map(|(_, next)| next.as_str()).collect());
    }
    // Takes out what leads nowhere, until only what leads on for ever is left.
    loop {
        let ends: HashSet<&str> = leads_to
            .iter()
            .filter(|(_, next)| next.is_empty())
            .map(|(target, _)| *target)
            .collect();
        if ends.is_empty() {
            return !leads_to.is_empty();
        }
        leads_to.retain(|target, _| !ends.contains(target));
        for next in leads_to.values_mut() {
            next.retain(|target| !ends.contains(target));
        }
    }
}

/// The places of all `$ref`s, and what they lead to.
fn collect(root: &Value, schema: &Value, place: &str, references: &mut Vec<(String, String)>) {
    if references.len() > MAX_REFERENCES {
        return;
    }
    match schema {
        Value::Object(keywords) => {
            for (keyword, value) in keywords {
                match (keyword.as_str(), value) {
                    ("$ref", Value::String(target)) => {
                        if let Some((target, _)) = resolve(root, target) {
                            references.push((place.to_owned(), target));
                        }
                    }
                    _ => collect(root, value, &child(place, keyword), references),
                }
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                collect(root, item, &child(place, &index.to_string()), references);
            }
        }
        _ => {}
    }
}
