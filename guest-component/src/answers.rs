//! What the host's answers come to for the script.

use monty_types::{ExcType, ExtFunctionResult, MontyException, MontyObject, MontyUuid};
use monty_value::types::{Answer, Value};

use crate::{
    decode::{self, HostObject, HostObjects},
    exceptions::{self, raise},
};

/// What a call comes to.
pub type Settled = Result<MontyObject, MontyException>;

/// What an answer comes to, for a function or for the method of an object:
/// nothing yet if the call is suspended.
pub fn settled(
    name: &str,
    receiver: Option<MontyUuid>,
    answer: Answer,
    host_objects: &mut HostObjects,
) -> Option<Settled> {
    Some(match answer {
        Answer::Value(value) => self::value(format_args!("{name}()"), value, host_objects),
        Answer::Raised(exception) => Err(exceptions::from_host(exception)),
        Answer::NotFound => Err(not_found(name, receiver, host_objects)),
        Answer::Suspend => return None,
    })
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
pub fn not_found(
    name: &str,
    receiver: Option<MontyUuid>,
    host_objects: &HostObjects,
) -> MontyException {
    match receiver {
        Some(id) => no_such_method(name, host_objects.get(id)),
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
