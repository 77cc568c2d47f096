//! Every store keeps the same promises.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use monty_code_mode::approvals::store::{MemoryStore, RedbStore, Store, Version};

fn later() -> SystemTime {
    SystemTime::now() + Duration::from_secs(3600)
}

fn before() -> SystemTime {
    SystemTime::now() - Duration::from_secs(1)
}

/// What each store is held to. Several handles are several replicas.
async fn conform(replicas: &[Arc<dyn Store>]) {
    let store = &replicas[0];
    claims(store.as_ref()).await;
    entries(store.as_ref()).await;
    versions(store.as_ref()).await;
    keys_and_values(store.as_ref()).await;
    expiry(store.as_ref()).await;
    one_claim_wins(replicas).await;
    one_replacement_wins(replicas).await;
    every_increment_counts(replicas).await;
}

async fn claims(store: &dyn Store) {
    assert!(!store.is_claimed("claim").await.unwrap());
    assert!(store.claim("claim", later()).await.unwrap());
    assert!(!store.claim("claim", later()).await.unwrap());
    assert!(store.is_claimed("claim").await.unwrap());
    // A claim is no entry.
    assert!(store.get("claim").await.unwrap().is_none());
    store.remove("claim").await.unwrap();
    assert!(!store.claim("claim", later()).await.unwrap());
    // What may have been removed is not claimed again.
    assert!(!store.claim("late", before()).await.unwrap());
    assert!(!store.is_claimed("late").await.unwrap());
}

async fn entries(store: &dyn Store) {
    assert!(store.get("entry").await.unwrap().is_none());
    let first = store.put("entry", b"first", later()).await.unwrap();
    let entry = store.get("entry").await.unwrap().unwrap();
    assert_eq!(
        (entry.value.as_slice(), entry.version),
        (&b"first"[..], first)
    );
    let second = store.put("entry", b"second", later()).await.unwrap();
    assert_ne!(first, second);
    let entry = store.get("entry").await.unwrap().unwrap();
    assert_eq!(
        (entry.value.as_slice(), entry.version),
        (&b"second"[..], second)
    );
    store.remove("entry").await.unwrap();
    store.remove("entry").await.unwrap();
    assert!(store.get("entry").await.unwrap().is_none());
}

async fn versions(store: &dyn Store) {
    let replace = async |expected: Option<Version>, value: &[u8]| {
        store
            .replace("parked", expected, value, later())
            .await
            .unwrap()
    };
    let unknown = Version::generate().unwrap();
    assert_eq!(replace(Some(unknown), b"nothing there").await, None);
    let first = replace(None, b"one").await.unwrap();
    assert_eq!(replace(None, b"there already").await, None);
    let second = replace(Some(first), b"two").await.unwrap();
    assert_eq!(replace(Some(first), b"of an old version").await, None);
    assert_eq!(store.get("parked").await.unwrap().unwrap().value, b"two");

    // An entry that was removed and written again is another one.
    store.remove("parked").await.unwrap();
    assert_eq!(replace(Some(second), b"removed").await, None);
    replace(None, b"two").await.unwrap();
    assert_eq!(replace(Some(second), b"another one").await, None);
    store.put("parked", b"three", later()).await.unwrap();
    assert_eq!(store.get("parked").await.unwrap().unwrap().value, b"three");
    store.remove("parked").await.unwrap();
}

