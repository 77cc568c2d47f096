//! [`Tools`]: what a script finds without defining it.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use async_trait::async_trait;
use monty_value::Value;
use monty_value::types::{ObjectId, SourceRange};
use serde::Serialize;

use super::call::{Name, guarded};
use super::incoming::Incoming;
use super::names::check_identifier;
use super::parameter::Parameters;
use super::sealed::Token;
use super::{Answer, Call, DynamicFunction, ExternalCall, Reply, Tool, ToolError, ToolFunction};
use crate::account::work::panic_message;
use crate::check::Declarations;
use crate::error::Error;

type Fallback = Arc<dyn Fn(Call) -> Reply + Send + Sync>;

type GetName = Arc<dyn Fn(&str) -> Answer + Send + Sync>;

type GetAttribute = Arc<dyn Fn(ObjectId, &str) -> Answer + Send + Sync>;

/// The functions and names that a script finds without defining them.
///
/// ```
/// # use monty_host::{Tools, ToolError};
/// let tools = Tools::new()
///     .function("add", ["a", "b"], |a: i64, b: i64| a + b)
///     .function("fetch", ["url", "retries"], async |url: String, retries: Option<u32>| {
///         if url.is_empty() {
///             return Err(ToolError::value_error("the url is empty"));
///         }
///         Ok(format!("{url} after {} retries", retries.unwrap_or(0)))
///     });
/// ```
///
/// A function is called as Python calls one: by position, by keyword, with
/// defaults, and with a `TypeError` that names the parameter. What it takes is
/// anything that serde can deserialise, what it returns anything that serde
/// can serialise, or a `Result` of it; [`Value`] passes as it is. A panic in it
/// is a `RuntimeError` in the script.
///
/// A [`function`](Self::function) is a plain function to the script, even if it
/// is async in Rust: the script waits, the thread does not. An
/// [`async_function`](Self::async_function) is `async def` to the script: it
/// writes `await`, and `asyncio.gather` runs several at once. A [`Tool`] has a
/// description too, a result type or a time of its own.
///
/// What was added can be read back, to describe it to whoever writes the
/// scripts:
///
/// ```
/// # use monty_host::{Tool, Tools};
/// let add = Tool::new("add", ["a", "b"], |a: i64, b: Option<i64>| a + b.unwrap_or(1));
/// let tools = Tools::new().tool(add.description("Adds."));
/// let described = tools.iter().map(|tool| {
///     format!("{}: {}", tool.get_signature(), tool.get_description().unwrap_or_default())
/// });
/// assert_eq!(described.collect::<Vec<_>>(), ["add(a: int, b: int | None = None): Adds."]);
/// ```
///
/// Clones share the functions.
#[derive(Clone, Default)]
pub struct Tools(Arc<Registry>);

#[derive(Clone, Default)]
struct Registry {
    tools: Vec<Tool>,
    by_name: HashMap<String, usize>,
    values: BTreeMap<String, Value>,
    fallback: Option<Fallback>,
    name_fallback: Option<GetName>,
    attribute_fallback: Option<GetAttribute>,
    /// What has the name of another, if anything.
    clash: Option<String>,
}

impl fmt::Debug for Tools {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tools = self.iter().map(Tool::get_name);
        let values = self.values().map(|(name, _)| name);
        let names: Vec<_> = tools.chain(values).collect();
        formatter.debug_tuple("Tools").field(&names).finish()
    }
}

impl Tools {
    /// No functions and no names.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a tool.
    ///
    /// Two of one name are an error, which [`check`](Self::check) tells.
    #[must_use]
    pub fn tool(mut self, tool: Tool) -> Self {
        let registry = Arc::make_mut(&mut self.0);
        let name = tool.get_name().to_owned();
        if registry.by_name.contains_key(&name) {
            registry.clash.get_or_insert(clash("two tools", &name));
        } else if registry.values.contains_key(&name) {
            registry
                .clash
                .get_or_insert(clash("a value and a tool", &name));
        } else {
            registry.by_name.insert(name, registry.tools.len());
            registry.tools.push(tool);
        }
        self
    }

    /// Adds a function with typed parameters, sync or async: a [`Tool::new`].
    #[must_use]
    pub fn function<const N: usize, F, Marker>(
        self,
        name: &str,
        parameters: impl Parameters<N>,
        function: F,
    ) -> Self
    where
        F: ToolFunction<N, Marker>,
    {
        self.tool(Tool::new(name, parameters, function))
    }

    /// Adds a function with typed parameters that the script awaits, as if it
    /// were an `async def`: a [`Tool::new`] that is [`awaited`](Tool::awaited).
    #[must_use]
    pub fn async_function<const N: usize, F, Marker>(
        self,
        name: &str,
        parameters: impl Parameters<N>,
        function: F,
    ) -> Self
    where
        F: ToolFunction<N, Marker>,
    {
        self.tool(Tool::new(name, parameters, function).awaited())
    }

    /// Adds a function that takes its arguments as they come: a
    /// [`Tool::dynamic`].
    #[must_use]
    pub fn dynamic<F, Marker>(self, name: &str, function: F) -> Self
    where
        F: DynamicFunction<Call, Marker>,
    {
        self.tool(Tool::dynamic(name, function))
    }

