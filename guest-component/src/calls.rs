//! Calls that are not answered yet: tools that the host works on, calls that
//! wait for the end of the run, and sleeps.

use std::time::Duration;

use monty_types::{CallArgs, ExcType, MontyException, MontyObject, MontyUuid, OsFunctionCall};
use monty_value::types::{Answer, CallId, CallRequest, SettledCall, SourceRange};
use serde::{Deserialize, Serialize};

use crate::{
    answers::{self, Settled},
    bindings::monty::sandbox::{
        external_call::{self, PendingCall},
        os_call,
    },
    decode::{self, HostObjects},
    encode,
    exceptions::raise,
    leaves::{self, nanoseconds},
    os_error,
    sleeps::Sleeps,
};

/// The calls of one piece of code that are not answered yet. Dropping it tells
/// the host that nobody waits for those it works on.
#[derive(Default)]
pub struct Calls {
    pending: Vec<Pending>,
    suspended: Vec<SuspendedCall>,
    sleeps: Sleeps,
    /// Answers that came while the script waited for another call.
    settled: Vec<(u32, Settled)>,
}

/// A call that the host works on.
struct Pending {
    request: CallRequest,
    handle: PendingCall,
}

/// A call whose answer comes when the run is over. The arguments are in Monty's
/// form, in which snapshots hold them.
#[derive(Serialize, Deserialize)]
pub struct SuspendedCall {
    id: CallId,
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    receiver: Option<MontyUuid>,
    arguments: CallArgs,
    filename: String,
    start: u32,
    end: u32,
    awaited: bool,
}

impl SuspendedCall {
    fn new(request: CallRequest) -> Result<Self, String> {
        Ok(Self {
            arguments: decode::arguments(request.positional, request.keyword, request.graph)?,
            id: request.id,
            name: request.name,
            receiver: request.receiver.map(leaves::uuid),
            filename: request.position.filename,
            start: request.position.start,
            end: request.position.end,
            awaited: request.awaited,
        })
    }

    fn request(&self) -> Result<CallRequest, MontyException> {
        let arguments = encode::encode_arguments(self.arguments.clone())?;
        Ok(CallRequest {
            id: self.id,
            name: self.name.clone(),
            receiver: self.receiver.map(leaves::to_object_id),
            positional: arguments.positional,
            keyword: arguments.keyword,
            graph: arguments.graph,
            position: SourceRange {
                filename: self.filename.clone(),
                start: self.start,
                end: self.end,
            },
            awaited: self.awaited,
        })
    }

    /// The call.
    pub fn id(&self) -> CallId {
        self.id
    }
}

impl Calls {
    /// Calls that a snapshot held.
    pub fn restored(
        suspended: Vec<SuspendedCall>,
        settled: Vec<(u32, Settled)>,
        sleeps: Sleeps,
    ) -> Self {
        Self {
            pending: Vec::new(),
            suspended,
            sleeps,
            settled,
        }
    }

    /// A call that the host works on.
    pub fn pend(&mut self, request: CallRequest, handle: PendingCall) {
        self.pending.push(Pending { request, handle });
    }

    /// A call whose answer comes when the run is over.
    ///
    /// # Errors
    ///
    /// None for a call that was made.
    pub fn suspend(&mut self, request: CallRequest) -> Result<(), MontyException> {
        let call =
            SuspendedCall::new(request).map_err(|reason| raise(ExcType::RuntimeError, reason))?;
        self.keep(call);
        Ok(())
    }

    fn keep(&mut self, call: SuspendedCall) {
        self.suspended.push(call);
        self.suspended.sort_by_key(|call| call.id);
    }

    /// A sleep that starts now.
    pub fn sleep(&mut self, id: u32, duration: Duration) {
        self.sleeps.start(id, duration, duration);
    }

    /// The calls that wait for the end of the run, in the order in which they
    /// were made.
    pub fn suspended(&self) -> &[SuspendedCall] {
        &self.suspended
    }

    /// The same calls as they were made.
    ///
    /// # Errors
    ///
    /// None for calls that were made.
    pub fn requests(&self) -> Result<Vec<CallRequest>, MontyException> {
        self.suspended.iter().map(SuspendedCall::request).collect()
    }

