//! Serde writes messages and reads them without a [`Value`] in between, and comes
//! to the same as with one: the same columns, objects and errors.

use std::collections::{BTreeMap, HashMap};

use monty_value::graph::GraphCaps;
use monty_value::types::{NamedOperand, Operand};
use monty_value::{
    BigInt, Class, Date, DateTime, Decimal, Decoder, Dict, Encoder, Instance, Time, TimeDelta,
    TimeZone, Value, to_message, to_value,
};
use proptest::prelude::*;
use serde::de::DeserializeOwned;
use serde::ser::{
    Error as _, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant,
    SerializeTuple, SerializeTupleStruct, SerializeTupleVariant,
};
use serde::{Deserialize, Serialize, Serializer};

/// Data of any make, which asks for each part of serde's model.
#[derive(Clone, Debug)]
enum Data {
    Unit,
    UnitStruct,
    Bool(bool),
    I8(i8),
    I64(i64),
    I128(i128),
    U64(u64),
    U128(u128),
    F32(f32),
    F64(f64),
    Char(char),
    Str(String),
    Bytes(Vec<u8>),
    None,
    Some(Box<Data>),
    Newtype(Box<Data>),
    UnitVariant,
    NewtypeVariant(Box<Data>),
    Seq(Vec<Data>),
    /// Leaves out the items that fail.
    Lenient(Vec<Data>),
    Tuple(Vec<Data>),
    TupleStruct(Vec<Data>),
    TupleVariant(Vec<Data>),
    Map(Vec<(Data, Data)>),
    /// Gives its keys and values one after the other.
    SlowMap(Vec<(Data, Data)>),
    Struct(Vec<Data>),
    StructVariant(Vec<Data>),
    Value(Value),
    Fails,
}

const FIELDS: [&str; 4] = [
    "id",
    "name",
    "a name",
    "a name that is longer than others are, and not kept",
];

impl Serialize for Data {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Unit => serializer.serialize_unit(),
            Self::UnitStruct => serializer.serialize_unit_struct("U"),
            Self::Bool(value) => serializer.serialize_bool(*value),
            Self::I8(value) => serializer.serialize_i8(*value),
            Self::I64(value) => serializer.serialize_i64(*value),
            Self::I128(value) => serializer.serialize_i128(*value),
            Self::U64(value) => serializer.serialize_u64(*value),
            Self::U128(value) => serializer.serialize_u128(*value),
            Self::F32(value) => serializer.serialize_f32(*value),
            Self::F64(value) => serializer.serialize_f64(*value),
            Self::Char(value) => serializer.serialize_char(*value),
            Self::Str(text) => serializer.serialize_str(text),
            Self::Bytes(bytes) => serializer.serialize_bytes(bytes),
            Self::None => serializer.serialize_none(),
            Self::Some(some) => serializer.serialize_some(&**some),
            Self::Newtype(inner) => serializer.serialize_newtype_struct("N", &**inner),
            Self::UnitVariant => serializer.serialize_unit_variant("E", 0, "Unit"),
            Self::NewtypeVariant(inner) => {
                serializer.serialize_newtype_variant("E", 1, "Newtype", &**inner)
            }
            Self::Seq(items) => items.serialize(serializer),
            Self::Lenient(items) => {
                let mut seq = serializer.serialize_seq(None)?;
                for item in items {
                    let _ = seq.serialize_element(item);
                }
                seq.end()
            }
            Self::Tuple(items) => {
                let mut tuple = serializer.serialize_tuple(items.len())?;
                for item in items {
                    tuple.serialize_element(item)?;
                }
                tuple.end()
            }
            Self::TupleStruct(items) => {
                let mut tuple = serializer.serialize_tuple_struct("T", items.len())?;
                for item in items {
                    tuple.serialize_field(item)?;
                }
                tuple.end()
            }
            Self::TupleVariant(items) => {
                let mut tuple = serializer.serialize_tuple_variant("E", 2, "Tuple", items.len())?;
                for item in items {
                    tuple.serialize_field(item)?;
                }
                tuple.end()
            }
            Self::Map(entries) => {
                let mut map = serializer.serialize_map(Some(entries.len()))?;
                for (key, value) in entries {
                    map.serialize_entry(key, value)?;
                }
                map.end()
            }
            Self::SlowMap(entries) => {
                let mut map = serializer.serialize_map(None)?;
                for (key, value) in entries {
                    map.serialize_key(key)?;
                    map.serialize_value(value)?;
                }
                map.end()
            }
            Self::Struct(fields) => {
                let mut map = serializer.serialize_struct("S", fields.len())?;
                for (name, value) in FIELDS.iter().zip(fields) {
                    map.serialize_field(name, value)?;
                }
                map.end()
            }
            Self::StructVariant(fields) => {
                let mut map = serializer.serialize_struct_variant("E", 3, "Struct", 0)?;
                for (name, value) in FIELDS.iter().zip(fields) {
                    map.serialize_field(name, value)?;
                }
                map.end()
            }
            Self::Value(value) => value.serialize(serializer),
            Self::Fails => Err(S::Error::custom("it fails")),
        }
    }
}

