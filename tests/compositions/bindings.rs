//! The worlds of the components, from outside.

#![allow(dead_code, reason = "the tests call a part of what is generated")]

/// The interface `types`: the shared types, with what the generated code
/// expects beside them.
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

/// Prints, and what is kept of them.
pub mod print {
    wasmtime::component::bindgen!({
        path: ["../wit", "../adapters/wit"],
        world: "monty:adapters/print-stdio",
        with: { "monty:sandbox/types": super::types },
    });
}

/// A system.
pub mod system {
    wasmtime::component::bindgen!({
        path: "../wit",
        world: "monty:sandbox/system",
        with: { "monty:sandbox/types": super::types },
    });
}

/// Tools.
pub mod tools {
    wasmtime::component::bindgen!({
        path: "../wit",
        world: "monty:sandbox/tools",
        with: { "monty:sandbox/types": super::types },
    });
}

/// The interpreter, and what it imports, of which the tests implement
/// `external-call`.
pub mod sandbox {
    wasmtime::component::bindgen!({
        path: "../wit",
        world: "monty:sandbox/sandbox",
        with: {
            "monty:sandbox/types": super::types,
            "monty:sandbox/external-call.pending-call": crate::support::PendingCall,
        },
    });
}
