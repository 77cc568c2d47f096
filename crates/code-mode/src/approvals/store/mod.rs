//! What replicas share: which tokens were used, what is too large for a token,
//! and parked sessions.

mod memory;
#[cfg(feature = "postgres")]
mod postgres;
#[cfg(feature = "redb")]
mod redb;

use std::error::Error;
use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use monty_host::async_trait;

pub use self::memory::MemoryStore;
#[cfg(feature = "postgres")]
#[cfg_attr(docsrs, doc(cfg(feature = "postgres")))]
pub use self::postgres::PostgresStore;
#[cfg(feature = "redb")]
#[cfg_attr(docsrs, doc(cfg(feature = "redb")))]
pub use self::redb::RedbStore;

/// Keys are at most this long, in bytes.
pub const MAX_KEY_BYTES: usize = 255;

/// What replicas share.
///
/// Claims and entries have keys of their own: a claim and an entry of one key
/// have nothing to do with each other. Every operation is atomic over all that
/// use the store, and durable when it returns, as far as the store is. Expiry is by the
/// store's clock. An operation that fails may still have taken effect.
///
/// Values are as the caller wrote them: what nobody else is to read is
/// [encrypted](super::Keys::seal) before.
#[async_trait]
pub trait Store: Send + Sync {
    /// Claims a key, which succeeds once. A claim whose expiry is over fails:
    /// it may have succeeded before, and been removed.
    async fn claim(&self, key: &str, expires: SystemTime) -> Result<bool, StoreError>;

    /// Whether a key was claimed and the claim is still there.
    async fn is_claimed(&self, key: &str) -> Result<bool, StoreError>;

    /// Writes an entry, whatever was there before.
    async fn put(
        &self,
        key: &str,
        value: &[u8],
        expires: SystemTime,
    ) -> Result<Version, StoreError>;

    /// The entry of a key, unless there is none or it expired.
    async fn get(&self, key: &str) -> Result<Option<Entry>, StoreError>;

    /// Writes an entry if the one that is there is still of the version that the
    /// caller read; for `None`, if there is none or it expired. Of several
    /// that expect the same, one succeeds, and the others get `None`.
    async fn replace(
        &self,
        key: &str,
        expected: Option<Version>,
        value: &[u8],
        expires: SystemTime,
    ) -> Result<Option<Version>, StoreError>;

    /// Removes the entry of a key, if there is one.
    async fn remove(&self, key: &str) -> Result<(), StoreError>;

    /// Removes expired claims and entries, at most `limit` of each, and returns
    /// how many it removed.
    ///
    /// [`Approvals`](super::Approvals) calls it for each claim and entry that it adds. A program
    /// that writes entries itself calls it now and then.
    async fn remove_expired(&self, limit: usize) -> Result<usize, StoreError>;
}

/// A value in a [`Store`].
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Entry {
    /// The value.
    pub value: Vec<u8>,
    /// Changes with each write.
    pub version: Version,
}

impl Entry {
    /// An entry, for an implementation of [`Store`].
    pub fn new(value: Vec<u8>, version: Version) -> Self {
        Self { value, version }
    }
}

impl fmt::Debug for Entry {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Entry")
            .field("bytes", &self.value.len())
            .field("version", &self.version)
            .finish()
    }
}

/// The version of an entry: 64 random bits. An entry that was removed and
/// written again has another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Version(u64);

impl Version {
    /// A version that no entry has.
    ///
    /// # Errors
    ///
    /// If the operating system has no random numbers.
    pub fn generate() -> Result<Self, StoreError> {
        getrandom::u64().map(Self).map_err(|error| {
            StoreError::new(format_args!(
                "the operating system has no random numbers: {error}"
            ))
        })
    }

    /// A version as [`to_bits`](Self::to_bits) gave it.
    pub fn from_bits(bits: u64) -> Self {
        Self(bits)
    }

    /// The bits, for an implementation of [`Store`].
    pub fn to_bits(self) -> u64 {
        self.0
    }
}

/// Why a [`Store`] failed, in words with all causes.
pub struct StoreError(String);

impl StoreError {
    /// A failure in words.
    pub fn new(message: impl fmt::Display) -> Self {
        Self(message.to_string())
    }

    /// A failure of what the store is built on: what was tried, and the error
    /// with its causes.
    pub fn from_error(
        tried: impl fmt::Display,
        error: impl Into<Box<dyn Error + Send + Sync>>,
    ) -> Self {
        let error = error.into();
        let mut message = format!("{tried}: {error}");
        let mut cause = error.source();
        while let Some(error) = cause {
            let text = error.to_string();
            // Many errors have the text of their cause in their own.
            if !message.ends_with(&text) {
                message.push_str(": ");
                message.push_str(&text);
            }
            cause = error.source();
        }
        Self(message)
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl fmt::Debug for StoreError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "StoreError({:?})", self.0)
    }
}

impl Error for StoreError {}

/// Rejects keys that not every store takes.
fn check_key(key: &str) -> Result<(), StoreError> {
    if key.is_empty() || key.len() > MAX_KEY_BYTES || key.contains('\0') {
        return Err(StoreError::new(format_args!(
            "a key has 1 to {MAX_KEY_BYTES} bytes and no NUL, not {} bytes: {:?}",
            key.len(),
            key.chars().take(32).collect::<String>()
        )));
    }
    Ok(())
}

/// The end of the year 9999, which every store can write.
const LAST_EXPIRY: Duration = Duration::from_secs(253_402_300_799);

/// An expiry in milliseconds since 1970. What is before is expired then, too.
fn to_millis(time: SystemTime) -> u64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.min(LAST_EXPIRY).as_millis()).unwrap_or(u64::MAX)
}
