//! Binds the arguments of a call to the parameters of a function, with the
//! checks and the words of CPython 3.13, in its order.

use std::fmt::Write as _;

use monty_value::Value;
use serde::de::DeserializeOwned;

use super::incoming::{Incoming, Place};
use super::parameter::{Parameter, ParameterKind};
use super::signature::Signature;
use super::suggestion::suggestion;
use super::{Call, ToolError};

/// A call with the argument of each parameter.
pub(super) struct BoundCall<'s, 'm> {
    signature: &'s Signature,
    call: Incoming<'m>,
    sources: Sources,
}

/// Where the argument of each parameter is.
enum Sources {
    /// At the same place in the call, as in most calls.
    InOrder,
    Each(Vec<Source>),
}

/// Where an argument is.
enum Source {
    Missing,
    /// The parameter's default.
    Default,
    Call(Place),
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
        let bound = self.bind_call(call.into());
        bound
            .and_then(BoundCall::into_arguments)
            .map_err(ToolError::misfit)
    }

    /// The same for a call that may still be in its message.
    pub(super) fn bind_call<'m>(&self, call: Incoming<'m>) -> Result<BoundCall<'_, 'm>, ToolError> {
        let is_in_order = self.takes_only_places()
            && call.keywords() == 0
            && call.positional() == self.get_parameters().len();
        let sources = match is_in_order {
            true => Sources::InOrder,
            false => Sources::Each(self.sources(&call)?),
        };
        Ok(BoundCall {
            signature: self,
            call,
            sources,
        })
    }

    fn sources(&self, call: &Incoming<'_>) -> Result<Vec<Source>, ToolError> {
        let parameters = self.get_parameters();
        let place = |kind| parameters.iter().position(|one| one.get_kind() == kind);
        let by_place = parameters
            .iter()
            .take_while(|one| one.get_kind() == ParameterKind::PositionalOrKeyword)
            .count();
        let given = call.positional();
        let mut slots: Vec<Source> = (0..given.min(by_place))
            .map(|index| Source::Call(Place::Positional(index)))
            .collect();
        slots.resize_with(parameters.len(), || Source::Missing);
        let collects = place(ParameterKind::VarPositional);
        if let Some(slot) = collects.and_then(|index| slots.get_mut(index)) {
            *slot = Source::Call(Place::Rest(by_place));
        }
        let collects_names = place(ParameterKind::VarKeyword);
        let mut others = Vec::new();
        for index in 0..call.keywords() {
            let name = call.keyword(index).unwrap_or_default();
            let mut named = parameters.iter().zip(&mut slots);
            match named.find(|(one, _)| one.get_name() == name && !one.is_variadic()) {
                Some((_, slot @ Source::Missing)) => *slot = Source::Call(Place::Keyword(index)),
                Some(_) => return Err(self.given_twice(name)),
                None if collects_names.is_some() => others.push(index),
                None => return Err(self.unexpected(name)),
            }
        }
        if let Some(slot) = collects_names.and_then(|index| slots.get_mut(index)) {
            *slot = Source::Call(Place::Keywords(others));
        }
        if given > by_place && collects.is_none() {
            return Err(self.too_many(given, by_place, &slots));
        }
        for (parameter, slot) in parameters.iter().zip(&mut slots) {
            if slot.is_missing() && parameter.get_default().is_some() {
                *slot = Source::Default;
            }
        }
        match slots.iter().any(Source::is_missing) {
            true => Err(self.missing(&slots)),
            false => Ok(slots),
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

    fn too_many(&self, given: usize, by_place: usize, slots: &[Source]) -> ToolError {
        let function = self.get_name();
        let parameters = self.get_parameters();
        let by_name = parameters.iter().zip(slots).filter(|(parameter, slot)| {
            parameter.get_kind() == ParameterKind::KeywordOnly && !slot.is_missing()
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
    fn missing(&self, slots: &[Source]) -> ToolError {
        let function = self.get_name();
        let missing = |kind| -> Vec<String> {
            let parameters = self.get_parameters().iter().zip(slots);
            parameters
                .filter(|(parameter, slot)| parameter.get_kind() == kind && slot.is_missing())
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

impl Source {
    fn is_missing(&self) -> bool {
        matches!(self, Self::Missing)
    }
}

impl BoundCall<'_, '_> {
    /// The argument of the parameter at a place.
    pub(super) fn extract<T: DeserializeOwned>(&self, index: usize) -> Result<T, ToolError> {
        let source = match &self.sources {
            Sources::InOrder => return self.extract_from(index, &Place::Positional(index)),
            Sources::Each(sources) => sources.get(index),
        };
        match source {
            Some(Source::Call(place)) => self.extract_from(index, place),
            _ => self
                .default(index)
                .extract()
                .map_err(|error| self.does_not_fit(index, &error)),
        }
    }

    fn extract_from<T: DeserializeOwned>(
        &self,
        index: usize,
        place: &Place,
    ) -> Result<T, ToolError> {
        let argument = self.call.extract(place);
        argument.map_err(|error| self.does_not_fit(index, &error))
    }

    fn default(&self, index: usize) -> &Value {
        let parameter = self.signature.get_parameters().get(index);
        parameter
            .and_then(Parameter::get_default)
            .unwrap_or(&Value::None)
    }

    fn does_not_fit(&self, index: usize, error: &monty_value::Error) -> ToolError {
        does_not_fit(self.signature, index, error)
    }

    /// All arguments as values.
    pub(super) fn into_arguments(self) -> Result<BoundArguments, ToolError> {
        let count = self.signature.get_parameters().len();
        let value = |index| match &self.sources {
            Sources::InOrder => self.call.value(&Place::Positional(index)),
            Sources::Each(sources) => match sources.get(index) {
                Some(Source::Call(place)) => self.call.value(place),
                _ => Ok(self.default(index).clone()),
            },
        };
        Ok(BoundArguments {
            values: (0..count)
                .map(|index| value(index).map_err(|error| self.does_not_fit(index, &error)))
                .collect::<Result<_, _>>()?,
            signature: self.signature.clone(),
        })
    }
}

/// The error for an argument that does not fit the type of its parameter.
fn does_not_fit(signature: &Signature, index: usize, error: &monty_value::Error) -> ToolError {
    let function = signature.get_name();
    let parameters = signature.get_parameters();
    let name = parameters.get(index).map_or("", Parameter::get_name);
    ToolError::type_error(format_args!("{function}() argument '{name}': {error}"))
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
            Some(index) => {
                let value = self.values.get(index).unwrap_or(&Value::None);
                value
                    .extract()
                    .map_err(|error| does_not_fit(&self.signature, index, &error))
            }
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
}
