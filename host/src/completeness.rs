//! Whether a source that is typed line by line can be run.

use crate::bindings::exports::monty::sandbox::interpreter;
use crate::context::MontyCtx;
use crate::error::Error;
use crate::interrupt::InterruptHandle;
use crate::monty::Monty;
use crate::os::Random;
use crate::script::block_on;
use crate::state::RunState;

/// Whether more lines could follow a source that is typed line by line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Completeness {
    /// It can be run: it is whole, or wrong in a way that no line mends.
    Complete,
    /// It ends within a bracket, a string or a statement.
    Incomplete,
    /// It ends after the head of a block, such as `def f():`. Once there is a
    /// body it is [`Complete`](Self::Complete), though more of it may follow: a
    /// person ends it with an empty line.
    IncompleteBlock,
}

impl Monty {
    /// Whether a source that is typed line by line can be run.
    ///
    /// ```
    /// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
    /// use monty_host::Completeness;
    ///
    /// let monty = monty_host::Monty::new()?;
    /// assert_eq!(monty.completeness("f(1,").await?, Completeness::Incomplete);
    /// assert_eq!(monty.completeness("f(1, 2)").await?, Completeness::Complete);
    /// # Ok::<_, monty_host::Error>(()) })?;
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If the interpreter fails.
    pub async fn completeness(&self, source: &str) -> Result<Completeness, Error> {
        let _slot = self.slot(&InterruptHandle::new()).await?;
        let mut store = RunState::store(self.engine(), MontyCtx::new(), Random::System, 0);
        let completeness = async {
            let sandbox = self.sandbox().instantiate_async(&mut store).await?;
            sandbox
                .monty_sandbox_interpreter()
                .call_source_completeness(&mut store, source)
                .await
        };
        match completeness.await {
            Ok(completeness) => Ok(completeness.into()),
            Err(error) => Err(store.data().stopped(error)),
        }
    }

    /// The blocking twin of [`completeness`](Self::completeness).
    ///
    /// # Errors
    ///
    /// If the interpreter fails, or this is called from inside an async
    /// function.
    pub fn completeness_blocking(&self, source: &str) -> Result<Completeness, Error> {
        block_on(self.completeness(source))?
    }
}

impl From<interpreter::Completeness> for Completeness {
    fn from(completeness: interpreter::Completeness) -> Self {
        match completeness {
            interpreter::Completeness::Complete => Self::Complete,
            interpreter::Completeness::Incomplete => Self::Incomplete,
            interpreter::Completeness::IncompleteBlock => Self::IncompleteBlock,
        }
    }
}
