//! Calls of the host's tools, and names that the script did not define.

use monty::{CallAnswer, HostFunctionCall, HostNameLookup, HostReply};
use monty_types::{
    ExtFunctionResult, MontyException, MontyObject, NameLookupResult, ResourceTracker,
};
use monty_value::types::{Answer, CallRequest, Exception, SourceRange, Value};

use crate::{
    answers::{self, Settled},
    bindings::monty::sandbox::external_call::{self, Reply},
    callee::{self, Callee},
    encode, exceptions, leaves,
    origin::Origin,
    turn::Turn,
};

/// Calls a function of the host, or a method of one of its objects.
pub fn call(
    call: HostFunctionCall<'_>,
    turn: &mut Turn<'_>,
    tracker: &ResourceTracker,
) -> HostReply<CallAnswer> {
    let arguments = match encode::encode_arguments(std::mem::take(call.args)) {
        Ok(arguments) => arguments,
        Err(exception) => return raised(exception),
    };
    let request = CallRequest {
        id: call.call_id,
        name: std::mem::take(call.function_name),
        receiver: call.object_id.map(leaves::to_object_id),
        positional: arguments.positional,
        keyword: arguments.keyword,
        graph: arguments.graph,
        position: source_range(call.position, turn.origin),
        awaited: call.allow_eager_await,
    };
    match external_call::call(&request) {
        Reply::Answered(Answer::NotFound) if request.receiver.is_none() => {
            call_value(&call, request, turn, tracker)
        }
        // Raised where the name stands, not where it is awaited.
        Reply::Answered(Answer::NotFound) => not_found(&request, turn),
        Reply::Answered(answer) => self::answer(&call, request, answer, turn),
        Reply::Pending(handle) => pend(request, handle, turn),
    }
}

/// Goes on with a call that the host works on.
fn pend(
    request: CallRequest,
    handle: external_call::PendingCall,
    turn: &mut Turn<'_>,
) -> HostReply<CallAnswer> {
    let future = ExtFunctionResult::Future(request.id);
    turn.calls.pend(request, handle);
    HostReply::Answer(CallAnswer::Result(future))
}

/// Goes on with a call that is answered, or puts the script away.
fn answer(
    call: &HostFunctionCall<'_>,
    request: CallRequest,
    answer: Answer,
    turn: &mut Turn<'_>,
) -> HostReply<CallAnswer> {
    let receiver = request.receiver.map(leaves::uuid);
    let settled = answers::settled(&request.name, receiver, answer, turn.host_objects);
    match settled.or_else(|| turn.calls.suspend(request).err().map(Err)) {
        Some(settled) => settle(call, settled),
        None => {
            turn.calls.finish_pending(turn.host_objects);
            HostReply::Suspend
        }
    }
}

/// Goes on with what a call came to.
pub fn settle(call: &HostFunctionCall<'_>, settled: Settled) -> HostReply<CallAnswer> {
    HostReply::Answer(if call.allow_eager_await {
        CallAnswer::Eager(settled)
    } else {
        CallAnswer::Result(answers::function_result(settled))
    })
}

/// Raises where the call stands.
fn raised(exception: MontyException) -> HostReply<CallAnswer> {
    HostReply::Answer(CallAnswer::Result(exception.into()))
}

fn not_found(request: &CallRequest, turn: &Turn<'_>) -> HostReply<CallAnswer> {
    let receiver = request.receiver.map(leaves::uuid);
    raised(answers::not_found(
        &request.name,
        receiver,
        turn.host_objects,
    ))
}

/// Calls the value of a name that the host has no function for.
///
/// Monty asks for the value of a name at its first use, unless that is a call:
/// then it asks for the call. A host that has no such function may still have a
/// value of that name, and the script gets what calling that value comes to.
fn call_value(
    call: &HostFunctionCall<'_>,
    mut request: CallRequest,
    turn: &mut Turn<'_>,
    tracker: &ResourceTracker,
) -> HostReply<CallAnswer> {
    let value = external_call::get_name(&request.name, &request.position);
    let callee = match found(&request.name, value, turn) {
        Ok(Some(value)) => Callee::new(value),
        Ok(None) => return not_found(&request, turn),
        Err(exception) => return raised(exception),
    };
    match callee {
        // The host has just said that it has no such function.
        Callee::Host {
            name,
            receiver: None,
        } if name == request.name => not_found(&request, turn),
        Callee::Host { name, receiver } => {
            request.name = name;
            request.receiver = receiver.map(leaves::to_object_id);
            match external_call::call(&request) {
                Reply::Answered(Answer::NotFound) => not_found(&request, turn),
                Reply::Answered(answer) => self::answer(call, request, answer, turn),
                Reply::Pending(handle) => pend(request, handle, turn),
            }
        }
        Callee::BuiltIn(node) => callee::call_built_in(call, node, &request, turn, tracker),
        Callee::NotCallable(value) => callee::refuse(call, value, &request, turn, tracker),
        Callee::Script => raised(callee::cannot_call(
            &request,
            "it is an object of the script",
        )),
    }
}

/// Asks for the value of a name, or of an attribute of an object of the host.
pub fn lookup(lookup: HostNameLookup<'_>, turn: &mut Turn<'_>) -> NameLookupResult {
    let position = source_range(lookup.position, turn.origin);
    let value = match lookup.object_id {
        Some(id) => external_call::get_attribute(leaves::to_object_id(id), lookup.name, &position),
        None => external_call::get_name(lookup.name, &position),
    };
    match found(lookup.name, value, turn) {
        Ok(Some(value)) => NameLookupResult::Value(value),
        Ok(None) => NameLookupResult::Undefined,
        Err(exception) => NameLookupResult::Error(exception),
    }
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
