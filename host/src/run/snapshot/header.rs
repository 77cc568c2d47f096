//! The header of a snapshot: the host's state beside the interpreter's own.
//!
//! One JSON object with one member, the kind of the snapshot:
//!
//! | member | of | its value holds |
//! |---|---|---|
//! | `script` | a suspended script | `randomness`, `stream`, `suspended` |
//! | `session` | a session | `randomness`, `stream`, `limits`; `suspended` if it waits for answers |
//!
//! | field | holds | if absent |
//! |---|---|---|
//! | `randomness` | `"system"`, `"host"` or `{"seeded": n}`, with the seed | rejected |
//! | `stream` | the stream of the seed's generator that the last instance drew from: the next instance takes the next | rejected |
//! | `limits` | the limits of each feed of the session | rejected in a session |
//! | `suspended` | `limits` and `used` of the code that waits for answers | rejected in a script; in a session, it waits for none |
//!
//! `limits`:
//!
//! | field | unit | if absent |
//! |---|---|---|
//! | `duration_nanos`, `host_duration_nanos`, `wait_duration_nanos`, `call_duration_nanos` | nanoseconds | no limit |
//! | `grace_nanos` | nanoseconds | rejected |
//! | `memory_bytes`, `host_memory_bytes`, `output_bytes` | bytes | no limit |
//! | `message_bytes` | bytes | rejected |
//! | `calls`, `concurrent_calls` | calls | no limit |
//! | `recursion_depth` | Python frames | rejected |
//! | `gc_interval` | allocations | the interpreter's own |
//!
//! `used`, all of which must be there: `calls`, `output_bytes` (bytes),
//! `python_nanos`, `host_nanos` and `wait_nanos` (nanoseconds). What each limit
//! counts is said at [`Limits`].
//!
//! A seed has up to 64 bits, `recursion_depth` and `gc_interval` up to 32, and
//! every other number up to 63: a greater one is written as 2⁶³ − 1 and rejected
//! by a reader, which can therefore add to it.
//!
//! # How it grows
//!
//! A new field may be added without a new version of the layout if its absence
//! means the same as before: no limit, nothing used. It is omitted if it has
//! that meaning. A reader rejects an unknown field, since it may be a limit.
//! Any other change (a field removed, or with a new meaning) needs a new
//! version of the layout, and a reader rejects every version but its own.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::account::clock::nanos;
use crate::embed::Budget;
use crate::limits::Limits;
use crate::os::Randomness;
use crate::statistics::Statistics;

/// The limit on the length of a header. One with every field has 1 KiB.
const MAX_BYTES: usize = 16 << 10;

/// The host's state beside the interpreter's own.
#[derive(Clone, Debug)]
pub(in crate::run) struct Header {
    pub(in crate::run) subject: Subject,
    pub(in crate::run) randomness: Randomness,
    /// The stream of a seed that the last instance drew from.
    pub(in crate::run) stream: u64,
}

/// What a snapshot is of, and what that may use up.
#[derive(Clone, Debug)]
pub(in crate::run) enum Subject {
    /// A suspended script.
    Script(Budget),
    /// A session, which may be suspended too.
    Session {
        limits: Limits,
        suspended: Option<Budget>,
    },
}

impl Header {
    pub(super) fn to_json(&self) -> serde_json::Result<Vec<u8>> {
        serde_json::to_vec(&WireHeader::from(self))
    }

