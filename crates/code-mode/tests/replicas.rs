//! Several processes, of which one is killed: what waits for a person outlives
//! it. Each replica is this program, started again with other arguments.

#[cfg(unix)]
#[path = "approvals/server.rs"]
mod server;

use std::error::Error;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, ExitCode, Stdio};
use std::sync::Arc;
use std::time::SystemTime;

use libtest_mimic::{Arguments, Trial};
use monty_code_mode::approvals::store::{PostgresStore, RedbStore};
use monty_code_mode::approvals::{Approvals, Decision, Decisions, Key, PendingCall, Principal};
use monty_code_mode::tokio_postgres::NoTls;
use monty_host::{Answers, Monty, Progress, Snapshot, SnapshotKey, ToolError, Tools};
use serde_json::json;

type BoxError = Box<dyn Error + Send + Sync>;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    if let ["replica", folder, store, role @ ..] = arguments.as_slice() {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        return match runtime.block_on(replica(Path::new(folder), store, role)) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                println!("{error}");
                ExitCode::FAILURE
            }
        };
    }
    let mut trials = vec![
        Trial::test("complaint_1_a_paused_run_outlives_its_process", || {
            killed_in_between(&Folder::new(), "none")
        }),
        Trial::test(
            "a_paused_run_too_large_for_a_token_outlives_its_process",
            || killed_in_between(&Folder::new(), "file"),
        ),
    ];
    #[cfg(unix)]
    trials.push(Trial::test(
        "postgres_replicas_of_which_one_is_killed",
        || {
            let Some(server) = server::Server::start() else {
                return Ok(());
            };
            killed_in_between(&Folder::new(), &server.config())?;
            // The content is gone, and the claim stays.
            assert_eq!(
                server.query("select count(*) from monty_store_entries"),
                "0\n"
            );
            assert_eq!(
                server.query("select count(*) from monty_store_claims"),
                "1\n"
            );
            race(&Folder::new(), &server.config())
        },
    ));
    #[cfg(unix)]
    trials.push(Trial::test(
        "postgres_keeps_what_waits_and_learns_nothing",
        || {
            let Some(server) = server::Server::start() else {
                return Ok(());
            };
            let folder = Folder::new();
            let mut first = folder.replica(&server.config(), &["seal"]);
            let token = first.line();
            first.kill();
            let stored = "select encode(value, 'escape') from monty_store_entries";
            let stored = server.query(stored);
            assert!(stored.len() > 1000);
            for word in ["refund", "amount", "order"] {
                assert!(!stored.contains(word), "{word}");
            }
            // The server crashes, too.
            server.stop();
            server.run_server();
            let mut second = folder.replica(&server.config(), &["open", &token]);
            second.go();
            assert_eq!(second.line(), "refunded 80 of order 1501");
            Ok(())
        },
    ));
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

/// A sealed by one process, which is killed, and continued by another.
fn killed_in_between(folder: &Folder, store: &str) -> Result<(), libtest_mimic::Failed> {
    let mut first = folder.replica(store, &["seal"]);
    let token = first.line();
    // It has nothing to wait for, and is there to be killed.
    assert!(first.process.try_wait()?.is_none());
    first.kill();

    // Nobody but its principal, and nothing runs for others.
    let mut wrong = folder.replica(store, &["open", &token, "bob"]);
    wrong.go();
    assert_eq!(
        wrong.line(),
        "the approval token belongs to another principal"
    );
    assert_eq!(folder.effects(), "find_order\n");

    let mut second = folder.replica(store, &["open", &token]);
    second.go();
    assert_eq!(second.line(), "refunded 80 of order 1501");
    assert!(second.process.wait()?.success());
    // What ran before the pause did not run again.
    assert_eq!(folder.effects(), "find_order\nrefund 1501 80\n");
    if store == "none" {
        return Ok(());
    }

    let mut again = folder.replica(store, &["open", &token]);
    again.go();
    assert_eq!(again.line(), USED);
    assert_eq!(folder.effects(), "find_order\nrefund 1501 80\n");
    Ok(())
}

/// Several replicas open one token at the same time.
fn race(folder: &Folder, store: &str) -> Result<(), libtest_mimic::Failed> {
    for round in 1..=3 {
        let mut first = folder.replica(store, &["seal"]);
        let token = first.line();
        first.kill();
        let mut replicas: Vec<_> = (0..4)
            .map(|_| folder.replica(store, &["open", &token]))
            .collect();
        replicas.iter_mut().for_each(Replica::go);
        let mut lines: Vec<_> = replicas.iter_mut().map(Replica::line).collect();
        lines.sort();
        assert_eq!(lines, ["refunded 80 of order 1501", USED, USED, USED]);
        let expected = "find_order\nrefund 1501 80\n".repeat(round);
        assert_eq!(folder.effects(), expected);
    }
    Ok(())
}

/// What the replicas share beside the store: the keys, and what their tools do.
struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let key: [u8; 32] = std::array::from_fn(|i| i as u8 ^ 0x5a);
        std::fs::write(folder.path().join("key"), key).unwrap();
        std::fs::write(folder.path().join("effects"), "").unwrap();
        Self(folder)
    }

    fn effects(&self) -> String {
        std::fs::read_to_string(self.0.path().join("effects")).unwrap()
    }

    /// A replica that is ready.
    fn replica(&self, store: &str, role: &[&str]) -> Replica {
        let mut process = Command::new(std::env::current_exe().unwrap())
            .arg("replica")
            .arg(self.0.path())
            .arg(store)
            .args(role)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let input = process.stdin.take().unwrap();
        let output = BufReader::new(process.stdout.take().unwrap());
        let mut replica = Replica {
            process,
            input,
            output,
        };
        assert_eq!(replica.line(), "ready");
        replica
    }
}

