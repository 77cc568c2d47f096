//! A JSON Schema as a [`Type`].
//!
//! The type shows the shape of a value. What it cannot show is a
//! [`SchemaNote`], and the validator checks all of it in any case.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use monty_host::{Field, Record, Type, Value as Object};
use serde_json::{Map, Value};

use super::error::{Problem, SchemaNote, SchemaSide};
use super::merge::{is_annotation, is_bound, merge};
use super::reference::{child, last_part, resolve};
use crate::names::{self, Distinct};

/// How deep types are nested, and how many schemas and merged schemas the types
/// of a tool are made of. What lies beyond is `Any`.
const MAX_DEPTH: usize = 24;
const MAX_SCHEMAS: usize = 2_000;
const MAX_MERGED: usize = 300;

/// The most notes of a tool.
const MAX_NOTES: usize = 50;

/// The most values of an enum that its type lists, and their length in all.
const MAX_LITERALS: usize = 100;
const MAX_LITERALS_BYTES: usize = 4_000;

/// The longest title that is the name of a type.
const MAX_TITLE: usize = 40;

/// What the conversions of a tool's schemas share.
#[derive(Default)]
pub(super) struct Shared {
    type_names: Distinct,
    schemas: usize,
    merged: usize,
    pub(super) notes: Vec<SchemaNote>,
}

/// A schema with everything that applies to the same value, and where it is.
pub(super) struct Flat<'s> {
    pub(super) keywords: Cow<'s, Map<String, Value>>,
    pub(super) pointer: String,
    /// The targets of the `$ref`s that led here.
    targets: Vec<String>,
}

/// Converts the parts of one schema.
pub(super) struct Converter<'s, 'n> {
    root: &'s Value,
    side: SchemaSide,
    shared: &'n mut Shared,
    depth: usize,
    /// The records that are being converted, outermost first, by their place.
    around: Vec<String>,
    /// The `$ref`s that are being followed, each with how many records were
    /// around it.
    following: Vec<(String, usize)>,
    /// The outermost record around that what was converted refers to.
    refers_to: usize,
    records: HashMap<String, Known>,
}

/// A record that was met before.
#[derive(Clone)]
enum Known {
    /// Refers to nothing around it.
    Closed(Arc<Record>),
    /// Is around, or refers to what was around it.
    Named(Arc<str>),
}

/// The type of the result of a tool, of a schema of that alone.
#[cfg(feature = "schemars")]
pub(crate) fn result_type(tool: &str, schema: &Value) -> Result<Type, super::error::SchemaError> {
    super::check::validator(schema).map_err(|problem| problem.of(tool, SchemaSide::Output))?;
    let mut shared = Shared::default();
    let mut converter = Converter::new(schema, SchemaSide::Output, &mut shared);
    Ok(converter.ty(schema, "", &format!("{tool} result")))
}

impl<'s, 'n> Converter<'s, 'n> {
    pub(super) fn new(root: &'s Value, side: SchemaSide, shared: &'n mut Shared) -> Self {
        Self {
            root,
            side,
            shared,
            depth: 0,
            around: Vec::new(),
            following: Vec::new(),
            refers_to: usize::MAX,
            records: HashMap::new(),
        }
    }

    pub(super) fn note(&mut self, pointer: &str, reason: impl std::fmt::Display) {
        let note = SchemaNote {
            side: self.side,
            problem: Problem::new(pointer, reason),
        };
        let notes = &mut self.shared.notes;
        if notes.len() < MAX_NOTES && !notes.contains(&note) {
            notes.push(note);
        }
    }

