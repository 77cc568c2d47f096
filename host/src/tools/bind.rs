//! Binds the arguments of a call to the parameters of a function, with the
//! checks and the words of CPython 3.13, in its order.

use std::fmt::Write as _;

use monty_value::{Dict, Value};
use serde::de::DeserializeOwned;

use super::parameter::{Parameter, ParameterKind};
use super::signature::Signature;
use super::suggestion::suggestion;
use super::{Call, ToolError};
use crate::account::work::in_host;

/// What is bound below this size costs less than looking at a clock.
const SMALL_CALL_BYTES: u64 = 4096;

/// Binds, as work of the host and not of the tool.
pub(super) fn as_host<T>(call: Call, bind: impl FnOnce(Call) -> T) -> T {
    if call.bytes < SMALL_CALL_BYTES {
        bind(call)
    } else {
        in_host(|| bind(call))
    }
}

/// The arguments of a call, one for each parameter of its [`Signature`].
///
/// `*args` is a tuple and `**kwargs` a dict, both empty if nothing is left for
/// them.
#[derive(Clone, Debug)]
pub struct BoundArguments {
    signature: Signature,
    values: Vec<Value>,
}

impl Signature {
    /// Binds the arguments of a call to the parameters, as Python does. The
    /// name of the call does not matter.
    ///
    /// ```
    /// # use monty_host::{Call, Parameter, Signature, ToolError, Value};
    /// # fn bind(call: Call) -> Result<(), Box<dyn std::error::Error>> {
    /// let signature = Signature::new("log", ["message", "*values", "**fields"])?;
    /// // log('sold', 3, 4, city='Oslo')
    /// let bound = signature.bind(call).map_err(|error| error.message().to_owned())?;
    /// assert_eq!(bound.get("message"), Some(&Value::from("sold")));
    /// assert_eq!(bound.get("values"), Some(&Value::tuple([3, 4])));
    /// assert_eq!(bound.get("fields"), Some(&Value::dict([("city", "Oslo")])));
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// A `TypeError` if they do not fit, in the words of CPython.
    pub fn bind(&self, call: Call) -> Result<BoundArguments, ToolError> {
        Ok(BoundArguments {
            values: self.values(call)?,
            signature: self.clone(),
        })
    }

    fn values(&self, call: Call) -> Result<Vec<Value>, ToolError> {
        let parameters = self.get_parameters();
        let place = |kind| parameters.iter().position(|one| one.get_kind() == kind);
        let by_place = parameters
            .iter()
            .take_while(|one| one.get_kind() == ParameterKind::PositionalOrKeyword)
            .count();
        let given = call.positional.len();
        let mut positional = call.positional.into_iter();
        let mut slots: Vec<Option<Value>> = positional.by_ref().take(by_place).map(Some).collect();
        slots.resize(parameters.len(), None);
        let collects = place(ParameterKind::VarPositional);
        if let Some(slot) = collects.and_then(|index| slots.get_mut(index)) {
            *slot = Some(Value::Tuple(positional.collect::<Vec<_>>().into()));
        }
        let collects_names = place(ParameterKind::VarKeyword);
        let mut others = Vec::new();
        for (name, value) in call.keyword {
            let mut named = parameters.iter().zip(&mut slots);
            match named.find(|(one, _)| one.get_name() == name && !one.is_variadic()) {
                Some((_, slot @ None)) => *slot = Some(value),
                Some((_, Some(_))) => return Err(self.given_twice(&name)),
                None if collects_names.is_some() => others.push((Value::from(name), value)),
                None => return Err(self.unexpected(&name)),
            }
        }
        if let Some(slot) = collects_names.and_then(|index| slots.get_mut(index)) {
            *slot = Some(Dict::from(others).into());
        }
        if given > by_place && collects.is_none() {
            return Err(self.too_many(given, by_place, &slots));
        }
        for (parameter, slot) in parameters.iter().zip(&mut slots) {
            if slot.is_none() {
                *slot = parameter.get_default().cloned();
            }
        }
        // Most calls have all there is.
        match slots.iter().all(Option::is_some) {
            true => Ok(slots.into_iter().flatten().collect()),
            false => Err(self.missing(&slots)),
        }
    }

    fn given_twice(&self, name: &str) -> ToolError {
        let function = self.get_name();
        ToolError::type_error(format_args!(
            "{function}() got multiple values for argument '{name}'"
        ))
    }

