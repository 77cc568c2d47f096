//! A tool and its description.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::call::{Name, guarded};
use super::function::{ArgumentType, Handler};
use super::incoming::{Incoming, as_host};
use super::parameter::{ParameterKind, Parameters, collect_by_name};
use super::sealed::Token;
use super::{
    BoundArguments, Call, DynamicFunction, Parameter, Reply, Signature, ToolError, ToolFunction,
    Type,
};
use crate::error::Error;

/// A function of the host that scripts call, and all that can be said of it.
///
/// ```
/// use monty_host::{Parameter, Tool, Tools, Type};
///
/// let forecast = Tool::new(
///     "forecast",
///     [
///         Parameter::new("city").description("The city's English name"),
///         Parameter::new("days").default(3)?,
///     ],
///     |city: String, days: u32| vec![city.len() as f64; days as usize],
/// )
/// .description("Highest temperatures of the next days, in °C")
/// .returns(Type::list(Type::Float));
///
/// assert_eq!(
///     forecast.get_signature().to_string(),
///     "forecast(city: str, days: int = 3) -> list[float]"
/// );
/// let tools = Tools::new().tool(forecast);
/// # Ok::<_, monty_host::Error>(())
/// ```
///
/// Of a typed function, the types of the parameters are known
/// ([`Type::of`] them) and so is whether one can be left out: an `Option` at
/// the end of the parameters, or by name alone, has the default `None`.
///
/// A tool that Python could not define, such as one with two parameters of one
/// name, is an error when a script starts with it, or before: [`check`].
///
/// [`check`]: Self::check
#[derive(Clone)]
pub struct Tool {
    signature: Signature,
    description: Option<String>,
    is_awaited: bool,
    timeout: Option<Duration>,
    handler: Handler,
    /// Why Python could not define it.
    problem: Option<String>,
}

impl fmt::Debug for Tool {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Tool")
            .field("signature", &format_args!("{}", self.signature))
            .field("description", &self.description)
            .field("is_awaited", &self.is_awaited)
            .field("timeout", &self.timeout)
            .finish_non_exhaustive()
    }
}

impl Tool {
    /// A tool of a typed function, sync or async.
    ///
    /// There is one parameter for each argument of the function, or `()` if it
    /// has none. `*args` is a list of what it collects, `**kwargs` a map:
    ///
    /// ```
    /// # use std::collections::BTreeMap;
    /// # use monty_host::Tool;
    /// let log = Tool::new(
    ///     "log",
    ///     ["message", "*values", "**fields"],
    ///     |message: String, values: Vec<f64>, fields: BTreeMap<String, String>| {
    ///         println!("{message}: {values:?} {fields:?}");
    ///     },
    /// );
    /// assert_eq!(
    ///     log.get_signature().to_string(),
    ///     "log(message: str, *values: float, **fields: str)"
    /// );
    /// ```
    ///
    /// A closure that uses what it captured in an `async` body has to clone it
    /// first, so that the future owns it:
    /// `move |city: String| { let client = client.clone(); async move { … } }`.
    pub fn new<const N: usize, F, Marker>(
        name: impl Into<String>,
        parameters: impl Parameters<N>,
        function: F,
    ) -> Self
    where
        F: ToolFunction<N, Marker>,
    {
        let typed = function.into_typed(Token);
        let mut parameters = parameters.into_vec();
        describe(&mut parameters, &typed.arguments);
        Self::unchecked(Signature::unchecked(name.into(), parameters), typed.handler)
    }

