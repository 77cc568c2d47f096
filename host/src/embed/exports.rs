//! The exports of the component, with their types.

use std::marker::PhantomData;
use std::sync::atomic::{AtomicBool, Ordering};

use monty_value::types::{CallRequest, SettledCall};
use wasmtime::AsContextMut;
use wasmtime::component::{
    Component, ComponentExportIndex, ComponentNamedList, Instance, Lift, Lower, ResourceAny,
    TypedFunc,
};

use super::bindings::exports::monty::sandbox::interpreter as wit;
use super::call::Ended;

/// The type of an export, as Rust has it.
pub(super) trait Signature {
    type Params<'a>: ComponentNamedList + Lower;
    type Return: ComponentNamedList + Lift + 'static;
}

/// An export of a component, found once for all its instances.
///
/// wasmtime compares the type of an export for each instance, which takes
/// longer than a short script, and the generated bindings compare those of all
/// exports. All instances of a component have the same types, so this compares
/// an export when it is first called, and not again.
pub(super) struct Export<S> {
    index: ComponentExportIndex,
    is_compared: AtomicBool,
    signature: PhantomData<fn() -> S>,
}

impl<S: Signature> Export<S> {
    fn find(
        component: &Component,
        interface: &ComponentExportIndex,
        name: &str,
    ) -> wasmtime::Result<Self> {
        let index = component
            .get_export_index(Some(interface), name)
            .ok_or_else(|| wasmtime::format_err!("its interpreter has no `{name}`"))?;
        Ok(Self {
            index,
            is_compared: AtomicBool::new(false),
            signature: PhantomData,
        })
    }

    /// The function in an instance. The instance must be one of the component
    /// in which the export was found.
    pub(super) fn of<'a>(
        &self,
        mut store: impl AsContextMut,
        instance: &Instance,
    ) -> wasmtime::Result<TypedFunc<S::Params<'a>, S::Return>> {
        if self.is_compared.load(Ordering::Relaxed) {
            let function = instance
                .get_func(store, self.index)
                .ok_or_else(|| wasmtime::format_err!("it is not a function"))?;
            // SAFETY: `get_func` finds nothing in an instance of another
            // component, and in this one the function had this type when an
            // instance was compared. What may differ between instances are
            // resource types, and `ResourceAny` matches them all. Lifetimes
            // have no part in it.
            return Ok(unsafe { TypedFunc::new_unchecked(function) });
        }
        let function = instance.get_typed_func(&mut store, self.index)?;
        self.is_compared.store(true, Ordering::Relaxed);
        Ok(function)
    }
}

macro_rules! exports {
    ($($field:ident: $signature:ident = $name:literal, ($($param:ty),*) -> $return:ty;)*) => {
        /// The exports that the host calls.
        pub(super) struct Exports {
            $(pub(super) $field: Export<$signature>,)*
        }

        impl Exports {
            /// Finds them in a component of the world `sandbox`.
            pub(super) fn find(component: &Component) -> wasmtime::Result<Self> {
                let interface = component
                    .get_export_index(None, "monty:sandbox/interpreter@0.2.0")
                    .ok_or_else(|| wasmtime::format_err!("it exports no interpreter"))?;
                Ok(Self {
                    $($field: Export::find(component, &interface, $name)?,)*
                })
            }
        }

        $(
            pub(super) enum $signature {}

            impl Signature for $signature {
                type Params<'a> = ($($param,)*);
                type Return = $return;
            }
        )*
    };
}

exports! {
    capabilities: Capabilities = "capabilities", () -> (wit::FeatureSet,);
    run: Run = "run", (&'a str, &'a wit::Options) -> (Ended,);
    resume: Resume = "resume", (&'a [u8], &'a [SettledCall]) -> (Ended,);
    suspended_calls: SuspendedCalls = "suspended-calls",
        (&'a [u8]) -> (Result<Vec<CallRequest>, wit::Failure>,);
    source_completeness: SourceCompleteness = "source-completeness",
        (&'a str) -> (wit::Completeness,);
    create_session: CreateSession = "[static]session.create",
        (&'a wit::Options) -> (Result<ResourceAny, wit::Failure>,);
    restore_session: RestoreSession = "[static]session.restore",
        (&'a [u8]) -> (Result<ResourceAny, wit::Failure>,);
    feed: Feed = "[method]session.feed",
        (ResourceAny, &'a str, &'a wit::FeedOptions) -> (Ended,);
    call: Call = "[method]session.call",
        (ResourceAny, &'a wit::FunctionCall, &'a wit::FeedOptions) -> (Ended,);
    resume_session: ResumeSession = "[method]session.resume",
        (ResourceAny, &'a [SettledCall]) -> (Ended,);
    abandon: Abandon = "[method]session.abandon", (ResourceAny) -> ();
    functions: Functions = "[method]session.functions", (ResourceAny) -> (Vec<String>,);
    dump: Dump = "[method]session.dump",
        (ResourceAny) -> (Result<Vec<u8>, wit::Failure>,);
}