    /// The type of a schema. A record in it that has no title is named by the
    /// hint.
    pub(super) fn ty(&mut self, schema: &Value, pointer: &str, hint: &str) -> Type {
        let keywords = match schema {
            Value::Object(keywords) => keywords,
            Value::Bool(false) => return Type::Union(Vec::new()),
            _ => return Type::Any,
        };
        self.shared.schemas += 1;
        if self.depth >= MAX_DEPTH || self.shared.schemas > MAX_SCHEMAS {
            let reason = format_args!(
                "deeper than {MAX_DEPTH} levels or beyond {MAX_SCHEMAS} schemas, so not shown"
            );
            // One note stands for the many that a large schema would have.
            let place = if self.depth >= MAX_DEPTH { pointer } else { "" };
            self.note(place, reason);
            return Type::Any;
        }
        let Some(flat) = self.flat(keywords, pointer) else {
            return Type::Any;
        };
        let records = self.around.len();
        let followed = self.following.len();
        for target in &flat.targets {
            let step = (target.clone(), records);
            if self.following.contains(&step) {
                self.following.truncate(followed);
                self.note(
                    pointer,
                    "refers to itself without an object between, so not shown",
                );
                return Type::Any;
            }
            self.following.push(step);
        }
        self.depth += 1;
        let ty = self.flat_type(&flat, hint);
        self.depth -= 1;
        self.following.truncate(followed);
        ty
    }

