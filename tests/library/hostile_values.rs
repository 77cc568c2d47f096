//! Messages that no honest host sends: answers and inputs built by hand, which
//! break the rules of `graph` or hold what their kind does not have. Each ends
//! as an exception of the script or a classified failure, and the interpreter
//! goes on.

#[path = "../../crates/value/tests/strategies/mod.rs"]
mod strategies;

use std::sync::LazyLock;
use std::time::{Duration, SystemTime};

use monty_host::embed::bindings::exports::monty::sandbox::interpreter::{
    Failure, Inputs, Limits, Options, Outcome,
};
use monty_host::embed::bindings::monty::sandbox::external_call::{
    self, PendingCall, Reply, Settled,
};
use monty_host::embed::bindings::monty::sandbox::{os_call, print};
use monty_host::embed::bindings::types::{
    Answer, CallRequest, Class, Complex, Date, Datetime, Exception, File, Function, Graph,
    Instance, Module, NamedOperand, NamedTuple, Operand, RareNode, SourceRange, Time, Timedelta,
    Timezone, Value as Message,
};
use monty_host::embed::bindings::{Sandbox, SandboxPre};
use monty_host::embed::{MontyCtx, MontyView, limit_store};
use monty_host::os::{Clock, ErrorCode, FileStat, FileType, Instant, Os, Randomness, System};
use monty_host::value::graph::{CheckedGraph, GraphCaps};
use monty_host::value::{Decoder, ObjectId};
use monty_host::{ErrorKind, Host, Monty, ToolError, Tools, Value};
use proptest::prelude::*;
use wasmtime::component::{HasSelf, Linker, Resource, ResourceTable};
use wasmtime::{Store, StoreLimits, StoreLimitsBuilder};
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};

use self::strategies::{columns_that_add_up, number, random_columns, tampered};
use crate::embedding::{self, component, engine};
use crate::support::{assert_next_run_works, assert_snapshot, script};

/// A host that answers every call with the same message.
struct Hostile {
    answer: Answer,
    monty: MontyCtx,
    memory: StoreLimits,
    wasi: WasiCtx,
    table: ResourceTable,
}

impl external_call::Host for Hostile {
    async fn call(&mut self, _request: CallRequest) -> wasmtime::Result<Reply> {
        Ok(Reply::Answered(self.answer.clone()))
    }

    async fn get_name(
        &mut self,
        name: String,
        _position: SourceRange,
    ) -> wasmtime::Result<Result<Option<Message>, Exception>> {
        Ok(match &self.answer {
            Answer::Value(message) if name == "looked_up" => Ok(Some(message.clone())),
            Answer::Raised(exception) if name == "looked_up" => Err(exception.clone()),
            _ => Ok(None),
        })
    }

    async fn get_attribute(
        &mut self,
        _receiver: ObjectId,
        _name: String,
        _position: SourceRange,
    ) -> wasmtime::Result<Result<Option<Message>, Exception>> {
        Ok(Ok(None))
    }

    async fn settle(
        &mut self,
        _calls: Vec<Resource<PendingCall>>,
        _timeout: Option<u64>,
    ) -> wasmtime::Result<Vec<Settled>> {
        Ok(vec![])
    }
}

impl external_call::HostPendingCall for Hostile {
    fn drop(&mut self, _call: Resource<PendingCall>) -> wasmtime::Result<()> {
        Ok(())
    }
}

impl MontyView for Hostile {
    fn monty(&mut self) -> &mut MontyCtx {
        &mut self.monty
    }
}

impl WasiView for Hostile {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView {
            ctx: &mut self.wasi,
            table: &mut self.table,
        }
    }
}

struct HasMonty;

impl wasmtime::component::HasData for HasMonty {
    type Data<'a> = &'a mut MontyCtx;
}

static SANDBOX: LazyLock<SandboxPre<Hostile>> =
    LazyLock::new(|| sandbox().expect("the interpreter starts"));

fn sandbox() -> wasmtime::Result<SandboxPre<Hostile>> {
    let engine = engine()?;
    let component = component(&engine)?;
    let mut linker = Linker::<Hostile>::new(&engine);
    wasmtime_wasi::p2::add_to_linker_async(&mut linker)?;
    external_call::add_to_linker::<_, HasSelf<Hostile>>(&mut linker, |state| state)?;
    os_call::add_to_linker::<_, HasMonty>(&mut linker, Hostile::monty)?;
    print::add_to_linker::<_, HasMonty>(&mut linker, Hostile::monty)?;
    std::thread::spawn(move || {
        loop {
            engine.increment_epoch();
            std::thread::sleep(Duration::from_millis(10));
        }
    });
    SandboxPre::new(linker.instantiate_pre(&component)?)
}

fn options(inputs: Option<Inputs>) -> Options {
    Options {
        inputs,
        limits: Some(Limits {
            max_duration: Some(5_000_000_000),
            max_memory: Some(128 << 20),
            max_recursion_depth: None,
            gc_interval: None,
        }),
        ..embedding::options()
    }
}

