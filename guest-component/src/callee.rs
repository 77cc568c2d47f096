//! Values of the host that a script calls by their name: who can call them.

use monty::{CallAnswer, HostFunctionCall, HostReply, MontyRun, RunProgress};
use monty_types::{
    CompileOptions, ExcType, MontyException, MontyObject, MontyUuid, PrintWriter, ResourceLimits,
    ResourceTracker,
    unstable::{MontyNode, into_graph_parts},
};
use monty_value::types::CallRequest;

use crate::{answers::Settled, decode, exceptions::raise, external, turn::Turn};

/// The variable that holds a value, its positional and its keyword arguments.
const CALL: &str = "call";

/// Who calls a value.
pub enum Callee {
    /// The host: a function of this name, or a method of this object.
    Host {
        /// The name of the function or method.
        name: String,
        /// The object whose method it is.
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
    /// Who calls this value.
    pub fn new(value: MontyObject) -> Self {
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

/// Calls a function or a type that is built in.
pub fn call_built_in(
    call: &HostFunctionCall<'_>,
    callee: MontyNode,
    request: &CallRequest,
    turn: &Turn<'_>,
    tracker: &ResourceTracker,
) -> HostReply<CallAnswer> {
    let arguments = decode::call(callee, request);
    let expression = "call[0](*call[1], **call[2])";
    evaluate(call, request, expression, arguments, turn, tracker)
}

/// Raises what Python raises for a call of a value that cannot be called.
pub fn refuse(
    call: &HostFunctionCall<'_>,
    value: MontyObject,
    request: &CallRequest,
    turn: &Turn<'_>,
    tracker: &ResourceTracker,
) -> HostReply<CallAnswer> {
    evaluate(call, request, "call()", Ok(value), turn, tracker)
}

/// The exception for a value that cannot be called by its name.
pub fn cannot_call(request: &CallRequest, reason: &str) -> MontyException {
    let name = &request.name;
    let message = format!(
        "{name}() cannot be called by this name: {reason}. Assign {name} to a variable and call that"
    );
    raise(ExcType::RuntimeError, message)
}

/// Goes on with what an interpreter of its own makes of an expression: the
/// script's one is in the middle of the call, and cannot be handed a function.
fn evaluate(
    call: &HostFunctionCall<'_>,
    request: &CallRequest,
    expression: &str,
    variable: Result<MontyObject, String>,
    turn: &Turn<'_>,
    tracker: &ResourceTracker,
) -> HostReply<CallAnswer> {
    let limits = ResourceLimits {
        max_feed_duration: tracker
            .max_feed_duration()
            .map(|limit| limit.saturating_sub(tracker.feed_elapsed())),
        max_memory: tracker.max_memory(),
        ..ResourceLimits::default()
    };
    let settled = variable
        .map_err(|reason| cannot_call(request, &reason))
        .and_then(|variable| run(expression, variable, limits, request, turn));
    match settled {
        Err(exception) if is_limit(&exception) => HostReply::Abort(exception),
        settled => external::settle(call, settled),
    }
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
    turn: &Turn<'_>,
) -> Settled {
    let options = CompileOptions {
        source_scan_threshold: 0,
        ..CompileOptions::default()
    };
    let script = MontyRun::new(expression.to_owned(), "", vec![CALL.to_owned()], options)?;
    let tracker = ResourceTracker::new(limits);
    let mut printer = turn.printer;
    let writer = PrintWriter::Callback(&mut printer);
    match script.start(vec![variable], tracker, writer) {
        Ok(RunProgress::Complete(value)) => Ok(value),
        Ok(_) => Err(cannot_call(request, "it needs the host")),
        // Without the traceback of this interpreter.
        Err(exception) => Err(MontyException::new(
            exception.exc_type(),
            exception.into_message(),
        )),
    }
}
