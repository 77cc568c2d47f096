//! The component's imports, on a [`MontyCtx`].

use std::sync::Arc;
use std::time::Duration;

use monty_value::Value;
use monty_value::types::{
    Answer, CallRequest, Exception, Instant, ObjectId, SourceRange, Value as Message,
};
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
use crate::messages::{
    Arguments, decode_call, encode_answer, encode_found, encode_in_run, interrupted, is_small,
    keyboard_interrupt, message_limit, outcome,
};
use crate::outcome::HostFailed;
use crate::pending::PendingCall;
use crate::print::Stream;
use crate::tools::{self, AnswerFuture, Reply, ToolError};
use crate::work::{Halted, Place, Work, in_host};

impl external_call::Host for MontyCtx {
    async fn call(&mut self, request: CallRequest) -> wasmtime::Result<external_call::Reply> {
        let work = Arc::clone(&self.work);
        // Most calls are small: what they cost the host is not worth a look at
        // the clock for each.
        let phase = if is_small(&request) {
            Phase::Waiting
        } else {
            Phase::Host
        };
        work.import(phase, self.answer_call(request)).await
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
        work.import(Phase::Waiting, self.answer_get(found, span))
            .await
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
        work.import(Phase::Waiting, self.answer_get(found, span))
            .await
    }

    async fn settle(
        &mut self,
        calls: Vec<Resource<PendingCall>>,
        timeout: Option<u64>,
    ) -> wasmtime::Result<Vec<Settled>> {
        let work = Arc::clone(&self.work);
        let timeout = timeout.map(Duration::from_nanos);
        work.import(Phase::Waiting, self.wait_for(&calls, timeout))
            .await
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
            span.record("arguments", in_host(|| Arguments(&call).to_string()));
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
            Reply::Now(answer) => encode_in_run(answer, &self.work),
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
                    let answer = in_host(|| encode_answer(answer, &work));
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
            Ok(found) => encode_found(found, &self.work),
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
        let settled = if self.stops.is_raised() {
            Err(Halted)
        } else {
            let settled = work.wait(Phase::Waiting, self.next_settled(calls, timeout));
            settled.instrument(span.clone()).await
        };
        let settled = match settled {
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
        Ok(answer) => encode_in_run(answer, work),
        Err(Halted) => interrupted(),
    }
}

/// How many calls one `settle` answers when the run is to stop. A script may
/// have as many open as it is allowed; a component may ask for any number.
const MAX_INTERRUPTED: usize = 1024;

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
        work.import(Phase::Host, async {
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
                work.import(Phase::Host, self.answer_os(stringify!($name), answer)).await
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
        work.import(Phase::Host, self.answer_os("now", now)).await
    }

    async fn monotonic_now(&mut self) -> wasmtime::Result<Result<u64, ErrorCode>> {
        let work = Arc::clone(&self.work);
        let os = Arc::clone(&self.os);
        let now = async move { os.monotonic_now().await.map(nanos) };
        work.import(Phase::Host, self.answer_os("monotonic_now", now))
            .await
    }

    async fn import_module(
        &mut self,
        name: String,
    ) -> wasmtime::Result<Result<Message, ErrorCode>> {
        let work = Arc::clone(&self.work);
        let os = Arc::clone(&self.os);
        let module = self.answer_os("import_module", async move {
            let module = os.import_module(&name).await?;
            module.to_message().map_err(|error| {
                ErrorCode::from(ToolError::value_error(format_args!(
                    "the host's module '{name}' cannot cross: {error}"
                )))
            })
        });
        work.import(Phase::Host, module).await
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::Ordering;

    use monty_value::types::{Graph, Operand};

    use super::external_call::Host as _;
    use super::os_call::Host as _;
    use super::*;
    use crate::Tools;
    use crate::os::System;

    fn request(operand: Operand, graph: Option<Graph>) -> CallRequest {
        CallRequest {
            id: 0,
            name: "f".to_owned(),
            receiver: None,
            positional: vec![operand],
            keyword: vec![],
            graph,
            position: SourceRange {
                filename: String::new(),
                start: 0,
                end: 0,
            },
            awaited: false,
        }
    }

    /// A reading of the clock costs about as much as the rest of a small call.
    #[tokio::test]
    async fn imports_that_are_ready_read_the_clock_twice() {
        let tools = Tools::new()
            .function("f", ["x"], |x: Value| Ok::<_, ToolError>(x.is_none()))
            .value("name", 1);
        let mut context = MontyCtx::new()
            .external_call(Arc::new(tools.expect("it has a form")))
            .os(Arc::new(System::new().env("A", "1")));
        let clock = Arc::clone(&context.work.clock);
        let readings = || clock.readings.swap(0, Ordering::Relaxed);

        readings();
        let reply = context.call(request(Operand::Integer(1), None)).await;
        reply.expect("no trap");
        assert_eq!(readings(), 2, "a call");
        let position = request(Operand::Null, None).position;
        let found = context.get_name("name".to_owned(), position).await;
        found.expect("no trap").expect("no exception");
        assert_eq!(readings(), 2, "a name");
        let variable = context.getenv("A".to_owned()).await;
        variable.expect("no trap").expect("no error");
        assert_eq!(readings(), 2, "a variable");
        let written = print::Host::write(&mut context, StandardStream::Stdout, "x".to_owned());
        written.await.expect("no trap").expect("no exception");
        assert_eq!(readings(), 2, "a print");

        // The host's time is told apart from the tool's where it can be much.
        let graph = Graph {
            kinds: vec![0; 1000],
            ..Graph::default()
        };
        let reply = context.call(request(Operand::Node(0), Some(graph))).await;
        reply.expect("no trap");
        assert_eq!(readings(), 4, "a large call");
    }
}
