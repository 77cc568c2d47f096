//! Snapshots in files, which outlive the build that wrote them.
//!
//! Those in `stored/` were written by an earlier one and are signed with
//! [`key`]. If they can no longer be read, the layout has changed: give it a
//! new version (`host/src/run/snapshot/`, or `guest-component/src/snapshot.rs` for
//! the interpreter's part), say so in the change log, and write new ones:
//!
//! ```console
//! $ cargo test -p monty-host --test library stored::write -- --exact --ignored
//! ```

use std::path::PathBuf;
use std::time::{Duration, UNIX_EPOCH};

use hmac::{Hmac, Mac};
use monty_host::os::{Clock, Randomness};
use monty_host::{
    Answers, Call, ErrorKind, FeedOptions, Host, Limits, Options, Progress, Report, Session,
    Snapshot, SnapshotKey, SnapshotKind, Suspension, ToolError, Tools, Value,
};
use serde_json::{Value as Json, json};
use sha2::Sha256;

use crate::support::{assert_snapshot, in_time, monty, root, script};

const SECRET: &[u8] = b"the key of the snapshots in stored/";

fn key() -> SnapshotKey {
    SnapshotKey::new(SECRET).expect("long enough")
}

fn path(name: &str) -> PathBuf {
    root().join(format!("tests/library/stored/{name}.snapshot"))
}

fn bytes(name: &str) -> Vec<u8> {
    std::fs::read(path(name)).expect("it is in the repository")
}

fn stored(name: &str) -> Snapshot {
    Snapshot::from_bytes(&bytes(name), &key()).expect("this build reads it")
}

/// Tools of which `approve` and `ask` suspend.
fn tools() -> Tools {
    Tools::new()
        .function("approve", ["amount", "reason"], |_: Value, _: Value| {
            Err::<(), _>(ToolError::suspend())
        })
        .async_function("ask", ["question"], async |_: Value| {
            Err::<(), _>(ToolError::suspend())
        })
        .function("double", ["n"], |n: i64| Ok::<_, ToolError>(2 * n))
        .async_function("work", ["n"], async |n: i64| Ok::<_, ToolError>(n + 1))
}

/// What reaches them.
fn host() -> Host {
    Host::new().tools(&tools())
}

/// Each limit with a value that is no other's.
fn limits() -> Limits {
    Limits::default()
        .with_duration(Duration::from_millis(3_001))
        .with_host_duration(Duration::from_millis(4_002))
        .with_wait_duration(Duration::from_millis(5_003))
        .with_grace(Duration::from_millis(604))
        .with_memory_bytes(7_000_005)
        .with_host_memory_bytes(8_000_006)
        .with_recursion_depth(97)
        .with_calls(12)
        .with_concurrent_calls(8)
        .with_call_duration(Duration::from_nanos(10_000_000_009))
        .with_output_bytes(1_110)
        .with_message_bytes(1_200_011)
        .with_gc_interval(13_012)
}

const GATHER: &str = "\
import asyncio, datetime, random
print('before')
doubled = [double(n) for n in range(3)]
drawn = random.random()
answers = await asyncio.gather(ask([1, {'big': 2**80}]), work(2), ask(question=b'x'))
print('after', double(4))
{'doubled': doubled, 'answers': answers, 'drawn': [drawn, random.random()], 'now': str(datetime.datetime.now())}";

const CALL: &str = "\
class Order:
    def __init__(self, amount):
        self.amount = amount
    def pay(self):
        return f'{self.amount}: {approve(self.amount, \"é\")}'
Order(900).pay()";

const DEFINITIONS: &str = "\
import random
total = {1, 2}
def add(n):
    total.add(n)
    return sorted(total)
drawn = random.random()";

/// The session's files differ in what this was fed after [`DEFINITIONS`].
const QUESTION: &str = "add(3 if approve(3, reason=None) else 4)";

fn suspended(progress: Progress) -> Suspension {
    match progress {
        Progress::Suspended(suspension) => suspension,
        Progress::Finished(report) => panic!("it did not wait: {report:?}"),
    }
}

async fn opened() -> Session {
    let mut session = monty()
        .session()
        .host(host())
        .limits(limits())
        .options(Options::new().randomness(Randomness::Seeded(u64::MAX)))
        .open()
        .await
        .expect("it opens");
    let report = session.feed(DEFINITIONS).run().await;
    report.expect("the definitions are right");
    session
}

