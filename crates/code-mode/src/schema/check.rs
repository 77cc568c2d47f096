//! What is refused before anything is made of a schema: servers are not trusted,
//! and neither the conversion nor the validator may take long over one.

use std::collections::HashMap;

use jsonschema::error::ValidationErrorKind;
use jsonschema::{Draft, PatternOptions, ReferencingError, Validator};
use serde_json::{Map, Value};

use super::error::Problem;
use super::reference::{self, child};

/// The deepest nesting of a schema as a document.
const MAX_DEPTH: usize = 64;
/// The most values in it, and bytes of text.
const MAX_VALUES: usize = 20_000;
const MAX_TEXT: usize = 512 * 1024;
/// The longest row of schemas that apply to one value, each for the next, and
/// the most that apply to one value in all.
const MAX_CHAIN: usize = 128;
const MAX_APPLIED: u64 = 10_000;

/// The most regular expressions, and bytes of one when it is compiled.
const MAX_PATTERNS: usize = 100;
const MAX_PATTERN_BYTES: usize = 1024 * 1024;

/// The validator of a schema that is fit to be converted.
pub(super) fn validator(schema: &Value) -> Result<Validator, Problem> {
    Size::default().add(schema, "", 0)?;
    Applied::new(schema).check(schema, "")?;
    let options = || {
        jsonschema::options()
            .offline()
            .should_validate_formats(false)
            .with_pattern_options(PatternOptions::fancy_regex().size_limit(MAX_PATTERN_BYTES))
    };
    let built = options().build(schema).or_else(|error| {
        // What has no `$schema` is often of the draft before: `items` is a list.
        match schema.get("$schema") {
            Some(_) => Err(error),
            None => options()
                .with_draft(Draft::Draft7)
                .build(schema)
                .map_err(|_| error),
        }
    });
    built.map_err(|error| {
        let pointer = error.instance_path().to_string();
        match error.kind() {
            ValidationErrorKind::Referencing(ReferencingError::UnknownSpecification {
                specification,
            }) => Problem::new(
                "/$schema",
                format_args!(
                    "`{specification}` is no known draft: write to draft 7 or 2020-12, or leave it out"
                ),
            ),
            ValidationErrorKind::Referencing(error) => Problem::new(
                pointer,
                format_args!("{error}; a `$ref` must stay within the schema: nothing is fetched"),
            ),
            ValidationErrorKind::AnyOf { context } => {
                let first = context.iter().flatten().next().unwrap_or(&error);
                Problem::new(pointer, format_args!("not a JSON Schema: {first}"))
            }
            _ => Problem::new(pointer, format_args!("not a JSON Schema: {error}")),
        }
    })
}

/// How much of a document was seen.
#[derive(Default)]
struct Size {
    values: usize,
    text: usize,
}

impl Size {
    fn add(&mut self, value: &Value, pointer: &str, depth: usize) -> Result<(), Problem> {
        self.values += 1;
        if depth > MAX_DEPTH {
            let reason = format_args!("nested more than {MAX_DEPTH} levels deep: make it flatter");
            return Err(Problem::new(pointer, reason));
        }
        match value {
            Value::String(text) => self.text += text.len(),
            Value::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    self.add(item, &child(pointer, &index.to_string()), depth + 1)?;
                }
            }
            Value::Object(entries) => {
                for (key, value) in entries {
                    self.text += key.len();
                    self.add(value, &child(pointer, key), depth + 1)?;
                }
            }
            _ => {}
        }
        if self.values > MAX_VALUES || self.text > MAX_TEXT {
            let reason = format_args!(
                "larger than {MAX_VALUES} values or {MAX_TEXT} bytes of text: leave parts of it out"
            );
            return Err(Problem::new("", reason));
        }
        Ok(())
    }
}

/// How many schemas apply to the value that a schema applies to. One that
/// applies itself again to the same value would never end, and what doubles at
/// each step would not end in time.
struct Applied<'s> {
    root: &'s Value,
    counts: HashMap<String, u64>,
    patterns: usize,
    chain: Vec<String>,
}

impl<'s> Applied<'s> {
    fn new(root: &'s Value) -> Self {
        Self {
            root,
            counts: HashMap::new(),
            patterns: 0,
            chain: Vec::new(),
        }
    }

