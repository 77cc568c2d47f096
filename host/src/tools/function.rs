//! Rust functions as tools.

use std::future::Future;
use std::sync::Arc;

use monty_value::Encoder;
use monty_value::graph::GraphCaps;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::call::{Answered, Outgoing};
use super::incoming::{Incoming, as_host};
use super::probe;
use super::sealed::Token;
use super::signature::Signature;
use super::types::Type;
use super::{Reply, ToolError};
use crate::account::work::HostTime;

/// How a tool answers a call of its signature. An error is that of binding: the
/// function was not called.
pub type Handler = Arc<dyn Fn(&Signature, Incoming<'_>) -> Result<Reply, ToolError> + Send + Sync>;

/// What a tool returns: anything that serde can serialise, or a `Result` of it
/// with an error that becomes an exception. `Marker` tells the two apart and is
/// always inferred.
pub trait ToolOutput<Marker> {
    /// The answer that the script gets.
    #[doc(hidden)]
    fn into_answer(self, token: Token) -> Encoded;
}

/// An answer as it is sent to the script.
pub struct Encoded(pub(super) Answered);

/// Marks results that may be an error.
#[derive(Debug)]
pub struct Fallible;

/// Marks results that are a value.
#[derive(Debug)]
pub struct Infallible;

/// Marks what is refused: a `Result` whose error serde could serialise too. It
/// is not clear whether its error is a value for the script or an exception:
/// `.map_err(ToolError::from)` or `.map_err(ToolError::runtime_error)` says so.
#[derive(Debug)]
pub struct ErrorThatIsAValue;

impl<T: Serialize, E: Into<ToolError>> ToolOutput<Fallible> for Result<T, E> {
    fn into_answer(self, token: Token) -> Encoded {
        match self {
            Ok(value) => value.into_answer(token),
            Err(error) => Encoded(Err(error.into())),
        }
    }
}

impl<T: Serialize> ToolOutput<Infallible> for T {
    fn into_answer(self, _: Token) -> Encoded {
        Encoded(encode(&self).map(Some))
    }
}

fn encode<T: Serialize>(result: &T) -> Result<Outgoing, ToolError> {
    let mut encoder = Encoder::new(GraphCaps::DEFAULT);
    let mut host = None;
    let root = encoder.serialize_after(result, &mut || host = Some(HostTime::start()));
    let root = root.map_err(|error| {
        ToolError::type_error(format_args!(
            "the tool's result has no form in Python: {error}"
        ))
    })?;
    let bytes = encoder.taken_bytes();
    let graph = encoder.finish().map_err(ToolError::unsendable)?;
    Ok(Outgoing::encoded(root, graph, bytes))
}

/// Never chosen: it makes a closure with such a result an error when it is
/// compiled, where the value of the script would be `{'Err': …}`.
impl<T: Serialize, E: Serialize> ToolOutput<ErrorThatIsAValue> for Result<T, E> {
    fn into_answer(self, token: Token) -> Encoded {
        ToolOutput::<Infallible>::into_answer(self, token)
    }
}

/// A Rust function with `N` parameters that a [`Tool`](super::Tool) can be made
/// of, sync or async, that can fail or not. `Marker` tells them apart and is
/// always inferred.
///
/// A function with another number of arguments than there are names does not
/// compile:
///
/// ```compile_fail,E0277
/// monty_host::Tools::new().function("add", ["a"], |a: i64, b: i64| a + b);
/// ```
///
/// Neither does one whose error could be a value too; it has to be made an
/// exception:
///
/// ```compile_fail,E0283
/// monty_host::Tools::new().function("f", (), || Err::<i64, _>("failed".to_owned()));
/// ```
///
/// ```
/// # use monty_host::{ToolError, Tools};
/// let fallible = || Err::<i64, _>("failed".to_owned()).map_err(ToolError::runtime_error);
/// let tools = Tools::new().function("f", (), fallible);
/// ```
#[diagnostic::on_unimplemented(
    message = "this is not a tool with {N} parameters",
    note = "a tool takes as many arguments as there are parameter names, each of them `DeserializeOwned`",
    note = "it returns what is `Serialize`, `Result<impl Serialize, impl Into<ToolError>>`, or a `Send + 'static` future of one of these",
    note = "an async closure that uses what it captured has to clone it first: `move |x: T| {{ let c = c.clone(); async move {{ … }} }}`"
)]
pub trait ToolFunction<const N: usize, Marker> {
    /// The function as it is called by name.
    #[doc(hidden)]
    fn into_typed(self, token: Token) -> TypedFunction;
}

