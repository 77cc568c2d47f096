//! The spans that a host's subscriber sees.

use std::collections::HashMap;
use std::fmt::Debug;
use std::sync::{Arc, Mutex, MutexGuard};

use monty_host::os::{SleepPolicy, System};
use monty_host::{
    Answers, FeedOptions, Host, Limits, Monty, Options, Progress, ToolError, Tools, Value,
};
use tokio::sync::Barrier;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

use crate::growth::later_component;
use crate::support::{alone_in_a_process, assert_snapshot, in_time, monty, script};

/// Keeps each span with its fields.
#[derive(Clone, Default)]
struct Spans(Arc<Mutex<Kept>>);

#[derive(Default)]
struct Kept {
    spans: Vec<Span>,
    entered: HashMap<std::thread::ThreadId, Vec<usize>>,
}

struct Span {
    parent: Option<usize>,
    name: &'static str,
    fields: Vec<String>,
}

impl Visit for Span {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.fields.push(format!("{field}={value}"));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.fields.push(format!("{field}={value:?}"));
    }
}

impl Spans {
    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().expect("no panic")
    }

    /// The spans below one, as lines.
    fn show(&self, parent: Option<usize>, depth: usize) -> String {
        let children: Vec<(usize, String)> = self
            .kept()
            .spans
            .iter()
            .enumerate()
            .filter(|(_, span)| span.parent == parent)
            .map(|(index, span)| {
                let indent = "  ".repeat(depth);
                let line = format!("{indent}{} {}", span.name, span.fields.join(" "));
                (index, format!("{}\n", line.trim_end()))
            })
            .collect();
        children
            .into_iter()
            .map(|(index, line)| line + &self.show(Some(index), depth + 1))
            .collect()
    }
}

fn index(id: &Id) -> usize {
    usize::try_from(id.into_u64() - 1).expect("few spans")
}

impl Subscriber for Spans {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.is_span() && metadata.name().starts_with("monty.")
    }

    fn new_span(&self, attributes: &Attributes<'_>) -> Id {
        let mut kept = self.kept();
        let thread = std::thread::current().id();
        let parent = kept
            .entered
            .get(&thread)
            .and_then(|entered| entered.last().copied());
        let mut span = Span {
            parent,
            name: attributes.metadata().name(),
            fields: Vec::new(),
        };
        attributes.record(&mut span);
        kept.spans.push(span);
        Id::from_u64(kept.spans.len() as u64)
    }

    fn record(&self, span: &Id, values: &Record<'_>) {
        values.record(&mut self.kept().spans[index(span)]);
    }

    fn record_follows_from(&self, _span: &Id, _follows: &Id) {}

    fn event(&self, _event: &Event<'_>) {}

    fn enter(&self, span: &Id) {
        let thread = std::thread::current().id();
        self.kept()
            .entered
            .entry(thread)
            .or_default()
            .push(index(span));
    }

    fn exit(&self, _span: &Id) {
        let thread = std::thread::current().id();
        self.kept().entered.entry(thread).or_default().pop();
    }
}

fn tools() -> Tools {
    // Two calls end together, however often the script yields between them.
    let both = Arc::new(Barrier::new(2));
    Tools::new()
        .function("login", ["user", "password"], |_: String, _: String| {
            Ok::<_, ToolError>(7)
        })
        .async_function("fetch", ["n"], move |n: i64| {
            let both = both.clone();
            async move {
                both.wait().await;
                if n > 1 {
                    return Err(ToolError::key_error("none"));
                }
                Ok(n)
            }
        })
        .function("ask", ["n"], |_: Value| Err::<(), _>(ToolError::suspend()))
}

const SOURCE: &str = "\
import asyncio
login('ada', password='hunter2')
async def guarded(n):
    try:
        return await fetch(n)
    except KeyError:
        return None
await asyncio.gather(guarded(1), guarded(2))
await asyncio.sleep(1)
try:
    unknown
except NameError:
    pass
try:
    open('/secret-path')
except OSError:
    pass
ask('private question')";

/// Runs one of everything.
async fn all(arguments: bool) -> String {
    let spans = Spans::default();
    let guard = tracing::subscriber::set_default(spans.clone());
    let os = || System::new().sleep_policy(SleepPolicy::Skip);
    let started = script(SOURCE)
        .options(Options::new().script_name("bill.py"))
        .host(
            Host::new()
                .tools(&tools())
                .os(os())
                .trace_arguments(arguments),
        )
        .start();
    let Ok(Progress::Suspended(suspension)) = in_time(started).await else {
        panic!("it asks");
    };
    let answers = Answers::new()
        .value(suspension.calls[0].id, "secret answer")
        .expect("text has a form");
    let resumed = monty().resume(&suspension.snapshot, answers).run();
    in_time(resumed).await.expect("it ends");

    let session = monty()
        .session()
        .host(Host::new().tools(&tools()).trace_arguments(arguments));
    let mut session = session.open().await.expect("it opens");
    let feed = session.feed("def f(x):\n    return login(x, 'hunter3')");
    in_time(feed.run()).await.expect("it ends");
    let call = session.call("f").argument("eve").expect("text has a form");
    in_time(call.run()).await.expect("it ends");
    assert!(in_time(session.feed("1 / 0").run()).await.is_err());
    assert!(in_time(session.feed("(").run()).await.is_err());
    let few = session
        .feed("while True: f('x')")
        .options(FeedOptions::new().limits(Limits::default().with_calls(0)));
    assert!(in_time(few.run()).await.is_err());
    drop(guard);
    spans.show(None, 0)
}

#[test]
fn compiling_is_a_span() {
    alone_in_a_process("tracing::compiling");
}

#[test]
#[ignore = "needs a process to itself, which `compiling_is_a_span` starts"]
fn compiling() {
    let folder = tempfile::tempdir().expect("a folder");
    let spans = Spans::default();
    let guard = tracing::subscriber::set_default(spans.clone());
    for _ in 0..2 {
        let builder = Monty::builder().component(later_component());
        let monty = builder.cache_directory(folder.path()).build();
        monty.expect("it starts");
    }
    drop(guard);
    let mut settings = insta::Settings::clone_current();
    settings.add_filter(&folder.path().display().to_string(), "FOLDER");
    settings.add_filter("[0-9a-f]{16}-[0-9a-f]{16}", "[name]");
    settings.bind(|| assert_snapshot!("compiling", spans.show(None, 0)));
}

#[test]
fn spans_tell_what_happened() {
    alone_in_a_process("tracing::spans");
}

/// A span that another thread comes to first, where nobody listens, may stay
/// off for all of them.
#[tokio::test]
#[ignore = "needs a process to itself, which `spans_tell_what_happened` starts"]
async fn spans() {
    let seen = all(false).await;
    for secret in ["hunter", "ada", "eve", "private", "secret"] {
        assert!(!seen.contains(secret), "{seen}");
    }
    assert_snapshot!("spans", seen);

    let seen = all(true).await;
    assert!(!seen.contains("secret answer"), "{seen}");
    assert_snapshot!("spans-with-arguments", seen);
}
