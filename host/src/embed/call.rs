//! One call of the component, within the limits of its store.

use wasmtime::Store;

use super::bindings::exports::monty::sandbox::interpreter as wit;
use super::context::MontyView;
use super::outcome::Outcome;
use super::watch::Watch;
use crate::error::Error;
use crate::statistics::Statistics;

/// The return type of an export that runs Python.
pub(super) type Ended = Result<wit::Outcome, wit::Failure>;

/// Makes one call of the component that runs Python, and classifies the
/// outcome.
pub(super) async fn call<T: MontyView + 'static>(
    store: &mut Store<T>,
    before: &Statistics,
    call: impl AsyncFnOnce(&mut Store<T>) -> wasmtime::Result<Ended>,
) -> Result<Outcome, Error> {
    store.data_mut().monty().external.check()?;
    let result = enter(store, before, call).await;
    store.data_mut().monty().outcome(result)
}

/// Makes one call of the component that runs no Python.
pub(super) async fn ask<T: MontyView + 'static, R>(
    store: &mut Store<T>,
    call: impl AsyncFnOnce(&mut Store<T>) -> wasmtime::Result<R>,
) -> Result<R, Error> {
    let result = enter(store, &Statistics::default(), call).await;
    result.map_err(|error| store.data_mut().monty().trapped(error))
}

/// Makes one call of the component, within the limits of the store's context.
async fn enter<T: MontyView + 'static, R>(
    store: &mut Store<T>,
    before: &Statistics,
    call: impl AsyncFnOnce(&mut Store<T>) -> wasmtime::Result<R>,
) -> wasmtime::Result<R> {
    let context = store.data_mut().monty();
    context.begin(before);
    // True until the call has returned, because its future may be dropped.
    context.trapped = true;
    let watch = Watch::of(context);
    let message_bytes = context.limits.message_bytes;
    store.set_hostcall_fuel(message_bytes);
    let result = watch.over(call(&mut *store)).await;
    store.data_mut().monty().trapped = false;
    result
}
