//! Watches a run from outside, in case a foreign import blocks it where nothing
//! checks a limit.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::time::Sleep;
use wasmtime_wasi::runtime::with_ambient_tokio_runtime;

use super::context::{MontyCtx, time_exceeded};
use crate::account::clock::Phase;
use crate::account::stop::Stop;
use crate::account::work::Work;
use crate::limits::Limits;

/// Ends a run that blocks in a WASI import. There the interpreter's clock
/// advances, but neither the interpreter nor an epoch gets to check it. The
/// component of this crate never waits in WASI; another component of the same
/// world may.
pub(super) struct Watch {
    work: Arc<Work>,
    longest: Option<Duration>,
}

impl Watch {
    pub(super) fn of(context: &MontyCtx) -> Self {
        let Limits {
            duration, grace, ..
        } = context.limits;
        Self {
            work: Arc::clone(&context.work),
            longest: duration.map(|duration| duration.saturating_add(grace)),
        }
    }

    /// Runs a call of the component until it ends or its time is up.
    pub(super) async fn over<T>(
        self,
        mut call: Pin<&mut impl Future<Output = wasmtime::Result<T>>>,
    ) -> wasmtime::Result<T> {
        // Created when the component waits outside our imports, which ours
        // never does.
        let mut held: Option<Pin<Box<dyn Future<Output = wasmtime::Error> + Send>>> = None;
        poll_fn(move |context: &mut Context<'_>| {
            if let Poll::Ready(result) = call.as_mut().poll(context) {
                return Poll::Ready(result);
            }
            if self.work.clock.phase() != Phase::Python {
                held = None;
                return Poll::Pending;
            }
            held.get_or_insert_with(|| Box::pin(self.end()))
                .as_mut()
                .poll(context)
                .map(Err)
        })
        .await
    }

    /// Waits until a blocked run must end.
    fn end(&self) -> impl Future<Output = wasmtime::Error> + Send + use<> {
        let work = Arc::clone(&self.work);
        let longest = self.longest;
        async move {
            let over =
                longest.map(|longest| sleep(longest.saturating_sub(work.clock.python_time())));
            let over = async {
                match over {
                    Some(over) => over.await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                biased;
                () = work.stops.raised() => {
                    work.stops.reason().unwrap_or(Stop::Interrupted).into()
                }
                () = over => {
                    time_exceeded(work.clock.python_time(), longest.unwrap_or_default()).into()
                }
            }
        }
    }
}

fn sleep(duration: Duration) -> Sleep {
    with_ambient_tokio_runtime(|| tokio::time::sleep(duration))
}
