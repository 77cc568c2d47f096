//! [`Encoder`]: writes values into the operands and the graph of a message.

mod graph_encoder;

use serde::Serialize;

use self::graph_encoder::{Encoded, GraphEncoder};
use crate::graph::{CHILD_BYTES, GraphCaps, GraphError, Node, OBJECT_BYTES, message_too_large};
use crate::ser::{Kind, Serializer, Sink};
use crate::types::{self, Graph, NodeId, Operand};
use crate::{Error, Value};

/// Encodes the values of one message.
///
/// A container held at several places, in one or several values of the message,
/// is one object of the graph and one object in Python. The places count that
/// hold it when it is encoded: a part cloned out of a value afterwards is a
/// separate object.
///
/// ```
/// use monty_value::graph::GraphCaps;
/// use monty_value::{Encoder, Value};
///
/// let mut encoder = Encoder::new(GraphCaps::DEFAULT);
/// let city = encoder.operand(&Value::from("Delft"));
/// let days = encoder.operand(&Value::list([1, 2, 3]));
/// let graph = encoder.finish()?;
/// # Ok::<(), monty_value::graph::GraphError>(())
/// ```
#[derive(Debug)]
pub struct Encoder {
    caps: GraphCaps,
    error: Option<GraphError>,
    /// The total size of the operands so far.
    operand_bytes: u64,
    /// The children so far of the containers that are being serialized.
    children: Vec<NodeId>,
    /// Made for the first object: most messages are scalars, and an encoder is moved.
    graph: Option<Box<GraphEncoder>>,
}

impl Encoder {
    /// An encoder of an empty message, with the receiver's caps.
    pub fn new(caps: GraphCaps) -> Self {
        Self {
            caps,
            error: None,
            operand_bytes: 0,
            children: Vec::new(),
            graph: None,
        }
    }

    /// Encodes a Rust value as [`to_value`](crate::to_value) converts it, without
    /// a [`Value`] on the way.
    ///
    /// ```
    /// use monty_value::Encoder;
    /// use monty_value::graph::GraphCaps;
    ///
    /// #[derive(serde::Serialize)]
    /// struct Row {
    ///     city: &'static str,
    ///     days: u32,
    /// }
    ///
    /// let mut encoder = Encoder::new(GraphCaps::DEFAULT);
    /// let rows = encoder.serialize(&[Row { city: "Delft", days: 3 }])?;
    /// let graph = encoder.finish()?;
    /// # let message = monty_value::types::Value { root: rows, graph };
    /// # let back = monty_value::Value::from_message(&message, GraphCaps::DEFAULT)?;
    /// # assert_eq!(back.to_string(), "({'city': 'Delft', 'days': 3},)");
    /// # Ok::<(), monty_value::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`to_value`](crate::to_value). [`finish`](Self::finish) reports a value
    /// that cannot be encoded.
    pub fn serialize<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<Operand, Error> {
        self.serialize_after(value, &mut || {})
    }

    /// The same, with a call of `before` before anything but a number, `None` or
    /// a short text is encoded: a caller that counts its time need not look at
    /// the clock for those.
    ///
    /// # Errors
    ///
    /// As [`serialize`](Self::serialize).
    pub fn serialize_after<T: Serialize + ?Sized>(
        &mut self,
        value: &T,
        before: &mut dyn FnMut(),
    ) -> Result<Operand, Error> {
        let mut sink = Objects {
            encoder: self,
            before,
            inline: None,
        };
        let result = value.serialize(Serializer::new(&mut sink));
        let inline = sink.inline.take();
        self.children.clear();
        let encoded = result?;
        Ok(inline.unwrap_or_else(|| {
            let bytes = encoded.expanded_bytes.saturating_sub(OBJECT_BYTES);
            match self.take(bytes) {
                Ok(()) => Operand::Node(encoded.id),
                Err(error) => self.fail(error),
            }
        }))
    }

    /// Encodes a value: inline if it is a scalar, otherwise into the graph.
    ///
    /// [`finish`](Self::finish) reports a value that cannot be encoded.
    pub fn operand(&mut self, value: &Value) -> Operand {
        self.try_operand(value)
            .unwrap_or_else(|error| self.fail(error))
    }

