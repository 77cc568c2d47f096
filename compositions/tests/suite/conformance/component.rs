//! An instance of the interpreter with the policy between it and its tools.

use std::sync::LazyLock;
use std::time::Duration;

use wasmtime::component::{Component, HasSelf, Linker, ResourceTable};
use wasmtime::{Result, Store};
use wasmtime_wasi::{WasiCtx, WasiCtxBuilder, WasiCtxView, WasiView};

use super::bindings::Sandbox;
use super::player::Player;
use crate::support::{ENGINE, Stopped, composition_of};

static COMPONENT: LazyLock<Component> = LazyLock::new(|| {
    composition_of(
        "package monty:conformance;
        let policy = new monty:policy { ... };
        let interpreter = new monty:interpreter {
            external-call: policy.external-call,
            ...
        };
        export interpreter...;",
    )
});

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

/// A fresh instance, whose policy allows everything.
pub async fn instance() -> Result<(Store<State>, Sandbox)> {
    let mut linker = Linker::<State>::new(&ENGINE);
    wasmtime_wasi::p2::add_to_linker_async(&mut linker)?;
    Sandbox::add_to_linker::<State, HasSelf<Player>>(&mut linker, |state| &mut state.player)?;
    let settings = [
        ("MONTY_ALLOW", "*"),
        ("MONTY_MAX_ARGUMENT_BYTES", "1000000000"),
    ];
    let state = State {
        player: Player::default(),
        // No sleep is over before the player says so.
        wasi: WasiCtxBuilder::new()
            .envs(&settings)
            .wall_clock(Stopped(Duration::from_secs(1_700_000_000)))
            .build(),
        table: ResourceTable::new(),
    };
    let mut store = Store::new(&ENGINE, state);
    let sandbox = Sandbox::instantiate_async(&mut store, &COMPONENT, &linker).await?;
    Ok((store, sandbox))
}