/// Runs a script whose calls are answered with `answer`, and returns the
/// outcome. Afterwards the instance runs another script, or a fresh instance
/// does if it trapped.
async fn outcome(source: &str, answer: Answer, inputs: Option<Inputs>) -> String {
    let (mut store, sandbox) = instance(answer).await;
    let interpreter = sandbox.monty_sandbox_interpreter();
    let options = options(inputs);
    let result = interpreter.call_run(&mut store, source, &options).await;
    let (seen, trapped) = match result {
        Ok(Ok(outcome)) => (format!("value: {}", shown(&outcome)), false),
        Ok(Err(failure)) => (failed(&failure), false),
        Err(error) => (format!("trap: {error:#}"), true),
    };
    if trapped {
        let (mut store, sandbox) = instance(Answer::NotFound).await;
        works(&mut store, &sandbox).await;
    } else {
        works(&mut store, &sandbox).await;
    }
    seen.chars().take(200).flat_map(printable).collect()
}

/// Snapshots are plain text.
fn printable(character: char) -> Vec<char> {
    match character {
        '\0' => character.escape_default().collect(),
        _ => vec![character],
    }
}

async fn instance(answer: Answer) -> (Store<Hostile>, Sandbox) {
    let state = Hostile {
        answer,
        monty: MontyCtx::default(),
        memory: StoreLimitsBuilder::new().memory_size(576 << 20).build(),
        wasi: WasiCtx::builder().build(),
        table: ResourceTable::new(),
    };
    let mut store = Store::new(SANDBOX.engine(), state);
    store.limiter(|state| &mut state.memory);
    limit_store(&mut store);
    let sandbox = SANDBOX.instantiate_async(&mut store).await;
    (store, sandbox.expect("a fresh instance"))
}

async fn works(store: &mut Store<Hostile>, sandbox: &Sandbox) {
    let result = sandbox
        .monty_sandbox_interpreter()
        .call_run(store, "sum(range(10))", &options(None))
        .await;
    let outcome = result.expect("no trap").expect("an outcome");
    assert_eq!(shown(&outcome), "45");
}

fn shown(outcome: &Outcome) -> String {
    let message = match outcome {
        Outcome::Completed(message) => message,
        Outcome::Suspended(suspension) => {
            return format!("waits for {} calls", suspension.calls.len());
        }
    };
    Decoder::new(message.graph.as_ref(), GraphCaps::DEFAULT)
        .and_then(|mut decoder| decoder.value(&message.root))
        .map_or_else(
            |error| format!("refused: {error}"),
            |value| value.to_string(),
        )
}

fn failed(failure: &Failure) -> String {
    match failure {
        Failure::Raised(report) => report.exception.to_string(),
        Failure::InvalidSource(report) => format!("invalid source: {}", report.exception),
        Failure::LimitExceeded(exceeded) => {
            format!("limit {:?}: {}", exceeded.limit, exceeded.report.exception)
        }
        Failure::InvalidRequest(message) => format!("invalid request: {message}"),
        Failure::InvalidSnapshot(message) => format!("invalid snapshot: {message}"),
        Failure::Other(message) => format!("other: {message}"),
    }
}

fn columns(kinds: &[u8]) -> Graph {
    Graph {
        kinds: kinds.to_vec(),
        ..Graph::default()
    }
}

fn containers(kinds: &[u8], counts: &[u32], children: &[u32]) -> Graph {
    Graph {
        counts: counts.to_vec(),
        children: children.to_vec(),
        ..columns(kinds)
    }
}

/// The message whose value is the last object of a graph.
fn last(graph: Graph) -> Message {
    let id = u32::try_from(graph.kinds.len()).expect("not that many") - 1;
    Message {
        root: Operand::Node(id),
        graph: Some(graph),
    }
}

fn rare(node: RareNode) -> Message {
    last(Graph {
        rare: vec![node],
        ..columns(&[14])
    })
}

/// A container of a rare kind that holds the objects before it.
fn rare_holding(kinds: &[u8], node: RareNode, children: &[u32]) -> Graph {
    let mut kinds = kinds.to_vec();
    kinds.push(14);
    let count = u32::try_from(children.len()).expect("not that many");
    Graph {
        rare: vec![node],
        ..containers(&kinds, &[count], children)
    }
}

/// Nested containers of one kind around `None`. Dicts hold the next one as
/// their value.
fn nested(kind: u8, depth: u32) -> Message {
    let mut kinds = vec![0];
    kinds.resize(depth as usize + 1, kind);
    let children: Vec<u32> = match kind {
        13 => (0..depth).flat_map(|id| [0, id]).collect(),
        _ => (0..depth).collect(),
    };
    let counts = vec![if kind == 13 { 2 } else { 1 }; depth as usize];
    last(containers(&kinds, &counts, &children))
}

fn class() -> RareNode {
    RareNode::Class(Class {
        name: "C".into(),
        id: ObjectId::from_u128(1),
        host_defined: true,
        dataclass: false,
    })
}

fn instance_of(class: u32) -> RareNode {
    RareNode::Instance(Instance {
        class,
        id: ObjectId::from_u128(2),
    })
}

