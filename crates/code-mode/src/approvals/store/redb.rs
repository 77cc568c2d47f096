//! A store in a file.

use std::error::Error;
use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::time::SystemTime;

use monty_host::async_trait;
use redb::{
    Database, DatabaseError, ReadableDatabase, ReadableTable, TableDefinition, WriteTransaction,
};

use super::{Entry, Store, StoreError, Version, check_key, to_millis};

/// Expiry.
const CLAIMS: TableDefinition<&str, u64> = TableDefinition::new("claims");
const CLAIMS_BY_EXPIRY: TableDefinition<(u64, &str), ()> = TableDefinition::new("claims by expiry");
/// Version, expiry and value.
const ENTRIES: TableDefinition<&str, (u64, u64, &[u8])> = TableDefinition::new("entries");
const ENTRIES_BY_EXPIRY: TableDefinition<(u64, &str), ()> =
    TableDefinition::new("entries by expiry");
const META: TableDefinition<&str, u64> = TableDefinition::new("meta");

/// The version of the tables above.
const LAYOUT: u64 = 1;

/// A store in a file of the embedded database [redb], for one process at a
/// time. Each write is on disk when it returns.
///
/// Operations run on tokio's threads for blocking work, or right where they
/// are called if there is no runtime.
///
/// [redb]: https://docs.rs/redb
#[derive(Clone)]
pub struct RedbStore {
    database: Arc<Database>,
}

type BoxError = Box<dyn Error + Send + Sync>;

impl RedbStore {
    /// Opens the file, or creates it. It blocks: on a damaged file, for as long as its
    /// repair takes.
    ///
    /// # Errors
    ///
    /// If the file cannot be opened, is open in another process, or was
    /// written by another version of this crate.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, StoreError> {
        let path = path.as_ref();
        let file = path.display();
        let database = Database::create(path).map_err(|error| match error {
            DatabaseError::DatabaseAlreadyOpen => StoreError::new(format_args!(
                "the store {file} is open in another process: use PostgresStore for several"
            )),
            error => StoreError::from_error(format_args!("cannot open the store {file}"), error),
        })?;
        let found = create_tables(&database).map_err(|error| {
            StoreError::from_error(format_args!("cannot prepare the store {file}"), error)
        })?;
        if found != LAYOUT {
            return Err(StoreError::new(format_args!(
                "the store {file} has layout {found}, and this version of monty-code-mode reads {LAYOUT}: use that version, or another file"
            )));
        }
        Ok(Self {
            database: Arc::new(database),
        })
    }

    async fn run<T: Send + 'static>(
        &self,
        doing: &'static str,
        work: impl FnOnce(&Database) -> Result<T, BoxError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let result = match tokio::runtime::Handle::try_current() {
            Ok(runtime) => {
                let database = Arc::clone(&self.database);
                let work = runtime.spawn_blocking(move || work(&database));
                work.await.unwrap_or_else(|error| Err(error.into()))
            }
            Err(_) => work(&self.database),
        };
        result.map_err(|error| StoreError::from_error(doing, error))
    }

    async fn write<T: Send + 'static>(
        &self,
        doing: &'static str,
        work: impl FnOnce(&WriteTransaction) -> Result<T, BoxError> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.run(doing, |database| {
            let transaction = database.begin_write()?;
            let result = work(&transaction)?;
            transaction.commit()?;
            Ok(result)
        })
        .await
    }
}

/// The layout of the file, which is the current one if the file is new.
fn create_tables(database: &Database) -> Result<u64, BoxError> {
    let transaction = database.begin_write()?;
    let layout = {
        let mut meta = transaction.open_table(META)?;
        let found = meta.get("layout")?.map(|layout| layout.value());
        if found.is_none() {
            meta.insert("layout", LAYOUT)?;
        }
        found.unwrap_or(LAYOUT)
    };
    if layout == LAYOUT {
        // A reader takes a table that was never opened for writing for an error.
        transaction.open_table(CLAIMS)?;
        transaction.open_table(CLAIMS_BY_EXPIRY)?;
        transaction.open_table(ENTRIES)?;
        transaction.open_table(ENTRIES_BY_EXPIRY)?;
    }
    transaction.commit()?;
    Ok(layout)
}

fn now() -> u64 {
    to_millis(SystemTime::now())
}

/// The version and the expiry of an entry.
fn find(transaction: &WriteTransaction, key: &str) -> Result<Option<(u64, u64)>, BoxError> {
    let entries = transaction.open_table(ENTRIES)?;
    let found = entries.get(key)?.map(|entry| {
        let (version, expires, _) = entry.value();
        (version, expires)
    });
    Ok(found)
}

fn insert(
    transaction: &WriteTransaction,
    key: &str,
    version: Version,
    expires: u64,
    value: &[u8],
) -> Result<(), BoxError> {
    let before = find(transaction, key)?;
    let mut by_expiry = transaction.open_table(ENTRIES_BY_EXPIRY)?;
    if let Some((_, before)) = before {
        by_expiry.remove((before, key))?;
    }
    by_expiry.insert((expires, key), ())?;
    let mut entries = transaction.open_table(ENTRIES)?;
    entries.insert(key, (version.to_bits(), expires, value))?;
    Ok(())
}