/// A Rust function that takes what a call gives it as it comes: a [`Call`](crate::tools::Call), or
/// the [`BoundArguments`](super::BoundArguments) of one. `Marker` tells sync
/// and async apart and is always inferred.
#[diagnostic::on_unimplemented(
    message = "this is not a tool that takes a `{Argument}`",
    note = "it takes a `{Argument}`, and returns what is `Serialize`, `Result<impl Serialize, impl Into<ToolError>>`, or a `Send + 'static` future of one of these"
)]
pub trait DynamicFunction<Argument, Marker>: Send + Sync + 'static {
    /// The reply to one call.
    #[doc(hidden)]
    fn reply(&self, argument: Argument, token: Token) -> Reply;
}

/// Marks functions that return their result.
#[derive(Debug)]
pub struct Synchronous;

/// Marks functions that return a future of their result.
#[derive(Debug)]
pub struct Asynchronous;

/// A typed function, and what its arguments are.
pub struct TypedFunction {
    pub(super) arguments: Vec<ArgumentType>,
    pub(super) handler: Handler,
}

/// What Rust can tell of an argument.
pub struct ArgumentType {
    pub(super) ty: fn() -> Type,
    /// The type of each of its items.
    pub(super) items: fn() -> Type,
    /// Whether it can do without a value.
    pub(super) is_option: bool,
}

impl ArgumentType {
    fn of<T: DeserializeOwned>() -> Self {
        Self {
            ty: Type::of::<T>,
            items: || match Type::of::<T>() {
                Type::List(items) | Type::Set(items) | Type::Dict(_, items) => *items,
                _ => Type::Any,
            },
            is_option: probe::is_option::<T>(),
        }
    }
}

impl<F, A, Output, M> DynamicFunction<A, (Synchronous, Output, M)> for F
where
    F: Fn(A) -> Output + Send + Sync + 'static,
    Output: ToolOutput<M>,
{
    fn reply(&self, argument: A, token: Token) -> Reply {
        Reply::answered(self(argument).into_answer(token).0)
    }
}

impl<F, A, Answered, Output, M> DynamicFunction<A, (Asynchronous, Answered, Output, M)> for F
where
    F: Fn(A) -> Answered + Send + Sync + 'static,
    Answered: Future<Output = Output> + Send + 'static,
    Output: ToolOutput<M>,
{
    fn reply(&self, argument: A, token: Token) -> Reply {
        let answered = self(argument);
        Reply::answered_later(async move { answered.await.into_answer(token).0 })
    }
}

macro_rules! tool_functions {
    ($($count:literal: ($($argument:ident $index:literal),*);)*) => {
        $(
            #[allow(non_snake_case, unused_variables, reason = "some have no parameters")]
            impl<F, M, Output, $($argument,)*> ToolFunction<$count, (Synchronous, M, Output, $($argument,)*)> for F
            where
                F: Fn($($argument),*) -> Output + Send + Sync + 'static,
                Output: ToolOutput<M>,
                $($argument: DeserializeOwned,)*
            {
                fn into_typed(self, token: Token) -> TypedFunction {
                    TypedFunction {
                        arguments: vec![$(ArgumentType::of::<$argument>()),*],
                        handler: Arc::new(move |signature, call| {
                            let ($($argument,)*) = as_host(call, |call| {
                                let bound = signature.bind_call(call)?;
                                Ok::<_, ToolError>(($(bound.extract::<$argument>($index)?,)*))
                            })?;
                            Ok(Reply::answered(self($($argument),*).into_answer(token).0))
                        }),
                    }
                }
            }

            #[allow(non_snake_case, unused_variables, reason = "some have no parameters")]
            impl<F, M, Answered, Output, $($argument,)*> ToolFunction<$count, (Asynchronous, M, Answered, Output, $($argument,)*)> for F
            where
                F: Fn($($argument),*) -> Answered + Send + Sync + 'static,
                Answered: Future<Output = Output> + Send + 'static,
                Output: ToolOutput<M>,
                $($argument: DeserializeOwned,)*
            {
                fn into_typed(self, token: Token) -> TypedFunction {
                    TypedFunction {
                        arguments: vec![$(ArgumentType::of::<$argument>()),*],
                        handler: Arc::new(move |signature, call| {
                            let ($($argument,)*) = as_host(call, |call| {
                                let bound = signature.bind_call(call)?;
                                Ok::<_, ToolError>(($(bound.extract::<$argument>($index)?,)*))
                            })?;
                            let answered = self($($argument),*);
                            Ok(Reply::answered_later(async move { answered.await.into_answer(token).0 }))
                        }),
                    }
                }
            }
        )*
    };
}

tool_functions! {
    0: ();
    1: (A 0);
    2: (A 0, B 1);
    3: (A 0, B 1, C 2);
    4: (A 0, B 1, C 2, D 3);
    5: (A 0, B 1, C 2, D 3, E 4);
    6: (A 0, B 1, C 2, D 3, E 4, G 5);
    7: (A 0, B 1, C 2, D 3, E 4, G 5, H 6);
    8: (A 0, B 1, C 2, D 3, E 4, G 5, H 6, I 7);
}