    /// Adds a name with a value, looked up when a script first uses it.
    ///
    /// # Errors
    ///
    /// If the value has no form in Python, or the name is none there or is
    /// taken.
    pub fn value(mut self, name: &str, value: impl Serialize) -> Result<Self, Error> {
        let invalid = |error| Error::request(format_args!("the value `{name}`: {error}"));
        check_identifier(name).map_err(invalid)?;
        let value = monty_value::to_value(&value)?;
        let registry = Arc::make_mut(&mut self.0);
        if registry.by_name.contains_key(name) {
            return Err(Error::request(clash("a tool and a value", name)));
        }
        match registry.values.insert(name.to_owned(), value) {
            Some(_) => Err(Error::request(clash("two values", name))),
            None => Ok(self),
        }
    }

    /// Answers the calls of every name that is not here, and of the methods of
    /// the host's objects. `None` for a name that the host does not have.
    #[must_use]
    pub fn fallback<F, Fut>(mut self, fallback: F) -> Self
    where
        F: Fn(Call) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Answer> + Send + 'static,
    {
        Arc::make_mut(&mut self.0).fallback =
            Some(Arc::new(move |call| Reply::later(fallback(call))));
        self
    }

    /// The values of the names that are not here. `None` for a name that the
    /// host does not have.
    #[must_use]
    pub fn name_fallback<F>(mut self, fallback: F) -> Self
    where
        F: Fn(&str) -> Answer + Send + Sync + 'static,
    {
        Arc::make_mut(&mut self.0).name_fallback = Some(Arc::new(fallback));
        self
    }

    /// The attributes of the host's objects that were not sent with them.
    /// `None` for an attribute that the object does not have.
    #[must_use]
    pub fn attribute_fallback<F>(mut self, fallback: F) -> Self
    where
        F: Fn(ObjectId, &str) -> Answer + Send + Sync + 'static,
    {
        Arc::make_mut(&mut self.0).attribute_fallback = Some(Arc::new(fallback));
        self
    }

    /// The tools, in the order in which they were added.
    pub fn iter(&self) -> std::slice::Iter<'_, Tool> {
        self.0.tools.iter()
    }

    /// The tool of a name.
    pub fn get(&self, name: &str) -> Option<&Tool> {
        let index = self.0.by_name.get(name)?;
        self.0.tools.get(*index)
    }

    /// The names with values, in alphabetical order.
    pub fn values(&self) -> impl Iterator<Item = (&str, &Value)> {
        let values = self.0.values.iter();
        values.map(|(name, value)| (name.as_str(), value))
    }

    /// Whether there may be names that are not among the tools and values.
    pub(crate) fn answers_other_names(&self) -> bool {
        self.0.fallback.is_some() || self.0.name_fallback.is_some()
    }

    /// Whether scripts could have all of them. A run begins with the same
    /// check.
    ///
    /// # Errors
    ///
    /// If a tool is [invalid](Tool::check), or two things have one name.
    pub fn check(&self) -> Result<(), Error> {
        match &self.0.clash {
            Some(clash) => Err(Error::request(clash)),
            None => self.iter().try_for_each(Tool::check),
        }
    }
}

fn clash(two: &str, name: &str) -> String {
    format!("{two} are called `{name}`: give one of them another name")
}

impl<'t> IntoIterator for &'t Tools {
    type Item = &'t Tool;
    type IntoIter = std::slice::Iter<'t, Tool>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

#[async_trait]
impl ExternalCall for Tools {
    fn declarations(&self) -> Declarations {
        Declarations::of(self)
    }

    fn call(&self, call: Call) -> Reply {
        self.answer(call.into(), Token)
    }

    fn answer(&self, call: Incoming<'_>, _: Token) -> Reply {
        let tool = match call.receiver() {
            None => self.get(call.name()),
            Some(_) => None,
        };
        match (tool, &self.0.fallback) {
            (Some(tool), _) => tool.guarded_reply(call),
            (None, Some(fallback)) => {
                let name = Name::Other(call.name().to_owned());
                match call.into_call() {
                    Ok(call) => guarded(|| name, || fallback(call)),
                    Err(error) => Reply::now(Err(error)),
                }
            }
            (None, None) => Reply::now(Ok(None)),
        }
    }

    async fn get_name(&self, name: &str, _position: &SourceRange) -> Answer {
        if let Some(value) = self.0.values.get(name) {
            return Ok(Some(value.clone()));
        }
        if let Some(tool) = self.get(name) {
            return Ok(Some(Value::function(name, tool.get_description())));
        }
        match &self.0.name_fallback {
            Some(fallback) => catch_panic(name, || fallback(name)),
            None => Ok(None),
        }
    }

    async fn get_attribute(
        &self,
        receiver: ObjectId,
        name: &str,
        _position: &SourceRange,
    ) -> Answer {
        match &self.0.attribute_fallback {
            Some(fallback) => catch_panic(name, || fallback(receiver, name)),
            None => Ok(None),
        }
    }

    fn check(&self) -> Result<(), Error> {
        Self::check(self)
    }
}

/// The value of a name. A panic is an exception in the script.
fn catch_panic(name: &str, get: impl FnOnce() -> Answer) -> Answer {
    std::panic::catch_unwind(AssertUnwindSafe(get))
        .unwrap_or_else(|panic| Err(ToolError::panicked(name, &panic_message(panic))))
}