fn module(name: &str) -> RareNode {
    RareNode::Module(Module {
        name: name.into(),
        id: ObjectId::from_u128(3),
    })
}

fn named_tuple(fields: &[&str]) -> RareNode {
    RareNode::NamedTuple(NamedTuple {
        type_name: "T".into(),
        field_names: fields.iter().map(|&field| field.into()).collect(),
    })
}

fn date(year: i32, month: u8, day: u8) -> RareNode {
    RareNode::Date(Date { year, month, day })
}

fn datetime(hour: u8, minute: u8, second: u8, microsecond: u32, offset: Option<i32>) -> RareNode {
    RareNode::Datetime(Datetime {
        date: Date {
            year: 2024,
            month: 2,
            day: 29,
        },
        hour,
        minute,
        second,
        microsecond,
        timezone: offset.map(zone),
    })
}

fn zone(offset_seconds: i32) -> Timezone {
    Timezone {
        offset_seconds,
        name: None,
    }
}

fn time(hour: u8, fold: u8) -> RareNode {
    RareNode::Time(Time {
        hour,
        minute: 0,
        second: 0,
        microsecond: 0,
        timezone: None,
        fold,
    })
}

fn timedelta(days: i32, seconds: i32, microseconds: i32) -> RareNode {
    RareNode::Timedelta(Timedelta {
        days,
        seconds,
        microseconds,
    })
}

fn decimal(text: &str) -> RareNode {
    RareNode::Decimal(text.into())
}

fn file(path: &str, mode: &str, position: u64) -> RareNode {
    RareNode::File(File {
        path: path.into(),
        mode: mode.into(),
        position,
    })
}

fn function(name: &str) -> RareNode {
    RareNode::Function(Function {
        name: name.into(),
        docstring: None,
    })
}

fn exception(type_name: &str) -> RareNode {
    RareNode::Exception(Exception {
        type_name: type_name.into(),
        message: Some("m".into()),
    })
}

fn text(lengths: &[u32], text: &str) -> Graph {
    Graph {
        text_lengths: lengths.to_vec(),
        text: text.into(),
        ..columns(&vec![7; lengths.len()])
    }
}

/// Messages that break a rule of the columns.
fn broken_columns() -> Vec<(&'static str, Message)> {
    let none = || columns(&[0]);
    vec![
        (
            "operand outside",
            Message {
                root: Operand::Node(1),
                graph: Some(none()),
            },
        ),
        (
            "operand far outside",
            Message {
                root: Operand::Node(u32::MAX),
                graph: Some(none()),
            },
        ),
        (
            "operand without graph",
            Message {
                root: Operand::Node(0),
                graph: None,
            },
        ),
        (
            "operand in an empty graph",
            Message {
                root: Operand::Node(0),
                graph: Some(columns(&[])),
            },
        ),
        ("child is itself", last(containers(&[0, 9], &[1], &[1]))),
        ("child after holder", last(containers(&[9, 0], &[1], &[1]))),
        (
            "child out of range",
            last(containers(&[0, 9], &[1], &[u32::MAX])),
        ),
        ("cycle of two", last(containers(&[9, 9], &[1, 1], &[1, 0]))),
        ("unknown kind", last(columns(&[15]))),
        ("last unknown kind", last(columns(&[255]))),
        ("unused kind before", last(columns(&[99, 0]))),
        ("no integer", last(columns(&[5]))),
        ("no float", last(columns(&[6]))),
        ("no text length", last(columns(&[7]))),
        ("no text", last(text(&[2], "a"))),
        ("no blob length", last(columns(&[8]))),
        (
            "no blob",
            last(Graph {
                blob_lengths: vec![u32::MAX],
                ..columns(&[8])
            }),
        ),
        ("no count", last(columns(&[9]))),
        ("no children", last(containers(&[0, 9], &[2], &[0]))),
        ("no rare", last(columns(&[14]))),
        (
            "no count for a rare container",
            last(Graph {
                rare: vec![class()],
                ..columns(&[14])
            }),
        ),
        (
            "counts that overflow",
            last(containers(&[0, 9, 9], &[u32::MAX, 2], &[0, 0])),
        ),
        ("lengths that overflow", last(text(&[u32::MAX, 2], "a"))),
        (
            "count too many",
            last(Graph {
                counts: vec![0],
                ..none()
            }),
        ),
        (
            "child too many",
            last(Graph {
                children: vec![0],
                ..none()
            }),
        ),
        (
            "integer too many",
            last(Graph {
                integers: vec![0],
                ..none()
            }),
        ),
        (
            "float too many",
            last(Graph {
                floats: vec![0.0],
                ..none()
            }),
        ),
        (
            "text length too many",
            last(Graph {
                text_lengths: vec![0],
                ..none()
            }),
        ),
        ("text too long", last(text(&[1], "ab"))),
        (
            "blob length too many",
            last(Graph {
                blob_lengths: vec![0],
                ..none()
            }),
        ),
        (
            "blobs too long",
            last(Graph {
                blobs: vec![1],
                ..none()
            }),
        ),
        (
            "rare too many",
            last(Graph {
                rare: vec![class()],
                ..none()
            }),
        ),
        ("length inside a character", last(text(&[1, 1], "é"))),
        ("length inside an emoji", last(text(&[3, 1], "🦀"))),
        ("half a pair", last(containers(&[0, 13], &[1], &[0]))),
        ("half an attribute", last(rare_holding(&[0], class(), &[0]))),
    ]
}

