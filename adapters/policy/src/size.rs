//! The size of a call's arguments.

use monty_value::graph::{CheckedGraph, GraphCaps, OBJECT_BYTES};
use monty_value::types::{CallRequest, Operand};

/// The size of the arguments, and of the names of keywords, once they are
/// objects, as [`GraphCaps::expanded_bytes`] counts it: 64 bytes for each
/// object, 32 for each child, and text and bytes. An object that several places
/// hold counts at each, because whoever writes the arguments out or walks them
/// meets it there.
///
/// # Errors
///
/// If the arguments are malformed; the text says how.
pub fn argument_bytes(request: &CallRequest) -> Result<u64, String> {
    let graph = request.graph.as_ref();
    let objects = graph
        .map(|graph| CheckedGraph::new(graph, GraphCaps::NONE))
        .transpose()
        .map_err(|error| error.to_string())?;
    let objects = objects.as_ref();
    let mut total: u64 = 0;
    for operand in &request.positional {
        total = total.saturating_add(argument(operand, objects)?);
    }
    for named in &request.keyword {
        total = total
            .saturating_add(argument(&named.value, objects)?)
            .saturating_add(named.name.len() as u64);
    }
    Ok(total)
}

fn argument(operand: &Operand, objects: Option<&CheckedGraph<'_>>) -> Result<u64, String> {
    Ok(match operand {
        Operand::Node(id) => objects
            .and_then(|objects| objects.expanded_bytes(*id))
            .ok_or_else(|| {
                let length = objects.map_or(0, CheckedGraph::len);
                format!("an argument names object {id} of {length}")
            })?,
        Operand::Text(text) => OBJECT_BYTES + text.len() as u64,
        Operand::Bytes(bytes) => OBJECT_BYTES + bytes.len() as u64,
        Operand::Null | Operand::Boolean(_) | Operand::Integer(_) | Operand::Float(_) => {
            OBJECT_BYTES
        }
    })
}
