//! Values through a message and back: every kind, identity, and the limits.

use std::sync::Arc;

use monty_value::graph::{GraphCaps, MAX_DEPTH};
use monty_value::types::{self, Operand};
use monty_value::{
    BigInt, Class, Date, DateTime, Decoder, Dict, Encoder, File, Instance, Module, ObjectId, Time,
    TimeDelta, TimeZone, Value,
};

fn round_trip(value: &Value) -> Value {
    let message = value.to_message().unwrap();
    Value::from_message(&message, GraphCaps::DEFAULT).unwrap()
}

fn one_of_every_kind() -> Vec<Value> {
    let time = Time::new(23, 59, 58, 7).unwrap();
    let zone = TimeZone::from_offset_seconds(-3600).unwrap().with_name("X");
    let date = Date::new(2024, 2, 29).unwrap();
    let class = Arc::new(Class {
        attributes: Dict::from_iter([("limit", 3)]),
        dataclass: true,
        ..Class::new("Point")
    });
    let attributes = Dict::from_iter([("x", Value::from(1)), ("y", Value::list(["a"]))]);
    vec![
        Value::None,
        Value::from(true),
        Value::from(false),
        Value::from(i64::MIN),
        Value::from(u64::MAX),
        Value::from(i128::MIN),
        Value::from(f64::NAN),
        Value::from(-0.0),
        Value::complex(-0.0, f64::INFINITY),
        Value::from("naïve 🐍"),
        Value::from(""),
        Value::bytes([0, 255]),
        Value::list([1, 2]),
        Value::tuple([1.5, 2.5]),
        Value::set(["b", "a"]),
        Value::frozen_set([1]),
        Value::dict([
            (Value::from("k"), Value::None),
            (Value::from(1), Value::from(2)),
        ]),
        Value::Ellipsis,
        Value::NotImplemented,
        Value::decimal("-1.20E+5").unwrap(),
        Value::from(date),
        Value::from(DateTime::new(date, time.clone()).unwrap()),
        Value::from(DateTime::new(date, time.clone().with_timezone(zone.clone())).unwrap()),
        Value::from(time),
        Value::from(TimeDelta::new(-1, 5, 6).unwrap()),
        Value::from(zone),
        Value::path("/data/a b.txt"),
        Value::exception("ValueError", Some("x")),
        Value::exception("KeyError", None),
        Value::Type("int".into()),
        Value::BuiltinFunction("len".into()),
        Value::function("get_weather", Some("The weather.")),
        Value::named_tuple("os.stat_result", [("st_mode", 1), ("st_size", 2)]),
        Value::from(class.clone()),
        Value::from(Instance::new(class, attributes.clone())),
        Value::from(Module::new("pkg.sub", attributes)),
        Value::from(File {
            path: "/a".into(),
            mode: "rb".into(),
            position: 9,
        }),
        Value::Repr("<deque>".into()),
        Value::Cycle("[...]".into()),
    ]
}

#[test]
fn every_kind_comes_back_equal() {
    for value in one_of_every_kind() {
        assert_eq!(round_trip(&value), value);
        let held = Value::tuple([value.clone(), value]);
        assert_eq!(round_trip(&held), held);
    }
    let all = Value::list(one_of_every_kind());
    assert_eq!(round_trip(&all), all);
}

#[test]
fn kinds_are_not_confused() {
    let kinds = one_of_every_kind();
    for (i, left) in kinds.iter().enumerate() {
        for (j, right) in kinds.iter().enumerate() {
            assert_eq!(left == right, i == j, "{left:?} and {right:?}");
        }
    }
}

#[test]
fn a_value_is_small() {
    assert!(size_of::<Value>() <= 24);
}

#[test]
fn scalars_need_no_graph() {
    for scalar in [
        Value::None,
        Value::from(true),
        Value::from(1),
        Value::from(1.5),
        Value::from("x"),
        Value::bytes([1]),
    ] {
        let message = scalar.to_message().unwrap();
        assert_eq!(message.graph, None);
        assert!(!matches!(message.root, Operand::Node(_)));
    }
}

#[test]
fn ints_beyond_64_bits_only_are_big() {
    assert!(matches!(Value::from(BigInt::from(7)), Value::Int(7)));
    assert!(matches!(Value::from(1_u64 << 63), Value::BigInt(_)));
    let small = types::Value {
        root: Operand::Node(0),
        graph: Some(types::Graph {
            kinds: vec![14],
            rare: vec![types::RareNode::BigInteger(vec![7])],
            ..types::Graph::default()
        }),
    };
    let value = Value::from_message(&small, GraphCaps::DEFAULT).unwrap();
    assert_eq!(value, Value::Int(7));
}

