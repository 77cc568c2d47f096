//! Graphs made of random columns: refused, or a value no larger than they are.
//! Never a panic, whatever is then done with the value.

mod strategies;

use monty_value::graph::{CheckedGraph, GraphCaps};
use monty_value::types::{Class, Graph, Instance, Operand, RareNode, Value as Message};
use monty_value::{Decoder, ObjectId, Value};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::strategies::{columns_that_add_up, number, random_columns, tampered};

/// Small, so that caps are met.
const CAPS: GraphCaps = GraphCaps {
    expanded_bytes: 1 << 20,
    depth: 40,
};

/// Reads a graph in every way there is.
fn exercise(graph: &Graph, roots: &[u32]) -> Result<bool, TestCaseError> {
    let Ok(checked) = CheckedGraph::new(graph, CAPS) else {
        prop_assert!(Decoder::new(Some(graph), CAPS).is_err());
        return Ok(false);
    };
    prop_assert_eq!(checked.len(), graph.kinds.len());
    prop_assert_eq!(checked.nodes().len(), graph.kinds.len());
    for (id, node) in checked.nodes().iter().enumerate() {
        let mut children = node.children().iter();
        prop_assert!(children.all(|child| (*child as usize) < id));
    }
    let Ok(mut decoder) = Decoder::new(Some(graph), CAPS) else {
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
        let mut graph = Graph {
            kinds: vec![kind; 1000],
            ..Graph::default()
        };
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
    let graph = Graph {
        kinds: vec![0; 17 << 20],
        ..Graph::default()
    };
    let refusal = Decoder::new(Some(&graph), GraphCaps::DEFAULT).unwrap_err();
    assert_eq!(
        refusal.to_string(),
        "the graph's objects take 1140850688 bytes; at most 268435456 are taken"
    );
}

/// Containers of one kind in each other.
fn nested(kind: u8, depth: u32) -> Graph {
    let mut graph = Graph {
        kinds: vec![kind; depth as usize + 1],
        ..Graph::default()
    };
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
            let mut decoder = Decoder::new(Some(&graph), GraphCaps::DEFAULT).unwrap();
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
        let mut graph = Graph::default();
        let before = u32::try_from(rare.len().saturating_sub(1)).unwrap();
        graph.kinds = vec![14; before as usize];
        graph.counts = vec![0; before as usize];
        graph.rare = rare;
        for number in 0..count {
            if kind == 14 && number % 2 == 0 {
                // The name of an attribute.
                graph.kinds.push(7);
                graph.text_lengths.push(0);
            } else {
                graph.kinds.push(5);
                graph.integers.push(number);
            }
        }
        graph.kinds.push(kind);
        let end = before + u32::try_from(count).unwrap();
        graph.children = (before..end).collect();
        graph.counts.push(end - before);

        let mut decoder = Decoder::new(Some(&graph), GraphCaps::DEFAULT).unwrap();
        for id in (before + 1..end).step_by(step) {
            let number = i64::from(id - before);
            let value = decoder.value(&Operand::Node(id)).unwrap();
            assert_eq!(value, Value::from(number));
            let last = decoder.value(&Operand::Node(end - 1)).unwrap();
            assert_eq!(last, Value::from(count - 1));
        }
    }
}

/// A call may name each object below a deep one: `f(deep, *inner)`. Each costs
/// the same, however deep it is.
#[test]
fn objects_of_a_deep_one_as_operands() {
    let depth = 900;
    for kind in 9..=13 {
        // What the innermost holds is held by nothing else.
        let mut graph = nested(kind, depth);
        graph.kinds[0] = 5;
        graph.integers = vec![7];
        if kind == 13 {
            // Each dict has the next one as its value and a `None` as its key.
            graph.kinds.insert(0, 0);
            graph.children.clear();
            graph.children.extend((1..=depth).flat_map(|id| [0, id]));
        }
        let first = u32::from(kind == 13);
        // All of them together stand for more than any cap takes.
        let mut decoder = Decoder::new(Some(&graph), GraphCaps::NONE).unwrap();
        let mut chain = vec![decoder.value(&Operand::Node(first + depth)).unwrap()];
        while let Some(inner) = only_child(chain.last().unwrap()) {
            chain.push(inner.clone());
        }
        assert_eq!(chain.len(), depth as usize + 1);
        for id in (first..=first + depth).cycle().take(100_000) {
            let value = decoder.value(&Operand::Node(id)).unwrap();
            let there = &chain[(first + depth - id) as usize];
            assert!(value.ptr_eq(there) || value.as_i64() == Some(7), "{id}");
        }
    }
}

fn only_child(value: &Value) -> Option<&Value> {
    let entry = || value.as_dict()?.values().next();
    value.items().and_then(<[Value]>::first).or_else(entry)
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
