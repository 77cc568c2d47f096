//! Goes on with a script that can do nothing until one of its calls is
//! answered.

use monty::HostReply;
use monty_types::{ExcType, ExtFunctionResult};

use crate::{
    answers::function_result,
    exceptions::{NOBODY_ANSWERS, raise},
    turn::Turn,
};

/// Waits for the next answers.
pub fn resolve(turn: &mut Turn<'_>) -> HostReply<Vec<(u32, ExtFunctionResult)>> {
    let answers = turn.calls.next(turn.host_objects);
    if !answers.is_empty() {
        let results = answers
            .into_iter()
            .map(|(id, settled)| (id, function_result(settled)))
            .collect();
        return HostReply::Answer(results);
    }
    if turn.calls.suspended().is_empty() {
        return HostReply::Abort(raise(ExcType::RuntimeError, NOBODY_ANSWERS));
    }
    HostReply::Suspend
}
