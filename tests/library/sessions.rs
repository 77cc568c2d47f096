//! Sessions, which keep their names from one snippet to the next.

use monty_host::os::{MemoryFiles, Randomness, System};
use monty_host::{
    Answers, Collect, Error, ErrorKind, FeedOptions, Host, InterruptHandle, Limit, Limits, Options,
    Progress, Report, Session, SessionBuilder, SnapshotKey, Suspension, ToolError, Tools, Value,
};
use serde::Serialize;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::support::{assert_snapshot, in_time, monty};

fn tools() -> Tools {
    Tools::new()
        .function("double", ["n"], |n: i64| Ok::<_, ToolError>(2 * n))
        .function("crash", (), || Err::<(), _>(ToolError::value_error("no")))
        .function("ask", ["n"], |_: Value| Err::<(), _>(ToolError::suspend()))
        .async_function("fetch", ["n"], async |n: i64| {
            tokio::task::yield_now().await;
            Ok::<_, ToolError>(n + 1)
        })
}

fn builder() -> SessionBuilder {
    monty().session().host(tools())
}

async fn session() -> Session {
    builder().open().await.expect("it opens")
}

async fn feed(session: &mut Session, source: &str) -> Report {
    in_time(session.feed(source).run())
        .await
        .expect("the code has a value")
}

async fn repr(session: &mut Session, source: &str) -> String {
    feed(session, source).await.value.to_string()
}

async fn fails(session: &mut Session, source: &str) -> Error {
    in_time(session.feed(source).run())
        .await
        .expect_err("the code fails")
}

async fn suspends(session: &mut Session, source: &str) -> Suspension {
    match in_time(session.feed(source).start()).await {
        Ok(Progress::Suspended(suspension)) => suspension,
        other => panic!("it asks: {other:?}"),
    }
}

fn value(call: u32, value: impl Serialize) -> Answers {
    Answers::new().value(call, value).expect("it has a form")
}

#[tokio::test]
async fn names_and_functions_persist() {
    let mut session = session().await;
    feed(&mut session, "import math\nx = 20").await;
    feed(&mut session, "def f(n):\n    return n * x").await;
    feed(
        &mut session,
        "class C:\n    def __init__(self): self.items = []\nc = C()",
    )
    .await;
    feed(&mut session, "c.items.append(f(2))").await;
    assert_eq!(
        repr(&mut session, "(c.items, math.isqrt(x))").await,
        "([40], 4)"
    );
    feed(&mut session, "x = 3").await;
    assert_eq!(repr(&mut session, "f(2)").await, "6");
}

#[tokio::test]
async fn each_feed_has_its_own_inputs_limits_and_print() {
    let mut session = session().await;
    let report = in_time(
        session
            .feed("a + b")
            .input("a", 1)
            .and_then(|feed| feed.input("b", 2))
            .expect("ints")
            .run(),
    )
    .await
    .expect("it runs");
    assert_eq!(report.value.as_i64(), Some(3));
    let report = in_time(session.feed("a + b").input("a", 10).expect("an int").run())
        .await
        .expect("inputs stay");
    assert_eq!(report.value.as_i64(), Some(12));

    let collect = Collect::new();
    let report = in_time(
        session
            .feed("print('own')")
            .options(FeedOptions::new().print(collect.clone()))
            .run(),
    )
    .await
    .expect("it prints");
    assert_eq!(report.printed.to_string(), "");
    assert_eq!(collect.take().to_string(), "own\n");
    let report = feed(&mut session, "print('of the session')").await;
    assert_eq!(report.printed.to_string(), "of the session\n");
    assert_eq!(collect.take().to_string(), "");

    let calls = "for n in range(5): double(n)";
    let few = Limits::default().with_recursion_depth(10);
    let deep = "def f(n):\n    return n and f(n - 1)\nf(20)";
    let error = in_time(
        session
            .feed(deep)
            .options(FeedOptions::new().limits(few))
            .run(),
    )
    .await
    .expect_err("ten are too few");
    assert_eq!(error.limit(), Some(Limit::Recursion));
    feed(&mut session, deep).await;
    let report = feed(&mut session, calls).await;
    assert_eq!(report.statistics.calls, 5);
}

