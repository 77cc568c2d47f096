//! Graphs made of random columns: refused, or a value no larger than they are.
//! Never a panic, whatever is then done with the value.

use monty_value::graph::{CheckedGraph, GraphCaps, Node};
use monty_value::types::{
    Class, Complex, Date, Datetime, ExceptionValue, File, Function, Graph, Instance, Module,
    NamedTuple, Operand, RareNode, Time, Timedelta, Timezone, Value as Message,
};
use monty_value::{Decoder, ObjectId, Value};
use proptest::collection::vec;
use proptest::prelude::*;

/// Small, so that caps are met.
const CAPS: GraphCaps = GraphCaps {
    expanded_bytes: 1 << 20,
    depth: 40,
};

/// Numbers of use as an id, a count or a length, and some that are of none.
fn number() -> impl Strategy<Value = u32> {
    prop_oneof![
        8 => 0_u32..4,
        4 => 0_u32..40,
        1 => any::<u32>(),
        1 => Just(u32::MAX),
    ]
}

fn words() -> impl Strategy<Value = String> {
    prop_oneof![
        Just(String::new()),
        "[a-zé🦀\\x00]{1,4}",
        Just("ValueError".to_owned()),
        Just("datetime.date".to_owned()),
        "-?[0-9]{1,30}(\\.[0-9]{0,5})?(E[+-][0-9]{1,20})?",
    ]
}

fn timezone() -> impl Strategy<Value = Timezone> {
    let offset = prop_oneof![-90_000..90_000, any::<i32>()];
    (offset, proptest::option::of(words())).prop_map(|(offset_seconds, name)| Timezone {
        offset_seconds,
        name,
    })
}

fn date() -> impl Strategy<Value = Date> {
    let year = prop_oneof![-1..10_001, any::<i32>()];
    (year, 0_u8..14, 0_u8..33).prop_map(|(year, month, day)| Date { year, month, day })
}

fn leaf() -> impl Strategy<Value = RareNode> {
    let timezone = || proptest::option::of(timezone());
    prop_oneof![
        vec(any::<u8>(), 0..20).prop_map(RareNode::BigInteger),
        any::<(f64, f64)>()
            .prop_map(|(real, imaginary)| RareNode::Complex(Complex { real, imaginary })),
        words().prop_map(RareNode::Decimal),
        date().prop_map(RareNode::Date),
        (
            date(),
            0_u8..25,
            0_u8..61,
            0_u8..61,
            0_u32..1_000_002,
            timezone()
        )
            .prop_map(|(date, hour, minute, second, microsecond, timezone)| {
                RareNode::Datetime(Datetime {
                    date,
                    hour,
                    minute,
                    second,
                    microsecond,
                    timezone,
                })
            }),
        (
            0_u8..25,
            0_u8..61,
            any::<u8>(),
            any::<u32>(),
            timezone(),
            0_u8..3
        )
            .prop_map(
                |(hour, minute, second, microsecond, timezone, fold)| RareNode::Time(Time {
                    hour,
                    minute,
                    second,
                    microsecond,
                    timezone,
                    fold,
                })
            ),
        (any::<i32>(), -1_i32..86_401, -1_i32..1_000_001).prop_map(
            |(days, seconds, microseconds)| RareNode::Timedelta(Timedelta {
                days,
                seconds,
                microseconds,
            })
        ),
        timezone_leaf(),
        words().prop_map(RareNode::Path),
        (words(), proptest::option::of(words())).prop_map(|(type_name, message)| {
            RareNode::Exception(ExceptionValue { type_name, message })
        }),
        words().prop_map(RareNode::TypeObject),
        words().prop_map(RareNode::BuiltinFunction),
        (words(), proptest::option::of(words()))
            .prop_map(|(name, docstring)| RareNode::Function(Function { name, docstring })),
        (words(), words(), any::<u64>()).prop_map(|(path, mode, position)| {
            RareNode::File(File {
                path,
                mode,
                position,
            })
        }),
        words().prop_map(RareNode::Representation),
        words().prop_map(RareNode::Cycle),
    ]
}

