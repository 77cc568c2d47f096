//! Values of the host that a script calls by their name.
//!
//! Monty asks for the value of a name at its first use, unless that is a call:
//! then it asks for the call. A host that has no such function may still have a
//! value of that name, and the script gets what calling that value comes to.

use monty::{MontyRun, ReplFunctionCall, ReplProgress, RunProgress};
use monty_types::{
    CompileOptions, ExcType, MontyException, MontyObject, MontyUuid, NameLookupResult,
    ResourceLimits, ResourceTracker,
    unstable::{MontyNode, into_graph_parts},
};
use monty_value::types::{Answer, CallRequest};

use crate::{
    bindings::monty::sandbox::external_call,
    calls::Settled,
    decode,
    exceptions::raise,
    external, leaves,
    python::{Host, Step},
};

/// The variable that holds a value, its positional and its keyword arguments.
const CALL: &str = "call";

/// Who calls a value.
enum Callee {
    /// The host: a function of this name, or a method of this object.
    Host {
        name: String,
        receiver: Option<MontyUuid>,
    },
    /// The interpreter, with the arguments.
    BuiltIn(MontyNode),
    /// Nobody: it is an object of the script, which only the script's own
    /// interpreter can call.
    Script,
    /// The interpreter, which refuses.
    NotCallable(MontyObject),
}

impl Callee {
    fn new(value: MontyObject) -> Self {
        let host = |name: &str, receiver| Self::Host {
            name: name.to_owned(),
            receiver,
        };
        let (graph, root) = into_graph_parts(value.clone());
        match graph.nodes().get(root.index()) {
            Some(MontyNode::Function { name, .. }) => host(name, None),
            Some(MontyNode::ClassType(class)) if class.host_defined => {
                host("__call__", Some(class.id))
            }
            Some(MontyNode::ClassInstance {
                class_type,
                instance_id,
                ..
            }) => match graph.nodes().get(class_type.index()) {
                Some(MontyNode::ClassType(class)) if class.host_defined => {
                    host("__call__", Some(*instance_id))
                }
                _ => Self::Script,
            },
            Some(MontyNode::ClassType(_)) => Self::Script,
            Some(node @ (MontyNode::BuiltinFunction(_) | MontyNode::Type(_))) => {
                Self::BuiltIn(node.clone())
            }
            _ => Self::NotCallable(value),
        }
    }
}

/// Calls the value of a name that the host has no function for.
pub fn call(call: ReplFunctionCall, mut request: CallRequest, host: &mut Host<'_>) -> Step {
    let value = external::value_of(&request.name, None, request.position.clone(), host);
    let callee = match value {
        NameLookupResult::Value(value) => Callee::new(value),
        NameLookupResult::Undefined => return undefined(call, &request, host),
        NameLookupResult::Error(exception) => {
            return Step::On(call.resume(exception, host.printer.writer()));
        }
    };
    match callee {
        // The host has just said that it has no such function.
        Callee::Host {
            name,
            receiver: None,
        } if name == request.name => undefined(call, &request, host),
        Callee::Host { name, receiver } => {
            request.name = name;
            request.receiver = receiver.map(leaves::to_object_id);
            match external_call::call(&request) {
                Answer::NotFound => undefined(call, &request, host),
                answer => external::answer(call, request, answer, host),
            }
        }
        Callee::BuiltIn(callee) => {
            let arguments = decode::call(callee, &request);
            evaluate(
                call,
                &request,
                "call[0](*call[1], **call[2])",
                arguments,
                host,
            )
        }
        Callee::NotCallable(value) => evaluate(call, &request, "call()", Ok(value), host),
        Callee::Script => {
            let exception = cannot_call(&request, "it is an object of the script");
            Step::On(call.resume(exception, host.printer.writer()))
        }
    }
}

fn undefined(call: ReplFunctionCall, request: &CallRequest, host: &mut Host<'_>) -> Step {
    let exception = external::not_found(request, host.host_objects);
    Step::On(call.resume(exception, host.printer.writer()))
}

fn cannot_call(request: &CallRequest, reason: &str) -> MontyException {
    let name = &request.name;
    let message = format!(
        "{name}() cannot be called by this name: {reason}. Assign {name} to a variable and call that"
    );
    raise(ExcType::RuntimeError, message)
}

/// Goes on with what an interpreter of its own makes of an expression: the
/// script's one is in the middle of the call, and cannot be handed a function.
fn evaluate(
    call: ReplFunctionCall,
    request: &CallRequest,
    expression: &str,
    variable: Result<MontyObject, String>,
    host: &mut Host<'_>,
) -> Step {
    let progress = ReplProgress::FunctionCall(call);
    let tracker = progress.tracker();
    let limits = ResourceLimits {
        max_feed_duration: tracker
            .max_feed_duration()
            .map(|limit| limit.saturating_sub(tracker.feed_elapsed())),
        max_memory: tracker.max_memory(),
        ..ResourceLimits::default()
    };
    let ReplProgress::FunctionCall(call) = progress else {
        return Step::On(Ok(progress));
    };
    let settled = variable
        .map_err(|reason| cannot_call(request, &reason))
        .and_then(|variable| run(expression, variable, limits, request, host));
    let writer = host.printer.writer();
    Step::On(match settled {
        Err(exception) if is_limit(&exception) => call.abort(exception, writer),
        settled if call.allow_eager_await => call.resume_eager(settled, writer),
        settled => call.resume(external::function_result(settled), writer),
    })
}

/// Whether a limit stopped it, which a script cannot catch.
fn is_limit(exception: &MontyException) -> bool {
    matches!(
        exception.exc_type(),
        ExcType::MemoryError | ExcType::TimeoutError
    )
}

fn run(
    expression: &str,
    variable: MontyObject,
    limits: ResourceLimits,
    request: &CallRequest,
    host: &mut Host<'_>,
) -> Settled {
    let options = CompileOptions {
        source_scan_threshold: 0,
        ..CompileOptions::default()
    };
    let script = MontyRun::new(expression.to_owned(), "", vec![CALL.to_owned()], options)?;
    let tracker = ResourceTracker::new(limits);
    match script.start(vec![variable], tracker, host.printer.writer()) {
        Ok(RunProgress::Complete(value)) => Ok(value),
        Ok(_) => Err(cannot_call(request, "it needs the host")),
        // Without the traceback of this interpreter.
        Err(exception) => Err(MontyException::new(
            exception.exc_type(),
            exception.into_message(),
        )),
    }
}
