//! Calls of the host's tools, and names that the script did not define.

use monty::{ReplFunctionCall, ReplNameLookup, ReplProgress};
use monty_types::{MontyException, MontyObject, NameLookupResult};
use monty_value::types::{Answer, CallRequest, Exception, SourceRange, Value};

use crate::{
    answers::{self, Settled},
    bindings::monty::sandbox::external_call::{self, Reply},
    callee::{self, Callee},
    encode, exceptions, leaves,
    origin::Origin,
    turn::{Progress, Step, Turn},
};

/// Calls a function of the host, or a method of one of its objects.
pub fn call(mut call: ReplFunctionCall, turn: &mut Turn<'_>) -> Step {
    let arguments = match encode::encode_arguments(std::mem::take(&mut call.args)) {
        Ok(arguments) => arguments,
        Err(exception) => return Step::On(call.resume(exception, turn.printer.writer())),
    };
    let request = CallRequest {
        id: call.call_id,
        name: std::mem::take(&mut call.function_name),
        receiver: call.object_id.map(leaves::to_object_id),
        positional: arguments.positional,
        keyword: arguments.keyword,
        graph: arguments.graph,
        position: source_range(&mut call.position, turn.origin),
        awaited: call.allow_eager_await,
    };
    match external_call::call(&request) {
        Reply::Answered(Answer::NotFound) if request.receiver.is_none() => {
            call_value(call, request, turn)
        }
        // Raised where the name stands, not where it is awaited.
        Reply::Answered(Answer::NotFound) => not_found(call, &request, turn),
        Reply::Answered(answer) => self::answer(call, request, answer, turn),
        Reply::Pending(handle) => pend(call, request, handle, turn),
    }
}

/// Goes on with a call that the host works on.
fn pend(
    call: ReplFunctionCall,
    request: CallRequest,
    handle: external_call::PendingCall,
    turn: &mut Turn<'_>,
) -> Step {
    turn.calls.pend(request, handle);
    Step::On(call.resume_pending(turn.printer.writer()))
}

/// Goes on with a call that is answered, or puts the script away.
fn answer(
    call: ReplFunctionCall,
    request: CallRequest,
    answer: Answer,
    turn: &mut Turn<'_>,
) -> Step {
    let receiver = request.receiver.map(leaves::uuid);
    let settled = answers::settled(&request.name, receiver, answer, turn.host_objects);
    match settled.or_else(|| turn.calls.suspend(request).err().map(Err)) {
        Some(settled) => settle(call, settled, turn),
        None => {
            turn.calls.finish_pending(turn.host_objects);
            Step::Suspend(ReplProgress::FunctionCall(call))
        }
    }
}

/// Goes on with what a call came to.
pub fn settle(call: ReplFunctionCall, settled: Settled, turn: &mut Turn<'_>) -> Step {
    let writer = turn.printer.writer();
    Step::On(if call.allow_eager_await {
        call.resume_eager(settled, writer)
    } else {
        call.resume(answers::function_result(settled), writer)
    })
}

fn not_found(call: ReplFunctionCall, request: &CallRequest, turn: &mut Turn<'_>) -> Step {
    let receiver = request.receiver.map(leaves::uuid);
    let exception = answers::not_found(&request.name, receiver, turn.host_objects);
    Step::On(call.resume(exception, turn.printer.writer()))
}

/// Calls the value of a name that the host has no function for.
///
/// Monty asks for the value of a name at its first use, unless that is a call:
/// then it asks for the call. A host that has no such function may still have a
/// value of that name, and the script gets what calling that value comes to.
fn call_value(call: ReplFunctionCall, mut request: CallRequest, turn: &mut Turn<'_>) -> Step {
    let value = external_call::get_name(&request.name, &request.position);
    let callee = match found(&request.name, value, turn) {
        Ok(Some(value)) => Callee::new(value),
        Ok(None) => return not_found(call, &request, turn),
        Err(exception) => return Step::On(call.resume(exception, turn.printer.writer())),
    };
    match callee {
        // The host has just said that it has no such function.
        Callee::Host {
            name,
            receiver: None,
        } if name == request.name => not_found(call, &request, turn),
        Callee::Host { name, receiver } => {
            request.name = name;
            request.receiver = receiver.map(leaves::to_object_id);
            match external_call::call(&request) {
                Reply::Answered(Answer::NotFound) => not_found(call, &request, turn),
                Reply::Answered(answer) => self::answer(call, request, answer, turn),
                Reply::Pending(handle) => pend(call, request, handle, turn),
            }
        }
        Callee::BuiltIn(node) => callee::call_built_in(call, node, &request, turn),
        Callee::NotCallable(value) => callee::refuse(call, value, &request, turn),
        Callee::Script => {
            let exception = callee::cannot_call(&request, "it is an object of the script");
            Step::On(call.resume(exception, turn.printer.writer()))
        }
    }
}

/// Asks for the value of a name, or of an attribute of an object of the host.
pub fn lookup(mut lookup: ReplNameLookup, turn: &mut Turn<'_>) -> Progress {
    let position = source_range(&mut lookup.position, turn.origin);
    let value = match lookup.object_id() {
        Some(id) => external_call::get_attribute(leaves::to_object_id(id), &lookup.name, &position),
        None => external_call::get_name(&lookup.name, &position),
    };
    let value = match found(&lookup.name, value, turn) {
        Ok(Some(value)) => NameLookupResult::Value(value),
        Ok(None) => NameLookupResult::Undefined,
        Err(exception) => NameLookupResult::Error(exception),
    };
    lookup.resume(value, turn.printer.writer())
}

/// The value that the host has for a name.
fn found(
    name: &str,
    value: Result<Option<Value>, Exception>,
    turn: &mut Turn<'_>,
) -> Result<Option<MontyObject>, MontyException> {
    match value {
        Ok(Some(value)) => answers::value(name, value, turn.host_objects).map(Some),
        Ok(None) => Ok(None),
        Err(exception) => Err(exceptions::from_host(exception)),
    }
}

/// Takes a position, which nobody asks for again.
fn source_range(position: &mut monty_types::SourceRange, origin: &Origin) -> SourceRange {
    SourceRange {
        filename: origin.source_name(std::mem::take(&mut position.filename)),
        start: position.start,
        end: position.end,
    }
}
