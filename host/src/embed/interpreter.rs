//! The component in a store, and its exports.

use std::sync::Arc;

use monty_value::graph::GraphCaps;
use wasmtime::component::{Component, ComponentExportIndex, Instance, Linker, TypedFunc};
use wasmtime::{AsContextMut, Store};

use monty_value::types::SettledCall;

use super::bindings::exports::monty::sandbox::interpreter as wit;
use super::bindings::{Sandbox, SandboxIndices, SandboxPre};
use super::call::{Ended, ask, call, check_home};
use super::context::{ContextId, MontyView};
use super::inputs::Inputs;
use super::lower;
use super::outcome::{Budget, Outcome, decode_calls, failed};
use super::session::Session;
use crate::answers::Answers;
use crate::completeness::Completeness;
use crate::error::Error;
use crate::feature_set::{FeatureSet, ModuleNames};
use crate::options::Options;
use crate::statistics::Statistics;
use crate::tools::Call;

/// The component, linked and ready to instantiate in stores. Clones share it.
pub struct InterpreterPre<T: 'static> {
    sandbox: SandboxPre<T>,
    exports: Arc<Exports>,
}

impl<T: 'static> Clone for InterpreterPre<T> {
    fn clone(&self) -> Self {
        Self {
            sandbox: self.sandbox.clone(),
            exports: Arc::clone(&self.exports),
        }
    }
}

impl<T: 'static> std::fmt::Debug for InterpreterPre<T> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("InterpreterPre")
            .finish_non_exhaustive()
    }
}

struct Exports {
    indices: SandboxIndices,
    run: ComponentExportIndex,
    resume: ComponentExportIndex,
}

type Run<'a> = TypedFunc<(&'a str, &'a wit::Options), (Ended,)>;
type Resume<'a> = TypedFunc<(&'a [u8], &'a [SettledCall]), (Ended,)>;

impl<T: MontyView + 'static> InterpreterPre<T> {
    /// Links a component of the world `sandbox`, such as
    /// the embedded one.
    ///
    /// # Errors
    ///
    /// If it has an import that the linker lacks, or lacks an export of the
    /// world.
    pub fn new(linker: &Linker<T>, component: &Component) -> wasmtime::Result<Self> {
        let pre = linker.instantiate_pre(component)?;
        let indices = SandboxIndices::new(&pre)?;
        let sandbox = SandboxPre::new(pre)?;
        let interface = component
            .get_export_index(None, "monty:sandbox/interpreter@0.2.0")
            .ok_or_else(|| wasmtime::format_err!("it exports no interpreter"))?;
        let export = |name| {
            component
                .get_export_index(Some(&interface), name)
                .ok_or_else(|| wasmtime::format_err!("its interpreter has no `{name}`"))
        };
        let exports = Exports {
            indices,
            run: export("run")?,
            resume: export("resume")?,
        };
        Ok(Self {
            sandbox,
            exports: Arc::new(exports),
        })
    }

    /// Instantiates the component. The store should have [its
    /// limits](super::limit_store).
    ///
    /// # Errors
    ///
    /// If the engine has no room for another instance, or the instance traps at
    /// its start.
    pub async fn instantiate(&self, store: &mut Store<T>) -> Result<Interpreter, Error> {
        let pre = self.sandbox.instance_pre();
        let home = store.data_mut().monty().id();
        let instance = ask(store, home, async |store| {
            pre.instantiate_async(store).await
        })
        .await?;
        Ok(Interpreter {
            home,
            instance,
            exports: Arc::clone(&self.exports),
        })
    }
}

/// An instance of the component. Each method calls one export within the limits
/// of the store's [`MontyCtx`](super::MontyCtx), and classifies the outcome. An
/// interrupt between two calls ends the next one that runs Python.
///
/// Call each method with the store of the instance.
///
/// Dropping a future abandons the instance in the middle of the call. As after
/// a trap, [`MontyCtx::has_trapped`](super::MontyCtx::has_trapped) is then
/// true, and the store is unusable.
pub struct Interpreter {
    home: ContextId,
    instance: Instance,
    exports: Arc<Exports>,
}

impl std::fmt::Debug for Interpreter {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Interpreter")
            .finish_non_exhaustive()
    }
}