/// Well-formed messages with values that are invalid for their kinds.
fn impossible_values() -> Vec<(&'static str, Message)> {
    let unhashable = |kind: u8| last(containers(&[9, kind], &[0, 1], &[0]));
    vec![
        ("year 0", rare(date(0, 1, 1))),
        ("year 10000", rare(date(10_000, 1, 1))),
        ("year of the minimum", rare(date(i32::MIN, 1, 1))),
        ("month 13", rare(date(2024, 13, 1))),
        ("day 0", rare(date(2024, 1, 0))),
        ("30 February", rare(date(2024, 2, 30))),
        ("hour 24", rare(datetime(24, 0, 0, 0, None))),
        ("minute 60", rare(datetime(0, 60, 0, 0, None))),
        ("second 60", rare(datetime(0, 0, 60, 0, None))),
        (
            "microsecond 1000000",
            rare(datetime(0, 0, 0, 1_000_000, None)),
        ),
        (
            "microsecond of the maximum",
            rare(datetime(0, 0, 0, u32::MAX, None)),
        ),
        (
            "datetime offset of a day",
            rare(datetime(0, 0, 0, 0, Some(86_400))),
        ),
        (
            "datetime offset of the minimum",
            rare(datetime(0, 0, 0, 0, Some(i32::MIN))),
        ),
        ("time of 255 hours", rare(time(255, 0))),
        ("fold 2", rare(time(0, 2))),
        ("timezone of a day", rare(RareNode::Timezone(zone(-86_400)))),
        ("days of the maximum", rare(timedelta(i32::MAX, 0, 0))),
        ("seconds of a day", rare(timedelta(0, 86_400, 0))),
        ("negative microseconds", rare(timedelta(0, 0, -1))),
        ("no decimal", rare(decimal(""))),
        ("decimal of two points", rare(decimal("1.2.3"))),
        ("decimal with a space", rare(decimal(" 1"))),
        ("decimal with an underscore", rare(decimal("1_0"))),
        ("decimal with a null", rare(decimal("1\0"))),
        ("decimal of Arabic digits", rare(decimal("١"))),
        (
            "decimal exponent beyond all",
            rare(decimal("1E+99999999999999999999")),
        ),
        (
            "decimal exponent beyond Python's",
            rare(decimal("1E+1000000000000000000")),
        ),
        (
            "decimal of a million digits",
            rare(decimal(&"9".repeat(1_000_000))),
        ),
        ("decimal signaling", rare(decimal("sNaN"))),
        ("integer of no bytes", rare(RareNode::BigInteger(vec![]))),
        (
            "integer not minimal",
            rare(RareNode::BigInteger(vec![1, 0, 0, 0])),
        ),
        (
            "integer of minus zero bytes",
            rare(RareNode::BigInteger(vec![255; 9])),
        ),
        (
            "integer of 10 MB",
            rare(RareNode::BigInteger(vec![1; 10_000_000])),
        ),
        (
            "complex of NaN",
            rare(RareNode::Complex(Complex {
                real: f64::NAN,
                imaginary: f64::INFINITY,
            })),
        ),
        ("unknown exception", rare(exception("NoSuchError"))),
        ("nameless exception", rare(exception(""))),
        ("exception named as a type", rare(exception("int"))),
        (
            "unknown type",
            rare(RareNode::TypeObject("os.system".into())),
        ),
        ("nameless type", rare(RareNode::TypeObject(String::new()))),
        (
            "unknown builtin",
            rare(RareNode::BuiltinFunction("__import__".into())),
        ),
        (
            "builtin of a type",
            rare(RareNode::BuiltinFunction("int".into())),
        ),
        (
            "representation",
            rare(RareNode::Representation("<x>".into())),
        ),
        ("cycle", rare(RareNode::Cycle("[...]".into()))),
        ("nameless function", rare(function(""))),
        ("function with a null in its name", rare(function("a\0b"))),
        ("file of unknown mode", rare(file("/x", "rwx", 0))),
        ("file without mode", rare(file("/x", "", 0))),
        ("file without path", rare(file("", "r", 0))),
        ("file far along", rare(file("/x", "r", u64::MAX))),
        ("path with a null", rare(RareNode::Path("/a\0b".into()))),
        ("path upwards", rare(RareNode::Path("/../../etc".into()))),
        (
            "too few values",
            last(rare_holding(&[0], named_tuple(&["a", "b"]), &[0])),
        ),
        (
            "too many values",
            last(rare_holding(&[0], named_tuple(&[]), &[0])),
        ),
        (
            "field twice",
            last(rare_holding(&[0], named_tuple(&["a", "a"]), &[0, 0])),
        ),
        (
            "field of no identifier",
            last(rare_holding(&[0], named_tuple(&["a b"]), &[0])),
        ),
        (
            "class with a list for a name",
            last(rare_holding(&[0], class(), &[0, 0])),
        ),
        (
            "module of no name",
            last(rare_holding(&[], module(""), &[])),
        ),
        (
            "module with None for a name",
            last(rare_holding(&[0], module("m"), &[0, 0])),
        ),
        (
            "instance of None",
            last(rare_holding(&[0], instance_of(0), &[])),
        ),
        (
            "instance of itself",
            last(rare_holding(&[], instance_of(0), &[])),
        ),
        (
            "instance of nothing",
            last(rare_holding(&[], instance_of(u32::MAX), &[])),
        ),
        ("set of lists", unhashable(11)),
        ("frozenset of lists", unhashable(12)),
        (
            "dict with a list for a key",
            last(containers(&[9, 13], &[0, 2], &[0, 0])),
        ),
        (
            "dict with a tuple of lists for a key",
            last(containers(&[9, 10, 13], &[0, 1, 2], &[0, 1, 1])),
        ),
        (
            "set with an item twice",
            last(containers(&[1, 11], &[2], &[0, 0])),
        ),
        (
            "dict with a key twice",
            last(containers(&[1, 2, 13], &[4], &[0, 0, 0, 1])),
        ),
    ]
}

