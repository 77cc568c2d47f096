//! Calls that the host works on while the script goes on.

use std::collections::HashMap;

use monty_value::types::{Answer, CallId, SettledCall};
use tokio::runtime::Handle;
use tokio::task::{JoinError, JoinSet};

/// The calls of one run that were answered with `pending`. Dropping it cancels
/// them.
#[derive(Default)]
pub(crate) struct PendingCalls {
    tasks: JoinSet<(CallId, Answer)>,
    ids: HashMap<tokio::task::Id, CallId>,
    settled: HashMap<CallId, Answer>,
}

impl PendingCalls {
    /// How many are under way.
    pub(crate) fn under_way(&mut self) -> usize {
        self.join_ended();
        self.tasks.len()
    }

    /// Starts to work on a call, on the current runtime.
    pub(crate) fn start<F>(&mut self, id: CallId, answer: F)
    where
        F: Future<Output = Answer> + Send + 'static,
    {
        let task = async move { (id, answer.await) };
        let handle = match Handle::try_current() {
            Ok(runtime) => self.tasks.spawn_on(task, &runtime),
            Err(_) => {
                let error = "an async tool needs a tokio runtime, and the script runs on none";
                self.settled.insert(id, raised("RuntimeError", error));
                return;
            }
        };
        self.ids.insert(handle.id(), id);
    }

    /// Takes the answers that are there to some calls. An id that nobody works
    /// on is answered with an exception, or it would be waited for for ever.
    pub(crate) fn take(&mut self, ids: &[CallId]) -> Vec<SettledCall> {
        self.join_ended();
        let settled = ids.iter().filter_map(|&id| {
            let answer = match self.settled.remove(&id) {
                Some(answer) => answer,
                None if self.ids.values().any(|&working| working == id) => return None,
                None => raised("RuntimeError", "the host does not know the call"),
            };
            Some(SettledCall { id, answer })
        });
        settled.collect()
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

    fn keep(&mut self, joined: Result<(tokio::task::Id, (CallId, Answer)), JoinError>) {
        match joined {
            Ok((task, (id, answer))) => {
                self.ids.remove(&task);
                self.settled.insert(id, answer);
            }
            // A panic in a tool is an answer already: what is left is a
            // runtime that shuts down.
            Err(error) => {
                if let Some(id) = self.ids.remove(&error.id()) {
                    let answer =
                        raised("RuntimeError", &format!("the call was cancelled: {error}"));
                    self.settled.insert(id, answer);
                }
            }
        }
    }
}

/// An exception as an answer.
fn raised(type_name: &str, message: &str) -> Answer {
    Answer::Raised(monty_value::types::Exception::new(type_name, message))
}