fn any_data() -> impl Strategy<Value = Data> {
    let leaf = prop_oneof![
        Just(Data::Unit),
        Just(Data::UnitStruct),
        Just(Data::None),
        Just(Data::UnitVariant),
        any::<bool>().prop_map(Data::Bool),
        any::<i8>().prop_map(Data::I8),
        any::<i64>().prop_map(Data::I64),
        any::<i128>().prop_map(Data::I128),
        any::<u64>().prop_map(Data::U64),
        any::<u128>().prop_map(Data::U128),
        any::<f32>().prop_map(Data::F32),
        any::<f64>().prop_map(Data::F64),
        any::<char>().prop_map(Data::Char),
        "[a-c]{0,2}|.{30,34}".prop_map(Data::Str),
        prop::collection::vec(any::<u8>(), 0..40).prop_map(Data::Bytes),
        any_value().prop_map(Data::Value),
    ];
    // Now and then, or most would fail.
    let leaf = prop_oneof![60 => leaf, 1 => Just(Data::Fails)];
    leaf.prop_recursive(5, 40, 6, |inner| {
        let boxed = inner.clone().prop_map(Box::new);
        let items = prop::collection::vec(inner.clone(), 0..6);
        let entries = prop::collection::vec((inner.clone(), inner), 0..5);
        prop_oneof![
            boxed.clone().prop_map(Data::Some),
            boxed.clone().prop_map(Data::Newtype),
            boxed.prop_map(Data::NewtypeVariant),
            items.clone().prop_map(Data::Seq),
            items.clone().prop_map(Data::Tuple),
            items.clone().prop_map(Data::TupleStruct),
            items.clone().prop_map(Data::TupleVariant),
            items.clone().prop_map(Data::Struct),
            items.prop_map(Data::StructVariant),
            entries.clone().prop_map(Data::Map),
            entries.prop_map(Data::SlowMap),
        ]
    })
}

