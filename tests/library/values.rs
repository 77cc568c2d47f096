//! Values of every kind, through inputs and results.

use std::collections::BTreeMap;
use std::sync::Arc;

use monty_host::{ToolError, Tools, Value};
use serde::{Deserialize, Serialize};

use crate::support::{assert_snapshot, monty, repr, run, script};

/// One expression for each kind that Python can build.
const KINDS: &[(&str, &str)] = &[
    ("", "None"),
    ("", "True"),
    ("", "False"),
    ("", "..."),
    ("", "NotImplemented"),
    ("", "0"),
    ("", "-9223372036854775808"),
    ("", "9223372036854775807"),
    ("", "9223372036854775808"),
    ("", "-(2 ** 200)"),
    ("", "1.0"),
    ("", "-0.0"),
    ("", "1e16"),
    ("", "1.5e-7"),
    ("", "0.1 + 0.2"),
    ("", "float('nan')"),
    ("", "float('-inf')"),
    ("", "1+2j"),
    ("", "complex(-0.0, float('inf'))"),
    ("", "''"),
    ("", "'it\\'s \"quoted\" \\n \\x00 é 🦀'"),
    ("", "b''"),
    ("", "b'\\x00\\xff\\'\"'"),
    ("", "[]"),
    ("", "[1, [2, [3]]]"),
    ("", "()"),
    ("", "(1,)"),
    ("", "(1, (2, 3))"),
    ("", "set()"),
    ("", "{1}"),
    ("", "frozenset()"),
    ("", "frozenset({(1, 2)})"),
    ("", "{}"),
    (
        "",
        "{'b': 1, 'a': 2, 3: None, (4, 5): [6], None: {}, 1.5: b''}",
    ),
    ("import datetime as d", "d.date(2024, 2, 29)"),
    (
        "import datetime as d",
        "d.datetime(2024, 2, 29, 12, 30, 15, 250)",
    ),
    (
        "import datetime as d",
        "d.datetime(1, 1, 1, tzinfo=d.timezone.utc)",
    ),
    (
        "import datetime as d",
        "d.datetime(9999, 12, 31, 23, 59, tzinfo=d.timezone(d.timedelta(hours=-5), 'EST'))",
    ),
    ("import datetime as d", "d.time(1, 2, 3, 4)"),
    ("import datetime as d", "d.time(1, 2, fold=1)"),
    (
        "import datetime as d",
        "d.timedelta(days=-1, seconds=5, microseconds=7)",
    ),
    (
        "import datetime as d",
        "d.timezone(d.timedelta(hours=5, minutes=30))",
    ),
    ("from decimal import Decimal", "Decimal('1.20')"),
    ("from decimal import Decimal", "Decimal('-1E+50')"),
    ("from decimal import Decimal", "Decimal('NaN')"),
    ("from pathlib import Path", "Path('/data/x.txt')"),
    ("", "ValueError('wrong')"),
    ("", "KeyError()"),
    ("", "int"),
    ("", "ValueError"),
    ("import datetime as d", "d.datetime"),
    ("", "len"),
    (
        "from collections import namedtuple\nP = namedtuple('P', 'x y')",
        "P(1, [2])",
    ),
    (
        "from dataclasses import dataclass\n@dataclass\nclass D:\n    x: int\n    y: str = 'a'",
        "D(1)",
    ),
    ("class C:\n    pass", "C()"),
    ("class C:\n    pass", "C"),
    ("def f(): pass", "f"),
    ("x = [1]\nx.append(x)", "x"),
    ("x = {}\nx['self'] = x", "x"),
    ("from collections import deque", "deque([1, 2])"),
    ("from collections import Counter", "Counter('aab')"),
    ("", "range(3)"),
    ("import re", "re.compile('a+')"),
];

#[test]
fn what_python_builds_reaches_the_host() {
    let seen: Vec<_> = KINDS
        .iter()
        .map(|(setup, expression)| {
            let value = run(&format!("{setup}\n{expression}"))
                .expect(expression)
                .value;
            format!("{expression:50} {:12} {value}", value.type_name())
        })
        .collect();
    let mut settings = insta::Settings::clone_current();
    settings.add_filter(r"0x[0-9a-f]+", "0x[address]");
    settings.bind(|| assert_snapshot!("from-python", seen.join("\n")));
}

