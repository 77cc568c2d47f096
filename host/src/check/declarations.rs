//! What a script can use, as a checker is told of it.

use std::collections::BTreeMap;

use monty_value::Value;

use super::stub;
use crate::tools::{Tools, Type};

/// What a script can use without defining it, as Python stubs.
///
/// ```
/// use monty_host::check::Declarations;
/// use monty_host::{Record, Tool, Tools, Type};
///
/// let order = Record::new("Order").field("id", Type::Int);
/// let find = Tool::new("find", ["customer"], |customer: String| vec![customer]);
/// let tools = Tools::new().tool(find.returns(Type::list(order)));
/// assert_eq!(Declarations::of(&tools).stubs(), "\
/// class Order(TypedDict):
///     id: int
/// def find(customer: str) -> list[Order]: ...
/// ");
/// ```
#[derive(Clone, Debug, Default)]
pub struct Declarations {
    stubs: String,
    modules: BTreeMap<String, String>,
    open_names: bool,
    open_modules: bool,
}

impl Declarations {
    /// Nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Names that nobody can list: undefined ones are not reported.
    pub fn open() -> Self {
        Self::new().open_names()
    }

    /// The tools and values.
    pub fn of(tools: &Tools) -> Self {
        Self {
            stubs: stub::tools(tools),
            open_names: tools.answers_other_names(),
            ..Self::default()
        }
    }

    /// Adds stubs: functions, classes with methods for tools in namespaces,
    /// `TypedDict`s and dataclasses for types, and annotated names. `Any`, `Literal`,
    /// `Never`, `NotRequired`, `TypedDict`, `dataclass` and the modules `datetime`,
    /// `decimal` and `pathlib` need no import in them.
    #[must_use]
    pub fn with_stubs(mut self, stubs: &str) -> Self {
        self.stubs.push_str(stubs);
        if !self.stubs.is_empty() && !self.stubs.ends_with('\n') {
            self.stubs.push('\n');
        }
        self
    }

    /// Adds a name of a type, such as an input.
    #[must_use]
    pub fn with_name(self, name: &str, ty: &Type) -> Self {
        let stub = stub::name(name, ty);
        self.with_stubs(&stub)
    }

    /// Adds a name with the type of a value, such as an input: that of its members is
    /// not looked at.
    #[must_use]
    pub fn with_value(self, name: &str, value: &Value) -> Self {
        self.with_name(name, &stub::type_of(value))
    }

    /// Adds a module, with its stub. The module of a name with dots is in a package.
    #[must_use]
    pub fn with_module(mut self, name: impl Into<String>, stub: impl Into<String>) -> Self {
        self.modules.insert(name.into(), stub.into());
        self
    }

    /// Adds a module by its value: its attributes.
    #[must_use]
    pub fn with_module_value(self, name: &str, module: &Value) -> Self {
        let mut modules = Vec::new();
        stub::module(name, module, &mut modules);
        modules
            .into_iter()
            .fold(self, |all, (name, stub)| all.with_module(name, stub))
    }

    /// Names that are not here may be defined: they are not reported.
    #[must_use]
    pub fn open_names(mut self) -> Self {
        self.open_names = true;
        self
    }

    /// Modules that are not here may be served: they are not reported.
    #[must_use]
    pub fn open_modules(mut self) -> Self {
        self.open_modules = true;
        self
    }

    /// All of both.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.modules.extend(other.modules);
        self.open_names |= other.open_names;
        self.open_modules |= other.open_modules;
        self.with_stubs(&other.stubs)
    }

    /// The stubs of tools, types and names.
    pub fn stubs(&self) -> &str {
        &self.stubs
    }

    pub(super) fn modules(&self) -> impl Iterator<Item = (&str, &str)> {
        let modules = self.modules.iter();
        modules.map(|(name, stub)| (name.as_str(), stub.as_str()))
    }

    pub(super) fn has_open_names(&self) -> bool {
        self.open_names
    }

    pub(super) fn has_open_modules(&self) -> bool {
        self.open_modules
    }
}