/// Values of most kinds, with shared parts.
fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::None),
        Just(Value::Ellipsis),
        Just(Value::Type("int".into())),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<i128>().prop_map(Value::from),
        any::<u128>().prop_map(Value::from),
        prop::collection::vec(any::<u8>(), 0..40)
            .prop_map(|bytes| Value::from(BigInt::from_signed_bytes_le(&bytes))),
        any::<f64>().prop_map(Value::from),
        (any::<f64>(), any::<f64>()).prop_map(|(real, imaginary)| Value::complex(real, imaginary)),
        "[a-c]{0,2}|.{30,34}".prop_map(Value::from),
        "/[a-c]{0,2}".prop_map(Value::path),
        prop::collection::vec(any::<u8>(), 0..40).prop_map(Value::bytes),
        Just(Value::decimal("1.20").unwrap()),
        Just(Value::from("2026-01-02".parse::<Date>().unwrap())),
        Just(Value::from(
            "2026-01-02T03:04:05+01:00".parse::<DateTime>().unwrap()
        )),
        Just(Value::from("03:04:05".parse::<Time>().unwrap())),
        Just(Value::from(TimeDelta {
            days: 1,
            seconds: 2,
            microseconds: 3
        })),
        Just(Value::from(TimeZone::UTC)),
        Just(Value::exception("ValueError", Some("no"))),
        Just(Value::function("f", None)),
    ];
    leaf.prop_recursive(4, 40, 6, |inner| {
        let items = prop::collection::vec(inner.clone(), 0..6);
        let attributes = prop::collection::vec(("[ab]{1,3}", inner.clone()), 0..4);
        prop_oneof![
            items.clone().prop_map(Value::list),
            items.clone().prop_map(Value::tuple),
            items.clone().prop_map(Value::set),
            items.prop_map(Value::frozen_set),
            prop::collection::vec((inner.clone(), inner.clone()), 0..6).prop_map(Value::dict),
            attributes.clone().prop_map(Value::dict),
            attributes
                .clone()
                .prop_map(|fields| Value::named_tuple("m.T", fields)),
            attributes.prop_map(|attributes| {
                let class = Class::new("C").into();
                let attributes = attributes.into_iter().collect::<Dict>();
                Value::from(Instance::new(class, attributes))
            }),
            inner.prop_map(|shared| Value::list([shared.clone(), shared])),
        ]
    })
}

/// A variant's name takes the place of a field's, wherever both lie in memory.
#[test]
fn a_name_that_was_dropped_is_written_again() {
    let inner = Data::Struct(vec![Data::Unit]);
    let variant = Data::NewtypeVariant(Box::new(Data::Unit));
    let data = Data::Struct(vec![variant, inner]);
    assert_eq!(
        directly(&data, GraphCaps::DEFAULT),
        through_value(&data, GraphCaps::DEFAULT)
    );
}

/// The columns if there are any, or the error.
fn through_value(data: &Data, caps: GraphCaps) -> String {
    let value = match to_value(data) {
        Ok(value) => value,
        Err(error) => return format!("{error:?}"),
    };
    let mut encoder = Encoder::new(caps);
    let root = encoder.operand(&value);
    let bytes = encoder.taken_bytes();
    match encoder.finish() {
        Ok(graph) => format!("{root:?} {bytes} {graph:?}"),
        Err(error) => format!("{error:?}"),
    }
}

fn directly(data: &Data, caps: GraphCaps) -> String {
    let mut encoder = Encoder::new(caps);
    let root = match encoder.serialize(data) {
        Ok(root) => root,
        Err(error) => return format!("{error:?}"),
    };
    let bytes = encoder.taken_bytes();
    match encoder.finish() {
        Ok(graph) => format!("{root:?} {bytes} {graph:?}"),
        Err(error) => format!("{error:?}"),
    }
}

/// A [`Value`] may be anything, even where data is ambiguous.
fn same<T: DeserializeOwned + std::fmt::Debug>(value: &Value) -> Result<(), TestCaseError> {
    let show = |result: Result<T, monty_value::Error>| match result {
        Ok(value) => format!("{value:?}"),
        Err(error) => format!("error: {error}"),
    };
    let expected = show(value.extract::<T>());
    let message = value.to_message().unwrap();
    let decoder = Decoder::new(message.graph.as_ref(), GraphCaps::DEFAULT).unwrap();
    prop_assert_eq!(show(decoder.extract::<T>(&message.root)), expected);

    // As `*args` and `**kwargs` of a call.
    let arguments = [message.root.clone(), Operand::Integer(1)];
    let tuple = Value::tuple([value.clone(), Value::from(1)]);
    prop_assert_eq!(
        show(decoder.extract_tuple::<T>(&arguments)),
        show(tuple.extract::<T>())
    );
    let named = |name: &str, value: &Operand| NamedOperand {
        name: name.to_owned(),
        value: value.clone(),
    };
    let arguments = [named("a", &arguments[0]), named("b", &arguments[1])];
    let dict = Value::dict([("a", value.clone()), ("b", Value::from(1))]);
    prop_assert_eq!(
        show(decoder.extract_dict::<T>(&[&arguments[0], &arguments[1]])),
        show(dict.extract::<T>())
    );
    Ok(())
}

