//! `policy`, in front of tools that a test answers for.

use monty_value::types::{
    Answer, CallRequest, Exception, Graph, NamedOperand, ObjectId, Operand, Value,
};
use wasmtime::Store;
use wasmtime::component::ResourceAny;

use crate::bindings::tools::Tools as Policy;
use crate::bindings::tools::exports::monty::sandbox::external_call;
use crate::support::{
    PENDING, Reply, State, assert_snapshot, component, linker_with_tools, position, request, store,
};

struct Guarded {
    store: Store<State>,
    policy: Policy,
    calls: u32,
    /// The calls that are pending.
    pending: Vec<ResourceAny>,
}

impl Guarded {
    fn new(settings: &[(&str, &str)]) -> Self {
        let mut store = store(|wasi| {
            wasi.envs(settings);
        });
        let policy = Policy::instantiate(&mut store, &component("policy"), &linker_with_tools())
            .expect("it starts");
        Self {
            store,
            policy,
            calls: 0,
            pending: Vec::new(),
        }
    }

    fn request(&mut self, name: &str) -> CallRequest {
        self.calls += 1;
        request(self.calls, name)
    }

    fn send(&mut self, request: &CallRequest) -> String {
        let policy = self.policy.monty_sandbox_external_call();
        let reply = policy.call_call(&mut self.store, request);
        match reply.expect("no trap") {
            external_call::Reply::Answered(answer) => show(&answer),
            external_call::Reply::Pending(call) => {
                self.pending.push(call);
                "pending".to_owned()
            }
        }
    }

    fn call(&mut self, name: &str) -> String {
        let request = self.request(name);
        self.send(&request)
    }

    /// The value of a name, or of an attribute of an object.
    fn name(&mut self, name: &str, receiver: Option<ObjectId>) -> String {
        let policy = self.policy.monty_sandbox_external_call();
        let store = &mut self.store;
        let value = match receiver {
            None => policy.call_get_name(store, name, &position()),
            Some(object) => policy.call_get_attribute(store, object, name, &position()),
        };
        match value.expect("no trap") {
            Ok(value) => format!("{value:?}"),
            Err(exception) => exception.to_string(),
        }
    }

    /// Settles calls that are pending, by their place among them.
    fn settle(&mut self, calls: &[usize]) -> Vec<String> {
        let calls: Vec<ResourceAny> = calls.iter().map(|index| self.pending[*index]).collect();
        let policy = self.policy.monty_sandbox_external_call();
        let settled = policy.call_settle(&mut self.store, &calls, None);
        settled
            .expect("no trap")
            .iter()
            .map(|settled| format!("{}: {}", settled.index, show(&settled.answer)))
            .collect()
    }

    /// Drops a call, as the guest does with one that is settled or given up.
    fn drop_pending(&mut self, index: usize) {
        let call = self.pending[index];
        call.resource_drop(&mut self.store).expect("no trap");
    }

    /// What the next calls are answered with.
    fn replies(&mut self, replies: impl IntoIterator<Item = Reply>) {
        let replies: Vec<Reply> = replies.into_iter().collect();
        self.store.data_mut().tools.replies = replies.into_iter().rev().collect();
    }

    fn asked(&self) -> &[String] {
        &self.store.data().tools.asked
    }
}

fn show(answer: &Answer) -> String {
    match answer {
        Answer::Raised(exception) => exception.to_string(),
        answer => format!("{answer:?}"),
    }
}

fn seven() -> Value {
    Value {
        root: Operand::Integer(7),
        graph: None,
    }
}

fn answer_seven() -> Reply {
    Some(Answer::Value(seven()))
}

const OBJECT: ObjectId = ObjectId { high: 1, low: 2 };

#[test]
fn only_allowed_names_pass() {
    let mut guarded = Guarded::new(&[("MONTY_ALLOW", "weather, .close")]);
    guarded.replies([answer_seven()]);
    guarded.store.data_mut().tools.value = Some(seven());
    let mut method = guarded.request("close");
    method.receiver = Some(OBJECT);
    let mut other_method = guarded.request("weather");
    other_method.receiver = Some(OBJECT);
    let answers = [
        guarded.call("weather"),
        guarded.call("transfer_money"),
        guarded.call("close"),
        guarded.send(&method),
        guarded.send(&other_method),
        guarded.name("weather", None),
        guarded.name("transfer_money", None),
        guarded.name("close", Some(OBJECT)),
        guarded.name("weather", Some(OBJECT)),
    ];
    assert_snapshot!("names", answers.join("\n"));
    assert_eq!(
        guarded.asked(),
        [
            "call weather",
            "call close",
            "get-name weather",
            "get-attribute close"
        ]
    );
}

