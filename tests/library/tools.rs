//! Tools: parameters, return values and errors.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use monty_host::value::{Class, Dict, Function, Instance};
use monty_host::{
    Call, ErrorKind, ExternalCall, Host, Limits, Parameter, Reply, ToolError, Tools, Value,
};
use serde::{Deserialize, Serialize};

use crate::support::{assert_next_run_works, assert_snapshot, script};

fn repr(tools: &Tools, source: &str) -> String {
    script(source)
        .host(tools)
        .run_blocking()
        .expect("the script has a value")
        .value
        .to_string()
}

/// The exception that a script catches from a call.
fn caught(tools: &Tools, expression: &str) -> String {
    let source = format!(
        "try:\n    {expression}\nexcept Exception as e:\n    r = f'{{type(e).__name__}}: {{e}}'\nr"
    );
    script(&source)
        .host(tools)
        .run_blocking()
        .expect("the script catches")
        .extract()
        .expect("a string")
}

fn sum() -> Tools {
    let parameters = [
        Parameter::new("a"),
        Parameter::new("b"),
        Parameter::new("c").default(100).expect("an int has a form"),
    ];
    Tools::new().function("add", parameters, |a: i64, b: Option<i64>, c: i64| {
        Ok::<_, ToolError>(a + b.unwrap_or(10) + c)
    })
}

#[test]
fn arguments_bind_as_in_python() {
    let tools = sum();
    assert_eq!(repr(&tools, "add(1, 2, 3)"), "6");
    assert_eq!(repr(&tools, "add(1)"), "111");
    assert_eq!(repr(&tools, "add(c=3, a=1, b=2)"), "6");
    assert_eq!(repr(&tools, "add(1, c=3)"), "14");
    assert_eq!(repr(&tools, "add(*[1, 2], **{'c': 3})"), "6");
    assert_eq!(repr(&tools, "add(1, None, 0)"), "11");
}

#[test]
fn arguments_that_do_not_bind() {
    let tools = sum();
    let calls = [
        "add()",
        "add(b=1)",
        "add(1, 2, 3, 4)",
        "add(1, a=2)",
        "add(1, d=2)",
        "add('one')",
        "add(1.5)",
        "add(1, [2])",
        "add(2**70)",
        "add(**{1: 2})",
    ];
    let seen: Vec<_> = calls
        .iter()
        .map(|call| format!("{call}\n    {}", caught(&tools, call)))
        .collect();
    assert_snapshot!("arguments-that-do-not-bind", seen.join("\n"));
}

#[test]
fn a_python_traceback_leads_through_the_call() {
    let error = script("def f(x):\n    return add(x, 'two')\n\nf(1)\n")
        .host(sum())
        .run_blocking()
        .expect_err("the argument is no int");
    assert_snapshot!("traceback", error.to_string());
}

#[derive(Debug, Serialize, Deserialize, PartialEq)]
struct Order {
    id: u32,
    items: Vec<String>,
    price: Option<f64>,
    tags: BTreeMap<String, bool>,
}

#[test]
fn structs_cross_by_serde() {
    let tools = Tools::new()
        .function("load", ["id"], |id: u32| {
            Ok::<_, ToolError>(Order {
                id,
                items: vec!["tea".into(), "cup".into()],
                price: Some(9.5),
                tags: BTreeMap::from([("new".to_owned(), true)]),
            })
        })
        .function("store", ["order"], |order: Order| {
            if order.items.is_empty() {
                return Err(ToolError::value_error("no items"));
            }
            Ok(order.items.len())
        });
    assert_eq!(
        repr(&tools, "load(7)"),
        "{'id': 7, 'items': ['tea', 'cup'], 'price': 9.5, 'tags': {'new': True}}"
    );
    assert_eq!(
        repr(&tools, "o = load(7)\no['items'].append('pot')\nstore(o)"),
        "3"
    );
    assert_eq!(
        caught(
            &tools,
            "store({'id': 1, 'items': ['x', 2], 'price': 1, 'tags': {}})"
        ),
        "TypeError: store() argument 'order': items[1]: expected str, got int"
    );
    assert_eq!(
        caught(&tools, "o = load(1); o['items'] = []; store(o)"),
        "ValueError: no items"
    );
}

