//! A store that fails, written as an embedder would write one.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::SystemTime;

use monty_code_mode::approvals::store::{Entry, MemoryStore, Store, StoreError, Version};
use monty_code_mode::approvals::{ApprovalErrorKind, Approvals};
use monty_host::async_trait;

use crate::{ada, calls, key, noise, now, open, seal, show};

/// Fails while it is down. Removing an entry never works.
#[derive(Default)]
struct Unreliable {
    store: MemoryStore,
    is_down: AtomicBool,
}

impl Unreliable {
    fn check(&self) -> Result<(), StoreError> {
        if self.is_down.load(Ordering::Relaxed) {
            let cause = std::io::Error::other("the disk is full");
            return Err(StoreError::from_error("cannot write", cause));
        }
        Ok(())
    }
}

#[async_trait]
impl Store for Unreliable {
    async fn claim(&self, key: &str, expires: SystemTime) -> Result<bool, StoreError> {
        self.check()?;
        self.store.claim(key, expires).await
    }

    async fn is_claimed(&self, key: &str) -> Result<bool, StoreError> {
        self.check()?;
        self.store.is_claimed(key).await
    }

    async fn put(
        &self,
        key: &str,
        value: &[u8],
        expires: SystemTime,
    ) -> Result<Version, StoreError> {
        self.check()?;
        self.store.put(key, value, expires).await
    }

    async fn get(&self, key: &str) -> Result<Option<Entry>, StoreError> {
        // Reading works: the claim is what fails.
        self.store.get(key).await
    }

    async fn replace(
        &self,
        key: &str,
        expected: Option<Version>,
        value: &[u8],
        expires: SystemTime,
    ) -> Result<Option<Version>, StoreError> {
        self.check()?;
        self.store.replace(key, expected, value, expires).await
    }

    async fn remove(&self, _key: &str) -> Result<(), StoreError> {
        Err(StoreError::new("nothing can be removed"))
    }

    async fn remove_expired(&self, limit: usize) -> Result<usize, StoreError> {
        self.store.remove_expired(limit).await
    }
}

#[tokio::test]
async fn a_store_that_fails_is_neither_a_rejection_nor_the_end_of_a_token() {
    let store = Arc::new(Unreliable::default());
    let approvals = Approvals::new(key(1)).store(store.clone());
    for payload in [noise(100), noise(100_000)] {
        let sealed = seal(&approvals, &payload).await;
        let token = sealed.token.as_str();
        store.is_down.store(true, Ordering::Relaxed);
        let errors = [
            approvals.inspect(token, &ada(), now()).await.unwrap_err(),
            open(&approvals, token).await.unwrap_err(),
            approvals
                .seal(&ada(), &calls(), &noise(100_000), now())
                .await
                .unwrap_err(),
        ];
        for error in &errors {
            assert_eq!(error.kind(), ApprovalErrorKind::Store);
            assert!(!error.is_rejection());
        }
        insta::allow_duplicates! {
            insta::assert_snapshot!(show(errors), @r"
            Store: the store of approvals failed: cannot write: the disk is full
            Store: the store of approvals failed: cannot write: the disk is full
            Store: the store of approvals failed: cannot write: the disk is full
            ");
        }
        store.is_down.store(false, Ordering::Relaxed);
        // Once it is claimed, nothing else stands in the way.
        assert_eq!(open(&approvals, token).await.unwrap().payload, payload);
        assert!(open(&approvals, token).await.unwrap_err().is_used());
    }
}
