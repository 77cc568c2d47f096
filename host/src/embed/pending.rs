//! Calls that the host works on while the script runs.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use monty_value::types::{Answer, Exception};
use tokio::runtime::Handle;
use tokio::task::JoinHandle;
use wasmtime::component::{Resource, ResourceTable};

use super::messages::Encoded;
use crate::account::work::panic_message;

/// The resource `pending-call`: a call that was answered with `pending`.
/// Dropping it cancels the work.
pub struct PendingCall(State);

enum State {
    UnderWay(Task),
    Answered(Box<Encoded>),
    /// The answer was taken, or the snippet that made the call has ended.
    Over,
}

/// A task of the runtime, aborted on drop.
struct Task(JoinHandle<Box<Encoded>>);

impl Drop for Task {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl std::fmt::Debug for PendingCall {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let state = match &self.0 {
            State::UnderWay(_) => "under way",
            State::Answered(_) => "answered",
            State::Over => "over",
        };
        formatter.debug_tuple("PendingCall").field(&state).finish()
    }
}

impl PendingCall {
    /// Starts to work on a call, on the current runtime.
    fn start(answer: impl Future<Output = Box<Encoded>> + Send + 'static) -> Self {
        Self(match Handle::try_current() {
            Ok(runtime) => State::UnderWay(Task(runtime.spawn(answer))),
            Err(_) => State::Answered(Box::new(Encoded::small(raised(
                "an async tool needs a tokio runtime, and the script runs on none",
            )))),
        })
    }

    /// Takes the answer, once. `None` if no answer will come.
    fn poll_answer(&mut self, context: &mut Context<'_>) -> Poll<Option<Answer>> {
        if let State::UnderWay(Task(task)) = &mut self.0 {
            let joined = ready!(Pin::new(task).poll(context));
            let answer = joined.unwrap_or_else(|error| {
                // An `ExternalCall` panicked, or the runtime shuts down.
                let reason = match error.try_into_panic() {
                    Ok(payload) => format!("the host panicked: {}", panic_message(payload)),
                    Err(error) => format!("the call was cancelled: {error}"),
                };
                Box::new(Encoded::small(raised(&reason)))
            });
            self.0 = State::Answered(answer);
        }
        Poll::Ready(match std::mem::replace(&mut self.0, State::Over) {
            State::Answered(answer) => Some(answer.into_answer()),
            State::UnderWay(_) | State::Over => None,
        })
    }
}

/// The pending calls that the component holds. Dropping it cancels them.
#[derive(Default)]
pub(super) struct PendingCalls {
    table: ResourceTable,
    open: usize,
}

impl PendingCalls {
    /// The number of calls that the component holds.
    pub(super) fn open(&self) -> usize {
        self.open
    }

    /// Starts to work on a call, on the current runtime.
    pub(super) fn start(
        &mut self,
        answer: impl Future<Output = Box<Encoded>> + Send + 'static,
    ) -> wasmtime::Result<Resource<PendingCall>> {
        let call = self.table.push(PendingCall::start(answer))?;
        self.open += 1;
        Ok(call)
    }

    /// Cancels an abandoned call.
    pub(super) fn drop(&mut self, call: Resource<PendingCall>) -> wasmtime::Result<()> {
        drop(self.table.delete(call)?);
        self.open -= 1;
        Ok(())
    }

    /// Waits until one of these calls has its answer, and takes all answers
    /// that are ready, each with the index of its call.
    pub(super) async fn settled(
        &mut self,
        calls: &[Resource<PendingCall>],
    ) -> wasmtime::Result<Vec<(u32, Answer)>> {
        poll_fn(|context| self.poll_settled(calls, context)).await
    }

    fn poll_settled(
        &mut self,
        calls: &[Resource<PendingCall>],
        context: &mut Context<'_>,
    ) -> Poll<wasmtime::Result<Vec<(u32, Answer)>>> {
        let mut settled = Vec::new();
        for (index, call) in (0..).zip(calls) {
            let answer = match self.table.get_mut(call)?.poll_answer(context) {
                Poll::Pending => continue,
                Poll::Ready(Some(answer)) => answer,
                // One at a time: a component may name the same call any number
                // of times.
                Poll::Ready(None) if settled.is_empty() => raised("the call is over"),
                Poll::Ready(None) => continue,
            };
            settled.push((index, answer));
        }
        if settled.is_empty() {
            Poll::Pending
        } else {
            Poll::Ready(Ok(settled))
        }
    }

    /// Cancels all of them. The component may still hold and drop them.
    pub(super) fn cancel(&mut self) {
        for entry in self.table.iter_mut() {
            if let Some(call) = entry.downcast_mut::<PendingCall>() {
                call.0 = State::Over;
            }
        }
    }
}

/// A `RuntimeError` as an answer.
fn raised(message: &str) -> Answer {
    Answer::Raised(Exception::new("RuntimeError", message))
}
