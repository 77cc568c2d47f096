//! What a piece of code asks the host for, which is answered while Monty's state stays
//! where it is. Only a piece of code that waits for the end of the run leaves it.

use monty::{
    CallAnswer, HostFunctionCall, HostNameLookup, HostOsCall, HostReply, ReplHost, ReplProgress,
    ReplStartError,
};
use monty_types::{
    ExcType, ExtFunctionResult, MontyException, NameLookupResult, ResourceError, ResourceTracker,
    SandboxTimeZone, TimeLimitScope,
};

use crate::{
    answers::Settled,
    calls::Calls,
    decode::HostObjects,
    exceptions::{self, raise},
    external, futures,
    origin::Origin,
    os,
    print::Printer,
};

/// How Monty's execution of a piece of code stands.
pub type Progress = Result<ReplProgress, Box<ReplStartError>>;

/// What it takes to answer.
pub struct Turn<'a> {
    /// The classes and instances that the host sent.
    pub host_objects: &'a mut HostObjects,
    /// What was printed and not written yet.
    pub printer: &'a Printer,
    /// The calls that are not answered yet.
    pub calls: &'a mut Calls,
    /// What the code belongs to.
    pub origin: &'a Origin,
    /// The local time zone.
    pub timezone: &'a SandboxTimeZone,
    /// What the call comes to at which the code was suspended.
    pub accepted: Option<Settled>,
}

impl Turn<'_> {
    /// Answers, unless the code is to end first.
    fn reply<T>(
        &mut self,
        tracker: &ResourceTracker,
        answer: impl FnOnce(&mut Self) -> HostReply<T>,
    ) -> HostReply<T> {
        if let Some(exception) = self.refusal().or_else(|| out_of_time(tracker)) {
            return HostReply::Abort(exception);
        }
        match answer(self) {
            // Whoever gets the snapshot gets what was printed before.
            HostReply::Suspend => self.refusal().map_or(HostReply::Suspend, HostReply::Abort),
            reply => reply,
        }
    }

    /// Writes out what was printed, before the host is asked for anything else, and
    /// tells whether nobody takes it.
    fn refusal(&self) -> Option<MontyException> {
        self.printer.flush();
        self.printer.refusal().map(exceptions::from_host)
    }
}

impl ReplHost for Turn<'_> {
    fn function_call(
        &mut self,
        call: HostFunctionCall<'_>,
        tracker: &ResourceTracker,
    ) -> HostReply<CallAnswer> {
        match self.accepted.take() {
            Some(settled) => external::settle(&call, settled),
            None => self.reply(tracker, |turn| external::call(call, turn, tracker)),
        }
    }

    fn os_call(
        &mut self,
        call: HostOsCall<'_>,
        tracker: &ResourceTracker,
    ) -> HostReply<CallAnswer> {
        self.reply(tracker, |turn| HostReply::Answer(os::call(call, turn)))
    }

    fn name_lookup(
        &mut self,
        lookup: HostNameLookup<'_>,
        tracker: &ResourceTracker,
    ) -> HostReply<NameLookupResult> {
        self.reply(tracker, |turn| {
            HostReply::Answer(external::lookup(lookup, turn))
        })
    }

    fn resolve_futures(
        &mut self,
        _: &[u32],
        tracker: &ResourceTracker,
    ) -> HostReply<Vec<(u32, ExtFunctionResult)>> {
        self.reply(tracker, futures::resolve)
    }
}

/// The exception for a piece of code whose time is up. Monty looks at the time
/// every few hundred instructions and counts them anew after each call of the
/// host, so a loop of little more than calls would go on. Its clock stands during
/// calls: where they take nearly all of the time, the host's own limit is reached first.
fn out_of_time(tracker: &ResourceTracker) -> Option<MontyException> {
    let elapsed = tracker.feed_elapsed();
    let limit = tracker
        .max_feed_duration()
        .filter(|limit| elapsed > *limit)?;
    let error = ResourceError::Time {
        scope: TimeLimitScope::Feed,
        limit,
        elapsed,
    };
    Some(raise(ExcType::TimeoutError, error.to_string()))
}
