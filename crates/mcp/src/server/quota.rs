//! What each client may use.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// What each client may use of a server, all of its connections together.
///
/// A client is a bearer token's principal. Without tokens it is a connection, and where
/// there are no connections (MCP 2026-07-28 over HTTP) all clients are one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Quota {
    /// How many of its scripts run at once. More wait.
    pub concurrent: usize,
    /// How many wait. More are refused.
    pub waiting: usize,
}

impl Default for Quota {
    fn default() -> Self {
        Self {
            concurrent: 8,
            waiting: 1000,
        }
    }
}

impl Quota {
    /// This many scripts at once.
    #[must_use]
    pub fn concurrent(mut self, scripts: usize) -> Self {
        self.concurrent = scripts.max(1);
        self
    }

    /// This many that wait.
    #[must_use]
    pub fn waiting(mut self, scripts: usize) -> Self {
        self.waiting = scripts;
        self
    }
}

/// What the clients use now.
pub(super) struct Quotas {
    quota: Quota,
    clients: Mutex<HashMap<String, Weak<Client>>>,
}

struct Client {
    running: Arc<Semaphore>,
    /// Running and waiting.
    admitted: Arc<Semaphore>,
}

/// A place of a client. It is free again once this is dropped.
pub(super) struct Place {
    _running: OwnedSemaphorePermit,
    _admitted: OwnedSemaphorePermit,
    _client: Arc<Client>,
}

impl Quotas {
    pub(super) fn new(quota: Quota) -> Self {
        Self {
            quota,
            clients: Mutex::default(),
        }
    }

    /// Waits for a place to run a script.
    ///
    /// # Errors
    ///
    /// If too many wait already: a text for the model.
    pub(super) async fn place(&self, client: &str) -> Result<Place, String> {
        let client = self.client(client);
        let admitted = Arc::clone(&client.admitted).try_acquire_owned();
        let Ok(admitted) = admitted else {
            let Quota {
                concurrent,
                waiting,
            } = self.quota;
            return Err(format!(
                "{concurrent} scripts of this client run and {waiting} wait, which is all it may have: try again later"
            ));
        };
        let running = Arc::clone(&client.running).acquire_owned().await;
        let running = running.map_err(|_| "the server is closing".to_owned())?;
        Ok(Place {
            _running: running,
            _admitted: admitted,
            _client: client,
        })
    }

    fn client(&self, name: &str) -> Arc<Client> {
        let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(client) = clients.get(name).and_then(Weak::upgrade) {
            return client;
        }
        clients.retain(|_, client| client.strong_count() > 0);
        let Quota {
            concurrent,
            waiting,
        } = self.quota;
        let admitted = concurrent.saturating_add(waiting);
        let client = Arc::new(Client {
            running: Arc::new(Semaphore::new(concurrent.min(Semaphore::MAX_PERMITS))),
            admitted: Arc::new(Semaphore::new(admitted.min(Semaphore::MAX_PERMITS))),
        });
        clients.insert(name.to_owned(), Arc::downgrade(&client));
        client
    }
}

#[cfg(test)]
mod tests {
    use super::{Quota, Quotas};

    #[tokio::test]
    async fn one_client_does_not_hold_up_another() {
        let quotas = Quotas::new(Quota::default().concurrent(1).waiting(0));
        let place = quotas.place("ada").await;
        assert!(place.is_ok());
        let refused = quotas.place("ada").await.err();
        insta::assert_snapshot!(
            refused.unwrap_or_default(),
            @"1 scripts of this client run and 0 wait, which is all it may have: try again later"
        );
        assert!(quotas.place("bob").await.is_ok());
        drop(place);
        assert!(quotas.place("ada").await.is_ok());
    }
}