#[tokio::test]
async fn names_of_inputs_are_identifiers() {
    let mut session = session().await;
    let mut seen = Vec::new();
    for name in ["not a name", "1x", ""] {
        let feed = session.feed("1").input(name, 1).expect("an int");
        let error = in_time(feed.run()).await.expect_err("it is no name");
        assert_eq!(error.kind(), ErrorKind::Request);
        seen.push(error.to_string());
    }
    assert_snapshot!("input-names", seen.join("\n"));
    assert_eq!(repr(&mut session, "1").await, "1");
}

#[tokio::test]
async fn an_error_leaves_what_was_defined_before_it() {
    let mut session = session().await;
    let error = fails(&mut session, "x = 1\ny = 2\n1 / 0\nz = 3").await;
    assert_eq!(error.kind(), ErrorKind::Script);
    assert_eq!(repr(&mut session, "(x, y)").await, "(1, 2)");
    assert_eq!(fails(&mut session, "z").await.kind(), ErrorKind::Script);

    let error = fails(&mut session, "x = 5\n(").await;
    assert_eq!(error.kind(), ErrorKind::Source);
    assert_eq!(repr(&mut session, "x").await, "1", "nothing of it ran");

    let error = fails(&mut session, "x = 6\ncrash()").await;
    assert_eq!(error.kind(), ErrorKind::Script);
    assert_eq!(repr(&mut session, "x").await, "6");
}

#[tokio::test]
async fn a_limit_inside_leaves_the_session() {
    let limits = Limits::default()
        .with_duration(Duration::from_millis(200))
        .with_memory_bytes(20 << 20);
    let mut session = builder().limits(limits).open().await.expect("it opens");
    for (source, limit) in [
        ("a = 1\nwhile True: pass", Limit::Duration),
        (
            "b = 2\nxs = []\nwhile True: xs.append('x' * 10_000)",
            Limit::Memory,
        ),
        ("c = 3\ndef f(): f()\nf()", Limit::Recursion),
    ] {
        let error = fails(&mut session, source).await;
        assert_eq!(error.limit(), Some(limit), "{error}");
        feed(&mut session, "xs = None").await;
    }
    assert_eq!(repr(&mut session, "(a, b, c)").await, "(1, 2, 3)");
}

#[tokio::test]
async fn a_limit_outside_ends_the_session() {
    let mut seen = String::new();
    for (source, limits) in [
        ("while True: double(1)", Limits::default().with_calls(10)),
        (
            "while True: print('x')",
            Limits::default().with_output_bytes(100),
        ),
    ] {
        let mut session = builder().limits(limits).open().await.expect("it opens");
        feed(&mut session, "x = 1").await;
        let error = fails(&mut session, source).await;
        assert_eq!(error.kind(), ErrorKind::Limit);
        for _ in 0..2 {
            let error = fails(&mut session, "x").await;
            assert_eq!(error.kind(), ErrorKind::Request);
            seen.push_str(&format!("{error}\n"));
        }
    }
    assert_snapshot!("ended", seen);
}

const FUNCTIONS: &str = "\
def show(*args, **kwargs):
    return f'{args} {kwargs}'
def add(a, b=10, *, c=100):
    return a + b + c
async def later(n):
    return await fetch(n) + 1
def through(n):
    return double(n) + 1
def raises():
    return 1 / 0
def asks(n):
    return [n, ask(n)]
count = 0
def counts():
    global count
    count += 1
    return count
not_a_function = 1
";

