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
        let error = rows.to_json().unwrap_err();
        assert_eq!(rows.to_json_string(), Err(error.clone()));
        let written = serde_json::to_string(&rows.as_json()).unwrap_err();
        assert_eq!(written.to_string(), error.to_string());
        error.to_string()
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
            "$.rows[1].x: the key 1, which is not a str, has no JSON form",
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

#[test]
fn text_keeps_the_order_of_keys() {
    let text = r#"{"z":{"b":[1,-2.5e-7],"a":null},"a":"\u0001\n\"€","m":18446744073709551615}"#;
    let value = Value::from_json_str(text).unwrap();
    assert_eq!(value.to_json_string().unwrap(), text);
    assert_eq!(
        serde_json::to_string_pretty(&Value::dict([("z", 1), ("a", 2)]).as_json()).unwrap(),
        "{\n  \"z\": 1,\n  \"a\": 2\n}"
    );
    // The order in `serde_json::Value` is a choice of the program's.
    let json = value.to_json().unwrap();
    assert_eq!(json.as_object().unwrap().len(), 3);
    assert_eq!(
        Value::from_json_str(&json.to_string()).unwrap().to_json(),
        Ok(json)
    );
}

#[test]
fn text_is_the_text_of_the_document() {
    for value in [
        Value::None,
        Value::from(-0.0),
        f64::MIN_POSITIVE.into(),
        f64::MAX.into(),
        u64::MAX.into(),
        i64::MIN.into(),
        "\u{0} \u{1f} \u{7f} \u{2028} / \\ 😀".into(),
        Value::tuple([Value::list([0; 0]), Dict::default().into()]),
    ] {
        let text = value.to_json_string().unwrap();
        assert_eq!(text, value.to_json().unwrap().to_string());
        // A tuple is read as a list, and is an array then too.
        let back = Value::from_json_str(&text).unwrap();
        assert_eq!(back.to_json_string().unwrap(), text);
    }
}

#[test]
fn text_is_read_without_loss() {
    for (text, value) in [
        ("-9223372036854775808", Value::from(i64::MIN)),
        ("18446744073709551615", Value::from(u64::MAX)),
        ("36893488147419103232", (BigInt::from(1) << 65_u32).into()),
        ("-36893488147419103232", (BigInt::from(-1) << 65_u32).into()),
        ("-0", 0.into()),
        ("-0.0", (-0.0).into()),
        ("5e-324", 5e-324.into()),
        // Half-way between two floats: the even one.
        ("9007199254740993.0", 9_007_199_254_740_992.0.into()),
        (r#""\u20ac \ud83d\ude00""#, "€ 😀".into()),
        (
            r#"{"a": [null, true]}"#,
            Value::dict([("a", Value::list([Value::None, true.into()]))]),
        ),
        // As Python: the last value, at the first place.
        (
            r#"{"a": 1, "b": 2, "a": 3}"#,
            Value::dict([("a", 3), ("b", 2)]),
        ),
    ] {
        assert_eq!(Value::from_json_str(text).unwrap(), value, "{text}");
        assert_eq!(Value::from_json_slice(text.as_bytes()).unwrap(), value);
    }
    let digits = "7".repeat(4300);
    assert_eq!(Value::from_json_str(&digits).unwrap().to_string(), digits);
}

#[test]
fn text_that_is_refused() {
    let refusal = |text: &[u8]| Value::from_json_slice(text).unwrap_err().to_string();
    let deep = |levels| [vec![b'['; levels], vec![b']'; levels]].concat();
    assert!(Value::from_json_slice(&deep(201)).is_ok());
    for (text, message) in [
        (&b"[1,\n x]"[..], "expected value at line 2 column 2"),
        (b"1 2", "trailing characters at line 1 column 3"),
        (b"", "EOF while parsing a value at line 1 column 0"),
        (b"NaN", "expected value at line 1 column 1"),
        (b"\"\xff\"", "invalid unicode code point at line 1 column 3"),
        (
            &deep(202),
            "arrays and objects nested more than 201 levels deep at line 1 column 202; nest them less",
        ),
        (
            "7".repeat(4301).as_bytes(),
            "a number of more than 4300 digits at line 1 column 4301; Python converts no more, so write it as a string",
        ),
    ] {
        assert_eq!(refusal(text), message);
    }
}

#[test]
fn a_document_within_a_length() {
    for value in [
        Value::None,
        true.into(),
        (-120).into(),
        i64::MIN.into(),
        u64::MAX.into(),
        1.5e300.into(),
        "quote \" slash \\ line\n bell\u{7} euro €".into(),
        Value::list([0; 0]),
        Value::list([1, 20, 300]),
        Value::dict([
            ("a", Value::dict([("b\t", 1), ("c", 2)])),
            ("d", Value::tuple([1])),
        ]),
    ] {
        let length = value.to_json().unwrap().to_string().len();
        assert_eq!(value.to_json_within(length), value.to_json());
        assert_eq!(value.to_json_string_within(length), value.to_json_string());
        let error = value.to_json_within(length - 1).unwrap_err();
        assert!(error.is_too_long());
        assert_eq!(value.to_json_string_within(length - 1), Err(error.clone()));
        assert_eq!(
            error.to_string(),
            format!("the JSON of the value is longer than {} bytes", length - 1)
        );
    }
    // Of 10 GB as JSON, and refused for what it is, not for its length.
    let mut large = Value::list([1.5; 10]);
    for _ in 0..8 {
        large = Value::list(vec![large; 10]);
    }
    assert!(large.to_json_within(1 << 20).unwrap_err().is_too_long());
    let error = large.to_json_string_within(1 << 20).unwrap_err();
    assert!(error.is_too_long());
    assert!(
        !Value::bytes([1])
            .to_json_within(1)
            .unwrap_err()
            .is_too_long()
    );
}
