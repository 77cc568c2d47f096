//! A host of its own between scripts and tools: it sees what calls came to,
//! changes answers, and works on calls after the script.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use monty_host::value::Module;
use monty_host::{
    Answer, Call, CallOutcome, ExternalCall, Host, Reply, SourceRange, Tool, ToolError, Tools,
    Value, async_trait,
};

use crate::support::{assert_snapshot, in_time, script};

/// What was seen, line by line.
#[derive(Clone, Default)]
struct Seen(Arc<Mutex<Vec<String>>>);

impl Seen {
    fn add(&self, line: String) {
        self.0.lock().unwrap().push(line);
    }

    fn take(&self) -> String {
        let mut lines = std::mem::take(&mut *self.0.lock().unwrap());
        lines.sort();
        lines.join("\n")
    }
}

/// Tells each outcome, and refuses values of more than 2,000 bytes.
struct Watched {
    tools: Tools,
    seen: Seen,
}

/// Tells if a call has no outcome.
struct Cancelled(Option<String>, Seen);

impl Drop for Cancelled {
    fn drop(&mut self) {
        if let Some(name) = self.0.take() {
            self.1.add(format!("{name}: cancelled"));
        }
    }
}

#[async_trait]
impl ExternalCall for Watched {
    fn call(&self, call: Call) -> Reply {
        let seen = self.seen.clone();
        let mut waiting = Cancelled(Some(call.name.clone()), seen.clone());
        self.tools.call(call).checked(move |outcome| {
            let name = waiting.0.take().unwrap();
            seen.add(match &outcome {
                CallOutcome::Returned { bytes } => format!("{name}: {bytes} bytes"),
                CallOutcome::Raised(error) => {
                    format!("{name}: {}: {}", error.type_name(), error.message())
                }
                other => format!("{name}: {other:?}"),
            });
            match outcome {
                CallOutcome::Returned { bytes: 2001.. } => {
                    Err(ToolError::value_error("too long: ask for a part of it"))
                }
                _ => Ok(()),
            }
        })
    }

    async fn get_name(&self, name: &str, position: &SourceRange) -> Answer {
        self.tools.get_name(name, position).await
    }
}

fn tools() -> Tools {
    Tools::new()
        .function("page", ["length"], |length: usize| "x".repeat(length))
        .function("fail", (), || {
            Err::<(), _>(ToolError::key_error("no such row"))
        })
        .tool(
            Tool::new("slow", (), async || std::future::pending::<()>().await)
                .timeout(Duration::from_millis(1)),
        )
        .async_function("later", ["n"], async |n: i64| {
            tokio::task::yield_now().await;
            n + 1
        })
        .async_function("never", (), async || std::future::pending::<()>().await)
}

#[tokio::test]
async fn outcomes_of_calls_are_seen_and_refused() {
    let source = "
import asyncio
shown = []
def attempt(f, *args):
    try:
        shown.append(len(f(*args)))
    except Exception as error:
        shown.append(repr(error))
attempt(page, 10)
attempt(page, 5000)
attempt(page, 'ten')
attempt(fail)
attempt(slow)
attempt(lambda: [missing()])
never()
shown.append(await asyncio.gather(later(1), later(2)))
shown
";
    let seen = Seen::default();
    let watched = Watched {
        tools: tools(),
        seen: seen.clone(),
    };
    let host = Host::new().external_call(Arc::new(watched));
    let report = in_time(script(source).host(host).run()).await.unwrap();
    // What is left of a run is dropped after its answer is out.
    let told = || {
        seen.0
            .lock()
            .unwrap()
            .iter()
            .any(|line| line == "never: cancelled")
    };
    in_time(async {
        while !told() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    })
    .await;
    assert_snapshot!("outcomes", format!("{}\n{}", report.value, seen.take()));
}

#[tokio::test]
async fn answers_are_changed_on_their_way() {
    struct Doubled(Tools);

    #[async_trait]
    impl ExternalCall for Doubled {
        fn call(&self, call: Call) -> Reply {
            self.0.call(call).map(|answer| match answer {
                Ok(Some(value)) => Ok(Some(Value::list([value.clone(), value]))),
                Err(error) if error.type_name() == "KeyError" => Ok(Some(Value::None)),
                answer => answer,
            })
        }
    }

    let host = Host::new().external_call(Arc::new(Doubled(tools())));
    let source = "await later(1), page(2), fail()";
    let report = in_time(script(source).host(host).run()).await.unwrap();
    assert_eq!(report.value.to_string(), "([2, 2], ['xx', 'xx'], None)");
}

