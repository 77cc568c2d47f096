//! The component's imports, on a [`MontyCtx`].

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use monty_value::graph::{GraphCaps, GraphError};
use monty_value::types::{
    Answer, CallRequest, Exception, Instant, ObjectId, SourceRange, Value as Message,
};
use monty_value::{Decoder, Encoder, Value};
use tracing::Instrument;
use tracing::field::Empty;
use wasmtime::component::Resource;

use crate::bindings::monty::sandbox::external_call::{self, Settled};
use crate::bindings::monty::sandbox::os_call::{
    self, ErrorCode, FileStat, OpenMode, ScanEntry, ScanOptions, WriteMode,
};
use crate::bindings::monty::sandbox::print::{self, StandardStream};
use crate::clock::{Phase, nanos};
use crate::context::MontyCtx;
use crate::interrupt::INTERRUPTED;
use crate::limits::Limit;
use crate::outcome::{HostFailed, Stopped};
use crate::pending::PendingCall;
use crate::print::Stream;
use crate::tools::{self, AnswerFuture, Call, Reply, ToolError};
use crate::work::{self, Halted, Held, Place, Work};

impl external_call::Host for MontyCtx {
    async fn call(&mut self, request: CallRequest) -> wasmtime::Result<external_call::Reply> {
        let work = Arc::clone(&self.work);
        work.import(self.answer_call(request)).await
    }

    async fn get_name(
        &mut self,
        name: String,
        position: SourceRange,
    ) -> wasmtime::Result<Result<Option<Message>, Exception>> {
        let work = Arc::clone(&self.work);
        let external = Arc::clone(&self.external);
        let span = tracing::debug_span!("monty.get-name", name, outcome = Empty);
        let found = async move { external.get_name(&name, &position).await };
        work.import(self.answer_get(found, span)).await
    }

    async fn get_attribute(
        &mut self,
        receiver: ObjectId,
        name: String,
        position: SourceRange,
    ) -> wasmtime::Result<Result<Option<Message>, Exception>> {
        let work = Arc::clone(&self.work);
        let external = Arc::clone(&self.external);
        let span = tracing::debug_span!("monty.get-attribute", name, outcome = Empty);
        let found = async move { external.get_attribute(receiver, &name, &position).await };
        work.import(self.answer_get(found, span)).await
    }

    async fn settle(
        &mut self,
        calls: Vec<Resource<PendingCall>>,
        timeout: Option<u64>,
    ) -> wasmtime::Result<Vec<Settled>> {
        let work = Arc::clone(&self.work);
        let timeout = timeout.map(Duration::from_nanos);
        work.import(self.wait_for(&calls, timeout)).await
    }
}

impl external_call::HostPendingCall for MontyCtx {
    fn drop(&mut self, call: Resource<PendingCall>) -> wasmtime::Result<()> {
        self.pending.drop(call)
    }
}

impl MontyCtx {
    async fn answer_call(
        &mut self,
        request: CallRequest,
    ) -> wasmtime::Result<external_call::Reply> {
        if self.stops.is_raised() {
            return Ok(external_call::Reply::Answered(interrupted()));
        }
        self.count_call()?;
        let span = tracing::debug_span!(
            "monty.call",
            name = request.name,
            id = request.id,
            outcome = Empty,
            arguments = Empty,
        );
        let name = self.limits.call_duration.map(|_| request.name.clone());
        let caps = self.caps();
        let call = decode_call(request, caps).map_err(|error| message_limit(&error, caps))?;
        let Ok(arguments) = self.work.hold(call.bytes) else {
            return Ok(external_call::Reply::Answered(interrupted()));
        };
        if self.trace_arguments {
            span.record(
                "arguments",
                format_args!("{}", Arguments(&call)).to_string(),
            );
        }
        let reply = {
            let _waiting = self.work.clock.enter(Phase::Waiting);
            span.in_scope(|| self.external.call(call))
        };
        let reply = match (name, self.limits.call_duration) {
            (Some(name), Some(timeout)) => {
                reply.map_future(|answer| tools::within(name, timeout, answer))
            }
            _ => reply,
        };
        let answer = match reply {
            Reply::Now(answer) => encode_answer(answer, &self.work).into_answer(),
            Reply::Later(answer) => {
                let work = Arc::clone(&self.work);
                answer_later(&work, answer, &span).await
            }
            Reply::Awaitable(answer) => {
                self.count_concurrent()?;
                let work = Arc::clone(&self.work);
                let ended = span.clone();
                let answer = async move {
                    let answer = answer.await;
                    drop(arguments);
                    let answer = work::in_host(|| encode_answer(answer, &work));
                    ended.record("outcome", outcome(answer.answer()));
                    answer
                };
                let work = Arc::clone(&self.work);
                let answer = async move { work.scope(Place::Task, answer).await };
                let call = self.pending.start(answer.instrument(span))?;
                return Ok(external_call::Reply::Pending(call));
            }
        };
        span.record("outcome", outcome(&answer));
        Ok(external_call::Reply::Answered(answer))
    }