/// The first keys of an index that expired, taken out of it.
fn take_expired(
    transaction: &WriteTransaction,
    index: TableDefinition<(u64, &'static str), ()>,
    now: u64,
    limit: usize,
) -> Result<Vec<String>, BoxError> {
    let mut index = transaction.open_table(index)?;
    let mut keys = Vec::new();
    while keys.len() < limit {
        let Some((first, _)) = index.first()? else {
            break;
        };
        let (expires, key) = first.value();
        if expires > now {
            break;
        }
        let key = key.to_owned();
        drop(first);
        index.remove((expires, key.as_str()))?;
        keys.push(key);
    }
    Ok(keys)
}

#[async_trait]
impl Store for RedbStore {
    async fn claim(&self, key: &str, expires: SystemTime) -> Result<bool, StoreError> {
        check_key(key)?;
        let (key, expires) = (key.to_owned(), to_millis(expires));
        self.write("cannot claim a key", move |transaction| {
            let key = key.as_str();
            let mut claims = transaction.open_table(CLAIMS)?;
            if expires <= now() || claims.get(key)?.is_some() {
                return Ok(false);
            }
            claims.insert(key, expires)?;
            transaction
                .open_table(CLAIMS_BY_EXPIRY)?
                .insert((expires, key), ())?;
            Ok(true)
        })
        .await
    }

    async fn is_claimed(&self, key: &str) -> Result<bool, StoreError> {
        check_key(key)?;
        let key = key.to_owned();
        self.run("cannot read a claim", move |database| {
            let claims = database.begin_read()?.open_table(CLAIMS)?;
            Ok(claims.get(key.as_str())?.is_some())
        })
        .await
    }

    async fn put(
        &self,
        key: &str,
        value: &[u8],
        expires: SystemTime,
    ) -> Result<Version, StoreError> {
        check_key(key)?;
        let version = Version::generate()?;
        let (key, value, expires) = (key.to_owned(), value.to_vec(), to_millis(expires));
        self.write("cannot write an entry", move |transaction| {
            insert(transaction, &key, version, expires, &value)?;
            Ok(version)
        })
        .await
    }

    async fn get(&self, key: &str) -> Result<Option<Entry>, StoreError> {
        check_key(key)?;
        let key = key.to_owned();
        self.run("cannot read an entry", move |database| {
            let entries = database.begin_read()?.open_table(ENTRIES)?;
            let Some(entry) = entries.get(key.as_str())? else {
                return Ok(None);
            };
            let (version, expires, value) = entry.value();
            let entry = Entry::new(value.to_vec(), Version::from_bits(version));
            Ok((expires > now()).then_some(entry))
        })
        .await
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
        let (key, value, expires) = (key.to_owned(), value.to_vec(), to_millis(expires));
        self.write("cannot replace an entry", move |transaction| {
            let current = find(transaction, &key)?
                .filter(|(_, expires)| *expires > now())
                .map(|(version, _)| Version::from_bits(version));
            if current != expected {
                return Ok(None);
            }
            insert(transaction, &key, version, expires, &value)?;
            Ok(Some(version))
        })
        .await
    }

    async fn remove(&self, key: &str) -> Result<(), StoreError> {
        check_key(key)?;
        let key = key.to_owned();
        self.write("cannot remove an entry", move |transaction| {
            if let Some((_, expires)) = find(transaction, &key)? {
                let key = key.as_str();
                transaction.open_table(ENTRIES)?.remove(key)?;
                transaction
                    .open_table(ENTRIES_BY_EXPIRY)?
                    .remove((expires, key))?;
            }
            Ok(())
        })
        .await
    }

    async fn remove_expired(&self, limit: usize) -> Result<usize, StoreError> {
        self.run("cannot remove what expired", move |database| {
            let transaction = database.begin_write()?;
            let removed = remove_expired(&transaction, now(), limit)?;
            if removed == 0 {
                // Nothing to wait for the disk for.
                transaction.abort()?;
            } else {
                transaction.commit()?;
            }
            Ok(removed)
        })
        .await
    }
}

fn remove_expired(
    transaction: &WriteTransaction,
    now: u64,
    limit: usize,
) -> Result<usize, BoxError> {
    let claims = take_expired(transaction, CLAIMS_BY_EXPIRY, now, limit)?;
    let mut table = transaction.open_table(CLAIMS)?;
    for key in &claims {
        table.remove(key.as_str())?;
    }
    let entries = take_expired(transaction, ENTRIES_BY_EXPIRY, now, limit)?;
    let mut table = transaction.open_table(ENTRIES)?;
    for key in &entries {
        table.remove(key.as_str())?;
    }
    Ok(claims.len() + entries.len())
}

impl fmt::Debug for RedbStore {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("RedbStore")
    }
}