#[tokio::test]
async fn functions_of_the_session_are_called() {
    let mut session = session().await;
    feed(&mut session, FUNCTIONS).await;
    let call = |session: &mut Session, name: &str| {
        let feed = session.call(name);
        format!("{feed:?}")
    };
    assert!(call(&mut session, "add").contains("add"));

    let report = session
        .call("add")
        .argument(1)
        .and_then(|call| call.keyword("c", 1000));
    let report = in_time(report.expect("ints").run()).await.expect("it adds");
    assert_eq!(report.value.as_i64(), Some(1011));

    #[derive(Serialize)]
    struct Row {
        id: u32,
        tags: Vec<&'static str>,
    }
    let row = Row {
        id: 7,
        tags: vec!["new"],
    };
    let report = session
        .call("show")
        .argument(&row)
        .and_then(|call| call.argument(None::<i64>))
        .and_then(|call| call.keyword("when", "now"))
        .and_then(|call| call.keyword("n", 2.5));
    let report = in_time(report.expect("they have forms").run())
        .await
        .expect("it shows");
    assert_eq!(
        report.value.as_str(),
        Some("({'id': 7, 'tags': ['new']}, None) {'when': 'now', 'n': 2.5}")
    );

    let later = session.call("later").argument(40).expect("an int").awaits();
    assert_eq!(
        in_time(later.run()).await.expect("it waits").value.as_i64(),
        Some(42)
    );
    let through = session.call("through").argument(4).expect("an int");
    let report = in_time(through.run()).await.expect("it calls the tool");
    assert_eq!(report.value.as_i64(), Some(9));
    assert_eq!(report.statistics.calls, 1);
    for n in 1..4 {
        let report = in_time(session.call("counts").run())
            .await
            .expect("it counts");
        assert_eq!(report.value.as_i64(), Some(n));
    }
    assert_eq!(repr(&mut session, "count").await, "3");
}

#[tokio::test]
async fn calls_that_fail() {
    let mut session = session().await;
    feed(&mut session, FUNCTIONS).await;
    let mut seen = String::new();
    for name in [
        "unknown",
        "not_a_function",
        "double",
        "len",
        "not a name",
        "f()\nprint",
        "",
        "raises",
        "add",
    ] {
        let error = in_time(session.call(name).run())
            .await
            .expect_err("it fails");
        seen.push_str(&format!("{name:?}: {}\n{error}\n\n", error.kind().name()));
    }
    let twice = session
        .call("show")
        .keyword("a", 1)
        .and_then(|call| call.keyword("a", 2));
    let error = twice.expect_err("a name twice");
    seen.push_str(&format!("a keyword twice: {error}"));
    assert_snapshot!("calls-that-fail", seen);
    let functions = in_time(session.functions()).await.expect("it goes on");
    assert_eq!(
        functions,
        [
            "add", "asks", "counts", "later", "raises", "show", "through"
        ]
    );
}

#[tokio::test]
async fn a_call_is_suspended_and_goes_on() {
    let mut session = session().await;
    feed(&mut session, FUNCTIONS).await;
    let call = session.call("asks").argument(3).expect("an int");
    let Ok(Progress::Suspended(suspension)) = in_time(call.start()).await else {
        panic!("it asks");
    };
    assert!(session.is_suspended());
    assert_eq!(
        in_time(session.functions()).await.expect("it waits"),
        Vec::<String>::new()
    );
    let error = fails(&mut session, "1").await;
    assert_eq!(error.kind(), ErrorKind::Request);
    let error = in_time(session.call("counts").run())
        .await
        .expect_err("it is suspended");
    assert_eq!(error.kind(), ErrorKind::Request);
    assert!(session.is_suspended());
    let error = in_time(session.resume(value(99, 1)).run())
        .await
        .expect_err("it does not ask that");
    assert_eq!(error.kind(), ErrorKind::Request);
    assert!(session.is_suspended());
    let answers = value(suspension.calls[0].id, "yes");
    let report = in_time(session.resume(answers).run())
        .await
        .expect("it goes on");
    assert_eq!(report.value.to_string(), "[3, 'yes']");
    assert!(!session.is_suspended());
    let error = in_time(session.resume(Answers::new()).run())
        .await
        .expect_err("nothing waits");
    assert_eq!(error.to_string(), "no call waits");
}

#[tokio::test]
async fn what_is_suspended_may_fail_or_be_given_up() {
    let mut session = session().await;
    let suspension = suspends(&mut session, "x = 1\nask(1)\nx = 2").await;
    in_time(session.abandon()).await.expect("it goes on");
    assert!(!session.is_suspended());
    assert_eq!(repr(&mut session, "x").await, "1");
    drop(suspension);

    let suspension = suspends(&mut session, "x = 3\nask(1)\nx = 4").await;
    let answers = Answers::new().raise(
        suspension.calls[0].id,
        ToolError::permission_error("not this one"),
    );
    let error = in_time(session.resume(answers).run())
        .await
        .expect_err("it is not caught");
    assert_eq!(error.kind(), ErrorKind::Script);
    assert!(!session.is_suspended());
    assert_eq!(repr(&mut session, "x").await, "3");
}