    /// Answers for a name or an attribute.
    async fn answer_get(
        &mut self,
        found: impl Future<Output = Result<Option<Value>, Exception>>,
        span: tracing::Span,
    ) -> wasmtime::Result<Result<Option<Message>, Exception>> {
        if self.stops.is_raised() {
            return Ok(Err(keyboard_interrupt()));
        }
        self.count_call()?;
        let found = found.instrument(span.clone());
        let found = match self.work.wait(Phase::Waiting, found).await {
            Ok(Ok(Some(value))) => encode(&value, &self.work).map(|(message, _held)| Some(message)),
            Ok(Ok(None)) => Ok(None),
            Ok(Err(exception)) => Err(exception),
            Err(Halted) => Err(keyboard_interrupt()),
        };
        span.record(
            "outcome",
            match &found {
                Ok(Some(_)) => "value",
                Ok(None) => "not-found",
                Err(exception) => &exception.type_name,
            },
        );
        Ok(found)
    }

    /// Waits until a call is answered, the time is over, or the run is to
    /// stop.
    async fn wait_for(
        &mut self,
        calls: &[Resource<PendingCall>],
        timeout: Option<Duration>,
    ) -> wasmtime::Result<Vec<Settled>> {
        let span = tracing::debug_span!("monty.settle", pending = calls.len(), settled = Empty);
        if calls.is_empty() && timeout.is_none() {
            return Err(wasmtime::format_err!(
                "`settle` was called without a call and without a timeout: it would never return"
            ));
        }
        let work = Arc::clone(&self.work);
        let settled = work.wait(Phase::Waiting, self.next_settled(calls, timeout));
        let settled = match settled.instrument(span.clone()).await {
            Ok(settled) => settled?,
            Err(Halted) => {
                self.pending.cancel();
                let answers = (0..).zip(calls).take(MAX_INTERRUPTED);
                answers
                    .map(|(index, _)| Settled {
                        index,
                        answer: interrupted(),
                    })
                    .collect()
            }
        };
        span.record("settled", settled.len());
        Ok(settled)
    }

    /// The calls that are answered next; none if the time is over before.
    async fn next_settled(
        &mut self,
        calls: &[Resource<PendingCall>],
        timeout: Option<Duration>,
    ) -> wasmtime::Result<Vec<Settled>> {
        let os = Arc::clone(&self.os);
        let asleep = async move {
            // A sleep that is refused is for the script to hear of when it
            // waits for nothing else.
            match timeout {
                Some(timeout) if os.sleep(timeout).await.is_ok() => {}
                _ => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            settled = self.pending.settled(calls) => settled,
            () = asleep => Ok(Vec::new()),
        }
    }
}

/// Waits for an answer, unless the run is to stop before.
async fn answer_later(work: &Arc<Work>, answer: AnswerFuture, span: &tracing::Span) -> Answer {
    let answer = answer.instrument(span.clone());
    match work.wait(Phase::Waiting, answer).await {
        Ok(answer) => encode_answer(answer, work).into_answer(),
        Err(Halted) => interrupted(),
    }
}

/// How many calls one `settle` answers when the run is to stop. A script may
/// have as many open as it is allowed; a component may ask for any number.
const MAX_INTERRUPTED: usize = 1024;

/// What a script sees of an interrupt, if it still sees anything: the
/// interpreter ends it at its next look at the clock.
pub(crate) fn keyboard_interrupt() -> Exception {
    Exception::new("KeyboardInterrupt", INTERRUPTED)
}

fn interrupted() -> Answer {
    Answer::Raised(keyboard_interrupt())
}

/// An answer in a word.
fn outcome(answer: &Answer) -> &str {
    match answer {
        Answer::Value(_) => "value",
        Answer::Raised(exception) => &exception.type_name,
        Answer::NotFound => "not-found",
        Answer::Suspend => "suspend",
    }
}

/// The arguments of a call, as Python would write them.
struct Arguments<'a>(&'a Call);