    /// Keeps the first error for [`finish`](Self::finish).
    fn fail(&mut self, error: GraphError) -> Operand {
        self.error.get_or_insert(error);
        Operand::Null
    }

    fn try_operand(&mut self, value: &Value) -> Result<Operand, GraphError> {
        let payload = match value {
            Value::Str(text) => text.len(),
            Value::Bytes(bytes) => bytes.len(),
            _ => 0,
        };
        // Checked before text is copied.
        self.take(OBJECT_BYTES + payload as u64)?;
        Ok(match value {
            Value::None => Operand::Null,
            Value::Bool(value) => Operand::Boolean(*value),
            Value::Int(value) => Operand::Integer(*value),
            Value::Float(value) => Operand::Float(*value),
            Value::Str(text) => Operand::Text(text.to_string()),
            Value::Bytes(bytes) => Operand::Bytes(bytes.to_vec()),
            _ => {
                let encoded = self.graph().encode(value.into())?;
                self.take(encoded.expanded_bytes.saturating_sub(OBJECT_BYTES))?;
                Operand::Node(encoded.id)
            }
        })
    }

    /// The size of the operands so far, counted as in
    /// [`GraphCaps::expanded_bytes`].
    pub fn taken_bytes(&self) -> u64 {
        self.operand_bytes
    }

    /// Counts the size of an operand.
    fn take(&mut self, bytes: u64) -> Result<(), GraphError> {
        self.operand_bytes = self.operand_bytes.saturating_add(bytes);
        if self.operand_bytes > self.caps.expanded_bytes {
            return Err(message_too_large(self.caps));
        }
        Ok(())
    }

    /// The graph of the message, or `None` if no operand needs one.
    ///
    /// # Errors
    ///
    /// If a value is nested too deep or too large, is a date or time that does
    /// not exist, or if the graph's columns are too long. The operands are of
    /// no use then.
    pub fn finish(self) -> Result<Option<Graph>, GraphError> {
        match (self.error, self.graph) {
            (Some(error), _) => Err(error),
            (None, Some(graph)) => graph.finish(),
            (None, None) => Ok(None),
        }
    }

    #[inline]
    fn graph(&mut self) -> &mut GraphEncoder {
        self.graph
            .get_or_insert_with(|| GraphEncoder::boxed(self.caps))
    }
}

/// A payload with fewer bytes is copied sooner than a clock is read.
const SHORT: usize = 256;

/// Puts what serde gives into an [`Encoder`]. After an error of the graph,
/// nothing is encoded any more: serde may still have an error of its own.
struct Objects<'e> {
    encoder: &'e mut Encoder,
    before: &'e mut dyn FnMut(),
    /// The whole value, if it is no container from serde.
    inline: Option<Operand>,
}

/// A container from serde.
struct OpenContainer {
    /// The start of its children's ids.
    first_id: usize,
    /// The number of its children so far.
    length: usize,
    depth: u32,
    expanded_bytes: u64,
}

impl OpenContainer {
    fn end(&self) -> usize {
        self.first_id + self.length
    }
}

impl Objects<'_> {
    /// Encodes an object, unless there was an error.
    fn encode(
        &mut self,
        encode: impl FnOnce(&mut GraphEncoder) -> Result<Encoded, GraphError>,
    ) -> Encoded {
        if self.encoder.error.is_none() {
            match encode(self.encoder.graph()) {
                Ok(encoded) => return encoded,
                Err(error) => self.encoder.fail(error),
            };
        }
        Encoded::NOTHING
    }

    fn inline(&mut self, operand: Result<Operand, GraphError>) -> Encoded {
        let operand = operand.unwrap_or_else(|error| self.encoder.fail(error));
        self.inline = Some(operand);
        Encoded::NOTHING
    }
}

