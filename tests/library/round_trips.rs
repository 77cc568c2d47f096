//! Values of every kind, from host to Python and back, by every route.

use std::sync::{Arc, Mutex};

use monty_host::value::types::File;
use monty_host::value::{
    BigInt, Class, Date, DateTime, Dict, Instance, Module, Time, TimeDelta, TimeZone,
};
use monty_host::{Call, Script, ToolError, Tools, Value};
use proptest::prelude::*;

use crate::support::script;

/// Values that Python can hash. Numbers are ints only: in Python, `1`, `1.0`
/// and `True` are one key.
fn hashable() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        any::<i128>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        prop::collection::vec(any::<u8>(), 0..20).prop_map(Value::bytes),
        date().prop_map(Value::from),
    ];
    leaf.prop_recursive(2, 8, 3, |inner| {
        prop::collection::vec(inner, 0..3).prop_map(Value::tuple)
    })
}

fn date() -> impl Strategy<Value = Date> {
    (1_i32..=9999, 1_u8..=12, 1_u8..=28)
        .prop_map(|(year, month, day)| Date::new(year, month, day).expect("it exists"))
}

fn time() -> impl Strategy<Value = Time> {
    (0_u8..24, 0_u8..60, 0_u8..60, 0_u32..1_000_000).prop_map(|(hour, minute, second, micro)| {
        Time::new(hour, minute, second, micro).expect("it exists")
    })
}

fn timezone() -> impl Strategy<Value = TimeZone> {
    (-86_399_i32..=86_399, prop::option::of("[A-Za-z]{1,8}")).prop_map(|(offset, name)| TimeZone {
        offset_seconds: offset,
        name,
    })
}

fn datetime() -> impl Strategy<Value = DateTime> {
    (date(), time(), prop::option::of(timezone())).prop_map(|(date, time, timezone)| DateTime {
        timezone,
        ..DateTime::new(date, time).expect("it exists")
    })
}

fn leaf() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::None),
        Just(Value::Ellipsis),
        Just(Value::NotImplemented),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        prop::collection::vec(any::<u8>(), 0..60)
            .prop_map(|bytes| Value::from(BigInt::from_signed_bytes_le(&bytes))),
        any::<u64>().prop_map(|bits| Value::from(f64::from_bits(bits))),
        (any::<u64>(), any::<u64>()).prop_map(|(real, imaginary)| {
            Value::complex(f64::from_bits(real), f64::from_bits(imaginary))
        }),
        any::<String>().prop_map(Value::from),
        prop::collection::vec(any::<u8>(), 0..60).prop_map(Value::bytes),
        // As `str(d)` prints them, which is how they come back.
        r"-?[1-9][0-9]{0,15}(\.[0-9]{1,6})?"
            .prop_map(|text| Value::decimal(&text).expect("a number")),
        ("-?[1-9]", 1_u32..99).prop_map(|(digit, exponent)| Value::decimal(&format!(
            "{digit}E+{exponent}"
        ))
        .expect("a number")),
        prop::sample::select(vec!["NaN", "-Infinity", "Infinity", "1.20", "-0"])
            .prop_map(|text| Value::decimal(text).expect("a number")),
        date().prop_map(Value::from),
        datetime().prop_map(Value::from),
        time().prop_map(Value::from),
        (
            -999_999_999_i32..=999_999_999,
            0_i32..86_400,
            0_i32..1_000_000
        )
            .prop_map(|(days, seconds, microseconds)| {
                Value::from(TimeDelta {
                    days,
                    seconds,
                    microseconds,
                })
            }),
        timezone().prop_map(Value::from),
        "(/[a-z]{1,5}){1,4}".prop_map(Value::path),
        (
            prop::sample::select(vec!["ValueError", "KeyError", "OSError", "TimeoutError"]),
            prop::option::of(any::<String>())
        )
            .prop_map(|(name, message)| Value::exception(name, message.as_deref())),
        prop::sample::select(vec!["int", "dict", "ValueError", "datetime.date"])
            .prop_map(|name| Value::Type(name.into())),
        prop::sample::select(vec!["len", "print", "sorted"])
            .prop_map(|name| Value::BuiltinFunction(name.into())),
        (
            "(/[a-z]{1,5}){1,3}",
            prop::sample::select(vec!["r", "rb", "w", "ab"])
        )
            .prop_map(|(path, mode)| {
                Value::from(File {
                    path,
                    mode: mode.to_owned(),
                    position: 0,
                })
            }),
    ]
}

fn any_value() -> impl Strategy<Value = Value> {
    leaf().prop_recursive(4, 40, 6, |inner| {
        let items = prop::collection::vec(inner.clone(), 0..6);
        let attributes = prop::collection::hash_map("[a-z]{2,6}", inner.clone(), 0..4)
            .prop_map(|pairs| pairs.into_iter().collect::<Dict>());
        prop_oneof![
            items.clone().prop_map(Value::list),
            items.prop_map(Value::tuple),
            distinct().prop_map(Value::set),
            distinct().prop_map(Value::frozen_set),
            (distinct(), prop::collection::vec(inner.clone(), 8))
                .prop_map(|(keys, values)| Value::dict(keys.into_iter().zip(values))),
            inner
                .clone()
                .prop_map(|shared| Value::list([Value::list([shared.clone()]), shared])),
            prop::collection::hash_map("[a-z]{2,6}", inner, 1..4)
                .prop_map(|fields| Value::named_tuple("Row", fields)),
            attributes
                .clone()
                .prop_map(|attributes| Value::from(Module::new("shop", attributes))),
            attributes.prop_map(|attributes| {
                let class = Arc::new(Class::new("Point"));
                Value::from(Instance::new(class, attributes))
            }),
        ]
    })
}