#[derive(Debug, Deserialize)]
#[allow(dead_code, reason = "they are shown")]
struct Row {
    a: Value,
    b: Option<Box<Row>>,
}

#[derive(Debug, Deserialize)]
#[allow(dead_code, reason = "they are shown")]
#[serde(rename_all = "lowercase")]
enum Choice {
    A,
    B(i64),
    Ab(i64, String),
    Ba { a: i64 },
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
#[allow(dead_code, reason = "they are shown")]
enum Untagged {
    Int(i64),
    Row(Row),
    Items(Vec<Untagged>),
    Any(Value),
}

#[derive(Debug, Deserialize)]
#[allow(dead_code, reason = "they are shown")]
struct Flat {
    a: i64,
    #[serde(flatten)]
    rest: BTreeMap<String, Value>,
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn data_is_written_as_its_value_is(data in any_data()) {
        prop_assert_eq!(directly(&data, GraphCaps::DEFAULT), through_value(&data, GraphCaps::DEFAULT));
    }

    #[test]
    fn data_that_is_too_large_has_the_error_of_its_value(
        data in any_data(),
        expanded_bytes in 0_u64..2000,
    ) {
        let caps = GraphCaps { expanded_bytes, ..GraphCaps::DEFAULT };
        prop_assert_eq!(directly(&data, caps), through_value(&data, caps));
    }

    #[test]
    fn data_that_is_too_deep_has_the_error_of_its_value(data in any_data(), depth in 0_u32..4) {
        let caps = GraphCaps { depth, ..GraphCaps::DEFAULT };
        prop_assert_eq!(directly(&data, caps), through_value(&data, caps));
    }