async fn keys_and_values(store: &dyn Store) {
    let longest = "k".repeat(255);
    let large: Vec<u8> = (0..3_000_000_u32)
        .map(|i| (i.wrapping_mul(i) >> 7) as u8)
        .collect();
    for key in ["a", "A", "ä/ö 'quoted' \\ %_", &longest] {
        for value in [&b""[..], b"\0\xff", &large] {
            store.put(key, value, later()).await.unwrap();
            assert!(store.get(key).await.unwrap().unwrap().value == value);
        }
        assert!(store.claim(key, later()).await.unwrap());
    }
    store.put("a", b"lower", later()).await.unwrap();
    assert_eq!(store.get("A").await.unwrap().unwrap().value, large);

    let too_long = "k".repeat(256);
    let mut errors = Vec::new();
    for key in ["", "nul\0", &too_long] {
        errors.push(store.get(key).await.unwrap_err().to_string());
        store.claim(key, later()).await.unwrap_err();
        store.is_claimed(key).await.unwrap_err();
        store.put(key, b"", later()).await.unwrap_err();
        store.replace(key, None, b"", later()).await.unwrap_err();
        store.remove(key).await.unwrap_err();
    }
    insta::assert_snapshot!("keys_that_no_store_takes", errors.join("\n"));
}

async fn expiry(store: &dyn Store) {
    // Nothing that was written before has expired.
    assert_eq!(store.remove_expired(1000).await.unwrap(), 0);

    // An expired entry is none, whether it was removed or not.
    let old = store.put("old", b"", before()).await.unwrap();
    assert!(store.get("old").await.unwrap().is_none());
    assert_eq!(
        store.replace("old", Some(old), b"", later()).await.unwrap(),
        None
    );
    let new = store.replace("old", None, b"new", later()).await.unwrap();
    assert!(new.is_some());
    assert_eq!(store.remove_expired(1000).await.unwrap(), 0);
    assert_eq!(store.get("old").await.unwrap().unwrap().value, b"new");

    // Not more at once than asked for.
    for n in 0..5 {
        store.put(&format!("old {n}"), b"", before()).await.unwrap();
    }
    assert_eq!(store.remove_expired(0).await.unwrap(), 0);
    assert_eq!(store.remove_expired(3).await.unwrap(), 3);
    assert_eq!(store.remove_expired(3).await.unwrap(), 2);
    assert_eq!(store.remove_expired(3).await.unwrap(), 0);
    assert!(store.get("old").await.unwrap().is_some());

    // Claims are kept until they expire, and removed then. The clock of the
    // store decides.
    let soon = SystemTime::now() + Duration::from_secs(3);
    assert!(store.claim("brief", soon).await.unwrap());
    assert!(!store.claim("brief", soon).await.unwrap());
    assert_eq!(store.remove_expired(1000).await.unwrap(), 0);
    tokio::time::sleep(Duration::from_millis(3100)).await;
    assert!(!store.claim("brief", soon).await.unwrap());
    assert_eq!(store.remove_expired(1000).await.unwrap(), 1);
    assert!(!store.claim("brief", soon).await.unwrap());

    // Times at both ends.
    let distant = SystemTime::now() + Duration::from_secs(20_000 * 366 * 86_400);
    store.put("distant", b"", distant).await.unwrap();
    assert!(store.get("distant").await.unwrap().is_some());
    let first = SystemTime::UNIX_EPOCH - Duration::from_secs(86_400);
    store.put("first", b"", first).await.unwrap();
    assert_eq!(store.remove_expired(1000).await.unwrap(), 1);
}

/// Runs tasks over all replicas at once and counts those that return true.
async fn count<F: Future<Output = bool> + Send + 'static>(
    replicas: &[Arc<dyn Store>],
    task: impl Fn(Arc<dyn Store>, u8) -> F,
) -> usize {
    let tasks = (0..32_u8).map(|n| {
        let store = Arc::clone(&replicas[usize::from(n) % replicas.len()]);
        tokio::spawn(task(store, n))
    });
    let mut successes = 0;
    for task in tasks.collect::<Vec<_>>() {
        successes += usize::from(task.await.unwrap());
    }
    successes
}

async fn one_claim_wins(replicas: &[Arc<dyn Store>]) {
    for round in 0..4 {
        let wins = count(replicas, |store, _| async move {
            store
                .claim(&format!("race {round}"), later())
                .await
                .unwrap()
        });
        assert_eq!(wins.await, 1);
    }
}

