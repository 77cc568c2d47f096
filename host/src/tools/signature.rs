//! What a call of a tool looks like.

use std::fmt;
use std::sync::Arc;

use super::names::{check_dotted, check_identifier};
use super::parameter::{Parameter, ParameterKind, collect_by_name};
use super::types::Type;
use crate::error::Error;

/// The name of a function, its parameters and what it returns.
///
/// `Display` writes it as a `def` does. Clones are cheap.
///
/// ```
/// use monty_host::{Signature, Type};
///
/// let signature = Signature::new("add", ["a", "*more"])?.returns(Type::Int);
/// assert_eq!(signature.to_string(), "add(a, *more) -> int");
///
/// let error = Signature::new("add", ["a", "a"]).unwrap_err();
/// assert_eq!(error.to_string(), "the tool `add`: the parameter `a` is there twice");
/// # Ok::<_, monty_host::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Signature(Arc<Inner>);

#[derive(Clone, Debug)]
struct Inner {
    name: String,
    parameters: Vec<Parameter>,
    returns: Type,
    /// Whether all parameters take an argument by its place.
    takes_only_places: bool,
}

impl Signature {
    /// A signature that returns anything.
    ///
    /// # Errors
    ///
    /// If Python could not define such a function: a name is none in Python, is
    /// there twice, or the parameters are in an order that no call could fill.
    pub fn new<P: Into<Parameter>>(
        name: impl Into<String>,
        parameters: impl IntoIterator<Item = P>,
    ) -> Result<Self, Error> {
        let parameters = parameters.into_iter().map(Into::into);
        let signature = Self::unchecked(name.into(), parameters.collect());
        match signature.problem() {
            Some(problem) => Err(Error::request(problem)),
            None => Ok(signature),
        }
    }

    /// One that may have a [`problem`](Self::problem).
    pub(super) fn unchecked(name: String, mut parameters: Vec<Parameter>) -> Self {
        collect_by_name(&mut parameters);
        let by_place = |parameter: &Parameter| parameter.kind == ParameterKind::PositionalOrKeyword;
        Self(Arc::new(Inner {
            name,
            takes_only_places: parameters.iter().all(by_place),
            parameters,
            returns: Type::Any,
        }))
    }

    /// The same under another name.
    pub(super) fn named(mut self, name: String) -> Self {
        Arc::make_mut(&mut self.0).name = name;
        self
    }

    /// Describes the result.
    #[must_use]
    pub fn returns(mut self, ty: impl Into<Type>) -> Self {
        Arc::make_mut(&mut self.0).returns = ty.into();
        self
    }

    /// The name of the function.
    pub fn get_name(&self) -> &str {
        &self.0.name
    }

    /// The parameters in order.
    pub fn get_parameters(&self) -> &[Parameter] {
        &self.0.parameters
    }

    /// The parameters, each with what stands before its name in a `def`: `*`, `**`, the
    /// `*, ` that begins those that are passed by name alone, or nothing. For whoever
    /// writes a signature in another form than `Display`.
    pub fn marked_parameters(&self) -> impl Iterator<Item = (&'static str, &Parameter)> {
        let mut collected = false;
        self.get_parameters().iter().map(move |parameter| {
            let mark = match parameter.kind {
                ParameterKind::VarPositional => {
                    collected = true;
                    "*"
                }
                ParameterKind::VarKeyword => "**",
                ParameterKind::KeywordOnly if !std::mem::replace(&mut collected, true) => BY_NAME,
                _ => "",
            };
            (mark, parameter)
        })
    }

    /// What the function returns.
    pub fn get_returns(&self) -> &Type {
        &self.0.returns
    }

    /// Whether all parameters take an argument by its place.
    pub(super) fn takes_only_places(&self) -> bool {
        self.0.takes_only_places
    }

    /// Why Python could not define such a function.
    pub(super) fn problem(&self) -> Option<String> {
        let name = self.get_name();
        let checked = check_dotted(name).and_then(|()| self.check_parameters());
        let problem = checked.err()?;
        Some(format!("the tool `{name}`: {problem}"))
    }

    fn check_parameters(&self) -> Result<(), String> {
        let (mut collects, mut by_name, mut collects_names, mut optional) =
            (None, None, None, None);
        for (index, parameter) in self.get_parameters().iter().enumerate() {
            let name = parameter.get_name();
            check_identifier(name)?;
            let mut earlier = self.get_parameters().iter().take(index);
            if earlier.any(|earlier| earlier.get_name() == name) {
                return Err(format!("the parameter `{name}` is there twice"));
            }
            let follows = |other: Option<&str>, what: &str| match other {
                Some(other) => Err(format!(
                    "the parameter `{name}` follows `{other}`, which {what}"
                )),
                None => Ok(()),
            };
            follows(collects_names, "takes all that is left: put it first")?;
            match parameter.kind {
                ParameterKind::PositionalOrKeyword => {
                    follows(by_name, "is keyword-only: put it first")?;
                    match parameter.get_default() {
                        None => follows(optional, "has a default: give it one, or put it first")?,
                        Some(_) => optional = Some(name),
                    }
                }
                ParameterKind::VarPositional => {
                    follows(collects, "takes the same arguments: leave one of them out")?;
                    follows(by_name, "is keyword-only: put it first")?;
                    collects = Some(name);
                }
                ParameterKind::KeywordOnly => by_name = Some(name),
                ParameterKind::VarKeyword => collects_names = Some(name),
            }
            if parameter.is_variadic() && parameter.get_default().is_some() {
                return Err(format!(
                    "the parameter `{name}` takes any number of arguments: leave its default out"
                ));
            }
        }
        Ok(())
    }
}

/// What stands before the first of the parameters that are passed by name alone.
const BY_NAME: &str = "*, ";

impl fmt::Display for Signature {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}(", self.get_name())?;
        for (index, (mark, parameter)) in self.marked_parameters().enumerate() {
            if index > 0 {
                formatter.write_str(", ")?;
            }
            // A parameter shows its own.
            if mark == BY_NAME {
                formatter.write_str(mark)?;
            }
            parameter.fmt(formatter)?;
        }
        formatter.write_str(")")?;
        match self.get_returns() {
            Type::Any => Ok(()),
            ty => write!(formatter, " -> {ty}"),
        }
    }
}
