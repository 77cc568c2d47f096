//! The records of all tools, and which of them are the same.
//!
//! A record holds others by value, and those around it by name. Two are the
//! same if no path through them ends in a difference, however far each was
//! written out before a name refers back: `A { b: B { a: ^A } }` holds the same
//! `B` as `B { a: A { b: ^B } }` is. That is found as states of automata are
//! merged: what looks different is told apart, then what leads to something
//! different, until nothing more is.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use monty_host::{Record, Signature, Type};

use crate::toolbox::AgentTool;

/// A record where it stands.
#[derive(Debug)]
struct Node<'t> {
    record: &'t Record,
    children: Vec<Reference>,
}

/// What a record in a type is: the place of a node, or nothing if a name leads
/// nowhere.
type Reference = Option<usize>;

/// The records of all tools.
#[derive(Debug)]
pub(super) struct RecordGraph<'t> {
    nodes: Vec<Node<'t>>,
    /// The class of each node: those of one class are the same.
    classes: Vec<usize>,
    /// The first node of each class.
    first: Vec<usize>,
    tools: Vec<ToolRecords>,
}

/// The records in the signature of a tool, in the order in which they stand in
/// its types.
#[derive(Debug, Default)]
pub(super) struct ToolRecords {
    pub(super) parameters: Vec<Vec<Reference>>,
    pub(super) returns: Vec<Reference>,
}

impl<'t> RecordGraph<'t> {
    pub(super) fn new(tools: &[&'t AgentTool]) -> Self {
        let mut nodes = Vec::new();
        let records = tools
            .iter()
            .map(|tool| Walk::signature(tool.get_signature(), &mut nodes));
        let tools = records.collect();
        let (classes, first) = classes(&nodes);
        let mut graph = Self {
            nodes,
            classes,
            first,
            tools,
        };
        graph.refer_to_classes();
        graph
    }

    /// From here on, references are to classes.
    fn refer_to_classes(&mut self) {
        let classes = &self.classes;
        let children = self.nodes.iter_mut().flat_map(|node| &mut node.children);
        let tools = self.tools.iter_mut().flat_map(|tool| {
            let parameters = tool.parameters.iter_mut().flatten();
            parameters.chain(&mut tool.returns)
        });
        for reference in children.chain(tools) {
            *reference = reference.and_then(|node| classes.get(node).copied());
        }
    }

    /// The records of a tool, by its place in the order of names.
    pub(super) fn tool(&self, index: usize) -> Option<&ToolRecords> {
        self.tools.get(index)
    }

    /// A record of each class, and the classes of those in it. Classes are in
    /// the order in which they first stand in a tool.
    pub(super) fn classes(&self) -> impl Iterator<Item = (&'t Record, &[Reference])> {
        let nodes = self.first.iter().filter_map(|node| self.nodes.get(*node));
        nodes.map(|node| (node.record, node.children.as_slice()))
    }
}

/// A walk through the types of one signature.
struct Walk<'t, 'n> {
    nodes: &'n mut Vec<Node<'t>>,
    /// The records around, outermost first.
    around: Vec<usize>,
    /// The outermost of them that what was walked through refers to.
    refers_to: usize,
    /// Records that refer to nothing around them, by their address.
    closed: HashMap<*const Record, usize>,
    /// The first record of each name.
    by_name: BTreeMap<&'t str, usize>,
    /// Names that no record around had: where they stand.
    open: Vec<(Place, &'t str)>,
}

/// Where a reference stands.
enum Place {
    Child(usize, usize),
    Parameter(usize, usize),
    Returns(usize),
}

impl<'t, 'n> Walk<'t, 'n> {
    fn signature(signature: &'t Signature, nodes: &'n mut Vec<Node<'t>>) -> ToolRecords {
        let mut walk = Self {
            nodes,
            around: Vec::new(),
            refers_to: usize::MAX,
            closed: HashMap::new(),
            by_name: BTreeMap::new(),
            open: Vec::new(),
        };
        let mut records = ToolRecords::default();
        for (index, parameter) in signature.get_parameters().iter().enumerate() {
            let mut references = Vec::new();
            walk.ty(parameter.get_type(), &mut references, &|place| {
                Place::Parameter(index, place)
            });
            records.parameters.push(references);
        }
        walk.ty(
            signature.get_returns(),
            &mut records.returns,
            &Place::Returns,
        );
        for (place, name) in walk.open {
            let reference = match place {
                Place::Child(node, place) => walk
                    .nodes
                    .get_mut(node)
                    .and_then(|node| node.children.get_mut(place)),
                Place::Parameter(index, place) => records
                    .parameters
                    .get_mut(index)
                    .and_then(|one| one.get_mut(place)),
                Place::Returns(place) => records.returns.get_mut(place),
            };
            if let Some(reference) = reference {
                *reference = walk.by_name.get(name).copied();
            }
        }
        records
    }

