//! A call on its way to a tool.

use monty_value::graph::{GraphCaps, GraphError};
use monty_value::types::{CallRequest, ObjectId};
use monty_value::{Decoder, Error, Value};
use serde::de::DeserializeOwned;

use super::{Call, ToolError};
use crate::account::work::in_host;

/// What is bound below this size costs less than looking at a clock.
const SMALL_CALL_BYTES: u64 = 4096;

/// Binds, as work of the host and not of the tool.
pub(super) fn as_host<T>(call: Incoming<'_>, bind: impl FnOnce(Incoming<'_>) -> T) -> T {
    if call.bytes() < SMALL_CALL_BYTES {
        bind(call)
    } else {
        in_host(|| bind(call))
    }
}

/// A call whose arguments are read by whoever answers it: as values, or straight
/// into the types of a Rust function.
pub struct Incoming<'m>(Arguments<'m>);

enum Arguments<'m> {
    Message {
        request: &'m CallRequest,
        decoder: Decoder<'m>,
        bytes: u64,
    },
    Values(Call),
}

impl From<Call> for Incoming<'_> {
    fn from(call: Call) -> Self {
        Self(Arguments::Values(call))
    }
}

impl<'m> Incoming<'m> {
    /// Checks a call's message.
    pub(crate) fn new(request: &'m CallRequest, caps: GraphCaps) -> Result<Self, GraphError> {
        let mut decoder = Decoder::new(request.graph.as_ref(), caps)?;
        for operand in &request.positional {
            decoder.count(operand)?;
        }
        let mut name_bytes = request.name.len() as u64;
        for argument in &request.keyword {
            name_bytes += argument.name.len() as u64;
            decoder.count(&argument.value)?;
        }
        Ok(Self(Arguments::Message {
            bytes: decoder.taken_bytes().saturating_add(name_bytes),
            request,
            decoder,
        }))
    }

    /// What the call counts in the host's memory.
    pub(crate) fn bytes(&self) -> u64 {
        match &self.0 {
            Arguments::Message { bytes, .. } => *bytes,
            Arguments::Values(call) => call.bytes,
        }
    }

    /// The call with its arguments as values.
    pub(crate) fn to_call(&self) -> Result<Call, GraphError> {
        match &self.0 {
            Arguments::Message {
                request,
                decoder,
                bytes,
            } => {
                let positional = request.positional.iter();
                let keyword = request.keyword.iter();
                Ok(Call {
                    id: request.id,
                    name: request.name.clone(),
                    receiver: request.receiver,
                    positional: positional
                        .map(|operand| decoder.peek(operand))
                        .collect::<Result<_, _>>()?,
                    keyword: keyword
                        .map(|argument| Ok((argument.name.clone(), decoder.peek(&argument.value)?)))
                        .collect::<Result<_, GraphError>>()?,
                    position: request.position.clone(),
                    awaited: request.awaited,
                    bytes: *bytes,
                })
            }
            Arguments::Values(call) => Ok(call.clone()),
        }
    }

    /// The same, as work of the host and not of whoever answers it.
    pub(super) fn into_call(self) -> Result<Call, ToolError> {
        match self.0 {
            Arguments::Values(call) => Ok(call),
            arguments => as_host(Self(arguments), |call| {
                call.to_call().map_err(ToolError::value_error)
            }),
        }
    }

    pub(super) fn name(&self) -> &str {
        match &self.0 {
            Arguments::Message { request, .. } => &request.name,
            Arguments::Values(call) => &call.name,
        }
    }

    pub(super) fn receiver(&self) -> Option<ObjectId> {
        match &self.0 {
            Arguments::Message { request, .. } => request.receiver,
            Arguments::Values(call) => call.receiver,
        }
    }

    /// The number of positional arguments.
    pub(super) fn positional(&self) -> usize {
        match &self.0 {
            Arguments::Message { request, .. } => request.positional.len(),
            Arguments::Values(call) => call.positional.len(),
        }
    }

