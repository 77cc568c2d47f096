//! One call of the component, within the limits of its store.

use std::pin::pin;

use wasmtime::Store;

use super::bindings::exports::monty::sandbox::interpreter as wit;
use super::context::{ContextId, MontyView};
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
    home: ContextId,
    before: &Statistics,
    call: impl AsyncFnOnce(&mut Store<T>) -> wasmtime::Result<Ended>,
) -> Result<Outcome, Error> {
    check_home(store, home)?;
    store.data_mut().monty().external.check()?;
    let result = enter(store, before, call).await;
    store.data_mut().monty().outcome(result)
}

/// Makes one call of the component that runs no Python. An interrupt is not for
/// it, and is left for the next call that does.
pub(super) async fn ask<T: MontyView + 'static, R>(
    store: &mut Store<T>,
    home: ContextId,
    call: impl AsyncFnOnce(&mut Store<T>) -> wasmtime::Result<R>,
) -> Result<R, Error> {
    check_home(store, home)?;
    let _unheard = store.data_mut().monty().stops.ignore_interrupts();
    let result = enter(store, &Statistics::default(), call).await;
    result.map_err(|error| store.data_mut().monty().trapped(error))
}

/// Handles of one store mean something else, or nothing, in another.
pub(super) fn check_home<T: MontyView>(store: &mut Store<T>, home: ContextId) -> Result<(), Error> {
    if store.data_mut().monty().id() == home {
        return Ok(());
    }
    Err(Error::request(
        "this instance is in another store: call it with the store that it was instantiated in",
    ))
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
    let had_trapped = std::mem::replace(&mut context.trapped, true);
    let watch = Watch::of(context);
    let message_bytes = context.limits.message_bytes;
    store.set_hostcall_fuel(message_bytes);
    store.set_epoch_deadline(1);
    let result = {
        let call = pin!(call(&mut *store));
        watch.over(call).await
    };
    store.data_mut().monty().trapped = had_trapped;
    result
}