#[test]
fn values_pass_as_they_are() {
    let tools = Tools::new().function("same", ["value"], |value: Value| Ok::<_, ToolError>(value));
    let values = [
        "(1, [2.5, {'k': None}], {3}, frozenset({4}), b'x')",
        "{(1, 2): 'tuple key', 3: 'int key', None: 'none key'}",
        "[10**30, -(10**30), float('inf'), float('-inf'), -0.0]",
        "1+2j",
    ];
    for value in values {
        assert_eq!(repr(&tools, &format!("same({value})")), repr(&tools, value));
    }
    let source = "x = [1]\npair = same([x, x])\npair[0] is pair[1]";
    assert_eq!(repr(&tools, source), "True");
}

#[test]
fn async_tools_are_awaited_by_the_host() {
    let tools = Tools::new().function("slow", ["text"], async |text: String| {
        tokio::time::sleep(std::time::Duration::from_millis(1)).await;
        Ok::<_, ToolError>(text.to_uppercase())
    });
    assert_eq!(repr(&tools, "slow('a') + slow('b')"), "'AB'");
    assert_eq!(repr(&tools, "await slow('a')"), "'A'");
    let source = "async def f(x):\n    return await slow(x)\nawait f('a') + await f('b')";
    assert_eq!(repr(&tools, source), "'AB'");
}

#[test]
fn async_tools_can_own_what_they_capture() {
    let client = std::sync::Arc::new("client".to_owned());
    let tools = Tools::new().function("name", (), move || {
        let client = client.clone();
        async move { Ok::<_, ToolError>(client.to_string()) }
    });
    assert_eq!(repr(&tools, "name()"), "'client'");
}

#[test]
fn errors_choose_their_type() {
    let tools = Tools::new().function("fail", ["kind"], |kind: String| -> Result<(), ToolError> {
        Err(match kind.as_str() {
            "io" => std::io::Error::other("disk on fire").into(),
            "unknown" => ToolError::new("QuotaError", "three left"),
            _ => ToolError::new(kind, "as asked"),
        })
    });
    assert_eq!(caught(&tools, "fail('ValueError')"), "ValueError: as asked");
    assert_eq!(caught(&tools, "fail('KeyError')"), "KeyError: 'as asked'");
    assert_eq!(
        caught(&tools, "fail('PermissionError')"),
        "PermissionError: as asked"
    );
    assert_eq!(caught(&tools, "fail('io')"), "RuntimeError: disk on fire");
    assert_eq!(
        caught(&tools, "fail('unknown')"),
        "RuntimeError: QuotaError: three left"
    );
}

#[test]
fn a_panic_is_an_exception() {
    fn explode(now: bool) -> Result<(), ToolError> {
        if now {
            panic!("out of cheese");
        }
        Ok(())
    }
    let tools = Tools::new().function("sync", ["now"], explode).function(
        "later",
        ["now"],
        async |now: bool| {
            tokio::task::yield_now().await;
            explode(now)
        },
    );
    assert_eq!(
        caught(&tools, "sync(True)"),
        "RuntimeError: sync() panicked: out of cheese"
    );
    assert_eq!(
        caught(&tools, "later(True)"),
        "RuntimeError: later() panicked: out of cheese"
    );
    assert_next_run_works();
}

#[test]
fn calls_chain_and_nest() {
    let tools = sum();
    assert_eq!(repr(&tools, "add(add(1, 1, 1), add(2, 2, 2), 0)"), "9");
    assert_eq!(
        repr(&tools, "[add(i, i, 0) for i in range(4)]"),
        "[0, 2, 4, 6]"
    );
    let source = "def outer(n):\n    def inner(m):\n        return add(m, n, 0)\n    return inner\nouter(1)(2)";
    assert_eq!(repr(&tools, source), "3");
    assert_eq!(repr(&tools, "f = add\nf(1, 2, 3)"), "6");
    let source = "total = 0\nwhile total < 50:\n    total = add(total, 7, 0)\ntotal";
    assert_eq!(repr(&tools, source), "56");
}