#[tokio::test]
#[ignore = "writes the files in `stored/` anew"]
async fn write() {
    let clock = Clock::Fixed(UNIX_EPOCH + Duration::from_secs(1_700_000_000));
    let options = Options::new()
        .randomness(Randomness::Seeded(5))
        .clock(clock);
    let started = script(GATHER)
        .host(host())
        .limits(limits())
        .options(options)
        .start();
    let gather = suspended(in_time(started).await.expect("it starts")).snapshot;

    let unlimited = Limits::unlimited();
    let started = script(CALL).host(host()).limits(unlimited).start();
    let call = suspended(in_time(started).await.expect("it starts")).snapshot;

    let mut session = opened().await;
    let idle = session.dump().await.expect("it is idle");
    let feed = session
        .feed(QUESTION)
        .options(FeedOptions::new().limits(limits().with_calls(3)));
    let waiting = suspended(in_time(feed.start()).await.expect("it starts")).snapshot;

    for (name, snapshot) in [
        ("script-gather", gather),
        ("script-call", call),
        ("session-idle", idle),
        ("session-waiting", waiting),
    ] {
        let bytes = snapshot.to_bytes(&key()).expect("signed");
        std::fs::write(path(name), bytes).expect("written");
    }
}

const NAMES: [&str; 4] = [
    "script-gather",
    "script-call",
    "session-idle",
    "session-waiting",
];

fn shown(report: &Report) -> String {
    format!("{}{}\n", report.printed, report.value)
}

fn shown_call(call: &Call) -> String {
    let positional = call.positional.iter().map(ToString::to_string);
    let keyword = call.keyword.iter();
    let keyword = keyword.map(|(name, value)| format!("{name}={value}"));
    let arguments: Vec<String> = positional.chain(keyword).collect();
    format!("{}  {}({})\n", call.id, call.name, arguments.join(", "))
}

#[tokio::test]
async fn a_script_of_an_earlier_build_goes_on() {
    let mut seen = String::new();
    for name in ["script-gather", "script-call"] {
        let snapshot = stored(name);
        assert_eq!(snapshot.kind(), SnapshotKind::Script);
        let calls = monty().suspended_calls(&snapshot).await.expect("it waits");
        seen.extend(calls.iter().map(shown_call));
        let answers = calls.iter().fold(Answers::new(), |answers, call| {
            let answer = format!("answer {}", call.id);
            answers.value(call.id, answer).expect("a text has a form")
        });
        let resumed = monty().resume(&snapshot, answers).host(host());
        let report = in_time(resumed.run()).await.expect("it ends");
        seen.push_str(&shown(&report));
    }
    assert_snapshot!("scripts", seen);
}

#[tokio::test]
async fn a_session_of_an_earlier_build_goes_on() {
    let restored = |name| {
        let snapshot = stored(name);
        assert_eq!(snapshot.kind(), SnapshotKind::Session);
        async move { monty().session().host(host()).restore(&snapshot).await }
    };
    let mut seen = String::new();

    let mut idle = restored("session-idle").await.expect("it is whole");
    let report = in_time(idle.feed("add(5), drawn, random.random()").run()).await;
    seen.push_str(&shown(&report.expect("the names are there")));

    let mut waiting = restored("session-waiting").await.expect("it is whole");
    let calls = monty().suspended_calls(&stored("session-waiting")).await;
    let calls = calls.expect("it waits");
    seen.extend(calls.iter().map(shown_call));
    let answers = Answers::new().value(calls[0].id, false).expect("a bool");
    let report = in_time(waiting.resume(answers).run()).await;
    seen.push_str(&shown(&report.expect("it ends")));
    let report = in_time(waiting.feed("total, drawn").run()).await;
    seen.push_str(&shown(&report.expect("the names are there")));
    assert_snapshot!("sessions", seen);
}

#[tokio::test]
async fn the_limits_of_an_earlier_build_hold() {
    assert_eq!(stored("script-gather").limits(), &limits());
    assert_eq!(stored("script-call").limits(), &Limits::unlimited());
    assert_eq!(stored("session-idle").limits(), &limits());
    let of_the_feed = limits().with_calls(3);
    assert_eq!(stored("session-waiting").limits(), &of_the_feed);

    // The script had made 6 calls, and makes one more.
    let snapshot = stored("script-gather");
    let calls = monty().suspended_calls(&snapshot).await.expect("it waits");
    let answers = calls.iter().fold(Answers::new(), |answers, call| {
        answers.value(call.id, 0).expect("an int has a form")
    });
    let resumed = monty().resume(&snapshot, answers).host(host());
    let report = in_time(resumed.run()).await.expect("it ends");
    assert_eq!(report.statistics.calls, 7);
}

