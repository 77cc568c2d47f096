//! Ctrl-C for the running code.

use std::future::{Future, ready};

use monty_host::InterruptHandle;
#[cfg(unix)]
use tokio::signal::unix::{Signal as Signals, SignalKind, signal};
#[cfg(windows)]
use tokio::signal::windows::{CtrlC as Signals, ctrl_c};

/// Once created, Ctrl-C no longer ends the process.
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

    /// Lets Ctrl-C stop the running code.
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

    /// Forgets a Ctrl-C meant for the previous code, which arrived as that
    /// ended.
    async fn forget(&mut self) {
        // The runtime checks for signals when it is otherwise idle.
        tokio::task::yield_now().await;
        tokio::select! {
            biased;
            _ = self.0.recv() => {}
            () = ready(()) => {}
        }
    }
}
