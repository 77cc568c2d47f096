//! wasmtime's generated bindings for `wit/checker/`.

#![allow(missing_docs, reason = "the documentation is in wit/")]

wasmtime::component::bindgen!({
    path: "wit/checker",
    world: "monty:checker/checker",
    exports: { default: async },
});
