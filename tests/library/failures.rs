//! The errors that a user sees when a script fails.

use monty_host::{Error, ErrorKind, Monty, Options};

use crate::support::{assert_next_run_works, assert_snapshot, run, script};

fn fails(source: &str) -> Error {
    run(source).expect_err("the script fails")
}

#[test]
fn uncaught_exception() {
    let source = "\
def area(shape):
    return shape['width'] * shape['height']

shapes = [{'width': 2, 'height': 3}, {'width': 4}]
[area(shape) for shape in shapes]
";
    let error = script(source)
        .options(Options::new().script_name("shapes.py"))
        .run_blocking();
    let error = error.expect_err("a key is missing");
    assert_eq!(error.kind(), ErrorKind::Script);
    let report = error.exception_report().expect("it was raised");
    assert_eq!(report.exception.type_name, "KeyError");
    assert_eq!(report.traceback.len(), 2);
    assert_snapshot!("traceback", error.to_string());
}

#[test]
fn every_exception_type() {
    let sources = [
        "raise ValueError('v')",
        "raise ValueError",
        "raise TypeError()",
        "1 / 0",
        "[][1]",
        "{}['k']",
        "int('x')",
        "'a' + 1",
        "None.x",
        "undefined",
        "assert 1 == 2",
        "assert False, 'because'",
        "import nothing",
        "from math import nothing",
        "import json\njson.loads('{')",
        "b'\\xff'.decode()",
        "'é'.encode('ascii')",
        "import re\nre.compile('(')",
        "import decimal\ndecimal.Decimal('x')",
        "raise SystemExit('bye')",
        "raise KeyboardInterrupt",
        "raise TimeoutError('mine')",
        "raise MemoryError('mine')",
        "open('/etc/passwd')",
        "import os\nos.environ",
        "next(iter([]))",
        "a, b = 1",
        "(lambda x: x)()",
    ];
    let seen: Vec<_> = sources
        .iter()
        .map(|source| {
            let error = fails(source);
            assert_eq!(error.kind(), ErrorKind::Script, "{source}");
            format!("{source:?}\n    {}", error.summary())
        })
        .collect();
    assert_snapshot!("exception-types", seen.join("\n"));
}

#[test]
fn source_that_is_not_python() {
    let sources = [
        "x = = 1",
        "def f(:\n    pass",
        "if True:\nprint(1)",
        "f'{'",
        "x = 'unterminated",
        "class A(B): pass",
        "def f():\n    yield 1",
        "del x",
        "async with a: pass",
    ];
    let seen: Vec<_> = sources
        .iter()
        .map(|source| {
            let error = fails(source);
            assert_eq!(error.kind(), ErrorKind::Source, "{source}");
            let place = error
                .exception_report()
                .and_then(|report| report.traceback.last())
                .map(|frame| format!("line {}, column {}", frame.start.line, frame.start.column));
            format!("{error}\n    at {}\n", place.expect("there is a place"))
        })
        .collect();
    assert_snapshot!("invalid-source", seen.join("\n"));
}

#[test]
fn long_recursion_is_shown_once() {
    let source = "def down(n):\n    if n == 0:\n        raise ValueError('bottom')\n    down(n - 1)\ndown(50)";
    assert_snapshot!("recursive-traceback", fails(source).to_string());
}

