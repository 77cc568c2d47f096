//! A script's calls, and the trait that answers them.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use async_trait::async_trait;
use monty_value::Value;
use monty_value::types::{ObjectId, SourceRange};

use super::ToolError;
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
}

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
    pub(crate) kind: ReplyKind,
    /// Whether it has a time of its own.
    is_timed: bool,
}

pub(crate) enum ReplyKind {
    Now(Answer),
    Later(AnswerFuture),
    Awaitable(AnswerFuture),
}

impl fmt::Debug for Reply {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            ReplyKind::Now(answer) => formatter.debug_tuple("Now").field(answer).finish(),
            ReplyKind::Later(_) => formatter.write_str("Later"),
            ReplyKind::Awaitable(_) => formatter.write_str("Awaitable"),
        }
    }
}

impl From<ReplyKind> for Reply {
    fn from(kind: ReplyKind) -> Self {
        Self {
            kind,
            is_timed: false,
        }
    }
}

impl Reply {
    /// The answer.
    pub fn now(answer: Answer) -> Self {
        ReplyKind::Now(answer).into()
    }

    /// The answer, once the future is ready. Only the script waits for it, not
    /// the thread.
    pub fn later(answer: impl Future<Output = Answer> + Send + 'static) -> Self {
        ReplyKind::Later(Box::pin(answer)).into()
    }

    /// The answer to an `await` of the call, once the future is ready. The
    /// script goes on meanwhile, and may make more calls.
    pub fn awaitable(answer: impl Future<Output = Answer> + Send + 'static) -> Self {
        ReplyKind::Awaitable(Box::pin(answer)).into()
    }

    /// Takes at most this long, or is a `TimeoutError`, which says that the
    /// function `name` took longer.
    ///
    /// A reply that has a time of its own is not held to
    /// [`Limits::call_duration`](crate::Limits::call_duration).
    #[must_use]
    pub fn within(self, name: &str, timeout: Duration) -> Self {
        let name = name.to_owned();
        let timed = self.map_future(|answer| Box::pin(in_time(name, timeout, answer)));
        Self {
            is_timed: true,
            ..timed
        }
    }

    /// The same, unless it has a time of its own.
    pub(crate) fn or_within(self, name: &str, timeout: Duration) -> Self {
        match self.is_timed {
            true => self,
            false => self.within(name, timeout),
        }
    }

    /// The same, but for the script to await.
    pub(super) fn into_awaitable(self) -> Self {
        let kind = match self.kind {
            ReplyKind::Now(answer) => ReplyKind::Awaitable(Box::pin(std::future::ready(answer))),
            ReplyKind::Later(future) | ReplyKind::Awaitable(future) => ReplyKind::Awaitable(future),
        };
        Self { kind, ..self }
    }

    pub(super) fn map_future(self, map: impl FnOnce(AnswerFuture) -> AnswerFuture) -> Self {
        let kind = match self.kind {
            ReplyKind::Now(answer) => ReplyKind::Now(answer),
            ReplyKind::Later(future) => ReplyKind::Later(map(future)),
            ReplyKind::Awaitable(future) => ReplyKind::Awaitable(map(future)),
        };
        Self { kind, ..self }
    }
}

/// An answer that comes in time, or a `TimeoutError`.
async fn in_time(name: String, timeout: Duration, answer: AnswerFuture) -> Answer {
    if tokio::runtime::Handle::try_current().is_err() {
        return Err(ToolError::runtime_error(
            "a call with a timeout needs a tokio runtime, and the script runs on none",
        ));
    }
    let answer = tokio::time::timeout(timeout, answer).await;
    answer.unwrap_or_else(|_| {
        Err(ToolError::timeout_error(format_args!(
            "{name}() took longer than {timeout:?}"
        )))
    })
}
