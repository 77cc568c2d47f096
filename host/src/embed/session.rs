//! A session in a store.

use std::sync::Arc;

use wasmtime::Store;
use wasmtime::component::{Instance, ResourceAny};

use super::bindings::exports::monty::sandbox::interpreter as wit;
use super::call::{Ended, ask, call};
use super::context::{ContextId, MontyView};
use super::exports::Exports;
use super::inputs::{Arguments, Inputs};
use super::lower;
use super::outcome::{Budget, Outcome, failed};
use crate::answers::Answers;
use crate::error::Error;
use crate::host::SharedPrint;
use crate::limits::Limits;
use crate::print::Print;
use crate::statistics::Statistics;

/// Options of one snippet. Unset options are the session's.
#[derive(Clone, Default)]
pub struct FeedOptions {
    /// In a box: options are moved with each snippet, and few have limits.
    limits: Option<Box<Limits>>,
    line_buffered: Option<bool>,
    print: Option<SharedPrint>,
}

impl std::fmt::Debug for FeedOptions {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("FeedOptions")
            .field("limits", &self.limits)
            .field("line_buffered", &self.line_buffered)
            .finish_non_exhaustive()
    }
}

impl FeedOptions {
    /// The session's options.
    pub fn new() -> Self {
        Self::default()
    }

    /// What the snippet may use up.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = Some(Box::new(limits));
        self
    }

    /// Whether to flush prints at each newline.
    #[must_use]
    pub fn line_buffered(mut self, line_buffered: bool) -> Self {
        self.line_buffered = Some(line_buffered);
        self
    }

    /// A sink for the snippet's prints.
    #[must_use]
    pub fn print(mut self, print: impl Print + 'static) -> Self {
        self.print = Some(SharedPrint::new(print));
        self
    }

    fn lower(&self, inputs: Option<wit::Inputs>) -> wit::FeedOptions {
        wit::FeedOptions {
            inputs,
            limits: self.limits.as_deref().map(lower::limits),
            line_buffered: self.line_buffered,
            extensions: None,
        }
    }
}

/// A session of an [`Interpreter`](super::Interpreter), which keeps its names
/// from one snippet to the next. Its methods take the store of the instance.
pub struct Session {
    home: ContextId,
    instance: Instance,
    exports: Arc<Exports>,
    session: ResourceAny,
}

impl std::fmt::Debug for Session {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Session").finish_non_exhaustive()
    }
}

impl Session {
    pub(super) fn new(
        home: ContextId,
        instance: Instance,
        exports: Arc<Exports>,
        session: ResourceAny,
    ) -> Self {
        Self {
            home,
            instance,
            exports,
            session,
        }
    }

