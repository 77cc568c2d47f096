//! Limits: each one classified, with the next run as good as the first.

use std::time::Duration;

use monty_host::{Error, ErrorKind, Limit, Limits, ToolError, Tools};

use crate::support::{assert_next_run_works, assert_snapshot, monty, run, script};

/// Runs a script that a limit must stop.
fn stopped(source: &str, limits: Limits, limit: Limit) -> Error {
    let error = script(source).limits(limits).run_blocking();
    let error = error.expect_err("a limit stops it");
    assert_eq!(error.kind(), ErrorKind::Limit, "{error}");
    assert_eq!(error.limit(), Some(limit), "{error}");
    assert!(error.statistics().is_some(), "the run began");
    assert_next_run_works();
    error
}

fn short() -> Limits {
    Limits::default().with_duration(Duration::from_millis(50))
}

#[test]
fn infinite_loop_under_the_defaults() {
    let error = run("while True: pass").expect_err("it has no end");
    assert_eq!(error.limit(), Some(Limit::Duration), "{error}");
    let statistics = error.statistics().expect("the run began");
    assert!(statistics.python_time >= Duration::from_secs(5));
    assert_next_run_works();
}

#[test]
fn memory_bombs_under_the_defaults() {
    for source in [
        "'a' * 4_000_000_000",
        "[0] * 10**9",
        "list(range(10**12))",
        "x = []\nwhile True: x.append('a' * 1000000)",
        "x = {}\nfor i in range(10**9): x[i] = str(i)",
        "bytes(4_000_000_000)",
        "10 ** (10 ** 10)",
        "'%1000000000d' % 1",
        "s = 'ab'\nwhile True: s = s + s",
    ] {
        let error = run(source).expect_err(source);
        assert_eq!(error.limit(), Some(Limit::Memory), "{source}: {error}");
        assert_next_run_works();
    }
}

/// The interpreter is a 32-bit program. A greater length is rejected before
/// anything is allocated, with the exception that CPython raises for a length
/// that does not fit.
#[test]
fn lengths_beyond_32_bits() {
    for source in ["'a' * 10**10", "[0] * 10**12", "bytes(10**10)"] {
        let error = run(source).expect_err(source);
        let exception = error.exception().expect(source);
        assert!(
            ["OverflowError", "MemoryError"].contains(&exception.type_name.as_str()),
            "{source}: {error}"
        );
        assert_next_run_works();
    }
}

#[test]
fn runaway_recursion_under_the_defaults() {
    let sources = [
        "def f(): return f()\nf()",
        "def f(): return g()\ndef g(): return f()\nf()",
        "f = lambda x: f(x + 1)\nf(0)",
    ];
    for source in sources {
        let error = run(source).expect_err(source);
        assert_eq!(error.limit(), Some(Limit::Recursion), "{source}: {error}");
        assert_next_run_works();
    }
}

#[test]
fn duration() {
    let error = stopped("x = 0\nwhile True:\n    x += 1", short(), Limit::Duration);
    assert_eq!(
        error.exception().expect("raised inside").type_name,
        "TimeoutError"
    );
    stopped(
        "while True:\n    try:\n        while True: pass\n    except BaseException:\n        pass",
        short(),
        Limit::Duration,
    );
}

#[test]
fn what_reaches_no_check_is_stopped_from_outside() {
    // A compilation is one step for the interpreter, and this one takes long.
    let source = "exec('x = 1\\n' * 3000000)";
    let limits = short().with_grace(Duration::from_millis(50));
    let error = stopped(
        source,
        limits.with_memory_bytes((2 << 30) - 1),
        Limit::Duration,
    );
    assert!(error.exception().is_none(), "it came from outside: {error}");
}

#[test]
fn time_in_tools_does_not_count() {
    let tools = Tools::new().function("wait", (), async || {
        tokio::time::sleep(Duration::from_millis(700)).await;
        Ok::<_, ToolError>(())
    });
    let limit = Duration::from_millis(600);
    let report = script("wait()\nwait()\n'done'")
        .host(&tools)
        .limits(Limits::default().with_duration(limit))
        .run_blocking()
        .expect("Python did next to nothing");
    assert!(report.statistics.wait_time >= Duration::from_millis(1400));
    assert!(report.statistics.python_time < limit);
}

#[test]
fn time_before_the_run_does_not_count() {
    let limit = Duration::from_millis(600);
    let script = script("1 + 1").limits(Limits::default().with_duration(limit));
    std::thread::sleep(Duration::from_millis(700));
    let report = script.run_blocking().expect("Python did next to nothing");
    assert!(report.statistics.python_time < limit);
}

#[test]
fn memory() {
    let limits = Limits::default().with_memory_bytes(8 << 20);
    let error = stopped("x = 'a' * 20_000_000", limits.clone(), Limit::Memory);
    assert_eq!(
        error.exception().expect("raised inside").type_name,
        "MemoryError"
    );
    let source = "x = []\nwhile True:\n    try:\n        x.append([0] * 1000)\n    except BaseException:\n        pass";
    stopped(source, limits, Limit::Memory);
    let roomy = Limits::default().with_memory_bytes(64 << 20);
    let report = script("len('a' * 20_000_000)").limits(roomy).run_blocking();
    assert!(report.expect("it fits").statistics.peak_memory_bytes > 20_000_000);
}

