//! Scripts that outlast their request, each of its client.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use rmcp::ErrorData;
use rmcp::model::{CallToolResult, DetailedTask, Task};
use rmcp::task_manager::{TaskContext, TaskExit, TaskManager, TaskOptions};

/// How long a task is kept, in milliseconds. A script that waits for approval in it has
/// as long.
const TIME_TO_LIVE: u64 = 60 * 60 * 1000;

/// How often a client is to ask, in milliseconds.
const POLL: u64 = 1000;

#[derive(Default)]
pub(super) struct Tasks {
    manager: TaskManager,
    /// The client of each.
    owners: Mutex<HashMap<String, String>>,
}

impl Tasks {
    fn owners(&self) -> MutexGuard<'_, HashMap<String, String>> {
        self.owners.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn spawn<F>(
        &self,
        client: &str,
        script: impl FnOnce(TaskContext) -> F + Send + 'static,
    ) -> Task
    where
        F: Future<Output = Result<CallToolResult, TaskExit>> + Send + 'static,
    {
        let options = TaskOptions::new()
            .with_ttl_ms(TIME_TO_LIVE)
            .with_poll_interval_ms(POLL);
        let task = self
            .manager
            .spawn(options, |context| Box::pin(script(context)));
        let mut owners = self.owners();
        owners.retain(|id, _| self.manager.get_task(id).is_ok());
        owners.insert(task.task_id.clone(), client.to_owned());
        task
    }

    pub(super) fn get(&self, client: &str, id: &str) -> Result<DetailedTask, ErrorData> {
        self.check(client, id)?;
        self.manager.get_task(id)
    }

    pub(super) fn update(
        &self,
        client: &str,
        id: &str,
        answers: impl IntoIterator<Item = (String, serde_json::Value)>,
    ) -> Result<(), ErrorData> {
        self.check(client, id)?;
        self.manager.update_task(id, answers)
    }

    pub(super) fn cancel(&self, client: &str, id: &str) -> Result<(), ErrorData> {
        self.check(client, id)?;
        self.manager.cancel_task(id)
    }

    /// A task of another client is as one that there is not.
    fn check(&self, client: &str, id: &str) -> Result<(), ErrorData> {
        match self.owners().get(id).is_some_and(|owner| owner == client) {
            true => Ok(()),
            false => Err(ErrorData::invalid_params(
                "there is no such task: it may have expired",
                None,
            )),
        }
    }
}
