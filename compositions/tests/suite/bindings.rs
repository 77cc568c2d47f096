//! The worlds of the adapters.

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

/// No types of `monty:sandbox/types` are in its way.
pub mod print {
    wasmtime::component::bindgen!({
        path: ["../wit", "../adapters/wit"],
        world: "monty:adapters/print-stdio",
    });
}

/// `os-call` from outside.
pub mod os {
    wasmtime::component::bindgen!({
        path: ["../wit", "../adapters/wit"],
        world: "monty:adapters/os-wasi",
        with: { "monty:sandbox/types": super::types },
    });
}

/// What the interpreter imports, of which the tests implement `external-call`.
pub mod imports {
    wasmtime::component::bindgen!({
        path: "../wit",
        world: "monty:sandbox/imports",
        with: { "monty:sandbox/types": super::types },
    });
}

/// `external-call` from outside, by hand: what wasmtime generates for an
/// export with a function of the name `lookup` does not compile.
pub mod tools {
    use crate::support::State;
    use monty_value::types::{Answer, CallId, CallRequest, ObjectId, SettledCall, SourceRange};
    use wasmtime::Store;
    use wasmtime::component::{
        Component, ComponentNamedList, ComponentType, Instance, Lift, Linker, Lower, TypedFunc,
    };

    #[derive(ComponentType, Lower)]
    #[component(record)]
    pub struct LookupRequest {
        pub name: String,
        pub receiver: Option<ObjectId>,
        pub position: SourceRange,
    }

    /// An instance that exports `external-call`.
    pub struct ExternalCall(Instance);

    impl ExternalCall {
        pub fn instantiate(
            store: &mut Store<State>,
            component: &Component,
            linker: &Linker<State>,
        ) -> Self {
            Self(linker.instantiate(store, component).expect("it starts"))
        }

        fn function<P, R>(&self, store: &mut Store<State>, name: &str) -> TypedFunc<P, R>
        where
            P: ComponentNamedList + Lower,
            R: ComponentNamedList + Lift,
        {
            let interface = "monty:sandbox/external-call@0.1.0";
            let interface = self.0.get_export_index(&mut *store, None, interface);
            let index = self
                .0
                .get_export_index(&mut *store, interface.as_ref(), name);
            let index = index.expect("it is exported");
            self.0
                .get_typed_func(store, index)
                .expect("it has its type")
        }

        pub fn call(&self, store: &mut Store<State>, request: &CallRequest) -> Answer {
            let call = self.function::<(&CallRequest,), (Answer,)>(store, "call");
            call.call(store, (request,)).expect("no trap").0
        }

        pub fn lookup(&self, store: &mut Store<State>, request: &LookupRequest) -> Answer {
            let lookup = self.function::<(&LookupRequest,), (Answer,)>(store, "lookup");
            lookup.call(store, (request,)).expect("no trap").0
        }

        pub fn settle(
            &self,
            store: &mut Store<State>,
            pending: &[CallId],
            timeout_micros: Option<u64>,
        ) -> Vec<SettledCall> {
            type Parameters<'a> = (&'a [CallId], Option<u64>);
            let settle = self.function::<Parameters, (Vec<SettledCall>,)>(store, "settle");
            settle
                .call(store, (pending, timeout_micros))
                .expect("no trap")
                .0
        }
    }
}
