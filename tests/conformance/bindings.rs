//! The world `sandbox` for a host that is the player, and shares nothing with
//! `monty-host` but the types of values.

wasmtime::component::bindgen!({
    path: "../wit",
    world: "monty:sandbox/sandbox",
    imports: {
        "monty:sandbox/external-call.[drop]pending-call": trappable,
        default: async | trappable,
    },
    exports: { default: async },
    with: {
        "monty:sandbox/types": super::types,
        "monty:sandbox/external-call.pending-call": super::player::Pending,
    },
});
