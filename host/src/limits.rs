//! What a run may use up, and how the host sees to it.

use std::time::Duration;

/// A limit that no run reaches: a year. There is always one, because an
/// interrupt makes the interpreter believe that it is reached.
pub(crate) const UNLIMITED_NANOS: u64 = 365 * 24 * 60 * 60 * 1_000_000_000;

/// What a run may use up.
///
/// | limit | default | counts |
/// |---|---|---|
/// | `duration` | 5 s | time in Python, without the time in tools and other imports |
/// | `host_duration` | 5 s | time that the host works for the run: messages, files, prints, the result |
/// | `wait_duration` | 10 min | time that the script waits for tools, or sleeps |
/// | `grace` | 1 s | what a run may take beyond `duration` before it is stopped from outside |
/// | `memory_bytes` | 128 MiB | memory of the script's objects |
/// | `host_memory_bytes` | 256 MiB | memory of the host that messages, calls and answers hold at a time |
/// | `recursion_depth` | 1000 | depth of Python calls |
/// | `calls` | 10 000 | calls of tools, names and attributes asked for, and `os-call` operations |
/// | `concurrent_calls` | 100 | calls of async tools under way, or answered and not awaited yet, at a time |
/// | `call_duration` | none | one call of an async function, which then raises `TimeoutError` in the script |
/// | `output_bytes` | 10 MiB | text printed |
/// | `message_bytes` | 64 MiB | one message from the script to the host: arguments, or the result; as bytes, and as the host counts its values |
/// | `gc_interval` | 100 000 | allocations between two collections of cycles |
///
/// `None` means no limit, and must be requested: [`Limits::unlimited`], or the
/// field.
///
/// The host counts a value as if every shared object were written out in each
/// place: 64 bytes for each object, 32 for each place in a container, and its
/// text. That is about its size as a Rust type or as JSON.
///
/// Time and memory are limited twice. Inside, the interpreter checks them and
/// raises `TimeoutError` or `MemoryError`, which no script can catch. Outside,
/// wasmtime stops code that reaches no check. Exceeding a limit of the host
/// ends the script like an interrupt. Either way the run ends as an
/// [`Error`](crate::Error) whose [`limit`](crate::Error::limit) names the
/// limit.
///
/// ```
/// use std::time::Duration;
///
/// use monty_host::{Limit, Limits, Monty};
///
/// let limits = Limits::default()
///     .with_duration(Duration::from_millis(50))
///     .with_memory_bytes(16 << 20);
/// let script = Monty::new()?.script("while True:\n    pass").limits(limits);
/// let error = script.run_blocking().expect_err("it never ends");
/// assert_eq!(error.limit(), Some(Limit::Duration));
/// # Ok::<_, monty_host::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Time in Python.
    pub duration: Option<Duration>,
    /// Time the host works for the run: messages, `os-call` operations, prints
    /// and the result. Excludes the tools' own code, and messages of a few
    /// small values, which cost less than reading the clock.
    pub host_duration: Option<Duration>,
    /// Time the script waits for tools or sleeps.
    pub wait_duration: Option<Duration>,
    /// Time beyond `duration` after which the host stops the run from outside.
    pub grace: Duration,
    /// Memory of the script's objects, at most 2 GiB. More is rejected.
    pub memory_bytes: Option<u64>,
    /// Host memory of current messages, calls and answers.
    ///
    /// The arguments of a call count until it is answered, its answer until the
    /// script takes it. A tool's own memory does not count.
    pub host_memory_bytes: Option<u64>,
    /// Depth of Python calls, from 1 to 1000.
    pub recursion_depth: u32,
    /// Tool calls, requests for names and attributes, and `os-call` operations.
    pub calls: Option<u64>,
    /// Concurrent calls of async tools. An answered call counts until the
    /// script awaits it.
    pub concurrent_calls: Option<usize>,
    /// One call of a tool. It does not end the run: the script sees a
    /// `TimeoutError`. [`Tool::timeout`](crate::Tool::timeout) sets it for
    /// one tool.
    ///
    /// Applies to tools that are async in Rust, whose future is dropped. A sync
    /// function cannot be stopped; its time counts towards `wait_duration`.
    pub call_duration: Option<Duration>,
    /// Text printed.
    pub output_bytes: Option<u64>,
    /// One message from the script to the host.
    pub message_bytes: usize,
    /// Allocations between two collections of cycles. `None` leaves it to the
    /// interpreter: 100 000. Not a limit, but it decides how long cyclic
    /// garbage counts towards `memory_bytes`.
    pub gc_interval: Option<u32>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            duration: Some(Duration::from_secs(5)),
            host_duration: Some(Duration::from_secs(5)),
            wait_duration: Some(Duration::from_secs(10 * 60)),
            grace: Duration::from_secs(1),
            memory_bytes: Some(128 << 20),
            host_memory_bytes: Some(256 << 20),
            recursion_depth: 1000,
            calls: Some(10_000),
            concurrent_calls: Some(100),
            call_duration: None,
            output_bytes: Some(10 << 20),
            message_bytes: 64 << 20,
            gc_interval: None,
        }
    }
}