#[test]
fn without_settings_nothing_is_allowed() {
    let mut guarded = Guarded::new(&[]);
    assert_snapshot!("no-settings", guarded.call("weather"));
    assert!(guarded.asked().is_empty());
}

#[test]
fn budgets_count_each_tool() {
    let settings = [("MONTY_ALLOW", "*"), ("MONTY_BUDGET", "weather=2, *=1")];
    let mut guarded = Guarded::new(&settings);
    let answers: Vec<String> = ["weather", "weather", "weather", "a", "a", "b"]
        .into_iter()
        .map(|name| guarded.call(name))
        .collect();
    assert_snapshot!("budgets", answers.join("\n"));
    assert_eq!(guarded.asked().len(), 4);
}

#[test]
fn pending_calls_count_when_they_are_made() {
    let settings = [("MONTY_ALLOW", "*"), ("MONTY_BUDGET", "2")];
    let mut guarded = Guarded::new(&settings);
    guarded.replies([PENDING, Some(Answer::Suspend)]);
    let mut answers = vec![guarded.call("f"), guarded.call("f"), guarded.call("f")];
    // Neither settling nor giving up gives anything back.
    guarded.replies([answer_seven()]);
    answers.extend(guarded.settle(&[0]));
    guarded.drop_pending(0);
    answers.push(guarded.call("f"));
    assert_snapshot!("pending", answers.join("\n"));
    assert_eq!(guarded.asked(), ["call f", "call f", "settle 1", "drop 1"]);
}

#[test]
fn pending_calls_are_those_of_the_tools() {
    let mut guarded = Guarded::new(&[("MONTY_ALLOW", "f,g,h")]);
    guarded.replies([PENDING, PENDING, PENDING]);
    for tool in ["f", "g", "h"] {
        guarded.call(tool);
    }
    // The first of these is the last that was made, and the other stays open.
    guarded.replies([answer_seven(), PENDING]);
    assert_eq!(
        guarded.settle(&[2, 0]),
        [format!("0: {}", show(&Answer::Value(seven())))]
    );
    for index in 0..3 {
        guarded.drop_pending(index);
    }
    let calls = ["call f", "call g", "call h", "settle 3", "settle 1"];
    let drops = ["drop 1", "drop 2", "drop 3"];
    assert_eq!(guarded.asked(), [&calls[..], &drops].concat());
    assert_snapshot!("given-up", guarded.store.data().stderr());
}

#[test]
fn budgets_last_as_long_as_the_instance() {
    let settings = [("MONTY_ALLOW", "*"), ("MONTY_BUDGET", "1")];
    let mut first = Guarded::new(&settings);
    first.replies([answer_seven(), answer_seven()]);
    let of_the_first = show(&Answer::Value(seven()));
    assert_eq!(first.call("f"), of_the_first);
    // The next run of the same instance numbers its calls from the start, and
    // has no budget of its own.
    first.calls = 0;
    assert!(first.call("f").starts_with("PermissionError"));
    // Another instance has.
    let mut second = Guarded::new(&settings);
    second.replies([answer_seven()]);
    assert_eq!(second.call("f"), of_the_first);
}

#[test]
fn requests_of_all_tools_are_limited_together() {
    let settings = [("MONTY_ALLOW", "f,g"), ("MONTY_MAX_REQUESTS", "3")];
    let mut guarded = Guarded::new(&settings);
    let answers = [
        guarded.call("f"),
        guarded.name("g", None),
        guarded.call("h"),
        guarded.call("f"),
        guarded.name("g", None),
    ];
    let log = guarded.store.data().stderr();
    assert_snapshot!(
        "requests",
        format!("{}\n--- log\n{log}", answers.join("\n"))
    );
}

#[test]
fn tools_with_a_budget_of_their_own_are_counted_beside_any_number_of_others() {
    let settings = [("MONTY_ALLOW", "*"), ("MONTY_BUDGET", "own=1,*=1")];
    let mut guarded = Guarded::new(&settings);
    for n in 0..1000 {
        guarded.call(&format!("f{n}"));
    }
    assert_eq!(guarded.asked().len(), 1000);
    let answers = [
        guarded.call("g"),
        guarded.call("f0"),
        guarded.call("own"),
        guarded.call("own"),
        guarded.call(&"n".repeat(257)),
        guarded.name(&"é".repeat(200), None),
    ];
    assert_snapshot!("many-names", answers.join("\n"));
    assert_eq!(guarded.asked().len(), 1001);
}

