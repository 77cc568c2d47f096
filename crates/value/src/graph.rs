//! The codec of [`Graph`]: a [`GraphBuilder`] that fills the columns and a
//! [`CheckedGraph`] that reads them back.
//!
//! Both sides of the boundary map their own objects to and from [`Node`]s; only
//! this module knows the layout of the columns.

use std::fmt;

use crate::types::{Graph, NodeId, Operand, RareNode};

/// The numbers in the column `kinds`.
mod kind {
    pub const NONE: u8 = 0;
    pub const FALSE: u8 = 1;
    pub const TRUE: u8 = 2;
    pub const ELLIPSIS: u8 = 3;
    pub const NOT_IMPLEMENTED: u8 = 4;
    pub const INTEGER: u8 = 5;
    pub const FLOAT: u8 = 6;
    pub const TEXT: u8 = 7;
    pub const BYTES: u8 = 8;
    pub const LIST: u8 = 9;
    pub const TUPLE: u8 = 10;
    pub const SET: u8 = 11;
    pub const FROZEN_SET: u8 = 12;
    pub const DICT: u8 = 13;
    pub const RARE: u8 = 14;
}

/// One object of a graph. Children are ids of the same graph.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Node<'a> {
    /// `None`.
    None,
    /// `True` or `False`.
    Boolean(bool),
    /// `...`.
    Ellipsis,
    /// `NotImplemented`.
    NotImplemented,
    /// An `int` that fits in 64 bits.
    Integer(i64),
    /// A `float`.
    Float(f64),
    /// A `str`.
    Text(&'a str),
    /// A `bytes`.
    Bytes(&'a [u8]),
    /// A `list` of its children.
    List(&'a [NodeId]),
    /// A `tuple` of its children.
    Tuple(&'a [NodeId]),
    /// A `set` of its children.
    Set(&'a [NodeId]),
    /// A `frozenset` of its children.
    FrozenSet(&'a [NodeId]),
    /// A `dict`: key, value, key, value, …
    Dict(&'a [NodeId]),
    /// An object of a rare kind, with its children if it is a container.
    Rare(&'a RareNode, &'a [NodeId]),
}

impl<'a> Node<'a> {
    /// The objects that it holds as children.
    pub fn children(self) -> &'a [NodeId] {
        match self {
            Self::List(children)
            | Self::Tuple(children)
            | Self::Set(children)
            | Self::FrozenSet(children)
            | Self::Dict(children)
            | Self::Rare(_, children) => children,
            _ => &[],
        }
    }
}

impl RareNode {
    /// Whether this kind has children in the graph.
    pub fn is_container(&self) -> bool {
        matches!(
            self,
            Self::NamedTuple(_) | Self::Class(_) | Self::Instance(_) | Self::Module(_)
        )
    }

    /// Size of the object's content besides its children, in bytes.
    pub(crate) fn payload_bytes(&self) -> usize {
        match self {
            Self::BigInteger(bytes) => bytes.len(),
            Self::Decimal(text)
            | Self::Path(text)
            | Self::TypeObject(text)
            | Self::BuiltinFunction(text)
            | Self::Representation(text)
            | Self::Cycle(text) => text.len(),
            Self::Exception(value) => value.type_name.len() + length(value.message.as_ref()),
            Self::Function(function) => function.name.len() + length(function.docstring.as_ref()),
            Self::NamedTuple(tuple) => {
                let names: usize = tuple.field_names.iter().map(|name| name.len() + 1).sum();
                tuple.type_name.len() + names
            }
            Self::Class(class) => class.name.len(),
            Self::Module(module) => module.name.len(),
            Self::File(file) => file.path.len() + file.mode.len(),
            Self::Datetime(datetime) => length(
                datetime
                    .timezone
                    .as_ref()
                    .and_then(|zone| zone.name.as_ref()),
            ),
            Self::Time(time) => length(time.timezone.as_ref().and_then(|zone| zone.name.as_ref())),
            Self::Timezone(zone) => length(zone.name.as_ref()),
            Self::Complex(_) | Self::Date(_) | Self::Timedelta(_) | Self::Instance(_) => 0,
        }
    }
}

fn length(text: Option<&String>) -> usize {
    text.map_or(0, String::len)
}

/// Fills the columns of a graph, children before the container that holds them.
#[derive(Debug)]
pub struct GraphBuilder {
    graph: Graph,
    overflow: bool,
}

impl Default for GraphBuilder {
    fn default() -> Self {
        Self::new()
    }
}

impl GraphBuilder {
    /// An empty graph.
    pub fn new() -> Self {
        Self {
            graph: Graph::default(),
            overflow: false,
        }
    }

    /// Appends an object and returns its id.
    ///
    /// [`finish`](Self::finish) reports a child that is not in the graph yet,
    /// and a graph whose objects or text exceed 32-bit counts.
    pub fn push(&mut self, node: Node<'_>) -> NodeId {
        match node {
            Node::None => self.entry(kind::NONE),
            Node::Boolean(false) => self.entry(kind::FALSE),
            Node::Boolean(true) => self.entry(kind::TRUE),
            Node::Ellipsis => self.entry(kind::ELLIPSIS),
            Node::NotImplemented => self.entry(kind::NOT_IMPLEMENTED),
            Node::Integer(value) => {
                self.graph.integers.push(value);
                self.entry(kind::INTEGER)
            }
            Node::Float(value) => {
                self.graph.floats.push(value);
                self.entry(kind::FLOAT)
            }
            Node::Text(value) => {
                let length = self.count(value.len());
                self.graph.text_lengths.push(length);
                self.graph.text.push_str(value);
                self.entry(kind::TEXT)
            }
            Node::Bytes(value) => {
                let length = self.count(value.len());
                self.graph.blob_lengths.push(length);
                self.graph.blobs.extend_from_slice(value);
                self.entry(kind::BYTES)
            }
            Node::List(children) => self.container(kind::LIST, children),
            Node::Tuple(children) => self.container(kind::TUPLE, children),
            Node::Set(children) => self.container(kind::SET, children),
            Node::FrozenSet(children) => self.container(kind::FROZEN_SET, children),
            Node::Dict(children) => self.container(kind::DICT, children),
            Node::Rare(node, children) => self.push_rare(node.clone(), children),
        }
    }

    /// Appends an object of a rare kind and returns its id.
    pub fn push_rare(&mut self, node: RareNode, children: &[NodeId]) -> NodeId {
        let is_container = node.is_container();
        self.graph.rare.push(node);
        if is_container {
            self.container(kind::RARE, children)
        } else {
            self.entry(kind::RARE)
        }
    }

    /// The graph, or `None` if it has no objects.
    ///
    /// # Errors
    ///
    /// If an object was pushed before its child, or a column is too long.
    pub fn finish(self) -> Result<Option<Graph>, GraphError> {
        if self.overflow {
            return Err(GraphError::new(
                "a graph cannot hold more than 2^32 - 1 objects, children or bytes",
            ));
        }
        Ok((!self.graph.kinds.is_empty()).then_some(self.graph))
    }

    fn container(&mut self, kind: u8, children: &[NodeId]) -> NodeId {
        let count = self.count(children.len());
        self.graph.counts.push(count);
        self.graph.children.extend_from_slice(children);
        self.entry(kind)
    }

    fn entry(&mut self, kind: u8) -> NodeId {
        let id = self.count(self.graph.kinds.len());
        self.graph.kinds.push(kind);
        id
    }

    fn count(&mut self, length: usize) -> u32 {
        u32::try_from(length).unwrap_or_else(|_| {
            self.overflow = true;
            u32::MAX
        })
    }
}

/// The largest and deepest graph that a receiver accepts.
#[derive(Clone, Copy, Debug)]
pub struct GraphCaps {
    /// Size of the message if every shared object were written out at each
    /// place that holds it, in bytes: [`OBJECT_BYTES`] for each object,
    /// [`CHILD_BYTES`] for each child, and its text and bytes.
    ///
    /// This bounds everything that walks a value as a tree: `repr`, comparison,
    /// JSON, deserialising a Rust type. Without it, forty objects can stand for
    /// a million million.
    pub expanded_bytes: u64,
    /// The depth of nested containers.
    pub depth: u32,
}

/// The size of an object without its text, bytes and children: a slot and the
/// allocation behind it, in a [`Value`](crate::Value) and in most Rust types made
/// from one.
pub const OBJECT_BYTES: u64 = 64;

/// The size of a child's place in its container.
pub const CHILD_BYTES: u64 = 32;

/// The default limit on the depth of nested containers.
///
/// Monty replaces objects nested deeper than its recursion limit, 1000 levels
/// by default, with the text `<deeply nested>`; the rest leaves room for the
/// class of an instance.
pub const MAX_DEPTH: u32 = 1024;

impl GraphCaps {
    /// The defaults of a host: 256 MiB, and [`MAX_DEPTH`] levels.
    pub const DEFAULT: Self = Self {
        expanded_bytes: 256 << 20,
        depth: MAX_DEPTH,
    };

    /// No caps, for a receiver that never walks a graph as a tree.
    pub const NONE: Self = Self {
        expanded_bytes: u64::MAX,
        depth: u32::MAX,
    };
}

/// A valid graph: every id, count and length is in range.
#[derive(Debug)]
pub struct CheckedGraph<'a> {
    nodes: Vec<Node<'a>>,
    summaries: Vec<Summary>,
}

impl<'a> CheckedGraph<'a> {
    /// Checks a graph in one pass.
    ///
    /// # Errors
    ///
    /// If it breaks a rule of [`Graph`] or exceeds a cap.
    pub fn new(graph: &'a Graph, caps: GraphCaps) -> Result<Self, GraphError> {
        let mut cursor = Cursor::new(graph);
        check_total(graph, caps)?;
        let mut nodes = Vec::with_capacity(graph.kinds.len());
        let mut checked: Vec<Summary> = Vec::with_capacity(graph.kinds.len());
        while let Some(node) = cursor.next()? {
            let summary = Summary::of(&node, &checked)?;
            let id = checked.len();
            if summary.depth > caps.depth {
                return Err(GraphError::new(format!(
                    "graph object {id} is nested {} levels deep; at most {} are taken",
                    summary.depth, caps.depth
                )));
            }
            if summary.expanded_bytes > caps.expanded_bytes {
                return Err(GraphError::too_large(format!(
                    "graph object {id} stands for {} bytes, counting shared objects at each place that holds them; at most {} are taken",
                    summary.expanded_bytes, caps.expanded_bytes
                )));
            }
            nodes.push(node);
            checked.push(summary);
        }
        cursor.finish()?;
        Ok(Self {
            nodes,
            summaries: checked,
        })
    }

    /// Number of objects.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether the graph has no objects.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// The size of an object including its descendants, counted as in
    /// [`GraphCaps::expanded_bytes`]. `None` if the graph has no such object.
    pub fn expanded_bytes(&self, id: NodeId) -> Option<u64> {
        let summary = self.summaries.get(id as usize)?;
        Some(summary.expanded_bytes)
    }

    /// The objects in order of their ids.
    pub fn nodes(&self) -> &[Node<'a>] {
        &self.nodes
    }

    /// Checks that an operand of the same message refers to an object.
    ///
    /// # Errors
    ///
    /// If it names an object that the graph does not have.
    pub fn check_operand(&self, operand: &Operand) -> Result<(), GraphError> {
        match operand {
            Operand::Node(id) => in_range(*id, self.len()),
            _ => Ok(()),
        }
    }
}

/// The error for operands whose total is too large.
#[cfg(feature = "object")]
pub(crate) fn message_too_large(caps: GraphCaps) -> GraphError {
    GraphError::too_large(format!(
        "the message's values take more than {} bytes, counting shared objects at each place that holds them",
        caps.expanded_bytes
    ))
}

/// The size of an operand that is not a reference.
#[cfg(feature = "object")]
pub(crate) fn scalar_bytes(operand: &Operand) -> u64 {
    OBJECT_BYTES
        + match operand {
            Operand::Text(text) => text.len() as u64,
            Operand::Bytes(bytes) => bytes.len() as u64,
            _ => 0,
        }
}

/// Checks the total size of all objects before anything is allocated for them.
/// The check of each object misses those that no other object holds.
fn check_total(graph: &Graph, caps: GraphCaps) -> Result<(), GraphError> {
    let bytes = (OBJECT_BYTES.saturating_mul(graph.kinds.len() as u64))
        .saturating_add(CHILD_BYTES.saturating_mul(graph.children.len() as u64))
        .saturating_add(graph.text.len() as u64)
        .saturating_add(graph.blobs.len() as u64);
    if bytes > caps.expanded_bytes {
        return Err(GraphError::too_large(format!(
            "the graph's objects take {bytes} bytes; at most {} are taken",
            caps.expanded_bytes
        )));
    }
    Ok(())
}

fn in_range(id: NodeId, len: usize) -> Result<(), GraphError> {
    if (id as usize) < len {
        Ok(())
    } else {
        Err(out_of_range(id, len))
    }
}

pub(crate) fn out_of_range(id: NodeId, len: usize) -> GraphError {
    GraphError::new(format!(
        "an operand names graph object {id}, but the graph has {len}"
    ))
}

/// Checks that no operand of a message without a graph refers to an object.
///
/// # Errors
///
/// If one does.
pub fn check_operand_without_graph(operand: &Operand) -> Result<(), GraphError> {
    match operand {
        Operand::Node(id) => in_range(*id, 0),
        _ => Ok(()),
    }
}

/// The properties of an object that the check keeps.
#[derive(Debug)]
struct Summary {
    depth: u32,
    expanded_bytes: u64,
    is_class: bool,
    is_text: bool,
}

impl Summary {
    fn of(node: &Node<'_>, before: &[Summary]) -> Result<Self, GraphError> {
        let id = before.len();
        let (payload, children): (usize, &[NodeId]) = match node {
            Node::Text(text) => (text.len(), &[]),
            Node::Bytes(bytes) => (bytes.len(), &[]),
            Node::List(children)
            | Node::Tuple(children)
            | Node::Set(children)
            | Node::FrozenSet(children) => (0, children),
            Node::Dict(children) => {
                check_pairs(id, children)?;
                (0, children)
            }
            Node::Rare(rare, children) => {
                check_rare(id, rare, children, before)?;
                (rare.payload_bytes(), children)
            }
            _ => (0, &[]),
        };
        let mut summary = Self {
            depth: 0,
            expanded_bytes: OBJECT_BYTES.saturating_add(payload as u64),
            is_class: matches!(node, Node::Rare(RareNode::Class(_), _)),
            is_text: matches!(node, Node::Text(_)),
        };
        for child in children {
            summary.hold(id, *child, before)?;
        }
        if let Node::Rare(RareNode::Instance(instance), _) = node {
            summary.hold(id, instance.class, before)?;
        }
        Ok(summary)
    }

    fn hold(&mut self, id: usize, child: NodeId, before: &[Summary]) -> Result<(), GraphError> {
        let child = before.get(child as usize).ok_or_else(|| {
            GraphError::new(format!(
                "graph object {id} holds object {child}, which does not stand before it"
            ))
        })?;
        self.depth = self.depth.max(child.depth.saturating_add(1));
        self.expanded_bytes = self
            .expanded_bytes
            .saturating_add(child.expanded_bytes)
            .saturating_add(CHILD_BYTES);
        Ok(())
    }
}

fn check_pairs(id: usize, children: &[NodeId]) -> Result<(), GraphError> {
    if children.len().is_multiple_of(2) {
        Ok(())
    } else {
        Err(GraphError::new(format!(
            "graph object {id} holds pairs, but has {} children",
            children.len()
        )))
    }
}

fn check_rare(
    id: usize,
    rare: &RareNode,
    children: &[NodeId],
    before: &[Summary],
) -> Result<(), GraphError> {
    match rare {
        RareNode::NamedTuple(tuple) if tuple.field_names.len() != children.len() => {
            Err(GraphError::new(format!(
                "graph object {id} is a named tuple with {} fields and {} values",
                tuple.field_names.len(),
                children.len()
            )))
        }
        RareNode::Instance(instance)
            if !before
                .get(instance.class as usize)
                .is_some_and(|class| class.is_class) =>
        {
            Err(GraphError::new(format!(
                "graph object {id} is an instance of object {}, which is not a class that stands before it",
                instance.class
            )))
        }
        RareNode::Class(_) | RareNode::Instance(_) | RareNode::Module(_) => {
            check_pairs(id, children)?;
            check_attribute_names(id, children, before)
        }
        RareNode::BigInteger(bytes) if !is_minimal(bytes) => Err(GraphError::new(format!(
            "graph object {id} is an int of {} bytes, which is not the least number that holds it",
            bytes.len()
        ))),
        _ => Ok(()),
    }
}

fn check_attribute_names(
    id: usize,
    children: &[NodeId],
    before: &[Summary],
) -> Result<(), GraphError> {
    let is_text = |name: &NodeId| before.get(*name as usize).is_some_and(|name| name.is_text);
    match children.iter().step_by(2).find(|name| !is_text(name)) {
        Some(name) => Err(GraphError::new(format!(
            "graph object {id} has an attribute whose name, object {name}, is no str that stands before it"
        ))),
        None => Ok(()),
    }
}

/// Whether the two's complement is minimal: no byte only repeats the sign. Zero
/// takes one byte.
fn is_minimal(bytes: &[u8]) -> bool {
    match bytes {
        [] => false,
        [_] => true,
        [.., next, last] => {
            let repeats_sign = *last == 0 && *next < 0x80 || *last == 0xff && *next >= 0x80;
            !repeats_sign
        }
    }
}

/// Walks the columns.
struct Cursor<'a> {
    kinds: std::slice::Iter<'a, u8>,
    counts: std::slice::Iter<'a, u32>,
    children: &'a [NodeId],
    integers: std::slice::Iter<'a, i64>,
    floats: std::slice::Iter<'a, f64>,
    text_lengths: std::slice::Iter<'a, u32>,
    text: &'a str,
    blob_lengths: std::slice::Iter<'a, u32>,
    blobs: &'a [u8],
    rare: std::slice::Iter<'a, RareNode>,
}

impl<'a> Cursor<'a> {
    fn new(graph: &'a Graph) -> Self {
        Self {
            kinds: graph.kinds.iter(),
            counts: graph.counts.iter(),
            children: &graph.children,
            integers: graph.integers.iter(),
            floats: graph.floats.iter(),
            text_lengths: graph.text_lengths.iter(),
            text: &graph.text,
            blob_lengths: graph.blob_lengths.iter(),
            blobs: &graph.blobs,
            rare: graph.rare.iter(),
        }
    }

    fn next(&mut self) -> Result<Option<Node<'a>>, GraphError> {
        let Some(kind) = self.kinds.next() else {
            return Ok(None);
        };
        let node = match *kind {
            kind::NONE => Node::None,
            kind::FALSE => Node::Boolean(false),
            kind::TRUE => Node::Boolean(true),
            kind::ELLIPSIS => Node::Ellipsis,
            kind::NOT_IMPLEMENTED => Node::NotImplemented,
            kind::INTEGER => Node::Integer(*self.integers.next().ok_or_else(|| short("integers"))?),
            kind::FLOAT => Node::Float(*self.floats.next().ok_or_else(|| short("floats"))?),
            kind::TEXT => Node::Text(self.take_text()?),
            kind::BYTES => Node::Bytes(self.take_bytes()?),
            kind::LIST => Node::List(self.take_children()?),
            kind::TUPLE => Node::Tuple(self.take_children()?),
            kind::SET => Node::Set(self.take_children()?),
            kind::FROZEN_SET => Node::FrozenSet(self.take_children()?),
            kind::DICT => Node::Dict(self.take_children()?),
            kind::RARE => {
                let rare = self.rare.next().ok_or_else(|| short("rare"))?;
                let children = if rare.is_container() {
                    self.take_children()?
                } else {
                    &[]
                };
                Node::Rare(rare, children)
            }
            unknown => {
                return Err(GraphError::new(format!(
                    "the graph holds an object of kind {unknown}, which is not a kind"
                )));
            }
        };
        Ok(Some(node))
    }

    fn take_children(&mut self) -> Result<&'a [NodeId], GraphError> {
        let count = *self.counts.next().ok_or_else(|| short("counts"))?;
        let (taken, rest) = self
            .children
            .split_at_checked(count as usize)
            .ok_or_else(|| short("children"))?;
        self.children = rest;
        Ok(taken)
    }

    fn take_text(&mut self) -> Result<&'a str, GraphError> {
        let length = *self
            .text_lengths
            .next()
            .ok_or_else(|| short("text-lengths"))? as usize;
        if length > self.text.len() {
            return Err(short("text"));
        }
        let (taken, rest) = self.text.split_at_checked(length).ok_or_else(|| {
            GraphError::new("a length in the graph's column `text-lengths` ends inside a character")
        })?;
        self.text = rest;
        Ok(taken)
    }

    fn take_bytes(&mut self) -> Result<&'a [u8], GraphError> {
        let length = *self
            .blob_lengths
            .next()
            .ok_or_else(|| short("blob-lengths"))? as usize;
        let (taken, rest) = self
            .blobs
            .split_at_checked(length)
            .ok_or_else(|| short("blobs"))?;
        self.blobs = rest;
        Ok(taken)
    }

    /// Checks that nothing is left over.
    fn finish(&self) -> Result<(), GraphError> {
        let left = [
            ("counts", self.counts.len()),
            ("children", self.children.len()),
            ("integers", self.integers.len()),
            ("floats", self.floats.len()),
            ("text-lengths", self.text_lengths.len()),
            ("text", self.text.len()),
            ("blob-lengths", self.blob_lengths.len()),
            ("blobs", self.blobs.len()),
            ("rare", self.rare.len()),
        ];
        match left.iter().find(|(_, left)| *left > 0) {
            Some((column, left)) => Err(GraphError::new(format!(
                "the graph's column `{column}` has {left} entries more than its objects take"
            ))),
            None => Ok(()),
        }
    }
}

fn short(column: &str) -> GraphError {
    GraphError::new(format!(
        "the graph's column `{column}` is shorter than its objects need"
    ))
}

/// The reason a graph is rejected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GraphError {
    message: String,
    is_too_large: bool,
}

impl GraphError {
    /// An error with a message for the person who reads it.
    pub fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            is_too_large: false,
        }
    }

    fn too_large(message: String) -> Self {
        Self {
            message,
            is_too_large: true,
        }
    }

    /// Whether [`GraphCaps::expanded_bytes`] is exceeded: the message may be
    /// well-formed.
    pub fn is_too_large(&self) -> bool {
        self.is_too_large
    }
}

impl fmt::Display for GraphError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl std::error::Error for GraphError {}