    fn ty(
        &mut self,
        ty: &'t Type,
        references: &mut Vec<Reference>,
        place: &dyn Fn(usize) -> Place,
    ) {
        match ty {
            Type::List(items)
            | Type::Set(items)
            | Type::FrozenSet(items)
            | Type::TupleOf(items) => {
                self.ty(items, references, place);
            }
            Type::Dict(keys, values) => {
                self.ty(keys, references, place);
                self.ty(values, references, place);
            }
            Type::Tuple(members) | Type::Union(members) => {
                for member in members {
                    self.ty(member, references, place);
                }
            }
            Type::Record(record) => {
                let node = self.record(record);
                references.push(Some(node));
            }
            Type::Enclosing(name) => {
                let around = self.around.iter().enumerate().rev();
                let mut named = around.filter(|(_, node)| {
                    let node = self.nodes.get(**node);
                    node.is_some_and(|node| node.record.name() == &**name)
                });
                match named.next() {
                    Some((depth, node)) => {
                        self.refers_to = self.refers_to.min(depth);
                        references.push(Some(*node));
                    }
                    None => {
                        self.open.push((place(references.len()), name));
                        references.push(None);
                    }
                }
            }
            _ => {}
        }
    }

    fn record(&mut self, record: &'t Arc<Record>) -> usize {
        let address = Arc::as_ptr(record);
        if let Some(node) = self.closed.get(&address) {
            return *node;
        }
        let node = self.nodes.len();
        self.nodes.push(Node {
            record,
            children: Vec::new(),
        });
        self.by_name.entry(record.name()).or_insert(node);
        let depth = self.around.len();
        self.around.push(node);
        let before = std::mem::replace(&mut self.refers_to, usize::MAX);
        let mut children = Vec::new();
        for field in record.fields() {
            self.ty(&field.ty, &mut children, &|place| Place::Child(node, place));
        }
        if let Some(node) = self.nodes.get_mut(node) {
            node.children = children;
        }
        self.around.pop();
        if self.refers_to >= depth {
            self.closed.insert(address, node);
            self.refers_to = before;
        } else {
            self.refers_to = self.refers_to.min(before);
        }
        node
    }
}

/// The class of each node, and the first node of each class.
fn classes(nodes: &[Node<'_>]) -> (Vec<usize>, Vec<usize>) {
    let mut seen = HashMap::new();
    let mut classes: Vec<usize> = nodes
        .iter()
        .map(|node| {
            let next = seen.len();
            *seen.entry(look(node.record)).or_insert(next)
        })
        .collect();
    let mut count = seen.len();
    loop {
        let mut seen = HashMap::new();
        let finer: Vec<usize> = nodes
            .iter()
            .zip(&classes)
            .map(|(node, class)| {
                let children = node.children.iter();
                let children = children.map(|child| child.and_then(|child| classes.get(child)));
                let next = seen.len();
                *seen
                    .entry((class, children.collect::<Vec<_>>()))
                    .or_insert(next)
            })
            .collect();
        let finer_count = seen.len();
        drop(seen);
        classes = finer;
        if finer_count == count {
            break;
        }
        count = finer_count;
    }
    let mut first = vec![usize::MAX; count];
    for (node, class) in classes.iter().enumerate() {
        if let Some(first) = first.get_mut(*class) {
            *first = (*first).min(node);
        }
    }
    (classes, first)
}

/// All of a record but what the records in it consist of.
fn look(record: &Record) -> String {
    let fields = record.fields().iter().map(|field| {
        format!(
            "{:?}",
            (
                &field.name,
                field.ty.to_string(),
                field.required,
                &field.description
            )
        )
    });
    format!("{:?}{}", record.name(), fields.collect::<String>())
}
