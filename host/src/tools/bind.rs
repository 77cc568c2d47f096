//! Binds the arguments of a call to the parameters of a function, as Python
//! does.

use monty_value::Value;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{Call, ToolError};

/// A parameter of a tool: a name and, perhaps, a default.
#[derive(Clone, Debug)]
pub struct Param {
    name: String,
    default: Option<Value>,
}

impl Param {
    /// A parameter without a default.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            default: None,
        }
    }

    /// With a default.
    ///
    /// # Errors
    ///
    /// If the default has no form in Python.
    pub fn default(mut self, value: impl Serialize) -> Result<Self, crate::Error> {
        self.default = Some(monty_value::to_value(&value)?);
        Ok(self)
    }
}

impl From<&str> for Param {
    fn from(name: &str) -> Self {
        Self::new(name)
    }
}

impl From<String> for Param {
    fn from(name: String) -> Self {
        Self::new(name)
    }
}

/// The parameters of a tool: an array of names or [`Param`]s, or `()` for
/// none.
pub trait Params<const N: usize> {
    /// The parameters in order.
    fn into_params(self) -> [Param; N];
}

impl<P: Into<Param>, const N: usize> Params<N> for [P; N] {
    fn into_params(self) -> [Param; N] {
        self.map(Into::into)
    }
}

impl Params<0> for () {
    fn into_params(self) -> [Param; 0] {
        []
    }
}

/// The name of a function and its parameters.
#[derive(Debug)]
pub struct Signature<const N: usize> {
    function: String,
    parameters: [Param; N],
}

/// A call's arguments in the order of the parameters; nothing where the call
/// gave none and there is no default.
pub struct Bound<'a, const N: usize> {
    signature: &'a Signature<N>,
    arguments: std::iter::Enumerate<std::array::IntoIter<Option<Value>, N>>,
}

impl<const N: usize> Signature<N> {
    pub(super) fn new(function: &str, parameters: [Param; N]) -> Self {
        Self {
            function: function.to_owned(),
            parameters,
        }
    }

    /// Puts a call's arguments in the order of the parameters.
    pub(super) fn bind(&self, call: Call) -> Result<Bound<'_, N>, ToolError> {
        let function = &self.function;
        let given = call.positional.len();
        let mut positional = call.positional.into_iter();
        let mut arguments: [Option<Value>; N] = std::array::from_fn(|_| positional.next());
        if given > N {
            let arguments = if N == 1 { "argument" } else { "arguments" };
            let were = if given == 1 { "was" } else { "were" };
            return Err(ToolError::type_error(format_args!(
                "{function}() takes {N} positional {arguments} but {given} {were} given"
            )));
        }
        for (name, value) in call.keyword {
            let slot = self
                .parameters
                .iter()
                .zip(&mut arguments)
                .find_map(|(parameter, slot)| (parameter.name == name).then_some(slot));
            match slot {
                None => {
                    return Err(ToolError::type_error(format_args!(
                        "{function}() got an unexpected keyword argument '{name}'"
                    )));
                }
                Some(Some(_)) => {
                    return Err(ToolError::type_error(format_args!(
                        "{function}() got multiple values for argument '{name}'"
                    )));
                }
                Some(slot) => *slot = Some(value),
            }
        }
        for (parameter, slot) in self.parameters.iter().zip(&mut arguments) {
            if slot.is_none() {
                slot.clone_from(&parameter.default);
            }
        }
        Ok(Bound {
            signature: self,
            arguments: arguments.into_iter().enumerate(),
        })
    }
}

impl<const N: usize> Bound<'_, N> {
    /// The next argument as a Rust type.
    ///
    /// Without an argument, only a type that takes `None` has a value.
    pub(super) fn next<T: DeserializeOwned>(&mut self) -> Result<T, ToolError> {
        let (index, argument) = self.arguments.next().unwrap_or((N, None));
        let function = &self.signature.function;
        let missing = argument.is_none();
        monty_value::from_value(argument.unwrap_or(Value::None)).map_err(|error| {
            if missing {
                self.missing(index)
            } else {
                let name = self.name(index);
                ToolError::type_error(format_args!("{function}() argument '{name}': {error}"))
            }
        })
    }

    fn name(&self, index: usize) -> &str {
        self.signature
            .parameters
            .get(index)
            .map_or("", |parameter| parameter.name.as_str())
    }

    fn missing(&self, index: usize) -> ToolError {
        let function = &self.signature.function;
        let name = self.name(index);
        ToolError::type_error(format_args!(
            "{function}() missing 1 required positional argument: '{name}'"
        ))
    }
}
