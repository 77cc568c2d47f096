//! The host's tools: what a script calls and does not define.

mod bind;
mod error;
mod function;

use std::collections::HashMap;
use std::fmt;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use monty_value::Value;
use monty_value::types::{Exception, ObjectId, SourceRange};
use serde::Serialize;

pub use bind::{Param, Params};
pub use error::ToolError;
pub use function::{ToolFunction, ToolOutput};

use crate::error::Error;

/// A call that a script makes to its host.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Call {
    /// Identifies the call within its script or session.
    pub id: u32,
    /// The name of the function or method. Constructing a class of the host is
    /// the method `__call__` of the class.
    pub name: String,
    /// The instance or class whose method is called, or nothing for a
    /// function.
    pub receiver: Option<ObjectId>,
    /// The positional arguments.
    pub positional: Vec<Value>,
    /// The keyword arguments in order.
    pub keyword: Vec<(String, Value)>,
    /// The call expression in the script.
    pub position: SourceRange,
    /// Whether the script awaits the call at once.
    pub awaited: bool,
    /// What the call counts in the host's memory.
    pub(crate) bytes: u64,
}

/// What the host has for a call. `None` if it has no such function or method:
/// `NameError` in the script, or `AttributeError`.
pub type Answer = Result<Option<Value>, ToolError>;

/// An answer that is still to come.
pub type AnswerFuture = Pin<Box<dyn Future<Output = Answer> + Send>>;

/// Answers a script's calls. [`Tools`] is the one to use; a host with another
/// idea of dispatch implements this, with the macro
/// [`async_trait`](macro@crate::async_trait).
///
/// Nobody waits for the answer to a name or an attribute but the script, so it
/// can be an exception and cannot be [`ToolError::suspend`].
#[async_trait]
pub trait ExternalCall: Send + Sync {
    /// Answers a call. A function that is not found may still be a value of
    /// that name: [`get_name`](Self::get_name) is asked for it.
    fn call(&self, call: Call) -> Reply;

    /// The value of a global name that the script uses and did not define.
    /// `None` for `NameError`.
    ///
    /// Asked once for a name that has a value: at its first use that is no
    /// call, or when a call of it was not found.
    async fn get_name(
        &self,
        _name: &str,
        _position: &SourceRange,
    ) -> Result<Option<Value>, Exception> {
        Ok(None)
    }

    /// The value of an attribute of one of the host's objects that was not sent
    /// with it. `None` for `AttributeError`. Asked at each use.
    async fn get_attribute(
        &self,
        _receiver: ObjectId,
        _name: &str,
        _position: &SourceRange,
    ) -> Result<Option<Value>, Exception> {
        Ok(None)
    }
}

/// An answer, or a future of one.
pub enum Reply {
    /// The answer.
    Now(Answer),
    /// The answer, once the future is ready. Only the script waits for it, not
    /// the thread.
    Later(AnswerFuture),
    /// The answer to an `await` of the call, once the future is ready. The
    /// script goes on meanwhile, and may make more calls.
    Awaitable(AnswerFuture),
}

impl fmt::Debug for Reply {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Now(answer) => formatter.debug_tuple("Now").field(answer).finish(),
            Self::Later(_) => formatter.write_str("Later"),
            Self::Awaitable(_) => formatter.write_str("Awaitable"),
        }
    }
}

impl Reply {
    /// The same, but for the script to await.
    fn into_awaitable(self) -> Self {
        match self {
            Self::Now(answer) => Self::Awaitable(Box::pin(std::future::ready(answer))),
            Self::Later(future) | Self::Awaitable(future) => Self::Awaitable(future),
        }
    }

    pub(crate) fn map_future(self, map: impl FnOnce(AnswerFuture) -> AnswerFuture) -> Self {
        match self {
            Self::Now(answer) => Self::Now(answer),
            Self::Later(future) => Self::Later(map(future)),
            Self::Awaitable(future) => Self::Awaitable(map(future)),
        }
    }
}

/// An answer that comes in time, or a `TimeoutError`.
pub(crate) fn within(name: String, timeout: Duration, answer: AnswerFuture) -> AnswerFuture {
    Box::pin(async move {
        if tokio::runtime::Handle::try_current().is_err() {
            return Err(ToolError::runtime_error(
                "a call with a timeout needs a tokio runtime, and the script runs on none",
            ));
        }
        tokio::time::timeout(timeout, answer)
            .await
            .unwrap_or_else(|_| {
                Err(ToolError::timeout_error(format_args!(
                    "{name}() took longer than {timeout:?}"
                )))
            })
    })
}

