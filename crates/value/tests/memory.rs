//! What a graph costs in memory while it is read: never out of proportion to
//! the cap, whatever its columns promise.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use monty_value::graph::GraphCaps;
use monty_value::types::{
    Class, Complex, Date, Datetime, Exception, File, Function, Graph, Instance, Module, NamedTuple,
    Operand, RareNode, Time, Timedelta, Timezone,
};
use monty_value::{Decoder, ObjectId, Value};

thread_local! {
    static HELD: Cell<usize> = const { Cell::new(0) };
    static PEAK: Cell<usize> = const { Cell::new(0) };
}

/// Counts what a thread holds.
struct Counting;

// SAFETY: every call is passed on to the system's allocator as it is.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        HELD.set(HELD.get().wrapping_add(layout.size()));
        PEAK.set(PEAK.get().max(HELD.get()));
        // SAFETY: the caller keeps the rules of `alloc`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        HELD.set(HELD.get().wrapping_sub(layout.size()));
        // SAFETY: the pointer came from the system's allocator, by `alloc`.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Bytes that an action held at most, beyond those held before it.
fn peak_of<T>(action: impl FnOnce() -> T) -> (T, usize) {
    let before = HELD.get();
    PEAK.set(before);
    let result = action();
    (result, PEAK.get() - before)
}

const CAPS: GraphCaps = GraphCaps {
    expanded_bytes: 1 << 20,
    depth: 1024,
};

/// Objects that fit the cap if each holds nothing.
const OBJECTS: u32 = 1 << 14;

/// What is held, at most, for each byte that counts: a slot, a summary, and the
/// allocation behind an `Arc`.
const FACTOR: usize = 3;

fn graph(kinds: Vec<u8>) -> Graph {
    Graph {
        kinds,
        ..Graph::default()
    }
}

/// Many objects of one kind, each as empty as it can be.
fn many(kind: u8, count: u32) -> Graph {
    let count = count as usize;
    let mut graph = graph(vec![kind; count]);
    match kind {
        5 => graph.integers = vec![i64::MAX; count],
        6 => graph.floats = vec![f64::NAN; count],
        7 => graph.text_lengths = vec![0; count],
        8 => graph.blob_lengths = vec![0; count],
        9..=13 => graph.counts = vec![0; count],
        _ => {}
    }
    graph
}

fn many_rare(node: &RareNode) -> Graph {
    let mut kinds = vec![14; OBJECTS as usize];
    let mut rare = vec![node.clone(); OBJECTS as usize];
    if let RareNode::Instance(_) = node {
        kinds.truncate(OBJECTS as usize / 4);
        rare.truncate(OBJECTS as usize / 4);
        rare[0] = class();
    }
    let mut graph = graph(kinds);
    if node.is_container() {
        graph.counts = vec![0; rare.len()];
    }
    graph.rare = rare;
    graph
}

/// One container of this kind that holds one object many times.
fn wide(kind: u8, count: u32) -> Graph {
    let mut graph = graph(vec![0, kind]);
    graph.counts = vec![count];
    graph.children = vec![0; count as usize];
    graph
}

/// Containers that each hold the one before twice.
fn doubled(levels: u32) -> Graph {
    let mut graph = graph(vec![9; levels as usize + 1]);
    graph.kinds[0] = 0;
    graph.counts = vec![2; levels as usize];
    graph.children = (0..levels).flat_map(|id| [id, id]).collect();
    graph
}

fn deep(levels: u32) -> Graph {
    let mut graph = graph(vec![9; levels as usize + 1]);
    graph.kinds[0] = 0;
    graph.counts = vec![1; levels as usize];
    graph.children = (0..levels).collect();
    graph
}

fn class() -> RareNode {
    RareNode::Class(Class {
        name: String::new(),
        id: ObjectId::from_u128(1),
        host_defined: false,
        dataclass: false,
    })
}

