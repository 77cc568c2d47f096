//! Documents, their size, and their schema.

use std::borrow::Cow;
use std::sync::LazyLock;

use jsonschema::Validator;
use monty_document::{
    Document, Failure, Layout, Outcome, Printed, SCHEMA, Statistics, Suspended, Waiting, Written,
    exit,
};
use monty_value::Value;
use monty_value::types::{Exception, ExceptionReport};
use serde_json::{Value as Json, json};

static VALIDATOR: LazyLock<Validator> = LazyLock::new(|| {
    let schema = serde_json::from_str(SCHEMA).expect("the schema is JSON");
    jsonschema::draft202012::meta::validate(&schema).expect("the schema is a schema");
    jsonschema::draft202012::new(&schema).expect("the schema compiles")
});

/// Parses a document, which the schema must admit.
fn parsed(written: &Written) -> Json {
    let document = serde_json::from_str(&written.text).expect("it is JSON");
    if let Err(error) = VALIDATOR.validate(&document) {
        panic!("{error}, at {}, in {}", error.instance_path(), written.text);
    }
    document
}

fn of(outcome: Outcome<'_>, stdout: &str, max_bytes: u64) -> Written {
    let document = Document {
        outcome,
        printed: Printed {
            stdout: Cow::Borrowed(stdout),
            stderr: Cow::Borrowed(""),
        },
        statistics: Statistics {
            elapsed_micros: Some(7),
            ..Statistics::default()
        },
        max_bytes,
    };
    let written = document.write(Layout::Compact);
    let pretty = document.write(Layout::Pretty);
    let both = (parsed(&written), parsed(&pretty));
    if max_bytes > 1000 {
        assert_eq!(both.0, both.1, "the layouts differ");
        let expected = format!("{:#}\n", both.0);
        if expected.is_ascii() && keeps_order() {
            assert_eq!(pretty.text, expected);
        }
    }
    written
}

/// Whether another crate of this build makes serde_json keep the order of keys.
fn keeps_order() -> bool {
    let object = json!({ "b": 1, "a": 2 });
    object.to_string().starts_with(r#"{"b""#)
}

fn exception(type_name: &str, message: &str) -> ExceptionReport {
    ExceptionReport {
        exception: Exception::new(type_name, message),
        traceback: Vec::new(),
        detail: None,
        hint: None,
    }
}

fn raised(report: &ExceptionReport) -> Outcome<'_> {
    Outcome::Failure(Failure {
        exception: Some(report),
        ..Failure::new("script", "")
    })
}

#[test]
fn each_outcome_has_every_key() {
    let value = Value::dict([("a", Value::list([Value::Int(1), Value::Float(2.5)]))]);
    let set = Value::set([1, 2]);
    let report = exception("KeyError", "k");
    let arguments = [Value::Int(10), Value::set(["x"])];
    let keyword = [("reason".to_owned(), Value::from("none"))];
    let suspended = Suspended {
        snapshot: "a.snapshot".to_owned(),
        calls: vec![Waiting {
            id: 0,
            name: "approve",
            positional: &arguments,
            keyword: &keyword,
        }],
        resume: "monty-host resume a.snapshot --answer JSON".to_owned(),
    };
    let outcomes = [
        Outcome::Value(&value),
        Outcome::Value(&Value::None),
        Outcome::Value(&set),
        raised(&report),
        Outcome::Failure(Failure::new("request", "no such file")),
        Outcome::Suspended(suspended),
    ];
    let mut keys = None;
    let text: String = outcomes
        .into_iter()
        .map(|outcome| {
            let written = of(outcome, "hi\n", 10 << 20);
            // In the order of the text.
            let found: Vec<usize> = [
                "value",
                "repr",
                "tagged",
                "error",
                "suspended",
                "printed",
                "statistics",
            ]
            .iter()
            .map(|key| written.text.find(&format!("\"{key}\":")).expect(key))
            .collect();
            assert!(found.is_sorted(), "{}", written.text);
            let document = parsed(&written);
            let found: Vec<String> = document
                .as_object()
                .expect("it is an object")
                .keys()
                .cloned()
                .collect();
            assert_eq!(*keys.get_or_insert(found.clone()), found);
            format!("{}{}", written.exit_code, written.text)
        })
        .collect();
    insta::assert_snapshot!(text);
}

#[test]
fn the_other_forms_take_what_is_left() {
    let value = Value::list([1, 2, 3]);
    let shown = |max_bytes| {
        let document = parsed(&of(Outcome::Value(&value), "x", max_bytes));
        ["value", "repr", "tagged", "error"].map(|form| !document[form].is_null())
    };
    // `[1,2,3]` and `x`, `"[1, 2, 3]"`, and the kinds.
    let tagged = r#"{"list":[{"int":"1"},{"int":"2"},{"int":"3"}]}"#.len() as u64;
    assert_eq!(shown(7), [false, false, false, true]);
    assert_eq!(shown(8), [true, false, false, false]);
    assert_eq!(shown(18), [true, false, false, false]);
    assert_eq!(shown(19), [true, true, false, false]);
    assert_eq!(shown(18 + tagged), [true, true, false, false]);
    assert_eq!(shown(19 + tagged), [true, true, true, false]);
    // A short form may fit where a longer one does not.
    let text = Value::from("'\"".repeat(20));
    let document = parsed(&of(Outcome::Value(&text), "", 62 + 73));
    assert!(document["repr"].is_null() && !document["tagged"].is_null());
}

