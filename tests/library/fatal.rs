//! Tools that end the run with the host's own error, which no script catches
//! and which comes back as it was.

use std::fmt;
use std::sync::Arc;

use monty_host::value::{Class, Dict, Instance};
use monty_host::{Call, Error, ErrorKind, Report, ToolError, Tools, Value};

use crate::support::{assert_snapshot, in_time, monty, script};

/// An error of the host's, with something in it that text has not.
#[derive(Debug, PartialEq)]
struct OutOfCredit {
    cents: Vec<u32>,
}

impl fmt::Display for OutOfCredit {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("out of credit")
    }
}

impl std::error::Error for OutOfCredit {}

fn fatal() -> ToolError {
    ToolError::fatal(OutOfCredit { cents: vec![3] })
}

/// `pay` and its kin end the run.
fn tools() -> Tools {
    let class = Arc::new(Class::new("Account"));
    let account = Value::from(Instance::new(class, Dict::new()));
    Tools::new()
        .function("pay", (), || Err::<(), _>(fatal()))
        .function("pay_later", (), async || {
            tokio::task::yield_now().await;
            Err::<(), _>(fatal())
        })
        .async_function("pay_async", (), async || {
            tokio::task::yield_now().await;
            Err::<(), _>(fatal())
        })
        .async_function("pay_at_once", (), || Err::<(), _>(fatal()))
        .async_function("never", (), async || {
            std::future::pending::<()>().await;
        })
        .function("pause", (), async || {
            for _ in 0..10 {
                tokio::task::yield_now().await;
            }
        })
        .function("double", ["n"], |n: i64| 2 * n)
        .value("account", account)
        .expect("it has a form")
        .fallback(async |call: Call| match call.name.as_str() {
            "pay_somehow" | "pay_method" => Err(fatal()),
            _ => Ok(None),
        })
        .name_fallback(|name| match name {
            "PAID" => Err(fatal()),
            _ => Ok(None),
        })
        .attribute_fallback(|_, name| match name {
            "paid" => Err(fatal()),
            _ => Ok(None),
        })
}

fn assert_out_of_credit(run: Result<Report, Error>, source: &str) {
    let error = run.expect_err(source);
    assert_eq!(error.kind(), ErrorKind::Host, "{source}: {error}");
    assert_eq!(error.to_string(), "a tool ended the run: out of credit");
    assert!(error.exception_report().is_none(), "{source}");
    assert!(error.statistics().is_some(), "{source}: it ran");
    let error = error.downcast::<std::io::Error>();
    let error = error.expect_err("it is another one");
    let source_of_it = std::error::Error::source(&error).expect("it is the source");
    assert!(source_of_it.is::<OutOfCredit>(), "{source}");
    assert_eq!(
        error.downcast_ref(),
        Some(&OutOfCredit { cents: vec![3] }),
        "{source}"
    );
    let error: OutOfCredit = error.downcast().expect("it is this one");
    assert_eq!(error.cents, [3], "{source}");
}

const ENDED: &[&str] = &[
    "pay()",
    "pay_later()",
    "pay_somehow()",
    "account.pay_method()",
    "PAID",
    "account.paid",
    "await pay_async()",
    "await pay_at_once()",
    "try:\n    pay()\nexcept BaseException:\n    pass",
    "try:\n    pay()\nexcept:\n    1 + 1",
    "try:\n    pay()\nfinally:\n    while True:\n        pass",
    "while True:\n    try:\n        pay()\n    except BaseException:\n        continue",
    "while True:\n    try:\n        pay_later()\n    finally:\n        continue",
    "while True:\n    try:\n        PAID\n    except BaseException:\n        pass",
    "def f():\n    try:\n        return pay()\n    finally:\n        return f()\nf()",
    // Gathered, awaited later, never awaited.
    "import asyncio\nawait asyncio.gather(never(), pay_async(), never())",
    "import asyncio\ntry:\n    await asyncio.gather(pay_async(), pay_at_once(), never())\nexcept BaseException:\n    while True:\n        pass",
    "call = pay_async()\npause()\ntry:\n    await call\nexcept BaseException:\n    pass",
    "call = pay_async()\nwhile True:\n    pass",
    "call = pay_at_once()\nwhile True:\n    pause()",
    "call = pay_async()\nawait never()",
    "import asyncio\ncall = pay_async()\nawait asyncio.sleep(3600)",
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_tool_ends_the_run_with_the_hosts_own_error() {
    for source in ENDED {
        let run = in_time(script(source).host(tools()).run()).await;
        assert_out_of_credit(run, source);
        let next = in_time(script("double(2)").host(tools()).run()).await;
        assert_eq!(next.expect("it is as good as new").value.as_i64(), Some(4));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_survives_it() {
    let session = monty().session().host(tools()).open();
    let mut session = session.await.expect("it opens");
    let defined = session.feed("n = 20").run();
    in_time(defined).await.expect("it ends");
    for source in ENDED {
        let source = format!("n = n + 1\n{source}");
        let run = in_time(session.feed(source.as_str()).run()).await;
        assert_out_of_credit(run, &source);
    }
    let report = in_time(session.feed("double(n)").run()).await;
    let expected = 2 * (20 + ENDED.len() as i64);
    assert_eq!(report.expect("it is whole").value.as_i64(), Some(expected));
}

/// Nobody is left to end.
#[tokio::test]
async fn what_comes_after_the_end_is_forgotten() {
    let mut session = monty()
        .session()
        .host(tools())
        .open()
        .await
        .expect("it opens");
    for _ in 0..10 {
        let report = in_time(session.feed("call = pay_async()\n7").run()).await;
        match report {
            Ok(report) => assert_eq!(report.value.as_i64(), Some(7)),
            Err(error) => assert!(error.downcast_ref::<OutOfCredit>().is_some(), "{error}"),
        }
        let report = in_time(session.feed("pause()\n8").run()).await;
        assert_eq!(report.expect("it made no call").value.as_i64(), Some(8));
    }
}

#[test]
fn it_is_an_exception_where_no_tool_fails() {
    let error = fatal();
    assert!(error.is_fatal() && !error.is_suspend());
    assert!(!ToolError::value_error("no").is_fatal());
    let exception = monty_host::Exception::from(error);
    assert_eq!(exception.to_string(), "RuntimeError: out of credit");
}

#[test]
fn what_it_printed_is_kept() {
    let source = "print('before')\npay()\nprint('after')";
    let error = script(source).host(tools()).run_blocking();
    let error = error.expect_err("it ends");
    let printed = error.printed().expect("it ran").to_string();
    assert_snapshot!("printed", format!("{error}\n{error:?}\n{printed}"));
}

/// A tool that runs a script hands its error on.
#[tokio::test]
async fn an_error_of_a_nested_run_is_handed_on() {
    let tools = Tools::new().function("nested", (), async || {
        let run = script("1 / 0").run().await;
        run.map(|report| report.value).map_err(ToolError::fatal)
    });
    let error = in_time(script("nested()").host(tools).run()).await;
    let error: Error = error.expect_err("it ends").downcast().expect("its own");
    assert_eq!(error.summary(), "ZeroDivisionError: division by zero");
}
