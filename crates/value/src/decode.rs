//! [`Decoder`]: reads values from the operands and the graph of a message.

use std::cell::OnceCell;
use std::sync::Arc;

use num_bigint::BigInt;

use crate::graph::{
    CheckedGraph, GraphCaps, GraphError, Node, message_too_large, out_of_range, scalar_bytes,
};
use crate::shape::inline_value;
use crate::text_cache::TextCache;
use crate::types::{self, Graph, NodeId, Operand, RareNode};
use crate::walk::Item;
use crate::{Class, Decimal, Dict, Instance, Module, NamedTuple, Value};

/// Decodes the values of one message.
///
/// ```
/// use monty_value::graph::GraphCaps;
/// use monty_value::{Decoder, Value};
///
/// # let message = Value::list([1, 2]).to_message()?;
/// let mut decoder = Decoder::new(message.graph.as_ref(), GraphCaps::DEFAULT)?;
/// let value = decoder.value(&message.root)?;
/// # assert_eq!(value, Value::list([1, 2]));
/// # Ok::<(), monty_value::graph::GraphError>(())
/// ```
#[derive(Debug)]
pub struct Decoder<'g> {
    graph: Option<CheckedGraph<'g>>,
    /// The objects as values, if anybody asks for one.
    built: OnceCell<Vec<Slot>>,
    caps: GraphCaps,
    taken_bytes: u64,
}

/// The location of an object of the graph.
#[derive(Debug)]
enum Slot {
    Here(Value),
    /// In its only container, as the child with this index. Most objects are
    /// held once; keeping another handle for each would cost two atomic
    /// operations. Containers are always [`Here`](Self::Here), so that their
    /// children are one step away, however deep the nesting.
    Held {
        by: NodeId,
        index: usize,
    },
}

impl<'g> Decoder<'g> {
    /// Checks a message's graph.
    ///
    /// # Errors
    ///
    /// If the graph breaks a rule of [`Graph`], exceeds a cap, or holds a date,
    /// time or decimal that does not exist.
    pub fn new(graph: Option<&'g Graph>, caps: GraphCaps) -> Result<Self, GraphError> {
        let graph = match graph {
            Some(graph) => {
                let checked = CheckedGraph::new(graph, caps)?;
                graph.rare.iter().try_for_each(check_rare)?;
                Some(checked)
            }
            None => None,
        };
        Ok(Self {
            graph,
            built: OnceCell::new(),
            caps,
            taken_bytes: 0,
        })
    }

    /// The value of an operand of the same message, which
    /// [counts](Self::count).
    ///
    /// # Errors
    ///
    /// As [`count`](Self::count).
    pub fn value(&mut self, operand: &Operand) -> Result<Value, GraphError> {
        self.count(operand)?;
        self.peek(operand)
    }

    /// The value of an operand of the same message.
    ///
    /// # Errors
    ///
    /// If it refers to an object outside the graph.
    pub fn peek(&self, operand: &Operand) -> Result<Value, GraphError> {
        match operand {
            Operand::Node(id) => self.build(*id),
            inline => Ok(inline_value(inline)),
        }
    }

    /// Counts the size of an operand's value.
    ///
    /// # Errors
    ///
    /// If it refers to an object outside the graph, or the operands counted so
    /// far exceed the cap together.
    pub fn count(&mut self, operand: &Operand) -> Result<(), GraphError> {
        let bytes = match operand {
            Operand::Node(id) => {
                let graph = self.graph.as_ref();
                graph
                    .and_then(|graph| graph.expanded_bytes(*id))
                    .ok_or_else(|| out_of_range(*id, self.len()))?
            }
            scalar => scalar_bytes(scalar),
        };
        self.taken_bytes = self.taken_bytes.saturating_add(bytes);
        if self.taken_bytes > self.caps.expanded_bytes {
            return Err(message_too_large(self.caps));
        }
        Ok(())
    }

    /// The size of the values counted so far, as in
    /// [`GraphCaps::expanded_bytes`].
    pub fn taken_bytes(&self) -> u64 {
        self.taken_bytes
    }

    /// The number of objects in the graph.
    pub(crate) fn len(&self) -> usize {
        self.graph.as_ref().map_or(0, CheckedGraph::len)
    }