#[test]
fn what_the_host_got_comes_back_equal() {
    for (setup, expression) in KINDS {
        let value = run(&format!("{setup}\n{expression}"))
            .expect(expression)
            .value;
        if one_way(&value) {
            continue;
        }
        let back = script("x")
            .input("x", &value)
            .expect(expression)
            .run_blocking();
        assert_eq!(back.expect(expression).value, value, "{expression}");
    }
}

/// Python hands these out and takes none back: text forms, and the script's own
/// classes, which are gone with their run.
fn one_way(value: &Value) -> bool {
    match value {
        Value::Repr(_) | Value::Cycle(_) | Value::Class(_) | Value::Instance(_) => true,
        Value::List(items) => items.iter().any(one_way),
        Value::Dict(pairs) => pairs.iter().any(|(_, value)| one_way(value)),
        _ => false,
    }
}

#[test]
fn floats_keep_their_bits() {
    for bits in [
        0_u64,
        1,
        0x8000_0000_0000_0000,
        0x7FF0_0000_0000_0000,
        0x7FF8_0000_0000_0000,
        0xFFF8_0000_0000_1234,
        0x3FF0_0000_0000_0001,
    ] {
        let float = f64::from_bits(bits);
        let report = script("[x, (x,)]")
            .input("x", float)
            .expect("a float")
            .run_blocking();
        let value = report.expect("runs").value;
        let item = value
            .items()
            .and_then(|items| items.first())
            .and_then(Value::as_f64);
        assert_eq!(item.map(f64::to_bits), Some(bits));
    }
}