impl Interpreter {
    /// Runs a script. Each one starts afresh.
    ///
    /// # Errors
    ///
    /// If the script has no result; [`Error::kind`] says why.
    pub async fn run<T: MontyView + 'static>(
        &self,
        store: &mut Store<T>,
        source: &str,
        inputs: Inputs,
        options: &Options,
    ) -> Result<Outcome, Error> {
        let limits = &store.data_mut().monty().limits;
        let options = lower::options(options, limits, inputs.finish()?);
        call(store, self.home, &Statistics::default(), async |store| {
            // An instance of the generated `Sandbox` compares the types of every
            // export, which takes longer than a short script.
            let run: Run<'_> = self
                .instance
                .get_typed_func(&mut *store, self.exports.run)?;
            let (ended,) = run.call_async(store, (source, &options)).await?;
            Ok(ended)
        })
        .await
    }

    /// Resumes a suspended script. The budget holds its usage so far, and its
    /// limits.
    ///
    /// # Errors
    ///
    /// As [`run`](Self::run), and if the answers do not match the waiting
    /// calls.
    pub async fn resume<T: MontyView + 'static>(
        &self,
        store: &mut Store<T>,
        snapshot: &[u8],
        answers: Answers,
        budget: &Budget,
    ) -> Result<Outcome, Error> {
        let answers = answers.into_message();
        let context = store.data_mut().monty();
        let before = std::mem::replace(&mut context.limits, budget.limits.clone());
        let outcome = call(store, self.home, &budget.used, async |store| {
            let resume: Resume<'_> = self
                .instance
                .get_typed_func(&mut *store, self.exports.resume)?;
            let (ended,) = resume.call_async(store, (snapshot, &answers)).await?;
            Ok(ended)
        })
        .await;
        store.data_mut().monty().limits = before;
        outcome
    }

    /// The calls that a snapshot waits for, in the order they were made.
    ///
    /// # Errors
    ///
    /// If this interpreter cannot resume the snapshot.
    pub async fn suspended_calls<T: MontyView + 'static>(
        &self,
        store: &mut Store<T>,
        snapshot: &[u8],
    ) -> Result<Vec<Call>, Error> {
        let sandbox = self.sandbox(store)?;
        let guest = sandbox.monty_sandbox_interpreter();
        ask(store, self.home, async |store| {
            guest.call_suspended_calls(store, snapshot).await
        })
        .await?
        .map_err(failed)
        .and_then(|calls| decode_calls(calls, GraphCaps::DEFAULT).map_err(Error::request))
    }

    /// The features of the interpreter.
    ///
    /// # Errors
    ///
    /// If the interpreter fails.
    pub async fn capabilities<T: MontyView + 'static>(
        &self,
        store: &mut Store<T>,
    ) -> Result<FeatureSet, Error> {
        let sandbox = self.sandbox(store)?;
        let guest = sandbox.monty_sandbox_interpreter();
        let features = ask(store, self.home, async |store| {
            guest.call_capabilities(store).await
        })
        .await?;
        let modules = features.modules.into_iter();
        Ok(FeatureSet {
            version: features.version,
            modules: modules
                .map(|module| ModuleNames {
                    name: module.name,
                    names: module.names,
                })
                .collect(),
            builtins: features.builtins,
            unsupported_syntax: features.unsupported_syntax,
        })
    }

    /// Whether a source typed line by line can run.
    ///
    /// # Errors
    ///
    /// If the interpreter fails.
    pub async fn source_completeness<T: MontyView + 'static>(
        &self,
        store: &mut Store<T>,
        source: &str,
    ) -> Result<Completeness, Error> {
        let sandbox = self.sandbox(store)?;
        let guest = sandbox.monty_sandbox_interpreter();
        let completeness = ask(store, self.home, async |store| {
            guest.call_source_completeness(store, source).await
        })
        .await?;
        Ok(match completeness {
            wit::Completeness::Complete => Completeness::Complete,
            wit::Completeness::Incomplete => Completeness::Incomplete,
            wit::Completeness::IncompleteBlock => Completeness::IncompleteBlock,
        })
    }

    /// Opens an empty session.
    ///
    /// # Errors
    ///
    /// If an option is invalid.
    pub async fn open_session<T: MontyView + 'static>(
        &self,
        store: &mut Store<T>,
        options: &Options,
    ) -> Result<Session, Error> {
        let limits = &store.data_mut().monty().limits;
        let options = lower::options(options, limits, None);
        let sandbox = self.sandbox(store)?;
        let guest = sandbox.monty_sandbox_interpreter().session();
        let session = ask(store, self.home, async |store| {
            guest.call_create(store, &options).await
        })
        .await?
        .map_err(failed)?;
        Ok(Session::new(self.home, sandbox, session))
    }

    /// Opens a session from a session's snapshot.
    ///
    /// # Errors
    ///
    /// If this interpreter cannot resume the snapshot.
    pub async fn restore_session<T: MontyView + 'static>(
        &self,
        store: &mut Store<T>,
        snapshot: &[u8],
    ) -> Result<Session, Error> {
        let sandbox = self.sandbox(store)?;
        let guest = sandbox.monty_sandbox_interpreter().session();
        let session = ask(store, self.home, async |store| {
            guest.call_restore(store, snapshot).await
        })
        .await?
        .map_err(failed)?;
        Ok(Session::new(self.home, sandbox, session))
    }

    /// All exports.
    fn sandbox<T: MontyView + 'static>(&self, store: &mut Store<T>) -> Result<Sandbox, Error> {
        check_home(store, self.home)?;
        let sandbox = self
            .exports
            .indices
            .load(store.as_context_mut(), &self.instance);
        sandbox.map_err(|error| Error::sandbox("the interpreter does not link", Some(error)))
    }
}
