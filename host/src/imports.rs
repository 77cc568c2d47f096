//! The component's imports, on a [`MontyCtx`].

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use monty_value::Decoder;
use monty_value::graph::{GraphCaps, GraphError};
use monty_value::types::{
    Answer, CallId, CallRequest, Date, Datetime, Exception, SettledCall, Timezone, Value as Message,
};
use tracing::Instrument;
use tracing::field::Empty;

use crate::bindings::monty::sandbox::external_call::{self, LookupRequest};
use crate::bindings::monty::sandbox::os_call::{
    self, ErrorCode, FileStat, MkdirOptions, OpenMode, ScanEntry, ScanOptions, TimeCaller,
};
use crate::bindings::monty::sandbox::print::{self, StandardStream};
use crate::context::{HostFailed, MontyCtx, Stopped};
use crate::interrupt::INTERRUPTED;
use crate::limits::Limit;
use crate::print::Stream;
use crate::tools::{self, Call, Lookup, Reply, ToolError};

impl external_call::Host for MontyCtx {
    async fn call(&mut self, request: CallRequest) -> wasmtime::Result<Answer> {
        if self.stops.is_raised() {
            return Ok(interrupted());
        }
        self.count_call()?;
        let _in_host = self.clock.enter_host();
        let span = tracing::debug_span!(
            "monty.call",
            name = request.name,
            id = request.id,
            outcome = Empty,
            arguments = Empty,
        );
        let id = request.id;
        let name = self.limits.call_duration.map(|_| request.name.clone());
        let call = decode_call(request, self.caps()).map_err(message_limit)?;
        if self.trace_arguments {
            span.record(
                "arguments",
                format_args!("{}", Arguments(&call)).to_string(),
            );
        }
        let reply = span.in_scope(|| self.external.call(call));
        let reply = match (name, self.limits.call_duration) {
            (Some(name), Some(timeout)) => {
                reply.map_future(|answer| tools::within(name, timeout, answer))
            }
            _ => reply,
        };
        let answer = match reply {
            Reply::Now(answer) => encode_answer(answer),
            Reply::Later(answer) => {
                let answer = answer.instrument(span.clone());
                tokio::select! {
                    answer = answer => encode_answer(answer),
                    () = self.stops.raised() => interrupted(),
                }
            }
            Reply::Awaitable(answer) => {
                self.count_concurrent()?;
                let ended = span.clone();
                let answer = async move {
                    let answer = encode_answer(answer.await);
                    ended.record("outcome", outcome(&answer));
                    answer
                };
                self.pending.start(id, answer.instrument(span));
                return Ok(Answer::Pending);
            }
        };
        span.record("outcome", outcome(&answer));
        Ok(answer)
    }

    async fn lookup(&mut self, request: LookupRequest) -> wasmtime::Result<Answer> {
        if self.stops.is_raised() {
            return Ok(interrupted());
        }
        self.count_call()?;
        let _in_host = self.clock.enter_host();
        let span = tracing::debug_span!("monty.lookup", name = request.name, outcome = Empty);
        let lookup = Lookup::new(request.name, request.receiver, request.position);
        let answer = match span.in_scope(|| self.external.lookup(lookup)) {
            Reply::Now(answer) => encode_answer(answer),
            Reply::Later(answer) | Reply::Awaitable(answer) => {
                let answer = answer.instrument(span.clone());
                tokio::select! {
                    answer = answer => encode_answer(answer),
                    () = self.stops.raised() => interrupted(),
                }
            }
        };
        span.record("outcome", outcome(&answer));
        Ok(answer)
    }

    async fn settle(
        &mut self,
        pending: Vec<CallId>,
        timeout_micros: Option<u64>,
    ) -> wasmtime::Result<Vec<SettledCall>> {
        let _in_host = self.clock.enter_host();
        let span = tracing::debug_span!("monty.settle", pending = pending.len(), settled = Empty);
        let settled = self
            .wait_for(&pending, timeout_micros.map(Duration::from_micros))
            .instrument(span.clone())
            .await;
        span.record("settled", settled.len());
        Ok(settled)
    }
}

impl MontyCtx {
    /// Waits until a call is answered, the time is over, or the run is
    /// interrupted, which answers all of them.
    async fn wait_for(&mut self, ids: &[CallId], timeout: Option<Duration>) -> Vec<SettledCall> {
        let os = Arc::clone(&self.os);
        let asleep = async move {
            // A sleep that is refused is for the script to hear of when it
            // waits for nothing else.
            match timeout {
                Some(timeout) if os.sleep(timeout).await.is_ok() => {}
                _ => std::future::pending().await,
            }
        };
        tokio::pin!(asleep);
        loop {
            let settled = self.pending.take(ids);
            if !settled.is_empty() {
                return settled;
            }
            tokio::select! {
                biased;
                () = self.stops.raised() => {
                    self.pending.cancel();
                    return ids
                        .iter()
                        .map(|&id| SettledCall { id, answer: interrupted() })
                        .collect();
                }
                () = self.pending.next() => {}
                () = &mut asleep => return Vec::new(),
            }
        }
    }
}