#[test]
fn an_earlier_file_is_written_alike() {
    for name in NAMES {
        let again = stored(name).to_bytes(&key()).expect("signed");
        assert!(again == bytes(name), "{name}");
    }
}

/// The parts of a file: what is before the length of the header, the header,
/// and the interpreter's snapshot.
fn parts(bytes: &[u8]) -> (&[u8], &[u8], &[u8]) {
    let (fixed, rest) = bytes.split_at(26);
    let (length, rest) = rest.split_at(4);
    let length = u32::from_le_bytes(length.try_into().expect("four bytes"));
    let (header, rest) = rest.split_at(length as usize);
    (fixed, header, &rest[..rest.len() - 32])
}

/// The header, in an order that does not depend on the features of serde_json.
fn header(bytes: &[u8]) -> Json {
    let mut header: Json = serde_json::from_slice(parts(bytes).1).expect("it is JSON");
    header.sort_all_objects();
    header
}

#[test]
fn headers() {
    let mut seen = String::new();
    for name in NAMES {
        let header = header(&bytes(name));
        seen.push_str(&format!("{name}\n{header:#}\n"));
    }
    assert_snapshot!("headers", seen);
}

/// The file with another header, signed.
fn with_header(name: &str, header: &[u8]) -> Vec<u8> {
    with_header_of_length(name, header, u32::try_from(header.len()).expect("short"))
}

fn with_header_of_length(name: &str, header: &[u8], header_length: u32) -> Vec<u8> {
    let bytes = bytes(name);
    let (fixed, _, guest) = parts(&bytes);
    let length = 4 + header.len() + guest.len();
    let mut bytes = fixed[..18].to_vec();
    bytes.extend_from_slice(&(length as u64).to_le_bytes());
    bytes.extend_from_slice(&header_length.to_le_bytes());
    bytes.extend_from_slice(header);
    bytes.extend_from_slice(guest);
    signed(bytes)
}

fn signed(mut bytes: Vec<u8>) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET).expect("a key");
    mac.update(&bytes);
    bytes.extend_from_slice(&mac.finalize().into_bytes());
    bytes
}

fn refusal(bytes: &[u8]) -> String {
    let error = Snapshot::from_bytes(bytes, &key()).expect_err("it is refused");
    assert_eq!(error.kind(), ErrorKind::Request);
    error.to_string()
}

/// The interpreter's part has a version of its own, after a magic of four bytes.
#[tokio::test]
async fn states_of_another_version_are_refused() {
    let whole = bytes("script-call");
    let guest = whole.len() - 32 - parts(&whole).2.len();
    let mut seen = String::new();
    for step in [-1, 1] {
        let mut bytes = whole[..whole.len() - 32].to_vec();
        bytes[guest + 4] = bytes[guest + 4].wrapping_add_signed(step);
        let snapshot = Snapshot::from_bytes(&signed(bytes), &key()).expect("it is signed");
        let refused = in_time(monty().suspended_calls(&snapshot)).await;
        let error = refused.expect_err("the interpreter does not read it");
        assert_eq!(error.kind(), ErrorKind::Request);
        seen.push_str(&format!("{error}\n"));
    }
    assert_snapshot!("states-refused", seen);
}