    /// Puts together what applies to the same value: `$ref` and `allOf`.
    pub(super) fn flat<'a>(
        &mut self,
        keywords: &'a Map<String, Value>,
        pointer: &str,
    ) -> Option<Flat<'a>>
    where
        's: 'a,
    {
        let mut parts = Vec::new();
        if let Some(Value::String(reference)) = keywords.get("$ref") {
            let Some((target, Value::Object(schema))) = resolve(self.root, reference) else {
                self.note(
                    pointer,
                    format_args!("`$ref` to `{reference}`, so not shown"),
                );
                return None;
            };
            let mut part = self.flat(schema, &target)?;
            part.targets.push(target);
            parts.push(part);
        }
        if let Some(Value::Array(all)) = keywords.get("allOf") {
            let here = child(pointer, "allOf");
            for (index, part) in all.iter().enumerate() {
                if let Value::Object(part) = part {
                    parts.push(self.flat(part, &child(&here, &index.to_string()))?);
                }
            }
        }
        if parts.is_empty() {
            return Some(Flat {
                keywords: Cow::Borrowed(keywords),
                pointer: pointer.to_owned(),
                targets: Vec::new(),
            });
        }
        let own = keywords
            .iter()
            .filter(|(keyword, _)| !matches!(keyword.as_str(), "$ref" | "allOf"));
        if let [part] = parts.as_slice() {
            let adds = |(keyword, value): (&String, &Value)| {
                let is_known = says_nothing(keyword) || part.keywords.get(keyword) == Some(value);
                !is_known && (keyword == "required" || !is_bound(keyword))
            };
            if !own.clone().any(adds) {
                return parts.pop();
            }
        }
        // Where a schema that adds to itself was put together once, the place is
        // one that the document does not have, and it could go on for ever.
        if self.root.pointer(pointer).is_none() {
            let follows = |target: &String| self.following.iter().any(|(one, _)| one == target);
            let again = parts
                .iter()
                .position(|part| part.targets.iter().any(follows));
            if let Some(again) = again {
                self.note(
                    pointer,
                    "what is asked beside a `$ref` to what is around is not shown",
                );
                return Some(parts.swap_remove(again));
            }
        }
        let mut merged: Map<_, _> = own
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect();
        for part in parts {
            self.merge(&mut merged, &part.keywords, pointer)?;
        }
        Some(Flat {
            keywords: Cow::Owned(merged),
            pointer: pointer.to_owned(),
            targets: Vec::new(),
        })
    }

    fn merge(
        &mut self,
        into: &mut Map<String, Value>,
        other: &Map<String, Value>,
        pointer: &str,
    ) -> Option<()> {
        self.shared.merged += 1;
        if self.shared.merged > MAX_MERGED {
            let reason = format_args!("more than {MAX_MERGED} parts to put together, so not shown");
            self.note("", reason);
            return None;
        }
        for keyword in merge(into, other) {
            let reason = format_args!("`{keyword}` of several schemas: the first is shown");
            self.note(pointer, reason);
        }
        Some(())
    }

    fn flat_type(&mut self, flat: &Flat<'_>, hint: &str) -> Type {
        let ty = self.shape(flat, hint);
        match flat.keywords.get("nullable") {
            Some(Value::Bool(true)) => Type::optional(ty),
            _ => ty,
        }
    }

    fn shape(&mut self, flat: &Flat<'_>, hint: &str) -> Type {
        let keywords = &flat.keywords;
        if let Some(value) = keywords.get("const") {
            return self.literals(std::slice::from_ref(value), &flat.pointer);
        }
        if let Some(Value::Array(values)) = keywords.get("enum") {
            return self.literals(values, &flat.pointer);
        }
        for keyword in ["anyOf", "oneOf"] {
            if let Some(Value::Array(branches)) = keywords.get(keyword)
                && let Some(ty) = self.alternatives(flat, keyword, branches, hint)
            {
                return ty;
            }
        }
        match keywords.get("type") {
            Some(Value::String(name)) => self.named(name, flat, hint),
            Some(Value::Array(names)) => {
                let names = names.iter().filter_map(Value::as_str);
                Type::union(
                    names
                        .map(|name| self.named(name, flat, hint))
                        .collect::<Vec<_>>(),
                )
            }
            _ => match inferred(keywords) {
                Some(name) => self.named(name, flat, hint),
                None => Type::Any,
            },
        }
    }

    fn named(&mut self, name: &str, flat: &Flat<'_>, hint: &str) -> Type {
        match name {
            "null" => Type::None,
            "boolean" => Type::Bool,
            "integer" => Type::Int,
            "number" => Type::Float,
            "string" => Type::Str,
            "array" => self.array(flat, hint),
            "object" => self.object(flat, hint),
            _ => Type::Any,
        }
    }

    /// The values of an enum, or the types of those that Python has no literals
    /// for.
    fn literals(&mut self, values: &[Value], pointer: &str) -> Type {
        let bytes: usize = values.iter().filter_map(Value::as_str).map(str::len).sum();
        let fits = values.len() <= MAX_LITERALS && bytes <= MAX_LITERALS_BYTES;
        if !fits {
            let count = values.len();
            self.note(
                pointer,
                format_args!("{count} values, of which only the type is shown"),
            );
        }
        let literal = |value: &Value| Type::Literal(vec![Object::from_json(value.clone())]);
        Type::union(values.iter().map(|value| match value {
            Value::Null => Type::None,
            Value::Bool(_) if fits => literal(value),
            Value::String(_) if fits => literal(value),
            Value::Number(number) if fits && !number.is_f64() => literal(value),
            Value::Bool(_) => Type::Bool,
            Value::String(_) => Type::Str,
            Value::Number(number) if !number.is_f64() => Type::Int,
            Value::Number(_) => Type::Float,
            Value::Array(_) => Type::list(Type::Any),
            Value::Object(_) => Type::dict(Type::Str, Type::Any),
        }))
    }

    /// The union of several schemas, each with what stands beside them. `None`
    /// if they only limit what that is.
    fn alternatives(
        &mut self,
        flat: &Flat<'_>,
        keyword: &str,
        branches: &[Value],
        hint: &str,
    ) -> Option<Type> {
        let has_shape = |schema: &Value| match schema {
            Value::Object(keywords) => keywords.keys().any(|keyword| is_shape(keyword)),
            _ => false,
        };
        let here = child(&flat.pointer, keyword);
        if !branches.iter().any(has_shape) {
            if branches.iter().any(Value::is_object) {
                self.note(
                    &here,
                    "alternatives that only limit the value are not shown",
                );
            }
            return None;
        }
        let own = flat
            .keywords
            .iter()
            .filter(|(other, _)| *other != keyword && !is_annotation(other));
        let own: Map<_, _> = own
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect();
        let is_plain = !own
            .keys()
            .any(|keyword| is_shape(keyword) && keyword != "type");
        let mut types = Vec::new();
        for (index, branch) in branches.iter().enumerate() {
            let pointer = child(&here, &index.to_string());
            types.push(match branch {
                branch if is_plain && has_shape(branch) => self.ty(branch, &pointer, hint),
                Value::Object(branch) => {
                    let mut merged = own.clone();
                    let branch = self.flat(branch, &pointer);
                    match branch {
                        Some(branch) => match self.merge(&mut merged, &branch.keywords, &pointer) {
                            Some(()) => self.ty(&Value::Object(merged), &pointer, hint),
                            None => Type::Any,
                        },
                        None => Type::Any,
                    }
                }
                Value::Bool(false) => continue,
                _ => self.ty(&Value::Object(own.clone()), &pointer, hint),
            });
        }
        Some(Type::union(types))
    }

    fn array(&mut self, flat: &Flat<'_>, hint: &str) -> Type {
        let hint = format!("{hint} item");
        let keywords = &flat.keywords;
        let (places, rest) = match (keywords.get("prefixItems"), keywords.get("items")) {
            (Some(Value::Array(places)), rest) => (
                Some(("prefixItems", places)),
                rest.map(|rest| ("items", rest)),
            ),
            // As drafts before 2020-12 have it.
            (_, Some(Value::Array(places))) => {
                let rest = keywords.get("additionalItems");
                (
                    Some(("items", places)),
                    rest.map(|rest| ("additionalItems", rest)),
                )
            }
            (_, rest) => (None, rest.map(|rest| ("items", rest))),
        };
        let mut types = Vec::new();
        if let Some((keyword, places)) = places {
            let here = child(&flat.pointer, keyword);
            for (index, place) in places.iter().enumerate() {
                types.push(self.ty(place, &child(&here, &index.to_string()), &hint));
            }
        }
        match (rest, types.is_empty()) {
            (Some((keyword, rest @ Value::Object(_))), _) => {
                types.push(self.ty(rest, &child(&flat.pointer, keyword), &hint));
                Type::list(Type::union(types))
            }
            (_, true) => Type::list(Type::Any),
            (_, false) => Type::Tuple(types),
        }
    }

    fn object(&mut self, flat: &Flat<'_>, hint: &str) -> Type {
        let keywords = &flat.keywords;
        let is_filled = |keyword| match keywords.get(keyword) {
            Some(Value::Object(entries)) => !entries.is_empty(),
            Some(Value::Array(entries)) => !entries.is_empty(),
            _ => false,
        };
        let more = match keywords.get("additionalProperties") {
            Some(more @ Value::Object(_)) => Some(("additionalProperties".to_owned(), more)),
            _ => None,
        };
        let patterns = keywords.get("patternProperties").and_then(Value::as_object);
        let patterns = patterns.into_iter().flatten();
        let patterns = patterns.map(|(pattern, schema)| {
            let place = child("patternProperties", pattern);
            (place, schema)
        });
        let others: Vec<_> = more.into_iter().chain(patterns).collect();
        if is_filled("properties") || is_filled("required") {
            if !others.is_empty() {
                self.note(&flat.pointer, "keys beside the listed ones are not shown");
            }
            return self.record(flat, hint);
        }
        let hint = format!("{hint} value");
        let values = others.iter().map(|(place, schema)| {
            let pointer = format!("{}/{place}", flat.pointer);
            self.ty(schema, &pointer, &hint)
        });
        let values: Vec<_> = values.collect();
        match values.is_empty() {
            true => Type::dict(Type::Str, Type::Any),
            false => Type::dict(Type::Str, Type::union(values)),
        }
    }

    fn record(&mut self, flat: &Flat<'_>, hint: &str) -> Type {
        match self.records.get(&flat.pointer) {
            Some(Known::Closed(record)) => return Type::Record(Arc::clone(record)),
            Some(Known::Named(name)) => {
                let place = self
                    .around
                    .iter()
                    .position(|around| *around == flat.pointer);
                // What is no longer around refers to what is.
                self.refers_to = self.refers_to.min(place.unwrap_or(0));
                return Type::Enclosing(Arc::clone(name));
            }
            None => {}
        }
        let name = self.type_name(flat, hint);
        let known = Known::Named(name.as_str().into());
        self.records.insert(flat.pointer.clone(), known);
        let place = self.around.len();
        self.around.push(flat.pointer.clone());
        let before = std::mem::replace(&mut self.refers_to, usize::MAX);
        let mut record = Record::new(name);
        for property in properties(&flat.keywords) {
            let ty = match property.schema {
                Some(schema) => {
                    let here = child(&flat.pointer, "properties");
                    self.ty(schema, &child(&here, property.name), property.name)
                }
                None => Type::Any,
            };
            let mut field = Field::new(property.name, ty);
            if !property.required {
                field = field.optional();
            }
            if let Some(description) = property.description() {
                field = field.description(description);
            }
            record = record.with(field);
        }
        self.around.pop();
        let record = Arc::new(record);
        if self.refers_to >= place {
            let known = Known::Closed(Arc::clone(&record));
            self.records.insert(flat.pointer.clone(), known);
            self.refers_to = before;
        } else {
            self.refers_to = self.refers_to.min(before);
        }
        Type::Record(record)
    }

    /// A name that no other record of the tool has.
    fn type_name(&mut self, flat: &Flat<'_>, hint: &str) -> String {
        let title = flat.keywords.get("title").and_then(Value::as_str);
        let title = title.filter(|title| title.len() <= MAX_TITLE && !title.trim().is_empty());
        let defined = ["/$defs/", "/definitions/"].iter().any(|place| {
            let rest = flat.pointer.strip_prefix(place);
            rest.is_some_and(|rest| !rest.contains('/'))
        });
        let name = match title {
            Some(title) => names::type_name(title),
            None if defined => names::type_name(&last_part(&flat.pointer)),
            None => names::type_name(hint),
        };
        self.shared.type_names.name(name)
    }
}