#[test]
fn what_does_not_fit_is_an_error_with_the_prints_that_fit() {
    let value = Value::from("y".repeat(80));
    let written = of(Outcome::Value(&value), &"x".repeat(50), 100);
    assert_eq!(written.exit_code, exit::LIMIT);
    let document = parsed(&written);
    assert_eq!(document["error"]["limit"], "output");
    assert_eq!(document["printed"]["stdout"], "x".repeat(50));
    let written = of(
        Outcome::Value(&Value::None),
        &"\u{1}\u{9f}é".repeat(50),
        100,
    );
    let document = parsed(&written);
    assert_eq!(document["printed"]["stdout"], "\u{1}\u{9f}é".repeat(7));
}

#[test]
fn long_exceptions_are_cut_or_too_long() {
    let report = exception("ValueError", &"\u{1}".repeat(20_000_000));
    let written = of(raised(&report), "", 10 << 20);
    assert!(written.text.len() < 10 << 20);
    assert_eq!(written.exit_code, exit::SCRIPT);
    let document = parsed(&written);
    let message = document["error"]["message"].as_str().expect("a message");
    assert!(message.ends_with("… (18951424 more bytes)"));
    assert!(document["error"]["rendered"].is_null());
    let report = exception("ValueError", &"x".repeat(200));
    let document = parsed(&of(raised(&report), "", 100));
    assert_eq!(document["error"]["kind"], "limit");
    let document = parsed(&of(raised(&report), "", 1 << 20));
    let rendered = format!("ValueError: {}", "x".repeat(200));
    assert_eq!(document["error"]["rendered"], rendered);
}

#[test]
fn other_messages_and_findings_of_the_checker_are_short() {
    let failure = Failure {
        diagnostics: Some(json!([])),
        ..Failure::new("check", "x".repeat(1 << 20))
    };
    let written = of(Outcome::Failure(failure), "", 0);
    assert!(written.text.len() < 2000, "{}", written.text.len());
    assert!(parsed(&written)["error"]["diagnostics"].is_null());
}

#[test]
fn a_suspended_script_stays_one() {
    let arguments = [Value::from("x".repeat(1000))];
    let suspended = || {
        Outcome::Suspended(Suspended {
            snapshot: "a.snapshot".to_owned(),
            calls: vec![Waiting {
                id: 3,
                name: "f",
                positional: &arguments,
                keyword: &[],
            }],
            resume: "resume".to_owned(),
        })
    };
    let written = of(suspended(), &"y".repeat(200), 100);
    assert_eq!(written.exit_code, exit::SUSPENDED);
    let document = parsed(&written);
    assert!(document["suspended"]["calls"].is_null());
    assert_eq!(document["suspended"]["snapshot"], "a.snapshot");
    assert_eq!(document["printed"]["stdout"], "y".repeat(100));
    let document = parsed(&of(suspended(), "", 2000));
    assert_eq!(document["suspended"]["calls"][0]["id"], 3);
}

#[test]
fn terminals_are_not_controlled() {
    let text =
        "\u{1b}[2J \u{7f} \u{9b}31m \u{202e}rtl\u{2028}\u{200b} e\u{301} \u{a0}é 日本 👍 \u{e0041}";
    let value = Value::from(text);
    let written = of(Outcome::Value(&value), text, 10 << 20);
    assert_eq!(parsed(&written)["value"], text);
    assert_eq!(parsed(&written)["printed"]["stdout"], text);
    let start = written.text.split(",\"repr\"").next().expect("a start");
    insta::assert_snapshot!(start);
}

/// What is added to the types has to be added to the schema, and the other way
/// round: it requires all that it names.
#[test]
fn the_schema_admits_nothing_else() {
    let report = exception("KeyError", "k");
    let document = parsed(&of(raised(&report), "", 10 << 20));
    for place in ["", "/error", "/printed", "/statistics"] {
        let mut more = document.clone();
        more.pointer_mut(place).expect(place)["more"] = json!(1);
        assert!(!VALIDATOR.is_valid(&more), "{place}");
        let names: Vec<String> = document
            .pointer(place)
            .and_then(Json::as_object)
            .expect(place)
            .keys()
            .cloned()
            .collect();
        for name in names {
            let mut less = document.clone();
            less.pointer_mut(place)
                .and_then(Json::as_object_mut)
                .expect(place)
                .remove(&name);
            assert!(!VALIDATOR.is_valid(&less), "{place}/{name}");
        }
    }
}
