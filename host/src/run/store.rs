//! The store of one run.

use wasmtime::component::ResourceTable;
use wasmtime::{Engine, Store};
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};

use crate::embed::{MontyCtx, MontyView, limit_store};
use crate::os::Randomness;

/// The state in the store of one run.
pub(super) struct RunState {
    context: MontyCtx,
    wasi: WasiCtx,
    table: ResourceTable,
}

impl RunState {
    /// A store for one instance, with all its limits in place. `stream` counts
    /// the instances that draw from the same seed.
    pub(super) fn store(
        engine: &Engine,
        context: MontyCtx,
        randomness: Randomness,
        stream: u64,
    ) -> Store<Self> {
        let wasi = context.wasi(randomness, stream).build();
        let mut store = Store::new(
            engine,
            Self {
                context,
                wasi,
                table: ResourceTable::new(),
            },
        );
        limit_store(&mut store);
        store
    }

    /// Puts another context into a store in which nothing ran yet.
    pub(super) fn replace(
        store: &mut Store<Self>,
        mut context: MontyCtx,
        randomness: Randomness,
        stream: u64,
    ) {
        let state = store.data_mut();
        context.take_over(&state.context);
        state.wasi = context.wasi(randomness, stream).build();
        state.context = context;
    }

    /// Drops what the host lent to the script, and cancels its calls.
    pub(super) fn let_go(store: &mut Store<Self>) {
        let state = store.data_mut();
        state.context.let_go();
        state.table = ResourceTable::new();
    }

    pub(super) fn into_context(self) -> MontyCtx {
        self.context
    }
}

impl MontyView for RunState {
    fn monty(&mut self) -> &mut MontyCtx {
        &mut self.context
    }
}

impl WasiView for RunState {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView {
            ctx: &mut self.wasi,
            table: &mut self.table,
        }
    }
}