    pub(super) fn from_json(json: &[u8]) -> Result<Self, String> {
        if json.len() > MAX_BYTES {
            return Err(format!(
                "it has {} bytes; a header has at most {MAX_BYTES}",
                json.len()
            ));
        }
        let header: WireHeader = serde_json::from_slice(json).map_err(|error| error.to_string())?;
        Ok(header.into())
    }
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum WireHeader {
    Script(WireScript),
    Session(WireSession),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WireScript {
    randomness: WireRandomness,
    stream: Count,
    suspended: WireBudget,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WireSession {
    randomness: WireRandomness,
    stream: Count,
    limits: WireLimits,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    suspended: Option<WireBudget>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum WireRandomness {
    System,
    Host,
    Seeded(u64),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WireBudget {
    limits: WireLimits,
    used: WireUsage,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WireLimits {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    duration_nanos: Option<Count>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    host_duration_nanos: Option<Count>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    wait_duration_nanos: Option<Count>,
    grace_nanos: Count,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    memory_bytes: Option<Count>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    host_memory_bytes: Option<Count>,
    recursion_depth: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    calls: Option<Count>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    concurrent_calls: Option<Count>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    call_duration_nanos: Option<Count>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    output_bytes: Option<Count>,
    message_bytes: Count,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    gc_interval: Option<u32>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WireUsage {
    calls: Count,
    output_bytes: Count,
    python_nanos: Count,
    host_nanos: Count,
    wait_nanos: Count,
}

/// A number of up to 63 bits.
#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(try_from = "u64")]
struct Count(u64);

impl Count {
    const MAX: u64 = i64::MAX as u64;

    fn new(number: u64) -> Self {
        Self(number.min(Self::MAX))
    }

    fn of_usize(number: usize) -> Self {
        Self::new(u64::try_from(number).unwrap_or(Self::MAX))
    }

    fn of_duration(duration: Duration) -> Self {
        Self::new(nanos(duration))
    }

    fn get(self) -> u64 {
        self.0
    }

    /// A limit beyond this machine's address space can never be reached.
    fn usize(self) -> usize {
        usize::try_from(self.0).unwrap_or(usize::MAX)
    }

    fn duration(self) -> Duration {
        Duration::from_nanos(self.0)
    }
}

impl TryFrom<u64> for Count {
    type Error = String;

    fn try_from(number: u64) -> Result<Self, String> {
        if number > Self::MAX {
            return Err(format!("{number} is greater than {}", Self::MAX));
        }
        Ok(Self(number))
    }
}

impl From<&Header> for WireHeader {
    fn from(header: &Header) -> Self {
        let randomness = header.randomness.into();
        let stream = Count::new(header.stream);
        match &header.subject {
            Subject::Script(budget) => Self::Script(WireScript {
                randomness,
                stream,
                suspended: budget.into(),
            }),
            Subject::Session { limits, suspended } => Self::Session(WireSession {
                randomness,
                stream,
                limits: limits.into(),
                suspended: suspended.as_ref().map(WireBudget::from),
            }),
        }
    }
}

impl From<WireHeader> for Header {
    fn from(header: WireHeader) -> Self {
        match header {
            WireHeader::Script(script) => Self {
                subject: Subject::Script(script.suspended.into()),
                randomness: script.randomness.into(),
                stream: script.stream.get(),
            },
            WireHeader::Session(session) => Self {
                subject: Subject::Session {
                    limits: session.limits.into(),
                    suspended: session.suspended.map(Budget::from),
                },
                randomness: session.randomness.into(),
                stream: session.stream.get(),
            },
        }
    }
}

impl From<Randomness> for WireRandomness {
    fn from(randomness: Randomness) -> Self {
        match randomness {
            Randomness::System => Self::System,
            Randomness::Host => Self::Host,
            Randomness::Seeded(seed) => Self::Seeded(seed),
        }
    }
}

impl From<WireRandomness> for Randomness {
    fn from(randomness: WireRandomness) -> Self {
        match randomness {
            WireRandomness::System => Self::System,
            WireRandomness::Host => Self::Host,
            WireRandomness::Seeded(seed) => Self::Seeded(seed),
        }
    }
}

impl From<&Budget> for WireBudget {
    fn from(budget: &Budget) -> Self {
        Self {
            limits: (&budget.limits).into(),
            used: (&budget.used).into(),
        }
    }
}

impl From<WireBudget> for Budget {
    fn from(budget: WireBudget) -> Self {
        Self {
            used: budget.used.into(),
            limits: budget.limits.into(),
        }
    }
}

/// Each field by name, so that a new field does not compile until it is added
/// here.
impl From<&Limits> for WireLimits {
    fn from(limits: &Limits) -> Self {
        let Limits {
            duration,
            host_duration,
            wait_duration,
            grace,
            memory_bytes,
            host_memory_bytes,
            recursion_depth,
            calls,
            concurrent_calls,
            call_duration,
            output_bytes,
            message_bytes,
            gc_interval,
        } = *limits;
        Self {
            duration_nanos: duration.map(Count::of_duration),
            host_duration_nanos: host_duration.map(Count::of_duration),
            wait_duration_nanos: wait_duration.map(Count::of_duration),
            grace_nanos: Count::of_duration(grace),
            memory_bytes: memory_bytes.map(Count::new),
            host_memory_bytes: host_memory_bytes.map(Count::new),
            recursion_depth,
            calls: calls.map(Count::new),
            concurrent_calls: concurrent_calls.map(Count::of_usize),
            call_duration_nanos: call_duration.map(Count::of_duration),
            output_bytes: output_bytes.map(Count::new),
            message_bytes: Count::of_usize(message_bytes),
            gc_interval,
        }
    }
}

impl From<WireLimits> for Limits {
    fn from(limits: WireLimits) -> Self {
        Self {
            duration: limits.duration_nanos.map(Count::duration),
            host_duration: limits.host_duration_nanos.map(Count::duration),
            wait_duration: limits.wait_duration_nanos.map(Count::duration),
            grace: limits.grace_nanos.duration(),
            memory_bytes: limits.memory_bytes.map(Count::get),
            host_memory_bytes: limits.host_memory_bytes.map(Count::get),
            recursion_depth: limits.recursion_depth,
            calls: limits.calls.map(Count::get),
            concurrent_calls: limits.concurrent_calls.map(Count::usize),
            call_duration: limits.call_duration_nanos.map(Count::duration),
            output_bytes: limits.output_bytes.map(Count::get),
            message_bytes: limits.message_bytes.usize(),
            gc_interval: limits.gc_interval,
        }
    }
}

impl From<&Statistics> for WireUsage {
    fn from(used: &Statistics) -> Self {
        Self {
            calls: Count::new(used.calls),
            output_bytes: Count::new(used.output_bytes),
            python_nanos: Count::of_duration(used.python_time),
            host_nanos: Count::of_duration(used.host_time),
            wait_nanos: Count::of_duration(used.wait_time),
        }
    }
}

impl From<WireUsage> for Statistics {
    /// Peaks are per instance.
    fn from(used: WireUsage) -> Self {
        Self {
            calls: used.calls.get(),
            output_bytes: used.output_bytes.get(),
            python_time: used.python_nanos.duration(),
            host_time: used.host_nanos.duration(),
            wait_time: used.wait_nanos.duration(),
            ..Self::default()
        }
    }
}
