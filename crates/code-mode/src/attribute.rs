//! What `#[tool]` writes calls of. It is no API: it changes with the attribute.

use std::cell::RefCell;
use std::fmt;
use std::marker::PhantomData;

pub use monty_host::{Parameter, Tool};
use monty_host::{ToolOutput, Type};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::schema::Annotations;
use crate::toolbox::AgentTool;

/// Puts a tool together.
pub struct Description {
    name: &'static str,
    /// The first thing that Python cannot have.
    problem: RefCell<Option<String>>,
}

impl Description {
    /// Of the tool of a name.
    pub fn new(name: &'static str) -> Self {
        Self {
            name,
            problem: RefCell::default(),
        }
    }

    /// The parameter with a default.
    pub fn default<T: Serialize>(&self, parameter: Parameter, default: &T) -> Parameter {
        match parameter.clone().default(default) {
            Ok(parameter) => parameter,
            Err(error) => {
                let name = self.name;
                self.fail(format_args!("the tool `{name}`: {error}"));
                parameter
            }
        }
    }

    /// The tool, which a toolbox refuses if something is wrong with it.
    pub fn finish(self, tool: Tool, annotations: Annotations) -> AgentTool {
        let tool = AgentTool::from(tool).annotations(annotations);
        match self.problem.into_inner() {
            Some(problem) => tool.refused(problem),
            None => tool,
        }
    }

    fn fail(&self, problem: impl fmt::Display) {
        self.problem
            .borrow_mut()
            .get_or_insert_with(|| problem.to_string());
    }
}

/// Compiles for what a parameter can be.
pub fn argument<T: Argument>() {}

/// What scripts can give a tool.
#[diagnostic::on_unimplemented(
    message = "scripts cannot give a tool a `{Self}`",
    label = "serde cannot read it out of Python",
    note = "derive `serde::Deserialize`, or mark what is the program's with `#[tool(context)]`"
)]
pub trait Argument {}

impl<T: DeserializeOwned> Argument for T {}

/// Compiles for what a tool can return.
pub fn result<Marker, T: ToolOutput<Marker>>() {}

/// What a function returns.
///
/// Of the methods called `value` and `ty` below, the compiler takes the first
/// that the type has: its own before that of a trait, and that of a trait for
/// itself before that for a reference to it.
pub struct Returned<T>(PhantomData<fn() -> T>);

/// What scripts get of it.
pub struct Returns<T>(PhantomData<fn() -> T>);

impl<T> Returned<T> {
    /// The only value.
    pub const NEW: Self = Self(PhantomData);
}

impl<T, E> Returned<Result<T, E>> {
    /// Without the error.
    pub fn value(&self) -> Returns<T> {
        Returns(PhantomData)
    }
}

/// For what is no `Result`.
pub trait ValueOfAnything {
    /// The same.
    type Value;

    /// The whole.
    fn value(&self) -> Returns<Self::Value>;
}

impl<T> ValueOfAnything for Returned<T> {
    type Value = T;

    fn value(&self) -> Returns<T> {
        Returns(PhantomData)
    }
}

#[cfg(feature = "schemars")]
impl<T: schemars::JsonSchema> Returns<T> {
    /// The type that its schema describes.
    pub fn ty(&self, description: &Description) -> Type {
        let settings = schemars::generate::SchemaSettings::draft2020_12().for_serialize();
        let schema = settings.into_generator().into_root_schema_for::<T>();
        crate::schema::result_type(description.name, &schema.to_value()).unwrap_or_else(|error| {
            description.fail(error);
            Type::Any
        })
    }
}

/// For what serde reads.
pub trait TypeOfDeserialize {
    /// The type that serde reads it of.
    fn ty(&self, description: &Description) -> Type;
}

impl<T: DeserializeOwned> TypeOfDeserialize for Returns<T> {
    fn ty(&self, _: &Description) -> Type {
        Type::of::<T>()
    }
}

/// For what says nothing of itself.
pub trait TypeOfAnything {
    /// `Any`.
    fn ty(&self, description: &Description) -> Type;
}

impl<T> TypeOfAnything for &Returns<T> {
    fn ty(&self, _: &Description) -> Type {
        Type::Any
    }
}
