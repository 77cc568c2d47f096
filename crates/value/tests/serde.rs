//! Rust types to and from values, and what the errors say.

use std::collections::{BTreeMap, HashMap};

use monty_value::{
    BigInt, Class, Date, DateTime, Decimal, Dict, Instance, Time, TimeDelta, TimeZone, Value,
    from_value, to_value,
};
use serde::{Deserialize, Serialize};
use serde_json::json;

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Order {
    id: u64,
    price: f64,
    note: Option<String>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Book {
    orders: Vec<Order>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
enum Shape {
    Point,
    Circle(f64),
    Line(i32, i32),
    Rectangle { width: u8, height: u8 },
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Unit;

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Pair(i32, String);

fn python<T: Serialize>(value: T) -> String {
    to_value(&value).unwrap().to_string()
}

fn there_and_back<T: Serialize + serde::de::DeserializeOwned + PartialEq + std::fmt::Debug>(
    value: T,
) {
    assert_eq!(from_value::<T>(to_value(&value).unwrap()).unwrap(), value);
}

#[test]
fn rust_types_become_the_python_types_one_expects() {
    let order = || Order {
        id: 1,
        price: 2.5,
        note: None,
    };
    assert_eq!(python(order()), "{'id': 1, 'price': 2.5, 'note': None}");
    assert_eq!(python(u64::MAX), "18446744073709551615");
    assert_eq!(python(i128::MIN), i128::MIN.to_string());
    assert_eq!(python(1_u8), "1");
    assert_eq!(python('é'), "'é'");
    assert_eq!(python("x"), "'x'");
    assert_eq!(python((1, "a", true)), "(1, 'a', True)");
    assert_eq!(python(Pair(1, "a".into())), "(1, 'a')");
    assert_eq!(python([[1], [2]]), "((1,), (2,))");
    assert_eq!(python(vec![[1], [2]]), "[(1,), (2,)]");
    assert_eq!(python(Unit), "None");
    assert_eq!(python(Some(1)), "1");
    assert_eq!(
        python(BTreeMap::from([(1, "a"), (2, "b")])),
        "{1: 'a', 2: 'b'}"
    );
    assert_eq!(python(BTreeMap::from([((1, 2), "a")])), "{(1, 2): 'a'}");
    assert_eq!(python(Shape::Point), "'Point'");
    assert_eq!(python(Shape::Circle(1.0)), "{'Circle': 1.0}");
    assert_eq!(python(Shape::Line(1, 2)), "{'Line': (1, 2)}");
    let rectangle = Shape::Rectangle {
        width: 1,
        height: 2,
    };
    assert_eq!(
        python(rectangle),
        "{'Rectangle': {'width': 1, 'height': 2}}"
    );
}

#[test]
fn rust_types_come_back() {
    there_and_back(Book {
        orders: vec![Order {
            id: u64::MAX,
            price: -0.5,
            note: Some("x".into()),
        }],
    });
    for shape in [
        Shape::Point,
        Shape::Circle(1.0),
        Shape::Line(1, 2),
        Shape::Rectangle {
            width: 1,
            height: 2,
        },
    ] {
        there_and_back(shape);
    }
    there_and_back((Unit, Pair(1, "a".into()), 'c', i128::MIN, u128::MAX));
    there_and_back(HashMap::from([(-1, vec![Some(true), None])]));
    there_and_back(json!({"a": [1, 2.5, null, "x", {"b": []}], "c": u64::MAX}));
}

#[test]
fn python_types_convert_where_nothing_is_lost() {
    assert_eq!(Value::from(3).extract::<f64>().unwrap(), 3.0);
    assert_eq!(Value::tuple([1, 2]).extract::<Vec<i32>>().unwrap(), [1, 2]);
    assert_eq!(Value::set([1]).extract::<Vec<u8>>().unwrap(), [1]);
    assert_eq!(Value::bytes([1, 2]).extract::<Vec<u8>>().unwrap(), [1, 2]);
    assert_eq!(Value::path("/a").extract::<String>().unwrap(), "/a");
    let complex = Value::complex(1.0, 2.0);
    assert_eq!(complex.extract::<(f64, f64)>().unwrap(), (1.0, 2.0));
    let fields = [
        ("id", Value::from(1)),
        ("price", 2.into()),
        ("note", Value::None),
    ];
    let order = Order {
        id: 1,
        price: 2.0,
        note: None,
    };
    let tuple = Value::named_tuple("Order", fields.clone());
    assert_eq!(tuple.extract::<Order>().unwrap(), order);
    assert_eq!(
        tuple.extract::<(u64, f64, Option<String>)>().unwrap(),
        (1, 2.0, None)
    );
    let instance = Instance::new(Class::new("Order").into(), Dict::from_iter(fields));
    assert_eq!(Value::from(instance).extract::<Order>().unwrap(), order);
}

#[test]
fn dates_and_decimals_have_their_own_types() {
    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Record {
        day: Date,
        at: DateTime,
        time: Time,
        price: Decimal,
    }
    let day = Date::new(2024, 2, 29).unwrap();
    let time = Time::new(12, 30, 0, 250).unwrap();
    let zone = TimeZone::from_offset_seconds(3600).unwrap();
    let record = Record {
        day,
        at: DateTime::new(day, time.clone().with_timezone(zone)).unwrap(),
        time,
        price: Decimal::new("1.20").unwrap(),
    };
    let value = to_value(&record).unwrap();
    assert_eq!(value.get("day"), Some(&Value::Date(day)));
    assert_eq!(value.extract::<Record>().unwrap(), record);

    let text = serde_json::to_string(&record).unwrap();
    assert_eq!(
        text,
        r#"{"day":"2024-02-29","at":"2024-02-29T12:30:00.000250+01:00","time":"12:30:00.000250","price":"1.20"}"#
    );
    assert_eq!(serde_json::from_str::<Record>(&text).unwrap(), record);
    assert_eq!(
        value.get("at").unwrap().extract::<String>().unwrap(),
        record.at.to_string()
    );

    let delta = TimeDelta::new(1, 2, 3).unwrap();
    assert_eq!(to_value(&delta).unwrap(), Value::TimeDelta(delta));
    for wrong in ["2024-02-30", "2024-2-3", "2024-02-03x", "x", ""] {
        assert!(Value::from(wrong).extract::<Date>().is_err(), "{wrong}");
    }
    for wrong in ["12", "12:3", "12:30:00.", "24:00", "12:30+1", "12:30é"] {
        assert!(wrong.parse::<Time>().is_err(), "{wrong}");
    }
    assert_eq!(
        "12:30Z".parse::<Time>().unwrap().timezone,
        Some(TimeZone::UTC)
    );
}

#[test]
fn errors_name_the_part() {
    fn refusal<T: serde::de::DeserializeOwned>(value: Value) -> String {
        let error = value.extract::<T>().err();
        error.expect("the value should not fit").to_string()
    }
    let order = |id: Value, price: Value| {
        let order = Value::dict([("id", id), ("price", price)]);
        let fine = Value::dict([("id", 1), ("price", 1)]);
        Value::dict([("orders", Value::list([fine, order]))])
    };
    assert_eq!(
        refusal::<Book>(order(1.into(), "x".into())),
        "orders[1].price: expected float, got str"
    );
    assert_eq!(
        refusal::<Book>(order((-1).into(), 1.into())),
        "orders[1].id: expected u64, got -1"
    );
    assert_eq!(
        refusal::<Book>(order(true.into(), 1.into())),
        "orders[1].id: expected int, got bool"
    );
    assert_eq!(
        refusal::<Book>(Value::dict([("orders", 1)])),
        "orders: expected list, got int"
    );
    assert_eq!(refusal::<Book>(Value::None), "expected dict, got NoneType");
    assert_eq!(
        refusal::<Order>(Value::dict([("id", 1)])),
        "missing field `price`"
    );
    assert_eq!(refusal::<u8>(300.into()), "expected u8, got 300");
    assert_eq!(
        refusal::<f64>((i64::MAX).into()),
        "expected float, got an int that none equals: 9223372036854775807"
    );
    assert_eq!(
        refusal::<i64>((1_i128 << 100).into()),
        "expected an int of 64 bits, got one of 101"
    );
    assert_eq!(
        refusal::<i128>(Value::from(BigInt::from(1) << 200_u32)),
        "an int of 201 bits has no form here; 128 are the most"
    );
    assert_eq!(
        refusal::<(i32, i32)>(Value::tuple([1])),
        "expected 2 items, got 1"
    );
    assert_eq!(
        refusal::<HashMap<i32, i32>>(Value::dict([("a", 1)])),
        "key 'a': expected int, got str"
    );
    assert_eq!(
        refusal::<HashMap<String, i32>>(Value::dict([("a b", "x")])),
        "['a b']: expected int, got str"
    );
    assert_eq!(
        refusal::<String>(Value::Type("int".into())),
        "expected str, got type"
    );
    assert_eq!(
        refusal::<Shape>(Value::dict([("Circle", "x")])),
        "Circle: expected float, got str"
    );
    assert_eq!(
        refusal::<Shape>("Square".into()),
        "unknown variant `Square`, expected one of `Point`, `Circle`, `Line`, `Rectangle`"
    );
    assert_eq!(
        refusal::<serde_json::Value>(Value::Ellipsis),
        "Ellipsis has no form here"
    );

    struct Fails;
    impl Serialize for Fails {
        fn serialize<S: serde::Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
            Err(serde::ser::Error::custom("no"))
        }
    }
    let error = to_value(&BTreeMap::from([("a", vec![Fails])])).unwrap_err();
    assert_eq!(error.to_string(), "a[0]: no");
    assert_eq!((error.path(), error.reason()), ("a[0]".into(), "no"));
}

#[test]
fn a_value_passes_through_as_it_is() {
    #[derive(Serialize, Deserialize)]
    struct Answer {
        name: String,
        value: Value,
        more: Vec<Option<Value>>,
    }
    let shared = Value::set([1]);
    let answer = Answer {
        name: "x".into(),
        value: shared.clone(),
        more: vec![Some(Value::tuple([shared.clone()])), None],
    };
    let value = to_value(&answer).unwrap();
    assert!(value.get("value").unwrap().ptr_eq(&shared));
    let back: Answer = value.extract().unwrap();
    assert!(back.value.ptr_eq(&shared));
    let Some(tuple) = &back.more[0] else {
        panic!("the tuple is gone")
    };
    assert!(tuple.items().unwrap()[0].ptr_eq(&shared));
    assert!(to_value(&shared).unwrap().ptr_eq(&shared));
    assert!(from_value::<Value>(shared.clone()).unwrap().ptr_eq(&shared));
    let function = Value::function("f", None);
    assert_eq!(
        from_value::<Option<Value>>(function.clone()).unwrap(),
        Some(function)
    );

    // What our own serializer leaves behind does not reach another format.
    assert_eq!(serde_json::to_string(&shared).unwrap(), "[1]");
    assert_eq!(
        serde_json::from_str::<Value>("[1]").unwrap(),
        Value::list([1])
    );
}

#[test]
fn other_formats_get_what_they_can_hold() {
    let value = Value::dict([
        ("t", Value::tuple([1])),
        ("n", Value::named_tuple("P", [("x", 1)])),
        ("d", Value::decimal("1.20").unwrap()),
        ("u", Value::from(u64::MAX)),
    ]);
    let text = serde_json::to_string(&value).unwrap();
    assert_eq!(
        text,
        r#"{"t":[1],"n":{"x":1},"d":"1.20","u":18446744073709551615}"#
    );
    let back: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(back.get("u"), Some(&Value::from(u64::MAX)));
    let error = serde_json::to_string(&Value::function("f", None)).unwrap_err();
    assert_eq!(error.to_string(), "<function f> has no form here");
}