#[tokio::test]
async fn a_host_works_on_calls_without_a_script() {
    let answer = async |call: Call| {
        let name = call.name.clone();
        match in_time(tools().call(call).answer(&name)).await {
            Ok(Some(value)) => value.to_string(),
            Ok(None) => "not found".to_owned(),
            Err(error) => format!("{}: {}", error.type_name(), error.message()),
        }
    };
    let call = |name, positional: Vec<Value>| answer(Call::new(name, positional, []));
    let keyword = [("length".to_owned(), Value::from(2))];
    let shown = [
        answer(Call::new("page", [], keyword)).await,
        call("later", vec![Value::from(1)]).await,
        call("page", vec![]).await,
        call("fail", vec![]).await,
        call("slow", vec![]).await,
        call("missing", vec![]).await,
    ];
    assert_snapshot!("without_a_script", shown.join("\n"));
}

/// A module's functions are tools of its name and theirs.
#[tokio::test]
async fn a_name_may_be_a_module_of_tools() {
    let function = Value::function("shop.price", Some("What an item costs"));
    let module = Module::new("shop", [("price", function)].into_iter().collect());
    let tools = Tools::new()
        .function("shop.price", ["item"], |item: String| item.len() * 10)
        .value("shop", Value::from(module))
        .unwrap();
    let source = "
f = shop.price
[shop.price('tea'), f(item='milk'), [shop.price(x) for x in ['a', 'bb']]]
";
    let report = in_time(script(source).host(&tools).run()).await.unwrap();
    assert_eq!(report.value.to_string(), "[30, 40, [10, 20]]");
    let error = in_time(script("shop.cost('tea')").host(&tools).run())
        .await
        .unwrap_err();
    assert_eq!(
        error.summary(),
        "AttributeError: module 'shop' has no attribute 'cost'"
    );
}

/// A tool by itself, under a name of its own or another.
#[tokio::test]
async fn a_tool_is_called_by_itself() {
    let tool = Tool::new("add", ["a", "b"], |a: i64, b: i64| {
        assert!(a < 10, "too large");
        a + b
    });
    let tool = tool.named("sums.add");
    let call = |a: i64| Call::new("any", [Value::from(a)], [("b".to_owned(), Value::from(2))]);
    let answer = tool.call(call(1)).answer("any").await.unwrap();
    assert_eq!(answer, Some(Value::from(3)));
    let error = tool.call(call(10)).answer("any").await.unwrap_err();
    assert_eq!(error.message(), "sums.add() panicked: too large");
    assert!(!error.is_misfit());
    let error = tool
        .call(Call::new("any", [], []))
        .answer("any")
        .await
        .unwrap_err();
    assert_eq!(
        error.message(),
        "sums.add() missing 2 required positional arguments: 'a' and 'b'"
    );
    assert!(error.is_misfit());
    let error = tool.named("not a name").check().unwrap_err();
    assert_eq!(
        error.to_string(),
        "the tool `not a name`: `not a name` is not a name in Python"
    );
}

/// A value that no message can hold is an exception, and is seen as one.
#[tokio::test]
async fn a_value_that_cannot_be_sent_is_seen_as_an_error() {
    let large = (0..60).fold(Value::None, |inner, _| Value::list([inner.clone(), inner]));
    let seen = Seen::default();
    let told = seen.clone();
    let reply = Reply::now(Ok(Some(large))).checked(move |outcome| {
        told.add(match outcome {
            CallOutcome::Raised(error) => error.message().to_owned(),
            other => format!("{other:?}"),
        });
        Ok(())
    });
    let error = reply.answer("large").await.unwrap_err();
    assert_eq!(seen.take(), error.message());
    assert_snapshot!("unsendable", error.message());
}

/// A function of a host's own, which is not a tool.
#[tokio::test]
async fn a_panic_of_a_reply_is_an_exception() {
    let reply = Reply::later(async { panic!("no row") }).guarded("rows");
    let error = reply.answer("rows").await.unwrap_err();
    assert_eq!(error.message(), "rows() panicked: no row");
}