#[tokio::test]
async fn a_suspended_feed_goes_on_with_its_own_limits() {
    let mut session = session().await;
    let limits = Limits::default().with_calls(3);
    let source = "ask(1)\nfor n in range(5): double(n)";
    let feed = session
        .feed(source)
        .options(FeedOptions::new().limits(limits));
    let Ok(Progress::Suspended(suspension)) = in_time(feed.start()).await else {
        panic!("it asks");
    };
    let id = suspension.calls[0].id;
    let mut copy = builder()
        .restore(&suspension.snapshot)
        .await
        .expect("it is whole");
    for session in [&mut session, &mut copy] {
        let error = in_time(session.resume(value(id, 1)).run())
            .await
            .expect_err("three are too few");
        assert_eq!(error.limit(), Some(Limit::Calls));
    }
}

/// A session may hold as much as its memory limit allows, and its snapshot
/// still fits the instance beside it, where the limits are the defaults.
#[tokio::test]
async fn a_session_of_100_mib_is_dumped_and_restored() {
    // The bytes take twice as much in a snapshot.
    for state in [
        "[b'\\xff' * 2**20 for i in range(100)]",
        "[0] * (4 * 2**20)",
    ] {
        let limits = Limits::default()
            .with_message_bytes(512 << 20)
            .with_duration(Duration::from_secs(60));
        let opened = monty().session().limits(limits).open().await;
        let mut session = opened.expect("it opens");
        let length = repr(&mut session, &format!("state = {state}\nlen(state)")).await;
        for _ in 0..2 {
            let snapshot = in_time(session.dump()).await.expect(state);
            drop(session);
            let restored = monty().session().restore(&snapshot).await;
            session = restored.expect("it is whole");
        }
        assert_eq!(repr(&mut session, "len(state)").await, length, "{state}");
    }
}

#[tokio::test]
async fn a_session_is_dumped_and_restored() {
    let mut session = session().await;
    feed(&mut session, FUNCTIONS).await;
    feed(&mut session, "xs = [1]\nys = xs").await;
    let idle = in_time(session.dump()).await.expect("it is idle");
    feed(&mut session, "xs.append('original')").await;

    // One snapshot, two sessions.
    let mut copies = Vec::new();
    for name in ["first", "second"] {
        let mut copy = builder().restore(&idle).await.expect("it is whole");
        feed(&mut copy, &format!("xs.append('{name}')")).await;
        copies.push(copy);
    }
    for (copy, expected) in copies.iter_mut().zip(["[1, 'first']", "[1, 'second']"]) {
        assert_eq!(repr(copy, "ys").await, expected);
        assert_eq!(repr(copy, "add(1)").await, "111");
    }
    assert_eq!(repr(&mut session, "ys").await, "[1, 'original']");

    // In the middle.
    let suspension = suspends(&mut session, "xs.append(ask(1))\nlen(xs)").await;
    let dumped = in_time(session.dump()).await.expect("it is suspended");
    let id = suspension.calls[0].id;
    for snapshot in [&dumped, &suspension.snapshot] {
        let mut copy = builder().restore(snapshot).await.expect("it is whole");
        assert!(copy.is_suspended());
        let report = in_time(copy.resume(value(id, "answer")).run())
            .await
            .expect("it goes on");
        assert_eq!(report.value.as_i64(), Some(3));
        assert_eq!(repr(&mut copy, "ys[-1]").await, "'answer'");
    }
    assert!(session.is_suspended());
    let report = in_time(session.resume(value(id, 0)).run())
        .await
        .expect("it goes on");
    assert_eq!(report.value.as_i64(), Some(3));
}