async fn one_replacement_wins(replicas: &[Arc<dyn Store>]) {
    let mut expected = None;
    for _ in 0..4 {
        let wins = count(replicas, move |store, n| async move {
            let replaced = store.replace("raced", expected, &[n], later()).await;
            replaced.unwrap().is_some()
        });
        assert_eq!(wins.await, 1);
        expected = Some(replicas[0].get("raced").await.unwrap().unwrap().version);
    }
}

/// A counter that all increment, each as often as it takes.
async fn every_increment_counts(replicas: &[Arc<dyn Store>]) {
    replicas[0].put("counter", &[0], later()).await.unwrap();
    let done = count(replicas, |store, _| async move {
        loop {
            let entry = store.get("counter").await.unwrap().unwrap();
            let next = [entry.value[0] + 1];
            let replaced = store.replace("counter", Some(entry.version), &next, later());
            if replaced.await.unwrap().is_some() {
                return true;
            }
        }
    });
    assert_eq!(done.await, 32);
    assert_eq!(
        replicas[0].get("counter").await.unwrap().unwrap().value,
        [32]
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn memory() {
    conform(&[Arc::new(MemoryStore::new())]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn redb() {
    let folder = tempfile::tempdir().unwrap();
    let store = RedbStore::open(folder.path().join("approvals.redb")).unwrap();
    conform(&[Arc::new(store)]).await;
}

#[tokio::test]
async fn redb_keeps_everything_over_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("approvals.redb");
    let store = RedbStore::open(&file).unwrap();
    let version = store.put("entry", b"kept", later()).await.unwrap();
    assert!(store.claim("claim", later()).await.unwrap());
    drop(store);

    let store = RedbStore::open(&file).unwrap();
    let entry = store.get("entry").await.unwrap().unwrap();
    assert_eq!(
        (entry.value.as_slice(), entry.version),
        (&b"kept"[..], version)
    );
    assert!(!store.claim("claim", later()).await.unwrap());
}

#[test]
fn redb_needs_no_runtime() {
    let folder = tempfile::tempdir().unwrap();
    let store = RedbStore::open(folder.path().join("approvals.redb")).unwrap();
    let work = async {
        store.put("entry", b"value", later()).await.unwrap();
        store.get("entry").await.unwrap().unwrap().value
    };
    let mut work = std::pin::pin!(work);
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    let std::task::Poll::Ready(value) = work.as_mut().poll(&mut context) else {
        panic!("it waits for a runtime");
    };
    assert_eq!(value, b"value");
}

#[test]
fn files_that_are_no_store_are_rejected() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("approvals.redb");
    let show = |error: String| error.replace(&*folder.path().to_string_lossy(), "FOLDER");
    let open = || show(RedbStore::open(&file).unwrap_err().to_string());

    let store = RedbStore::open(&file).unwrap();
    let already_open = open();
    drop(store);

    let table = redb::TableDefinition::<&str, u64>::new("meta");
    let database = redb::Database::open(&file).unwrap();
    let transaction = database.begin_write().unwrap();
    let mut meta = transaction.open_table(table).unwrap();
    meta.insert("layout", 7).unwrap();
    drop(meta);
    transaction.commit().unwrap();
    drop(database);
    let other_layout = open();

    std::fs::write(&file, "something else").unwrap();
    insta::assert_snapshot!([already_open, other_layout, open()].join("\n"));
}

#[cfg(unix)]
mod postgres {
    use monty_code_mode::approvals::store::PostgresStore;
    use monty_code_mode::tokio_postgres::NoTls;

    use super::*;
    use crate::server::Server;

    fn replica(server: &Server) -> PostgresStore {
        PostgresStore::new(server.config().parse().unwrap(), NoTls)
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn postgres() {
        let Some(server) = Server::start() else {
            return;
        };
        let replicas = [replica(&server), replica(&server), replica(&server)];
        // All at once, as when a deployment starts; and again.
        for _ in 0..2 {
            let [first, second, third] = &replicas;
            let (first, second, third) = tokio::join!(
                first.create_schema(),
                second.create_schema(),
                third.create_schema()
            );
            first.and(second).and(third).unwrap();
        }
        let replicas = replicas.map(|store| Arc::new(store) as Arc<dyn Store>);
        conform(&replicas).await;
    }

    #[tokio::test]
    async fn a_broken_connection_is_made_again() {
        let Some(server) = Server::start() else {
            return;
        };
        let store = replica(&server).timeout(Duration::from_secs(5));
        store.create_schema().await.unwrap();
        assert!(store.claim("kept", later()).await.unwrap());

        server.stop();
        store.is_claimed("kept").await.unwrap_err();
        server.run_server();
        // The first try may find the connection dead; the next makes another.
        let _ = store.is_claimed("kept").await;
        assert!(store.is_claimed("kept").await.unwrap());
        assert!(!store.claim("kept", later()).await.unwrap());

        server.query("select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and usename = 'agent'");
        let _ = store.is_claimed("kept").await;
        assert!(store.is_claimed("kept").await.unwrap());
    }

    #[tokio::test]
    async fn a_server_that_does_not_answer_is_an_error_in_time() {
        let folder = tempfile::tempdir().unwrap();
        let socket = folder.path().join(".s.PGSQL.5432");
        let _silent = std::os::unix::net::UnixListener::bind(socket).unwrap();
        let config = format!("host={} user=agent", folder.path().display());
        let store = PostgresStore::new(config.parse().unwrap(), NoTls);
        let store = store.timeout(Duration::from_millis(300));
        // Those that wait for the same connection wait no longer.
        let (first, second) = tokio::join!(store.get("key"), store.get("key"));
        assert_eq!(
            first.unwrap_err().to_string(),
            second.unwrap_err().to_string()
        );
        let error = store.claim("key", later()).await.unwrap_err();
        insta::assert_snapshot!(error, @"cannot claim a key in PostgreSQL: no answer within 300ms");
    }

    #[tokio::test]
    async fn a_schema_that_is_missing_or_another_is_rejected() {
        let Some(server) = Server::start() else {
            return;
        };
        let missing = replica(&server).get("key").await.unwrap_err();
        replica(&server).create_schema().await.unwrap();
        server.query("update monty_store_layout set layout = 7");
        let other = replica(&server).get("key").await.unwrap_err();
        let kept = replica(&server).create_schema().await.unwrap_err();

        // While a replica runs, too.
        server.query("update monty_store_layout set layout = 1");
        let store = replica(&server);
        store.claim("key", later()).await.unwrap();
        server.query("drop table monty_store_entries");
        let dropped = store.get("key").await.unwrap_err();
        store.create_schema().await.unwrap();
        assert!(store.get("key").await.unwrap().is_none());
        assert!(store.is_claimed("key").await.unwrap());

        server.stop();
        // Its words depend on who notices first.
        store.get("key").await.unwrap_err();
        let down = store.get("key").await.unwrap_err();
        let errors = [missing, other, kept, dropped, down];
        let errors = errors.map(|error| error.to_string()).join("\n");
        insta::assert_snapshot!(errors);
    }

    #[tokio::test]
    async fn a_program_may_create_the_schema_itself() {
        let Some(server) = Server::start() else {
            return;
        };
        server.query("create schema monty");
        let script = format!("set search_path = monty; {}", PostgresStore::SCHEMA);
        server.query(&script);
        server.query(&script);
        let config = format!("{} options='-c search_path=monty'", server.config());
        let store = PostgresStore::new(config.parse().unwrap(), NoTls);
        assert!(store.claim("key", later()).await.unwrap());
        assert_eq!(
            server.query("select key from monty.monty_store_claims"),
            "key\n"
        );
    }
}
