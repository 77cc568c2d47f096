//! Python values, from Monty's arena to the columns of a graph.
//!
//! Both are arenas in which a child stands before its holder, so this is one
//! pass, nothing recurses, and a shared object stays shared.

use monty_types::{
    CallArgs, ExcType, MontyException, MontyObject,
    unstable::{MontyNode, NodeId, into_call_args_parts, into_graph_parts},
};
use monty_value::{
    graph::{GraphBuilder, GraphError, Node},
    types::{
        Class, Complex, Exception, Function, Graph, Instance, Module, NamedOperand, NamedTuple,
        Operand, RareNode, Value,
    },
};

use crate::{exceptions::raise, leaves};

/// The arguments of a call as a message.
pub struct Arguments {
    /// The positional arguments.
    pub positional: Vec<Operand>,
    /// The keyword arguments.
    pub keyword: Vec<NamedOperand>,
    /// The objects that they refer to.
    pub graph: Option<Graph>,
}

/// A value of Python, for the host.
///
/// # Errors
///
/// If it is larger than a graph can be.
pub fn encode(value: MontyObject) -> Result<Value, GraphError> {
    let (graph, root) = into_graph_parts(value);
    let mut nodes = graph.into_nodes();
    if let Some(root) = nodes.get_mut(root.index()).and_then(take_scalar) {
        return Ok(Value { root, graph: None });
    }
    let encoded = EncodedGraph::new(nodes, [root])?;
    Ok(Value {
        root: encoded.operand(root),
        graph: encoded.graph,
    })
}

/// Whether Monty gave up on a value, at the depth that the recursion limit allows
/// (for arguments, counted from the frame of the call): it puts a text in the
/// place of any value then, however plain.
fn is_out_of_depth(node: &MontyNode) -> bool {
    matches!(node, MontyNode::Repr(text) if text == "<deeply nested>")
}

/// The arguments of a call, for the host.
///
/// # Errors
///
/// An exception for the script: a keyword that is not a string, arguments that
/// are larger than a graph can be, or no depth left to make the call.
pub fn encode_arguments(arguments: CallArgs) -> Result<Arguments, MontyException> {
    let (graph, positional, keyword) = into_call_args_parts(arguments);
    let mut nodes = graph.into_nodes();
    if keyword.is_empty() && nodes.iter().all(is_scalar) && is_whole(&nodes, &positional) {
        return Ok(Arguments {
            positional: nodes.iter_mut().filter_map(take_scalar).collect(),
            keyword: Vec::new(),
            graph: None,
        });
    }
    let mut names = Vec::with_capacity(keyword.len());
    for (key, _) in &keyword {
        match nodes.get(key.index()) {
            Some(MontyNode::String(name)) => names.push(name.clone()),
            _ => return Err(raise(ExcType::TypeError, "keywords must be strings")),
        }
    }

    let values = || {
        let keyword_values = keyword.iter().map(|(_, value)| *value);
        positional.iter().copied().chain(keyword_values)
    };
    if values().any(|id| nodes.get(id.index()).is_some_and(is_out_of_depth)) {
        return Err(raise(
            ExcType::RecursionError,
            "maximum recursion depth exceeded",
        ));
    }
    // A scalar is moved into its operand, unless something else refers to it.
    let may_move = nodes.iter().all(is_scalar) && values().is_sorted_by(|id, next| id < next);
    let scalars: Vec<Option<Operand>> = values()
        .map(|id| {
            let node = nodes.get_mut(id.index())?;
            if may_move {
                take_scalar(node)
            } else if is_scalar(node) {
                take_scalar(&mut node.clone())
            } else {
                None
            }
        })
        .collect();
    let containers = || {
        let values = values().zip(&scalars);
        values.filter_map(|(id, scalar)| scalar.is_none().then_some(id))
    };
    let encoded = if containers().next().is_none() {
        EncodedGraph::default()
    } else {
        EncodedGraph::new(nodes, containers())
            .map_err(|error| raise(ExcType::ValueError, error.to_string()))?
    };

    let ids: Vec<NodeId> = values().collect();
    let mut operands = ids
        .into_iter()
        .zip(scalars)
        .map(|(id, scalar)| scalar.unwrap_or_else(|| encoded.operand(id)));
    Ok(Arguments {
        positional: operands.by_ref().take(positional.len()).collect(),
        keyword: names
            .into_iter()
            .zip(operands)
            .map(|(name, value)| NamedOperand { name, value })
            .collect(),
        graph: encoded.graph,
    })
}