    #[test]
    fn types_read_what_they_read_from_a_value(value in any_value()) {
        same::<Value>(&value)?;
        same::<serde_json::Value>(&value)?;
        same::<()>(&value)?;
        same::<bool>(&value)?;
        same::<i8>(&value)?;
        same::<i64>(&value)?;
        same::<u64>(&value)?;
        same::<i128>(&value)?;
        same::<u128>(&value)?;
        same::<f64>(&value)?;
        same::<char>(&value)?;
        same::<String>(&value)?;
        same::<Date>(&value)?;
        same::<DateTime>(&value)?;
        same::<Decimal>(&value)?;
        same::<Option<i64>>(&value)?;
        same::<Vec<u8>>(&value)?;
        same::<Vec<Value>>(&value)?;
        same::<Vec<Vec<i64>>>(&value)?;
        same::<Vec<Date>>(&value)?;
        same::<(Value, i64)>(&value)?;
        same::<(f64, f64)>(&value)?;
        same::<BTreeMap<String, Value>>(&value)?;
        same::<HashMap<(), ()>>(&value)?;
        same::<BTreeMap<i64, i64>>(&value)?;
        same::<Row>(&value)?;
        same::<Choice>(&value)?;
        same::<Vec<Choice>>(&value)?;
        same::<Untagged>(&value)?;
        same::<Flat>(&value)?;
        same::<serde::de::IgnoredAny>(&value)?;
    }
}

#[test]
fn nesting_has_the_same_limit() {
    let nested = |levels: usize| (0..levels).fold(Data::Unit, |inner, _| Data::Seq(vec![inner]));
    for levels in [126, 127, 128, 400] {
        let data = nested(levels);
        assert_eq!(
            directly(&data, GraphCaps::DEFAULT),
            through_value(&data, GraphCaps::DEFAULT),
            "{levels} levels"
        );
        let value = (0..levels).fold(Value::None, |inner, _| Value::list([inner]));
        same::<serde_json::Value>(&value).unwrap();
        same::<Value>(&value).unwrap();
    }
    let key = Data::Map(vec![(nested(126), Data::Unit)]);
    let slow_key = Data::SlowMap(vec![(nested(127), Data::Unit)]);
    for data in [key, slow_key] {
        assert_eq!(
            directly(&data, GraphCaps::DEFAULT),
            through_value(&data, GraphCaps::DEFAULT)
        );
    }
}

/// What a type leaves out after an error of it is left out.
#[test]
fn a_part_that_fails_can_be_left_out() {
    let halves = vec![
        Data::Struct(vec![Data::I64(1), Data::Fails]),
        Data::Seq(vec![Data::I64(2), Data::Seq(vec![]), Data::Fails]),
        Data::Map(vec![(Data::Tuple(vec![Data::Fails]), Data::Unit)]),
        Data::TupleVariant(vec![Data::I64(3), Data::Fails]),
        Data::I64(4),
    ];
    let data = Data::Seq(vec![Data::Lenient(halves), Data::I64(5)]);
    let message = to_message(&data).unwrap();
    let value = Value::from_message(&message, GraphCaps::DEFAULT).unwrap();
    assert_eq!(value.to_string(), "[[4], 5]");
    assert_eq!(to_value(&data).unwrap(), value);
}

/// An object that several places hold is one object, however it got there.
#[test]
fn identity_is_kept() {
    #[derive(Serialize, Deserialize)]
    struct Pair {
        left: Value,
        right: Vec<Value>,
    }
    let shared = Value::set([1]);
    let pair = Pair {
        left: shared.clone(),
        right: vec![Value::tuple([shared.clone()]), shared.clone()],
    };
    let mut encoder = Encoder::new(GraphCaps::DEFAULT);
    let operands = [
        encoder.serialize(&pair).unwrap(),
        encoder.operand(&shared),
        encoder.serialize(&shared).unwrap(),
    ];
    let graph = encoder.finish().unwrap().unwrap();
    let sets = graph.kinds.iter().filter(|kind| **kind == 11);
    assert_eq!(sets.count(), 1);

    let decoder = Decoder::new(Some(&graph), GraphCaps::DEFAULT).unwrap();
    let pair: Pair = decoder.extract(&operands[0]).unwrap();
    assert!(pair.left.ptr_eq(&pair.right[1]));
    assert!(pair.right[0].items().unwrap()[0].ptr_eq(&pair.left));
    for operand in &operands[1..] {
        let value: Value = decoder.extract(operand).unwrap();
        assert!(value.ptr_eq(&pair.left));
        assert!(decoder.peek(operand).unwrap().ptr_eq(&pair.left));
    }
}

/// A caller that counts its time hears of it before work that takes any.
#[test]
fn large_values_are_announced() {
    fn announced<T: Serialize>(value: &T) -> u32 {
        let mut times = 0;
        let mut encoder = Encoder::new(GraphCaps::DEFAULT);
        let operand = encoder.serialize_after(value, &mut || times += 1);
        operand.unwrap();
        times
    }
    assert_eq!(announced(&1), 0);
    assert_eq!(announced(&Some("short")), 0);
    assert_eq!(announced(&Value::from("short")), 0);
    assert_eq!(announced(&"long".repeat(100)), 1);
    assert_eq!(announced(&Value::from("long".repeat(100))), 1);
    assert_eq!(announced(&[[1]]), 1);
    assert_eq!(announced(&Data::StructVariant(vec![Data::Seq(vec![])])), 1);
    assert_eq!(announced(&Value::list([1])), 1);
}

/// A value beyond the cap is not built first.
#[test]
fn what_is_too_large_is_not_written_out() {
    let caps = GraphCaps {
        expanded_bytes: 4096,
        depth: 8,
    };
    let mut encoder = Encoder::new(caps);
    encoder.serialize(&vec![[0; 8]; 100_000]).unwrap();
    let error = encoder.finish().unwrap_err();
    assert!(
        error.to_string().contains("larger than 4096 bytes"),
        "{error}"
    );
}