impl fmt::Display for Arguments<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let positional = self.0.positional.iter().map(|value| (None, value));
        let keyword = self.0.keyword.iter();
        let keyword = keyword.map(|(name, value)| (Some(name), value));
        for (index, (name, value)) in positional.chain(keyword).enumerate() {
            if index > 0 {
                formatter.write_str(", ")?;
            }
            if let Some(name) = name {
                write!(formatter, "{name}=")?;
            }
            write!(formatter, "{value}")?;
        }
        Ok(())
    }
}

pub(crate) fn decode_call(request: CallRequest, caps: GraphCaps) -> Result<Call, GraphError> {
    let mut decoder = Decoder::new(request.graph.as_ref(), caps)?;
    let positional = request
        .positional
        .into_iter()
        .map(|operand| decoder.value(&operand))
        .collect::<Result<_, _>>()?;
    let mut name_bytes = request.name.len() as u64;
    let keyword = request
        .keyword
        .into_iter()
        .map(|argument| {
            name_bytes += argument.name.len() as u64;
            Ok((argument.name, decoder.value(&argument.value)?))
        })
        .collect::<Result<_, _>>()?;
    let bytes = decoder.taken_bytes().saturating_add(name_bytes);
    let call = Call {
        id: request.id,
        name: request.name,
        receiver: request.receiver,
        positional,
        keyword,
        position: request.position,
        awaited: request.awaited,
        bytes,
    };
    Ok(call)
}

/// A message that is larger or deeper than the host takes, or malformed, ends
/// the run.
pub(crate) fn message_limit(error: &GraphError, caps: GraphCaps) -> Stopped {
    let message = if error.is_too_large() {
        let bytes = caps.expanded_bytes;
        format!(
            "message limit exceeded: more than {bytes} bytes in one message, counting shared objects at each place that holds them"
        )
    } else {
        format!("the message is refused: {error}")
    };
    Stopped {
        limit: Limit::Message,
        message,
    }
}

/// An answer on its way to the script, and the memory that it holds until it
/// is there.
pub(crate) struct Encoded {
    answer: Answer,
    held: Option<Held>,
}

impl Encoded {
    /// An answer that holds next to nothing.
    pub(crate) fn small(answer: Answer) -> Self {
        Self { answer, held: None }
    }

    fn answer(&self) -> &Answer {
        &self.answer
    }

    pub(crate) fn into_answer(self) -> Answer {
        drop(self.held);
        self.answer
    }
}

fn encode_answer(answer: tools::Answer, work: &Arc<Work>) -> Encoded {
    Encoded::small(match answer {
        Ok(Some(value)) => match encode(&value, work) {
            Ok((message, held)) => {
                return Encoded {
                    answer: Answer::Value(message),
                    held: Some(held),
                };
            }
            Err(exception) => Answer::Raised(exception),
        },
        Ok(None) => Answer::NotFound,
        Err(error) if error.is_suspend() => Answer::Suspend,
        Err(error) => Answer::Raised(error.into()),
    })
}

/// A value as a message, and the memory that it holds.
fn encode(value: &Value, work: &Arc<Work>) -> Result<(Message, Held), Exception> {
    let mut encoder = Encoder::new(GraphCaps::DEFAULT);
    let root = encoder.operand(value);
    let bytes = encoder.taken_bytes();
    let graph = encoder.finish().map_err(|error| {
        Exception::new(
            "ValueError",
            format!("the host's value cannot cross: {error}"),
        )
    })?;
    match work.hold(bytes) {
        Ok(held) => Ok((Message { root, graph }, held)),
        Err(Halted) => Err(keyboard_interrupt()),
    }
}

impl From<ToolError> for ErrorCode {
    fn from(error: ToolError) -> Self {
        Self::Raised(error.into())
    }
}