/// Whether the arguments are the nodes of the arena in order, as those of most
/// calls are.
fn is_whole(nodes: &[MontyNode], positional: &[NodeId]) -> bool {
    let ids = positional.iter().map(|id| id.index());
    nodes.len() == positional.len() && ids.eq(0..nodes.len())
}

fn is_scalar(node: &MontyNode) -> bool {
    matches!(
        node,
        MontyNode::None
            | MontyNode::Bool(_)
            | MontyNode::Int(_)
            | MontyNode::Float(_)
            | MontyNode::String(_)
            | MontyNode::Bytes(_)
    )
}

/// The operand of a node that needs no graph, and nothing for any other.
fn take_scalar(node: &mut MontyNode) -> Option<Operand> {
    match node {
        MontyNode::None => Some(Operand::Null),
        MontyNode::Bool(value) => Some(Operand::Boolean(*value)),
        MontyNode::Int(value) => Some(Operand::Integer(*value)),
        MontyNode::Float(value) => Some(Operand::Float(*value)),
        MontyNode::String(value) => Some(Operand::Text(std::mem::take(value))),
        MontyNode::Bytes(value) => Some(Operand::Bytes(std::mem::take(value))),
        _ => None,
    }
}

/// A graph with the part of an arena that a message needs.
#[derive(Default)]
struct EncodedGraph {
    graph: Option<Graph>,
    /// For each node of the arena, its id in the graph.
    ids: Vec<u32>,
}

impl EncodedGraph {
    fn new(
        mut nodes: Vec<MontyNode>,
        roots: impl IntoIterator<Item = NodeId>,
    ) -> Result<Self, GraphError> {
        drop_attributes_without_name(&mut nodes);
        let needed = reachable(&nodes, roots);
        let mut builder = GraphBuilder::new();
        let mut ids = Vec::with_capacity(nodes.len());
        let mut children = Vec::new();
        for (node, needed) in nodes.into_iter().zip(needed) {
            let id = if needed {
                push(&mut builder, node, &ids, &mut children)
            } else {
                u32::MAX
            };
            ids.push(id);
        }
        Ok(Self {
            graph: builder.finish()?,
            ids,
        })
    }

    fn operand(&self, id: NodeId) -> Operand {
        Operand::Node(mapped(&self.ids, id))
    }
}

/// Takes away the attributes on whose names Monty gave up.
fn drop_attributes_without_name(nodes: &mut [MontyNode]) {
    if !nodes.iter().any(is_out_of_depth) {
        return;
    }
    let is_text = |node: &MontyNode| matches!(node, MontyNode::String(_));
    let texts: Vec<bool> = nodes.iter().map(is_text).collect();
    let has_name = |(name, _): &(NodeId, NodeId)| texts.get(name.index()) == Some(&true);
    for node in nodes {
        match node {
            MontyNode::ClassType(class) => class.attrs.retain(has_name),
            MontyNode::ClassInstance { attrs, .. } | MontyNode::Module { attrs, .. } => {
                attrs.retain(has_name);
            }
            _ => {}
        }
    }
}

/// Which nodes some roots are made of.
fn reachable(nodes: &[MontyNode], roots: impl IntoIterator<Item = NodeId>) -> Vec<bool> {
    let mut reachable = vec![false; nodes.len()];
    let mark = |id: NodeId, reachable: &mut Vec<bool>| {
        if let Some(entry) = reachable.get_mut(id.index()) {
            *entry = true;
        }
    };
    for root in roots {
        mark(root, &mut reachable);
    }
    // Downwards, each holder comes before its children.
    for (index, node) in nodes.iter().enumerate().rev() {
        if reachable.get(index) == Some(&true) {
            node.for_each_child(|child| mark(child, &mut reachable));
        }
    }
    reachable
}

fn mapped(ids: &[u32], id: NodeId) -> u32 {
    ids.get(id.index()).copied().unwrap_or(u32::MAX)
}