    /// An object of the graph.
    pub(crate) fn node(&self, id: NodeId) -> Option<Node<'_>> {
        self.graph.as_ref()?.nodes().get(id as usize).copied()
    }

    /// The value of an object of the graph. An object that several places hold is
    /// built once.
    pub(crate) fn build(&self, id: NodeId) -> Result<Value, GraphError> {
        let missing = || out_of_range(id, self.len());
        // A leaf has no identity, so the others need not be built for it.
        match self.node(id).ok_or_else(missing)? {
            Node::Text(text) => return Ok(text.into()),
            Node::Bytes(bytes) => return Ok(Value::bytes(bytes)),
            Node::Rare(rare, _) if !rare.is_container() => return build_leaf(rare),
            leaf => {
                if let Some(value) = scalar(leaf) {
                    return Ok(value);
                }
            }
        }
        let slots = match self.built.get() {
            Some(slots) => slots,
            None => {
                let slots = self.build_all()?;
                self.built.get_or_init(|| slots)
            }
        };
        find(slots, id).ok_or_else(missing)
    }

    fn build_all(&self) -> Result<Vec<Slot>, GraphError> {
        let nodes = self.graph.as_ref().map_or(&[][..], CheckedGraph::nodes);
        let mut builder = Builder {
            slots: Vec::with_capacity(nodes.len()),
            holders: count_holders(nodes),
            texts: Box::default(),
        };
        for node in nodes {
            let value = builder.build(*node)?;
            builder.slots.push(Slot::Here(value));
        }
        Ok(builder.slots)
    }
}

fn find(slots: &[Slot], id: NodeId) -> Option<Value> {
    let (by, index) = match slots.get(id as usize)? {
        Slot::Here(value) => return Some(value.clone()),
        Slot::Held { by, index } => (*by, *index),
    };
    let Slot::Here(holder) = slots.get(by as usize)? else {
        return None;
    };
    let class = usize::from(matches!(holder, Value::Instance(_)));
    match Item::from(holder).children().nth(class + index)? {
        Item::Value(child) => Some(child.clone()),
        Item::Class(_) => None,
    }
}

/// Checks what a graph cannot check of its rare objects.
fn check_rare(rare: &RareNode) -> Result<(), GraphError> {
    crate::time::check_node(rare)?;
    match rare {
        RareNode::Decimal(text) => decimal(text).map(drop),
        _ => Ok(()),
    }
}

fn decimal(text: &str) -> Result<Decimal, GraphError> {
    Decimal::new(text).map_err(|error| GraphError::new(error.to_string()))
}

