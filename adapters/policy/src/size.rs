//! The size of a call's arguments.

use monty_value::types::{CallRequest, Graph, NamedOperand, Operand, RareNode};

/// What every object counts beside its text or bytes.
const OBJECT_BYTES: usize = 8;

/// The bytes that the arguments take in the message: the text and bytes in
/// them, the names of keywords, and eight for every object and every place in
/// a container.
pub fn argument_bytes(request: &CallRequest) -> u64 {
    let positional: usize = request.positional.iter().map(operand).sum();
    let keyword: usize = request.keyword.iter().map(named).sum();
    let graph = request.graph.as_ref().map_or(0, graph);
    (positional + keyword + graph) as u64
}

fn named(argument: &NamedOperand) -> usize {
    argument.name.len() + operand(&argument.value)
}

fn operand(operand: &Operand) -> usize {
    OBJECT_BYTES
        + match operand {
            Operand::Text(text) => text.len(),
            Operand::Bytes(bytes) => bytes.len(),
            Operand::Null
            | Operand::Boolean(_)
            | Operand::Integer(_)
            | Operand::Float(_)
            | Operand::Node(_) => 0,
        }
}

fn graph(graph: &Graph) -> usize {
    let places = graph.kinds.len() + graph.children.len();
    let rare: usize = graph.rare.iter().map(rare).sum();
    places * OBJECT_BYTES + graph.text.len() + graph.blobs.len() + rare
}

/// The text of a rare object, which a script can make as long as it likes.
fn rare(node: &RareNode) -> usize {
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
        RareNode::Datetime(datetime) => timezone(datetime.timezone.as_ref()),
        RareNode::Time(time) => timezone(time.timezone.as_ref()),
        RareNode::Timezone(zone) => timezone(Some(zone)),
        RareNode::Complex(_)
        | RareNode::Date(_)
        | RareNode::Timedelta(_)
        | RareNode::Instance(_) => 0,
    }
}

fn timezone(zone: Option<&monty_value::types::Timezone>) -> usize {
    zone.and_then(|zone| zone.name.as_ref())
        .map_or(0, String::len)
}
