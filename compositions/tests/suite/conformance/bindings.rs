//! The world `sandbox` for the player of the scripts, which waits.

wasmtime::component::bindgen!({
    path: "../wit",
    world: "monty:sandbox/sandbox",
    imports: {
        "monty:sandbox/external-call.[drop]pending-call": trappable,
        default: async | trappable,
    },
    exports: { default: async },
    with: {
        "monty:sandbox/types": crate::bindings::types,
        "monty:sandbox/external-call.pending-call": super::player::Pending,
    },
});