    /// A tool that takes its arguments as they come: its signature is
    /// `(*args, **kwargs)`.
    ///
    /// ```
    /// # use monty_host::{Call, Tool};
    /// let count = Tool::dynamic("count", |call: Call| call.positional.len());
    /// ```
    pub fn dynamic<F, Marker>(name: impl Into<String>, function: F) -> Self
    where
        F: DynamicFunction<Call, Marker>,
    {
        let parameters = ["*args", "**kwargs"].map(Parameter::from);
        let signature = Signature::unchecked(name.into(), parameters.into());
        Self::unchecked(
            signature,
            Arc::new(move |_: &Signature, call: Incoming<'_>| {
                Ok(function.reply(call.into_call()?, Token))
            }),
        )
    }

    /// A tool whose signature is known when the program runs, such as one that
    /// another process describes.
    ///
    /// ```
    /// # use monty_host::{BoundArguments, Signature, Tool};
    /// let signature = Signature::new("greet", ["name", "*titles"])?;
    /// let greet = Tool::from_signature(signature, |arguments: BoundArguments| {
    ///     let arguments = arguments.iter();
    ///     let shown = arguments.map(|(parameter, value)| format!("{}={value}", parameter.get_name()));
    ///     shown.collect::<Vec<_>>().join(" ") // name='Ada' titles=('Dr', 'Countess')
    /// });
    /// # Ok::<_, monty_host::Error>(())
    /// ```
    pub fn from_signature<F, Marker>(signature: Signature, function: F) -> Self
    where
        F: DynamicFunction<BoundArguments, Marker>,
    {
        let handler = move |signature: &Signature, call: Incoming<'_>| {
            let arguments = as_host(call, |call| signature.bind_call(call)?.into_arguments())?;
            Ok(function.reply(arguments, Token))
        };
        Self::unchecked(signature, Arc::new(handler))
    }

    fn unchecked(signature: Signature, handler: Handler) -> Self {
        Self {
            problem: signature.problem(),
            signature,
            description: None,
            is_awaited: false,
            timeout: None,
            handler,
        }
    }

    /// Gives it another name, such as one in a module: `shop.price`.
    #[must_use]
    pub fn named(mut self, name: impl Into<String>) -> Self {
        self.signature = self.signature.named(name.into());
        self.problem = self.signature.problem();
        self
    }

    /// Says what it does, for whoever writes scripts. Monty shows no docstrings
    /// to a script: this is for prompts and the like.
    #[must_use]
    pub fn description(mut self, description: impl Into<String>) -> Self {
        self.description = Some(description.into());
        self
    }

    /// Describes the result, which nothing else tells.
    #[must_use]
    pub fn returns(mut self, ty: impl Into<Type>) -> Self {
        self.signature = self.signature.returns(ty);
        self
    }

    /// Lets the script await it, as if it were an `async def`.
    ///
    /// It starts when it is called and runs beside the script, as a task of the
    /// tokio runtime that the script runs on. `asyncio.gather` waits for
    /// several at once. Those that are under way when the script ends are
    /// cancelled.
    #[must_use]
    pub fn awaited(mut self) -> Self {
        self.is_awaited = true;
        self
    }

    /// Ends calls that take longer, with a `TimeoutError` in the script.
    /// Without one, [`Limits::call_duration`](crate::Limits::call_duration)
    /// holds.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// Its name.
    pub fn get_name(&self) -> &str {
        self.signature.get_name()
    }

    /// Its name, parameters and result.
    pub fn get_signature(&self) -> &Signature {
        &self.signature
    }

    /// What it does.
    pub fn get_description(&self) -> Option<&str> {
        self.description.as_deref()
    }

    /// How long a call may take, if that is its own affair.
    pub fn get_timeout(&self) -> Option<Duration> {
        self.timeout
    }

    /// Whether the script awaits it.
    pub fn is_awaited(&self) -> bool {
        self.is_awaited
    }

    /// Whether a script could have it.
    ///
    /// # Errors
    ///
    /// As [`Signature::new`].
    pub fn check(&self) -> Result<(), Error> {
        match &self.problem {
            Some(problem) => Err(Error::request(problem)),
            None => Ok(()),
        }
    }

    /// Answers a call, whatever name that is of. A panic is a `RuntimeError`.
    ///
    /// ```
    /// # use monty_host::{Call, Tool, Value};
    /// # async fn example() -> Result<(), monty_host::ToolError> {
    /// let add = Tool::new("add", ["a", "b"], |a: i64, b: i64| a + b);
    /// let call = Call::new("add", [Value::from(1), Value::from(2)], []);
    /// let answer = add.call(call).answer("add").await?;
    /// assert_eq!(answer, Some(Value::from(3)));
    /// # Ok(()) }
    /// ```
    pub fn call(&self, call: Call) -> Reply {
        self.guarded_reply(call.into())
    }

    /// The same for a call that may still be in its message.
    pub(super) fn guarded_reply(&self, call: Incoming<'_>) -> Reply {
        guarded(|| Name::Tool(self.signature.clone()), || self.reply(call))
    }

    /// Answers a call.
    fn reply(&self, call: Incoming<'_>) -> Reply {
        // Whoever keeps a store of their own may not have asked before.
        if let Err(error) = self.check() {
            return Reply::now(Err(ToolError::fatal(error)));
        }
        let reply = match (self.handler)(&self.signature, call) {
            Ok(reply) if self.is_awaited => reply.into_awaitable(),
            Ok(reply) => reply,
            // Before anything is awaited, as in CPython.
            Err(error) => return Reply::now(Err(error.misfit())),
        };
        match self.timeout {
            Some(timeout) => reply.timed(Name::Tool(self.signature.clone()), timeout),
            None => reply,
        }
    }
}

/// Adds what the arguments of a function tell of its parameters.
fn describe(parameters: &mut [Parameter], arguments: &[ArgumentType]) {
    collect_by_name(parameters);
    // From the end: what follows a parameter with a default has one too.
    let mut may_be_left_out = true;
    for (parameter, argument) in parameters.iter_mut().zip(arguments).rev() {
        parameter.probed(argument.ty, argument.items);
        let by_place = parameter.kind == ParameterKind::PositionalOrKeyword;
        if argument.is_option
            && parameter.get_default().is_none()
            && !parameter.is_variadic()
            && (may_be_left_out || !by_place)
        {
            parameter.default_to_none();
        }
        may_be_left_out &= !by_place || parameter.get_default().is_some();
    }
}