    /// Checks a schema and all in it.
    fn check(&mut self, schema: &Value, pointer: &str) -> Result<(), Problem> {
        match schema {
            Value::Object(keywords) => {
                self.count(schema, pointer)?;
                self.count_patterns(keywords)?;
                keywords.iter().try_for_each(|(keyword, value)| {
                    let here = child(pointer, keyword);
                    match (keyword.as_str(), value) {
                        // Values and no schemas.
                        ("const" | "default" | "enum" | "example" | "examples", _) => Ok(()),
                        (
                            "$defs" | "definitions" | "dependentSchemas" | "patternProperties"
                            | "properties",
                            Value::Object(named),
                        ) => {
                            let mut named = named.iter();
                            named.try_for_each(|(name, one)| self.check(one, &child(&here, name)))
                        }
                        ("$ref", Value::String(reference)) => {
                            self.check_reference(reference, &here)
                        }
                        _ => self.check(value, &here),
                    }
                })
            }
            Value::Array(items) => {
                let mut items = items.iter().enumerate();
                items.try_for_each(|(index, item)| {
                    self.check(item, &child(pointer, &index.to_string()))
                })
            }
            _ => Ok(()),
        }
    }

    fn count_patterns(&mut self, keywords: &Map<String, Value>) -> Result<(), Problem> {
        let named = keywords.get("patternProperties").and_then(Value::as_object);
        self.patterns += named.map_or(0, Map::len);
        self.patterns += usize::from(keywords.contains_key("pattern"));
        match self.patterns {
            ..=MAX_PATTERNS => Ok(()),
            _ => Err(Problem::new(
                "",
                format_args!("more than {MAX_PATTERNS} regular expressions: leave some out"),
            )),
        }
    }

    /// Finds what the validator would not find either, and where it is. It
    /// knows more about anchors and documents that have an `$id`.
    fn check_reference(&self, reference: &str, pointer: &str) -> Result<(), Problem> {
        let is_local = reference == "#" || reference.starts_with("#/");
        let has_id = self.root.get("$id").is_some();
        match is_local {
            true if reference::resolve(self.root, reference).is_none() => Err(Problem::new(
                pointer,
                format_args!(
                    "`{reference}` is nowhere in the schema: add it, or take the `$ref` out"
                ),
            )),
            false if !reference.starts_with('#') && !has_id => Err(Problem::new(
                pointer,
                format_args!(
                    "`{reference}` is another document, and nothing is fetched: put it into `$defs`"
                ),
            )),
            _ => Ok(()),
        }
    }

    fn count(&mut self, schema: &Value, pointer: &str) -> Result<u64, Problem> {
        if let Some(count) = self.counts.get(pointer) {
            return Ok(*count);
        }
        let Value::Object(keywords) = schema else {
            return Ok(1);
        };
        if self.chain.iter().any(|earlier| earlier == pointer) {
            let reason = "applies to a value only if it applies to that value: take the `$ref` to itself out";
            return Err(Problem::new(pointer, reason));
        }
        if self.chain.len() >= MAX_CHAIN {
            let reason = format_args!("more than {MAX_CHAIN} schemas that each apply the next");
            return Err(Problem::new(pointer, reason));
        }
        self.chain.push(pointer.to_owned());
        let mut count = 1_u64;
        let mut add = |part: u64| {
            count = count.saturating_add(part);
            match count {
                ..=MAX_APPLIED => Ok(()),
                _ => Err(Problem::new(
                    pointer,
                    format_args!(
                        "more than {MAX_APPLIED} schemas apply to one value: use fewer `$ref`s"
                    ),
                )),
            }
        };
        for (keyword, value) in keywords {
            let here = || child(pointer, keyword);
            match (keyword.as_str(), value) {
                ("allOf" | "anyOf" | "oneOf", Value::Array(parts)) => {
                    for (index, part) in parts.iter().enumerate() {
                        add(self.count(part, &child(&here(), &index.to_string()))?)?;
                    }
                }
                ("dependentSchemas", Value::Object(parts)) => {
                    for (key, part) in parts {
                        add(self.count(part, &child(&here(), key))?)?;
                    }
                }
                ("not" | "if" | "then" | "else", part) => add(self.count(part, &here())?)?,
                ("$ref", Value::String(target)) => {
                    if let Some((target, schema)) = reference::resolve(self.root, target) {
                        add(self.count(schema, &target)?)?;
                    }
                }
                _ => {}
            }
        }
        self.chain.pop();
        self.counts.insert(pointer.to_owned(), count);
        Ok(count)
    }
}
