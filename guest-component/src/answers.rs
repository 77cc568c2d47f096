//! What the host's answers come to for the script.

use monty_types::{ExcType, ExtFunctionResult, MontyException, MontyObject};
use monty_value::types::{Answer, CallRequest, Value};

use crate::{
    decode::{self, HostObject, HostObjects},
    exceptions::{self, raise},
    leaves,
};

/// What a call comes to.
pub type Settled = Result<MontyObject, MontyException>;

/// What an answer comes to: nothing yet if the call is suspended.
pub fn settled(
    request: &CallRequest,
    answer: Answer,
    host_objects: &mut HostObjects,
) -> Option<Settled> {
    match answer {
        Answer::Value(value) => {
            let source = format_args!("{}()", request.name);
            Some(self::value(source, value, host_objects))
        }
        Answer::Raised(exception) => Some(Err(exceptions::from_host(exception))),
        Answer::NotFound => Some(Err(not_found(request, host_objects))),
        Answer::Suspend => None,
    }
}

/// A value that the host answered `source` with.
///
/// # Errors
///
/// The exception for a value that breaks a rule.
pub fn value(
    source: impl std::fmt::Display,
    value: Value,
    host_objects: &mut HostObjects,
) -> Settled {
    decode::decode(value, host_objects).map_err(|error| invalid(source, &error))
}

/// The exception for an answer that cannot be used.
pub fn invalid(source: impl std::fmt::Display, reason: &str) -> MontyException {
    raise(
        ExcType::ValueError,
        format!("the host answered {source} with an invalid value: {reason}"),
    )
}

/// What a call comes to, for the interpreter.
pub fn function_result(settled: Settled) -> ExtFunctionResult {
    match settled {
        Ok(value) => ExtFunctionResult::Return(value),
        Err(exception) => ExtFunctionResult::Error(exception),
    }
}

/// The exception CPython raises for an undefined function or method.
pub fn not_found(request: &CallRequest, host_objects: &HostObjects) -> MontyException {
    let name = &request.name;
    match request.receiver {
        Some(id) => no_such_method(name, host_objects.get(leaves::uuid(id))),
        None => raise(ExcType::NameError, format!("name '{name}' is not defined")),
    }
}

/// The exception CPython raises for a method that an object does not have.
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
