//! A script's calls, and the trait that answers them.

use std::fmt;
use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::Poll;
use std::time::Duration;

use async_trait::async_trait;
use monty_value::graph::GraphCaps;
use monty_value::types::{Graph, ObjectId, Operand, SourceRange, Value as Message};
use monty_value::{Encoder, Value};

use super::incoming::Incoming;
use super::sealed::Token;
use super::{Signature, ToolError};
use crate::account::work::panic_message;
use crate::check::Declarations;
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

impl Call {
    /// A call of a function by its name, as a host makes it that works on what a
    /// script asked for earlier.
    pub fn new(
        name: impl Into<String>,
        positional: impl IntoIterator<Item = Value>,
        keyword: impl IntoIterator<Item = (String, Value)>,
    ) -> Self {
        Self {
            id: 0,
            name: name.into(),
            receiver: None,
            positional: positional.into_iter().collect(),
            keyword: keyword.into_iter().collect(),
            position: SourceRange {
                filename: String::new(),
                start: 0,
                end: 0,
            },
            awaited: false,
            bytes: 0,
        }
    }
}

/// What the host has for a call. `None` if it has no such function or method:
/// `NameError` in the script, or `AttributeError`.
pub type Answer = Result<Option<Value>, ToolError>;

/// The same with a value that may be encoded already.
pub(crate) type Answered = Result<Option<Outgoing>, ToolError>;

/// A value on its way to the script. Encoded, it has the size that it counts.
pub(crate) enum Outgoing {
    Value(Value),
    /// Without a graph.
    Inline(Operand, u64),
    Message(Box<Message>, u64),
}

impl Outgoing {
    pub(super) fn encoded(root: Operand, graph: Option<Graph>, bytes: u64) -> Self {
        match graph {
            None => Self::Inline(root, bytes),
            graph => Self::Message(Box::new(Message { root, graph }), bytes),
        }
    }
}

impl From<Value> for Outgoing {
    fn from(value: Value) -> Self {
        Self::Value(value)
    }
}

impl Outgoing {
    /// The object, as the script will see it.
    fn into_value(self) -> Result<Value, ToolError> {
        if let Self::Value(value) = self {
            return Ok(value);
        }
        let (message, _) = self.into_message()?;
        Value::from_message(&message, GraphCaps::DEFAULT).map_err(ToolError::value_error)
    }

    /// The same as a message, with its size.
    pub(crate) fn into_message(self) -> Result<(Message, u64), ToolError> {
        match self {
            Self::Inline(root, bytes) => Ok((Message { root, graph: None }, bytes)),
            Self::Message(message, bytes) => Ok((*message, bytes)),
            Self::Value(value) => {
                let mut encoder = Encoder::new(GraphCaps::DEFAULT);
                let root = encoder.operand(&value);
                let bytes = encoder.taken_bytes();
                let graph = encoder.finish().map_err(ToolError::unsendable)?;
                Ok((Message { root, graph }, bytes))
            }
        }
    }
}

/// The same for an answer.
pub(crate) fn unencoded(answer: Answer) -> Answered {
    answer.map(|value| value.map(Outgoing::from))
}

/// An answer that is still to come.
pub(super) type AnswerFuture = Pin<Box<dyn Future<Output = Answered> + Send>>;