    /// Answers that came while the script waited for another call.
    pub fn settled(&self) -> &[(u32, Settled)] {
        &self.settled
    }

    /// The sleeps that are not over.
    pub fn sleeps(&self) -> &Sleeps {
        &self.sleeps
    }

    /// Takes answers from whoever resumes the script. What the call `in_place`
    /// comes to, which the interpreter waits for in the middle of an expression,
    /// is returned.
    pub fn accept(
        &mut self,
        answers: Vec<SettledCall>,
        in_place: Option<CallId>,
        host_objects: &mut HostObjects,
    ) -> Option<Settled> {
        let mut accepted = None;
        for SettledCall { id, answer } in answers {
            let Some(index) = self.suspended.iter().position(|call| call.id == id) else {
                continue;
            };
            let call = self.suspended.remove(index);
            match answers::settled(&call.name, call.receiver, answer, host_objects) {
                Some(settled) if in_place == Some(id) => accepted = Some(settled),
                Some(settled) => self.settled.push((id, settled)),
                None => self.keep(call),
            }
        }
        accepted
    }

    /// Waits until the host has answered every call that it works on, before
    /// the script is put away.
    pub fn finish_pending(&mut self, host_objects: &mut HostObjects) {
        while !self.pending.is_empty() {
            self.wake();
            self.wait(host_objects);
        }
    }

    /// Waits until there is something for the script to go on with: answers to
    /// its calls, and sleeps that are over. Nothing if no call can be answered
    /// before the end of the run.
    pub fn next(&mut self, host_objects: &mut HostObjects) -> Vec<(u32, Settled)> {
        loop {
            self.wake();
            if !self.settled.is_empty() {
                return std::mem::take(&mut self.settled);
            }
            if self.pending.is_empty() && self.sleeps.is_empty() {
                return Vec::new();
            }
            self.wait(host_objects);
        }
    }

    /// Settles the sleeps that are over.
    fn wake(&mut self) {
        let awake = self.sleeps.wake().into_iter();
        self.settled
            .extend(awake.map(|id| (id, Ok(MontyObject::none()))));
    }

    /// Waits until a call is answered or a sleep is over.
    fn wait(&mut self, host_objects: &mut HostObjects) {
        let first = self.sleeps.first();
        if !self.pending.is_empty() {
            let handles: Vec<&PendingCall> = self.pending.iter().map(|call| &call.handle).collect();
            let timeout = first.map(|(_, left)| nanoseconds(left));
            let answers = external_call::settle(&handles, timeout);
            if answers.is_empty() {
                match timeout {
                    Some(_) => self.sleeps.advance(),
                    None => self.give_up(),
                }
                return;
            }
            let pending = std::mem::take(&mut self.pending).into_iter();
            let mut pending: Vec<Option<Pending>> = pending.map(Some).collect();
            for external_call::Settled { index, answer } in answers {
                if let Some(call) = pending.get_mut(index as usize).and_then(Option::take) {
                    self.answered(call.request, answer, host_objects);
                }
            }
            self.pending = pending.into_iter().flatten().collect();
        } else if let Some((sleep, left)) = first {
            let (id, duration) = (sleep.id, sleep.duration);
            match os_call::sleep(nanoseconds(left)) {
                Ok(()) => self.sleeps.advance(),
                Err(error) => {
                    let call = OsFunctionCall::AsyncSleep(duration);
                    self.sleeps.end(id);
                    self.settled
                        .push((id, Err(os_error::exception(&call, error))));
                }
            }
        }
    }

    fn answered(&mut self, request: CallRequest, answer: Answer, host_objects: &mut HostObjects) {
        let id = request.id;
        let receiver = request.receiver.map(leaves::uuid);
        let settled = answers::settled(&request.name, receiver, answer, host_objects);
        if let Some(settled) = settled.or_else(|| self.suspend(request).err().map(Err)) {
            self.settled.push((id, settled));
        }
    }

    /// The host returned from `settle` without an answer and without a
    /// timeout: it would do so for ever.
    fn give_up(&mut self) {
        for Pending { request, .. } in self.pending.drain(..) {
            let message = format!("the host has no answer to {}()", request.name);
            self.settled
                .push((request.id, Err(raise(ExcType::RuntimeError, message))));
        }
    }
}
