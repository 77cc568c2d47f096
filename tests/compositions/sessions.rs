//! Runs and sessions in one instance share the tools behind it.

use monty_value::Value;
use monty_value::graph::GraphCaps;
use wasmtime::Store;
use wasmtime::component::ResourceAny;

use crate::bindings::sandbox::Sandbox;
use crate::bindings::sandbox::exports::monty::sandbox::interpreter::{
    Failure, FeedOptions, Limits, Options, Outcome,
};
use crate::support::{State, assert_snapshot, composition_of, linker, store};

/// The tools of the tests, which count their pending calls.
const TOOLS: &str = "new test:tools { ... }.external-call";

/// The same behind the policy.
const GUARDED: &str = "new monty:policy {
    external-call: new test:tools { ... }.external-call, ...
}.external-call";

/// An instance of the interpreter that runs one snippet after the other.
struct Interpreter {
    store: Store<State>,
    sandbox: Sandbox,
}

impl Interpreter {
    fn new(tools: &str, settings: &[(&str, &str)]) -> Self {
        let component = composition_of(&format!(
            "package monty:sessions;
            let interpreter = new monty:interpreter {{
                print: new monty:print-stdio {{ ... }}.print,
                os-call: new monty:os-deny {{ ... }}.os-call,
                external-call: {tools},
                ...
            }};
            export interpreter...;"
        ));
        let mut store = store(|wasi| {
            wasi.envs(settings);
        });
        let sandbox = Sandbox::instantiate(&mut store, &component, &linker()).expect("it starts");
        Self { store, sandbox }
    }

    fn run(&mut self, source: &str) -> String {
        let interpreter = self.sandbox.monty_sandbox_interpreter();
        let outcome = interpreter.call_run(&mut self.store, source, &options());
        show(outcome.expect("no trap"))
    }

    fn open(&mut self) -> ResourceAny {
        let session = self.sandbox.monty_sandbox_interpreter().session();
        let opened = session.call_create(&mut self.store, &options());
        opened.expect("no trap").expect("it opens")
    }

    fn feed(&mut self, session: ResourceAny, source: &str, max_duration: Option<u64>) -> String {
        let options = FeedOptions {
            inputs: None,
            limits: max_duration.map(|duration| Limits {
                max_duration: Some(duration),
                max_memory: None,
                max_recursion_depth: None,
                gc_interval: None,
            }),
            line_buffered: None,
            extensions: None,
        };
        let resource = self.sandbox.monty_sandbox_interpreter().session();
        let outcome = resource.call_feed(&mut self.store, session, source, &options);
        show(outcome.expect("no trap"))
    }
}

fn options() -> Options {
    Options {
        script_name: None,
        inputs: None,
        working_directory: None,
        limits: None,
        clock: None,
        local_timezone: None,
        randomness: None,
        line_buffered: None,
        explain_assertions: None,
        extensions: None,
    }
}

fn show(outcome: Result<Outcome, Failure>) -> String {
    match outcome {
        Ok(Outcome::Completed(value)) => match Value::from_message(&value, GraphCaps::DEFAULT) {
            Ok(value) => value.to_string(),
            Err(error) => error.to_string(),
        },
        Ok(Outcome::Suspended(suspension)) => format!("waits for {} calls", suspension.calls.len()),
        Err(Failure::Raised(report) | Failure::InvalidSource(report)) => {
            report.exception.to_string()
        }
        Err(Failure::LimitExceeded(exceeded)) => format!("{:?} limit", exceeded.limit),
        Err(failure) => format!("{failure:?}"),
    }
}

/// Snippets whose pending calls are settled or abandoned.
const PIECES: &[&str] = &[
    "await soon([1, 2])",
    "import asyncio\nawait asyncio.gather(*[soon(n) for n in range(10)])",
    "never()",
    "kept = never()\nawait soon(1)",
    "await kept",
    "[never() for _ in range(10)]\nraise ValueError('x')",
    "async def bad():\n    raise ValueError('y')\nawait asyncio.gather(never(), bad())",
    "await asyncio.gather(asyncio.sleep(0.001), never(), soon(1))",
];

#[test]
fn tools_are_told_of_calls_that_are_given_up() {
    let told = |tools: &str| {
        let mut interpreter =
            Interpreter::new(tools, &[("MONTY_ALLOW", "*"), ("MONTY_LOG", "off")]);
        let session = interpreter.open();
        let mut text = String::new();
        for source in PIECES {
            let shown = interpreter.feed(session, source, None);
            let counts = interpreter.feed(session, "counts()", None);
            text += &format!("{source}\n    {shown}\n    {counts}\n");
        }
        let shown = interpreter.feed(session, "never()\nwhile True: pass", Some(20_000_000));
        let counts = interpreter.feed(session, "counts()", None);
        text += &format!("a limit\n    {shown}\n    {counts}\n");
        let shown = interpreter.run("x = never()");
        let counts = interpreter.run("counts()");
        text += &format!("a run\n    {shown}\n    {counts}\n");
        text
    };
    assert_snapshot!("calls-given-up", told(TOOLS));
    // It stands between the guest and the tools.
    assert_snapshot!("calls-given-up", told(GUARDED));
}

#[test]
fn runs_and_sessions_of_an_instance_share_its_budgets() {
    let settings = [("MONTY_ALLOW", "soon"), ("MONTY_BUDGET", "soon=3")];
    let mut interpreter = Interpreter::new(GUARDED, &settings);
    let (one, other) = (interpreter.open(), interpreter.open());
    let source = "await soon(1)";
    let mut text: String = [
        ("a session", interpreter.feed(one, source, None)),
        ("another", interpreter.feed(other, source, None)),
        ("a run", interpreter.run(source)),
        ("another", interpreter.run(source)),
        ("the first session", interpreter.feed(one, source, None)),
    ]
    .into_iter()
    .map(|(what, shown)| format!("{what}: {shown}\n"))
    .collect();
    let mut next = Interpreter::new(GUARDED, &settings);
    text += &format!("another instance: {}\n", next.run(source));
    let log = interpreter.store.data().stderr();
    assert_snapshot!("budget-scope", format!("{text}--- log\n{log}"));
}
