//! Ctrl-C for the code that runs.

use std::future::{Future, ready};

use monty_host::InterruptHandle;
#[cfg(unix)]
use tokio::signal::unix::{Signal as Signals, SignalKind, signal};
#[cfg(windows)]
use tokio::signal::windows::{CtrlC as Signals, ctrl_c};

/// From when there is one, Ctrl-C no longer ends the process.
pub struct CtrlC(Signals);

impl CtrlC {
    #[cfg(unix)]
    pub fn listen() -> std::io::Result<Self> {
        signal(SignalKind::interrupt()).map(Self)
    }

    #[cfg(windows)]
    pub fn listen() -> std::io::Result<Self> {
        ctrl_c().map(Self)
    }

    /// Lets Ctrl-C stop what runs.
    pub async fn stops<T>(&mut self, run: impl Future<Output = T>, handle: &InterruptHandle) -> T {
        self.forget().await;
        tokio::pin!(run);
        loop {
            tokio::select! {
                result = &mut run => return result,
                Some(()) = self.0.recv() => handle.interrupt(),
            }
        }
    }

    /// Forgets a Ctrl-C that was meant for what ran before, and came as that
    /// ended.
    async fn forget(&mut self) {
        // The runtime looks for signals when nothing else is to be done.
        tokio::task::yield_now().await;
        tokio::select! {
            biased;
            _ = self.0.recv() => {}
            () = ready(()) => {}
        }
    }
}