#[test]
fn headers_that_are_refused() {
    let edited = |name: &str, edit: &dyn Fn(&mut Json)| {
        let mut header = header(&bytes(name));
        edit(&mut header);
        header.sort_all_objects();
        refusal(&with_header(name, header.to_string().as_bytes()))
    };
    let script =
        |edit: &dyn Fn(&mut Json)| edited("script-gather", &|json| edit(&mut json["script"]));
    let remove = |json: &mut Json, field: &str| {
        let fields = json.as_object_mut().expect("an object");
        fields.remove(field).expect("the field was there");
    };
    let raw = |header: &[u8]| refusal(&with_header("script-gather", header));
    let too_many = u64::try_from(i64::MAX).expect("positive") + 1;
    let cases = [
        (
            "a limit of a later version",
            script(&|json| json["suspended"]["limits"]["files"] = json!(3)),
        ),
        (
            "a field of a later version",
            script(&|json| json["priority"] = json!("low")),
        ),
        (
            "something used of a later version",
            script(&|json| json["suspended"]["used"]["files"] = json!(3)),
        ),
        (
            "another randomness",
            script(&|json| json["randomness"] = json!("dice")),
        ),
        (
            "another kind",
            raw(br#"{"machine": {"randomness": "system"}}"#),
        ),
        ("no kind", raw(b"{}")),
        (
            "two kinds",
            edited("script-gather", &|json| {
                json["session"] = json["script"].clone();
            }),
        ),
        (
            "a script that does not wait",
            script(&|json| remove(json, "suspended")),
        ),
        (
            "a session without limits",
            edited("session-idle", &|json| {
                remove(&mut json["session"], "limits")
            }),
        ),
        (
            "no grace",
            script(&|json| remove(&mut json["suspended"]["limits"], "grace_nanos")),
        ),
        (
            "nothing said of the calls made",
            script(&|json| remove(&mut json["suspended"]["used"], "calls")),
        ),
        (
            "a number of 64 bits",
            script(&|json| json["stream"] = json!(too_many)),
        ),
        (
            "a negative number",
            script(&|json| json["suspended"]["used"]["calls"] = json!(-1)),
        ),
        (
            "a depth beyond 32 bits",
            script(&|json| json["suspended"]["limits"]["recursion_depth"] = json!(1_u64 << 32)),
        ),
        (
            "a fraction",
            script(&|json| json["suspended"]["limits"]["grace_nanos"] = json!(0.5)),
        ),
        ("nothing", raw(b"")),
        ("text", raw(b"kind: script")),
        ("bytes", raw(b"\xff\xfe")),
        ("nested", raw(&b"[".repeat(10_000))),
        ("long", raw(&b" ".repeat(20_000))),
        (
            "cut off",
            refusal(&with_header_of_length("script-gather", b"{}", u32::MAX)),
        ),
    ];
    let seen: Vec<String> = cases
        .iter()
        .map(|(name, error)| format!("{name}\n    {error}"))
        .collect();
    assert_snapshot!("headers-refused", seen.join("\n"));
}

#[tokio::test]
async fn a_limit_left_out_is_none() {
    let mut header = header(&bytes("script-gather"));
    let limits = &mut header["script"]["suspended"]["limits"];
    *limits = json!({ "grace_nanos": 1, "message_bytes": 2_000, "recursion_depth": 3 });
    let bytes = with_header("script-gather", header.to_string().as_bytes());
    let snapshot = Snapshot::from_bytes(&bytes, &key()).expect("it is whole");
    let limits = Limits::unlimited()
        .with_grace(Duration::from_nanos(1))
        .with_message_bytes(2_000)
        .with_recursion_depth(3);
    assert_eq!(snapshot.limits(), &limits);
}

/// What is added to the greatest numbers that a header may have does not
/// overflow.
#[tokio::test]
async fn the_greatest_numbers() {
    let resumed = async |name, answers: Answers| {
        let mut header = header(&bytes(name));
        let script = &mut header["script"];
        script["stream"] = json!(i64::MAX);
        let used = script["suspended"]["used"].as_object_mut();
        for (_, number) in used.expect("an object").iter_mut() {
            *number = json!(i64::MAX);
        }
        let bytes = with_header(name, header.to_string().as_bytes());
        let snapshot = Snapshot::from_bytes(&bytes, &key()).expect("it is whole");
        in_time(monty().resume(&snapshot, answers).host(host()).run()).await
    };
    let answers = Answers::new().value(0, "yes").expect("a text has a form");
    let report = resumed("script-call", answers).await;
    let value = report.expect("it has no limits").value;
    assert_eq!(value.to_string(), "'900: yes'");

    let answers = [3, 5].into_iter().fold(Answers::new(), |answers, id| {
        answers.value(id, 0).expect("an int has a form")
    });
    let error = resumed("script-gather", answers).await;
    let limit = error.expect_err("it has used everything up").limit();
    assert!(limit.is_some(), "{limit:?}");
}

#[tokio::test]
async fn limits_beyond_what_the_header_says_are_as_good_as_none() {
    let mut limits = Limits::unlimited()
        .with_wait_duration(Duration::MAX)
        .with_grace(Duration::MAX)
        .with_calls(u64::MAX)
        .with_concurrent_calls(usize::MAX)
        .with_output_bytes(u64::MAX);
    let started = script(CALL).host(host()).limits(limits.clone()).start();
    let snapshot = suspended(in_time(started).await.expect("it starts")).snapshot;
    let bytes = snapshot.to_bytes(&key()).expect("signed");
    let snapshot = Snapshot::from_bytes(&bytes, &key()).expect("its own signature");
    let most = i64::MAX as u64;
    limits = limits
        .with_wait_duration(Duration::from_nanos(most))
        .with_grace(Duration::from_nanos(most))
        .with_calls(most)
        .with_concurrent_calls(usize::try_from(most).unwrap_or(usize::MAX))
        .with_output_bytes(most);
    assert_eq!(snapshot.limits(), &limits);
}