    fn unexpected(&self, name: &str) -> ToolError {
        let function = self.get_name();
        let parameters = self.get_parameters().iter();
        let names = parameters.filter(|parameter| !parameter.is_variadic());
        let mut message = format!("{function}() got an unexpected keyword argument '{name}'");
        if let Some(meant) = suggestion(name, names.map(Parameter::get_name)) {
            let _ = write!(message, ". Did you mean '{meant}'?");
        }
        ToolError::type_error(message)
    }

    fn too_many(&self, given: usize, by_place: usize, slots: &[Option<Value>]) -> ToolError {
        let function = self.get_name();
        let parameters = self.get_parameters();
        let by_name = parameters.iter().zip(slots).filter(|(parameter, slot)| {
            parameter.get_kind() == ParameterKind::KeywordOnly && slot.is_some()
        });
        let by_name = by_name.count();
        let optional = parameters
            .iter()
            .take(by_place)
            .filter(|parameter| parameter.get_default().is_some())
            .count();
        let takes = match optional {
            0 => format!("{by_place} positional argument{}", plural(by_place)),
            _ => format!(
                "from {} to {by_place} positional arguments",
                by_place - optional
            ),
        };
        let given = match by_name {
            0 if given == 1 => "1 was".to_owned(),
            0 => format!("{given} were"),
            _ => format!(
                "{given} positional argument{} (and {by_name} keyword-only argument{}) were",
                plural(given),
                plural(by_name)
            ),
        };
        ToolError::type_error(format_args!("{function}() takes {takes} but {given} given"))
    }

    /// Names the arguments that are missing: those by place, or else those by
    /// name.
    fn missing(&self, slots: &[Option<Value>]) -> ToolError {
        let function = self.get_name();
        let missing = |kind| -> Vec<String> {
            let parameters = self.get_parameters().iter().zip(slots);
            parameters
                .filter(|(parameter, slot)| parameter.get_kind() == kind && slot.is_none())
                .map(|(parameter, _)| format!("'{}'", parameter.get_name()))
                .collect()
        };
        let (how, names) = match missing(ParameterKind::PositionalOrKeyword) {
            names if names.is_empty() => ("keyword-only", missing(ParameterKind::KeywordOnly)),
            names => ("positional", names),
        };
        let listed = match names.as_slice() {
            [first, second] => format!("{first} and {second}"),
            [first @ .., last] if first.len() > 1 => format!("{}, and {last}", first.join(", ")),
            names => names.concat(),
        };
        let count = names.len();
        ToolError::type_error(format_args!(
            "{function}() missing {count} required {how} argument{}: {listed}",
            plural(count)
        ))
    }
}

fn plural(count: usize) -> &'static str {
    match count {
        1 => "",
        _ => "s",
    }
}

impl BoundArguments {
    /// The signature that the arguments are bound to.
    pub fn signature(&self) -> &Signature {
        &self.signature
    }

    /// The argument of a parameter.
    pub fn get(&self, name: &str) -> Option<&Value> {
        let mut arguments = self.iter();
        Some(
            arguments
                .find(|(parameter, _)| parameter.get_name() == name)?
                .1,
        )
    }

    /// The argument of a parameter as a Rust value.
    ///
    /// # Errors
    ///
    /// A `TypeError` that names the parameter if the argument does not fit the
    /// type, or if there is no such parameter.
    pub fn extract<T: DeserializeOwned>(&self, name: &str) -> Result<T, ToolError> {
        let parameters = self.signature.get_parameters();
        let index = parameters
            .iter()
            .position(|parameter| parameter.get_name() == name);
        match index {
            Some(index) => self.extract_at(index),
            None => {
                let function = self.signature.get_name();
                Err(ToolError::type_error(format_args!(
                    "{function}() has no parameter '{name}'"
                )))
            }
        }
    }

    /// The arguments, each with its parameter, in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&Parameter, &Value)> {
        self.signature.get_parameters().iter().zip(&self.values)
    }

    /// The argument of the parameter at a place.
    pub(super) fn extract_at<T: DeserializeOwned>(&self, index: usize) -> Result<T, ToolError> {
        let value = self.values.get(index).unwrap_or(&Value::None);
        value.extract().map_err(|error| {
            let function = self.signature.get_name();
            let parameters = self.signature.get_parameters();
            let name = parameters.get(index).map_or("", Parameter::get_name);
            ToolError::type_error(format_args!("{function}() argument '{name}': {error}"))
        })
    }
}
