//! Panics of the embedder's code, which are exceptions in the script and end
//! nothing else.

use std::any::Any;
use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::task::Poll;

use monty_host::ToolError;

/// Runs a future of a call. A panic, of what makes the future too, is a
/// `RuntimeError` that names the tool.
///
/// What is left half changed by a panic is for the code that panicked to see to,
/// as it is when a thread panics.
pub(crate) async fn guarded<T, Fut>(tool: &str, make: impl FnOnce() -> Fut) -> Result<T, ToolError>
where
    Fut: Future<Output = Result<T, ToolError>>,
{
    let panicked = |panic: Box<dyn Any + Send>| {
        ToolError::runtime_error(format_args!("{tool}() panicked: {}", reason(&*panic)))
    };
    let future = catch_unwind(AssertUnwindSafe(make)).map_err(panicked)?;
    let mut future = pin!(future);
    poll_fn(|context| {
        catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(context)))
            .unwrap_or_else(|panic| Poll::Ready(Err(panicked(panic))))
    })
    .await
}

/// What code returns, or why it panicked.
pub(crate) fn caught<T>(code: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(code)).map_err(|panic| reason(&*panic).to_owned())
}

fn reason(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no reason given")
}
