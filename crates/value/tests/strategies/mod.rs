//! Graphs made of random columns, for the suites that read them.

use monty_value::ObjectId;
use monty_value::types::{
    Class, Complex, Date, Datetime, Exception, File, Function, Graph, Instance, Module, NamedTuple,
    RareNode, Time, Timedelta, Timezone,
};
use proptest::collection::vec;
use proptest::prelude::*;

/// Numbers of use as an id, a count or a length, and some that are of none.
pub fn number() -> impl Strategy<Value = u32> {
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
            RareNode::Exception(Exception { type_name, message })
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
pub fn random_columns() -> impl Strategy<Value = Graph> {
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
pub fn columns_that_add_up() -> impl Strategy<Value = Graph> {
    vec(piece(), 1..60).prop_map(|pieces| {
        let mut graph = Graph::default();
        for piece in pieces {
            add(&mut graph, piece);
        }
        graph
    })
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
pub fn tampered() -> impl Strategy<Value = Graph> {
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