type Handler = Arc<dyn Fn(Call) -> Reply + Send + Sync>;

type GetName = Arc<dyn Fn(&str) -> Result<Option<Value>, Exception> + Send + Sync>;

type GetAttribute = Arc<dyn Fn(ObjectId, &str) -> Result<Option<Value>, Exception> + Send + Sync>;

/// The functions and names that a script finds without defining them.
///
/// ```
/// # use monty_host::{Tools, ToolError};
/// let tools = Tools::new()
///     .function("add", ["a", "b"], |a: i64, b: i64| Ok::<_, ToolError>(a + b))
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
/// can serialise; [`Value`] passes as it is. A panic in it is a `RuntimeError`
/// in the script.
///
/// A [`function`](Self::function) is a plain function to the script, even if it
/// is async in Rust: the script waits, the thread does not. An
/// [`async_function`](Self::async_function) is `async def` to the script: it
/// writes `await`, and `asyncio.gather` runs several at once.
///
/// Clones share the functions.
#[derive(Clone, Default)]
pub struct Tools(Arc<Registry>);

#[derive(Clone, Default)]
struct Registry {
    functions: HashMap<String, Function>,
    values: HashMap<String, Value>,
    fallback: Option<Handler>,
    name_fallback: Option<GetName>,
    attribute_fallback: Option<GetAttribute>,
}

#[derive(Clone)]
struct Function {
    handler: Handler,
    docstring: Option<String>,
}

impl fmt::Debug for Tools {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut names: Vec<_> = self
            .0
            .functions
            .keys()
            .chain(self.0.values.keys())
            .collect();
        names.sort();
        formatter.debug_tuple("Tools").field(&names).finish()
    }
}

impl Tools {
    /// No functions and no names.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a function with typed parameters, sync or async.
    ///
    /// There is one name for each parameter, or `()` if there is none. A
    /// parameter of type `Option` has the default `None`; [`Param::default`]
    /// gives another default.
    ///
    /// A closure that uses what it captured in an `async` body has to clone it
    /// first, so that the future owns it:
    /// `move |city: String| { let client = client.clone(); async move { … } }`.
    #[must_use]
    pub fn function<const N: usize, F, Marker>(
        self,
        name: &str,
        parameters: impl Params<N>,
        function: F,
    ) -> Self
    where
        F: ToolFunction<N, Marker>,
    {
        let signature = bind::Signature::new(name, parameters.into_params());
        self.insert(name, function.into_handler(signature))
    }

    /// Adds a function with typed parameters that the script awaits, as if it
    /// were an `async def`.
    ///
    /// It starts when it is called and runs beside the script, as a task of the
    /// tokio runtime that the script runs on. `asyncio.gather` waits for
    /// several at once. Those that are under way when the script ends are
    /// cancelled.
    #[must_use]
    pub fn async_function<const N: usize, F, Marker>(
        self,
        name: &str,
        parameters: impl Params<N>,
        function: F,
    ) -> Self
    where
        F: ToolFunction<N, Marker>,
    {
        let signature = bind::Signature::new(name, parameters.into_params());
        let handler = function.into_handler(signature);
        self.insert(name, Arc::new(move |call| handler(call).into_awaitable()))
    }

    /// Ends the calls of a function that take longer, with a `TimeoutError` in
    /// the script. Nothing happens if there is no such function.
    ///
    /// Without one, [`Limits::call_duration`](crate::Limits::call_duration)
    /// holds.
    #[must_use]
    pub fn timeout(mut self, name: &str, timeout: Duration) -> Self {
        if let Some(function) = Arc::make_mut(&mut self.0).functions.get_mut(name) {
            let handler = Arc::clone(&function.handler);
            function.handler = Arc::new(move |call| {
                let name = call.name.clone();
                handler(call).map_future(|answer| within(name, timeout, answer))
            });
        }
        self
    }

