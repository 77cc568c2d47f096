//! A store in PostgreSQL.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use monty_host::async_trait;
use tokio::sync::Mutex;
use tokio_postgres::error::SqlState;
use tokio_postgres::tls::{MakeTlsConnect, TlsConnect};
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Config, Error, Row, Socket, Statement};

use super::{Entry, Store, StoreError, Version, check_key, to_millis};

/// The version of the schema.
const LAYOUT: i32 = 1;

/// Held while the schema is created: two that create the same table at once
/// fail. The number is arbitrary.
const LOCK: &str = "SELECT pg_advisory_xact_lock(7091385640213774)";

const CLAIM: &str = "INSERT INTO monty_store_claims (key, expires) \
    SELECT $1, $2::timestamptz WHERE $2::timestamptz > clock_timestamp() \
    ON CONFLICT DO NOTHING";

const IS_CLAIMED: &str = "SELECT 1 FROM monty_store_claims WHERE key = $1";

const PUT: &str = "INSERT INTO monty_store_entries (key, version, value, expires) \
    VALUES ($1, $2, $3, $4) \
    ON CONFLICT (key) DO UPDATE SET \
    version = excluded.version, value = excluded.value, expires = excluded.expires";

const GET: &str = "SELECT value, version FROM monty_store_entries \
    WHERE key = $1 AND expires > clock_timestamp()";

/// In place of none, or of one that expired.
const ADD: &str = "INSERT INTO monty_store_entries (key, version, value, expires) \
    VALUES ($1, $2, $3, $4) \
    ON CONFLICT (key) DO UPDATE SET \
    version = excluded.version, value = excluded.value, expires = excluded.expires \
    WHERE monty_store_entries.expires <= clock_timestamp()";

const REPLACE: &str = "UPDATE monty_store_entries \
    SET version = $2, value = $3, expires = $4 \
    WHERE key = $1 AND version = $5 AND expires > clock_timestamp()";

const REMOVE: &str = "DELETE FROM monty_store_entries WHERE key = $1";

/// Those that another replica removes or renews right now are left to it.
const REMOVE_CLAIMS: &str = "DELETE FROM monty_store_claims WHERE key IN \
    (SELECT key FROM monty_store_claims WHERE expires <= clock_timestamp() \
    ORDER BY expires LIMIT $1 FOR UPDATE SKIP LOCKED)";

const REMOVE_ENTRIES: &str = "DELETE FROM monty_store_entries WHERE key IN \
    (SELECT key FROM monty_store_entries WHERE expires <= clock_timestamp() \
    ORDER BY expires LIMIT $1 FOR UPDATE SKIP LOCKED)";

/// A store in PostgreSQL 12 or later, for any number of replicas.
///
/// It has one connection, which any number of tasks use at once. When it
/// breaks, the next operation makes another; the one that was under way fails,
/// because nobody knows whether it took effect. An operation takes 10 seconds
/// at most, with a new connection if it needs one.
///
/// Expiry is by the clock of the database, which is one for all replicas.
///
/// The tables are in the first schema of the search path. `Config::options` sets
/// another: `-c search_path=monty`.
///
/// ```no_run
/// use std::sync::Arc;
///
/// use monty_code_mode::approvals::store::PostgresStore;
/// use monty_code_mode::approvals::{Approvals, Key};
/// use monty_code_mode::tokio_postgres::NoTls;
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let config = "host=/run/postgresql user=agent dbname=agent".parse()?;
/// let store = PostgresStore::new(config, NoTls);
/// store.create_schema().await?;
/// let approvals = Approvals::new(Key::from_file("approvals.key")?).store(Arc::new(store));
/// # Ok(())
/// # }
/// ```
pub struct PostgresStore {
    connect: Box<dyn Fn() -> Connecting + Send + Sync>,
    connection: Mutex<Option<Arc<Connection>>>,
    timeout: Duration,
}

type Connecting = Pin<Box<dyn Future<Output = Result<Client, Error>> + Send>>;

/// A client, with all that is sent to it.
struct Connection {
    client: Client,
    claim: Statement,
    is_claimed: Statement,
    put: Statement,
    get: Statement,
    add: Statement,
    replace: Statement,
    remove: Statement,
    remove_claims: Statement,
    remove_entries: Statement,
}

impl PostgresStore {
    /// What creates the schema, for a program's own migrations. It can be
    /// executed again.
    pub const SCHEMA: &str = include_str!("schema.sql");

