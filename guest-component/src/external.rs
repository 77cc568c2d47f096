//! Calls of the host's tools, and names that the script did not define.

use monty::{FunctionCall, NameLookup, RunProgress};
use monty_types::{ExcType, ExtFunctionResult, MontyException, NameLookupResult};
use monty_value::types::SourceRange;

use crate::{
    bindings::monty::sandbox::external_call::{self, Answer, CallRequest, LookupRequest},
    decode::{self, HostObject, HostObjects},
    encode, exceptions,
    exceptions::raise,
    leaves,
    print::Printer,
};

/// Calls a function of the host, or a method of one of its objects.
pub fn call(
    mut call: FunctionCall,
    printer: &mut Printer,
    host_objects: &mut HostObjects,
) -> Result<RunProgress, MontyException> {
    let arguments = match encode::encode_arguments(std::mem::take(&mut call.args)) {
        Ok(arguments) => arguments,
        Err(exception) => return call.resume(exception, printer.writer()),
    };
    printer.flush();
    let request = CallRequest {
        id: call.call_id,
        name: std::mem::take(&mut call.function_name),
        receiver: call.object_id.map(leaves::to_object_id),
        positional: arguments.positional,
        keyword: arguments.keyword,
        graph: arguments.graph,
        position: source_range(&mut call.position),
        awaited: call.allow_eager_await,
    };
    let answer = external_call::call(&request);
    let name = request.name;
    let settled = match answer {
        Answer::Value(value) => decode::decode(value, host_objects)
            .map_err(|error| invalid_value(&format!("{name}()"), &error)),
        Answer::Raised(exception) => Err(exceptions::from_host(exception)),
        Answer::NotFound => {
            let not_found = match call.object_id {
                Some(id) => no_such_method(&name, host_objects.get(id)).into(),
                None => ExtFunctionResult::NotFound(name),
            };
            return call.resume(not_found, printer.writer());
        }
    };
    if call.allow_eager_await {
        call.resume_eager(settled, printer.writer())
    } else {
        match settled {
            Ok(value) => call.resume(value, printer.writer()),
            Err(exception) => call.resume(exception, printer.writer()),
        }
    }
}

/// Looks up a name, or an attribute of an object of the host.
pub fn lookup(
    mut lookup: NameLookup,
    printer: &mut Printer,
    host_objects: &mut HostObjects,
) -> Result<RunProgress, MontyException> {
    printer.flush();
    let answer = external_call::lookup(&LookupRequest {
        name: lookup.name.clone(),
        receiver: lookup.object_id().map(leaves::to_object_id),
        position: source_range(&mut lookup.position),
    });
    let result = match answer {
        Answer::Value(value) => match decode::decode(value, host_objects) {
            Ok(value) => NameLookupResult::Value(value),
            Err(error) => NameLookupResult::Error(invalid_value(&lookup.name, &error)),
        },
        Answer::Raised(exception) => NameLookupResult::Error(exceptions::from_host(exception)),
        Answer::NotFound => NameLookupResult::Undefined,
    };
    lookup.resume(result, printer.writer())
}

/// Takes a position, which nobody asks for again.
fn source_range(position: &mut monty_types::SourceRange) -> SourceRange {
    SourceRange {
        filename: std::mem::take(&mut position.filename),
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