fn timezone_leaf() -> impl Strategy<Value = RareNode> {
    timezone().prop_map(RareNode::Timezone)
}

fn rare() -> impl Strategy<Value = RareNode> {
    let id = || (0_u128..4).prop_map(ObjectId::from_u128);
    prop_oneof![
        2 => leaf(),
        1 => (words(), vec(words(), 0..4)).prop_map(|(type_name, field_names)| {
            RareNode::NamedTuple(NamedTuple { type_name, field_names })
        }),
        1 => (words(), id(), any::<bool>(), any::<bool>()).prop_map(
            |(name, id, host_defined, dataclass)| RareNode::Class(Class {
                name,
                id,
                host_defined,
                dataclass,
            })
        ),
        1 => (number(), id())
            .prop_map(|(class, id)| RareNode::Instance(Instance { class, id })),
        1 => (words(), id()).prop_map(|(name, id)| RareNode::Module(Module { name, id })),
    ]
}

/// Columns that know nothing of each other.
fn random_columns() -> impl Strategy<Value = Graph> {
    let kind = prop_oneof![20 => 0_u8..15, 1 => any::<u8>()];
    let numbers = || vec(number(), 0..12);
    (
        (vec(kind, 0..12), numbers(), vec(number(), 0..24)),
        (vec(any::<i64>(), 0..6), vec(any::<f64>(), 0..6)),
        (numbers(), words(), numbers(), vec(any::<u8>(), 0..12)),
        vec(rare(), 0..6),
    )
        .prop_map(
            |(
                (kinds, counts, children),
                (integers, floats),
                (text_lengths, text, blob_lengths, blobs),
                rare,
            )| Graph {
                kinds,
                counts,
                children,
                integers,
                floats,
                text_lengths,
                text,
                blob_lengths,
                blobs,
                rare,
            },
        )
}

/// One object and what it takes of the columns.
#[derive(Clone, Debug)]
struct Piece {
    kind: u8,
    children: Vec<prop::sample::Index>,
    number: i64,
    text: String,
    rare: RareNode,
}

fn piece() -> impl Strategy<Value = Piece> {
    let children = vec(any::<prop::sample::Index>(), 0..5);
    (0_u8..15, children, any::<i64>(), words(), rare()).prop_map(
        |(kind, children, number, text, rare)| Piece {
            kind,
            children,
            number,
            text,
            rare,
        },
    )
}

/// Columns that add up, whose children stand before their holders.
fn columns_that_add_up() -> impl Strategy<Value = Graph> {
    vec(piece(), 1..60).prop_map(|pieces| {
        let mut graph = empty();
        for piece in pieces {
            add(&mut graph, piece);
        }
        graph
    })
}

fn empty() -> Graph {
    Graph {
        kinds: vec![],
        counts: vec![],
        children: vec![],
        integers: vec![],
        floats: vec![],
        text_lengths: vec![],
        text: String::new(),
        blob_lengths: vec![],
        blobs: vec![],
        rare: vec![],
    }
}

fn add(graph: &mut Graph, piece: Piece) {
    let before = graph.kinds.len();
    let length = u32::try_from(piece.text.len()).unwrap();
    let mut container = false;
    match piece.kind {
        5 => graph.integers.push(piece.number),
        6 => graph
            .floats
            .push(f64::from_bits(piece.number.cast_unsigned())),
        7 => {
            graph.text_lengths.push(length);
            graph.text.push_str(&piece.text);
        }
        8 => {
            graph.blob_lengths.push(length);
            graph.blobs.extend_from_slice(piece.text.as_bytes());
        }
        9..=13 => container = true,
        14 => {
            container = piece.rare.is_container();
            graph.rare.push(piece.rare);
        }
        _ => {}
    }
    if container {
        let mut count = if before == 0 { 0 } else { piece.children.len() };
        if piece.kind >= 13 {
            count -= count % 2;
        }
        graph.counts.push(u32::try_from(count).unwrap());
        for child in &piece.children[..count] {
            let child = u32::try_from(child.index(before)).unwrap();
            graph.children.push(child);
        }
    }
    graph.kinds.push(piece.kind);
}