    /// A store in the database of a configuration. It connects when it is
    /// first used, on the tokio runtime that uses it.
    ///
    /// `NoTls` is for a server on the same machine. Over a network, the
    /// crates `postgres-native-tls` and `tokio-postgres-rustls` have
    /// what to give here.
    pub fn new<T>(config: Config, tls: T) -> Self
    where
        T: MakeTlsConnect<Socket> + Clone + Send + Sync + 'static,
        T::Stream: Send,
        T::TlsConnect: Send,
        <T::TlsConnect as TlsConnect<Socket>>::Future: Send,
    {
        let connect = move || -> Connecting {
            let (config, tls) = (config.clone(), tls.clone());
            Box::pin(async move {
                let (client, connection) = config.connect(tls).await?;
                // It ends with the client, and its error is that of each query.
                tokio::spawn(async { drop(connection.await) });
                Ok(client)
            })
        };
        Self {
            connect: Box::new(connect),
            connection: Mutex::new(None),
            timeout: Duration::from_secs(10),
        }
    }

    /// The longest time that an operation takes.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Creates the tables, unless they are there. Replicas may do so at the
    /// same time.
    ///
    /// # Errors
    ///
    /// If the database cannot be reached, does not allow it, or has the tables
    /// of another version of this crate.
    pub async fn create_schema(&self) -> Result<(), StoreError> {
        let doing = "cannot create the schema in PostgreSQL";
        let work = async {
            let create = async {
                let mut client = (self.connect)().await?;
                let transaction = client.transaction().await?;
                transaction.batch_execute(LOCK).await?;
                transaction.batch_execute(Self::SCHEMA).await?;
                transaction.commit().await
            };
            create.await.map_err(|error| failed(doing, error))?;
            // The tables that were there may be of another version.
            self.connection().await
        };
        self.in_time(doing, work).await.map(drop)
    }

    /// Ends what takes too long. What was sent is not taken back.
    async fn in_time<T>(
        &self,
        doing: &str,
        work: impl Future<Output = Result<T, StoreError>> + Send,
    ) -> Result<T, StoreError> {
        let result = tokio::time::timeout(self.timeout, work).await;
        result.unwrap_or_else(|_| {
            Err(StoreError::new(format_args!(
                "{doing}: no answer within {:?}",
                self.timeout
            )))
        })
    }

    /// The connection, or a new one if there is none that works.
    async fn connection(&self) -> Result<Arc<Connection>, StoreError> {
        let mut current = self.connection.lock().await;
        if let Some(connection) = current.as_ref().filter(|current| current.is_open()) {
            return Ok(Arc::clone(connection));
        }
        *current = None;
        let client = (self.connect)().await;
        let client = client.map_err(|error| failed("cannot connect to PostgreSQL", error))?;
        let connection = Arc::new(Connection::new(client).await?);
        *current = Some(Arc::clone(&connection));
        Ok(connection)
    }

    /// Sends a statement. A connection on which it fails is given up: it may
    /// be dead without knowing, or have statements for tables that changed.
    async fn send<T, F>(
        &self,
        doing: &str,
        send: impl FnOnce(Arc<Connection>) -> F + Send,
    ) -> Result<T, StoreError>
    where
        F: Future<Output = Result<T, Error>> + Send,
    {
        let mut used = None;
        let work = async {
            let connection = self.connection().await?;
            used = Some(Arc::clone(&connection));
            send(connection).await.map_err(|error| failed(doing, error))
        };
        let result = self.in_time(doing, work).await;
        if result.is_err()
            && let Some(used) = used
        {
            let mut current = self.connection.lock().await;
            if current.as_ref().is_some_and(|now| Arc::ptr_eq(now, &used)) {
                *current = None;
            }
        }
        result
    }

    /// How many rows a statement changes.
    async fn execute(
        &self,
        doing: &str,
        statement: impl Fn(&Connection) -> &Statement + Send,
        parameters: &[&(dyn ToSql + Sync)],
    ) -> Result<u64, StoreError> {
        let send = |connection: Arc<Connection>| async move {
            let statement = statement(&connection);
            connection.client.execute(statement, parameters).await
        };
        self.send(doing, send).await
    }

    /// The row that a statement finds.
    async fn find(
        &self,
        doing: &str,
        statement: impl Fn(&Connection) -> &Statement + Send,
        key: &str,
    ) -> Result<Option<Row>, StoreError> {
        let send = |connection: Arc<Connection>| async move {
            let statement = statement(&connection);
            connection.client.query_opt(statement, &[&key]).await
        };
        self.send(doing, send).await
    }
}

impl Connection {
    /// Checks the schema and prepares the statements.
    async fn new(client: Client) -> Result<Self, StoreError> {
        let doing = "cannot use the schema in PostgreSQL";
        let failed = |error| failed(doing, error);
        let layout = "SELECT layout FROM monty_store_layout ORDER BY layout DESC LIMIT 1";
        let layout = client.query_opt(layout, &[]).await.map_err(failed)?;
        let layout = layout.map_or(Ok(0), |row| row.try_get::<_, i32>(0));
        let layout = layout.map_err(failed)?;
        if layout != LAYOUT {
            return Err(StoreError::new(format_args!(
                "{doing}: it has layout {layout}, and this version of monty-code-mode uses {LAYOUT}"
            )));
        }
        Self::prepare(client).await.map_err(failed)
    }