/// In the last frame that the recursion limit allows, there is no depth left to
/// hand arguments over: that is an error, and never another argument.
#[test]
fn a_call_at_the_end_of_the_recursion_limit() {
    let tools = Tools::new().function("same", ["x"], |x: Value| Ok::<_, ToolError>(x));
    let source = "\
def f():
    seen.append(same(7))
    f()
seen = []
try:
    f()
except RecursionError:
    pass
set(seen)";
    assert_eq!(repr(&tools, source), "{7}");
}

#[test]
fn names_that_nobody_has() {
    let tools = sum();
    assert_eq!(
        caught(&tools, "subtract(1)"),
        "NameError: name 'subtract' is not defined"
    );
    assert_eq!(
        caught(&tools, "missing"),
        "NameError: name 'missing' is not defined"
    );
    let error = script("missing + 1").host(&tools).run_blocking();
    assert_snapshot!(
        "undefined-name",
        error.expect_err("no such name").to_string()
    );
}

#[test]
fn values_by_name() {
    let tools = sum()
        .value("LIMIT", 10)
        .and_then(|tools| tools.value("TABLE", HashMap::from([("a", [1, 2])])))
        .expect("they have a form");
    assert_eq!(repr(&tools, "LIMIT + TABLE['a'][1]"), "12");
}

/// A tool, and values that are something to call under a name of their own.
fn callable_values() -> Tools {
    let class = Arc::new(Class::new("Point"));
    let origin = Value::from(Instance::new(class.clone(), Dict::new()));
    let values = [
        ("length", Value::BuiltinFunction("len".into())),
        ("to_int", Value::Type("int".into())),
        ("evaluate", Value::BuiltinFunction("eval".into())),
        ("plus", Value::from(function("add"))),
        ("nowhere", Value::from(function("nowhere"))),
        ("Point", Value::Class(class)),
        ("origin", origin),
        ("K", Value::from(5)),
        ("PAIR", Value::tuple([1, 2])),
    ];
    let tools = sum().fallback(async |call: Call| {
        let on_object = call.receiver.is_some().then(|| Value::from("on an object"));
        Ok(on_object.filter(|_| call.name == "__call__"))
    });
    values.into_iter().fold(tools, |tools, (name, value)| {
        tools.value(name, value).expect("it has a form")
    })
}

fn function(name: &str) -> Function {
    Function {
        name: name.to_owned(),
        docstring: None,
    }
}

#[test]
fn a_value_is_called_by_its_name() {
    let tools = callable_values();
    assert_eq!(repr(&tools, "length([1, 2])"), "2");
    assert_eq!(repr(&tools, "[length(x) for x in ['a', 'bb']]"), "[1, 2]");
    assert_eq!(repr(&tools, "to_int('ff', base=16)"), "255");
    assert_eq!(repr(&tools, "plus(1, b=2, c=3)"), "6");
    assert_eq!(repr(&tools, "Point(1)"), "'on an object'");
    assert_eq!(repr(&tools, "origin()"), "'on an object'");
    // As it is when the first use is another one.
    assert_eq!(repr(&tools, "f = length\nf([1]) + length([1, 2])"), "3");
}

#[test]
fn a_value_that_cannot_be_called() {
    let tools = callable_values();
    let calls = [
        "K()",
        "K(1, [2], a=3)",
        "PAIR()",
        "nowhere()",
        "length(5)",
        "length()",
        "to_int('x')",
        "evaluate('1 / 0')",
        "evaluate('missing')",
        "evaluate('tool()')",
        "length(lambda: 1)",
    ];
    let outcomes = calls.map(|call| format!("{call}\n    {}", caught(&tools, call)));
    assert_snapshot!("called-values", outcomes.join("\n"));
    let error = script("def f():\n    return K(1)\nf()").host(&tools);
    let error = error.run_blocking().expect_err("an int is not callable");
    assert_snapshot!("called-int", error.to_string());
}

#[test]
fn a_builtin_that_is_called_by_another_name_keeps_to_the_limits() {
    let tools = callable_values();
    let limits = Limits::default()
        .with_duration(Duration::from_millis(200))
        .with_memory_bytes(8 << 20);
    for (source, class) in [
        ("evaluate('[0] * 10**8')", "memory limit exceeded"),
        ("evaluate('sum(range(10**12))')", "time limit exceeded"),
    ] {
        let source = format!("try:\n    {source}\nexcept BaseException:\n    pass");
        let error = script(&source).host(&tools).limits(limits.clone());
        let error = error.run_blocking().expect_err("a limit stops it");
        assert!(error.summary().contains(class), "{error}");
        assert_next_run_works();
    }
}