impl print::Host for MontyCtx {
    async fn write(
        &mut self,
        to: StandardStream,
        text: String,
    ) -> wasmtime::Result<Result<(), Exception>> {
        let work = Arc::clone(&self.work);
        work.import(async {
            if self.stops.is_raised() {
                return Ok(Err(keyboard_interrupt()));
            }
            self.count_output(&text)?;
            let stream = match to {
                StandardStream::Stdout => Stream::Stdout,
                StandardStream::Stderr => Stream::Stderr,
            };
            match self.print.write(stream, &text) {
                Ok(()) => Ok(Ok(())),
                Err(error) => Err(HostFailed::cannot_print(error).into()),
            }
        })
        .await
    }
}

impl MontyCtx {
    /// Runs an operation of `os-call`, unless the run is to stop before it is
    /// done.
    async fn answer_os<T>(
        &mut self,
        name: &'static str,
        operation: impl Future<Output = Result<T, ErrorCode>>,
    ) -> wasmtime::Result<Result<T, ErrorCode>> {
        if self.stops.is_raised() {
            return Ok(Err(ErrorCode::Raised(keyboard_interrupt())));
        }
        self.count_call()?;
        let span = tracing::debug_span!("monty.os-call", name, outcome = Empty);
        let answer = operation.instrument(span.clone());
        let answer = match self.work.wait(Phase::Host, answer).await {
            Ok(answer) => answer,
            Err(halted) => Err(halted.into()),
        };
        span.record("outcome", if answer.is_ok() { "value" } else { "error" });
        Ok(answer)
    }
}

/// Forwards the operations of `os-call` whose arguments are those of [`Os`].
macro_rules! forward {
    ($($name:ident($($argument:ident: $type:ty => $pass:expr),*) -> $output:ty;)*) => {
        $(
            async fn $name(
                &mut self,
                $($argument: $type),*
            ) -> wasmtime::Result<Result<$output, ErrorCode>> {
                let work = Arc::clone(&self.work);
                let os = Arc::clone(&self.os);
                let answer = async move { os.$name($($pass),*).await };
                work.import(self.answer_os(stringify!($name), answer)).await
            }
        )*
    };
}

impl os_call::Host for MontyCtx {
    forward! {
        stat(path: String => &path, follow_links: bool => follow_links) -> FileStat;
        read_link(path: String => &path) -> String;
        read(path: String => &path) -> Vec<u8>;
        write(path: String => &path, data: Vec<u8> => &data, mode: WriteMode => mode) -> ();
        open(path: String => &path, mode: OpenMode => mode) -> ();
        list_directory(path: String => &path) -> Vec<String>;
        scan(path: String => &path, options: ScanOptions => options) -> Vec<ScanEntry>;
        create_directory(path: String => &path) -> ();
        remove_file(path: String => &path) -> ();
        remove_directory(path: String => &path) -> ();
        rename(source: String => &source, destination: String => &destination) -> ();
        getenv(name: String => &name) -> Option<String>;
        environ() -> Vec<(String, String)>;
        sleep(duration: u64 => Duration::from_nanos(duration)) -> ();
        random_bytes(size: u64 => size) -> Vec<u8>;
    }

    async fn now(&mut self) -> wasmtime::Result<Result<Instant, ErrorCode>> {
        let work = Arc::clone(&self.work);
        let os = Arc::clone(&self.os);
        let now = async move { os.now().await.map(Instant::from) };
        work.import(self.answer_os("now", now)).await
    }

    async fn monotonic_now(&mut self) -> wasmtime::Result<Result<u64, ErrorCode>> {
        let work = Arc::clone(&self.work);
        let os = Arc::clone(&self.os);
        let now = async move { os.monotonic_now().await.map(nanos) };
        work.import(self.answer_os("monotonic-now", now)).await
    }

    async fn import_module(
        &mut self,
        name: String,
    ) -> wasmtime::Result<Result<Message, ErrorCode>> {
        let work = Arc::clone(&self.work);
        let os = Arc::clone(&self.os);
        let module = self.answer_os("import-module", async move {
            let module = os.import_module(&name).await?;
            module.to_message().map_err(|error| {
                ErrorCode::from(ToolError::value_error(format_args!(
                    "the host's module '{name}' cannot cross: {error}"
                )))
            })
        });
        work.import(module).await
    }
}