    async fn prepare(client: Client) -> Result<Self, Error> {
        Ok(Self {
            claim: client.prepare(CLAIM).await?,
            is_claimed: client.prepare(IS_CLAIMED).await?,
            put: client.prepare(PUT).await?,
            get: client.prepare(GET).await?,
            add: client.prepare(ADD).await?,
            replace: client.prepare(REPLACE).await?,
            remove: client.prepare(REMOVE).await?,
            remove_claims: client.prepare(REMOVE_CLAIMS).await?,
            remove_entries: client.prepare(REMOVE_ENTRIES).await?,
            client,
        })
    }

    fn is_open(&self) -> bool {
        !self.client.is_closed()
    }
}

/// The server's own message, without its detail, which may show a row.
fn failed(doing: &str, error: Error) -> StoreError {
    let Some(server) = error.as_db_error() else {
        return StoreError::from_error(doing, error);
    };
    if *server.code() == SqlState::UNDEFINED_TABLE {
        return StoreError::new(format_args!(
            "{doing}: {}; call PostgresStore::create_schema once, or execute PostgresStore::SCHEMA",
            server.message()
        ));
    }
    StoreError::new(format_args!("{doing}: {}", server.message()))
}

/// As the database keeps it: a time that it has.
fn timestamp(time: SystemTime) -> SystemTime {
    UNIX_EPOCH + Duration::from_millis(to_millis(time))
}

/// The same 64 bits.
fn bits(version: Version) -> i64 {
    version.to_bits().cast_signed()
}

#[async_trait]
impl Store for PostgresStore {
    async fn claim(&self, key: &str, expires: SystemTime) -> Result<bool, StoreError> {
        check_key(key)?;
        let doing = "cannot claim a key in PostgreSQL";
        let expires = timestamp(expires);
        let rows = self
            .execute(doing, |connection| &connection.claim, &[&key, &expires])
            .await?;
        Ok(rows == 1)
    }

    async fn is_claimed(&self, key: &str) -> Result<bool, StoreError> {
        check_key(key)?;
        let doing = "cannot read a claim in PostgreSQL";
        Ok(self
            .find(doing, |connection| &connection.is_claimed, key)
            .await?
            .is_some())
    }

    async fn put(
        &self,
        key: &str,
        value: &[u8],
        expires: SystemTime,
    ) -> Result<Version, StoreError> {
        check_key(key)?;
        let version = Version::generate()?;
        let doing = "cannot write an entry in PostgreSQL";
        let parameters: [&(dyn ToSql + Sync); 4] =
            [&key, &bits(version), &value, &timestamp(expires)];
        self.execute(doing, |connection| &connection.put, &parameters)
            .await?;
        Ok(version)
    }

    async fn get(&self, key: &str) -> Result<Option<Entry>, StoreError> {
        check_key(key)?;
        let doing = "cannot read an entry in PostgreSQL";
        let Some(row) = self.find(doing, |connection| &connection.get, key).await? else {
            return Ok(None);
        };
        let value = row.try_get(0).map_err(|error| failed(doing, error))?;
        let version: i64 = row.try_get(1).map_err(|error| failed(doing, error))?;
        let version = Version::from_bits(version.cast_unsigned());
        Ok(Some(Entry::new(value, version)))
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
        let doing = "cannot replace an entry in PostgreSQL";
        let (new, expires) = (bits(version), timestamp(expires));
        let rows = match expected {
            None => {
                let parameters: [&(dyn ToSql + Sync); 4] = [&key, &new, &value, &expires];
                self.execute(doing, |connection| &connection.add, &parameters)
                    .await?
            }
            Some(expected) => {
                let parameters: [&(dyn ToSql + Sync); 5] =
                    [&key, &new, &value, &expires, &bits(expected)];
                self.execute(doing, |connection| &connection.replace, &parameters)
                    .await?
            }
        };
        Ok((rows == 1).then_some(version))
    }

    async fn remove(&self, key: &str) -> Result<(), StoreError> {
        check_key(key)?;
        let doing = "cannot remove an entry in PostgreSQL";
        self.execute(doing, |connection| &connection.remove, &[&key])
            .await
            .map(drop)
    }

    async fn remove_expired(&self, limit: usize) -> Result<usize, StoreError> {
        let doing = "cannot remove what expired in PostgreSQL";
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let claims = self
            .execute(doing, |connection| &connection.remove_claims, &[&limit])
            .await?;
        let entries = self
            .execute(doing, |connection| &connection.remove_entries, &[&limit])
            .await?;
        Ok(usize::try_from(claims + entries).unwrap_or(usize::MAX))
    }
}

impl fmt::Debug for PostgresStore {
    /// Without the configuration, which has a password.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("PostgresStore")
    }
}