#[tokio::test]
async fn a_parked_session_is_the_same() {
    let mut session = session().await;
    feed(&mut session, FUNCTIONS).await;
    session.park().await;
    session.park().await;
    assert_eq!(repr(&mut session, "counts()").await, "1");
    let suspension = suspends(&mut session, "print('a')\nask(1)").await;
    session.park().await;
    let parked = in_time(session.dump()).await.expect("it is in bytes");
    assert!(builder().restore(&parked).await.is_ok());
    let report = in_time(session.resume(value(suspension.calls[0].id, 5)).run())
        .await
        .expect("it goes on");
    assert_eq!(report.value.as_i64(), Some(5));
    assert_eq!(report.printed.to_string(), "");
    session.park().await;
    in_time(session.functions()).await.expect("it wakes");
}

#[tokio::test]
async fn statistics_are_of_one_feed() {
    let mut session = session().await;
    let first = feed(&mut session, "for n in range(5): double(n)\nprint('12345')").await;
    assert_eq!(first.statistics.calls, 5);
    assert_eq!(first.statistics.output_bytes, 6);
    let second = feed(&mut session, "double(1)").await;
    assert_eq!(second.statistics.calls, 1);
    assert_eq!(second.statistics.output_bytes, 0);
    let third = feed(&mut session, "for _ in range(200_000): pass").await;
    let fourth = feed(&mut session, "1").await;
    assert!(fourth.statistics.python_time < third.statistics.python_time);
}

#[tokio::test]
async fn a_traceback_spans_pieces() {
    let mut session = session().await;
    feed(&mut session, "def inner(n):\n    return 1 / n").await;
    feed(
        &mut session,
        "def outer(n):\n    x = n\n    return inner(x) + 1",
    )
    .await;
    let error = fails(&mut session, "\nouter(0)").await;
    let called = in_time(session.call("outer").argument(0).expect("an int").run())
        .await
        .expect_err("it divides");
    assert_snapshot!("traceback", format!("{error}\n\n{called}"));
}

/// Code that goes on living is shown whatever ran in between.
#[tokio::test]
async fn a_traceback_shows_code_of_long_ago() {
    let mut session = session().await;
    feed(&mut session, "def divide(n):\n    return 1 / n").await;
    feed(&mut session, "by_lambda = lambda n: divide(n)  # kept").await;
    feed(
        &mut session,
        "class Divider:\n    def of(self, n):\n        return by_lambda(n)",
    )
    .await;
    feed(
        &mut session,
        "exec('def executed(n):\\n    return Divider().of(n)')",
    )
    .await;
    feed(
        &mut session,
        "async def awaited(n):\n    return executed(n)",
    )
    .await;
    for source in ["x = 1", "x +", "x += 1", "1 / 0", "[x for x in range(3)]"] {
        let _ = in_time(session.feed(source).run()).await;
    }
    let dumped = in_time(session.dump()).await.expect("it is idle");
    let mut copy = builder().restore(&dumped).await.expect("it is whole");
    let last = "y = 0\nawait awaited(y)";
    let error = fails(&mut session, last).await;
    assert_eq!(error.to_string(), fails(&mut copy, last).await.to_string());
    assert_snapshot!("traceback-of-long-ago", error);
}

/// A session grows by what its names hold, and not by each piece that it runs.
#[tokio::test]
async fn pieces_that_define_no_code_leave_nothing() {
    async fn size(session: &mut Session) -> usize {
        let snapshot = in_time(session.dump()).await.expect("it is idle");
        let key = SnapshotKey::new([7; 32]).expect("long enough");
        snapshot.to_bytes(&key).expect("it is in bytes").len()
    }
    const NUMBERS: usize = 32;

    let mut session = session().await;
    feed(&mut session, "total = 0").await;
    for _ in 0..3 {
        feed(&mut session, "total += double(1)").await;
    }
    let before = size(&mut session).await;
    for _ in 0..300 {
        feed(&mut session, "total += double(1)").await;
        fails(&mut session, "total +=").await;
        fails(&mut session, "total / 0").await;
    }
    assert_eq!(repr(&mut session, "total += double(1)\ntotal").await, "608");
    let after = size(&mut session).await;
    assert!(after <= before + NUMBERS, "{before} bytes became {after}");
}

