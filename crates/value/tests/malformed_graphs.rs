//! Graphs that break a rule are rejected, with a message that names it.

use monty_value::graph::GraphCaps;
use monty_value::types::{self, Graph, Operand, RareNode};
use monty_value::{ObjectId, Value};

fn refusal_of(root: Operand, graph: Option<Graph>) -> String {
    let message = types::Value { root, graph };
    Value::from_message(&message, GraphCaps::DEFAULT)
        .unwrap_err()
        .to_string()
}

fn refusal(graph: Graph) -> String {
    refusal_of(Operand::Node(0), Some(graph))
}

fn graph(kinds: &[u8]) -> Graph {
    Graph {
        kinds: kinds.to_vec(),
        ..Graph::default()
    }
}

fn containers(kinds: &[u8], counts: &[u32], children: &[u32]) -> Graph {
    Graph {
        counts: counts.to_vec(),
        children: children.to_vec(),
        ..graph(kinds)
    }
}

fn rare(node: RareNode) -> Graph {
    Graph {
        rare: vec![node],
        ..graph(&[14])
    }
}

#[test]
fn an_operand_outside_the_graph() {
    assert_eq!(
        refusal_of(Operand::Node(1), Some(graph(&[0]))),
        "an operand names graph object 1, but the graph has 1"
    );
    assert_eq!(
        refusal_of(Operand::Node(0), None),
        "an operand names graph object 0, but the graph has 0"
    );
}

#[test]
fn a_child_that_does_not_stand_before_its_holder() {
    for child in [1, 2, u32::MAX] {
        assert_eq!(
            refusal(containers(&[0, 9, 0], &[1], &[child])),
            format!("graph object 1 holds object {child}, which does not stand before it")
        );
    }
}

#[test]
fn a_column_that_is_too_short() {
    let text = Graph {
        text_lengths: vec![2],
        text: "a".into(),
        ..graph(&[7])
    };
    let blob = Graph {
        blob_lengths: vec![2],
        blobs: vec![1],
        ..graph(&[8])
    };
    for (graph, column) in [
        (graph(&[5]), "integers"),
        (graph(&[6]), "floats"),
        (graph(&[7]), "text-lengths"),
        (text, "text"),
        (graph(&[8]), "blob-lengths"),
        (blob, "blobs"),
        (graph(&[9]), "counts"),
        (containers(&[0, 9], &[2], &[0]), "children"),
        (graph(&[14]), "rare"),
    ] {
        assert_eq!(
            refusal(graph),
            format!("the graph's column `{column}` is shorter than its objects need")
        );
    }
}

#[test]
fn a_column_that_is_too_long() {
    let none = || graph(&[0]);
    for (graph, column) in [
        (
            Graph {
                counts: vec![0],
                ..none()
            },
            "counts",
        ),
        (
            Graph {
                children: vec![0],
                ..none()
            },
            "children",
        ),
        (
            Graph {
                integers: vec![0],
                ..none()
            },
            "integers",
        ),
        (
            Graph {
                floats: vec![0.0],
                ..none()
            },
            "floats",
        ),
        (
            Graph {
                text_lengths: vec![0],
                ..none()
            },
            "text-lengths",
        ),
        (
            Graph {
                text: "a".into(),
                ..none()
            },
            "text",
        ),
        (
            Graph {
                blob_lengths: vec![0],
                ..none()
            },
            "blob-lengths",
        ),
        (
            Graph {
                blobs: vec![0],
                ..none()
            },
            "blobs",
        ),
        (
            Graph {
                rare: vec![RareNode::Cycle("...".into())],
                ..none()
            },
            "rare",
        ),
    ] {
        assert_eq!(
            refusal(graph),
            format!("the graph's column `{column}` has 1 entries more than its objects take")
        );
    }
}

#[test]
fn a_text_length_inside_a_character() {
    let graph = Graph {
        text_lengths: vec![1, 1],
        text: "é".into(),
        ..graph(&[7, 7])
    };
    assert_eq!(
        refusal(graph),
        "a length in the graph's column `text-lengths` ends inside a character"
    );
}

#[test]
fn a_dict_with_half_a_pair() {
    assert_eq!(
        refusal(containers(&[0, 13], &[1], &[0])),
        "graph object 1 holds pairs, but has 1 children"
    );
}

#[test]
fn an_instance_of_what_is_no_class() {
    let graph = Graph {
        rare: vec![RareNode::Instance(types::Instance {
            class: 0,
            id: ObjectId::from_u128(1),
        })],
        ..containers(&[0, 14], &[0], &[])
    };
    assert_eq!(
        refusal(graph),
        "graph object 1 is an instance of object 0, which is not a class that stands before it"
    );
}

#[test]
fn a_named_tuple_with_fewer_values_than_fields() {
    let graph = Graph {
        rare: vec![RareNode::NamedTuple(types::NamedTuple {
            type_name: "P".into(),
            field_names: vec!["x".into(), "y".into()],
        })],
        ..containers(&[0, 14], &[1], &[0])
    };
    assert_eq!(
        refusal(graph),
        "graph object 1 is a named tuple with 2 fields and 1 values"
    );
}

#[test]
fn an_attribute_whose_name_is_no_text() {
    let graph = Graph {
        rare: vec![RareNode::Module(types::Module {
            name: "m".into(),
            id: ObjectId::from_u128(1),
        })],
        ..containers(&[0, 14], &[2], &[0, 0])
    };
    assert_eq!(
        refusal(graph),
        "graph object 1 has an attribute whose name, object 0, is no str that stands before it"
    );
}

#[test]
fn an_int_of_more_bytes_than_it_takes() {
    for bytes in [vec![], vec![127, 0], vec![128, 255]] {
        let length = bytes.len();
        assert_eq!(
            refusal(rare(RareNode::BigInteger(bytes))),
            format!(
                "graph object 0 is an int of {length} bytes, which is not the least number that holds it"
            )
        );
    }
}

#[test]
fn a_kind_that_is_not_one() {
    assert_eq!(
        refusal(graph(&[15])),
        "the graph holds an object of kind 15, which is not a kind"
    );
}

#[test]
fn containers_nested_too_deep() {
    let depth = 1025;
    let mut kinds = vec![0];
    kinds.extend(vec![9; depth]);
    let children: Vec<u32> = (0..depth as u32).collect();
    assert_eq!(
        refusal(containers(&kinds, &vec![1; depth], &children)),
        "graph object 1025 is nested 1025 levels deep; at most 1024 are taken"
    );
}

#[test]
fn forty_objects_that_stand_for_a_million_million() {
    let mut kinds = vec![0];
    kinds.extend([9; 40]);
    let children: Vec<u32> = (0..40).flat_map(|id| [id, id]).collect();
    let refusal = refusal(containers(&kinds, &[2; 40], &children));
    assert_eq!(
        refusal,
        "graph object 21 stands for 402653056 bytes, counting shared objects at each place that holds them; at most 268435456 are taken"
    );
}

#[test]
fn what_does_not_exist() {
    assert_eq!(
        refusal(rare(RareNode::Date(types::Date {
            year: 0,
            month: 1,
            day: 1
        }))),
        "a date or time does not exist: year must be in 1..9999, not 0"
    );
    assert_eq!(
        refusal(rare(RareNode::Timezone(types::Timezone {
            offset_seconds: 86_400,
            name: None
        }))),
        "a date or time does not exist: offset_seconds must be in -86399..86399, not 86400"
    );
    assert_eq!(
        refusal(rare(RareNode::Decimal("1.2.3".into()))),
        "\"1.2.3\" is not a decimal number"
    );
}
