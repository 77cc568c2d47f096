//! A session between two snippets: in an instance, in bytes, or gone.

use std::pin::Pin;
use std::sync::Arc;

use tokio::runtime::Handle;
use tokio::sync::{Mutex, MutexGuard};
use wasmtime::Store;

use super::pool::{Idle, Slot};
use super::store::RunState;
use crate::embed::{self, MontyCtx, MontyView};
use crate::error::Error;

/// The reason a session is lost after a snippet that did not end.
pub(super) const CANCELLED: &str = "the session ended with the code that was cancelled in it";

/// A session at rest between two snippets.
pub(super) struct Rest(Mutex<Resting>);

pub(super) enum Resting {
    Live(Box<Live>),
    Parked(Box<Parked>),
    /// The reason it is gone.
    Gone(String),
}

/// A session in bytes.
#[derive(Default)]
pub(super) struct Parked {
    pub(super) context: MontyCtx,
    pub(super) guest: Vec<u8>,
}

/// A session in an instance.
pub(super) struct Live {
    pub(super) store: Store<RunState>,
    pub(super) session: embed::Session,
    pub(super) _slot: Slot,
}

impl Live {
    /// Dumps the session. An inner error leaves it unchanged; after an outer
    /// error it is lost.
    async fn dump(&mut self) -> Result<Result<Vec<u8>, Error>, Error> {
        let dumped = self.session.dump(&mut self.store).await;
        match dumped {
            Err(error) if self.store.data_mut().monty().has_trapped() => Err(error),
            dumped => Ok(dumped),
        }
    }
}

impl Resting {
    /// The reason there is no session to continue.
    pub(super) fn reason(&self) -> &str {
        match self {
            Self::Gone(reason) => reason,
            Self::Live(_) | Self::Parked(_) => CANCELLED,
        }
    }
}

impl Rest {
    pub(super) fn new(resting: Resting) -> Arc<Self> {
        Arc::new(Self(Mutex::new(resting)))
    }

    pub(super) async fn lock(&self) -> MutexGuard<'_, Resting> {
        self.0.lock().await
    }

    /// Dumps the session, which stays unchanged.
    pub(super) async fn dump(&self) -> Result<Vec<u8>, Error> {
        let mut resting = self.lock().await;
        // Gone if the future is dropped, which leaves the instance in the middle.
        match std::mem::replace(&mut *resting, Resting::Gone(CANCELLED.to_owned())) {
            Resting::Live(mut live) => match live.dump().await {
                Ok(dumped) => {
                    *resting = Resting::Live(live);
                    dumped
                }
                Err(error) => {
                    *resting = Resting::Gone(format!("the session ended: {error}"));
                    Err(error)
                }
            },
            Resting::Parked(parked) => {
                let guest = parked.guest.clone();
                *resting = Resting::Parked(parked);
                Ok(guest)
            }
            Resting::Gone(reason) => {
                let error = Error::request(&reason);
                *resting = Resting::Gone(reason);
                Err(error)
            }
        }
    }

    /// Gives up the instance, unless the session is in use.
    pub(super) async fn park_in_task(self: Arc<Self>) {
        let parked = async move { self.park_here().await };
        match Handle::try_current() {
            // In its own task, so that the session does not end with the run
            // that wants its instance.
            Ok(runtime) => drop(runtime.spawn(parked).await),
            Err(_) => parked.await,
        }
    }

    async fn park_here(&self) {
        if let Ok(mut resting) = self.0.try_lock() {
            *resting = match std::mem::replace(&mut *resting, Resting::Gone(CANCELLED.to_owned())) {
                Resting::Live(mut live) => match live.dump().await {
                    Ok(Ok(guest)) => Resting::Parked(Box::new(Parked {
                        context: live.store.into_data().into_context().detached(),
                        guest,
                    })),
                    // It is unchanged, and keeps its instance.
                    Ok(Err(_)) => Resting::Live(live),
                    Err(error) => {
                        Resting::Gone(format!("the session could not be dumped: {error}"))
                    }
                },
                other => other,
            };
        }
    }
}

impl Idle for Rest {
    fn park(self: Arc<Self>) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        Box::pin(self.park_in_task())
    }
}