#[test]
fn an_object_held_twice_stays_one() {
    let shared = Value::list([1]);
    let class = Arc::new(Class::new("C"));
    let instance = || Value::from(Instance::new(class.clone(), Dict::new()));
    let (first, second) = (instance(), instance());
    let value = Value::list([shared.clone(), shared, first, second]);
    let back = round_trip(&value);
    assert_eq!(back, value);
    let [a, b, Value::Instance(first), Value::Instance(second)] = back.items().unwrap() else {
        panic!("{back:?}");
    };
    assert!(a.ptr_eq(b));
    assert!(Arc::ptr_eq(&first.class, &second.class));
    // Lists: outer and shared; one int; the class; two instances.
    let message = value.to_message().unwrap();
    assert_eq!(message.graph.unwrap().kinds.len(), 6);
}

#[test]
fn equal_objects_stay_two() {
    let back = round_trip(&Value::list([Value::list([1]), Value::list([1])]));
    let [a, b] = back.items().unwrap() else {
        panic!("{back:?}");
    };
    assert_eq!(a, b);
    assert!(!a.ptr_eq(b));
}

#[test]
fn identity_holds_across_the_operands_of_a_message() {
    let shared = Value::dict([("a", 1)]);
    let mut encoder = Encoder::new(GraphCaps::DEFAULT);
    let first = encoder.operand(&shared);
    // The encoder keeps what it has seen alive: another object at its address
    // would pass for it.
    let temporary = encoder.operand(&Value::list([shared.clone()]));
    let second = encoder.operand(&shared);
    let graph = encoder.finish().unwrap();
    let mut decoder = Decoder::new(graph.as_ref(), GraphCaps::DEFAULT).unwrap();
    let first = decoder.value(&first).unwrap();
    assert!(first.ptr_eq(&decoder.value(&second).unwrap()));
    let temporary = decoder.value(&temporary).unwrap();
    assert!(first.ptr_eq(&temporary.items().unwrap()[0]));
}

#[test]
fn an_operand_may_be_a_part_of_another() {
    let class = Value::from(Class::new("C"));
    for part in [
        Value::list([1]),
        Value::dict([("k", 1)]),
        Value::Ellipsis,
        class.clone(),
    ] {
        let Value::Class(class) = class.clone() else {
            panic!("{class:?}")
        };
        let attributes = Dict::from_iter([("a", Value::None), ("b", part.clone())]);
        let instance = Value::from(Instance::new(class, attributes));
        let whole = Value::tuple([Value::None, Value::dict([(Value::list([instance]), "v")])]);
        let mut encoder = Encoder::new(GraphCaps::DEFAULT);
        let root = encoder.operand(&whole);
        let graph = encoder.finish().unwrap();
        let mut decoder = Decoder::new(graph.as_ref(), GraphCaps::DEFAULT).unwrap();
        assert_eq!(decoder.value(&root).unwrap(), whole);
        // Every object can be asked for, and is the one that the whole holds.
        let objects: Vec<Value> = (0..graph.as_ref().unwrap().kinds.len() as u32)
            .map(|id| decoder.value(&Operand::Node(id)).unwrap())
            .collect();
        assert!(objects.contains(&part));
        let back = objects.last().unwrap().items().unwrap()[1]
            .as_dict()
            .unwrap();
        let (key, _) = back.iter().next().unwrap();
        assert!(objects.iter().any(|object| object.ptr_eq(key)));
        let inside = key.items().unwrap()[0].attribute("b").unwrap();
        let is_it = |object: &&Value| object.ptr_eq(inside);
        assert_eq!(
            objects.iter().any(|object| is_it(&object)),
            part.ptr_eq(&part)
        );
    }
}

fn nested(depth: u32) -> Value {
    (0..depth).fold(Value::list([] as [i64; 0]), |inner, level| {
        match level % 3 {
            0 => Value::list([inner]),
            1 => Value::dict([("k", inner)]),
            _ => Value::tuple([inner]),
        }
    })
}

/// All of it on a thread with 2 MiB, in a debug build.
fn on_a_small_stack(test: fn()) {
    std::thread::Builder::new()
        .stack_size(2 << 20)
        .spawn(test)
        .unwrap()
        .join()
        .unwrap();
}

