//! Goes on with a script that can do nothing until one of its calls is
//! answered.

use monty::{ReplProgress, ReplResolveFutures};
use monty_types::ExcType;

use crate::{
    answers::function_result,
    exceptions::{NOBODY_ANSWERS, raise},
    turn::{Step, Turn},
};

/// Waits for the next answers, and hands them to the interpreter.
pub fn resolve(futures: ReplResolveFutures, turn: &mut Turn<'_>) -> Step {
    let answers = turn.calls.next(turn.host_objects);
    if !answers.is_empty() {
        let results = answers
            .into_iter()
            .map(|(id, settled)| (id, function_result(settled)))
            .collect();
        return Step::On(futures.resume(results, turn.printer.writer()));
    }
    if turn.calls.suspended().is_empty() {
        let exception = raise(ExcType::RuntimeError, NOBODY_ANSWERS);
        return Step::On(futures.abort(exception, turn.printer.writer()));
    }
    Step::Suspend(ReplProgress::ResolveFutures(futures))
}