fn rare_kinds() -> Vec<RareNode> {
    let date = Date {
        year: 1,
        month: 1,
        day: 1,
    };
    let id = ObjectId::from_u128(2);
    vec![
        RareNode::BigInteger(vec![0]),
        RareNode::Complex(Complex {
            real: 0.0,
            imaginary: 0.0,
        }),
        RareNode::Decimal("1".to_owned()),
        RareNode::Date(date),
        RareNode::Datetime(Datetime {
            date,
            hour: 0,
            minute: 0,
            second: 0,
            microsecond: 0,
            timezone: None,
        }),
        RareNode::Time(Time {
            hour: 0,
            minute: 0,
            second: 0,
            microsecond: 0,
            timezone: None,
            fold: 0,
        }),
        RareNode::Timedelta(Timedelta {
            days: 0,
            seconds: 0,
            microseconds: 0,
        }),
        RareNode::Timezone(Timezone {
            offset_seconds: 0,
            name: None,
        }),
        RareNode::Path(String::new()),
        RareNode::Exception(Exception {
            type_name: String::new(),
            message: None,
        }),
        RareNode::TypeObject(String::new()),
        RareNode::BuiltinFunction(String::new()),
        RareNode::Function(Function {
            name: String::new(),
            docstring: None,
        }),
        RareNode::NamedTuple(NamedTuple {
            type_name: String::new(),
            field_names: vec![],
        }),
        class(),
        RareNode::Instance(Instance { class: 0, id }),
        RareNode::Module(Module {
            name: String::new(),
            id,
        }),
        RareNode::File(File {
            path: String::new(),
            mode: String::new(),
            position: 0,
        }),
        RareNode::Representation(String::new()),
        RareNode::Cycle(String::new()),
    ]
}

/// Reads a graph and takes its last object.
fn read(graph: &Graph) -> Option<Value> {
    let last = u32::try_from(graph.kinds.len()).unwrap().checked_sub(1)?;
    let mut decoder = Decoder::new(Some(graph), CAPS).ok()?;
    decoder.value(&Operand::Node(last)).ok()
}

fn assert_bounded(name: &str, graph: &Graph, accepted: bool) {
    let most = FACTOR * CAPS.expanded_bytes as usize;
    let (value, peak) = peak_of(|| read(graph));
    assert_eq!(value.is_some(), accepted, "{name}");
    assert!(peak <= most, "{name}: {peak} bytes to read it");
    let Some(value) = value else { return };
    let (message, peak) = peak_of(|| value.to_message());
    assert!(message.is_ok(), "{name}");
    assert!(peak <= most, "{name}: {peak} bytes to write it");
    let (_, peak) = peak_of(|| value.to_string());
    assert!(peak <= most, "{name}: {peak} bytes to show it");
}

#[test]
fn as_many_objects_as_the_cap_takes() {
    for kind in 0..14 {
        assert_bounded(&format!("kind {kind}"), &many(kind, OBJECTS), true);
    }
    for node in rare_kinds() {
        assert_bounded(&format!("{node:?}"), &many_rare(&node), true);
    }
    for kind in 9..=13 {
        assert_bounded(&format!("wide kind {kind}"), &wide(kind, 10_000), true);
    }
    assert_bounded("deep", &deep(1024), true);
    assert_bounded("doubled", &doubled(12), true);
    let mut text = many(7, 1);
    text.text = "a".repeat(1 << 19);
    text.text_lengths = vec![1 << 19];
    assert_bounded("text", &text, true);
}

/// Millions of objects, or a few that stand for as many.
#[test]
fn more_than_the_cap_takes() {
    for kind in [0, 5, 7, 9, 13] {
        assert_bounded(&format!("kind {kind}"), &many(kind, 5_000_000), false);
    }
    for kind in 9..=13 {
        assert_bounded(&format!("wide kind {kind}"), &wide(kind, 5_000_000), false);
    }
    assert_bounded("deep", &deep(1_000_000), false);
    for levels in [20, 40, 64, 1000] {
        assert_bounded("doubled", &doubled(levels), false);
    }
    let mut promises = many(9, OBJECTS);
    promises.counts.fill(u32::MAX);
    assert_bounded("promises of children", &promises, false);
    let mut promises = many(7, OBJECTS);
    promises.text_lengths.fill(u32::MAX);
    assert_bounded("promises of text", &promises, false);
    let mut promises = many(8, OBJECTS);
    promises.blob_lengths.fill(u32::MAX);
    assert_bounded("promises of bytes", &promises, false);
}