struct Replica {
    process: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Replica {
    /// Lets it open its token.
    fn go(&mut self) {
        self.input.write_all(b"go\n").unwrap();
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.output.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    }

    /// On Unix with SIGKILL: it has no time for anything.
    fn kill(&mut self) {
        self.process.kill().unwrap();
        assert!(!self.process.wait().unwrap().success());
    }
}

impl Drop for Replica {
    fn drop(&mut self) {
        // It may have ended.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The process under test.
async fn replica(folder: &Path, store: &str, role: &[&str]) -> Result<(), BoxError> {
    let approvals = Approvals::new(Key::from_file(folder.join("key"))?);
    let approvals = match store {
        "none" => approvals,
        "file" => {
            let store = RedbStore::open(folder.join("approvals.redb"))?;
            approvals.store(Arc::new(store)).max_token_length(200)
        }
        config => {
            let store = PostgresStore::new(config.parse()?, NoTls);
            store.create_schema().await?;
            approvals.store(Arc::new(store)).max_token_length(200)
        }
    };
    let monty = Monty::new()?;
    say("ready");
    match role {
        ["seal"] => {
            say(&seal(&monty, &approvals, folder).await?);
            // Alive until it is killed.
            std::future::pending().await
        }
        ["open", token] => open(&monty, &approvals, folder, token, "ada").await,
        ["open", token, user] => open(&monty, &approvals, folder, token, user).await,
        role => Err(format!("no such role: {role:?}").into()),
    }
}

fn say(line: &str) {
    println!("{line}");
    std::io::stdout().flush().unwrap();
}

const USED: &str = "the approval token was used already, and its script was continued";

const SCRIPT: &str = "order = find_order()
amount = 80
result = refund(order, amount)
f'{result} of order {order}'";

/// Tools that leave a trace. The second is what a person decides on.
fn tools(folder: &Path) -> Tools {
    let effects = folder.join("effects");
    Tools::new()
        .function("find_order", (), move || {
            note(&effects, "find_order");
            1501
        })
        .function("refund", ["order", "amount"], |_: u32, _: u32| {
            Err::<(), _>(ToolError::suspend())
        })
}

fn note(effects: &PathBuf, line: &str) {
    let mut file = std::fs::OpenOptions::new()
        .append(true)
        .open(effects)
        .unwrap();
    writeln!(file, "{line}").unwrap();
}

fn snapshot_key() -> Result<SnapshotKey, monty_host::Error> {
    SnapshotKey::new([7; 32])
}

async fn seal(monty: &Monty, approvals: &Approvals, folder: &Path) -> Result<String, BoxError> {
    let tools = tools(folder);
    let progress = monty.script(SCRIPT).host(&tools).start().await?;
    let Progress::Suspended(suspension) = progress else {
        return Err("the script did not wait".into());
    };
    let calls: Vec<_> = suspension
        .calls
        .iter()
        .map(|call| {
            let arguments = call.positional.iter().map(|value| value.to_json());
            let arguments = arguments.collect::<Result<Vec<_>, _>>()?;
            let before = SCRIPT
                .get(..call.position.start as usize)
                .unwrap_or_default();
            let line = 1 + before.lines().count().saturating_sub(1) as u32;
            Ok(PendingCall::new(call.id, &call.name, arguments.into()).line(line))
        })
        .collect::<Result<_, BoxError>>()?;
    let payload = suspension.snapshot.to_bytes(&snapshot_key()?)?;
    let ada = Principal::new(["acme", "ada"])?;
    let sealed = approvals
        .seal(&ada, &calls, &payload, SystemTime::now())
        .await?;
    Ok(sealed.token.into_string())
}

async fn open(
    monty: &Monty,
    approvals: &Approvals,
    folder: &Path,
    token: &str,
    user: &str,
) -> Result<(), BoxError> {
    let principal = Principal::new(["acme", user])?;
    let mut line = String::new();
    std::io::stdin().read_line(&mut line)?;
    let now = SystemTime::now();
    let shown = approvals.inspect(token, &principal, now).await?;
    let [call] = shown.calls.as_slice() else {
        return Err("the script waits for something else".into());
    };
    if (call.tool.as_str(), &call.arguments, call.line) != ("refund", &json!([1501, 80]), Some(3)) {
        return Err(format!("another call than the script's: {call:?}").into());
    }
    let decisions = Decisions::new().approve(call);
    let decided = approvals.open(token, &principal, &decisions, now).await?;
    if decided.decisions != [Decision::Approve] {
        return Err("another decision".into());
    }
    note(&folder.join("effects"), "refund 1501 80");
    let snapshot = Snapshot::from_bytes(&decided.payload, &snapshot_key()?)?;
    let answers = Answers::new().value(call.id, "refunded 80")?;
    let tools = tools(folder);
    let report = monty.resume(&snapshot, answers).host(&tools).run().await?;
    say(report.value.as_str().unwrap_or_default());
    Ok(())
}