    /// The number of keyword arguments.
    pub(super) fn keywords(&self) -> usize {
        match &self.0 {
            Arguments::Message { request, .. } => request.keyword.len(),
            Arguments::Values(call) => call.keyword.len(),
        }
    }

    /// The name of a keyword argument.
    pub(super) fn keyword(&self, index: usize) -> Option<&str> {
        Some(match &self.0 {
            Arguments::Message { request, .. } => &request.keyword.get(index)?.name,
            Arguments::Values(call) => &call.keyword.get(index)?.0,
        })
    }

    /// Arguments as a Rust value.
    pub(super) fn extract<T: DeserializeOwned>(&self, place: &Place) -> Result<T, Error> {
        match &self.0 {
            Arguments::Message {
                request, decoder, ..
            } => match place {
                Place::Positional(index) => match request.positional.get(*index) {
                    Some(operand) => decoder.extract(operand),
                    None => Value::None.extract(),
                },
                Place::Keyword(index) => match request.keyword.get(*index) {
                    Some(argument) => decoder.extract(&argument.value),
                    None => Value::None.extract(),
                },
                Place::Rest(start) => {
                    let rest = request.positional.get(*start..);
                    decoder.extract_tuple(rest.unwrap_or_default())
                }
                Place::Keywords(indices) => {
                    let arguments = indices
                        .iter()
                        .filter_map(|index| request.keyword.get(*index));
                    decoder.extract_dict(&arguments.collect::<Vec<_>>())
                }
            },
            Arguments::Values(call) => match place {
                Place::Positional(index) => {
                    let value = call.positional.get(*index);
                    value.unwrap_or(&Value::None).extract()
                }
                Place::Keyword(index) => {
                    let value = call.keyword.get(*index).map(|(_, value)| value);
                    value.unwrap_or(&Value::None).extract()
                }
                Place::Rest(_) | Place::Keywords(_) => self.value(place)?.extract(),
            },
        }
    }

    /// Arguments as a value.
    pub(super) fn value(&self, place: &Place) -> Result<Value, Error> {
        let positional = |index: usize| -> Result<Option<Value>, GraphError> {
            match &self.0 {
                Arguments::Message {
                    request, decoder, ..
                } => request
                    .positional
                    .get(index)
                    .map(|operand| decoder.peek(operand))
                    .transpose(),
                Arguments::Values(call) => Ok(call.positional.get(index).cloned()),
            }
        };
        let keyword = |index: usize| -> Result<Option<Value>, GraphError> {
            match &self.0 {
                Arguments::Message {
                    request, decoder, ..
                } => request
                    .keyword
                    .get(index)
                    .map(|argument| decoder.peek(&argument.value))
                    .transpose(),
                Arguments::Values(call) => {
                    Ok(call.keyword.get(index).map(|(_, value)| value.clone()))
                }
            }
        };
        Ok(match place {
            Place::Positional(index) => positional(*index)?.unwrap_or(Value::None),
            Place::Keyword(index) => keyword(*index)?.unwrap_or(Value::None),
            Place::Rest(start) => {
                let rest =
                    (*start..self.positional()).filter_map(|index| positional(index).transpose());
                Value::Tuple(rest.collect::<Result<Vec<_>, _>>()?.into())
            }
            Place::Keywords(indices) => {
                let mut entries = Vec::with_capacity(indices.len());
                for index in indices {
                    if let Some((name, value)) = self.keyword(*index).zip(keyword(*index)?) {
                        entries.push((Value::from(name), value));
                    }
                }
                monty_value::Dict::from(entries).into()
            }
        })
    }
}

/// The arguments of a call that a parameter gets.
pub(super) enum Place {
    /// One by its place.
    Positional(usize),
    /// One by its name, which is the keyword argument with this index.
    Keyword(usize),
    /// A tuple of the positional arguments from this one on.
    Rest(usize),
    /// A dict of these keyword arguments.
    Keywords(Vec<usize>),
}
