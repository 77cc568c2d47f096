//! Calls of servers that keep to the protocol.

use std::time::{Duration, Instant};

use monty_mcp::client::Servers;

use crate::support::{
    caught, configs, run, scripted, server, servers, snapshot, status, stubs, text, texts,
};

#[tokio::test(flavor = "multi_thread")]
async fn a_server_is_a_module() {
    let servers = server("Normal");
    snapshot!("stubs", stubs(&servers).await);
    let texts = texts(
        &servers,
        &[
            "s.add(2, 3)",
            "[issue['title'] for issue in s.search_issues('login', limit=3)['issues']]",
            "s.search_issues('login', limt=3)",
            "s.add('2', 3)",
        ],
    )
    .await;
    snapshot!("calls", texts);
    let status = status(&servers);
    assert_eq!(
        (status.tools, status.protocol.as_deref()),
        (3, Some("2025-11-25"))
    );
    assert_eq!((status.problem, status.notes.len()), (None, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn annotations_are_carried_over() {
    let toolbox = crate::support::toolbox(&server("Normal")).await;
    let add = toolbox.get("s.add").unwrap().get_annotations();
    let echo = toolbox.get("s.echo").unwrap().get_annotations();
    assert_eq!(
        (add.read_only, add.idempotent, add.destructive),
        (Some(true), Some(true), None)
    );
    assert_eq!(
        (echo.destructive, echo.open_world, echo.read_only),
        (Some(true), Some(false), None)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_ends_at_its_limit_and_the_server_is_told() {
    let servers = servers([("s", scripted("Slow").call_timeout(Duration::from_secs(1)))]);
    let text = text(&servers, &caught("s.wait(30)")).await;
    snapshot!("timeout", text);
    assert_ne!(crate::support::text(&servers, "s.cancelled()").await, "[]");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_script_that_is_dropped_cancels_its_call() {
    let servers = server("Slow");
    // Started, so that the time goes into the call.
    servers.namespaces().await;
    let script = run(&servers, "s.wait(30)");
    assert!(
        tokio::time::timeout(Duration::from_secs(2), script)
            .await
            .is_err()
    );
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_ne!(text(&servers, "s.cancelled()").await, "[]");
}

#[tokio::test(flavor = "multi_thread")]
async fn tools_that_are_awaited_run_beside_each_other() {
    let servers = Servers::builder(configs([("s", scripted("Slow"))]))
        .awaited()
        .build()
        .unwrap();
    let begin = Instant::now();
    let script = "import asyncio\nlen(await asyncio.gather(*[s.wait(1) for _ in range(8)]))";
    assert_eq!(text(&servers, script).await, "8");
    assert!(
        begin.elapsed() < Duration::from_secs(6),
        "{:?}",
        begin.elapsed()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn servers_start_beside_each_other() {
    let of = ["a", "b", "c", "d"]
        .map(|name| (name, scripted("Deaf").start_timeout(Duration::from_secs(1))));
    let begin = Instant::now();
    let servers = servers(of);
    assert_eq!(servers.namespaces().await.len(), 4);
    assert!(
        begin.elapsed() < Duration::from_secs(8),
        "{:?}",
        begin.elapsed()
    );
}
