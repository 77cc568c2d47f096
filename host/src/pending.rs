//! Calls that the host works on while the script goes on.

use std::collections::{HashMap, HashSet};

use monty_value::types::{Answer, CallId, SettledCall};
use tokio::runtime::Handle;
use tokio::task::{Id, JoinError, JoinSet};

use crate::imports::Encoded;
use crate::work::panic_message;

/// The calls of one run that were answered with `pending`. Dropping it cancels
/// them.
#[derive(Default)]
pub(crate) struct PendingCalls {
    tasks: JoinSet<(CallId, Encoded)>,
    ids: HashMap<Id, CallId>,
    under_way: HashSet<CallId>,
    settled: HashMap<CallId, Encoded>,
}

impl PendingCalls {
    /// How many are under way, or answered and not taken yet.
    pub(crate) fn open(&mut self) -> usize {
        self.join_ended();
        self.under_way.len() + self.settled.len()
    }

    /// Starts to work on a call, on the current runtime.
    pub(crate) fn start<F>(&mut self, id: CallId, answer: F)
    where
        F: Future<Output = Encoded> + Send + 'static,
    {
        let task = async move { (id, answer.await) };
        let handle = match Handle::try_current() {
            Ok(runtime) => self.tasks.spawn_on(task, &runtime),
            Err(_) => {
                let error = "an async tool needs a tokio runtime, and the script runs on none";
                self.settle(id, raised(error));
                return;
            }
        };
        self.ids.insert(handle.id(), id);
        self.under_way.insert(id);
    }

    /// Takes the answers that are there to some calls. An id that nobody works
    /// on is answered with an exception, or it would be waited for for ever:
    /// one of those at a time, because a component may ask for any number.
    pub(crate) fn take(&mut self, ids: &[CallId]) -> Vec<SettledCall> {
        self.join_ended();
        let mut settled = Vec::new();
        for &id in ids {
            let answer = match self.settled.remove(&id) {
                Some(answer) => answer.into_answer(),
                None if self.under_way.contains(&id) => continue,
                None if settled.is_empty() => raised("the host does not know the call"),
                None => break,
            };
            settled.push(SettledCall { id, answer });
        }
        settled
    }

    /// Waits until one more is done: for ever if none is under way.
    pub(crate) async fn next(&mut self) {
        match self.tasks.join_next_with_id().await {
            Some(joined) => self.keep(joined),
            None => std::future::pending().await,
        }
    }

    /// Cancels all of them.
    pub(crate) fn cancel(&mut self) {
        *self = Self::default();
    }

    fn join_ended(&mut self) {
        while let Some(joined) = self.tasks.try_join_next_with_id() {
            self.keep(joined);
        }
    }

    fn keep(&mut self, joined: Result<(Id, (CallId, Encoded)), JoinError>) {
        match joined {
            Ok((task, (id, answer))) => {
                self.ids.remove(&task);
                self.under_way.remove(&id);
                self.settled.insert(id, answer);
            }
            // The runtime shuts down, or an `ExternalCall` panicked.
            Err(error) => {
                let Some(id) = self.ids.remove(&error.id()) else {
                    return;
                };
                self.under_way.remove(&id);
                let reason = match error.try_into_panic() {
                    Ok(payload) => format!("the host panicked: {}", panic_message(payload)),
                    Err(error) => format!("the call was cancelled: {error}"),
                };
                self.settle(id, raised(&reason));
            }
        }
    }

    fn settle(&mut self, id: CallId, answer: Answer) {
        self.settled.insert(id, Encoded::small(answer));
    }
}

/// A `RuntimeError` as an answer.
fn raised(message: &str) -> Answer {
    Answer::Raised(monty_value::types::Exception::new("RuntimeError", message))
}
