//! Short names for tokens, for models that must write them.

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::SystemTime;

use monty_code_mode::approvals::store::{MemoryStore, Store};

/// The tokens of scripts that wait, each under a handle. They are encrypted, and each is
/// bound to its principal: who knows a handle of another has nothing.
pub(super) struct Handles(Arc<dyn Store>);

/// Expired handles that are removed with each that is kept.
const REMOVED_AT_ONCE: usize = 16;

impl Handles {
    pub(super) fn new(store: Option<Arc<dyn Store>>) -> Self {
        Self(store.unwrap_or_else(|| Arc::new(MemoryStore::new())))
    }

    /// Keeps a token, and returns its handle.
    pub(super) async fn keep(&self, token: &str, expires: SystemTime) -> Result<String, String> {
        let mut bytes = [0; 8];
        getrandom::fill(&mut bytes).map_err(|error| error.to_string())?;
        let handle = bytes.iter().fold(String::new(), |mut handle, byte| {
            let _ = write!(handle, "{byte:02x}");
            handle
        });
        let failed = |error| format!("the store of approvals: {error}");
        self.0
            .remove_expired(REMOVED_AT_ONCE)
            .await
            .map_err(failed)?;
        let key = key(&handle);
        let put = self.0.put(&key, token.as_bytes(), expires);
        put.await.map_err(failed)?;
        Ok(handle)
    }

    /// The token of a handle, if there is one and it has not expired.
    pub(super) async fn token(&self, handle: &str) -> Result<Option<String>, String> {
        let is_handle = handle.len() == 16 && handle.bytes().all(|byte| byte.is_ascii_hexdigit());
        if !is_handle {
            return Ok(None);
        }
        let found = self.0.get(&key(handle)).await;
        let found = found.map_err(|error| format!("the store of approvals: {error}"))?;
        Ok(found.and_then(|entry| String::from_utf8(entry.value).ok()))
    }

    /// Forgets a handle that was used.
    pub(super) async fn forget(&self, handle: &str) {
        // One that stays is of a token that is used, and expires.
        let _ = self.0.remove(&key(handle)).await;
    }
}

fn key(handle: &str) -> String {
    format!("handle/{handle}")
}