#[test]
fn a_shared_object_stays_one() {
    let value = run("x = [1]\n[x, x, [1], {'k': x}]").expect("runs").value;
    let Value::List(items) = &value else {
        panic!("not a list: {value}");
    };
    let [Value::List(one), Value::List(two), Value::List(other), _] = items.as_slice() else {
        panic!("not lists: {value}");
    };
    assert!(Arc::ptr_eq(one, two));
    assert!(!Arc::ptr_eq(one, other));

    let source = "(x[0] is x[1], x[0] is x[2], x[3]['k'] is x[0])";
    let report = script(source)
        .input("x", &value)
        .expect("a list")
        .run_blocking();
    assert_eq!(
        report.expect("runs").value.to_string(),
        "(True, False, True)"
    );
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Everything {
    flag: bool,
    small: i8,
    big: u64,
    huge: i128,
    float: f64,
    text: String,
    optional: Option<String>,
    missing: Option<u8>,
    pair: (i32, String),
    list: Vec<Option<f32>>,
    map: BTreeMap<i64, Vec<u8>>,
    choice: Choice,
    unit: Choice,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
enum Choice {
    Nothing,
    Range { from: i32, to: i32 },
}

#[test]
fn serde_types_come_back_equal() {
    let everything = Everything {
        flag: true,
        small: -5,
        big: u64::MAX,
        huge: i128::MIN,
        float: 1e300,
        text: "é".to_owned(),
        optional: Some("x".to_owned()),
        missing: None,
        pair: (1, "p".to_owned()),
        list: vec![Some(1.5), None],
        map: BTreeMap::from([(-1, vec![1, 2]), (7, vec![])]),
        choice: Choice::Range { from: 1, to: 2 },
        unit: Choice::Nothing,
    };
    let report = script("x")
        .input("x", &everything)
        .expect("it has a form")
        .run_blocking();
    let back: Everything = report.expect("runs").extract().expect("the same type");
    assert_eq!(back, everything);
}

#[test]
fn inputs_are_ordinary_variables() {
    let report = script("def f():\n    return limit * 2\nlimit += 1\nf()")
        .input("limit", 10)
        .expect("an int")
        .run_blocking();
    assert_eq!(report.expect("runs").value.as_i64(), Some(22));
    assert_eq!(repr("'no value'\nx = 1"), "None");
    assert_eq!(repr(""), "None");
}

#[test]
fn json_says_what_it_cannot_hold() {
    let sources = [
        "{'rows': [1, 2.5, None, True, 'x', {'deep': (1, 2)}]}",
        "2 ** 70",
        "{'rows': [{'x': float('inf')}]}",
        "[float('nan')]",
        "b'bytes'",
        "{1: 'int key'}",
        "{'s': {1, 2}}",
        "[1+2j]",
    ];
    let seen: Vec<_> = sources
        .iter()
        .map(|source| match run(source).expect(source).value.to_json() {
            Ok(json) => format!("{source}\n    {json}"),
            Err(error) => format!("{source}\n    error: {error}"),
        })
        .collect();
    assert_snapshot!("to-json", seen.join("\n"));
}

#[test]
fn inputs_that_share_an_object() {
    let rows = Value::list([1, 2]);
    let report = script("a.append(3)\n(a is b, b, c)")
        .input("a", &rows)
        .and_then(|script| script.input("b", Value::list([rows.clone()])))
        .and_then(|script| script.input("c", Value::list([1, 2])))
        .expect("values")
        .run_blocking();
    assert_eq!(
        report.expect("runs").value.to_string(),
        "(False, [[1, 2, 3]], [1, 2])"
    );
}

/// Scripts in which a class stands before its first instance.
const CLASSES: &[&str] = &[
    "class A: pass\n[A, A()]",
    "class A: pass\n[A(), A]",
    "class A: pass\n(A, (A(), A()))",
    "class A: pass\n{'schema': A, 'rows': [A()]}",
    "from dataclasses import dataclass\n@dataclass\nclass P:\n    x: int\n{'schema': P, 'rows': [P(1)]}",
    "class A:\n    def __init__(self):\n        self.kind = A\n[A, A()]",
    "class A: pass\nclass B:\n    def __init__(self):\n        self.a = A()\n[A, B, B()]",
    "class A: pass\nA",
    "class A: pass\n{A: 1}",
];

#[test]
fn a_class_crosses_before_its_instances() {
    let outcomes: Vec<_> = CLASSES
        .iter()
        .map(|source| format!("{source}\n    {}", repr(source)))
        .collect();
    assert_snapshot!("classes", outcomes.join("\n"));
}

#[test]
fn a_class_and_the_class_of_its_instance_are_one_object() {
    let value = run("class A: pass\n[A, A(), [A]]").expect("a list").value;
    let Value::List(items) = &value else {
        panic!("{value}");
    };
    let [
        Value::Class(class),
        Value::Instance(instance),
        Value::List(inner),
    ] = items.as_slice()
    else {
        panic!("{value}");
    };
    assert!(!class.host_defined);
    assert!(Arc::ptr_eq(class, &instance.class));
    assert!(matches!(inner.as_slice(), [Value::Class(again)] if Arc::ptr_eq(class, again)));
}

#[test]
fn a_class_comes_back_as_itself() {
    let echo = Tools::new().function("echo", ["value"], |value: Value| Ok::<_, ToolError>(value));
    for definition in [
        "class A: pass",
        "from dataclasses import dataclass\n@dataclass\nclass A: pass",
    ] {
        let source = format!(
            "{definition}\na = A()\nback = echo([A, a])\n\
             [back[0] is A, back[1] is a, type(back[1]) is A, echo(A) is A, isinstance(back[0](), A)]"
        );
        let report = script(&source).host(&echo).run_blocking();
        let same = report.expect("it ends").extract::<Vec<bool>>();
        assert_eq!(same.expect("bools"), [true; 5], "{definition}");
    }
}

#[test]
fn a_class_of_a_session_comes_back_in_a_later_piece_of_code() {
    let mut session = monty().session().open_blocking().expect("it opens");
    let first = session
        .feed("class A: pass\na = A()\n[A, a]")
        .run_blocking();
    let value = first.expect("a list").value;
    let source = "[x[0] is A, x[1] is a]";
    let feed = session.feed(source).input("x", &value).expect("a value");
    let report = feed.run_blocking().expect("it runs");
    assert_eq!(report.extract::<Vec<bool>>().expect("bools"), [true, true]);
}
