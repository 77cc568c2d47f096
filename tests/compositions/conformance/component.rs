//! An instance of the interpreter with the policy between it and its tools.

use std::sync::LazyLock;

use wasmtime::component::Component;
use wasmtime::{Result, Store};
use wasmtime_wasi::WasiCtxBuilder;

use super::kit::bindings::Sandbox;
use super::kit::state::{State, linker};
use crate::support::{ENGINE, composition_of};

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

/// A fresh instance, whose policy allows everything.
pub async fn instance() -> Result<(Store<State>, Sandbox)> {
    let settings = [
        ("MONTY_ALLOW", "*"),
        ("MONTY_MAX_ARGUMENT_BYTES", "1000000000"),
    ];
    let state = State::new(WasiCtxBuilder::new().envs(&settings));
    let mut store = Store::new(&ENGINE, state);
    let sandbox = Sandbox::instantiate_async(&mut store, &COMPONENT, &linker(&ENGINE)?).await?;
    Ok((store, sandbox))
}