/// What a session held when it gave up its instance, and what a script was given, are the
/// script's as if it had made them: they count while they are there, and no longer.
#[test]
fn memory_from_a_snapshot_and_from_an_input() {
    const FILL: &str = "y = ['q' * 1_000_000 for _ in range(28)]";
    let limits = Limits::default().with_memory_bytes(32 << 20);

    let session = monty().session().limits(limits.clone());
    let mut session = session.open_blocking().expect("it opens");
    let mut feed = |source: &str| {
        let fed = session.feed(source).run_blocking();
        session.park_blocking().expect("it parks");
        fed
    };
    feed("x = 'q' * 20_000_000").expect("20 MB of 33");
    let error = feed(FILL).expect_err("48 MB of 33");
    assert_eq!(error.limit(), Some(Limit::Memory), "{error}");
    feed("x = y = 0").expect("less");
    feed(FILL).expect("28 MB of 33");

    let run = |source: String| {
        let script = script(&source).limits(limits.clone());
        let script = script.input("x", "q".repeat(20_000_000)).expect("text");
        script.run_blocking()
    };
    let error = run(FILL.to_owned()).expect_err("48 MB of 33");
    assert_eq!(error.limit(), Some(Limit::Memory), "{error}");
    run(format!("x = 0\n{FILL}")).expect("28 MB of 33");
}

#[test]
fn recursion() {
    let source = "def f(n): return 0 if n == 0 else 1 + f(n - 1)\nf(60)";
    let limits = Limits::default().with_recursion_depth(50);
    stopped(source, limits, Limit::Recursion);
    assert_eq!(
        run(source).expect("60 is not deep").value.as_i64(),
        Some(60)
    );
    let source =
        "def f(): return f()\ntry:\n    f()\nexcept RecursionError as e:\n    r = str(e)\nr";
    let message: String = run(source).expect("it is caught").extract().expect("text");
    assert_eq!(message, "maximum recursion depth exceeded");
}

#[test]
fn calls() {
    let tools = Tools::new().function("f", (), || Ok::<_, ToolError>(1));
    let run = |source: &str| {
        let limits = Limits::default().with_calls(100);
        script(source).host(&tools).limits(limits).run_blocking()
    };
    assert!(run("for i in range(100): f()").is_ok());
    let error = run("for i in range(101): f()").expect_err("one too many");
    assert_eq!(error.limit(), Some(Limit::Calls), "{error}");
    let source = "while True:\n    try:\n        f()\n    except BaseException:\n        pass";
    let error = run(source).expect_err("without end");
    assert_eq!(error.limit(), Some(Limit::Calls), "{error}");
    assert_next_run_works();
}

#[test]
fn output() {
    let limits = Limits::default().with_output_bytes(100_000);
    let error = stopped("while True: print('spam' * 100)", limits, Limit::Output);
    let printed = error.printed().expect("the run began").to_string();
    assert!(
        printed.len() <= 100_000,
        "what is over the limit is not kept"
    );
}

#[test]
fn message() {
    let limits = Limits::default().with_message_bytes(1 << 20);
    stopped("'a' * 2_000_000", limits.clone(), Limit::Message);
    let tools = Tools::new().function("take", ["text"], |text: String| {
        Ok::<_, ToolError>(text.len())
    });
    let error = script("take('a' * 2_000_000)")
        .host(&tools)
        .limits(limits)
        .run_blocking()
        .expect_err("too much at once");
    assert_eq!(error.limit(), Some(Limit::Message), "{error}");
    assert_next_run_works();
}

#[test]
fn objects_that_stand_for_more_than_there_is() {
    // Forty lists that each hold the one before twice: small in memory, and
    // a million million elements when written out.
    let source = "x = []\nfor i in range(40): x = [x, x]\nx";
    stopped(source, Limits::default(), Limit::Message);
}

#[test]
fn messages_of_limits() {
    let cases = [
        ("while True: pass", short()),
        ("[0] * 10**9", Limits::default()),
        (
            "def f(): return f()\nf()",
            Limits::default().with_recursion_depth(20),
        ),
        (
            "while True: print('x' * 1000)",
            Limits::default().with_output_bytes(10_000),
        ),
        (
            "while True:\n    try: unknown()\n    except NameError: pass",
            Limits::default().with_calls(10),
        ),
    ];
    let seen: Vec<_> = cases
        .into_iter()
        .map(|(source, limits)| {
            let error = script(source).limits(limits).run_blocking();
            let error = error.expect_err(source);
            format!("{}\n{error}\n", error.limit().expect("a limit stops it"))
        })
        .collect();
    let mut settings = insta::Settings::clone_current();
    settings.add_filter(r"[\d.]+(µs|ms|s) >", "[elapsed] >");
    settings.bind(|| assert_snapshot!("messages", seen.join("\n")));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hostile_run_does_not_touch_another() {
    let hostile = tokio::spawn(script("while True: pass").limits(short()).run());
    for _ in 0..20 {
        let report = script("sum(range(1000))").run().await.expect("runs");
        assert_eq!(report.value.as_i64(), Some(499_500));
    }
    let error = hostile.await.expect("no panic").expect_err("stopped");
    assert_eq!(error.limit(), Some(Limit::Duration));
}

#[tokio::test]
async fn dropping_the_future_stops_the_script() {
    let run = script("while True: pass").limits(Limits::unlimited()).run();
    let dropped = tokio::time::timeout(Duration::from_millis(50), run).await;
    assert!(dropped.is_err(), "the script has no end of its own");
    let report = script("1 + 1").run().await.expect("the executor is free");
    assert_eq!(report.value.as_i64(), Some(2));
}

#[test]
fn state_does_not_survive_a_run() {
    run("import json\nleft_behind = 1\njson.dumps([])").expect("runs");
    let error = run("left_behind").expect_err("a fresh instance knows nothing");
    assert_eq!(
        error.summary(),
        "NameError: name 'left_behind' is not defined"
    );
}