#[test]
fn a_call_of_a_tool_asks_the_host_once() {
    let tools = sum();
    let report = script("add(1) + add(2)").host(&tools).run_blocking();
    let statistics = report.expect("it ends").statistics;
    assert_eq!(statistics.calls, 2);
}

/// The places that Monty cannot leave to wait for the host, each around a call.
const SYNCHRONOUS: &[&str] = &[
    "list(map(add, [1]))",
    "list(map(lambda x: add(x), [1]))",
    "list(filter(add, [1]))",
    "sorted([2, 1], key=add)",
    "xs = [2, 1]\nxs.sort(key=lambda x: add(x))",
    "max([2, 1], key=add)",
    "min([2, 1], key=lambda x: add(x))",
    "import itertools\nlist(itertools.starmap(add, [(1, 2)]))",
    "import itertools\nlist(itertools.accumulate([1, 2], add))",
    "import itertools\nlist(itertools.takewhile(add, [1, 2]))",
    "class A:\n    def __eq__(self, other): return add(1)\nA() == A()",
    "class A:\n    def __hash__(self): return add(1)\nhash(A())",
    "class A:\n    def __repr__(self): return str(add(1))\nrepr(A())",
    "class A:\n    def __str__(self): return str(add(1))\nstr(A())",
    "class A:\n    def __iter__(self): return iter([add(1)])\nlist(A())",
    "class A:\n    def __getitem__(self, key): return add(key)\nA()[1]",
    "class A:\n    def __contains__(self, item): return add(1)\n1 in A()",
    "class A:\n    def __add__(self, other): return add(1)\nA() + 1",
    "class A:\n    def __call__(self): return add(1)\nA()()",
    "class A:\n    def __init__(self): self.x = add(1)\nA().x",
    "class A:\n    def __enter__(self): return add(1)\n    def __exit__(self, *a): pass\nwith A() as a: pass",
    "import functools\nfunctools.reduce(add, [1, 2])",
    "import functools\nfunctools.cache(add)(1)",
    "import functools\nfunctools.partial(add, 1)()",
    "import re\nre.sub('a', add, 'a')",
    "from collections import defaultdict\ndefaultdict(lambda: add(1))[1]",
    "from dataclasses import dataclass, field\n@dataclass\nclass A:\n    x: int = field(default_factory=lambda: add(1))\nA().x",
    "from dataclasses import dataclass\n@dataclass\nclass A:\n    def __post_init__(self): self.x = add(1)\nA().x",
    "f'{add(1)}'",
    "[add(x) for x in [1]]",
    "{x: add(x) for x in [1]}",
    "sum(add(x) for x in [1])",
    "(lambda: add(1))()",
    "eval('add(1)')",
];

#[test]
fn tools_in_callbacks_and_special_methods() {
    let tools = sum();
    let outcomes: Vec<_> = SYNCHRONOUS
        .iter()
        .map(|source| {
            let outcome = match script(source).host(&tools).run_blocking() {
                Ok(report) => report.value.to_string(),
                Err(error) => {
                    assert_eq!(error.kind(), ErrorKind::Script, "{source}");
                    let hint = error.hint().map(|hint| hint.code.as_str());
                    format!("{} [{}]", error.summary(), hint.unwrap_or("no hint"))
                }
            };
            format!("{source}\n    {outcome}")
        })
        .collect();
    assert_snapshot!("in-callbacks", outcomes.join("\n"));
}

#[test]
fn what_is_advised_instead_of_a_tool_in_a_callback() {
    let tools = sum();
    assert_eq!(repr(&tools, "[add(x) for x in [1, 2]]"), "[111, 112]");
    let sorting = "xs = [2, 1]\nkeys = {x: add(x) for x in xs}\nsorted(xs, key=lambda x: keys[x])";
    assert_eq!(repr(&tools, sorting), "[1, 2]");
}