#[tokio::test]
async fn seeded_randomness_goes_on() {
    let draw = "import random\n[random.random(), random.randint(0, 9)]";
    let seeded = || {
        builder()
            .options(Options::new().randomness(Randomness::Seeded(11)))
            .open()
    };
    let mut whole = seeded().await.expect("it opens");
    let expected = [
        repr(&mut whole, draw).await,
        repr(&mut whole, draw).await,
        repr(&mut whole, draw).await,
    ];
    assert_ne!(expected[0], expected[1]);

    let mut session = seeded().await.expect("it opens");
    assert_eq!(repr(&mut session, draw).await, expected[0]);
    session.park().await;
    assert_eq!(repr(&mut session, draw).await, expected[1]);
    let snapshot = in_time(session.dump()).await.expect("it is idle");
    let mut restored = builder().restore(&snapshot).await.expect("it is whole");
    assert_eq!(repr(&mut restored, draw).await, expected[2]);

    feed(&mut session, "random.seed(3)").await;
    let again = repr(&mut session, draw).await;
    feed(&mut session, "random.seed(3)").await;
    session.park().await;
    assert_eq!(repr(&mut session, draw).await, again);
}

#[tokio::test]
async fn objects_of_two_instances_of_a_seeded_session_differ() {
    let mut session = builder()
        .options(Options::new().randomness(Randomness::Seeded(11)))
        .open()
        .await
        .expect("it opens");
    let source = "class C: pass\nC()";
    let mut objects = Vec::new();
    for _ in 0..3 {
        objects.push(feed(&mut session, source).await.value);
        session.park().await;
    }
    let snapshot = in_time(session.dump()).await.expect("it is idle");
    let mut restored = builder().restore(&snapshot).await.expect("it is whole");
    objects.push(feed(&mut restored, source).await.value);
    for (index, object) in objects.iter().enumerate() {
        let first = objects.iter().position(|other| other == object);
        assert_eq!(first, Some(index), "two have the same identity");
    }
}

#[tokio::test]
async fn the_working_directory_goes_on() {
    let files = MemoryFiles::new()
        .file("/folder/hello.txt", "hello")
        .expect("a path");
    let system = System::new().files(files).expect("mounted");
    let mut session = builder()
        .host(Host::new().os(system))
        .options(Options::new().working_directory("/folder"))
        .open()
        .await
        .expect("it opens");
    assert_eq!(
        repr(&mut session, "open('hello.txt').read()").await,
        "'hello'"
    );
    feed(&mut session, "import os\nos.chdir('/')").await;
    session.park().await;
    assert_eq!(
        repr(
            &mut session,
            "(os.getcwd(), open('folder/hello.txt').read())"
        )
        .await,
        "('/', 'hello')"
    );
}

#[tokio::test]
async fn an_object_twice_in_an_input_is_one() {
    let mut session = session().await;
    let shared = Value::list([Value::from(1_i64)]);
    let input = Value::list([shared.clone(), shared]);
    let feed = session.feed("x[0].append(2)\n(x, x[0] is x[1])");
    let report = in_time(feed.input("x", input).expect("a list").run())
        .await
        .expect("it runs");
    assert_eq!(report.value.to_string(), "([[1, 2], [1, 2]], True)");
    session.park().await;
    assert_eq!(repr(&mut session, "x[0] is x[1]").await, "True");
}

#[tokio::test]
async fn a_future_of_one_feed_is_not_awaited_in_the_next() {
    let mut session = session().await;
    feed(&mut session, "a = fetch(1)\nb = fetch(2)").await;
    let first = fails(&mut session, "await a").await;
    session.park().await;
    let second = fails(
        &mut session,
        "import asyncio\nawait asyncio.gather(b, fetch(3))",
    )
    .await;
    assert_snapshot!("old-future", format!("{first}\n\n{second}"));
    assert_eq!(repr(&mut session, "await fetch(3)").await, "4");
}

#[test]
fn a_session_is_used_from_code_that_blocks() {
    let mut session = builder().open_blocking().expect("it opens");
    session.feed("x = 41").run_blocking().expect("it runs");
    let report = session
        .feed("import asyncio\n(await asyncio.gather(fetch(x)))[0]")
        .run_blocking()
        .expect("it waits");
    assert_eq!(report.value.as_i64(), Some(42));
}

