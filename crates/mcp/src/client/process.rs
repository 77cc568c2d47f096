//! The process of a server: in a group of its own, which ends with it.

use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use monty_code_mode::end_without_secrets;
use process_wrap::tokio::{ChildWrapper, CommandWrap};
use tokio::io::AsyncReadExt;
use tokio::process::{ChildStderr, ChildStdin, ChildStdout};
use tokio::sync::watch;

use super::environment;

/// How long a server may take to end once its standard input has, and how long
/// again once it was asked to.
const PATIENCE: Duration = Duration::from_secs(1);
const GRACE: Duration = Duration::from_secs(2);
/// How much of the end of standard error is kept. If there was more, half of that is told.
const KEPT_ERROR_BYTES: usize = 16 * 1024;
/// How long the rest of standard error is read once the process has ended.
const DRAIN: Duration = Duration::from_millis(100);
/// Between reads of a pipe that is always full.
const PAUSE: Duration = Duration::from_millis(1);

/// What a process is started with.
pub(super) struct Command {
    pub(super) program: String,
    pub(super) args: Vec<String>,
    pub(super) env: BTreeMap<String, String>,
    pub(super) cwd: Option<PathBuf>,
}

/// A process that runs. Dropping it ends the process and what it started.
pub(super) struct Process {
    id: Option<u32>,
    errors: Arc<Mutex<Vec<u8>>>,
    ended: watch::Receiver<Option<Ended>>,
    /// Ends the process when something is sent, or when it is dropped.
    end: watch::Sender<()>,
}

/// How a process ended.
#[derive(Clone, Debug)]
pub(super) struct Ended {
    pub(super) status: Option<ExitStatus>,
    /// Whether a signal from here ended it.
    pub(super) was_killed: bool,
}

/// What MCP is spoken over.
pub(super) type Pipes = (ChildStdout, ChildStdin);

impl Process {
    /// Starts a process. Must be called in a tokio runtime.
    pub(super) fn start(command: Command) -> io::Result<(Self, Pipes)> {
        let Command {
            program,
            args,
            env,
            cwd,
        } = command;
        let mut command = CommandWrap::with_new(program, |command| {
            command
                .args(args)
                .env_clear()
                .envs(environment::inherited())
                .envs(env)
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .stderr(Stdio::piped());
            if let Some(cwd) = cwd {
                command.current_dir(cwd);
            }
        });
        command.wrap(process_wrap::tokio::KillOnDrop);
        #[cfg(unix)]
        command.wrap(process_wrap::tokio::ProcessGroup::leader());
        #[cfg(windows)]
        command.wrap(process_wrap::tokio::JobObject);
        let mut group = Group(command.spawn()?);
        let pipes = group.0.stdout().take().zip(group.0.stdin().take());
        let pipes = pipes.ok_or_else(|| io::Error::other("the pipes are missing"))?;
        let errors = Arc::new(Mutex::new(Vec::new()));
        let (end, told) = watch::channel(());
        let (tell, ended) = watch::channel(None);
        let id = group.0.id();
        let stderr = group.0.stderr().take();
        tokio::spawn(supervise(group, stderr, Arc::clone(&errors), told, tell));
        let process = Self {
            id,
            errors,
            ended,
            end,
        };
        Ok((process, pipes))
    }

    /// Its number, while it runs.
    pub(super) fn id(&self) -> Option<u32> {
        self.id.filter(|_| self.ended.borrow().is_none())
    }

    /// How it ended, if it has.
    pub(super) fn ended(&self) -> Option<Ended> {
        self.ended.borrow().clone()
    }

    /// Waits for its end.
    pub(super) async fn wait(&self) -> Option<Ended> {
        let mut ended = self.ended.clone();
        let ended = ended.wait_for(Option::is_some).await;
        // The supervisor is gone only with its runtime.
        ended.ok().and_then(|ended| ended.clone())
    }

    /// Ends it, without waiting for its end.
    pub(super) fn end(&self) {
        self.end.send_replace(());
    }

    /// The end of what it wrote to standard error, without the secrets of the call.
    pub(super) fn errors(&self) -> String {
        let errors = self.errors.lock().unwrap_or_else(PoisonError::into_inner);
        end_without_secrets(&errors, KEPT_ERROR_BYTES)
    }
}

/// A process and what it started. Dropping it kills all of them.
struct Group(Box<dyn ChildWrapper>);

impl Drop for Group {
    fn drop(&mut self) {
        // Those that are left; there may be none.
        let _ = self.0.start_kill();
    }
}

impl Group {
    /// Asks it to end, and then makes it.
    async fn end(&mut self) -> Ended {
        // Its standard input has been closed or will be: the transport does it.
        if let Ok(status) = tokio::time::timeout(PATIENCE, self.0.wait()).await {
            return Ended {
                status: status.ok(),
                was_killed: false,
            };
        }
        Ended {
            status: self.kill().await,
            was_killed: true,
        }
    }

    async fn kill(&mut self) -> Option<ExitStatus> {
        #[cfg(unix)]
        {
            /// The number on each Unix.
            const SIGTERM: i32 = 15;
            let asked = self.0.signal(SIGTERM);
            if asked.is_ok()
                && let Ok(status) = tokio::time::timeout(GRACE, self.0.wait()).await
            {
                return status.ok();
            }
        }
        self.0.start_kill().ok()?;
        tokio::time::timeout(GRACE, self.0.wait()).await.ok()?.ok()
    }
}

async fn supervise(
    mut group: Group,
    stderr: Option<ChildStderr>,
    errors: Arc<Mutex<Vec<u8>>>,
    mut told: watch::Receiver<()>,
    tell: watch::Sender<Option<Ended>>,
) {
    let mut reader = tokio::spawn(keep_end(stderr, errors));
    let by_itself = tokio::select! {
        status = group.0.wait() => Some(status.ok()),
        _ = told.changed() => None,
    };
    let ended = match by_itself {
        Some(status) => Ended {
            status,
            was_killed: false,
        },
        None => group.end().await,
    };
    // What it started goes with it.
    drop(group);
    if tokio::time::timeout(DRAIN, &mut reader).await.is_err() {
        reader.abort();
    }
    tell.send_replace(Some(ended));
}

/// Keeps the end of what a process writes.
async fn keep_end(stderr: Option<ChildStderr>, errors: Arc<Mutex<Vec<u8>>>) {
    let Some(mut stderr) = stderr else { return };
    let mut buffer = vec![0; KEPT_ERROR_BYTES];
    while let Ok(length @ 1..) = stderr.read(&mut buffer).await {
        let is_full = length == buffer.len();
        {
            let mut errors = errors.lock().unwrap_or_else(PoisonError::into_inner);
            errors.extend_from_slice(buffer.get(..length).unwrap_or_default());
            let surplus = errors.len().saturating_sub(KEPT_ERROR_BYTES);
            errors.drain(..surplus);
        }
        if is_full {
            tokio::time::sleep(PAUSE).await;
        }
    }
}
