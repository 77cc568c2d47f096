//! Records as `TypedDict`s.

use std::collections::HashSet;

use monty_host::Record;

use super::record_graph::RecordGraph;
use super::render::annotation;
use crate::names::{self, Distinct, Scope};
use crate::text;
use crate::toolbox::Toolbox;

/// The longest description of a key.
const MAX_COMMENT: usize = 200;

/// What annotations use besides built-in names.
const TYPING: [&str; 5] = ["Any", "Literal", "Never", "NotRequired", "TypedDict"];

/// A record as Python source.
#[derive(Debug)]
pub(super) struct Definition {
    /// In one line.
    pub(super) compact: String,
    /// With the descriptions of keys.
    pub(super) full: String,
    /// The definitions of the records in it.
    needs: Vec<usize>,
}

/// A name for each class of records.
pub(super) fn names(graph: &RecordGraph<'_>, toolbox: &Toolbox) -> Vec<String> {
    let namespaces = toolbox
        .namespaces()
        .iter()
        .map(|namespace| namespace.name.as_str());
    let tools = toolbox.iter().map(|tool| tool.get_name());
    let taken = namespaces.chain(tools).chain(TYPING).map(str::to_owned);
    let mut distinct = Distinct::with_taken(taken.collect());
    let named = graph.classes().map(|(record, _)| {
        let own = record.name();
        let is_name = names::is_safe(own, Scope::Global) && !own.starts_with("__");
        let name = match is_name {
            true => own.to_owned(),
            false => names::type_name(own),
        };
        distinct.name(match Scope::Global.is_reserved(&name) {
            true => format!("{name}_"),
            false => name,
        })
    });
    named.collect()
}

/// The definition of each class of records.
pub(super) fn definitions(graph: &RecordGraph<'_>, names: &[String]) -> Vec<Definition> {
    let classes = graph.classes().zip(names);
    classes
        .map(|((record, children), name)| {
            let mut references = children.iter().map(|child| name_of(*child, names));
            let fields: Vec<_> = record
                .fields()
                .iter()
                .map(|field| {
                    let ty = annotation(&field.ty, &mut references);
                    match field.required {
                        true => ty,
                        false => format!("NotRequired[{ty}]"),
                    }
                })
                .collect();
            let mut needs: Vec<_> = children.iter().flatten().copied().collect();
            needs.dedup();
            let is_class = record.fields().iter().all(|field| {
                names::is_safe(&field.name, Scope::Members) && !field.name.starts_with("__")
            });
            let (compact, full) = match is_class {
                true => class(name, record, &fields),
                false => call(name, record, &fields, !needs.is_empty()),
            };
            Definition {
                compact,
                full,
                needs,
            }
        })
        .collect()
}

/// The name of a class of records.
pub(super) fn name_of(class: Option<usize>, names: &[String]) -> Option<&str> {
    names.get(class?).map(String::as_str)
}

/// `class Name(TypedDict)`.
fn class(name: &str, record: &Record, types: &[String]) -> (String, String) {
    if types.is_empty() {
        let source = format!("class {name}(TypedDict): pass\n");
        return (source.clone(), source);
    }
    let fields = record.fields().iter().zip(types);
    let lines: Vec<_> = fields
        .map(|(field, ty)| format!("{}: {ty}", field.name))
        .collect();
    let compact = format!("class {name}(TypedDict): {}\n", lines.join("; "));
    let mut full = format!("class {name}(TypedDict):\n");
    for (line, field) in lines.iter().zip(record.fields()) {
        full.push_str("    ");
        full.push_str(line);
        full.push_str(&comment(field.description.as_deref()));
        full.push('\n');
    }
    (compact, full)
}

/// `Name = TypedDict("Name", {…})`, for keys that are no names. Unlike in a
/// class, the types are evaluated where they stand, so those that use others are
/// in quotes.
fn call(name: &str, record: &Record, types: &[String], is_quoted: bool) -> (String, String) {
    let fields = record.fields().iter().zip(types);
    let lines: Vec<_> = fields
        .map(|(field, ty)| {
            let ty = match is_quoted {
                true => text::literal(ty),
                false => ty.clone(),
            };
            format!("{}: {ty}", text::literal(&field.name))
        })
        .collect();
    let compact = format!("{name} = TypedDict('{name}', {{{}}})\n", lines.join(", "));
    let mut full = format!("{name} = TypedDict('{name}', {{\n");
    for (line, field) in lines.iter().zip(record.fields()) {
        full.push_str("    ");
        full.push_str(line);
        full.push(',');
        full.push_str(&comment(field.description.as_deref()));
        full.push('\n');
    }
    full.push_str("})\n");
    (compact, full)
}

fn comment(description: Option<&str>) -> String {
    let text = description.map(|text| text::line(text, MAX_COMMENT));
    match text {
        Some(text) if !text.is_empty() => format!("  # {text}"),
        _ => String::new(),
    }
}

/// The definitions that some classes need, each after those that it needs
/// itself, as far as they do not need each other.
pub(super) fn needed(
    classes: impl Iterator<Item = usize>,
    definitions: &[Definition],
) -> Vec<usize> {
    enum Step {
        Enter(usize),
        Leave(usize),
    }
    let mut seen = HashSet::new();
    let mut order = Vec::new();
    for class in classes {
        let mut steps = vec![Step::Enter(class)];
        while let Some(step) = steps.pop() {
            match step {
                Step::Leave(class) => order.push(class),
                Step::Enter(class) if seen.insert(class) => {
                    steps.push(Step::Leave(class));
                    let needs = definitions
                        .get(class)
                        .map(|definition| definition.needs.iter());
                    let needs = needs.into_iter().flatten().rev();
                    steps.extend(needs.map(|class| Step::Enter(*class)));
                }
                Step::Enter(_) => {}
            }
        }
    }
    order
}
