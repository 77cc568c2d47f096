//! The component in a store, and its exports.

use std::sync::Arc;

use monty_value::graph::GraphCaps;
use wasmtime::Store;
use wasmtime::component::{Component, Instance, InstancePre, Linker, ResourceAny};

use super::bindings::exports::monty::sandbox::interpreter as wit;
use super::call::{ask, call};
use super::context::{ContextId, MontyView};
use super::exports::Exports;
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
    instance: InstancePre<T>,
    exports: Arc<Exports>,
}

impl<T: 'static> Clone for InterpreterPre<T> {
    fn clone(&self) -> Self {
        Self {
            instance: self.instance.clone(),
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

impl<T: MontyView + 'static> InterpreterPre<T> {
    /// Links a component of the world `sandbox`, such as
    /// the embedded one.
    ///
    /// # Errors
    ///
    /// If it has an import that the linker lacks, or lacks an export of the
    /// world.
    pub fn new(linker: &Linker<T>, component: &Component) -> wasmtime::Result<Self> {
        Ok(Self {
            instance: linker.instantiate_pre(component)?,
            exports: Arc::new(Exports::find(component)?),
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
        let home = store.data_mut().monty().id();
        let instance = ask(store, home, async |store| {
            self.instance.instantiate_async(store).await
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
            let run = self.exports.run.of(&mut *store, &self.instance)?;
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
            let resume = self.exports.resume.of(&mut *store, &self.instance)?;
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
        ask(store, self.home, async |store| {
            let function = self
                .exports
                .suspended_calls
                .of(&mut *store, &self.instance)?;
            let (calls,) = function.call_async(store, (snapshot,)).await?;
            Ok(calls)
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
        let features = ask(store, self.home, async |store| {
            let function = self.exports.capabilities.of(&mut *store, &self.instance)?;
            let (features,) = function.call_async(store, ()).await?;
            Ok(features)
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
        let completeness = ask(store, self.home, async |store| {
            let exports = &self.exports;
            let function = exports
                .source_completeness
                .of(&mut *store, &self.instance)?;
            let (completeness,) = function.call_async(store, (source,)).await?;
            Ok(completeness)
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
        let session = ask(store, self.home, async |store| {
            let function = self
                .exports
                .create_session
                .of(&mut *store, &self.instance)?;
            let (session,) = function.call_async(store, (&options,)).await?;
            Ok(session)
        })
        .await?
        .map_err(failed)?;
        Ok(self.session(session))
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
        let session = ask(store, self.home, async |store| {
            let function = self
                .exports
                .restore_session
                .of(&mut *store, &self.instance)?;
            let (session,) = function.call_async(store, (snapshot,)).await?;
            Ok(session)
        })
        .await?
        .map_err(failed)?;
        Ok(self.session(session))
    }

    fn session(&self, session: ResourceAny) -> Session {
        Session::new(self.home, self.instance, Arc::clone(&self.exports), session)
    }
}
