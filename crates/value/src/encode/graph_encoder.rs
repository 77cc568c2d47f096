//! [`GraphEncoder`]: writes objects into the graph of a message.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::Arc;

use crate::Value;
use crate::graph::{CHILD_BYTES, GraphBuilder, GraphCaps, GraphError, Node, OBJECT_BYTES};
use crate::text_cache::{NameCache, TextCache};
use crate::types::{self, Graph, NodeId, RareNode};
use crate::walk::{Children, Item};

/// Puts objects into the graph of one message, each of them once.
#[derive(Debug)]
pub(super) struct GraphEncoder {
    pub(super) builder: GraphBuilder,
    caps: GraphCaps,
    shared: HashMap<usize, Shared, BuildHasherDefault<PointerHasher>>,
    /// Keys repeat from row to row.
    keys: Option<Box<TextCache<Encoded>>>,
    names: Option<Box<NameCache<Encoded>>>,
}

/// A shared object that is already in the graph.
#[derive(Debug)]
struct Shared {
    encoded: Encoded,
    /// Keeps the object alive, so that its address is not reused while the
    /// message is built.
    _object: Value,
}

/// An object in the graph, with the properties that the receiver will check.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Encoded {
    pub(super) id: NodeId,
    pub(super) depth: u32,
    pub(super) expanded_bytes: u64,
}

/// A container whose children are being encoded.
struct Frame<'a> {
    object: Item<'a>,
    children: Children<'a>,
    /// The class of an instance, which is not a child in the graph.
    class: NodeId,
    /// The start of its children's ids.
    first_id: usize,
    depth: u32,
    expanded_bytes: u64,
}

impl GraphEncoder {
    #[cold]
    pub(super) fn boxed(caps: GraphCaps) -> Box<Self> {
        Box::new(Self {
            builder: GraphBuilder::new(),
            caps,
            shared: HashMap::default(),
            keys: None,
            names: None,
        })
    }

    /// The graph, or `None` without objects.
    pub(super) fn finish(self) -> Result<Option<Graph>, GraphError> {
        self.builder.finish()
    }

    pub(super) fn encode(&mut self, root: Item<'_>) -> Result<Encoded, GraphError> {
        let mut ids: Vec<NodeId> = Vec::new();
        let mut frames: Vec<Frame<'_>> = Vec::new();
        let mut done = match self.leaf(root)? {
            Some(encoded) => Some(encoded),
            None => {
                frames.push(Frame::new(root, 0));
                None
            }
        };
        loop {
            let Some(frame) = frames.last_mut() else {
                return done.ok_or_else(|| GraphError::new("the value is no container"));
            };
            if let Some(child) = done.take() {
                frame.hold(child, &mut ids);
            }
            // A container's plain children need no frame of their own.
            let container = loop {
                let Some(child) = frame.children.next() else {
                    break None;
                };
                match self.leaf(child)? {
                    Some(encoded) => frame.hold(encoded, &mut ids),
                    None => break Some(child),
                }
            };
            match container {
                Some(child) => {
                    if frames.len() > self.caps.depth as usize {
                        return Err(self.too_deep());
                    }
                    frames.push(Frame::new(child, ids.len()));
                }
                None => {
                    let Some(frame) = frames.pop() else { continue };
                    let children = ids.get(frame.first_id..).unwrap_or_default();
                    let (id, payload) = self.container(&frame, children)?;
                    ids.truncate(frame.first_id);
                    let expanded_bytes = frame.expanded_bytes.saturating_add(payload as u64);
                    let encoded = self.checked(id, frame.depth, expanded_bytes)?;
                    self.remember(frame.object, encoded, frames.is_empty());
                    done = Some(encoded);
                }
            }
        }
    }

    /// An object without children, or one already in the graph.
    fn leaf(&mut self, object: Item<'_>) -> Result<Option<Encoded>, GraphError> {
        let value = match object {
            Item::Class(_) => return Ok(self.known(object)),
            Item::Value(value) => value,
        };
        let node = match value {
            Value::None => Node::None,
            Value::Bool(value) => Node::Boolean(*value),
            Value::Int(value) => Node::Integer(*value),
            Value::Float(value) => Node::Float(*value),
            Value::Ellipsis => Node::Ellipsis,
            Value::NotImplemented => Node::NotImplemented,
            Value::Str(text) => return self.text(text).map(Some),
            Value::Bytes(bytes) => Node::Bytes(bytes),
            Value::List(_)
            | Value::Tuple(_)
            | Value::Set(_)
            | Value::FrozenSet(_)
            | Value::Dict(_)
            | Value::NamedTuple(_)
            | Value::Class(_)
            | Value::Instance(_)
            | Value::Module(_) => return Ok(self.known(object)),
            _ => return self.rare(value).map(Some),
        };
        let payload = match value {
            Value::Bytes(bytes) => bytes.len(),
            _ => 0,
        };
        let id = self.builder.push(node);
        self.checked(id, 0, OBJECT_BYTES + payload as u64).map(Some)
    }