/// One change of one number somewhere.
fn tampered() -> impl Strategy<Value = Graph> {
    let position = any::<prop::sample::Index>();
    (columns_that_add_up(), 0_u8..6, position, number()).prop_map(
        |(mut graph, column, position, number)| {
            match column {
                0 => *position.get_mut(&mut graph.kinds) = number.to_le_bytes()[0] % 16,
                1 if !graph.counts.is_empty() => *position.get_mut(&mut graph.counts) = number,
                2 if !graph.children.is_empty() => *position.get_mut(&mut graph.children) = number,
                3 if !graph.text_lengths.is_empty() => {
                    *position.get_mut(&mut graph.text_lengths) = number;
                }
                4 if !graph.blob_lengths.is_empty() => {
                    *position.get_mut(&mut graph.blob_lengths) = number;
                }
                _ => graph.children.push(number),
            }
            graph
        },
    )
}

/// Reads a graph in every way there is.
fn exercise(graph: &Graph, roots: &[u32]) -> Result<bool, TestCaseError> {
    let Ok(checked) = CheckedGraph::new(graph, CAPS) else {
        prop_assert!(Decoder::new(Some(graph), CAPS).is_err());
        return Ok(false);
    };
    prop_assert_eq!(checked.len(), graph.kinds.len());
    prop_assert_eq!(checked.nodes().count(), graph.kinds.len());
    for (id, node) in checked.nodes().enumerate() {
        let children = match node {
            Node::List(children)
            | Node::Tuple(children)
            | Node::Set(children)
            | Node::FrozenSet(children)
            | Node::Dict(children)
            | Node::Rare(_, children) => children,
            _ => &[],
        };
        prop_assert!(children.iter().all(|child| (*child as usize) < id));
    }
    let Ok(decoder) = Decoder::new(Some(graph), CAPS) else {
        return Ok(false);
    };
    for root in roots {
        let inside = (*root as usize) < graph.kinds.len();
        match decoder.value(&Operand::Node(*root)) {
            Ok(value) => {
                prop_assert!(inside);
                use_value(&value, graph)?;
            }
            Err(error) => {
                prop_assert!(!inside, "{error}");
            }
        }
    }
    Ok(true)
}