/// The number of containers that hold each object as a child, up to 255.
fn count_holders(nodes: &[Node<'_>]) -> Vec<u8> {
    let mut holders = vec![0_u8; nodes.len()];
    for id in nodes.iter().flat_map(|node| node.children()) {
        if let Some(holders) = holders.get_mut(*id as usize) {
            *holders = holders.saturating_add(1);
        }
    }
    holders
}

fn is_container(value: &Value) -> bool {
    matches!(
        value,
        Value::List(_)
            | Value::Tuple(_)
            | Value::Set(_)
            | Value::FrozenSet(_)
            | Value::Dict(_)
            | Value::NamedTuple(_)
            | Value::Class(_)
            | Value::Instance(_)
            | Value::Module(_)
    )
}

struct Builder {
    slots: Vec<Slot>,
    holders: Vec<u8>,
    /// Keys repeat from row to row.
    texts: Box<TextCache<Arc<str>>>,
}

impl Builder {
    fn build(&mut self, node: Node<'_>) -> Result<Value, GraphError> {
        Ok(match node {
            Node::Text(text) => Value::Str(self.texts.shared(text)),
            Node::Bytes(bytes) => Value::bytes(bytes),
            Node::List(ids) => Value::List(self.items(ids)?.into()),
            Node::Tuple(ids) => Value::Tuple(self.items(ids)?.into()),
            Node::Set(ids) => Value::Set(self.items(ids)?.into()),
            Node::FrozenSet(ids) => Value::FrozenSet(self.items(ids)?.into()),
            Node::Dict(ids) => Value::Dict(self.dict(ids)?.into()),
            Node::Rare(rare, ids) if rare.is_container() => self.build_container(rare, ids)?,
            Node::Rare(rare, _) => build_leaf(rare)?,
            leaf => scalar(leaf).unwrap_or(Value::None),
        })
    }

    fn build_container(&mut self, rare: &RareNode, ids: &[NodeId]) -> Result<Value, GraphError> {
        Ok(match rare {
            RareNode::NamedTuple(tuple) => {
                NamedTuple::from_parts(&tuple.type_name, &tuple.field_names, self.items(ids)?)
                    .map_err(|error| GraphError::new(error.to_string()))?
                    .into()
            }
            RareNode::Class(class) => Value::from(Class {
                name: class.name.clone(),
                id: class.id,
                host_defined: class.host_defined,
                dataclass: class.dataclass,
                attributes: self.dict(ids)?,
            }),
            RareNode::Instance(instance) => Value::from(Instance {
                class: self.class(instance.class)?,
                id: instance.id,
                attributes: self.dict(ids)?,
            }),
            RareNode::Module(module) => Value::from(Module {
                name: module.name.clone(),
                id: module.id,
                attributes: self.dict(ids)?,
            }),
            leaf => build_leaf(leaf)?,
        })
    }

    /// The child with this index of the object being built.
    fn item(&mut self, id: NodeId, index: usize) -> Result<Value, GraphError> {
        let by = self.slots.len() as NodeId;
        let slot = self.slots.get_mut(id as usize);
        let held_once = self.holders.get(id as usize) == Some(&1);
        match slot {
            Some(Slot::Here(value)) if !held_once || is_container(value) => Ok(value.clone()),
            Some(slot) => match std::mem::replace(slot, Slot::Held { by, index }) {
                Slot::Here(value) => Ok(value),
                Slot::Held { .. } => Err(missing(id)),
            },
            None => Err(missing(id)),
        }
    }

    fn items(&mut self, ids: &[NodeId]) -> Result<Vec<Value>, GraphError> {
        let mut items = Vec::with_capacity(ids.len());
        for (index, id) in ids.iter().enumerate() {
            items.push(self.item(*id, index)?);
        }
        Ok(items)
    }

    fn dict(&mut self, ids: &[NodeId]) -> Result<Dict, GraphError> {
        let (pairs, _) = ids.as_chunks::<2>();
        let mut entries = Vec::with_capacity(pairs.len());
        for (index, [key, value]) in pairs.iter().enumerate() {
            entries.push((
                self.item(*key, 2 * index)?,
                self.item(*value, 2 * index + 1)?,
            ));
        }
        Ok(Dict::from(entries))
    }

    fn class(&self, id: NodeId) -> Result<Arc<Class>, GraphError> {
        match self.slots.get(id as usize) {
            Some(Slot::Here(Value::Class(class))) => Ok(class.clone()),
            _ => Err(missing(id)),
        }
    }
}

/// The value of an object without text and children.
fn scalar(node: Node<'_>) -> Option<Value> {
    Some(match node {
        Node::None => Value::None,
        Node::Boolean(value) => Value::Bool(value),
        Node::Ellipsis => Value::Ellipsis,
        Node::NotImplemented => Value::NotImplemented,
        Node::Integer(value) => Value::Int(value),
        Node::Float(value) => Value::Float(value),
        _ => return None,
    })
}

/// The value of a rare object without children.
fn build_leaf(rare: &RareNode) -> Result<Value, GraphError> {
    Ok(match rare {
        RareNode::BigInteger(bytes) => Value::from(BigInt::from_signed_bytes_le(bytes)),
        RareNode::Complex(value) => Value::Complex(*value),
        RareNode::Decimal(text) => Value::Decimal(decimal(text)?),
        RareNode::Date(value) => Value::Date(*value),
        RareNode::Datetime(value) => Value::from(value.clone()),
        RareNode::Time(value) => Value::from(value.clone()),
        RareNode::Timedelta(value) => Value::TimeDelta(*value),
        RareNode::Timezone(value) => Value::from(value.clone()),
        RareNode::Path(path) => Value::path(path.as_str()),
        RareNode::Exception(value) => Value::from(value.clone()),
        RareNode::TypeObject(name) => Value::Type(name.as_str().into()),
        RareNode::BuiltinFunction(name) => Value::BuiltinFunction(name.as_str().into()),
        RareNode::Function(function) => Value::from(function.clone()),
        RareNode::File(file) => Value::from(file.clone()),
        RareNode::Representation(text) => Value::Repr(text.as_str().into()),
        RareNode::Cycle(text) => Value::Cycle(text.as_str().into()),
        RareNode::NamedTuple(_)
        | RareNode::Class(_)
        | RareNode::Instance(_)
        | RareNode::Module(_) => return Err(GraphError::new("the object is a container")),
    })
}

fn missing(id: NodeId) -> GraphError {
    GraphError::new(format!("graph object {id} is missing"))
}

impl Value {
    /// The value of a message with only one value.
    ///
    /// # Errors
    ///
    /// See [`Decoder::new`] and [`Decoder::value`].
    pub fn from_message(message: &types::Value, caps: GraphCaps) -> Result<Self, GraphError> {
        Decoder::new(message.graph.as_ref(), caps)?.value(&message.root)
    }
}
