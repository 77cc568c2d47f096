//! Calls that are not answered yet: tools that the host works on, calls that
//! wait for the end of the run, and sleeps.

use std::{
    cell::Cell,
    time::{Duration, SystemTime},
};

use monty::{ReplProgress, ReplResolveFutures};
use monty_types::{ExcType, MontyException, MontyObject, OsFunctionCall};
use monty_value::types::{Answer, CallRequest, SettledCall};

use crate::{
    bindings::monty::sandbox::{external_call, os_call},
    decode::HostObjects,
    exceptions::{NOBODY_ANSWERS, raise},
    external, os, os_error,
    python::{Host, Step},
};

/// What a call comes to.
pub type Settled = Result<MontyObject, MontyException>;

/// The calls of one piece of code that are not answered yet.
#[derive(Default)]
pub struct Calls {
    /// The host works on these.
    pending: Vec<CallRequest>,
    /// The answers to these come when the run is over.
    suspended: Vec<CallRequest>,
    sleeps: Vec<Sleep>,
    /// Answers that the interpreter has not taken yet.
    pub settled: Vec<(u32, Settled)>,
    clock: SleepClock,
}

/// An `asyncio.sleep()`.
pub struct Sleep {
    /// The call.
    pub id: u32,
    /// How long the script wants to sleep.
    pub duration: Duration,
    /// When that is over, by the [`SleepClock`].
    until: Duration,
}

impl Calls {
    /// A call that the host works on.
    pub fn pend(&mut self, request: CallRequest) {
        self.pending.push(request);
    }

    /// A call whose answer comes when the run is over.
    pub fn suspend(&mut self, request: CallRequest) {
        self.suspended.push(request);
        self.suspended.sort_by_key(|request| request.id);
    }

    /// A sleep that starts now.
    pub fn sleep(&mut self, id: u32, duration: Duration) {
        self.sleep_on(id, duration, duration);
    }

    /// A sleep of which some time is left.
    pub fn sleep_on(&mut self, id: u32, duration: Duration, left: Duration) {
        let until = self.clock.now().saturating_add(left);
        self.sleeps.push(Sleep {
            id,
            duration,
            until,
        });
    }

    /// The calls that wait for the end of the run, in the order in which they
    /// were made.
    pub fn suspended(&self) -> &[CallRequest] {
        &self.suspended
    }

    /// The sleeps that are not over.
    pub fn sleeps(&self) -> impl Iterator<Item = &Sleep> {
        self.sleeps.iter()
    }

    /// How long a sleep goes on.
    pub fn left(&self, sleep: &Sleep) -> Duration {
        sleep.until.saturating_sub(self.clock.now())
    }

    /// Takes answers from whoever resumes the script. The answer to `in_place`,
    /// which the interpreter waits for in the middle of an expression, is
    /// returned with its call.
    pub fn accept(
        &mut self,
        answers: Vec<SettledCall>,
        in_place: Option<u32>,
        host_objects: &mut HostObjects,
    ) -> Option<(CallRequest, Answer)> {
        let mut accepted = None;
        for SettledCall { id, answer } in answers {
            let Some(request) = take(&mut self.suspended, id) else {
                continue;
            };
            if in_place == Some(id) {
                accepted = Some((request, answer));
            } else {
                self.answered(request, answer, host_objects);
            }
        }
        accepted
    }

    /// Waits until the host has answered every call that it works on, before
    /// the script is put away.
    pub fn finish_pending(&mut self, host_objects: &mut HostObjects) {
        while !self.pending.is_empty() {
            self.wait(host_objects);
        }
    }

    fn answered(&mut self, request: CallRequest, answer: Answer, host_objects: &mut HostObjects) {
        match answer {
            Answer::Pending => self.pend(request),
            Answer::Suspend => self.suspend(request),
            Answer::Value(_) | Answer::Raised(_) | Answer::NotFound => {
                let settled = external::settled(&request, answer, host_objects);
                self.settled.push((request.id, settled));
            }
        }
    }

    /// Takes the answers to some calls.
    fn take_settled(&mut self, ids: &[u32]) -> Vec<(u32, Settled)> {
        self.settled
            .extract_if(.., |(id, _)| ids.contains(id))
            .collect()
    }