#[test]
fn the_deepest_value_fits_a_small_stack() {
    on_a_small_stack(|| {
        let value = nested(MAX_DEPTH);
        let back = round_trip(&value);
        assert!(back == value);
        assert_eq!(back.to_string(), format!("{}", value.clone()));
        assert!(format!("{back:?}").len() > 1000);
        assert!(back.to_str().len() > 1000);
        let refused = "nested more than 127 levels deep";
        assert!(back.to_json().unwrap_err().to_string().ends_with(refused));
        let error = back.to_json_string().unwrap_err();
        assert!(error.to_string().ends_with(refused));
        let error = back.extract::<serde_json::Value>().unwrap_err();
        assert!(error.to_string().ends_with(refused));
        let error = serde_json::to_string(&back).unwrap_err();
        assert!(error.to_string().ends_with(refused));
        // A value as such is not walked.
        let same: Value = back.extract().unwrap();
        assert!(same.ptr_eq(&back));
    });
}

#[test]
fn a_value_that_serde_takes_fits_a_small_stack() {
    on_a_small_stack(|| {
        let value = nested(126);
        value.to_json().unwrap();
        value.to_json_string().unwrap();
        let json: serde_json::Value = value.extract().unwrap();
        monty_value::to_value(&json).unwrap();
        let text = serde_json::to_string(&value).unwrap();
        assert_eq!(
            serde_json::from_str::<Value>(&text)
                .unwrap()
                .to_json()
                .unwrap(),
            json
        );
    });
}

#[test]
fn a_value_nested_too_deep_is_not_sent() {
    let error = nested(MAX_DEPTH + 1).to_message().unwrap_err();
    assert_eq!(
        error.to_string(),
        "the value is nested more than 1024 levels deep"
    );

    // Also where the depth comes together from an object that is in the graph.
    let half = nested(600);
    let mut encoder = Encoder::new(GraphCaps::DEFAULT);
    encoder.operand(&half);
    encoder.operand(&(0..600).fold(half.clone(), |inner, _| Value::list([inner])));
    let error = encoder.finish().unwrap_err();
    assert_eq!(
        error.to_string(),
        "the value is nested more than 1024 levels deep"
    );
}

#[test]
fn a_few_objects_that_stand_for_very_many_are_not_sent() {
    let doubled = (0..40).fold(Value::list([1]), |inner, _| {
        Value::list([inner.clone(), inner])
    });
    let error = doubled.to_message().unwrap_err();
    assert_eq!(
        error.to_string(),
        "the value is larger than 268435456 bytes, counting shared objects at each place that holds them"
    );
}

#[test]
fn sender_and_receiver_agree_on_the_size() {
    for value in one_of_every_kind() {
        let value = Value::list([value.clone(), value]);
        let message = value.to_message().unwrap();
        let accepted = |expanded_bytes| {
            let caps = GraphCaps {
                expanded_bytes,
                ..GraphCaps::DEFAULT
            };
            let mut encoder = Encoder::new(caps);
            encoder.operand(&value);
            let sends = encoder.finish().is_ok();
            let takes = Value::from_message(&message, caps).is_ok();
            assert_eq!(sends, takes, "{value:?} with {expanded_bytes} bytes");
            takes
        };
        let needed = (0..4096).find(|bytes| accepted(*bytes)).unwrap();
        assert!(needed > 32);
    }
}

#[test]
fn a_date_that_does_not_exist_is_not_sent() {
    let value = Value::Date(Date {
        year: 2024,
        month: 2,
        day: 30,
    });
    let error = value.to_message().unwrap_err();
    assert_eq!(
        error.to_string(),
        "a date or time does not exist: day must be in 1..29, not 30"
    );
}

#[test]
fn object_ids_are_uuids() {
    let text = "0d1f3c9a-5b7e-4c21-9f8a-2e6b4d0c7a13";
    let id: ObjectId = text.parse().unwrap();
    assert_eq!(id.to_string(), text);
    assert_eq!(ObjectId::from_u128(id.as_u128()), id);
    let random = ObjectId::random();
    assert_ne!(random, ObjectId::random());
    assert_eq!(random.to_string().as_bytes()[14], b'4');
    assert_eq!(random.to_string().parse(), Ok(random));
    for wrong in [
        "",
        "0d1f3c9a",
        "0d1f3c9a-5b7e-4c21-9f8a-2e6b4d0c7a1é",
        &format!("{text}0"),
    ] {
        assert!(wrong.parse::<ObjectId>().is_err(), "{wrong}");
    }
}
