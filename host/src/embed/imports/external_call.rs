//! `external-call`: tools, names and attributes.

use std::sync::Arc;
use std::time::Duration;

use monty_value::types::{Answer, CallRequest, Exception, ObjectId, SourceRange, Value as Message};
use wasmtime::component::Resource;

use super::super::bindings::monty::sandbox::external_call::{self, Settled};
use super::super::context::MontyCtx;
use super::super::messages::{
    Arguments, encode_answer, encode_found, encode_in_run, interrupted, is_small, message_limit,
    outcome,
};
use super::super::pending::PendingCall;
use crate::account::clock::Phase;
use crate::account::stop::keyboard_interrupt;
use crate::account::work::{Begun, Halted, Place, Work, in_host};
use crate::spans::{Empty, Instrument, Span, debug_span};
use crate::tools::{self, Answered, Incoming, Ready, Token, unencoded};

impl external_call::Host for MontyCtx {
    fn call(
        &mut self,
        request: CallRequest,
    ) -> impl Future<Output = wasmtime::Result<external_call::Reply>> + Send {
        let work = Arc::clone(&self.work);
        // Most calls are small: their cost to the host does not justify reading
        // the clock for each.
        let phase = if is_small(&request) {
            Phase::Waiting
        } else {
            Phase::Host
        };
        work.import_from(phase, || self.answer_call(&request))
    }

    async fn get_name(
        &mut self,
        name: String,
        position: SourceRange,
    ) -> wasmtime::Result<Result<Option<Message>, Exception>> {
        let work = Arc::clone(&self.work);
        let external = Arc::clone(&self.external);
        let span = debug_span!("monty.get-name", name, outcome = Empty);
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
        let span = debug_span!("monty.get-attribute", name, outcome = Empty);
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
        let settled = work.import(Phase::Waiting, self.wait_for(&calls, timeout));
        let settled = settled.await?.into_iter();
        Ok(settled
            .map(|(index, answer)| Settled { index, answer })
            .collect())
    }
}

impl external_call::HostPendingCall for MontyCtx {
    fn drop(&mut self, call: Resource<PendingCall>) -> wasmtime::Result<()> {
        self.pending.drop(call)
    }
}

impl MontyCtx {
    /// Answers a call, or begins to.
    fn answer_call(
        &mut self,
        request: &CallRequest,
    ) -> wasmtime::Result<
        Begun<external_call::Reply, impl Future<Output = external_call::Reply> + use<>>,
    > {
        let answered = |answer| Ok(Begun::Ended(external_call::Reply::Answered(answer)));
        if self.stops.is_raised() {
            return answered(interrupted());
        }
        self.count_call()?;
        let span = debug_span!(
            "monty.call",
            name = request.name,
            id = request.id,
            outcome = Empty,
            arguments = Empty,
        );
        let caps = self.caps();
        let call = Incoming::new(request, caps).map_err(|error| message_limit(&error, caps))?;
        let Ok(arguments) = self.work.hold(call.bytes()) else {
            return answered(interrupted());
        };
        if self.trace_arguments {
            let arguments = in_host(|| call.to_call().map(|call| Arguments(&call).to_string()));
            span.record("arguments", arguments.unwrap_or_default());
        }
        let reply = {
            let _waiting = self.work.clock.enter(Phase::Waiting);
            span.in_scope(|| self.external.answer(call, Token))
        };
        match reply.into_ready(&request.name, self.limits.call_duration) {
            Ready::Now(answer) => {
                let answer = encode_in_run(answer, &self.work);
                span.record("outcome", outcome(&answer));
                answered(answer)
            }
            Ready::Later(answer) => {
                let work = Arc::clone(&self.work);
                Ok(Begun::Later(async move {
                    let _arguments = arguments;
                    let answer = answer_later(&work, answer, &span).await;
                    span.record("outcome", outcome(&answer));
                    external_call::Reply::Answered(answer)
                }))
            }
            Ready::Awaitable(answer) => {
                self.count_concurrent()?;
                // The futures around it have twice the size of what they await.
                let answer = Box::pin(answer);
                let work = Arc::clone(&self.work);
                let ended = span.clone();
                let answer = async move {
                    let answer = answer.await;
                    drop(arguments);
                    let answer = in_host(|| Box::new(encode_answer(answer, &work)));
                    ended.record("outcome", outcome(answer.answer()));
                    answer
                };
                let work = Arc::clone(&self.work);
                let answer = async move { work.scope(Place::Task, answer).await };
                let call = self.pending.start(answer.instrument(span))?;
                Ok(Begun::Ended(external_call::Reply::Pending(call)))
            }
        }
    }

    /// Answers a request for a name or an attribute.
    async fn answer_get(
        &mut self,
        found: impl Future<Output = tools::Answer>,
        span: Span,
    ) -> wasmtime::Result<Result<Option<Message>, Exception>> {
        if self.stops.is_raised() {
            return Ok(Err(keyboard_interrupt()));
        }
        self.count_call()?;
        let found = found.instrument(span.clone());
        let found = match self.work.wait(Phase::Waiting, found).await {
            Ok(found) => encode_found(unencoded(found), &self.work),
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

    /// Waits until a call is answered, the timeout expires, or the run must
    /// stop.
    async fn wait_for(
        &mut self,
        calls: &[Resource<PendingCall>],
        timeout: Option<Duration>,
    ) -> wasmtime::Result<Vec<(u32, Answer)>> {
        let span = debug_span!("monty.settle", pending = calls.len(), settled = Empty);
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
                let indices = (0..).zip(calls).map(|(index, _)| index);
                indices
                    .take(MAX_INTERRUPTED)
                    .map(|index| (index, interrupted()))
                    .collect()
            }
        };
        span.record("settled", settled.len());
        Ok(settled)
    }

    /// The next answered calls. Empty if the timeout expires first.
    async fn next_settled(
        &mut self,
        calls: &[Resource<PendingCall>],
        timeout: Option<Duration>,
    ) -> wasmtime::Result<Vec<(u32, Answer)>> {
        let os = Arc::clone(&self.os);
        let asleep = async move {
            // The script hears of a rejected sleep when it waits for nothing
            // else.
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

/// Waits for an answer, unless the run must stop first.
async fn answer_later(
    work: &Arc<Work>,
    answer: impl Future<Output = Answered>,
    span: &Span,
) -> Answer {
    let answer = answer.instrument(span.clone());
    match work.wait(Phase::Waiting, answer).await {
        Ok(answer) => encode_in_run(answer, work),
        Err(Halted) => interrupted(),
    }
}

/// The number of calls that one `settle` answers when the run must stop. A
/// script may have as many open as its limit allows; a component may ask for
/// any number.
const MAX_INTERRUPTED: usize = 1024;