    /// A `str`; equal keys of many dicts are often one in memory.
    fn text(&mut self, text: &Arc<str>) -> Result<Encoded, GraphError> {
        if Arc::strong_count(text) == 1 {
            let id = self.builder.push(Node::Text(text));
            return self.checked(id, 0, OBJECT_BYTES + text.len() as u64);
        }
        match self.shared.entry(address(text)) {
            Entry::Occupied(shared) => Ok(shared.get().encoded),
            Entry::Vacant(vacant) => {
                let encoded = Encoded {
                    id: self.builder.push(Node::Text(text)),
                    depth: 0,
                    expanded_bytes: OBJECT_BYTES + text.len() as u64,
                };
                vacant.insert(Shared {
                    encoded,
                    _object: Value::Str(text.clone()),
                });
                self.checked(encoded.id, 0, encoded.expanded_bytes)
            }
        }
    }

    /// A `str` that is likely to repeat.
    pub(super) fn key(&mut self, text: &str) -> Result<Encoded, GraphError> {
        let keys = self.keys.get_or_insert_default();
        if let Some(encoded) = keys.get(text) {
            return Ok(encoded);
        }
        let id = self.builder.push(Node::Text(text));
        let encoded = self.checked(id, 0, OBJECT_BYTES + text.len() as u64)?;
        let keys = self.keys.get_or_insert_default();
        keys.insert(text, encoded);
        Ok(encoded)
    }

    /// The name of a field, which is the same text in memory from row to row.
    pub(super) fn name(&mut self, name: &'static str) -> Result<Encoded, GraphError> {
        if let (Some(names), Some(keys)) = (&self.names, &self.keys)
            && let Some(encoded) = names.get(name, keys)
        {
            return Ok(encoded);
        }
        let encoded = self.key(name)?;
        let names = self.names.get_or_insert_default();
        names.insert(name, encoded);
        Ok(encoded)
    }

    fn rare(&mut self, value: &Value) -> Result<Encoded, GraphError> {
        let node = match value {
            Value::BigInt(value) => RareNode::BigInteger(value.to_signed_bytes_le()),
            Value::Complex(value) => RareNode::Complex(*value),
            Value::Decimal(value) => RareNode::Decimal(value.as_str().to_owned()),
            Value::Date(value) => RareNode::Date(*value),
            Value::DateTime(value) => RareNode::Datetime((**value).clone()),
            Value::Time(value) => RareNode::Time((**value).clone()),
            Value::TimeDelta(value) => RareNode::Timedelta(*value),
            Value::TimeZone(value) => RareNode::Timezone((**value).clone()),
            Value::Path(path) => RareNode::Path(path.to_string()),
            Value::Exception(value) => RareNode::Exception((**value).clone()),
            Value::Type(name) => RareNode::TypeObject(name.to_string()),
            Value::BuiltinFunction(name) => RareNode::BuiltinFunction(name.to_string()),
            Value::Function(function) => RareNode::Function((**function).clone()),
            Value::File(file) => RareNode::File((**file).clone()),
            Value::Repr(text) => RareNode::Representation(text.to_string()),
            Value::Cycle(text) => RareNode::Cycle(text.to_string()),
            // The other kinds are scalars or containers.
            _ => return Err(GraphError::new("the value has no form in a graph")),
        };
        crate::time::check_node(&node)?;
        let expanded_bytes = OBJECT_BYTES + node.payload_bytes() as u64;
        let id = self.builder.push_rare(node, &[]);
        self.checked(id, 0, expanded_bytes)
    }

    /// Puts a container into the graph. Returns its id and the size of its
    /// content besides children.
    fn container(
        &mut self,
        frame: &Frame<'_>,
        ids: &[NodeId],
    ) -> Result<(NodeId, usize), GraphError> {
        let rare = match frame.object {
            Item::Class(class) => RareNode::Class(types::Class {
                name: class.name.clone(),
                id: class.id,
                host_defined: class.host_defined,
                dataclass: class.dataclass,
            }),
            Item::Value(value) => match value {
                Value::List(_) => return Ok((self.builder.push(Node::List(ids)), 0)),
                Value::Tuple(_) => return Ok((self.builder.push(Node::Tuple(ids)), 0)),
                Value::Set(_) => return Ok((self.builder.push(Node::Set(ids)), 0)),
                Value::FrozenSet(_) => return Ok((self.builder.push(Node::FrozenSet(ids)), 0)),
                Value::Dict(_) => return Ok((self.builder.push(Node::Dict(ids)), 0)),
                Value::NamedTuple(tuple) => RareNode::NamedTuple(types::NamedTuple {
                    type_name: tuple.type_name().to_owned(),
                    field_names: tuple.field_names().to_vec(),
                }),
                Value::Instance(instance) => RareNode::Instance(types::Instance {
                    class: frame.class,
                    id: instance.id,
                }),
                Value::Module(module) => RareNode::Module(types::Module {
                    name: module.name.clone(),
                    id: module.id,
                }),
                _ => return Err(GraphError::new("the value is no container")),
            },
        };
        let payload = rare.payload_bytes();
        Ok((self.builder.push_rare(rare, ids), payload))
    }