/// As in CPython: where it was raised, not where it is passed on.
#[test]
fn an_exception_that_is_passed_on_shows_where_it_was_raised() {
    let sources = [
        // No handler matches.
        "def half(n):\n    return n / 0\n\ndef tried(n):\n    try:\n        half(n)\n    except KeyError as e:\n        print('missing', e)\n    except IndexError:\n        print('short')\n\ntried(1)",
        // A statement ends with it.
        "class Log:\n    def __enter__(self):\n        return self\n    def __exit__(self, *args):\n        return None\n\nwith Log():\n    try:\n        int('x')\n    finally:\n        print('over')",
        // `raise` alone, also where a helper has it.
        "def again():\n    raise\n\ndef first(rows):\n    try:\n        return rows[0]\n    except IndexError:\n        try:\n            int('x')\n        except ValueError:\n            again()\n\nfirst([])",
        "def again():\n    print('nothing is handled')\n    raise\n\nagain()",
        // Code that is gone when it is passed on.
        "def told(code):\n    try:\n        eval(code)\n    except KeyError:\n        pass\n    finally:\n        eval('2')\n\ntold('1 / 0')",
        // In tasks.
        "import asyncio\n\nasync def fetch(n):\n    try:\n        await asyncio.sleep(0)\n        return 1 / n\n    except KeyError:\n        return 0\n\nawait asyncio.gather(fetch(1), fetch(0))",
    ];
    let seen: Vec<_> = sources
        .iter()
        .map(|source| format!("{source}\n\n{}\n", fails(source)))
        .collect();
    assert_snapshot!("passed-on", seen.join("\n"));
}

#[test]
fn details_of_exceptions() {
    let error = fails("import json\njson.loads('{\"a\": }')");
    let report = error.exception_report().expect("it was raised");
    assert_snapshot!("exception-detail", format!("{:#?}", report.detail));
}

#[test]
fn requests_that_cannot_be() {
    let cases = [
        ("a name that is no identifier", script("1").input("a b", 1)),
        (
            "an unknown time zone",
            Ok(script("1").options(Options::new().local_timezone("Mars/Olympus"))),
        ),
        (
            "a relative directory",
            Ok(script("1").options(Options::new().working_directory("data"))),
        ),
    ];
    let seen: Vec<_> = cases
        .into_iter()
        .map(|(case, script)| {
            let error = script
                .and_then(monty_host::Script::run_blocking)
                .expect_err(case);
            assert_eq!(error.kind(), ErrorKind::Request, "{case}");
            format!("{case}: {error}")
        })
        .collect();
    assert_snapshot!("invalid-requests", seen.join("\n"));
}

#[test]
fn a_result_that_does_not_fit_names_the_field() {
    #[derive(Debug, serde::Deserialize)]
    #[expect(dead_code, reason = "only its shape matters")]
    struct Row {
        price: f64,
    }
    let report = run("[{'price': 1.5}, {'price': 'two'}]").expect("runs");
    let error = report.extract::<Vec<Row>>().expect_err("text is no price");
    assert_eq!(error.kind(), ErrorKind::Request);
    assert_eq!(error.to_string(), "[1].price: expected float, got str");
}

#[tokio::test]
async fn blocking_inside_async_is_refused() {
    let error = run("1").expect_err("it would block the executor");
    assert_eq!(error.kind(), ErrorKind::Request);
    assert!(error.to_string().contains("use `run().await`"), "{error}");
}

#[test]
fn a_precompiled_component_from_elsewhere_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let refused = |content: Option<&[u8]>| {
        let path = folder.path().join("monty.cwasm");
        if let Some(content) = content {
            std::fs::write(&path, content).expect("the file is written");
        }
        // SAFETY: none of these files holds code.
        let error = unsafe { Monty::builder().build_precompiled(&path) }.expect_err("refused");
        assert_eq!(error.kind(), ErrorKind::Request);
        error
            .to_string()
            .replace(&folder.path().display().to_string(), "FOLDER")
    };
    // The smallest component there is, compiled with the version it has.
    let other = Monty::builder().component(*b"\0asm\x0d\0\x01\0");
    let other = other.compile().expect("an empty component compiles");
    let component = monty_host::component().expect("it is whole");
    let seen = [
        refused(None),
        refused(Some(b"not code")),
        refused(Some(&component)),
        refused(Some(&other)),
    ];
    let mut settings = insta::Settings::clone_current();
    settings.add_filter("[0-9a-f]{64}", "[hash]");
    settings.add_filter(r"monty-host \d+\.\d+\.\d+", "monty-host [version]");
    settings.bind(|| assert_snapshot!("precompiled-refused", seen.join("\n")));
    assert_next_run_works();
}
