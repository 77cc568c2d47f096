//! Code of the embedder around every call that a script makes.

use std::sync::Arc;

use monty_host::{Answer, Call, Reply, async_trait};

/// Code around every call that a script makes of a tool: to log it, to check it,
/// to change it, or to answer it.
///
/// The first that was added is the outermost. It sees calls that the
/// [`Policy`](crate::Policy) allows, with the values of
/// [secrets](crate::Secret) in them.
///
/// ```
/// use monty_code_mode::{Middleware, Next};
/// use monty_host::{Answer, Call, async_trait};
///
/// struct Audit;
///
/// #[async_trait]
/// impl Middleware for Audit {
///     async fn call(&self, call: Call, next: Next) -> Answer {
///         let name = call.name.clone();
///         let answer = next.call(call).await;
///         println!("{name}: {}", if answer.is_ok() { "done" } else { "failed" });
///         answer
///     }
/// }
/// ```
#[async_trait]
pub trait Middleware: Send + Sync {
    /// Answers a call, as a rule with what `next` has for it.
    async fn call(&self, call: Call, next: Next) -> Answer;
}

type Last = Arc<dyn Fn(Call) -> Reply + Send + Sync>;

/// What is behind a [`Middleware`]: others, and the tool at last.
#[derive(Clone)]
pub struct Next {
    chain: Arc<[Arc<dyn Middleware>]>,
    index: usize,
    last: Last,
}

impl std::fmt::Debug for Next {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Next")
            .field("more", &(self.chain.len() - self.index))
            .finish_non_exhaustive()
    }
}

impl Next {
    pub(crate) fn new(
        chain: Arc<[Arc<dyn Middleware>]>,
        last: impl Fn(Call) -> Reply + Send + Sync + 'static,
    ) -> Self {
        Self {
            chain,
            index: 0,
            last: Arc::new(last),
        }
    }

    /// The answer to a call.
    pub async fn call(mut self, call: Call) -> Answer {
        match self.chain.get(self.index).cloned() {
            Some(middleware) => {
                self.index += 1;
                middleware.call(call, self).await
            }
            None => {
                let name = call.name.clone();
                (self.last)(call).answer(&name).await
            }
        }
    }
}