/// Messages that are well formed, and large.
fn large_values() -> Vec<(&'static str, Message)> {
    let million = 1_000_000_u32;
    let doubled: Vec<u32> = (0..40).flat_map(|id| [id, id]).collect();
    let mut doubled_kinds = vec![0];
    doubled_kinds.resize(41, 9);
    let mut tuples = doubled_kinds.clone();
    tuples[1..].fill(10);
    tuples.push(11);
    let mut tuple_children = doubled.clone();
    tuple_children.push(40);
    let mut tuple_counts = vec![2; 40];
    tuple_counts.push(1);
    let mut key = nested(10, 100_000);
    if let Some(graph) = &mut key.graph {
        graph.kinds.push(13);
        graph.counts.push(2);
        graph.children.extend([100_000, 0]);
    }
    let mut flat = columns(&vec![5; million as usize]);
    flat.integers = (0..i64::from(million)).collect();
    flat.kinds.push(9);
    flat.counts.push(million);
    flat.children.extend(0..million);
    vec![
        (
            "text of 50 MB",
            Message {
                root: Operand::Text("a".repeat(50_000_000)),
                graph: None,
            },
        ),
        (
            "text of 50 MB in a graph",
            last(text(&[50_000_000], &"a".repeat(50_000_000))),
        ),
        (
            "text of 200 MB",
            Message {
                root: Operand::Text("a".repeat(200_000_000)),
                graph: None,
            },
        ),
        (
            "bytes of 50 MB",
            Message {
                root: Operand::Bytes(vec![1; 50_000_000]),
                graph: None,
            },
        ),
        ("lists 1000 deep", nested(9, 1000)),
        ("lists 100000 deep", nested(9, 100_000)),
        ("tuples 100000 deep", nested(10, 100_000)),
        ("dicts 100000 deep", nested(13, 100_000)),
        ("frozensets 100000 deep", nested(12, 100_000)),
        (
            "key 100000 deep",
            Message {
                root: Operand::Node(100_001),
                ..key
            },
        ),
        ("a million integers", last(flat)),
        (
            "a million empty lists",
            last(containers(
                &vec![9; million as usize],
                &vec![0; million as usize],
                &[],
            )),
        ),
        (
            "a list of one object ten million times",
            last(containers(
                &[0, 9],
                &[10 * million],
                &vec![0; 10 * million as usize],
            )),
        ),
        (
            "lists doubled forty times",
            last(containers(&doubled_kinds, &[2; 40], &doubled)),
        ),
        (
            "a set of tuples doubled forty times",
            last(containers(&tuples, &tuple_counts, &tuple_children)),
        ),
    ]
}

const CALL: &str = "x = f()\n(type(x).__name__, x if type(x) in (int, float, bool) else 0)";

