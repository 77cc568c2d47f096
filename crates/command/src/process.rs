//! The processes of tools: each in a group of its own, which ends with it.

use std::io;
use std::process::{ExitStatus, Stdio};
use std::sync::{PoisonError, RwLock};
use std::time::Duration;

use monty_code_mode::end_without_secrets;
use monty_host::account::{self, Exceeded, Memory};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::process::{Child, Command};

use crate::key::KEY_VARIABLE;

/// The longest answer that is taken from a tool.
pub const MAX_ANSWER_BYTES: usize = 16 << 20;
/// How much of the end of standard error is shown.
const SHOWN_ERROR_BYTES: usize = 64 << 10;
/// How much of it is kept. If there was more, half of that is not shown.
const KEPT_ERROR_BYTES: usize = 2 * SHOWN_ERROR_BYTES;
/// How long a pipe may give nothing once its tool has ended. What the tool wrote
/// is in the pipe already; somebody else may hold it open.
const DRAIN: Duration = Duration::from_millis(20);

/// How a tool ended.
pub struct Finished {
    pub status: ExitStatus,
    pub stdout: Vec<u8>,
    /// The end of it.
    stderr: Vec<u8>,
    /// What both count in the run.
    _held: [Memory; 2],
}

impl Finished {
    /// The end of what it wrote to standard error, without secrets.
    pub fn shown_errors(&self) -> String {
        let mut errors = end_without_secrets(&self.stderr, KEPT_ERROR_BYTES);
        let surplus = errors.len().saturating_sub(SHOWN_ERROR_BYTES);
        errors.drain(..errors.ceil_char_boundary(surplus));
        errors
    }
}

/// Why a tool did not end by itself.
pub enum Failed {
    Start(io::Error),
    Wait(io::Error),
    /// It answered with more than [`MAX_ANSWER_BYTES`].
    TooLong,
    /// The run may hold no more, and is being stopped.
    Stopped(Exceeded),
}

/// Runs a command in the shell.
///
/// When this returns or is dropped, the command and all that it started is
/// gone, unless it has left the group.
pub async fn run(command: &str, input: &[u8]) -> Result<Finished, Failed> {
    let mut group = Group::start(command).map_err(Failed::Start)?;
    let stdin = group.child.stdin.take();
    let mut stdout = group.child.stdout.take();
    let mut stderr = group.child.stderr.take();
    let write = async move {
        if let Some(mut stdin) = stdin {
            // A command that does not read its arguments is no error.
            let _ = stdin.write_all(input).await;
        }
        Ok(())
    };
    let mut answer = Kept::all_of(MAX_ANSWER_BYTES).map_err(Failed::Stopped)?;
    let mut errors = Kept::end_of(KEPT_ERROR_BYTES).map_err(Failed::Stopped)?;
    let status = {
        let read = async {
            tokio::try_join!(
                answer.read(&mut stdout, None),
                errors.read(&mut stderr, None),
                write,
            )
        };
        tokio::pin!(read);
        let child = &mut group.child;
        tokio::select! {
            status = child.wait() => status,
            read = &mut read => match read {
                Ok(_) => child.wait().await,
                Err(failed) => return Err(failed),
            },
        }
    };
    let status = status.map_err(Failed::Wait)?;
    // What it left in the background does not keep the pipes open.
    drop(group);
    let rest = async {
        tokio::try_join!(
            answer.read(&mut stdout, Some(DRAIN)),
            errors.read(&mut stderr, Some(DRAIN)),
        )
    };
    // Somebody who has left the group may go on writing.
    if let Ok(Err(failed)) = tokio::time::timeout(50 * DRAIN, rest).await {
        return Err(failed);
    }
    Ok(Finished {
        status,
        stdout: answer.bytes,
        stderr: errors.bytes,
        _held: [answer.held, errors.held],
    })
}

/// What is kept of a stream.
struct Kept {
    bytes: Vec<u8>,
    max_bytes: usize,
    /// Whether more than that is an error, or pushes out what came first.
    is_whole: bool,
    held: Memory,
}

impl Kept {
    fn all_of(max_bytes: usize) -> Result<Self, Exceeded> {
        Ok(Self {
            bytes: Vec::new(),
            max_bytes,
            is_whole: true,
            held: account::memory(0)?,
        })
    }

    fn end_of(max_bytes: usize) -> Result<Self, Exceeded> {
        Ok(Self {
            is_whole: false,
            ..Self::all_of(max_bytes)?
        })
    }

    /// Reads to the end, or until nothing comes for so long.
    async fn read(
        &mut self,
        from: &mut Option<impl AsyncRead + Unpin>,
        patience: Option<Duration>,
    ) -> Result<(), Failed> {
        let Some(from) = from else {
            return Ok(());
        };
        let mut buffer = vec![0; 64 << 10];
        loop {
            let read = from.read(&mut buffer);
            let read = match patience {
                None => read.await,
                Some(patience) => match tokio::time::timeout(patience, read).await {
                    Ok(read) => read,
                    Err(_) => return Ok(()),
                },
            };
            // A pipe that cannot be read any more has come to its end.
            let Some(bytes) = read.ok().and_then(|length| buffer.get(..length)) else {
                return Ok(());
            };
            if bytes.is_empty() {
                return Ok(());
            }
            if self.is_whole || self.bytes.len() < self.max_bytes {
                let counted = self.held.grow(bytes.len() as u64);
                counted.map_err(Failed::Stopped)?;
            }
            self.bytes.extend_from_slice(bytes);
            if let Some(surplus @ 1..) = self.bytes.len().checked_sub(self.max_bytes) {
                if self.is_whole {
                    return Err(Failed::TooLong);
                }
                self.bytes.drain(..surplus);
            }
        }
    }
}