    /// The id of a shared container that was met before.
    fn known(&self, object: Item<'_>) -> Option<Encoded> {
        let (address, holders, _) = object.shared()?;
        if holders == 1 {
            return None;
        }
        self.shared.get(&address).map(|shared| shared.encoded)
    }

    /// Remembers the id of an object that may be met again: it is shared, or
    /// the caller has it and may pass it once more.
    fn remember(&mut self, object: Item<'_>, encoded: Encoded, is_operand: bool) {
        let Some((address, holders, handle)) = object.shared() else {
            return;
        };
        if holders > 1 || is_operand {
            let shared = Shared {
                encoded,
                _object: handle(),
            };
            self.shared.insert(address, shared);
        }
    }

    pub(super) fn checked(
        &self,
        id: NodeId,
        depth: u32,
        expanded_bytes: u64,
    ) -> Result<Encoded, GraphError> {
        if depth > self.caps.depth {
            return Err(self.too_deep());
        }
        if expanded_bytes > self.caps.expanded_bytes {
            return Err(GraphError::new(format!(
                "the value is larger than {} bytes, counting shared objects at each place that holds them",
                self.caps.expanded_bytes
            )));
        }
        Ok(Encoded {
            id,
            depth,
            expanded_bytes,
        })
    }

    fn too_deep(&self) -> GraphError {
        GraphError::new(format!(
            "the value is nested more than {} levels deep",
            self.caps.depth
        ))
    }
}

impl Encoded {
    /// The place of an object after an error.
    pub(super) const NOTHING: Self = Self {
        id: NodeId::MAX,
        depth: 0,
        expanded_bytes: 0,
    };
}

impl<'a> Frame<'a> {
    fn new(object: Item<'a>, first_id: usize) -> Self {
        Self {
            object,
            children: object.children(),
            class: NodeId::MAX,
            first_id,
            depth: 0,
            expanded_bytes: OBJECT_BYTES,
        }
    }

    fn hold(&mut self, child: Encoded, ids: &mut Vec<NodeId>) {
        // An instance's first child is its class.
        if matches!(self.object, Item::Value(Value::Instance(_))) && self.class == NodeId::MAX {
            self.class = child.id;
        } else {
            ids.push(child.id);
        }
        self.depth = self.depth.max(child.depth.saturating_add(1));
        self.expanded_bytes = self
            .expanded_bytes
            .saturating_add(child.expanded_bytes)
            .saturating_add(CHILD_BYTES);
    }
}

impl Item<'_> {
    /// The address of a container, the number of places that hold it, and a way
    /// to hold it too.
    fn shared(&self) -> Option<(usize, usize, impl FnOnce() -> Value)> {
        let (address, holders) = match self {
            Self::Class(class) => identity(class),
            Self::Value(value) => match value {
                Value::List(object)
                | Value::Tuple(object)
                | Value::Set(object)
                | Value::FrozenSet(object) => identity(object),
                Value::Dict(object) => identity(object),
                Value::NamedTuple(object) => identity(object),
                Value::Class(object) => identity(object),
                Value::Instance(object) => identity(object),
                Value::Module(object) => identity(object),
                _ => return None,
            },
        };
        let handle = move || match self {
            Self::Class(class) => Value::Class(Arc::clone(class)),
            Self::Value(value) => Value::clone(value),
        };
        Some((address, holders, handle))
    }
}

fn identity<T>(object: &Arc<T>) -> (usize, usize) {
    (address(object), Arc::strong_count(object))
}

/// The address of an object. Two live objects never share one: an `Arc`'s
/// allocation is never empty.
fn address<T: ?Sized>(object: &Arc<T>) -> usize {
    Arc::as_ptr(object).cast::<()>() as usize
}

/// Spreads addresses. No attacker chooses them, so this need not resist chosen
/// collisions.
#[derive(Default)]
struct PointerHasher(u64);

impl Hasher for PointerHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_usize(usize::from(*byte));
        }
    }

    fn write_usize(&mut self, address: usize) {
        let mixed = (self.0 ^ address as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        // The table uses the low bits for its index and the high bits for its
        // tag.
        self.0 = mixed ^ mixed >> 32;
    }
}
