//! The world `sandbox` for a host that shares nothing with `monty-host` but the
//! types of values.

wasmtime::component::bindgen!({
    path: "../wit",
    world: "monty:sandbox/sandbox",
    imports: {
        "monty:sandbox/external-call.[drop]pending-call": trappable,
        default: async | trappable,
    },
    exports: { default: async },
    with: {
        "monty:sandbox/types": monty_host::embed::bindings::types,
        "monty:sandbox/external-call.pending-call": super::player::Pending,
    },
});