/// Appends a node, whose children are mapped through `ids`.
fn push(builder: &mut GraphBuilder, node: MontyNode, ids: &[u32], children: &mut Vec<u32>) -> u32 {
    children.clear();
    let map = |id: &NodeId| mapped(ids, *id);
    let pair = |(key, value): &(NodeId, NodeId)| [mapped(ids, *key), mapped(ids, *value)];
    let rare = match node {
        MontyNode::None => return builder.push(Node::None),
        MontyNode::Bool(value) => return builder.push(Node::Boolean(value)),
        MontyNode::Ellipsis => return builder.push(Node::Ellipsis),
        MontyNode::NotImplemented => return builder.push(Node::NotImplemented),
        MontyNode::Int(value) => return builder.push(Node::Integer(value)),
        MontyNode::Float(value) => return builder.push(Node::Float(value)),
        MontyNode::String(value) => return builder.push(Node::Text(&value)),
        MontyNode::Bytes(value) => return builder.push(Node::Bytes(&value)),
        MontyNode::List(items) => {
            children.extend(items.iter().map(map));
            return builder.push(Node::List(children));
        }
        MontyNode::Tuple(items) => {
            children.extend(items.iter().map(map));
            return builder.push(Node::Tuple(children));
        }
        MontyNode::Set(items) => {
            children.extend(items.iter().map(map));
            return builder.push(Node::Set(children));
        }
        MontyNode::FrozenSet(items) => {
            children.extend(items.iter().map(map));
            return builder.push(Node::FrozenSet(children));
        }
        MontyNode::Dict(pairs) => {
            children.extend(pairs.iter().flat_map(pair));
            return builder.push(Node::Dict(children));
        }
        MontyNode::BigInt(value) => RareNode::BigInteger(value.to_signed_bytes_le()),
        MontyNode::Complex(value) => RareNode::Complex(Complex {
            real: value.real,
            imaginary: value.imag,
        }),
        MontyNode::Decimal(text) => RareNode::Decimal(text),
        MontyNode::Date(value) => RareNode::Date(leaves::to_date(&value)),
        MontyNode::DateTime(value) => RareNode::Datetime(leaves::to_datetime(value)),
        MontyNode::Time(value) => RareNode::Time(leaves::to_time(value)),
        MontyNode::TimeDelta(value) => RareNode::Timedelta(leaves::to_timedelta(&value)),
        MontyNode::TimeZone(value) => RareNode::Timezone(leaves::to_timezone(value)),
        MontyNode::Path(path) => RareNode::Path(path),
        MontyNode::Exception { exc_type, arg } => RareNode::Exception(Exception {
            type_name: exc_type.to_string(),
            message: arg,
        }),
        MontyNode::Type(value) => RareNode::TypeObject(value.name().to_owned()),
        MontyNode::BuiltinFunction(value) => RareNode::BuiltinFunction(value.to_string()),
        MontyNode::Function { name, docstring } => RareNode::Function(Function { name, docstring }),
        MontyNode::FileHandle(file) => RareNode::File(leaves::to_file(file)),
        MontyNode::Repr(text) => RareNode::Representation(text),
        MontyNode::Cycle(text) => RareNode::Cycle(text),
        MontyNode::NamedTuple {
            type_name,
            field_names,
            values,
        } => {
            children.extend(values.iter().map(map));
            RareNode::NamedTuple(NamedTuple {
                type_name,
                field_names,
            })
        }
        MontyNode::ClassType(class) => {
            children.extend(class.attrs.iter().flat_map(pair));
            RareNode::Class(Class {
                name: class.name,
                id: leaves::to_object_id(class.id),
                host_defined: class.host_defined,
                dataclass: class.is_dataclass,
            })
        }
        MontyNode::ClassInstance {
            class_type,
            instance_id,
            attrs,
        } => {
            children.extend(attrs.iter().flat_map(pair));
            RareNode::Instance(Instance {
                class: mapped(ids, class_type),
                id: leaves::to_object_id(instance_id),
            })
        }
        MontyNode::Module { name, id, attrs } => {
            children.extend(attrs.iter().flat_map(pair));
            RareNode::Module(Module {
                name,
                id: leaves::to_object_id(id),
            })
        }
    };
    builder.push_rare(rare, children)
}