/// What the host refuses of a suspension does not leave the session waiting for
/// answers that nobody can give.
#[tokio::test]
async fn a_suspension_that_is_refused_is_given_up() {
    let tools = Tools::new()
        .function("ask", ["n"], |_: Value| Err::<(), _>(ToolError::suspend()))
        .async_function("later", ["n"], async |_: Value| {
            Err::<(), _>(ToolError::suspend())
        })
        .async_function("fails", (), async || {
            Err::<(), _>(ToolError::fatal(std::io::Error::other("gone")))
        });
    let limits = Limits::default().with_host_memory_bytes(150_000);
    let builder = monty().session().host(&tools).limits(limits);
    let mut session = builder.open().await.expect("it opens");
    feed(&mut session, "kept = 5").await;
    let gathered = "import asyncio\nawait asyncio.gather(later('a' * 60000), later('b' * 60000))";
    for source in [gathered, "call = fails()\nask(1)"] {
        let error = in_time(session.feed(source).start())
            .await
            .expect_err("refused");
        assert!(
            matches!(error.kind(), ErrorKind::Limit | ErrorKind::Host),
            "{error}"
        );
        assert!(!session.is_suspended());
        assert_eq!(repr(&mut session, "kept").await, "5", "{source}");
    }
}

/// Interrupts are for what runs, and not for a session that is put into bytes.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_idle_session_is_not_lost_to_an_interrupt() {
    let handle = InterruptHandle::new();
    let limits = Limits::default().with_grace(Duration::ZERO);
    let builder = monty().session().limits(limits);
    let builder = builder.host(Host::new().interrupt(&handle));
    let mut session = builder.open().await.expect("it opens");
    let source = "kept = [str(i) for i in range(20000)]";
    in_time(session.feed(source).run()).await.expect("it ends");
    let stop = Arc::new(AtomicBool::new(false));
    let over = Arc::clone(&stop);
    let thread = std::thread::spawn(move || {
        while !over.load(Ordering::Relaxed) {
            handle.interrupt();
            std::thread::sleep(Duration::from_micros(200));
        }
    });
    for _ in 0..5 {
        in_time(session.dump()).await.expect("it is whole");
        in_time(session.park()).await;
        // It may give up waiting for an instance, and stays whole.
        if let Err(error) = in_time(session.functions()).await {
            assert_eq!(error.kind(), ErrorKind::Interrupted, "{error}");
        }
    }
    stop.store(true, Ordering::Relaxed);
    thread.join().expect("no panic");
    assert_eq!(repr(&mut session, "len(kept)").await, "20000");
}

/// The names of a session's functions are no message of its script.
#[tokio::test]
async fn functions_beyond_the_limit_on_messages() {
    let limits = Limits::default().with_message_bytes(20_000);
    let builder = monty().session().limits(limits);
    let mut session = builder.open().await.expect("it opens");
    for n in 0..30 {
        let name = "x".repeat(1000);
        feed(&mut session, &format!("def f{n}{name}(): pass")).await;
    }
    let functions = in_time(session.functions()).await.expect("it is whole");
    assert_eq!(functions.len(), 30);
    assert_eq!(repr(&mut session, "1").await, "1");
}

#[tokio::test]
async fn a_session_whose_dump_is_dropped_says_so() {
    // A debug build on a busy machine takes seconds for what is to be dumped.
    let limits = Limits::default().with_duration(Duration::from_secs(60));
    let builder = monty().session().limits(limits);
    let mut session = builder.open().await.expect("it opens");
    let source = "kept = [str(i) for i in range(200000)]";
    in_time(session.feed(source).run()).await.expect("it ends");
    let dump = tokio::time::timeout(Duration::ZERO, session.dump()).await;
    assert!(dump.is_err(), "it takes longer than one epoch");
    let error = in_time(session.feed("1").run()).await.expect_err("gone");
    assert_eq!(error.kind(), ErrorKind::Request);
    assert_eq!(
        error.to_string(),
        "the session ended with the code that was cancelled in it"
    );
}