/// Answers a script's calls. [`Tools`](crate::Tools) is the one to use; a host
/// with another idea of dispatch implements this, with the macro
/// [`async_trait`](macro@crate::async_trait).
///
/// Nobody waits for the answer to a name or an attribute but the script, so it
/// can be an exception and cannot be [`ToolError::suspend`].
///
/// ```
/// use std::sync::Arc;
///
/// use monty_host::{Answer, Call, ExternalCall, Host, Monty, Reply, SourceRange, Value, async_trait};
///
/// /// Every function exists, and answers with its own name.
/// struct Echo;
///
/// #[async_trait]
/// impl ExternalCall for Echo {
///     fn call(&self, call: Call) -> Reply {
///         Reply::now(Ok(Some(Value::from(call.name.as_str()))))
///     }
///
///     async fn get_name(&self, name: &str, _position: &SourceRange) -> Answer {
///         Ok((name == "answer").then(|| Value::from(42)))
///     }
/// }
///
/// let host = Host::new().external_call(Arc::new(Echo));
/// let report = Monty::new()?.script("anything(), answer").host(host).run_blocking()?;
/// assert_eq!(report.value.to_string(), "('anything', 42)");
/// # Ok::<_, monty_host::Error>(())
/// ```
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
    async fn get_name(&self, _name: &str, _position: &SourceRange) -> Answer {
        Ok(None)
    }

    /// The value of an attribute of one of the host's objects that was not sent
    /// with it. `None` for `AttributeError`. Asked at each use.
    async fn get_attribute(
        &self,
        _receiver: ObjectId,
        _name: &str,
        _position: &SourceRange,
    ) -> Answer {
        Ok(None)
    }

    /// Whether a script can start with this. Asked before each run.
    ///
    /// # Errors
    ///
    /// If what it consists of is invalid: the run ends with this error before it
    /// begins.
    fn check(&self) -> Result<(), Error> {
        Ok(())
    }

    /// What a script can use of this, for a type check. Anything by default, whose types
    /// are not known.
    fn declarations(&self) -> Declarations {
        Declarations::open()
    }

    /// Answers a call that is still in its message.
    #[doc(hidden)]
    fn answer(&self, call: Incoming<'_>, _: Token) -> Reply {
        match call.into_call() {
            Ok(call) => self.call(call),
            Err(error) => Reply::now(Err(error)),
        }
    }
}

/// What a call came to, as the script is about to see it.
#[derive(Debug)]
#[non_exhaustive]
pub enum CallOutcome<'a> {
    /// A value.
    Returned {
        /// Its size in bytes, as
        /// [`Limits::host_memory_bytes`](crate::Limits::host_memory_bytes) counts it.
        bytes: u64,
    },
    /// An exception, or an error that ends the run.
    Raised(&'a ToolError),
    /// The host has no such function.
    NotFound,
}

/// What is done with an answer on its way to the script.
type Then = Box<dyn FnOnce(Answered) -> Answered + Send>;

/// An answer, or a future of one.
///
/// ```
/// use monty_host::{Call, Reply, Value};
///
/// fn answer(call: Call) -> Reply {
///     match call.name.as_str() {
///         "now" => Reply::now(Ok(Some(Value::from(1)))),
///         "later" => Reply::later(async { Ok(Some(Value::from(2))) }),
///         "awaited" => Reply::awaitable(async { Ok(Some(Value::from(3))) }),
///         _ => Reply::now(Ok(None)),
///     }
/// }
/// ```
pub struct Reply {
    kind: ReplyKind,
    /// The function whose panics are exceptions.
    guarded: Option<Name>,
    /// How long the future may take, and the function that the error names.
    timeout: Option<(Name, Duration)>,
    then: Option<Then>,
}

enum ReplyKind {
    Now(Answered),
    Later(AnswerFuture),
    Awaitable(AnswerFuture),
}

/// The name of a function.
#[derive(Clone)]
pub(super) enum Name {
    Tool(Signature),
    Other(String),
}

impl Name {
    pub(super) fn as_str(&self) -> &str {
        match self {
            Self::Tool(signature) => signature.get_name(),
            Self::Other(name) => name,
        }
    }
}

/// An answer, or what it takes to get it.
pub(crate) enum Ready<F> {
    Now(Answered),
    Later(F),
    Awaitable(F),
}

impl fmt::Debug for Reply {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            ReplyKind::Now(Ok(Some(Outgoing::Inline(..) | Outgoing::Message(..)))) => {
                formatter.write_str("Now")
            }
            ReplyKind::Now(Ok(Some(Outgoing::Value(value)))) => {
                let answer: Result<_, &ToolError> = Ok(Some(value));
                formatter.debug_tuple("Now").field(&answer).finish()
            }
            ReplyKind::Now(Ok(None)) => formatter.write_str("Now(Ok(None))"),
            ReplyKind::Now(Err(error)) => {
                let answer: Result<Option<&Value>, _> = Err(error);
                formatter.debug_tuple("Now").field(&answer).finish()
            }
            ReplyKind::Later(_) => formatter.write_str("Later"),
            ReplyKind::Awaitable(_) => formatter.write_str("Awaitable"),
        }
    }
}