    /// Waits until a call is answered or a sleep is over.
    fn wait(&mut self, host_objects: &mut HostObjects) {
        let first = self.sleeps.iter().min_by_key(|sleep| sleep.until);
        let left = first.map(|sleep| self.left(sleep));
        if !self.pending.is_empty() {
            let ids: Vec<u32> = self.pending.iter().map(|request| request.id).collect();
            let answers = external_call::settle(&ids, left.map(os::micros));
            if answers.is_empty() {
                match first.map(|sleep| sleep.until) {
                    Some(until) => self.clock.advance_to(until),
                    None => self.give_up(),
                }
            }
            for SettledCall { id, answer } in answers {
                if let Some(request) = take(&mut self.pending, id) {
                    self.answered(request, answer, host_objects);
                }
            }
        } else if let (Some(first), Some(left)) = (first, left) {
            let id = first.id;
            match os_call::sleep(os::micros(left)) {
                Ok(()) => self.clock.advance_to(first.until),
                Err(error) => {
                    let call = OsFunctionCall::AsyncSleep(first.duration);
                    self.sleeps.retain(|sleep| sleep.id != id);
                    self.settled
                        .push((id, Err(os_error::exception(&call, error))));
                }
            }
        }
    }

    /// The host returned from `settle` without an answer and without a
    /// timeout: it would do so for ever.
    fn give_up(&mut self) {
        for request in self.pending.drain(..) {
            let message = format!("the host has no answer to {}()", request.name);
            self.settled
                .push((request.id, Err(raise(ExcType::RuntimeError, message))));
        }
    }

    /// Settles the sleeps that are over.
    fn wake(&mut self) {
        if self.sleeps.is_empty() {
            return;
        }
        let now = self.clock.now();
        let awake = self.sleeps.extract_if(.., |sleep| sleep.until <= now);
        self.settled
            .extend(awake.map(|sleep| (sleep.id, Ok(MontyObject::none()))));
    }
}

fn take(requests: &mut Vec<CallRequest>, id: u32) -> Option<CallRequest> {
    let index = requests.iter().position(|request| request.id == id)?;
    Some(requests.remove(index))
}

/// Goes on with a script that can do nothing until one of its calls is
/// answered.
pub fn resolve(futures: ReplResolveFutures, host: &mut Host<'_>) -> Step {
    host.printer.flush();
    loop {
        host.calls.wake();
        let answers = host.calls.take_settled(futures.pending_call_ids());
        if !answers.is_empty() {
            let results = answers
                .into_iter()
                .map(|(id, settled)| (id, external::function_result(settled)))
                .collect();
            return Step::On(futures.resume(results, host.printer.writer()));
        }
        if host.calls.pending.is_empty() && host.calls.sleeps.is_empty() {
            break;
        }
        host.calls.wait(host.host_objects);
    }
    if host.calls.suspended.is_empty() {
        let exception = raise(ExcType::RuntimeError, NOBODY_ANSWERS);
        return Step::On(futures.abort(exception, host.printer.writer()));
    }
    Step::Suspend(ReplProgress::ResolveFutures(futures))
}

/// The time that sleeps are measured by. It is the time of day, because the
/// monotonic clock may stand still while the host works; it never goes back,
/// and it goes on when the host says that a time is over, even if it did not
/// wait for it.
#[derive(Default)]
struct SleepClock {
    /// Read at the first sleep: a script that does not sleep asks for no time.
    started: Cell<Option<SystemTime>>,
    latest: Cell<Duration>,
    ahead: Duration,
}

impl SleepClock {
    /// The time since some start.
    fn now(&self) -> Duration {
        let elapsed = match self.started.get() {
            Some(started) => started.elapsed().unwrap_or_default(),
            None => {
                self.started.set(Some(SystemTime::now()));
                Duration::ZERO
            }
        };
        let now = elapsed.saturating_add(self.ahead).max(self.latest.get());
        self.latest.set(now);
        now
    }

    /// Takes it that a time has come.
    fn advance_to(&mut self, time: Duration) {
        let behind = time.saturating_sub(self.now());
        self.ahead = self.ahead.saturating_add(behind);
    }
}