/// The variables of this process that tools do not get.
static HIDDEN: RwLock<Vec<String>> = RwLock::new(Vec::new());

/// Hides variables from the tools that start from now on, such as those with keys.
pub fn hide_variables(names: Vec<String>) {
    HIDDEN
        .write()
        .unwrap_or_else(PoisonError::into_inner)
        .extend(names);
}

/// A tool and what it started. Dropping it ends all of them.
struct Group {
    child: Child,
    #[cfg(unix)]
    id: Option<rustix::process::Pid>,
}

impl Group {
    fn start(command: &str) -> io::Result<Self> {
        let mut shell = Command::new("sh");
        shell
            .arg("-c")
            .arg(format!("{IN_BACKGROUND}{command}"))
            // Whoever has the key can make snapshots, which hold code.
            .env_remove(KEY_VARIABLE)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        for name in HIDDEN.read().unwrap_or_else(PoisonError::into_inner).iter() {
            shell.env_remove(name);
        }
        #[cfg(unix)]
        return unix::start(shell.process_group(0));
        #[cfg(not(unix))]
        return Ok(Self {
            child: shell.spawn()?,
        });
    }
}

/// In a group of its own, a tool that reads from the terminal or changes its
/// settings would be stopped without a word. So it fails, or goes on.
#[cfg(unix)]
const IN_BACKGROUND: &str = "trap '' TTIN TTOU; ";
#[cfg(not(unix))]
const IN_BACKGROUND: &str = "";

#[cfg(unix)]
pub use unix::{end_all, end_with_signals};

/// Dropping what runs them ends them.
#[cfg(not(unix))]
pub fn end_all() {}

/// Signals end the process and what it started without help from here.
#[cfg(not(unix))]
pub fn end_with_signals(_and_ctrl_c: bool) -> io::Result<()> {
    Ok(())
}

#[cfg(unix)]
mod unix {
    use std::collections::HashSet;
    use std::io;
    use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};

    use rustix::process::{Pid, Signal, kill_process_group};
    use tokio::process::Command;
    use tokio::signal::unix::{SignalKind, signal};

    use super::Group;

    /// The groups that run. A terminal's Ctrl-C does not reach them.
    static GROUPS: LazyLock<Mutex<HashSet<Pid>>> = LazyLock::new(Mutex::default);

    fn groups() -> MutexGuard<'static, HashSet<Pid>> {
        GROUPS.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn start(command: &mut Command) -> io::Result<Group> {
        // Held from before there is a group, so that a signal finds it.
        let mut groups = groups();
        let child = command.spawn()?;
        let id = child.id().and_then(|id| Pid::from_raw(id.cast_signed()));
        groups.extend(id);
        Ok(Group { child, id })
    }

    impl Drop for Group {
        fn drop(&mut self) {
            if let Some(id) = self.id {
                let mut groups = groups();
                end(id);
                groups.remove(&id);
            }
        }
    }

    fn end(group: Pid) {
        // It may have ended by itself.
        let _ = kill_process_group(group, Signal::KILL);
    }

    /// Ends the tools, and lets none start any more: this process is about to end.
    pub fn end_all() {
        let groups = groups();
        groups.iter().copied().for_each(end);
        std::mem::forget(groups);
    }

    /// From now on, what asks this process to end also ends the tools.
    pub fn end_with_signals(and_ctrl_c: bool) -> io::Result<()> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_io()
            .build()?;
        let entered = runtime.enter();
        let mut terminate = signal(SignalKind::terminate())?;
        let mut hang_up = signal(SignalKind::hangup())?;
        let mut quit = signal(SignalKind::quit())?;
        let mut user = signal(SignalKind::user_defined1())?;
        let mut other_user = signal(SignalKind::user_defined2())?;
        let mut interrupt = and_ctrl_c
            .then(|| signal(SignalKind::interrupt()))
            .transpose()?;
        drop(entered);
        // On a thread of its own, because the other one computes and writes.
        std::thread::Builder::new()
            .name("signals".to_owned())
            .spawn(move || {
                let kind = runtime.block_on(async {
                    let interrupted = async {
                        match &mut interrupt {
                            Some(interrupt) => interrupt.recv().await,
                            None => std::future::pending().await,
                        }
                    };
                    tokio::select! {
                        _ = terminate.recv() => SignalKind::terminate(),
                        _ = hang_up.recv() => SignalKind::hangup(),
                        _ = quit.recv() => SignalKind::quit(),
                        _ = user.recv() => SignalKind::user_defined1(),
                        _ = other_user.recv() => SignalKind::user_defined2(),
                        _ = interrupted => SignalKind::interrupt(),
                    }
                });
                // Held to the end, so that no group starts any more.
                let groups = groups();
                groups.iter().copied().for_each(end);
                // As a shell says it.
                std::process::exit(128 + kind.as_raw_value());
            })
            .map(drop)
    }
}