#[test]
fn a_fallback_answers_every_other_name() {
    let tools = sum()
        .fallback(async |call: Call| {
            if call.name == "nobody" {
                return Ok(None);
            }
            let keywords: Vec<_> = call
                .keyword
                .iter()
                .map(|(name, value)| format!("{name}={value}"))
                .collect();
            let text = format!(
                "{}{:?} {}",
                call.name,
                call.positional.len(),
                keywords.join(",")
            );
            Ok(Some(Value::from(text)))
        })
        .name_fallback(|name| Ok((name == "VERSION").then(|| Value::from("1.2"))));
    assert_eq!(
        repr(&tools, "anything(1, [2], key='x')"),
        "\"anything2 key='x'\""
    );
    assert_eq!(repr(&tools, "add(1, 2, 3)"), "6");
    assert_eq!(repr(&tools, "VERSION"), "'1.2'");
    assert_eq!(
        caught(&tools, "nobody()"),
        "NameError: name 'nobody' is not defined"
    );
    assert_eq!(
        caught(&tools, "UNKNOWN"),
        "NameError: name 'UNKNOWN' is not defined"
    );
}

#[test]
fn arguments_taken_as_they_come() {
    let tools = Tools::new().dynamic("collect", async |call: Call| {
        Ok::<_, ToolError>((
            call.positional,
            BTreeMap::from_iter(call.keyword),
            call.awaited,
        ))
    });
    assert_eq!(
        repr(&tools, "collect(1, 'b', c=[3])"),
        "([1, 'b'], {'c': [3]}, False)"
    );
    assert_eq!(repr(&tools, "await collect()"), "([], {}, True)");
}

/// Takes each call as values, and passes it on.
struct Wrapped(Tools);

impl ExternalCall for Wrapped {
    fn call(&self, call: Call) -> Reply {
        self.0.call(call)
    }
}

/// Arguments mean the same straight from the message and as values.
#[test]
fn tools_behind_another_implementation_answer_alike() {
    #[derive(Debug, Serialize, Deserialize)]
    struct Row {
        id: u8,
        #[serde(default)]
        tags: Vec<String>,
    }
    let parameters = [
        Parameter::from("first"),
        Parameter::from("*rest"),
        Parameter::new("flag")
            .default(true)
            .expect("a bool has a form"),
        Parameter::from("**others"),
    ];
    let tools = Tools::new()
        .function(
            "take",
            parameters,
            |first: Value, rest: Vec<Row>, flag: bool, others: BTreeMap<String, Row>| {
                format!("{first} {rest:?} {flag} {others:?}")
            },
        )
        .function(
            "same",
            ["a", "*b", "**c"],
            |a: Value, b: Value, c: Value| {
                let [b, c] = [
                    b.items().expect("a tuple")[0].clone(),
                    c.get("c").expect("c").clone(),
                ];
                a.ptr_eq(&b) && b.ptr_eq(&c)
            },
        )
        .function("row", ["row", "again"], |row: Row, again: Option<Row>| {
            (row, again)
        });
    let row = "{'id': 1, 'tags': ['a', 'b']}";
    let calls = [
        format!("take(0, {row}, {{'id': 2}}, flag=False, x={row}, y={{'id': 3}})"),
        format!("take({row}, {{'id': 1, 'tags': [2]}})"),
        "take([1], x={'id': 300})".to_owned(),
        "take([1], flag=2)".to_owned(),
        "take(first=(1, 2))".to_owned(),
        "take()".to_owned(),
        "(lambda x: same(x, x, c=x))({1})".to_owned(),
        "same({1}, {1}, c={1})".to_owned(),
        format!("row({row})"),
        format!("row(*[{row}] * 2)"),
        format!("row(again={row}, row={{'id': 'x'}})"),
        format!("row({row}, {row}, {row})"),
    ];
    let mut outcomes = String::new();
    for call in calls {
        let outcome = |host: Host| {
            let source =
                format!("try:\n    r = str({call})\nexcept Exception as e:\n    r = repr(e)\nr");
            let report = script(&source).host(host).run_blocking();
            report
                .expect("it ends")
                .extract::<String>()
                .expect("a text")
        };
        let direct = outcome(Host::new().tools(&tools));
        let wrapped = outcome(Host::new().external_call(Arc::new(Wrapped(tools.clone()))));
        assert_eq!(direct, wrapped, "{call}");
        outcomes += &format!("{call}\n    {direct}\n");
    }
    assert_snapshot!("called-either-way", outcomes);
}
