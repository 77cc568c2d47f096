//! Servers of several years.

use std::time::Duration;

use crate::support::{caught, scripted, server, servers, snapshot, status, text};

#[tokio::test(flavor = "multi_thread")]
async fn each_version_is_spoken() {
    for (behaviour, version) in [
        ("Modern", "2026-07-28"),
        ("Normal", "2025-11-25"),
        ("Of20250618", "2025-06-18"),
        ("Handshaking", "2025-11-25"),
        ("Hybrid", "2025-11-25"),
    ] {
        let servers = server(behaviour);
        assert_eq!(text(&servers, "s.add(2, 3)").await, "5", "{behaviour}");
        assert_eq!(
            status(&servers).protocol.as_deref(),
            Some(version),
            "{behaviour}"
        );
    }
}

/// The SDK waits ten seconds for an answer about versions, and then takes a server
/// for one of old.
#[tokio::test(flavor = "multi_thread")]
async fn a_late_answer_does_no_harm() {
    let servers = servers([
        ("modern", scripted("ModernLate")),
        ("old", scripted("Late")),
    ]);
    assert_eq!(
        text(&servers, "modern.add(2, 3), old.add(2, 4)").await,
        "('5', '6')"
    );
    let versions: Vec<_> = servers
        .status()
        .into_iter()
        .map(|one| one.protocol.unwrap())
        .collect();
    assert_eq!(versions, ["2026-07-28", "2025-11-25"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_version_is_refused() {
    let servers = server("Unknown");
    servers.namespaces().await;
    snapshot!("unknown_version", status(&servers).problem.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_can_be_asked() {
    snapshot!(
        "asked",
        text(&server("Asking"), &caught("s.delete()")).await
    );
    let servers = servers([(
        "s",
        scripted("OldAsking").call_timeout(Duration::from_secs(20)),
    )]);
    // `elicitation/create` is declined; the others do not exist.
    assert_eq!(
        text(&servers, "s.ask('elicitation/create')").await,
        "{'action': 'decline'}"
    );
    assert_eq!(text(&servers, "s.ask('roots/list')").await, "-32601");
    assert_eq!(
        text(&servers, "s.ask('sampling/createMessage')").await,
        "-32601"
    );
}