/// Does with a value what a host may.
fn use_value(value: &Value, graph: &Graph) -> Result<(), TestCaseError> {
    let _ = value.to_string();
    let debug = format!("{value:?}");
    prop_assert!(!debug.is_empty());
    let _ = serde_json::to_string(value);
    let _ = monty_value::from_value::<serde_json::Value>(value.clone());
    prop_assert_eq!(&value.clone(), value);
    if let Ok(Message {
        graph: Some(again), ..
    }) = value.to_message()
    {
        // A number that is held twice may be two objects on the way back, but
        // there are never more than those who hold it.
        let most = graph.kinds.len() + graph.children.len();
        prop_assert!(again.kinds.len() <= most);
        prop_assert!(again.children.len() <= graph.children.len() + graph.kinds.len());
        prop_assert!(CheckedGraph::new(&again, GraphCaps::NONE).is_ok());
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn random(graph in random_columns(), roots in vec(number(), 1..4)) {
        exercise(&graph, &roots)?;
    }

    #[test]
    fn adding_up(graph in columns_that_add_up(), roots in vec(number(), 1..4)) {
        exercise(&graph, &roots)?;
    }

    #[test]
    fn adding_up_but_for_one_number(graph in tampered(), roots in vec(number(), 1..4)) {
        exercise(&graph, &roots)?;
    }
}

/// A column of lengths promises more than there is: nothing is set aside for it.
#[test]
fn promises_cost_nothing() {
    for (kind, column) in [(7, "text"), (8, "blobs"), (9, "children")] {
        let promise = vec![u32::MAX; 1000];
        let mut graph = empty();
        graph.kinds = vec![kind; 1000];
        match kind {
            7 => graph.text_lengths = promise,
            8 => graph.blob_lengths = promise,
            _ => graph.counts = promise,
        }
        let error = CheckedGraph::new(&graph, GraphCaps::NONE).unwrap_err();
        let expected = format!("the graph's column `{column}` is shorter than its objects need");
        assert_eq!(error.to_string(), expected);
    }
}

/// Objects that nobody holds count as well.
#[test]
fn objects_that_nobody_holds() {
    let mut graph = empty();
    graph.kinds = vec![0; 17 << 20];
    let refusal = Decoder::new(Some(&graph), GraphCaps::DEFAULT).unwrap_err();
    assert_eq!(
        refusal.to_string(),
        "the graph's objects take 285212672 bytes; at most 268435456 are taken"
    );
}

/// Containers of one kind in each other.
fn nested(kind: u8, depth: u32) -> Graph {
    let mut graph = empty();
    graph.kinds = vec![kind; depth as usize + 1];
    graph.kinds[0] = 0;
    graph.counts = vec![if kind == 13 { 2 } else { 1 }; depth as usize];
    for child in 0..depth {
        if kind == 13 {
            graph.children.push(0);
        }
        graph.children.push(child);
    }
    graph
}

/// The check needs no stack for each level, whatever the caps.
#[test]
fn depth_without_caps() {
    for kind in 9..=13 {
        let graph = nested(kind, 200_000);
        CheckedGraph::new(&graph, GraphCaps::NONE).unwrap();
        let refusal = Decoder::new(Some(&graph), GraphCaps::DEFAULT).unwrap_err();
        assert!(refusal.to_string().contains("levels deep"), "{refusal}");
    }
}

/// A value as deep as a host takes is read, used and dropped on a small stack.
#[test]
fn depth_of_the_default_caps() {
    let use_deep_values = || {
        for kind in 9..=13 {
            let depth = GraphCaps::DEFAULT.depth;
            let graph = nested(kind, depth);
            let decoder = Decoder::new(Some(&graph), GraphCaps::DEFAULT).unwrap();
            let value = decoder.value(&Operand::Node(depth)).unwrap();
            drop(decoder);
            use_value(&value, &graph).unwrap();
        }
    };
    std::thread::Builder::new()
        .stack_size(1 << 20)
        .spawn(use_deep_values)
        .unwrap()
        .join()
        .unwrap();
}

/// A call may name each child of a large object as an argument: `f(d, *d.values())`.
/// Each costs the same, however many there are.
#[test]
fn children_of_a_large_object_as_operands() {
    let count = 300_000;
    let holders = [
        (9, 1, vec![]),
        (13, 2, vec![]),
        (14, 2, vec![class()]),
        (14, 2, vec![class(), instance_of(0)]),
    ];
    for (kind, step, rare) in holders {
        let mut graph = empty();
        let before = u32::try_from(rare.len().saturating_sub(1)).unwrap();
        graph.kinds = vec![14; before as usize];
        graph.counts = vec![0; before as usize];
        graph.rare = rare;
        for number in 0..count {
            graph.kinds.push(5);
            graph.integers.push(number);
        }
        graph.kinds.push(kind);
        let end = before + u32::try_from(count).unwrap();
        graph.children = (before..end).collect();
        graph.counts.push(end - before);

        let decoder = Decoder::new(Some(&graph), GraphCaps::DEFAULT).unwrap();
        for id in (before..end).step_by(step) {
            let number = i64::from(id - before);
            let value = decoder.value(&Operand::Node(id)).unwrap();
            assert_eq!(value, Value::from(number));
            let last = decoder.value(&Operand::Node(end - 1)).unwrap();
            assert_eq!(last, Value::from(count - 1));
        }
    }
}

fn class() -> RareNode {
    RareNode::Class(Class {
        name: "C".to_owned(),
        id: ObjectId::from_u128(1),
        host_defined: false,
        dataclass: false,
    })
}

fn instance_of(class: u32) -> RareNode {
    RareNode::Instance(Instance {
        class,
        id: ObjectId::from_u128(2),
    })
}
