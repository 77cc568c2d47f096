//! A tool as a function.

use std::fmt::Write as _;

use monty_host::Parameter;

use super::ToolStub;
use super::definition::{Definition, name_of, needed};
use super::record_graph::ToolRecords;
use super::render::{annotation, default};
use crate::text;
use crate::toolbox::{AgentTool, ToolKind};

/// The longest descriptions, of a tool, of a parameter and of a namespace.
const MAX_DESCRIPTION: usize = 2_000;
const MAX_PARAMETER_DESCRIPTION: usize = 400;
const MAX_NAMESPACE_DESCRIPTION: usize = 200;
/// The longest shape of observed results, in a docstring and after a signature.
const MAX_OBSERVED: usize = 800;
const MAX_OBSERVED_SHORT: usize = 200;

pub(super) fn stub(
    tool: &AgentTool,
    records: Option<&ToolRecords>,
    names: &[String],
    definitions: &[Definition],
) -> ToolStub {
    let none = ToolRecords::default();
    let records = records.unwrap_or(&none);
    let all = records.parameters.iter().flatten().chain(&records.returns);
    ToolStub {
        namespace: tool.get_namespace().map(|namespace| {
            let description = namespace.description.as_deref();
            let description = description.map(|text| text::line(text, MAX_NAMESPACE_DESCRIPTION));
            (
                namespace.name.clone(),
                description.filter(|text| !text.is_empty()),
            )
        }),
        head: head(tool, records, names),
        observed: tool
            .get_observed_result()
            .map(|shape| text::line(shape, MAX_OBSERVED_SHORT)),
        docstring: docstring(tool),
        definitions: needed(all.flatten().copied(), definitions),
    }
}

fn head(tool: &AgentTool, records: &ToolRecords, names: &[String]) -> String {
    let def = if tool.is_awaited() {
        "async def"
    } else {
        "def"
    };
    let mut head = format!("{def} {}(", tool.bare_name());
    let signature = tool.get_signature();
    for (index, (mark, parameter)) in signature.marked_parameters().enumerate() {
        if index > 0 {
            head.push_str(", ");
        }
        head.push_str(mark);
        let references = records
            .parameters
            .get(index)
            .map(Vec::as_slice)
            .unwrap_or_default();
        let mut references = references.iter().map(|class| name_of(*class, names));
        let ty = annotation(parameter.get_type(), &mut references);
        let _ = write!(head, "{}: {ty}", parameter.get_name());
        if let Some(value) = parameter.get_default() {
            let _ = write!(head, " = {}", default(value));
        }
    }
    let mut references = records.returns.iter().map(|class| name_of(*class, names));
    let returns = annotation(signature.get_returns(), &mut references);
    let _ = write!(head, ") -> {returns}:");
    head
}

fn docstring(tool: &AgentTool) -> Vec<String> {
    let mut lines = match tool.get_description() {
        Some(description) => text::docstring(description, MAX_DESCRIPTION),
        None => Vec::new(),
    };
    let original = tool.original_name();
    if original != tool.bare_name() {
        if !lines.is_empty() {
            lines.push(String::new());
        }
        let original = text::docstring(&text::literal(original), MAX_PARAMETER_DESCRIPTION);
        lines.push(format!("Its original name is {}.", original.join(" ")));
    }
    let parameters = tool.get_signature().get_parameters();
    let described = parameters
        .iter()
        .filter_map(|parameter| describe(tool, parameter));
    let described: Vec<_> = described.collect();
    if !described.is_empty() {
        if !lines.is_empty() {
            lines.push(String::new());
        }
        lines.push("Args:".to_owned());
        lines.extend(described.into_iter().flatten());
    }
    if let Some(shape) = tool.get_observed_result() {
        if !lines.is_empty() {
            lines.push(String::new());
        }
        let words: Vec<_> = shape.split_whitespace().collect();
        let shape = text::docstring(&words.join(" "), MAX_OBSERVED);
        lines.push(format!(
            "Returns (observed, not promised): {}",
            shape.join(" ")
        ));
    }
    lines
}

/// The lines about a parameter.
fn describe(tool: &AgentTool, parameter: &Parameter) -> Option<Vec<String>> {
    let key = match tool.kind() {
        ToolKind::Schema(tool) => {
            let mut renamed = tool.renamed();
            let renamed = renamed.find(|(one, _)| one.get_name() == parameter.get_name());
            renamed.map(|(_, key)| key)
        }
        ToolKind::Host(_) => None,
    };
    let description = parameter
        .get_description()
        .filter(|text| !text.trim().is_empty());
    let mut lines = match description {
        Some(description) => text::docstring(description, MAX_PARAMETER_DESCRIPTION),
        None if key.is_some() => vec![String::new()],
        None => return None,
    };
    if let (Some(key), Some(last)) = (key, lines.last_mut()) {
        let key = text::docstring(&text::literal(key), MAX_PARAMETER_DESCRIPTION);
        let space = if last.is_empty() { "" } else { " " };
        let _ = write!(last, "{space}(originally {})", key.join(" "));
    }
    let mut lines = lines.into_iter();
    let first = lines.next().unwrap_or_default();
    let mut described = vec![format!("    {}: {first}", parameter.get_name())];
    described.extend(lines.map(|line| match line.is_empty() {
        true => line,
        false => format!("        {line}"),
    }));
    Some(described)
}