impl Limits {
    /// No limits except the depth of calls and the size of one message, which
    /// are always bounded.
    pub fn unlimited() -> Self {
        Self {
            duration: None,
            host_duration: None,
            wait_duration: None,
            memory_bytes: None,
            host_memory_bytes: None,
            calls: None,
            concurrent_calls: None,
            output_bytes: None,
            ..Self::default()
        }
    }

    /// With a limit on the time in Python.
    pub fn with_duration(mut self, duration: Duration) -> Self {
        self.duration = Some(duration);
        self
    }

    /// With a limit on the time the host works for the run.
    pub fn with_host_duration(mut self, duration: Duration) -> Self {
        self.host_duration = Some(duration);
        self
    }

    /// With a limit on the time the script waits.
    pub fn with_wait_duration(mut self, duration: Duration) -> Self {
        self.wait_duration = Some(duration);
        self
    }

    /// With another grace period.
    pub fn with_grace(mut self, grace: Duration) -> Self {
        self.grace = grace;
        self
    }

    /// With a limit on the memory of the script's objects.
    pub fn with_memory_bytes(mut self, bytes: u64) -> Self {
        self.memory_bytes = Some(bytes);
        self
    }

    /// With a limit on the host memory of messages, calls and answers.
    pub fn with_host_memory_bytes(mut self, bytes: u64) -> Self {
        self.host_memory_bytes = Some(bytes);
        self
    }

    /// With another limit on the depth of Python calls.
    pub fn with_recursion_depth(mut self, depth: u32) -> Self {
        self.recursion_depth = depth;
        self
    }

    /// With a limit on the number of calls.
    pub fn with_calls(mut self, calls: u64) -> Self {
        self.calls = Some(calls);
        self
    }

    /// With a limit on concurrent calls of async tools.
    pub fn with_concurrent_calls(mut self, calls: usize) -> Self {
        self.concurrent_calls = Some(calls);
        self
    }

    /// With a limit on the duration of one call.
    pub fn with_call_duration(mut self, duration: Duration) -> Self {
        self.call_duration = Some(duration);
        self
    }

    /// With a limit on the text printed.
    pub fn with_output_bytes(mut self, bytes: u64) -> Self {
        self.output_bytes = Some(bytes);
        self
    }

    /// With another limit on the size of one message.
    pub fn with_message_bytes(mut self, bytes: usize) -> Self {
        self.message_bytes = bytes;
        self
    }

    /// With another number of allocations between two collections of cycles.
    pub fn with_gc_interval(mut self, allocations: u32) -> Self {
        self.gc_interval = Some(allocations);
        self
    }

    /// The limit on a run's linear memory: four times the limit on its objects
    /// plus 64 MiB. The interpreter itself, gaps in its allocator and copies on
    /// the way to the host are not the script's objects; a value that fills the
    /// limit takes several times that while it crosses.
    pub(crate) fn linear_memory_bytes(&self) -> usize {
        let cap = u64::from(u32::MAX);
        let bytes = self.memory_bytes.map_or(cap, |bytes| {
            bytes.saturating_mul(4).saturating_add(64 << 20)
        });
        usize::try_from(bytes.min(cap)).unwrap_or(usize::MAX)
    }
}

/// The limit that stopped a run: a field of [`Limits`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Limit {
    /// [`Limits::duration`].
    Duration,
    /// [`Limits::host_duration`].
    HostDuration,
    /// [`Limits::wait_duration`].
    WaitDuration,
    /// [`Limits::memory_bytes`].
    Memory,
    /// [`Limits::host_memory_bytes`].
    HostMemory,
    /// [`Limits::recursion_depth`], or the native stack if it overflows first.
    Recursion,
    /// [`Limits::calls`].
    Calls,
    /// [`Limits::concurrent_calls`].
    ConcurrentCalls,
    /// [`Limits::output_bytes`].
    Output,
    /// [`Limits::message_bytes`], or the caps on a value's size and nesting.
    Message,
}

impl Limit {
    /// The name of the limit: `duration`, `host-duration`, `wait-duration`,
    /// `memory`, `host-memory`, `recursion`, `calls`, `concurrent-calls`,
    /// `output` or `message`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Duration => "duration",
            Self::HostDuration => "host-duration",
            Self::WaitDuration => "wait-duration",
            Self::Memory => "memory",
            Self::HostMemory => "host-memory",
            Self::Recursion => "recursion",
            Self::Calls => "calls",
            Self::ConcurrentCalls => "concurrent-calls",
            Self::Output => "output",
            Self::Message => "message",
        }
    }
}

impl std::fmt::Display for Limit {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(self.name())
    }
}
