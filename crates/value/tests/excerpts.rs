//! Messages quote the beginning of a long text and say how long it is.

use std::collections::BTreeMap;

use monty_value::graph::GraphCaps;
use monty_value::types::{self, Graph, Operand, RareNode};
use monty_value::{
    Class, Date, DateTime, Decimal, Dict, Error, Instance, NamedTuple, Value, from_value,
};
use serde::Deserialize;

const LENGTH: usize = 1_000_000;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "only its shape matters")]
struct Row {
    price: f64,
}

#[derive(Debug, Deserialize)]
enum Choice {
    One,
    Other,
}

#[derive(Debug, Deserialize)]
enum Never {}

fn refusal<T: serde::de::DeserializeOwned + std::fmt::Debug>(value: Value) -> Error {
    from_value::<T>(value).unwrap_err()
}

fn from_graph(node: RareNode) -> String {
    let graph = Graph {
        kinds: vec![14],
        rare: vec![node],
        ..Graph::default()
    };
    let message = types::Value {
        root: Operand::Node(0),
        graph: Some(graph),
    };
    Value::from_message(&message, GraphCaps::DEFAULT)
        .unwrap_err()
        .to_string()
}

#[test]
fn a_short_text_is_quoted_whole() {
    let error = Decimal::new("1.2.3\n").unwrap_err();
    assert_eq!(error.to_string(), "\"1.2.3\\n\" is not a decimal number");
    let error = Decimal::new(&"é".repeat(40)).unwrap_err();
    let quoted = "é".repeat(40);
    assert_eq!(
        error.to_string(),
        format!("\"{quoted}\" is not a decimal number")
    );
}

#[test]
fn a_long_text_is_not_repeated() {
    let start = "é".repeat(40);
    let long = "é".repeat(LENGTH);
    let quoted = format!("\"{start}\"… (1000000 characters)");
    let plain = format!("{start}… (1000000 characters)");
    let in_repr = format!("'{}… (1000002 characters)", "é".repeat(39));
    let long = long.as_str();
    let huge = || Value::from(long);
    let class = std::sync::Arc::new(Class::new(long));
    let instance = || Value::from(Instance::new(class.clone(), Dict::new()));
    for (message, expected) in [
        (
            from_graph(RareNode::Decimal(long.to_owned())),
            format!("{quoted} is not a decimal number"),
        ),
        (
            long.parse::<Date>().unwrap_err().to_string(),
            format!("{quoted} is not an ISO 8601 date"),
        ),
        (
            refusal::<DateTime>(huge()).to_string(),
            format!("{quoted} is not an ISO 8601 datetime"),
        ),
        (
            refusal::<char>(huge()).to_string(),
            format!("expected a character, got string {quoted}"),
        ),
        (
            refusal::<Choice>(huge()).to_string(),
            format!("unknown variant `{plain}`, expected `One` or `Other`"),
        ),
        (
            refusal::<Never>(huge()).to_string(),
            format!("unknown variant `{plain}`, there are no variants"),
        ),
        (
            refusal::<Row>(Value::dict([(long, 1)])).to_string(),
            format!("key {in_repr}: unknown field `{plain}`, expected `price`"),
        ),
        (
            refusal::<BTreeMap<String, i64>>(Value::dict([(long, "x")])).to_string(),
            format!("{plain}: expected int, got str"),
        ),
        (
            refusal::<BTreeMap<i64, i64>>(Value::dict([(long, 1)])).to_string(),
            format!("key {in_repr}: expected int, got str"),
        ),
        (
            refusal::<i64>(instance()).to_string(),
            format!("expected int, got {plain}"),
        ),
        (
            refusal::<serde_json::Value>(Value::Repr(long.into())).to_string(),
            format!("{plain} has no form here"),
        ),
        (
            Value::dict([(Value::bytes(*b"a"), 1)])
                .to_json()
                .unwrap_err()
                .to_string(),
            "$: the key b'a', which is not a str, has no JSON form".to_owned(),
        ),
        (
            Value::dict([(long, 1), (long, 2)])
                .to_json()
                .unwrap_err()
                .to_string(),
            format!("$: a second key {in_repr} has no JSON form"),
        ),
        (
            instance().to_json().unwrap_err().to_string(),
            format!("$: a value of type {plain} has no JSON form"),
        ),
        (
            NamedTuple::from_parts(long, &[], vec![Value::None])
                .unwrap_err()
                .to_string(),
            format!("named tuple {plain} has 0 fields, but 1 values"),
        ),
    ] {
        assert_eq!(message, expected);
    }
}
