//! An instance of the interpreter with a linker and a store of the tests' own.

use monty_host::embed::engine_config;
use tokio::sync::OnceCell;
use wasmtime::component::{Component, HasSelf, InstancePre, Linker, ResourceTable};
use wasmtime::{Engine, Result, Store, UpdateDeadline};
use wasmtime_wasi::{HostWallClock, WasiCtx, WasiCtxView, WasiView};

use super::bindings::{Sandbox, SandboxPre};
use super::player::Player;

/// The state of a store.
pub struct State {
    /// The host.
    pub player: Player,
    wasi: WasiCtx,
    table: ResourceTable,
}

impl WasiView for State {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView {
            ctx: &mut self.wasi,
            table: &mut self.table,
        }
    }
}

/// A time of day in which no sleep is over before the host says so.
struct StandsStill;

impl HostWallClock for StandsStill {
    fn resolution(&self) -> std::time::Duration {
        std::time::Duration::from_nanos(1)
    }

    fn now(&self) -> std::time::Duration {
        std::time::Duration::from_secs(1_700_000_000)
    }
}

fn link() -> Result<InstancePre<State>> {
    let mut config = engine_config()?;
    config.cache(wasmtime::Cache::from_file(None).ok());
    let engine = Engine::new(&config)?;
    let component = Component::new(&engine, monty_host::COMPONENT)?;
    let mut linker = Linker::<State>::new(&engine);
    wasmtime_wasi::p2::add_to_linker_async(&mut linker)?;
    Sandbox::add_to_linker::<State, HasSelf<Player>>(&mut linker, |state| &mut state.player)?;
    linker.instantiate_pre(&component)
}

/// A fresh instance.
pub async fn instance() -> Result<(Store<State>, Sandbox)> {
    static LINKED: OnceCell<InstancePre<State>> = OnceCell::const_new();
    let linked = LINKED.get_or_try_init(async || link()).await?;
    let state = State {
        player: Player::default(),
        wasi: WasiCtx::builder().wall_clock(StandsStill).build(),
        table: ResourceTable::new(),
    };
    let mut store = Store::new(linked.engine(), state);
    store.epoch_deadline_callback(|_| Ok(UpdateDeadline::Continue(1)));
    store.set_epoch_deadline(1);
    let sandbox = SandboxPre::new(linked.clone())?
        .instantiate_async(&mut store)
        .await?;
    Ok((store, sandbox))
}