impl From<ReplyKind> for Reply {
    fn from(kind: ReplyKind) -> Self {
        Self {
            kind,
            guarded: None,
            timeout: None,
            then: None,
        }
    }
}

impl Reply {
    /// The answer.
    pub fn now(answer: Answer) -> Self {
        ReplyKind::Now(unencoded(answer)).into()
    }

    /// The answer, once the future is ready. Only the script waits for it, not
    /// the thread.
    pub fn later(answer: impl Future<Output = Answer> + Send + 'static) -> Self {
        Self::answered_later(async { unencoded(answer.await) })
    }

    /// The answer to an `await` of the call, once the future is ready. The
    /// script goes on meanwhile, and may make more calls.
    pub fn awaitable(answer: impl Future<Output = Answer> + Send + 'static) -> Self {
        ReplyKind::Awaitable(Box::pin(async { unencoded(answer.await) })).into()
    }

    pub(super) fn answered(answer: Answered) -> Self {
        ReplyKind::Now(answer).into()
    }

    pub(super) fn answered_later(answer: impl Future<Output = Answered> + Send + 'static) -> Self {
        ReplyKind::Later(Box::pin(answer)).into()
    }

    /// Takes at most this long, or is a `TimeoutError`, which says that the
    /// function `name` took longer.
    ///
    /// A reply that has a time of its own is not held to
    /// [`Limits::call_duration`](crate::Limits::call_duration).
    #[must_use]
    pub fn within(self, name: &str, timeout: Duration) -> Self {
        self.timed(Name::Other(name.to_owned()), timeout)
    }

    /// The earlier of two times ends the call.
    pub(super) fn timed(self, name: Name, timeout: Duration) -> Self {
        let is_shorter = self
            .timeout
            .as_ref()
            .is_none_or(|(_, before)| timeout < *before);
        let timeout = if is_shorter {
            Some((name, timeout))
        } else {
            self.timeout
        };
        Self { timeout, ..self }
    }

