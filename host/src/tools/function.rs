//! Rust functions as tools.

use std::future::Future;
use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::bind::{Bound, Signature};
use super::{Answer, Call, Handler, Reply, ToolError};
use crate::account::work::in_host;

/// What a tool returns: a `Result` of anything serde can serialise, with an
/// error that becomes an exception.
pub trait ToolOutput {
    /// The answer that the script gets.
    fn into_answer(self) -> Answer;
}

impl<T: Serialize, E: Into<ToolError>> ToolOutput for Result<T, E> {
    fn into_answer(self) -> Answer {
        let value = self.map_err(Into::into)?;
        match monty_value::to_value(&value) {
            Ok(value) => Ok(Some(value)),
            Err(error) => Err(ToolError::type_error(format_args!(
                "the tool's result has no form in Python: {error}"
            ))),
        }
    }
}

/// A Rust function with `N` parameters that [`Tools`](super::Tools) takes,
/// sync or async. `Marker` tells the two apart and is always inferred.
#[diagnostic::on_unimplemented(
    message = "this is not a tool with {N} parameters",
    note = "a tool takes as many arguments as there are parameter names, each of them `DeserializeOwned`, and returns `Result<impl Serialize, impl Into<ToolError>>` or a `Send + 'static` future of that",
    note = "an async closure that uses what it captured has to clone it first: `move |x: T| {{ let c = c.clone(); async move {{ … }} }}`"
)]
pub trait ToolFunction<const N: usize, Marker> {
    /// The function as it is called by name.
    #[doc(hidden)]
    fn into_handler(self, signature: Signature<N>) -> Handler;
}

/// Marks functions that return their result.
#[derive(Debug)]
pub struct Sync;

/// Marks functions that return a future of their result.
#[derive(Debug)]
pub struct Async;

/// What is bound below this size costs less than looking at a clock.
const SMALL_CALL_BYTES: u64 = 4096;

/// Binds a call's arguments, as work of the host and not of the tool.
fn bind<const N: usize, T>(
    signature: &Signature<N>,
    call: Call,
    take: impl FnOnce(&mut Bound<'_, N>) -> Result<T, ToolError>,
) -> Result<T, ToolError> {
    let is_small = call.bytes < SMALL_CALL_BYTES;
    let bind = || signature.bind(call).and_then(|mut bound| take(&mut bound));
    if is_small { bind() } else { in_host(bind) }
}

macro_rules! tool_functions {
    ($($count:literal: ($($argument:ident),*);)*) => {
        $(
            #[allow(non_snake_case, unused_mut, unused_variables, reason = "some have no parameters")]
            impl<F, Output, $($argument,)*> ToolFunction<$count, (Sync, Output, $($argument,)*)> for F
            where
                F: Fn($($argument),*) -> Output + Send + std::marker::Sync + 'static,
                Output: ToolOutput,
                $($argument: DeserializeOwned,)*
            {
                fn into_handler(self, signature: Signature<$count>) -> Handler {
                    Arc::new(move |call| {
                        let bound = bind(&signature, call, |bound| Ok(($(bound.next::<$argument>()?,)*)));
                        Reply::Now(bound.and_then(|($($argument,)*)| self($($argument),*).into_answer()))
                    })
                }
            }

            #[allow(non_snake_case, unused_mut, unused_variables, reason = "some have no parameters")]
            impl<F, Answered, Output, $($argument,)*> ToolFunction<$count, (Async, Answered, Output, $($argument,)*)> for F
            where
                F: Fn($($argument),*) -> Answered + Send + std::marker::Sync + 'static,
                Answered: Future<Output = Output> + Send + 'static,
                Output: ToolOutput,
                $($argument: DeserializeOwned,)*
            {
                fn into_handler(self, signature: Signature<$count>) -> Handler {
                    Arc::new(move |call| {
                        match bind(&signature, call, |bound| Ok(($(bound.next::<$argument>()?,)*))) {
                            Ok(($($argument,)*)) => {
                                let answered = self($($argument),*);
                                Reply::Later(Box::pin(async move { answered.await.into_answer() }))
                            }
                            Err(error) => Reply::Now(Err(error)),
                        }
                    })
                }
            }
        )*
    };
}

tool_functions! {
    0: ();
    1: (A);
    2: (A, B);
    3: (A, B, C);
    4: (A, B, C, D);
    5: (A, B, C, D, E);
    6: (A, B, C, D, E, G);
    7: (A, B, C, D, E, G, H);
    8: (A, B, C, D, E, G, H, I);
}