/// The outcome of each message as an answer, a looked-up name and an input.
async fn transcript(messages: Vec<(&'static str, Message)>) -> String {
    let mut seen = Vec::new();
    for (name, message) in messages {
        let answer = Answer::Value(message.clone());
        let called = outcome(CALL, answer.clone(), None).await;
        let looked_up = outcome("type(looked_up).__name__", answer, None).await;
        let inputs = Inputs {
            values: vec![NamedOperand {
                name: "x".into(),
                value: message.root,
            }],
            graph: message.graph,
        };
        let input = outcome("type(x).__name__", Answer::NotFound, Some(inputs)).await;
        for seen in [&called, &looked_up, &input] {
            assert!(!seen.starts_with("other:"), "{name}: {seen}");
        }
        let refused = "ValueError: the host answered f() with an invalid value: ";
        let reasons = [
            called.strip_prefix(refused),
            looked_up.strip_prefix(&refused.replace("f()", "looked_up")),
            input.strip_prefix("invalid request: the inputs: "),
        ];
        seen.push(match reasons {
            [Some(one), Some(two), Some(three)] if one == two && two == three => {
                format!("{name}\n    refused: {one}")
            }
            _ => format!("{name}\n    call: {called}\n    name: {looked_up}\n    input: {input}"),
        });
    }
    seen.join("\n")
}

#[tokio::test]
async fn columns_that_break_a_rule() {
    let seen = transcript(broken_columns()).await;
    assert_snapshot!("columns", seen);
}

#[tokio::test]
async fn values_that_do_not_exist() {
    let seen = transcript(impossible_values()).await;
    assert_snapshot!("values", seen);
}

#[tokio::test]
async fn values_that_are_large() {
    let mut settings = insta::Settings::clone_current();
    settings.add_filter(r"\d+ bytes", "[bytes]");
    let seen = transcript(large_values()).await;
    settings.bind(|| assert_snapshot!("large-values", seen));
}

/// As an answer and as an input: a graph that breaks a rule is refused, and any
/// other goes through Python and back, or ends as an exception if there is no
/// such value.
fn crosses_or_is_refused(graph: Graph, root: u32) -> Result<(), TestCaseError> {
    let valid = CheckedGraph::new(&graph, GraphCaps::NONE)
        .and_then(|checked| checked.check_operand(&Operand::Node(root)))
        .is_ok();
    let root = Operand::Node(root);
    let answer = Answer::Value(Message {
        root: root.clone(),
        graph: Some(graph.clone()),
    });
    let inputs = Inputs {
        values: vec![NamedOperand {
            name: "x".into(),
            value: root,
        }],
        graph: Some(graph),
    };
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    let called = runtime.block_on(outcome("f()", answer, None));
    let input = runtime.block_on(outcome("x", Answer::NotFound, Some(inputs)));
    for (seen, refused) in [
        (
            called,
            "ValueError: the host answered f() with an invalid value: ",
        ),
        (input, "invalid request: the inputs: "),
    ] {
        let harm = ["trap: ", "other: ", "value: refused"];
        let harmed = harm.iter().any(|harm| seen.starts_with(harm));
        prop_assert!(!harmed && (valid || seen.starts_with(refused)), "{seen}");
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_graphs(graph in random_columns(), root in number()) {
        crosses_or_is_refused(graph, root)?;
    }

    #[test]
    fn graphs_that_add_up(
        graph in columns_that_add_up(),
        root in any::<prop::sample::Index>(),
    ) {
        let root = root.index(graph.kinds.len());
        crosses_or_is_refused(graph, u32::try_from(root).expect("it is small"))?;
    }

    #[test]
    fn graphs_that_add_up_but_for_one_number(
        graph in tampered(),
        root in any::<prop::sample::Index>(),
    ) {
        let root = root.index(graph.kinds.len());
        crosses_or_is_refused(graph, u32::try_from(root).expect("it is small"))?;
    }
}

/// Operations on a value that stands for more than fits in memory.
#[tokio::test]
async fn values_that_are_large_in_use() {
    let values = large_values();
    let message = |name: &str| {
        let found = values.iter().find(|(other, _)| *other == name);
        Answer::Value(found.expect(name).1.clone())
    };
    for (name, source, expected) in [
        ("lists 100000 deep", "f() == f()", "limit Limit::Recursion"),
        ("lists 100000 deep", "x = f()\nx", "value: ["),
        (
            "lists 100000 deep",
            "import json\njson.dumps(f())",
            "limit Limit::Recursion",
        ),
        ("lists 100000 deep", "x = f()\nx = None\n1", "value: 1"),
        ("tuples 100000 deep", "hash(f())", "limit Limit::Recursion"),
        ("lists doubled forty times", "len(f())", "value: 2"),
        ("text of 50 MB", "len(f())", "value: 50000000"),
    ] {
        let seen = outcome(source, message(name), None).await;
        assert!(seen.starts_with(expected), "{name}: {source}: {seen}");
    }
}

#[tokio::test]
async fn exceptions_that_do_not_exist() {
    let mut seen = Vec::new();
    let huge = "E".repeat(1_000_000);
    for (type_name, message) in [
        ("NoSuchError", Some("m")),
        ("", Some("m")),
        ("", None),
        ("a\0b", None),
        ("int", Some("m")),
        ("json.JSONDecodeError", Some("m")),
        ("UnicodeDecodeError", Some("m")),
        ("StopIteration", Some("m")),
        ("KeyError", None),
        ("SystemExit", Some("m")),
        ("BaseException", Some("m")),
        ("RecursionError", Some("maximum recursion depth exceeded")),
        (
            "MemoryError",
            Some("memory limit exceeded: 1 bytes > 134217728 bytes"),
        ),
        ("TimeoutError", Some("feed time limit exceeded: 1s > 5s")),
        (huge.as_str(), Some("m")),
        ("ValueError", Some(huge.as_str())),
    ] {
        let raised = Answer::Raised(Exception {
            type_name: type_name.into(),
            message: message.map(Into::into),
        });
        for (place, source) in [
            ("call", "f()"),
            ("name", "looked_up"),
            ("for", "for x in f(): pass"),
        ] {
            let outcome = outcome(source, raised.clone(), None).await;
            let type_name: String = type_name.escape_default().take(40).collect();
            seen.push(format!("'{type_name}' {place}: {outcome:.80}"));
        }
    }
    assert_snapshot!("exceptions", seen.join("\n"));
}

#[tokio::test]
async fn inputs_that_cannot_be() {
    let long = "a".repeat(1_000_000);
    let mut seen = Vec::new();
    for names in [
        vec![""],
        vec!["a b"],
        vec!["1a"],
        vec!["a\0"],
        vec!["for"],
        vec!["None"],
        vec!["x", "x"],
        vec!["print"],
        vec!["__name__"],
        vec!["ﬁ"],
        vec![long.as_str()],
    ] {
        let values = names.iter().map(|&name| NamedOperand {
            name: name.into(),
            value: Operand::Integer(7),
        });
        let inputs = Inputs {
            values: values.collect(),
            graph: None,
        };
        let outcome = outcome("1", Answer::NotFound, Some(inputs)).await;
        seen.push(format!("{:.40}: {outcome:.120}", format!("{names:?}")));
    }
    let values = (0..100_000).map(|n| NamedOperand {
        name: format!("x{n}"),
        value: Operand::Integer(n),
    });
    let inputs = Inputs {
        values: values.collect(),
        graph: None,
    };
    let outcome = outcome("x9", Answer::NotFound, Some(inputs)).await;
    seen.push(format!("100000 inputs: {outcome}"));
    assert_snapshot!("inputs", seen.join("\n"));
}

/// Options at the edge of their types.
#[tokio::test]
async fn options_that_cannot_be() {
    let (mut store, sandbox) = instance(Answer::NotFound).await;
    let interpreter = sandbox.monty_sandbox_interpreter();
    let with = |limits| Options {
        limits: Some(limits),
        ..options(None)
    };
    let none = Limits {
        max_duration: None,
        max_memory: None,
        max_recursion_depth: None,
        gc_interval: None,
    };
    let mut seen = Vec::new();
    for (name, options) in [
        (
            "no time",
            with(Limits {
                max_duration: Some(0),
                ..none
            }),
        ),
        (
            "all time",
            with(Limits {
                max_duration: Some(u64::MAX),
                ..none
            }),
        ),
        (
            "no memory",
            with(Limits {
                max_memory: Some(0),
                ..none
            }),
        ),
        (
            "all memory",
            with(Limits {
                max_memory: Some(u64::MAX),
                ..none
            }),
        ),
        (
            "no depth",
            with(Limits {
                max_recursion_depth: Some(0),
                ..none
            }),
        ),
        (
            "all depth",
            with(Limits {
                max_recursion_depth: Some(u32::MAX),
                ..none
            }),
        ),
        (
            "no interval",
            with(Limits {
                gc_interval: Some(0),
                ..none
            }),
        ),
        (
            "no directory",
            Options {
                working_directory: Some(String::new()),
                ..options(None)
            },
        ),
        (
            "huge directory",
            Options {
                working_directory: Some("/a".repeat(1_000_000)),
                ..options(None)
            },
        ),
        (
            "no name",
            Options {
                script_name: Some("\0".into()),
                ..options(None)
            },
        ),
    ] {
        let result = interpreter.call_run(&mut store, "[1]", &options).await;
        let outcome = match result.expect("no trap") {
            Ok(outcome) => shown(&outcome),
            Err(failure) => failed(&failure),
        };
        seen.push(format!("{name}: {outcome:.120}"));
        works(&mut store, &sandbox).await;
    }
    let mut settings = insta::Settings::clone_current();
    settings.add_filter(r"[\d.]+(ns|µs|ms|s) >", "[elapsed] >");
    settings.bind(|| assert_snapshot!("options", seen.join("\n")));
}

/// Sources that no person would write.
#[tokio::test]
async fn sources_that_are_odd() {
    let huge = "x = 1\n".repeat(100_000);
    for source in [
        "",
        "\0",
        "\u{feff}1",
        "\r",
        "#",
        "\u{2028}",
        "\\",
        "\x0c",
        &huge,
    ] {
        let seen = outcome(source, Answer::NotFound, None).await;
        assert!(
            seen.starts_with("value: ") || seen.starts_with("invalid source: "),
            "{source:?}: {seen}"
        );
    }
}

/// A module of the host that breaks the rules.
#[test]
fn a_module_that_is_none() {
    for module in [Value::None, Value::list([1]), Value::from("text")] {
        let shown = module.to_string();
        let error = script("import odd\nodd.x")
            .host(Host::new().os(System::new().module("odd", module)))
            .run_blocking()
            .expect_err(&shown);
        assert_eq!(error.kind(), ErrorKind::Script, "{error}");
    }
    assert_next_run_works();
}

/// An operating system whose answers make no sense.
struct Nonsense;

#[async_trait::async_trait]
impl Os for Nonsense {
    async fn stat(&self, path: &str, follow_links: bool) -> Result<FileStat, ErrorCode> {
        let beyond = Instant {
            seconds: i64::MAX,
            nanoseconds: u32::MAX,
        };
        Ok(FileStat {
            // Every path is a link, and leads to a file.
            file_type: match (path, follow_links) {
                ("/x", true) => FileType::Regular,
                ("/x", false) => FileType::SymbolicLink,
                _ => FileType::Other,
            },
            permissions: u32::MAX,
            size: u64::MAX,
            modified: beyond,
            accessed: Instant {
                seconds: i64::MIN,
                nanoseconds: 0,
            },
            changed: beyond,
            file_id: u64::MAX,
            device_id: Some(u64::MAX),
            link_count: u64::MAX,
        })
    }

    async fn read_link(&self, _path: &str) -> Result<String, ErrorCode> {
        Ok("not/absolute/../\0".to_owned())
    }

    async fn read(&self, path: &str) -> Result<Vec<u8>, ErrorCode> {
        Ok(match path {
            "/large" => vec![b'a'; 20_000_000],
            _ => vec![0xFF; 1000],
        })
    }

    async fn list_directory(&self, _path: &str) -> Result<Vec<String>, ErrorCode> {
        let names = ["", "..", "/", "../../etc/passwd", "a/b", "a\0b", "a\nb"];
        Ok(names.map(str::to_owned).to_vec())
    }

    async fn getenv(&self, _name: &str) -> Result<Option<String>, ErrorCode> {
        Ok(Some("\0".repeat(1_000_000)))
    }

    async fn environ(&self) -> Result<Vec<(String, String)>, ErrorCode> {
        let pair = (String::new(), "=".to_owned());
        Ok(vec![pair.clone(), pair])
    }

    async fn now(&self) -> Result<SystemTime, ErrorCode> {
        Ok(SystemTime::UNIX_EPOCH + Duration::from_secs(1 << 62))
    }

    async fn monotonic_now(&self) -> Result<Duration, ErrorCode> {
        Ok(Duration::MAX)
    }

    async fn random_bytes(&self, _size: u64) -> Result<Vec<u8>, ErrorCode> {
        Ok(vec![])
    }

    async fn rename(&self, _source: &str, _destination: &str) -> Result<(), ErrorCode> {
        Err(ErrorCode::Raised(Exception {
            type_name: "NoSuchError".to_owned(),
            message: None,
        }))
    }
}

#[test]
fn an_operating_system_that_makes_no_sense() {
    let lines = [
        "open('/large').read()",
        "Path('/large').read_text()",
        "open('/x').read()",
        "open('/x', 'rb').read()[:3]",
        "Path('/x').read_text()[:3]",
        "Path('/x').read_bytes()[:3]",
        "sorted(map(str, Path('/x').iterdir()))",
        "os.listdir('/x')",
        "list(os.walk('/x'))",
        "str(Path('/x').resolve())",
        "str(Path('/x').absolute())",
        "len(os.getenv('X'))",
        "dict(os.environ)",
        "datetime.date.today()",
        "datetime.datetime.now()",
        "datetime.datetime.now(datetime.timezone.utc).isoformat()",
        "time.time()",
        "time.time_ns()",
        "time.localtime()",
        "time.monotonic() >= 0",
        "os.urandom(4)",
        "random.random()",
        "random.randint(1, 10**30)",
        "os.rename('/a', '/b')",
        "Path('/x').exists()",
        "Path('/x').is_symlink()",
        "Path('/x').stat()",
        "os.path.getmtime('/x')",
    ];
    let seen = lines.map(|line| {
        let source = format!("import datetime, os, random, time\nfrom pathlib import Path\n{line}");
        let result = script(&source)
            .host(Host::new().os(Nonsense))
            .options(
                monty_host::Options::new()
                    .clock(Clock::Host)
                    .randomness(Randomness::Host),
            )
            .limits(monty_host::Limits::default().with_memory_bytes(8 << 20))
            .run_blocking();
        let seen = match result {
            Ok(report) => report.value.to_string(),
            Err(error) => format!("{}: {}", error.kind().name(), error.summary()),
        };
        assert_next_run_works();
        format!("{line}\n    {:.200}", seen.replace('\0', "\\0"))
    });
    assert_snapshot!("os", seen.join("\n"));
}

/// A tool that panics raises an exception, and nothing else comes of it.
#[test]
fn a_tool_that_panics() {
    let monty = Monty::builder()
        .concurrent_runs(1)
        .build()
        .expect("the interpreter starts");
    let tools = Tools::new()
        .function("now", (), || -> Result<(), ToolError> {
            panic!("a bug in a tool")
        })
        .function("later", (), async || -> Result<(), ToolError> {
            tokio::task::yield_now().await;
            panic!("a bug in a tool")
        });
    for source in ["now()", "later()", "await later()"] {
        for _ in 0..3 {
            let error = monty.script(source).host(&tools).run_blocking();
            let error = error.expect_err("the tool panicked");
            assert_eq!(error.kind(), ErrorKind::Script, "{error}");
            let report = monty.script("sum(range(10))").run_blocking();
            assert_eq!(report.expect("runs").value.as_i64(), Some(45));
        }
    }
}