impl Sink for Objects<'_> {
    type Part = Encoded;
    type Container = OpenContainer;

    fn begin(&mut self) {
        (self.before)();
        if let Err(error) = self.encoder.take(OBJECT_BYTES) {
            self.encoder.fail(error);
        }
    }

    fn leaf(&mut self, leaf: Node<'_>, is_root: bool) -> Encoded {
        let payload = match leaf {
            Node::Text(text) => text.len(),
            Node::Bytes(bytes) => bytes.len(),
            _ => 0,
        };
        let expanded_bytes = OBJECT_BYTES + payload as u64;
        if !is_root {
            return self.encode(|graph| {
                let id = graph.builder.push(leaf);
                graph.checked(id, 0, expanded_bytes)
            });
        }
        if payload > SHORT {
            (self.before)();
        }
        // Checked before text is copied.
        let operand = self.encoder.take(expanded_bytes).map(|()| match leaf {
            Node::Boolean(value) => Operand::Boolean(value),
            Node::Integer(value) => Operand::Integer(value),
            Node::Float(value) => Operand::Float(value),
            Node::Text(text) => Operand::Text(text.to_owned()),
            Node::Bytes(bytes) => Operand::Bytes(bytes.to_owned()),
            _ => Operand::Null,
        });
        self.inline(operand)
    }

    fn value(&mut self, value: Value, is_root: bool) -> Encoded {
        if !is_root {
            return self.encode(|graph| graph.encode((&value).into()));
        }
        let is_short = match &value {
            Value::None | Value::Bool(_) | Value::Int(_) | Value::Float(_) => true,
            Value::Str(text) => text.len() <= SHORT,
            Value::Bytes(bytes) => bytes.len() <= SHORT,
            _ => false,
        };
        if !is_short {
            (self.before)();
        }
        let operand = self.encoder.try_operand(&value);
        self.inline(operand)
    }

    fn key(&mut self, text: &str) -> Encoded {
        self.encode(|graph| graph.key(text))
    }

    fn name(&mut self, name: &'static str) -> Encoded {
        self.encode(|graph| graph.name(name))
    }

    fn open(&mut self, _length: usize) -> OpenContainer {
        OpenContainer {
            first_id: self.encoder.children.len(),
            length: 0,
            depth: 0,
            expanded_bytes: OBJECT_BYTES,
        }
    }

    fn hold(&mut self, container: &mut OpenContainer, child: Encoded) {
        self.restore(container);
        self.encoder.children.push(child.id);
        container.length += 1;
        container.depth = container.depth.max(child.depth.saturating_add(1));
        container.expanded_bytes = container
            .expanded_bytes
            .saturating_add(child.expanded_bytes)
            .saturating_add(CHILD_BYTES);
    }

    fn restore(&mut self, container: &OpenContainer) {
        self.encoder.children.truncate(container.end());
    }

    fn close(&mut self, container: OpenContainer, kind: Kind) -> Encoded {
        self.restore(&container);
        let children = std::mem::take(&mut self.encoder.children);
        let encoded = self.encode(|graph| {
            let children = children.get(container.first_id..).unwrap_or_default();
            let id = graph.builder.push(match kind {
                Kind::List => Node::List(children),
                Kind::Tuple => Node::Tuple(children),
                Kind::Dict => Node::Dict(children),
            });
            graph.checked(id, container.depth, container.expanded_bytes)
        });
        self.encoder.children = children;
        self.encoder.children.truncate(container.first_id);
        encoded
    }
}

/// A Rust value as a message by itself, converted as by
/// [`to_value`](crate::to_value).
///
/// # Errors
///
/// As [`to_value`](crate::to_value), if the value exceeds
/// [`GraphCaps::DEFAULT`], or see [`Encoder::finish`].
pub fn to_message<T: Serialize + ?Sized>(value: &T) -> Result<types::Value, Error> {
    let mut encoder = Encoder::new(GraphCaps::DEFAULT);
    let root = encoder.serialize(value)?;
    let graph = encoder.finish()?;
    Ok(types::Value { root, graph })
}

impl Value {
    /// The value as a message by itself.
    ///
    /// # Errors
    ///
    /// If the value exceeds [`GraphCaps::DEFAULT`], or see
    /// [`Encoder::finish`].
    pub fn to_message(&self) -> Result<types::Value, GraphError> {
        let mut encoder = Encoder::new(GraphCaps::DEFAULT);
        let root = encoder.operand(self);
        let graph = encoder.finish()?;
        Ok(types::Value { root, graph })
    }
}
