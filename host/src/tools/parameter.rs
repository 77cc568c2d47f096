//! What a tool takes.

use std::fmt;
use std::sync::{Arc, LazyLock};

use monty_value::Value;
use serde::Serialize;

use super::types::Type;
use crate::error::Error;

/// How a [`Parameter`] gets its arguments.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ParameterKind {
    /// By place or by name.
    PositionalOrKeyword,
    /// Takes the positional arguments that are left: `*args`.
    VarPositional,
    /// By name alone.
    KeywordOnly,
    /// Takes the keyword arguments that are left: `**kwargs`.
    VarKeyword,
}

/// A parameter of a tool.
///
/// A text is a parameter with that name; a star before it makes it `*args`, two
/// make it `**kwargs`. What follows `*args` is keyword-only, as in a `def`.
///
/// ```
/// use monty_host::{Parameter, Signature, Type};
///
/// let parameters = [
///     Parameter::new("city").typed(Type::Str).description("Where"),
///     Parameter::new("unit").typed(Type::literal(["C", "F"])).default("C")?,
///     Parameter::new("days").typed(Type::Int).default(1)?.keyword_only(),
///     Parameter::from("**options"),
/// ];
/// let signature = Signature::new("forecast", parameters)?;
/// assert_eq!(
///     signature.to_string(),
///     "forecast(city: str, unit: Literal['C', 'F'] = 'C', *, days: int = 1, **options)"
/// );
/// # Ok::<_, monty_host::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Parameter {
    name: String,
    pub(super) kind: ParameterKind,
    ty: Annotation,
    default: Option<Value>,
    description: Option<String>,
}

/// A type that is there, or that is found out when somebody asks.
#[derive(Clone, Debug)]
enum Annotation {
    None,
    Given(Type),
    Probed(Arc<LazyLock<Type>>),
}

impl Parameter {
    /// A parameter that takes an argument by place or by name, and needs one.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            kind: ParameterKind::PositionalOrKeyword,
            ty: Annotation::None,
            default: None,
            description: None,
        }
    }

    /// Takes an argument by name alone.
    #[must_use]
    pub fn keyword_only(mut self) -> Self {
        self.kind = ParameterKind::KeywordOnly;
        self
    }

    /// Describes what it takes: each of the arguments for `*args` and
    /// `**kwargs`. Typed closures do without: [`Type::of`] their argument is
    /// the default.
    #[must_use]
    pub fn typed(mut self, ty: impl Into<Type>) -> Self {
        self.ty = Annotation::Given(ty.into());
        self
    }

    /// What it is when a call leaves it out.
    ///
    /// # Errors
    ///
    /// If the default has no form in Python.
    pub fn default(mut self, value: impl Serialize) -> Result<Self, Error> {
        let value = monty_value::to_value(&value).map_err(|error| {
            let name = &self.name;
            Error::request(format_args!("the default of `{name}`: {error}"))
        })?;
        self.default = Some(value);
        Ok(self)
    }

    /// Says what it is for, in descriptions of the tool.
    #[must_use]
    pub fn description(mut self, description: impl Into<String>) -> Self {
        self.description = Some(description.into());
        self
    }

    /// The name, without stars.
    pub fn get_name(&self) -> &str {
        &self.name
    }

    /// How it gets its arguments.
    pub fn get_kind(&self) -> ParameterKind {
        self.kind
    }

    /// What it takes: each of the arguments for `*args` and `**kwargs`.
    pub fn get_type(&self) -> &Type {
        match &self.ty {
            Annotation::None => &Type::Any,
            Annotation::Given(ty) => ty,
            Annotation::Probed(ty) => ty,
        }
    }

    /// What it is when a call leaves it out. A parameter without a default is
    /// required, but for `*args` and `**kwargs`.
    pub fn get_default(&self) -> Option<&Value> {
        self.default.as_ref()
    }

    /// What it is for.
    pub fn get_description(&self) -> Option<&str> {
        self.description.as_deref()
    }

    /// Whether it takes what other parameters leave.
    pub(super) fn is_variadic(&self) -> bool {
        matches!(
            self.kind,
            ParameterKind::VarPositional | ParameterKind::VarKeyword
        )
    }

    /// Finds the type out when somebody asks, unless one is given.
    pub(super) fn probed(&mut self, argument: fn() -> Type, items: fn() -> Type) {
        if let Annotation::None = self.ty {
            let probe = if self.is_variadic() { items } else { argument };
            self.ty = Annotation::Probed(Arc::new(LazyLock::new(probe)));
        }
    }

    pub(super) fn default_to_none(&mut self) {
        self.default = Some(Value::None);
    }
}

impl From<&str> for Parameter {
    fn from(text: &str) -> Self {
        let (name, kind) = if let Some(name) = text.strip_prefix("**") {
            (name, ParameterKind::VarKeyword)
        } else if let Some(name) = text.strip_prefix('*') {
            (name, ParameterKind::VarPositional)
        } else {
            (text, ParameterKind::PositionalOrKeyword)
        };
        Self {
            kind,
            ..Self::new(name)
        }
    }
}

impl From<String> for Parameter {
    fn from(text: String) -> Self {
        Self::from(text.as_str())
    }
}

/// As a `def` has it.
impl fmt::Display for Parameter {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self.kind {
            ParameterKind::VarPositional => "*",
            ParameterKind::VarKeyword => "**",
            ParameterKind::PositionalOrKeyword | ParameterKind::KeywordOnly => "",
        })?;
        formatter.write_str(&self.name)?;
        let ty = self.get_type();
        if *ty != Type::Any {
            write!(formatter, ": {ty}")?;
        }
        match &self.default {
            Some(default) if *ty != Type::Any => write!(formatter, " = {default}"),
            Some(default) => write!(formatter, "={default}"),
            None => Ok(()),
        }
    }
}

/// Lets what follows `*args` be given by name alone, as a `def` does.
pub(super) fn collect_by_name(parameters: &mut [Parameter]) {
    let kinds = parameters.iter_mut().map(|parameter| &mut parameter.kind);
    kinds
        .skip_while(|kind| **kind != ParameterKind::VarPositional)
        .filter(|kind| **kind == ParameterKind::PositionalOrKeyword)
        .for_each(|kind| *kind = ParameterKind::KeywordOnly);
}

/// The parameters of a tool whose function is typed: an array of names or
/// [`Parameter`]s, or `()` for none.
///
/// How many there are is known when the program is compiled, so that a function
/// with more or fewer is an error there.
pub trait Parameters<const N: usize>: sealed::Sealed<N> {}

impl<const N: usize, P: sealed::Sealed<N>> Parameters<N> for P {}

mod sealed {
    use super::Parameter;

    pub trait Sealed<const N: usize> {
        fn into_vec(self) -> Vec<Parameter>;
    }

    impl<P: Into<Parameter>, const N: usize> Sealed<N> for [P; N] {
        fn into_vec(self) -> Vec<Parameter> {
            self.map(Into::into).into()
        }
    }

    impl Sealed<0> for () {
        fn into_vec(self) -> Vec<Parameter> {
            Vec::new()
        }
    }
}
