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
