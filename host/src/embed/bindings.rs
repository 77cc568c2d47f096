//! wasmtime's generated bindings for `wit/`: the [`Sandbox`] world and one
//! module for each interface.
//!
//! For hosts that own their linker and store; others use
//! [`Interpreter`](super::Interpreter).

#![allow(missing_docs, reason = "the documentation is in wit/")]

/// The interface `types`: the shared types, plus the items that the generated
/// code expects. An interface without functions links nothing.
pub mod types {
    pub use monty_value::types::*;
    use wasmtime::component::{HasData, Linker};

    pub trait Host {}
    impl<T: ?Sized> Host for T {}

    pub trait HostWithStore<T>: HasData {}
    impl<T, D: HasData + ?Sized> HostWithStore<T> for D {}

    pub fn add_to_linker<T, D: HasData>(
        _linker: &mut Linker<T>,
        _host_getter: fn(&mut T) -> D::Data<'_>,
    ) -> wasmtime::Result<()> {
        Ok(())
    }
}

wasmtime::component::bindgen!({
    path: "wit",
    world: "monty:sandbox/sandbox",
    imports: {
        // It never waits.
        "monty:sandbox/external-call.[drop]pending-call": trappable,
        default: async | trappable,
    },
    exports: { default: async },
    with: {
        "monty:sandbox/types": types,
        "monty:sandbox/external-call.pending-call": super::pending::PendingCall,
    },
});
