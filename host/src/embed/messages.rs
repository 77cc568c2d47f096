//! Messages between a script and its host: calls and their answers.

use std::fmt;
use std::sync::Arc;

use monty_value::Value;
use monty_value::graph::{GraphCaps, GraphError};
use monty_value::types::{Answer, CallRequest, Exception, Graph, Operand, Value as Message};

use crate::account::stop::{Stop, keyboard_interrupt};
use crate::account::work::{Halted, Held, Work, in_host};
use crate::limits::Limit;
use crate::tools::{Answered, Call, Incoming, Outgoing, ToolError};

/// A message with fewer bytes or objects costs the host less than reading a
/// clock.
const SMALL: usize = 256;

/// Whether the cost of decoding a call is negligible.
pub(super) fn is_small(request: &CallRequest) -> bool {
    let is_small = |operand: &Operand| match operand {
        Operand::Text(text) => text.len() <= SMALL,
        Operand::Bytes(bytes) => bytes.len() <= SMALL,
        _ => true,
    };
    let keyword = &request.keyword;
    request.positional.len() + keyword.len() <= 8
        && request.name.len() <= SMALL
        && request.positional.iter().all(is_small)
        && keyword
            .iter()
            .all(|argument| argument.name.len() <= SMALL && is_small(&argument.value))
        && request.graph.as_ref().is_none_or(is_small_graph)
}

fn is_small_graph(graph: &Graph) -> bool {
    let objects = graph.kinds.len() + graph.children.len();
    objects + graph.text.len() + graph.blobs.len() <= SMALL && graph.rare.is_empty()
}

/// The arguments of a call, as Python would write them.
pub(super) struct Arguments<'a>(pub(super) &'a Call);

impl fmt::Display for Arguments<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let positional = self.0.positional.iter().map(|value| (None, value));
        let keyword = self.0.keyword.iter();
        let keyword = keyword.map(|(name, value)| (Some(name), value));
        for (index, (name, value)) in positional.chain(keyword).enumerate() {
            if index > 0 {
                formatter.write_str(", ")?;
            }
            if let Some(name) = name {
                write!(formatter, "{name}=")?;
            }
            write!(formatter, "{value}")?;
        }
        Ok(())
    }
}

pub(super) fn decode_call(request: &CallRequest, caps: GraphCaps) -> Result<Call, GraphError> {
    Incoming::new(request, caps)?.to_call()
}

/// A message that is malformed, too large or too deep ends the run.
pub(super) fn message_limit(error: &GraphError, caps: GraphCaps) -> Stop {
    let message = if error.is_too_large() {
        let bytes = caps.expanded_bytes;
        format!(
            "message limit exceeded: more than {bytes} bytes in one message, counting shared objects at each place that holds them"
        )
    } else {
        format!("the message was rejected: {error}")
    };
    Stop::Limit {
        limit: Limit::Message,
        message,
    }
}

/// An answer on its way to the script, with the memory it holds until it
/// arrives.
pub(super) struct Encoded {
    answer: Answer,
    held: Option<Held>,
}

impl Encoded {
    /// An answer that holds negligible memory.
    pub(super) fn small(answer: Answer) -> Self {
        Self { answer, held: None }
    }

    pub(super) fn answer(&self) -> &Answer {
        &self.answer
    }

    pub(super) fn into_answer(self) -> Answer {
        drop(self.held);
        self.answer
    }
}

/// Encodes an answer as a message. Counts as host time unless the cost is
/// negligible.
pub(super) fn encode_in_run(answer: Answered, work: &Arc<Work>) -> Answer {
    if work.stops.is_raised() {
        return interrupted();
    }
    let encode = |answer| encode_answer(answer, work).into_answer();
    match &answer {
        Ok(Some(Outgoing::Value(value))) if !is_small_value(value) => in_host(|| encode(answer)),
        _ => encode(answer),
    }
}

fn is_small_value(value: &Value) -> bool {
    match value {
        Value::None | Value::Bool(_) | Value::Int(_) | Value::Float(_) => true,
        Value::Str(text) => text.len() <= SMALL,
        Value::Bytes(bytes) => bytes.len() <= SMALL,
        _ => false,
    }
}

pub(super) fn encode_answer(answer: Answered, work: &Arc<Work>) -> Encoded {
    Encoded::small(match answer {
        Ok(Some(value)) => match encode(value, work) {
            Ok((message, held)) => {
                return Encoded {
                    answer: Answer::Value(message),
                    held: Some(held),
                };
            }
            Err(exception) => Answer::Raised(exception),
        },
        Ok(None) => Answer::NotFound,
        Err(error) if error.is_suspend() => Answer::Suspend,
        Err(error) => Answer::Raised(raised(error, work)),
    })
}

/// The exception of a tool's error. An error that ends the run does so here; to
/// the script it looks like an interrupt.
fn raised(error: ToolError, work: &Work) -> Exception {
    match error.into_fatal() {
        Ok(error) => {
            work.stop(Stop::ended_by_tool(error));
            keyboard_interrupt()
        }
        Err(error) => error.into(),
    }
}

/// Encodes the value of a name as a message.
pub(super) fn encode_found(
    found: Answered,
    work: &Arc<Work>,
) -> Result<Option<Message>, Exception> {
    let Some(value) = found.map_err(|error| raised(error, work))? else {
        return Ok(None);
    };
    let (message, _held) = match &value {
        Outgoing::Value(large) if !is_small_value(large) => in_host(|| encode(value, work))?,
        _ => encode(value, work)?,
    };
    Ok(Some(message))
}

/// A value as a message, with the memory it holds.
fn encode(value: Outgoing, work: &Arc<Work>) -> Result<(Message, Held), Exception> {
    let (message, bytes) = value.into_message()?;
    match work.hold(bytes) {
        Ok(held) => Ok((message, held)),
        Err(Halted) => Err(keyboard_interrupt()),
    }
}

pub(super) fn interrupted() -> Answer {
    Answer::Raised(keyboard_interrupt())
}

/// An answer in one word.
pub(super) fn outcome(answer: &Answer) -> &str {
    match answer {
        Answer::Value(_) => "value",
        Answer::Raised(exception) => &exception.type_name,
        Answer::NotFound => "not-found",
        Answer::Suspend => "suspend",
    }
}
