//! A store in memory.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use monty_host::async_trait;

use super::{Entry, Store, StoreError, Version, check_key, to_millis};

/// A store in the memory of one process, for tests and for programs that may
/// lose what waits when they end.
#[derive(Debug, Default)]
pub struct MemoryStore {
    content: Mutex<Content>,
}

#[derive(Debug, Default)]
struct Content {
    claims: Expiring<()>,
    entries: Expiring<Entry>,
}

/// Values by key, and keys by expiry.
#[derive(Debug)]
struct Expiring<V> {
    values: HashMap<String, (V, u64)>,
    by_expiry: BTreeSet<(u64, String)>,
}

impl<V> Default for Expiring<V> {
    fn default() -> Self {
        Self {
            values: HashMap::new(),
            by_expiry: BTreeSet::new(),
        }
    }
}

impl<V> Expiring<V> {
    fn insert(&mut self, key: &str, value: V, expires: u64) {
        self.remove(key);
        self.by_expiry.insert((expires, key.to_owned()));
        self.values.insert(key.to_owned(), (value, expires));
    }

    fn remove(&mut self, key: &str) {
        if let Some((_, expires)) = self.values.remove(key) {
            self.by_expiry.remove(&(expires, key.to_owned()));
        }
    }

    fn get(&self, key: &str, now: u64) -> Option<&V> {
        let (value, expires) = self.values.get(key)?;
        (*expires > now).then_some(value)
    }

    fn remove_expired(&mut self, now: u64, limit: usize) -> usize {
        let mut removed = 0;
        while removed < limit
            && let Some((expires, _)) = self.by_expiry.first()
            && *expires <= now
            && let Some((_, key)) = self.by_expiry.pop_first()
        {
            self.values.remove(&key);
            removed += 1;
        }
        removed
    }
}

impl MemoryStore {
    /// An empty store.
    pub fn new() -> Self {
        Self::default()
    }

    /// No operation leaves it half changed: it is sound after a panic too.
    fn lock(&self) -> MutexGuard<'_, Content> {
        self.content.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn now() -> u64 {
    to_millis(SystemTime::now())
}

#[async_trait]
impl Store for MemoryStore {
    async fn claim(&self, key: &str, expires: SystemTime) -> Result<bool, StoreError> {
        check_key(key)?;
        let expires = to_millis(expires);
        let mut content = self.lock();
        if expires <= now() || content.claims.values.contains_key(key) {
            return Ok(false);
        }
        content.claims.insert(key, (), expires);
        Ok(true)
    }

    async fn is_claimed(&self, key: &str) -> Result<bool, StoreError> {
        check_key(key)?;
        Ok(self.lock().claims.values.contains_key(key))
    }

    async fn put(
        &self,
        key: &str,
        value: &[u8],
        expires: SystemTime,
    ) -> Result<Version, StoreError> {
        check_key(key)?;
        let version = Version::generate()?;
        let entry = Entry::new(value.to_vec(), version);
        self.lock().entries.insert(key, entry, to_millis(expires));
        Ok(version)
    }

    async fn get(&self, key: &str) -> Result<Option<Entry>, StoreError> {
        check_key(key)?;
        Ok(self.lock().entries.get(key, now()).cloned())
    }

    async fn replace(
        &self,
        key: &str,
        expected: Option<Version>,
        value: &[u8],
        expires: SystemTime,
    ) -> Result<Option<Version>, StoreError> {
        check_key(key)?;
        let version = Version::generate()?;
        let entry = Entry::new(value.to_vec(), version);
        let mut content = self.lock();
        let current = content.entries.get(key, now()).map(|entry| entry.version);
        if current != expected {
            return Ok(None);
        }
        content.entries.insert(key, entry, to_millis(expires));
        Ok(Some(version))
    }

    async fn remove(&self, key: &str) -> Result<(), StoreError> {
        check_key(key)?;
        self.lock().entries.remove(key);
        Ok(())
    }

    async fn remove_expired(&self, limit: usize) -> Result<usize, StoreError> {
        let now = now();
        let mut content = self.lock();
        let claims = content.claims.remove_expired(now, limit);
        Ok(claims + content.entries.remove_expired(now, limit))
    }
}
