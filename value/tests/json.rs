//! JSON in and out, and what it refuses.

use monty_value::{BigInt, Dict, Value};
use serde_json::json;

#[test]
fn a_document_comes_back() {
    let document = json!({
        "text": "naïve",
        "numbers": [0, -1, i64::MIN, u64::MAX, 1.5, 1e300],
        "nested": {"empty": {}, "list": [], "null": null, "flag": true},
    });
    let value = Value::from_json(document.clone());
    assert_eq!(value.to_json().unwrap(), document);
    let numbers = value.get("numbers").unwrap().items().unwrap();
    assert_eq!(numbers[3], Value::from(u64::MAX));
    assert_eq!(numbers[4], Value::from(1.5));
}

#[test]
fn a_tuple_is_an_array() {
    assert_eq!(Value::tuple([1, 2]).to_json().unwrap(), json!([1, 2]));
}

#[test]
fn what_json_cannot_hold_is_refused_with_its_place() {
    let refusal = |value: Value| {
        let row = Value::dict([("x", value)]);
        let rows = Value::dict([("rows", Value::list([Value::None, row]))]);
        rows.to_json().unwrap_err().to_string()
    };
    for (value, message) in [
        (f64::INFINITY.into(), "$.rows[1].x: inf has no JSON form"),
        (f64::NAN.into(), "$.rows[1].x: nan has no JSON form"),
        (
            Value::bytes([1]),
            "$.rows[1].x: a value of type bytes has no JSON form",
        ),
        (
            Value::set([1]),
            "$.rows[1].x: a value of type set has no JSON form",
        ),
        (
            Value::complex(1.0, 2.0),
            "$.rows[1].x: a value of type complex has no JSON form",
        ),
        (
            Value::path("/a"),
            "$.rows[1].x: a value of type PosixPath has no JSON form",
        ),
        (
            Value::decimal("1.20").unwrap(),
            "$.rows[1].x: a value of type Decimal has no JSON form",
        ),
        (
            Value::from(BigInt::from(1) << 64_u32),
            "$.rows[1].x: an int of 65 bits has no JSON form",
        ),
        (
            Value::dict([(1, 2)]),
            "$.rows[1].x: the key 1, which is no str, has no JSON form",
        ),
        (
            Dict::from_iter([("a", 1), ("a", 2)]).into(),
            "$.rows[1].x: a second key 'a' has no JSON form",
        ),
    ] {
        assert_eq!(refusal(value), message);
    }
    let odd_key = Value::dict([("a b", Value::Ellipsis)]);
    assert_eq!(
        odd_key.to_json().unwrap_err().to_string(),
        "$['a b']: a value of type ellipsis has no JSON form"
    );
    assert_eq!(
        Value::Ellipsis.to_json().unwrap_err().to_string(),
        "$: a value of type ellipsis has no JSON form"
    );
}