    /// Looks at what the call came to, however long that takes: returned, raised
    /// or out of time. An error of `check` is what the script gets instead.
    ///
    /// A call that is cancelled, or under way when the script ends, has no
    /// outcome: `check` is dropped.
    ///
    /// ```
    /// use monty_host::{CallOutcome, Reply, ToolError, Value};
    ///
    /// let reply = Reply::now(Ok(Some(Value::from("x".repeat(5000)))));
    /// let reply = reply.checked(|outcome| match outcome {
    ///     CallOutcome::Returned { bytes: 4001.. } => {
    ///         Err(ToolError::value_error("the page is too long: ask for a part of it"))
    ///     }
    ///     _ => Ok(()),
    /// });
    /// ```
    #[must_use]
    pub fn checked(
        self,
        check: impl FnOnce(CallOutcome<'_>) -> Result<(), ToolError> + Send + 'static,
    ) -> Self {
        self.then(move |answer| {
            // A value that cannot be sent is an error that is looked at too.
            let sent = answer.and_then(|value| value.map(Outgoing::into_message).transpose());
            match sent {
                Ok(Some((message, bytes))) => {
                    check(CallOutcome::Returned { bytes })?;
                    Ok(Some(Outgoing::encoded(message.root, message.graph, bytes)))
                }
                Ok(None) => check(CallOutcome::NotFound).map(|()| None),
                Err(error) => {
                    check(CallOutcome::Raised(&error))?;
                    Err(error)
                }
            }
        })
    }

    /// Changes what the script gets. This reads the value back from the form in
    /// which it would have been sent: [`checked`](Self::checked) costs less.
    #[must_use]
    pub fn map(self, change: impl FnOnce(Answer) -> Answer + Send + 'static) -> Self {
        self.then(move |answer| {
            let answer = answer.and_then(|value| value.map(Outgoing::into_value).transpose());
            unencoded(change(answer))
        })
    }

    fn then(self, next: impl FnOnce(Answered) -> Answered + Send + 'static) -> Self {
        let then: Then = match self.then {
            Some(first) => Box::new(move |answer| next(first(answer))),
            None => Box::new(next),
        };
        let then = Some(then);
        Self { then, ..self }
    }

    /// The answer, for a host that works on a call without a script. Limits of a
    /// run do not hold.
    pub async fn answer(self, name: &str) -> Answer {
        let answer = match self.into_ready(name, None) {
            Ready::Now(answer) => answer,
            Ready::Later(answer) | Ready::Awaitable(answer) => answer.await,
        };
        answer.and_then(|value| value.map(Outgoing::into_value).transpose())
    }

    /// Turns a panic of the future into a `RuntimeError`, which says that the
    /// function `name` panicked. The calls of a [`Tool`](crate::Tool) are guarded
    /// already.
    ///
    /// What is left half changed by a panic is for the function to see to, as it is
    /// when a thread panics.
    #[must_use]
    pub fn guarded(self, name: &str) -> Self {
        self.guarded_as(Name::Other(name.to_owned()))
    }

    fn guarded_as(self, name: Name) -> Self {
        Self {
            guarded: Some(name),
            ..self
        }
    }

    /// Whether its answer is a future's.
    pub(super) fn is_future(&self) -> bool {
        !matches!(self.kind, ReplyKind::Now(_))
    }

    /// The same, but for the script to await.
    pub(super) fn into_awaitable(self) -> Self {
        let kind = match self.kind {
            ReplyKind::Now(answer) => ReplyKind::Awaitable(Box::pin(std::future::ready(answer))),
            ReplyKind::Later(future) | ReplyKind::Awaitable(future) => ReplyKind::Awaitable(future),
        };
        Self { kind, ..self }
    }

    /// The answer, or the future to run. Unless it has a time of its own, the
    /// future takes at most `timeout`.
    pub(crate) fn into_ready(
        self,
        name: &str,
        timeout: Option<Duration>,
    ) -> Ready<impl Future<Output = Answered> + Send + use<>> {
        let Self {
            kind,
            guarded,
            timeout: own,
            then,
        } = self;
        let limit = || own.or_else(|| Some((Name::Other(name.to_owned()), timeout?)));
        let later = |future, then| in_time(limit(), guard(guarded, future), then);
        match (kind, then) {
            (ReplyKind::Now(answer), None) => Ready::Now(answer),
            (ReplyKind::Now(answer), Some(then)) => Ready::Now(then(answer)),
            (ReplyKind::Later(future), then) => Ready::Later(later(future, then)),
            (ReplyKind::Awaitable(future), then) => Ready::Awaitable(later(future, then)),
        }
    }
}

/// Answers a call so that a panic is an exception in the script.
///
/// What is left half changed by a panic is for the tool to see to, as it is when
/// a thread panics.
pub(super) fn guarded(name: impl FnOnce() -> Name, reply: impl FnOnce() -> Reply) -> Reply {
    match catch_unwind(AssertUnwindSafe(reply)) {
        Ok(reply) if reply.is_future() => reply.guarded_as(name()),
        Ok(reply) => reply,
        Err(panic) => Reply::now(Err(ToolError::panicked(
            name().as_str(),
            &panic_message(panic),
        ))),
    }
}

/// An answer without panics, if there is a function to blame.
async fn guard(name: Option<Name>, mut future: AnswerFuture) -> Answered {
    let Some(name) = name else {
        return future.await;
    };
    poll_fn(move |context| {
        catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(context))).unwrap_or_else(|panic| {
            let reason = panic_message(panic);
            Poll::Ready(Err(ToolError::panicked(name.as_str(), &reason)))
        })
    })
    .await
}

/// An answer that comes in time, or a `TimeoutError`, and what is done with either.
async fn in_time(
    limit: Option<(Name, Duration)>,
    answer: impl Future<Output = Answered>,
    then: Option<Then>,
) -> Answered {
    let answer = match limit {
        None => answer.await,
        Some(_) if tokio::runtime::Handle::try_current().is_err() => Err(ToolError::runtime_error(
            "a call with a timeout needs a tokio runtime, and the script runs on none",
        )),
        Some((name, timeout)) => {
            let answer = tokio::time::timeout(timeout, answer).await;
            answer.unwrap_or_else(|_| {
                let name = name.as_str();
                Err(ToolError::timeout_error(format_args!(
                    "{name}() took longer than {timeout:?}"
                )))
            })
        }
    };
    match then {
        Some(then) => then(answer),
        None => answer,
    }
}