#[test]
fn arguments_have_a_size() {
    let settings = [("MONTY_ALLOW", "*"), ("MONTY_MAX_ARGUMENT_BYTES", "400")];
    let mut guarded = Guarded::new(&settings);
    let text = |length: usize| Operand::Text("x".repeat(length));
    // An object takes 64 bytes beside its text, and a child 32.
    let mut small = guarded.request("f");
    small.positional = vec![text(336)];
    let mut large = guarded.request("f");
    large.positional = vec![text(337)];
    let mut keyword = guarded.request("f");
    keyword.keyword = vec![NamedOperand {
        name: "k".repeat(187),
        value: text(150),
    }];
    // A text that a list holds once and twice.
    let mut list = |children: &[u32]| {
        let mut list = guarded.request("f");
        list.positional = vec![Operand::Node(1)];
        list.graph = Some(Graph {
            kinds: vec![7, 9],
            counts: vec![children.len() as u32],
            children: children.to_vec(),
            text_lengths: vec![100],
            text: "x".repeat(100),
            ..Graph::default()
        });
        list
    };
    let (once, twice) = (list(&[0]), list(&[0, 0]));
    // The same list as two arguments.
    let mut two_arguments = list(&[0]);
    two_arguments.positional = vec![Operand::Node(1); 2];
    // Each holds the one before twice: 2^70 objects.
    let mut doubled = list(&[]);
    doubled.positional = vec![Operand::Node(70)];
    doubled.graph = Some(Graph {
        kinds: vec![9; 71],
        counts: [0].into_iter().chain([2; 70]).collect(),
        children: (0..70).flat_map(|id| [id, id]).collect(),
        ..Graph::default()
    });
    let mut malformed = list(&[7]);
    malformed.positional = vec![Operand::Node(1)];
    let requests = [
        small,
        large,
        keyword,
        once,
        twice,
        two_arguments,
        doubled,
        malformed,
    ];
    let answers: Vec<String> = requests
        .iter()
        .map(|request| guarded.send(request))
        .collect();
    assert_snapshot!("sizes", answers.join("\n"));
    assert_eq!(guarded.asked().len(), 2);
}

#[test]
fn each_call_is_a_line() {
    let mut guarded = Guarded::new(&[("MONTY_ALLOW", "f,f\ng")]);
    guarded.replies([
        answer_seven(),
        Some(Answer::Raised(Exception::new("ValueError", "secret"))),
        Some(Answer::NotFound),
        PENDING,
        Some(Answer::Suspend),
    ]);
    for _ in 0..5 {
        guarded.call("f");
    }
    guarded.call("f\ng");
    guarded.call("refused\nmonty-policy: call 9 f 0 bytes: value");
    guarded.call("\u{202e}desrever\u{9b}2J");
    guarded.name("refused", None);
    guarded.name("refused", Some(OBJECT));
    guarded.replies([answer_seven()]);
    assert_eq!(guarded.settle(&[0]).len(), 1);
    guarded.drop_pending(0);
    assert_snapshot!("log", guarded.store.data().stderr());
}

#[test]
fn the_log_can_be_off() {
    let mut guarded = Guarded::new(&[("MONTY_ALLOW", "f"), ("MONTY_LOG", "off")]);
    guarded.call("f");
    guarded.call("g");
    assert_eq!(guarded.store.data().stderr(), "");
}

#[test]
fn settings_that_cannot_be_read_allow_nothing() {
    let answers: Vec<String> = [
        ("MONTY_BUDGET", "f=many"),
        ("MONTY_BUDGET", "-1"),
        ("MONTY_MAX_ARGUMENT_BYTES", "1MB"),
        ("MONTY_MAX_REQUESTS", "1e4"),
        ("MONTY_LOG", "loud"),
    ]
    .into_iter()
    .map(|setting| {
        let mut guarded = Guarded::new(&[("MONTY_ALLOW", "*"), setting]);
        let answer = guarded.call("f");
        assert_eq!(guarded.call("f"), answer);
        // The log is told once.
        assert_eq!(guarded.store.data().stderr().lines().count(), 1);
        assert!(guarded.asked().is_empty());
        answer
    })
    .collect();
    assert_snapshot!("wrong-settings", answers.join("\n"));
}
