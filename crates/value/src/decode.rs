//! [`Decoder`]: reads values from the operands and the graph of a message.

use std::sync::Arc;

use num_bigint::BigInt;

use crate::graph::{
    CheckedGraph, GraphCaps, GraphError, Node, message_too_large, out_of_range, scalar_bytes,
};
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
pub struct Decoder {
    slots: Vec<Slot>,
    /// The size of each object including its descendants.
    expanded_bytes: Vec<u64>,
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

impl Decoder {
    /// Checks a message's graph and builds its objects.
    ///
    /// # Errors
    ///
    /// If the graph breaks a rule of [`Graph`], exceeds a cap, or holds a date,
    /// time or decimal that does not exist.
    pub fn new(graph: Option<&Graph>, caps: GraphCaps) -> Result<Self, GraphError> {
        let mut decoder = Self {
            slots: Vec::new(),
            expanded_bytes: Vec::new(),
            caps,
            taken_bytes: 0,
        };
        let Some(graph) = graph else {
            return Ok(decoder);
        };
        let checked = CheckedGraph::new(graph, caps)?;
        let mut builder = Builder {
            slots: Vec::with_capacity(checked.len()),
            holders: count_holders(graph),
            texts: TextCache::default(),
        };
        for node in checked.nodes() {
            let value = builder.build(node)?;
            builder.slots.push(Slot::Here(value));
        }
        decoder.slots = builder.slots;
        decoder.expanded_bytes = checked.into_expanded_bytes();
        Ok(decoder)
    }

    /// The value of an operand of the same message.
    ///
    /// # Errors
    ///
    /// If it refers to an object outside the graph, or the operands decoded so
    /// far exceed the cap together.
    pub fn value(&mut self, operand: &Operand) -> Result<Value, GraphError> {
        let bytes = match operand {
            Operand::Node(id) => *self
                .expanded_bytes
                .get(*id as usize)
                .ok_or_else(|| out_of_range(*id, self.slots.len()))?,
            scalar => scalar_bytes(scalar),
        };
        self.taken_bytes = self.taken_bytes.saturating_add(bytes);
        if self.taken_bytes > self.caps.expanded_bytes {
            return Err(message_too_large(self.caps));
        }
        Ok(match operand {
            Operand::Null => Value::None,
            Operand::Boolean(value) => Value::Bool(*value),
            Operand::Integer(value) => Value::Int(*value),
            Operand::Float(value) => Value::Float(*value),
            Operand::Text(text) => Value::from(text.as_str()),
            Operand::Bytes(bytes) => Value::bytes(bytes.as_slice()),
            Operand::Node(id) => self
                .find(*id)
                .ok_or_else(|| out_of_range(*id, self.slots.len()))?,
        })
    }

    /// The size of the values decoded so far, counted as in
    /// [`GraphCaps::expanded_bytes`].
    pub fn taken_bytes(&self) -> u64 {
        self.taken_bytes
    }

    fn find(&self, id: NodeId) -> Option<Value> {
        let (by, index) = match self.slots.get(id as usize)? {
            Slot::Here(value) => return Some(value.clone()),
            Slot::Held { by, index } => (*by, *index),
        };
        let Slot::Here(holder) = self.slots.get(by as usize)? else {
            return None;
        };
        let class = usize::from(matches!(holder, Value::Instance(_)));
        match Item::from(holder).children().nth(class + index)? {
            Item::Value(child) => Some(child.clone()),
            Item::Class(_) => None,
        }
    }
}

/// The number of containers that hold each object as a child, up to 255.
fn count_holders(graph: &Graph) -> Vec<u8> {
    let mut holders = vec![0_u8; graph.kinds.len()];
    for id in &graph.children {
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
    texts: TextCache,
}

impl Builder {
    fn build(&mut self, node: Node<'_>) -> Result<Value, GraphError> {
        Ok(match node {
            Node::None => Value::None,
            Node::Boolean(value) => Value::Bool(value),
            Node::Ellipsis => Value::Ellipsis,
            Node::NotImplemented => Value::NotImplemented,
            Node::Integer(value) => Value::Int(value),
            Node::Float(value) => Value::Float(value),
            Node::Text(text) => Value::Str(self.texts.get(text)),
            Node::Bytes(bytes) => Value::bytes(bytes),
            Node::List(ids) => Value::List(self.items(ids)?.into()),
            Node::Tuple(ids) => Value::Tuple(self.items(ids)?.into()),
            Node::Set(ids) => Value::Set(self.items(ids)?.into()),
            Node::FrozenSet(ids) => Value::FrozenSet(self.items(ids)?.into()),
            Node::Dict(ids) => Value::Dict(self.dict(ids)?.into()),
            Node::Rare(rare, ids) => self.build_rare(rare, ids)?,
        })
    }

    fn build_rare(&mut self, rare: &RareNode, ids: &[NodeId]) -> Result<Value, GraphError> {
        crate::time::check_node(rare)?;
        Ok(match rare {
            RareNode::BigInteger(bytes) => Value::from(BigInt::from_signed_bytes_le(bytes)),
            RareNode::Complex(value) => Value::Complex(*value),
            RareNode::Decimal(text) => Value::Decimal(
                Decimal::new(text).map_err(|error| GraphError::new(error.to_string()))?,
            ),
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
            RareNode::File(file) => Value::from(file.clone()),
            RareNode::Representation(text) => Value::Repr(text.as_str().into()),
            RareNode::Cycle(text) => Value::Cycle(text.as_str().into()),
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
