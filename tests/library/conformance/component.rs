//! An instance of the interpreter with a linker and a store of the tests' own.

use tokio::sync::OnceCell;
use wasmtime::component::InstancePre;
use wasmtime::{Result, Store, UpdateDeadline};
use wasmtime_wasi::WasiCtx;

use super::kit::bindings::{Sandbox, SandboxPre};
use super::kit::state::{State, linker};
use crate::embedding::{component, engine};

fn link() -> Result<InstancePre<State>> {
    let engine = engine()?;
    let component = component(&engine)?;
    linker(&engine)?.instantiate_pre(&component)
}

/// A fresh instance.
pub async fn instance() -> Result<(Store<State>, Sandbox)> {
    static LINKED: OnceCell<InstancePre<State>> = OnceCell::const_new();
    let linked = LINKED.get_or_try_init(async || link()).await?;
    let mut store = Store::new(linked.engine(), State::new(&mut WasiCtx::builder()));
    store.epoch_deadline_callback(|_| Ok(UpdateDeadline::Continue(1)));
    store.set_epoch_deadline(1);
    let sandbox = SandboxPre::new(linked.clone())?
        .instantiate_async(&mut store)
        .await?;
    Ok((store, sandbox))
}
