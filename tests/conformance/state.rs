//! The store that a script is played in.

use wasmtime::component::{HasSelf, Linker, ResourceTable};
use wasmtime::{Engine, Result};
use wasmtime_wasi::{HostWallClock, WasiCtx, WasiCtxBuilder, WasiCtxView, WasiView};

use super::bindings::Sandbox;
use super::player::Player;

/// The state of a store.
pub struct State {
    /// The host.
    pub player: Player,
    wasi: WasiCtx,
    table: ResourceTable,
}

impl State {
    /// A player that was told nothing yet, with this of WASI.
    pub fn new(wasi: &mut WasiCtxBuilder) -> Self {
        Self {
            player: Player::default(),
            wasi: wasi.wall_clock(StandsStill).build(),
            table: ResourceTable::new(),
        }
    }
}

impl WasiView for State {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView {
            ctx: &mut self.wasi,
            table: &mut self.table,
        }
    }
}

/// A time of day in which no sleep is over before the player says so.
struct StandsStill;

impl HostWallClock for StandsStill {
    fn resolution(&self) -> std::time::Duration {
        std::time::Duration::from_nanos(1)
    }

    fn now(&self) -> std::time::Duration {
        std::time::Duration::from_secs(1_700_000_000)
    }
}

/// A linker with WASI and the player.
pub fn linker(engine: &Engine) -> Result<Linker<State>> {
    let mut linker = Linker::new(engine);
    wasmtime_wasi::p2::add_to_linker_async(&mut linker)?;
    Sandbox::add_to_linker::<State, HasSelf<Player>>(&mut linker, |state| &mut state.player)?;
    Ok(linker)
}