/// Whether a keyword neither limits a value nor describes its shape.
fn says_nothing(keyword: &str) -> bool {
    is_annotation(keyword) || matches!(keyword, "$defs" | "definitions" | "$anchor")
}

/// Whether a keyword tells something of the type.
fn is_shape(keyword: &str) -> bool {
    !says_nothing(keyword) && !is_bound(keyword)
}

/// The type of a value that only its bounds tell something of.
fn inferred(keywords: &Map<String, Value>) -> Option<&'static str> {
    let has = |names: &[&str]| names.iter().any(|name| keywords.contains_key(*name));
    if has(&[
        "properties",
        "additionalProperties",
        "patternProperties",
        "required",
        "propertyNames",
    ]) {
        Some("object")
    } else if has(&[
        "items",
        "prefixItems",
        "minItems",
        "maxItems",
        "uniqueItems",
    ]) {
        Some("array")
    } else if has(&["pattern", "minLength", "maxLength", "format"]) {
        Some("string")
    } else if has(&[
        "minimum",
        "maximum",
        "exclusiveMinimum",
        "exclusiveMaximum",
        "multipleOf",
    ]) {
        Some("number")
    } else {
        None
    }
}

/// A key of an object.
pub(super) struct Property<'s> {
    pub(super) name: &'s str,
    pub(super) schema: Option<&'s Value>,
    pub(super) required: bool,
}

impl Property<'_> {
    pub(super) fn description(&self) -> Option<&str> {
        let text = self.schema?.get("description")?.as_str()?;
        (!text.trim().is_empty()).then_some(text)
    }
}

/// The keys of an object: first those that must be there, in the order in which
/// the schema requires them, which every JSON library keeps.
pub(super) fn properties(keywords: &Map<String, Value>) -> Vec<Property<'_>> {
    let listed = keywords.get("properties").and_then(Value::as_object);
    let required = keywords.get("required").and_then(Value::as_array);
    let required = required.into_iter().flatten().filter_map(Value::as_str);
    let mut seen = HashSet::new();
    let mut properties: Vec<_> = required
        .filter(|name| seen.insert(*name))
        .map(|name| Property {
            name,
            schema: listed.and_then(|listed| listed.get(name)),
            required: true,
        })
        .collect();
    let others = listed
        .into_iter()
        .flatten()
        .filter(|(name, _)| !seen.contains(name.as_str()));
    properties.extend(others.map(|(name, schema)| Property {
        name,
        schema: Some(schema),
        required: false,
    }));
    properties
}
