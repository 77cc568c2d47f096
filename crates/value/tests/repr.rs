//! The text of values, as Python's `repr()` and `str()` give it.

use std::sync::Arc;

use monty_value::{
    BigInt, Class, Date, DateTime, Dict, File, Instance, Module, Time, TimeDelta, TimeZone, Value,
    is_printable,
};

fn check(table: &[(Value, &str)]) {
    for (value, repr) in table {
        assert_eq!(value.to_string(), *repr);
    }
}

fn quarters(count: i64) -> f64 {
    count as f64 / 4.0
}

#[test]
fn numbers() {
    check(&[
        (Value::None, "None"),
        (true.into(), "True"),
        (false.into(), "False"),
        ((-7).into(), "-7"),
        (u64::MAX.into(), "18446744073709551615"),
        (1.0.into(), "1.0"),
        ((-0.0).into(), "-0.0"),
        (0.1.into(), "0.1"),
        (1234.5.into(), "1234.5"),
        (1e15.into(), "1000000000000000.0"),
        (9_999_999_999_999_998.0.into(), "9999999999999998.0"),
        (quarters(4_893_535_179_027_205).into(), "1223383794756801.2"),
        (
            quarters(-4_893_535_179_027_207).into(),
            "-1223383794756801.8",
        ),
        (quarters(4_893_535_179_027_204).into(), "1223383794756801.0"),
        (1e16.into(), "1e+16"),
        (1.5e300.into(), "1.5e+300"),
        (0.0001.into(), "0.0001"),
        (0.00001.into(), "1e-05"),
        (1.25e-7.into(), "1.25e-07"),
        (5e-324.into(), "5e-324"),
        (f64::MAX.into(), "1.7976931348623157e+308"),
        (f64::INFINITY.into(), "inf"),
        (f64::NEG_INFINITY.into(), "-inf"),
        (f64::NAN.into(), "nan"),
        ((-f64::NAN).into(), "nan"),
        (Value::complex(1.0, 2.0), "(1+2j)"),
        (Value::complex(0.0, 1.0), "1j"),
        (Value::complex(-0.0, 1.0), "(-0+1j)"),
        (Value::complex(1.5, -0.0), "(1.5-0j)"),
        (Value::complex(f64::NAN, f64::INFINITY), "(nan+infj)"),
        (Value::complex(1e16, 1.0), "(1e+16+1j)"),
        (Value::decimal("1.20").unwrap(), "Decimal('1.20')"),
        (Value::decimal("-Infinity").unwrap(), "Decimal('-Infinity')"),
        (Value::decimal("sNaN12").unwrap(), "Decimal('sNaN12')"),
    ]);
    for wrong in ["", ".", "1.2.3", "1e", "--1", " 1", "NaNx", "é", "1_000"] {
        assert!(Value::decimal(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn an_int_that_python_would_not_print_is_hexadecimal() {
    let printed = |bits: u32| Value::from(BigInt::from(1) << bits).to_string();
    assert_eq!(printed(14_000).len(), 4215);
    assert!(printed(1_000_000).starts_with("0x1000"));
}

#[test]
fn text_and_bytes() {
    check(&[
        ("plain".into(), "'plain'"),
        ("it's".into(), "\"it's\""),
        ("it's \"so\"".into(), r#"'it\'s "so"'"#),
        ("\"".into(), "'\"'"),
        ("a\\b\n\r\t".into(), r"'a\\b\n\r\t'"),
        ("\0\x1b\x7f".into(), r"'\x00\x1b\x7f'"),
        ("é 🐍 e\u{301}".into(), "'é 🐍 e\u{301}'"),
        ("\u{a0}\u{ad}".into(), r"'\xa0\xad'"),
        ("\u{200b}\u{2028}\u{3000}".into(), r"'\u200b\u2028\u3000'"),
        (
            "\u{e000}\u{10ffff}\u{e0001}".into(),
            r"'\ue000\U0010ffff\U000e0001'",
        ),
        (Value::bytes(*b"a'\\\n\x00\xff"), r#"b"a'\\\n\x00\xff""#),
        (Value::bytes(*b"'\""), r#"b'\'"'"#),
    ]);
}

#[test]
fn containers() {
    let empty = [] as [i64; 0];
    check(&[
        (Value::list(empty), "[]"),
        (Value::list([1, 2]), "[1, 2]"),
        (Value::tuple(empty), "()"),
        (Value::tuple([1]), "(1,)"),
        (Value::tuple([1, 2]), "(1, 2)"),
        (Value::set(empty), "set()"),
        (Value::set([1, 2]), "{1, 2}"),
        (Value::frozen_set(empty), "frozenset()"),
        (Value::frozen_set(["a"]), "frozenset({'a'})"),
        (Value::from(Dict::new()), "{}"),
        (
            Value::dict([
                (Value::from("a"), Value::tuple([1])),
                (1.into(), Value::None),
            ]),
            "{'a': (1,), 1: None}",
        ),
        (
            Value::list([
                Value::tuple([Value::list([Value::set([1])])]),
                Value::from(2),
            ]),
            "[([{1}],), 2]",
        ),
        (
            Value::named_tuple("Point", [("x", 1), ("y", 2)]),
            "Point(x=1, y=2)",
        ),
        (Value::list([Value::Cycle("[...]".into())]), "[[...]]"),
    ]);
}

#[test]
fn dates_and_times() {
    let date = Date::new(2024, 2, 9).unwrap();
    let at = |hour, minute, second, micro| Time::new(hour, minute, second, micro).unwrap();
    let datetime = |time| Value::from(DateTime::new(date, time).unwrap());
    let west = TimeZone::from_offset_seconds(-18_000).unwrap();
    let named = TimeZone::from_offset_seconds(3600)
        .unwrap()
        .with_name("CET");
    let delta = |days, seconds, micros| Value::from(TimeDelta::new(days, seconds, micros).unwrap());
    let table = [
        (date.into(), "datetime.date(2024, 2, 9)", "2024-02-09"),
        (
            datetime(at(1, 2, 0, 0)),
            "datetime.datetime(2024, 2, 9, 1, 2)",
            "2024-02-09 01:02:00",
        ),
        (
            datetime(at(1, 2, 0, 4).with_timezone(TimeZone::UTC)),
            "datetime.datetime(2024, 2, 9, 1, 2, 0, 4, tzinfo=datetime.timezone.utc)",
            "2024-02-09 01:02:00.000004+00:00",
        ),
        (
            datetime(at(1, 2, 3, 0).with_timezone(west.clone())),
            "datetime.datetime(2024, 2, 9, 1, 2, 3, tzinfo=datetime.timezone(datetime.timedelta(days=-1, seconds=68400)))",
            "2024-02-09 01:02:03-05:00",
        ),
        (
            Time {
                fold: 1,
                ..at(1, 2, 3, 0)
            }
            .into(),
            "datetime.time(1, 2, 3, fold=1)",
            "01:02:03",
        ),
        (delta(0, 0, 0), "datetime.timedelta(0)", "0:00:00"),
        (
            delta(1, 90, 5),
            "datetime.timedelta(days=1, seconds=90, microseconds=5)",
            "1 day, 0:01:30.000005",
        ),
        (
            delta(0, -1, 0),
            "datetime.timedelta(days=-1, seconds=86399)",
            "-1 day, 23:59:59",
        ),
        (TimeZone::UTC.into(), "datetime.timezone.utc", "UTC"),
        (
            west.into(),
            "datetime.timezone(datetime.timedelta(days=-1, seconds=68400))",
            "UTC-05:00",
        ),
        (
            named.into(),
            "datetime.timezone(datetime.timedelta(seconds=3600), 'CET')",
            "CET",
        ),
    ];
    for (value, repr, str) in table {
        assert_eq!(value.to_string(), repr);
        assert_eq!(value.to_str(), str);
    }
}

#[test]
fn objects() {
    let class = Arc::new(Class::new("Account"));
    let dataclass = Arc::new(Class {
        dataclass: true,
        ..Class::new("Point")
    });
    let attributes = || Dict::from_iter([("x", Value::from(1)), ("y", Value::list(["a"]))]);
    check(&[
        (Value::Ellipsis, "Ellipsis"),
        (Value::NotImplemented, "NotImplemented"),
        (Value::path("/it's"), "PosixPath(\"/it's\")"),
        (Value::exception("ValueError", Some("x")), "ValueError('x')"),
        (Value::exception("KeyError", None), "KeyError()"),
        (Value::Type("int".into()), "<class 'int'>"),
        (
            Value::BuiltinFunction("len".into()),
            "<built-in function len>",
        ),
        (Value::function("get", None), "<function get>"),
        (Value::from(class.clone()), "<class 'Account'>"),
        (
            Value::from(Instance::new(class, attributes())),
            "<Account object>",
        ),
        (
            Value::from(Instance::new(dataclass, attributes())),
            "Point(x=1, y=['a'])",
        ),
        (
            Value::from(Module::new("pkg.sub", attributes())),
            "<module 'pkg.sub'>",
        ),
        (
            Value::from(File {
                path: "/a".into(),
                mode: "rb".into(),
                position: 0,
            }),
            "<_io.BufferedReader name='/a' mode='rb'>",
        ),
        (Value::Repr("deque([1])".into()), "deque([1])"),
    ]);
}

#[test]
fn str_is_plain_where_python_is() {
    for (value, str) in [
        (Value::from("it's"), "it's"),
        (Value::path("/a"), "/a"),
        (Value::decimal("1.20").unwrap(), "1.20"),
        (Value::exception("ValueError", Some("x")), "x"),
        (Value::exception("ValueError", None), ""),
        (Value::from(1.0), "1.0"),
        (Value::list(["a"]), "['a']"),
    ] {
        assert_eq!(value.to_str(), str);
    }
}

#[test]
fn debug_shows_the_repr() {
    assert_eq!(format!("{:?}", Value::list(["a"])), "Value(['a'])");
}

#[test]
fn printable_characters() {
    for c in [' ', '~', '\'', '"', '\\', 'é', '漢', '\u{301}', '😀'] {
        assert!(is_printable(c), "{c:?}");
    }
    for c in [
        '\0',
        '\n',
        '\t',
        '\u{7f}',
        '\u{9b}',
        '\u{a0}',
        '\u{ad}',
        '\u{200b}',
        '\u{202e}',
        '\u{2028}',
        '\u{3000}',
        '\u{e000}',
        '\u{feff}',
        '\u{e0041}',
    ] {
        assert!(!is_printable(c), "{c:?}");
    }
}

#[test]
fn within_a_length() {
    let value = Value::list([Value::from("a\u{1}"), Value::dict([(1, 2.5)])]);
    let text = value.to_string();
    assert_eq!(value.repr_within(text.len()).unwrap(), text);
    let error = value.repr_within(text.len() - 1).unwrap_err();
    assert!(error.is_too_long());
    assert_eq!(
        error.to_string(),
        format!(
            "the repr of the value is longer than {} bytes",
            text.len() - 1
        )
    );
    // 10 GB if it were written out.
    let text = Value::from("\u{1}".repeat(1 << 20));
    let large = Value::list(vec![Value::list(vec![text; 50]); 50]);
    assert!(large.repr_within(1 << 20).unwrap_err().is_too_long());
}