/// Keys that Python considers distinct.
fn distinct() -> impl Strategy<Value = Vec<Value>> {
    prop::collection::vec(hashable(), 0..6).prop_map(|values| {
        let mut seen = Vec::new();
        for value in values {
            if !seen.contains(&value) {
                seen.push(value);
            }
        }
        seen
    })
}

/// A value with its sets in one order: Python has another.
fn ordered(value: &Value) -> Value {
    let all = |items: &[Value]| items.iter().map(ordered).collect::<Vec<_>>();
    let sorted = |items: &[Value]| {
        let mut items = all(items);
        items.sort_by_key(ToString::to_string);
        items
    };
    let pairs = |dict: &Dict| {
        dict.iter()
            .map(|(key, value)| (key.clone(), ordered(value)))
            .collect::<Dict>()
    };
    match value {
        Value::List(items) => Value::list(all(items)),
        Value::Tuple(items) => Value::tuple(all(items)),
        Value::Set(items) => Value::set(sorted(items)),
        Value::FrozenSet(items) => Value::frozen_set(sorted(items)),
        Value::Dict(dict) => Value::from(pairs(dict)),
        Value::NamedTuple(tuple) => Value::named_tuple(
            tuple.type_name(),
            tuple.iter().map(|(name, value)| (name, ordered(value))),
        ),
        Value::Instance(instance) => Value::from(Instance {
            attributes: pairs(&instance.attributes),
            ..instance.as_ref().clone()
        }),
        Value::Module(module) => Value::from(Module {
            attributes: pairs(&module.attributes),
            ..module.as_ref().clone()
        }),
        other => other.clone(),
    }
}

fn value_of(script: Script) -> Value {
    script.run_blocking().expect("the script has a value").value
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn through_an_input(value in any_value()) {
        let back = value_of(script("x").input("x", &value).expect("it has a form"));
        prop_assert_eq!(ordered(&back), ordered(&value));
    }

    #[test]
    fn through_arguments_and_a_result(one in any_value(), other in any_value()) {
        let calls = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&calls);
        let tools = Tools::new().dynamic("swap", move |call: Call| {
            seen.lock().expect("no panic").push(call.clone());
            async move {
                let (_, keyword) = call.keyword.into_iter().next().expect("there is one");
                let positional = call.positional.into_iter().next().expect("there is one");
                Ok::<_, ToolError>(Value::tuple([keyword, positional]))
            }
        });
        let script = script("swap(one, other=other)")
            .host(&tools)
            .input("one", &one)
            .and_then(|script| script.input("other", &other))
            .expect("they have a form");
        let back = value_of(script);
        prop_assert_eq!(ordered(&back), ordered(&Value::tuple([other.clone(), one.clone()])));
        let calls = calls.lock().expect("no panic");
        prop_assert_eq!(calls.len(), 1);
        prop_assert_eq!(ordered(&calls[0].positional[0]), ordered(&one));
        prop_assert_eq!(calls[0].keyword[0].0.as_str(), "other");
        prop_assert_eq!(ordered(&calls[0].keyword[0].1), ordered(&other));
    }

    #[test]
    fn through_a_name(value in any_value()) {
        let tools = Tools::new().value("NAME", &value).expect("it has a form");
        let back = value_of(script("NAME").host(&tools));
        prop_assert_eq!(ordered(&back), ordered(&value));
    }

    #[test]
    fn through_an_exception(message in any::<String>()) {
        let raised = message.clone();
        let tools = Tools::new().function("fail", (), move || {
            Err::<(), _>(ToolError::value_error(&raised))
        });
        let source = "try:\n    fail()\nexcept ValueError as e:\n    r = [str(e), e]\nr";
        let back = value_of(script(source).host(&tools));
        let exception = Value::exception("ValueError", Some(&message));
        prop_assert_eq!(back, Value::list([Value::from(message.as_str()), exception]));

        let error = script("fail()").host(&tools).run_blocking().expect_err("uncaught");
        let raised = error.exception().expect("it was raised");
        prop_assert_eq!(raised.message.as_deref(), Some(message.as_str()));
    }

    /// The host prints values built in Python as Python does.
    #[test]
    fn python_prints_it_as_the_host_does(
        value in any_value().prop_filter("shown alike", |value| !prints_otherwise(value))
    ) {
        let source = "[repr(x), x]";
        let back = value_of(script(source).input("x", &value).expect("it has a form"));
        let items = back.items().expect("a list");
        let (Some(text), Some(value)) = (items[0].as_str(), items.get(1)) else {
            return Err(TestCaseError::fail("two items"));
        };
        prop_assert_eq!(text, value.to_string());
    }
}

/// What Python shows with an address, or by names that the host does not have.
fn prints_otherwise(value: &Value) -> bool {
    match value {
        Value::Instance(_) | Value::Module(_) | Value::File(_) => true,
        // Python sorts a set as it likes, and the host has it in that order.
        Value::List(items) | Value::Tuple(items) => items.iter().any(prints_otherwise),
        Value::Dict(dict) => dict.iter().any(|(_, value)| prints_otherwise(value)),
        Value::NamedTuple(tuple) => tuple.iter().any(|(_, value)| prints_otherwise(value)),
        _ => false,
    }
}
