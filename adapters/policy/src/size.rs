//! The size of a call's arguments.

use monty_value::graph::{CHILD_BYTES, CheckedGraph, GraphCaps, Node, OBJECT_BYTES};
use monty_value::types::{CallRequest, Graph, NodeId, Operand, RareNode, Timezone};

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
    let objects = match &request.graph {
        Some(graph) => expanded(graph)?,
        None => Vec::new(),
    };
    let mut total = Total(0);
    for operand in &request.positional {
        total.add(argument(operand, &objects)?);
    }
    for named in &request.keyword {
        total.add(argument(&named.value, &objects)?);
        total.add(named.name.len() as u64);
    }
    Ok(total.0)
}

fn argument(operand: &Operand, objects: &[u64]) -> Result<u64, String> {
    Ok(match operand {
        Operand::Node(id) => *objects
            .get(*id as usize)
            .ok_or_else(|| format!("an argument names object {id} of {}", objects.len()))?,
        Operand::Text(text) => OBJECT_BYTES + text.len() as u64,
        Operand::Bytes(bytes) => OBJECT_BYTES + bytes.len() as u64,
        Operand::Null | Operand::Boolean(_) | Operand::Integer(_) | Operand::Float(_) => {
            OBJECT_BYTES
        }
    })
}

/// The size of each object of a graph with all that it holds.
fn expanded(graph: &Graph) -> Result<Vec<u64>, String> {
    let graph = CheckedGraph::new(graph, GraphCaps::NONE).map_err(|error| error.to_string())?;
    let mut sizes: Vec<u64> = Vec::with_capacity(graph.len());
    for node in graph.nodes() {
        let mut total = Total(OBJECT_BYTES);
        let children: &[NodeId] = match node {
            Node::Text(text) => {
                total.add(text.len() as u64);
                &[]
            }
            Node::Bytes(bytes) => {
                total.add(bytes.len() as u64);
                &[]
            }
            Node::List(children)
            | Node::Tuple(children)
            | Node::Set(children)
            | Node::FrozenSet(children)
            | Node::Dict(children) => children,
            Node::Rare(rare, children) => {
                total.add(text_bytes(rare) as u64);
                if let RareNode::Instance(instance) = rare {
                    total.hold(instance.class, &sizes);
                }
                children
            }
            _ => &[],
        };
        for child in children {
            total.hold(*child, &sizes);
        }
        sizes.push(total.0);
    }
    Ok(sizes)
}

/// A sum that stays at its most instead of starting over: forty lists that
/// hold each other twice exceed 64 bits.
struct Total(u64);

impl Total {
    fn add(&mut self, bytes: u64) {
        self.0 = self.0.saturating_add(bytes);
    }

    fn hold(&mut self, child: NodeId, sizes: &[u64]) {
        self.add(CHILD_BYTES);
        // A checked graph has its children before what holds them.
        self.add(sizes.get(child as usize).copied().unwrap_or(u64::MAX));
    }
}

/// The text of a rare object, which a script can make as long as it likes.
fn text_bytes(node: &RareNode) -> usize {
    match node {
        RareNode::BigInteger(bytes) => bytes.len(),
        RareNode::Decimal(text)
        | RareNode::Path(text)
        | RareNode::TypeObject(text)
        | RareNode::BuiltinFunction(text)
        | RareNode::Representation(text)
        | RareNode::Cycle(text) => text.len(),
        RareNode::Exception(exception) => {
            exception.type_name.len() + exception.message.as_ref().map_or(0, String::len)
        }
        RareNode::Function(function) => {
            function.name.len() + function.docstring.as_ref().map_or(0, String::len)
        }
        RareNode::NamedTuple(tuple) => {
            tuple.type_name.len() + tuple.field_names.iter().map(String::len).sum::<usize>()
        }
        RareNode::Class(class) => class.name.len(),
        RareNode::Module(module) => module.name.len(),
        RareNode::File(file) => file.path.len(),
        RareNode::Datetime(datetime) => zone_bytes(datetime.timezone.as_ref()),
        RareNode::Time(time) => zone_bytes(time.timezone.as_ref()),
        RareNode::Timezone(zone) => zone_bytes(Some(zone)),
        RareNode::Complex(_)
        | RareNode::Date(_)
        | RareNode::Timedelta(_)
        | RareNode::Instance(_) => 0,
    }
}

fn zone_bytes(zone: Option<&Timezone>) -> usize {
    zone.and_then(|zone| zone.name.as_ref())
        .map_or(0, String::len)
}
