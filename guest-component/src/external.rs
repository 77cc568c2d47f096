//! Calls of the host's tools, and names that the script did not define.

use monty::{ReplFunctionCall, ReplNameLookup};
use monty_types::{ExcType, ExtFunctionResult, MontyException, MontyUuid, NameLookupResult};
use monty_value::types::{Answer, CallRequest, SourceRange};

use crate::{
    bindings::monty::sandbox::external_call::{self, LookupRequest},
    callee,
    calls::Settled,
    decode::{self, HostObject, HostObjects},
    encode, exceptions,
    exceptions::raise,
    leaves,
    python::{Host, Origin, Progress, Step, suspend_in_place},
};

/// Calls a function of the host, or a method of one of its objects.
pub fn call(mut call: ReplFunctionCall, host: &mut Host<'_>) -> Step {
    let arguments = match encode::encode_arguments(std::mem::take(&mut call.args)) {
        Ok(arguments) => arguments,
        Err(exception) => return Step::On(call.resume(exception, host.printer.writer())),
    };
    host.printer.flush();
    let request = CallRequest {
        id: call.call_id,
        name: std::mem::take(&mut call.function_name),
        receiver: call.object_id.map(leaves::to_object_id),
        positional: arguments.positional,
        keyword: arguments.keyword,
        graph: arguments.graph,
        position: source_range(&mut call.position, host.origin),
        awaited: call.allow_eager_await,
    };
    let answer = external_call::call(&request);
    self::answer(call, request, answer, host)
}

/// Goes on with a call that is answered.
pub fn answer(
    call: ReplFunctionCall,
    request: CallRequest,
    answer: Answer,
    host: &mut Host<'_>,
) -> Step {
    match answer {
        Answer::Pending => {
            host.calls.pend(request);
            Step::On(call.resume_pending(host.printer.writer()))
        }
        Answer::Suspend => {
            host.calls.suspend(request);
            suspend_in_place(call, host)
        }
        Answer::NotFound if request.receiver.is_none() => callee::call(call, request, host),
        Answer::NotFound => {
            // Raised where the name stands, not where it is awaited.
            let exception = not_found(&request, host.host_objects);
            Step::On(call.resume(exception, host.printer.writer()))
        }
        Answer::Value(_) | Answer::Raised(_) => {
            let settled = settled(&request, answer, host.host_objects);
            let writer = host.printer.writer();
            Step::On(if call.allow_eager_await {
                call.resume_eager(settled, writer)
            } else {
                call.resume(function_result(settled), writer)
            })
        }
    }
}

/// What an answer comes to for the script.
pub fn settled(request: &CallRequest, answer: Answer, host_objects: &mut HostObjects) -> Settled {
    match answer {
        Answer::Value(value) => decode::decode(value, host_objects)
            .map_err(|error| invalid_value(&format!("{}()", request.name), &error)),
        Answer::Raised(exception) => Err(exceptions::from_host(exception)),
        Answer::NotFound => Err(not_found(request, host_objects)),
        Answer::Pending | Answer::Suspend => Err(no_answer(&request.name)),
    }
}

/// What a call comes to, for the interpreter.
pub fn function_result(settled: Settled) -> ExtFunctionResult {
    match settled {
        Ok(value) => ExtFunctionResult::Return(value),
        Err(exception) => ExtFunctionResult::Error(exception),
    }
}

/// Looks up a name, or an attribute of an object of the host.
pub fn lookup(mut lookup: ReplNameLookup, host: &mut Host<'_>) -> Progress {
    host.printer.flush();
    let position = source_range(&mut lookup.position, host.origin);
    let value = value_of(&lookup.name, lookup.object_id(), position, host);
    lookup.resume(value, host.printer.writer())
}

/// The value that the host has for a name, or for an attribute of an object.
pub fn value_of(
    name: &str,
    receiver: Option<MontyUuid>,
    position: SourceRange,
    host: &mut Host<'_>,
) -> NameLookupResult {
    let answer = external_call::lookup(&LookupRequest {
        name: name.to_owned(),
        receiver: receiver.map(leaves::to_object_id),
        position,
    });
    match answer {
        Answer::Value(value) => match decode::decode(value, host.host_objects) {
            Ok(value) => NameLookupResult::Value(value),
            Err(error) => NameLookupResult::Error(invalid_value(name, &error)),
        },
        Answer::Raised(exception) => NameLookupResult::Error(exceptions::from_host(exception)),
        Answer::NotFound => NameLookupResult::Undefined,
        Answer::Pending | Answer::Suspend => NameLookupResult::Error(no_answer(name)),
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

fn invalid_value(source: &str, error: &str) -> MontyException {
    raise(
        ExcType::ValueError,
        format!("the host answered {source} with an invalid value: {error}"),
    )
}

/// A name cannot wait for its value.
fn no_answer(name: &str) -> MontyException {
    raise(
        ExcType::RuntimeError,
        format!("the host has no answer to {name} now"),
    )
}

/// The exception CPython raises for an undefined function or method.
pub fn not_found(request: &CallRequest, host_objects: &HostObjects) -> MontyException {
    let name = &request.name;
    match request.receiver {
        Some(id) => no_such_method(name, host_objects.get(leaves::uuid(id))),
        None => raise(ExcType::NameError, format!("name '{name}' is not defined")),
    }
}

/// What CPython raises for a method that an object does not have.
fn no_such_method(name: &str, receiver: Option<&HostObject>) -> MontyException {
    match receiver {
        Some(object) if name == "__call__" => raise(
            ExcType::TypeError,
            if object.is_class {
                format!("cannot create '{}' instances", object.class_name)
            } else {
                format!("'{}' object is not callable", object.class_name)
            },
        ),
        Some(object) if object.is_class => raise(
            ExcType::AttributeError,
            format!(
                "type object '{}' has no attribute '{name}'",
                object.class_name
            ),
        ),
        Some(object) => raise(
            ExcType::AttributeError,
            format!("'{}' object has no attribute '{name}'", object.class_name),
        ),
        None => raise(
            ExcType::AttributeError,
            format!("object has no attribute '{name}'"),
        ),
    }
}
