//! Python values, from the columns of a graph to Monty's arena.
//!
//! Both are arenas in which a child stands before its holder, so this is one
//! pass, nothing recurses, and a shared object stays shared.

use std::{
    collections::{BTreeMap, BTreeSet},
    rc::Rc,
};

use monty_types::{
    CallArgs, MontyComplex, MontyObject, MontyType, MontyUuid, NamedValues,
    unstable::{
        ClassTypeNode, MontyGraph, MontyNode, NodeId, call_args_from_parts,
        named_values_from_parts, object_from_graph,
    },
};
use monty_value::{
    graph::{CheckedGraph, GraphCaps, Node, check_operand_without_graph},
    types::{CallRequest, Class, Graph, Instance, NamedOperand, Operand, RareNode, Value},
};
use num_bigint::BigInt;
use serde::{Deserialize, Serialize};

use crate::leaves;

/// The classes and instances that the host sent, by which an error can name
/// the class of a receiver: a call has only its identity.
#[derive(Clone, Default, Serialize, Deserialize)]
pub struct HostObjects(BTreeMap<MontyUuid, HostObject>);

/// A class or an instance of the host.
#[derive(Clone, Serialize, Deserialize)]
pub struct HostObject {
    /// The name of the class.
    pub class_name: Rc<str>,
    /// Whether it is the class itself.
    pub is_class: bool,
}

impl HostObjects {
    /// The class or instance with an identity.
    pub fn get(&self, id: MontyUuid) -> Option<&HostObject> {
        self.0.get(&id)
    }

    fn insert_class(&mut self, class: &Class) -> HostObject {
        let class_name = Rc::from(class.name.as_str());
        let class_object = HostObject {
            class_name,
            is_class: true,
        };
        self.0.insert(leaves::uuid(class.id), class_object.clone());
        class_object
    }

    fn insert_instance(&mut self, instance: &Instance, class: &HostObject) {
        let instance_object = HostObject {
            class_name: Rc::clone(&class.class_name),
            is_class: false,
        };
        self.0.insert(leaves::uuid(instance.id), instance_object);
    }
}

/// A value of the host, for Python.
///
/// # Errors
///
/// A text that says which rule the value breaks.
pub fn decode(value: Value, host_objects: &mut HostObjects) -> Result<MontyObject, String> {
    let Some(graph) = value.graph else {
        check_operand_without_graph(&value.root).map_err(|error| error.to_string())?;
        return Ok(decode_scalar(value.root).unwrap_or_else(MontyObject::none));
    };
    let graph = decode_graph(&graph, host_objects, Sender::Host)?;
    match value.root {
        Operand::Node(id) => {
            object_from_graph(graph, NodeId(id)).map_err(|error| error.to_string())
        }
        scalar => Ok(decode_scalar(scalar).unwrap_or_else(MontyObject::none)),
    }
}

/// Several values of one message with their names, for Python. An object that
/// two of them hold stays one object.
///
/// # Errors
///
/// A text that says which rule a value breaks.
pub fn named_values(
    values: Vec<NamedOperand>,
    graph: Option<Graph>,
    host_objects: &mut HostObjects,
) -> Result<NamedValues, String> {
    let mut graph = optional_graph(graph.as_ref(), host_objects, Sender::Host)?;
    let names = values
        .into_iter()
        .map(|NamedOperand { name, value }| (name, push_operand(&mut graph, value)))
        .collect();
    named_values_from_parts(graph, names).map_err(|error| error.to_string())
}

