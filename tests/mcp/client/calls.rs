//! Calls of a server that keeps to the protocol.

use crate::support::{server, snapshot, status, stubs, texts};

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
}