/// What a script sees of an interrupt, if it still sees anything: the
/// interpreter ends it at its next look at the clock.
fn keyboard_interrupt() -> Exception {
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
        Answer::Pending => "pending",
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
    let decoder = Decoder::new(request.graph.as_ref(), caps)?;
    let positional = request
        .positional
        .into_iter()
        .map(|operand| decoder.value(&operand))
        .collect::<Result<_, _>>()?;
    let keyword = request
        .keyword
        .into_iter()
        .map(|argument| Ok((argument.name, decoder.value(&argument.value)?)))
        .collect::<Result<_, _>>()?;
    Ok(Call {
        id: request.id,
        name: request.name,
        receiver: request.receiver,
        positional,
        keyword,
        position: request.position,
        awaited: request.awaited,
    })
}

/// A message that is larger or deeper than the host takes ends the run.
pub(crate) fn message_limit(error: GraphError) -> Stopped {
    Stopped {
        limit: Limit::Message,
        message: error.to_string(),
    }
}

fn encode_answer(answer: tools::Answer) -> Answer {
    match answer {
        Ok(Some(value)) => match value.to_message() {
            Ok(message) => Answer::Value(message),
            Err(error) => Answer::Raised(exception(ToolError::value_error(format_args!(
                "the host's value cannot cross: {error}"
            )))),
        },
        Ok(None) => Answer::NotFound,
        Err(error) if error.is_suspend() => Answer::Suspend,
        Err(error) => Answer::Raised(exception(error)),
    }
}

fn exception(error: ToolError) -> Exception {
    Exception::new(error.type_name(), error.message())
}

impl From<ToolError> for ErrorCode {
    fn from(error: ToolError) -> Self {
        Self::Raised(exception(error))
    }
}

impl print::Host for MontyCtx {
    async fn write(&mut self, to: StandardStream, text: String) -> wasmtime::Result<()> {
        let _in_host = self.clock.enter_host();
        self.count_output(&text)?;
        let stream = match to {
            StandardStream::Stdout => Stream::Stdout,
            StandardStream::Stderr => Stream::Stderr,
        };
        self.print.write(stream, &text).map_err(|error| {
            wasmtime::Error::from(HostFailed {
                message: format!("what the script prints cannot be written: {error}"),
                source: Some(Box::new(error)),
            })
        })
    }
}

/// Forwards the operations of `os-call` whose arguments are those of [`Os`].
///
/// [`Os`]: crate::os::Os
macro_rules! forward {
    ($($name:ident($($argument:ident: $type:ty => $pass:expr),*) -> $output:ty;)*) => {
        $(
            async fn $name(
                &mut self,
                $($argument: $type),*
            ) -> wasmtime::Result<Result<$output, ErrorCode>> {
                self.count_call()?;
                let _in_host = self.clock.enter_host();
                let span = tracing::debug_span!("monty.os-call", name = stringify!($name), outcome = Empty);
                let os = Arc::clone(&self.os);
                let answer = tokio::select! {
                    biased;
                    () = self.stops.raised() => Err(ErrorCode::Raised(keyboard_interrupt())),
                    answer = os.$name($($pass),*).instrument(span.clone()) => answer,
                };
                span.record("outcome", if answer.is_ok() { "value" } else { "error" });
                Ok(answer)
            }
        )*
    };
}

impl os_call::Host for MontyCtx {
    forward! {
        exists(path: String => &path) -> bool;
        is_file(path: String => &path) -> bool;
        is_dir(path: String => &path) -> bool;
        is_symlink(path: String => &path) -> bool;
        stat(path: String => &path) -> FileStat;
        read_text(path: String => &path) -> String;
        read_bytes(path: String => &path) -> Vec<u8>;
        write_text(path: String => &path, data: String => &data) -> ();
        write_bytes(path: String => &path, data: Vec<u8> => &data) -> ();
        append_text(path: String => &path, data: String => &data) -> ();
        append_bytes(path: String => &path, data: Vec<u8> => &data) -> ();
        open(path: String => &path, mode: OpenMode => mode) -> ();
        iterdir(path: String => &path) -> Vec<String>;
        scan(path: String => &path, options: ScanOptions => options) -> Vec<ScanEntry>;
        mkdir(path: String => &path, options: MkdirOptions => options) -> ();
        unlink(path: String => &path) -> ();
        rmdir(path: String => &path) -> ();
        rename(source: String => &source, destination: String => &destination) -> ();
        resolve(path: String => &path) -> String;
        absolute(path: String => &path) -> String;
        getenv(name: String => &name) -> Option<String>;
        environ() -> Vec<(String, String)>;
        date_today() -> Date;
        datetime_now(timezone: Option<Timezone> => timezone) -> Datetime;
        time(caller: TimeCaller => caller) -> f64;
        sleep(duration_micros: u64 => Duration::from_micros(duration_micros)) -> ();
        urandom(size_bytes: u64 => size_bytes) -> Vec<u8>;
    }

    async fn import_module(
        &mut self,
        name: String,
    ) -> wasmtime::Result<Result<Message, ErrorCode>> {
        self.count_call()?;
        let _in_host = self.clock.enter_host();
        let module = match self.os.import_module(&name).await {
            Ok(module) => module,
            Err(error) => return Ok(Err(error)),
        };
        Ok(module.to_message().map_err(|error| {
            ErrorCode::from(ToolError::value_error(format_args!(
                "the host's module '{name}' cannot cross: {error}"
            )))
        }))
    }
}