/// The arguments of a function as one variable: a list of the positional ones
/// and the keyword ones.
///
/// # Errors
///
/// A text that says which rule a value breaks.
pub fn function_arguments(
    variable: &str,
    positional: Vec<Operand>,
    keyword: Vec<NamedOperand>,
    graph: Option<Graph>,
    host_objects: &mut HostObjects,
) -> Result<NamedValues, String> {
    let mut names = BTreeSet::new();
    if let Some(twice) = keyword
        .iter()
        .find(|argument| !names.insert(&argument.name))
    {
        return Err(format!(
            "{} occurs more than once",
            leaves::quoted(&twice.name)
        ));
    }
    let mut graph = optional_graph(graph.as_ref(), host_objects, Sender::Host)?;
    let positional = positional
        .into_iter()
        .map(|value| push_operand(&mut graph, value))
        .collect();
    let keyword = push_keyword(&mut graph, keyword);
    let positional = graph.push(MontyNode::Tuple(positional));
    let keyword = graph.push(MontyNode::Dict(keyword));
    let arguments = graph.push(MontyNode::List(vec![positional, keyword]));
    // The ids that the host sent are in range if they are below those.
    MontyGraph::validate(graph.nodes()).map_err(|error| error.to_string())?;
    named_values_from_parts(graph, vec![(variable.to_owned(), arguments)])
        .map_err(|error| error.to_string())
}

/// The arguments of a call that the script made, as it made them.
///
/// # Errors
///
/// None in a request of this component's own.
pub fn arguments(
    positional: Vec<Operand>,
    keyword: Vec<NamedOperand>,
    graph: Option<Graph>,
) -> Result<CallArgs, String> {
    let mut host_objects = HostObjects::default();
    let mut graph = optional_graph(graph.as_ref(), &mut host_objects, Sender::Script)?;
    let positional = positional
        .into_iter()
        .map(|value| push_operand(&mut graph, value))
        .collect();
    let keyword = push_keyword(&mut graph, keyword);
    call_args_from_parts(graph, positional, keyword).map_err(|error| error.to_string())
}

/// A value and the arguments of a call that the script made, as a list of three.
///
/// # Errors
///
/// If an argument means nothing outside the script's interpreter.
pub fn call(callee: MontyNode, request: &CallRequest) -> Result<MontyObject, String> {
    let mut host_objects = HostObjects::default();
    let mut graph = optional_graph(request.graph.as_ref(), &mut host_objects, Sender::Script)?;
    if graph.nodes().iter().any(is_of_script) {
        return Err("an argument is an object of the script".to_owned());
    }
    let positional = request.positional.iter().cloned();
    let positional = positional
        .map(|value| push_operand(&mut graph, value))
        .collect();
    let keyword = push_keyword(&mut graph, request.keyword.clone());
    let parts = [
        callee,
        MontyNode::Tuple(positional),
        MontyNode::Dict(keyword),
    ];
    let parts = parts.map(|part| graph.push(part)).to_vec();
    let root = graph.push(MontyNode::List(parts));
    object_from_graph(graph, root).map_err(|error| error.to_string())
}

fn is_of_script(node: &MontyNode) -> bool {
    match node {
        MontyNode::Repr(_) | MontyNode::Cycle(_) => true,
        MontyNode::ClassType(class) => !class.host_defined,
        _ => false,
    }
}

fn push_keyword(graph: &mut MontyGraph, keyword: Vec<NamedOperand>) -> Vec<(NodeId, NodeId)> {
    keyword
        .into_iter()
        .map(|NamedOperand { name, value }| {
            let name = graph.push(MontyNode::String(name));
            (name, push_operand(graph, value))
        })
        .collect()
}

/// The node of an operand, appended if it is not in the graph.
fn push_operand(graph: &mut MontyGraph, operand: Operand) -> NodeId {
    graph.push(match operand {
        Operand::Null => MontyNode::None,
        Operand::Boolean(value) => MontyNode::Bool(value),
        Operand::Integer(value) => MontyNode::Int(value),
        Operand::Float(value) => MontyNode::Float(value),
        Operand::Text(value) => MontyNode::String(value),
        Operand::Bytes(value) => MontyNode::Bytes(value),
        Operand::Node(id) => return NodeId(id),
    })
}

/// The value of an operand that needs no graph, and nothing for one that does.
fn decode_scalar(operand: Operand) -> Option<MontyObject> {
    Some(match operand {
        Operand::Null => MontyObject::none(),
        Operand::Boolean(value) => MontyObject::bool(value),
        Operand::Integer(value) => MontyObject::int(value),
        Operand::Float(value) => MontyObject::float(value),
        Operand::Text(value) => MontyObject::string(value),
        Operand::Bytes(value) => MontyObject::bytes(value),
        Operand::Node(_) => return None,
    })
}