    /// Runs a snippet. The names it defined stay, even if it fails.
    ///
    /// # Errors
    ///
    /// If it has no result; [`Error::kind`] says why.
    pub async fn feed<T: MontyView + 'static>(
        &self,
        store: &mut Store<T>,
        source: &str,
        inputs: Inputs,
        options: FeedOptions,
    ) -> Result<Outcome, Error> {
        let lowered = options.lower(inputs.finish()?);
        self.snippet(store, options, &Statistics::default(), async |store| {
            let feed = self.exports.feed.of(&mut *store, &self.instance)?;
            let (ended,) = feed
                .call_async(store, (self.session, source, &lowered))
                .await?;
            Ok(ended)
        })
        .await
    }

    /// Calls a function that the session defined.
    ///
    /// # Errors
    ///
    /// If it has no result; [`Error::kind`] says why.
    pub async fn call<T: MontyView + 'static>(
        &self,
        store: &mut Store<T>,
        function: &str,
        arguments: Arguments,
        options: FeedOptions,
    ) -> Result<Outcome, Error> {
        let lowered = options.lower(None);
        let function = arguments.finish(function)?;
        self.snippet(store, options, &Statistics::default(), async |store| {
            let call = self.exports.call.of(&mut *store, &self.instance)?;
            let (ended,) = call
                .call_async(store, (self.session, &function, &lowered))
                .await?;
            Ok(ended)
        })
        .await
    }

    /// Resumes the suspended snippet. The budget holds its usage so far, and
    /// its limits. Of the options, only `print` is used.
    ///
    /// # Errors
    ///
    /// If it has no result, or the answers do not match the waiting calls.
    pub async fn resume<T: MontyView + 'static>(
        &self,
        store: &mut Store<T>,
        answers: Answers,
        budget: &Budget,
        mut options: FeedOptions,
    ) -> Result<Outcome, Error> {
        options.limits = Some(Box::new(budget.limits.clone()));
        let answers = answers.into_message();
        self.snippet(store, options, &budget.used, async |store| {
            let resume = self
                .exports
                .resume_session
                .of(&mut *store, &self.instance)?;
            let (ended,) = resume.call_async(store, (self.session, &answers)).await?;
            Ok(ended)
        })
        .await
    }

    /// Abandons the suspended snippet. The names it defined stay.
    ///
    /// # Errors
    ///
    /// If the interpreter fails.
    pub async fn abandon<T: MontyView + 'static>(&self, store: &mut Store<T>) -> Result<(), Error> {
        ask(store, self.home, async |store| {
            let abandon = self.exports.abandon.of(&mut *store, &self.instance)?;
            abandon.call_async(store, (self.session,)).await
        })
        .await
    }

    /// The names of the functions that the session defined. Empty while it is
    /// suspended.
    ///
    /// # Errors
    ///
    /// If the interpreter fails.
    pub async fn functions<T: MontyView + 'static>(
        &self,
        store: &mut Store<T>,
    ) -> Result<Vec<String>, Error> {
        self.unmetered(store, async |store| {
            let function = self.exports.functions.of(&mut *store, &self.instance)?;
            let (functions,) = function.call_async(store, (self.session,)).await?;
            Ok(functions)
        })
        .await
    }

    /// A snapshot of the session, idle or suspended. The session is unchanged.
    /// The bytes are neither signed nor encrypted; outside the process, use
    /// [`Snapshot`](crate::Snapshot).
    ///
    /// # Errors
    ///
    /// If the interpreter fails.
    pub async fn dump<T: MontyView + 'static>(
        &self,
        store: &mut Store<T>,
    ) -> Result<Vec<u8>, Error> {
        self.unmetered(store, async |store| {
            let dump = self.exports.dump.of(&mut *store, &self.instance)?;
            let (dumped,) = dump.call_async(store, (self.session,)).await?;
            Ok(dumped)
        })
        .await?
        .map_err(failed)
    }

    /// Drops the session. Its instance can open others.
    ///
    /// # Errors
    ///
    /// If the interpreter fails.
    pub async fn close<T: MontyView + 'static>(self, store: &mut Store<T>) -> Result<(), Error> {
        ask(store, self.home, async |store| {
            self.session.resource_drop_async(store).await
        })
        .await
    }

    /// Asks for what is neither a message of the script nor takes its time: both
    /// are bounded by its memory.
    async fn unmetered<T: MontyView + 'static, R>(
        &self,
        store: &mut Store<T>,
        call: impl AsyncFnOnce(&mut Store<T>) -> wasmtime::Result<R>,
    ) -> Result<R, Error> {
        let context = store.data_mut().monty();
        let mut limits = context.limits.clone();
        limits.duration = None;
        limits.message_bytes = limits.linear_memory_bytes();
        let before = std::mem::replace(&mut context.limits, limits);
        let answer = ask(store, self.home, call).await;
        store.data_mut().monty().limits = before;
        answer
    }

    /// Runs a snippet with its own options.
    async fn snippet<T: MontyView + 'static>(
        &self,
        store: &mut Store<T>,
        options: FeedOptions,
        before: &Statistics,
        run: impl AsyncFnOnce(&mut Store<T>) -> wasmtime::Result<Ended>,
    ) -> Result<Outcome, Error> {
        let context = store.data_mut().monty();
        let limits = options
            .limits
            .map(|limits| std::mem::replace(&mut context.limits, *limits));
        let print = options.print.map(|print| context.print.replace(print));
        let outcome = call(store, self.home, before, run).await;
        let context = store.data_mut().monty();
        context.pending.cancel();
        if let Some(limits) = limits {
            context.limits = limits;
        }
        if let Some(print) = print {
            context.print = print;
        }
        if std::mem::take(&mut context.left_suspended) {
            // It waits for answers that nobody will give.
            self.abandon(store).await?;
        }
        outcome
    }
}
