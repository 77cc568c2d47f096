//! Many clients at once, and servers behind that misbehave. A program of its own: what
//! takes all of the machine would disturb tests of time.

#[allow(dead_code, reason = "other tests use the rest")]
mod serving;
#[path = "../../repository.rs"]
#[allow(
    dead_code,
    unused_imports,
    unused_macros,
    reason = "other tests use the rest"
)]
mod support;
#[allow(dead_code, reason = "other tests use the rest")]
mod wire;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use monty_code_mode::{CodeMode, Toolbox};
use monty_mcp::client::{ServerConfig, Servers};
use monty_mcp::server::Server;
use serde_json::json;
use tokio::task::JoinSet;

use serving::{Serving, monty};
use support::root;
use wire::Client;

const CLIENTS: usize = 200;
const SCRIPTS: usize = 10;

fn python(file: &str, more: &[&str]) -> ServerConfig {
    let path = root().join(file);
    ServerConfig::command("python3").args([&[path.to_str().unwrap()], more].concat())
}

async fn serving(configs: impl IntoIterator<Item = (&str, ServerConfig)>) -> (Serving, Servers) {
    let configs: BTreeMap<_, _> = configs
        .into_iter()
        .map(|(name, config)| (name.to_owned(), config))
        .collect();
    let servers = Servers::new(configs).unwrap();
    let namespaces = servers.namespaces().await.into_iter();
    let toolbox = namespaces.fold(Toolbox::builder(), |toolbox, namespace| {
        toolbox.namespace(namespace)
    });
    let code_mode = CodeMode::new(&monty(), toolbox.build().unwrap()).await;
    let serving = Serving::new(&Server::new(code_mode.unwrap())).await;
    (serving, servers)
}

/// Scripts of five calls each by 200 clients at once, half of them with sessions.
async fn wave(url: &str) {
    let mut clients = JoinSet::new();
    for number in 0..CLIENTS {
        let url = url.to_owned();
        clients.spawn(async move {
            let client = match number % 2 {
                0 => Client::current(&url),
                _ => Client::legacy(&url, "2025-11-25", json!({})).await,
            };
            for script in 0..SCRIPTS {
                let code = format!(
                    "sum(shop.stock_of(item=item)['count'] for item in ['tea', 'milk', 'tea', 'milk', 'tea']) + {script}"
                );
                let reply = client.run(&code).await;
                assert_eq!(reply.text_of_tool(), (12 * 3 + 3 * 2 + script).to_string());
            }
        });
    }
    while let Some(ended) = clients.join_next().await {
        ended.unwrap();
    }
}

/// The memory of this process, in bytes.
fn resident() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
    let kib: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kib * 1024)
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_clients_at_once() {
    let (serving, servers) =
        serving([("shop", python("tests/mcp/clients/downstream.py", &[]))]).await;
    wave(&serving.url).await;
    let before = resident();
    wave(&serving.url).await;
    if let (Some(before), Some(after)) = (before, resident()) {
        // The second wave's hundred sessions are kept for an hour, each parked.
        let grown = after.saturating_sub(before);
        assert!(
            grown < 100 << 20,
            "{grown} bytes more than the {before} of the first wave"
        );
    }
    servers.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn servers_that_misbehave_cost_their_own_calls() {
    let scripted = |arguments: &[&str]| python("tests/mcp/client/server.py", arguments);
    let effects = tempfile::NamedTempFile::new().unwrap();
    let (serving, servers) = serving([
        ("shop", python("tests/mcp/clients/downstream.py", &[])),
        (
            "slow",
            scripted(&["Slow"]).call_timeout(Duration::from_secs(2)),
        ),
        (
            "dying",
            scripted(&["Dying", effects.path().to_str().unwrap()]),
        ),
        ("flooding", scripted(&["Flooding"])),
        ("malformed", scripted(&["Malformed"])),
        ("huge", scripted(&["Huge"])),
    ])
    .await;
    let client = Arc::new(Client::current(&serving.url));
    let calls = [
        ("slow.wait(seconds=60)", "TimeoutError"),
        ("dying.die()", "RuntimeError"),
        (
            "[flooding.flood(method='notifications/message'), flooding.quick()][1]",
            "[1]",
        ),
        ("malformed.odd()", "RuntimeError"),
        ("huge.huge(bytes=20_000_000, last=True)", "RuntimeError"),
    ];
    let mut scripts = JoinSet::new();
    for (call, expected) in calls {
        let client = Arc::clone(&client);
        scripts.spawn(async move {
            let code = format!(
                "try:\n    outcome = repr({call})\nexcept Exception as error:\n    outcome = type(error).__name__\noutcome"
            );
            (call, client.run(&code).await.text_of_tool(), expected)
        });
    }
    for _ in 0..20 {
        let stock = client.run("shop.stock_of(item='tea')['count']").await;
        assert_eq!(stock.text_of_tool(), "12");
    }
    while let Some(ended) = scripts.join_next().await {
        let (call, outcome, expected) = ended.unwrap();
        assert_eq!(outcome, expected, "{call}");
    }
    servers.close().await;
}