/// Where a graph comes from.
#[derive(Clone, Copy, PartialEq)]
enum Sender {
    /// The host.
    Host,
    /// The script: this component encoded it.
    Script,
}

fn optional_graph(
    graph: Option<&Graph>,
    host_objects: &mut HostObjects,
    sender: Sender,
) -> Result<MontyGraph, String> {
    graph.map_or_else(
        || Ok(MontyGraph::new()),
        |graph| decode_graph(graph, host_objects, sender),
    )
}

fn decode_graph(
    graph: &Graph,
    host_objects: &mut HostObjects,
    sender: Sender,
) -> Result<MontyGraph, String> {
    // Deep and widely shared graphs are Monty's to bound: it counts recursion.
    let graph = CheckedGraph::new(graph, GraphCaps::NONE).map_err(|error| error.to_string())?;
    let mut decoder = Decoder {
        host_objects,
        sender,
        hashable: Vec::with_capacity(graph.len()),
        classes: BTreeMap::new(),
    };
    let mut nodes = Vec::with_capacity(graph.len());
    for (id, node) in graph.nodes().iter().copied().enumerate() {
        let node = decoder
            .node(node)
            .map_err(|error| format!("graph object {id}: {error}"))?;
        nodes.push(node);
    }
    MontyGraph::from_nodes(nodes).map_err(|error| error.to_string())
}

struct Decoder<'a> {
    host_objects: &'a mut HostObjects,
    sender: Sender,
    /// Whether each decoded object can be a key of a dict or an element of a set.
    hashable: Vec<bool>,
    /// The classes of the host among them.
    classes: BTreeMap<usize, HostObject>,
}