    /// Adds a function that takes its arguments as they come.
    #[must_use]
    pub fn dynamic<F, Fut, T, E>(self, name: &str, function: F) -> Self
    where
        F: Fn(Call) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<T, E>> + Send + 'static,
        T: Serialize,
        E: Into<ToolError>,
    {
        self.insert(
            name,
            Arc::new(move |call| {
                let answer = function(call);
                Reply::Later(Box::pin(async move { answer.await.into_answer() }))
            }),
        )
    }

    /// Gives a function its `__doc__`. Nothing happens if there is no such
    /// function.
    #[must_use]
    pub fn docstring(mut self, name: &str, docstring: &str) -> Self {
        if let Some(function) = Arc::make_mut(&mut self.0).functions.get_mut(name) {
            function.docstring = Some(docstring.to_owned());
        }
        self
    }

    /// Adds a name with a value, looked up when a script first uses it.
    ///
    /// # Errors
    ///
    /// If the value has no form in Python.
    pub fn value(mut self, name: &str, value: impl Serialize) -> Result<Self, Error> {
        let value = monty_value::to_value(&value)?;
        Arc::make_mut(&mut self.0)
            .values
            .insert(name.to_owned(), value);
        Ok(self)
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
            Some(Arc::new(move |call| Reply::Later(Box::pin(fallback(call)))));
        self
    }

    /// The values of the names that are not here. `None` for a name that the
    /// host does not have.
    #[must_use]
    pub fn name_fallback<F>(mut self, fallback: F) -> Self
    where
        F: Fn(&str) -> Result<Option<Value>, Exception> + Send + Sync + 'static,
    {
        Arc::make_mut(&mut self.0).name_fallback = Some(Arc::new(fallback));
        self
    }

    /// The attributes of the host's objects that were not sent with them.
    /// `None` for an attribute that the object does not have.
    #[must_use]
    pub fn attribute_fallback<F>(mut self, fallback: F) -> Self
    where
        F: Fn(ObjectId, &str) -> Result<Option<Value>, Exception> + Send + Sync + 'static,
    {
        Arc::make_mut(&mut self.0).attribute_fallback = Some(Arc::new(fallback));
        self
    }

    fn insert(mut self, name: &str, handler: Handler) -> Self {
        let function = Function {
            handler,
            docstring: None,
        };
        Arc::make_mut(&mut self.0)
            .functions
            .insert(name.to_owned(), function);
        self
    }
}

#[async_trait]
impl ExternalCall for Tools {
    fn call(&self, call: Call) -> Reply {
        let registered = match call.receiver {
            None => self
                .0
                .functions
                .get(&call.name)
                .map(|function| &function.handler),
            Some(_) => None,
        };
        match registered.or(self.0.fallback.as_ref()) {
            Some(handler) => guarded(handler, call),
            None => Reply::Now(Ok(None)),
        }
    }

    async fn get_name(
        &self,
        name: &str,
        _position: &SourceRange,
    ) -> Result<Option<Value>, Exception> {
        if let Some(value) = self.0.values.get(name) {
            return Ok(Some(value.clone()));
        }
        if let Some(function) = self.0.functions.get(name) {
            let docstring = function.docstring.as_deref();
            return Ok(Some(Value::function(name, docstring)));
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
    ) -> Result<Option<Value>, Exception> {
        match &self.0.attribute_fallback {
            Some(fallback) => catch_panic(name, || fallback(receiver, name)),
            None => Ok(None),
        }
    }
}

/// Calls a handler so that a panic in it is an exception in the script.
///
/// The handler's captures may be left half changed by a panic, as they are
/// when a thread panics: that is for the handler to see to.
fn guarded(handler: &Handler, call: Call) -> Reply {
    let name = call.name.clone();
    std::panic::catch_unwind(AssertUnwindSafe(|| handler(call)))
        .unwrap_or_else(|panic| Reply::Now(Err(ToolError::panicked(&name, panic))))
        .map_future(|mut future| {
            Box::pin(std::future::poll_fn(move |context| {
                std::panic::catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(context)))
                    .unwrap_or_else(|panic| Err(ToolError::panicked(&name, panic)).into())
            }))
        })
}

/// The same for the value of a name.
fn catch_panic(
    name: &str,
    get: impl FnOnce() -> Result<Option<Value>, Exception>,
) -> Result<Option<Value>, Exception> {
    std::panic::catch_unwind(AssertUnwindSafe(get))
        .unwrap_or_else(|panic| Err(ToolError::panicked(name, panic).into()))
}