impl Decoder<'_> {
    fn node(&mut self, node: Node<'_>) -> Result<MontyNode, String> {
        let hashable = match node {
            Node::List(_) | Node::Set(_) | Node::Dict(_) => false,
            Node::Tuple(items) | Node::Rare(RareNode::NamedTuple(_), items) => {
                items.iter().all(|item| self.is_hashable(*item))
            }
            _ => true,
        };
        let decoded = match node {
            Node::None => MontyNode::None,
            Node::Boolean(value) => MontyNode::Bool(value),
            Node::Ellipsis => MontyNode::Ellipsis,
            Node::NotImplemented => MontyNode::NotImplemented,
            Node::Integer(value) => MontyNode::Int(value),
            Node::Float(value) => MontyNode::Float(value),
            Node::Text(value) => MontyNode::String(value.to_owned()),
            Node::Bytes(value) => MontyNode::Bytes(value.to_owned()),
            Node::List(items) => MontyNode::List(node_ids(items)),
            Node::Tuple(items) => MontyNode::Tuple(node_ids(items)),
            Node::Set(items) => {
                self.check_hashable("an element of a set", items.iter())?;
                MontyNode::Set(node_ids(items))
            }
            Node::FrozenSet(items) => {
                self.check_hashable("an element of a frozenset", items.iter())?;
                MontyNode::FrozenSet(node_ids(items))
            }
            Node::Dict(pairs) => {
                self.check_hashable("a key of a dict", pairs.iter().step_by(2))?;
                MontyNode::Dict(node_pairs(pairs))
            }
            Node::Rare(rare, children) => self.rare(rare, children)?,
        };
        self.hashable.push(hashable);
        Ok(decoded)
    }

    fn rare(&mut self, rare: &RareNode, children: &[u32]) -> Result<MontyNode, String> {
        Ok(match rare {
            RareNode::BigInteger(bytes) => {
                let value = BigInt::from_signed_bytes_le(bytes);
                i64::try_from(&value).map_or_else(|_| MontyNode::BigInt(value), MontyNode::Int)
            }
            RareNode::Complex(value) => MontyNode::Complex(MontyComplex {
                real: value.real,
                imag: value.imaginary,
            }),
            RareNode::Decimal(text) => MontyNode::Decimal(leaves::decimal(text)?),
            RareNode::Date(value) => MontyNode::Date(leaves::date(*value)?),
            RareNode::Datetime(value) => MontyNode::DateTime(leaves::datetime(value)?),
            RareNode::Time(value) => MontyNode::Time(leaves::time(value)?),
            RareNode::Timedelta(value) => MontyNode::TimeDelta(leaves::timedelta(*value)?),
            RareNode::Timezone(value) => MontyNode::TimeZone(leaves::timezone(value)?),
            RareNode::Path(path) => MontyNode::Path(path.clone()),
            RareNode::Exception(value) => {
                let (exc_type, arg) = leaves::exception(value)?;
                MontyNode::Exception { exc_type, arg }
            }
            RareNode::TypeObject(name) => MontyNode::Type(
                MontyType::from_type_name(name)
                    .ok_or_else(|| format!("{} is not a type", leaves::quoted(name)))?,
            ),
            RareNode::BuiltinFunction(name) => MontyNode::BuiltinFunction(
                name.parse()
                    .map_err(|_| format!("{} is not a built-in function", leaves::quoted(name)))?,
            ),
            RareNode::Function(function) => MontyNode::Function {
                name: function.name.clone(),
                docstring: function.docstring.clone(),
            },
            RareNode::File(value) => MontyNode::FileHandle(leaves::file(value)?),
            RareNode::Representation(text) if self.sender == Sender::Script => {
                MontyNode::Repr(text.clone())
            }
            RareNode::Cycle(text) if self.sender == Sender::Script => {
                MontyNode::Cycle(text.clone())
            }
            RareNode::Representation(_) => {
                return Err("a representation exists from Python only".to_owned());
            }
            RareNode::Cycle(_) => return Err("a cycle exists from Python only".to_owned()),
            RareNode::NamedTuple(value) => MontyNode::NamedTuple {
                type_name: value.type_name.clone(),
                field_names: value.field_names.clone(),
                values: node_ids(children),
            },
            RareNode::Class(value) => {
                if value.host_defined {
                    let class = self.host_objects.insert_class(value);
                    self.classes.insert(self.hashable.len(), class);
                }
                MontyNode::ClassType(Box::new(ClassTypeNode {
                    name: value.name.clone(),
                    id: leaves::uuid(value.id),
                    host_defined: value.host_defined,
                    is_dataclass: value.dataclass,
                    attrs: node_pairs(children),
                }))
            }
            RareNode::Instance(value) => {
                if let Some(class) = self.classes.get(&(value.class as usize)) {
                    self.host_objects.insert_instance(value, class);
                }
                MontyNode::ClassInstance {
                    class_type: NodeId(value.class),
                    instance_id: leaves::uuid(value.id),
                    attrs: node_pairs(children),
                }
            }
            RareNode::Module(value) => MontyNode::Module {
                name: value.name.clone(),
                id: leaves::uuid(value.id),
                attrs: node_pairs(children),
            },
        })
    }

    fn is_hashable(&self, id: u32) -> bool {
        self.hashable.get(id as usize) == Some(&true)
    }

    fn check_hashable<'a>(
        &self,
        role: &str,
        mut ids: impl Iterator<Item = &'a u32>,
    ) -> Result<(), String> {
        match ids.find(|id| !self.is_hashable(**id)) {
            Some(id) => Err(format!("{role}, object {id}, cannot be hashed")),
            None => Ok(()),
        }
    }
}

fn node_ids(ids: &[u32]) -> Vec<NodeId> {
    ids.iter().copied().map(NodeId).collect()
}

fn node_pairs(ids: &[u32]) -> Vec<(NodeId, NodeId)> {
    let (pairs, _) = ids.as_chunks::<2>();
    pairs
        .iter()
        .map(|[key, value]| (NodeId(*key), NodeId(*value)))
        .collect()
}
