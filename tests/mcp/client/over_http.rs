//! Servers at an address.

use std::time::Duration;

use monty_mcp::client::ServerConfig;

use crate::support::{caught, over_http, servers, snapshot, status, text};

#[tokio::test(flavor = "multi_thread")]
async fn json_and_events_are_both_answers() {
    for behaviour in ["Normal", "Modern", "Of20250618"] {
        let server = over_http(behaviour, &[]).await;
        for path in ["mcp", "events", "moved", "strict"] {
            // It answers the question about versions with an error.
            if (behaviour, path) == ("Modern", "strict") {
                continue;
            }
            let servers = servers([("s", ServerConfig::url(format!("{}/{path}", server.url)))]);
            assert_eq!(
                text(&servers, "s.add(2, 3)").await,
                "5",
                "{behaviour} at {path}"
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn headers_are_sent_and_redirects_do_not_carry_them_away() {
    let other = over_http("Normal", &[]).await;
    let server = over_http("Normal", &[&format!("{}/mcp", other.url)]).await;
    let secret = format!("{}/secret", server.url);
    let let_in = servers([(
        "s",
        ServerConfig::url(&secret).header("Authorization", "Bearer open-sesame"),
    )]);
    assert_eq!(text(&let_in, "s.add(2, 3)").await, "5");
    let mut problems = String::new();
    for path in ["secret", "elsewhere", "broken", "page"] {
        let servers = servers([("s", ServerConfig::url(format!("{}/{path}", server.url)))]);
        servers.namespaces().await;
        problems += &format!("{path}: {}\n", status(&servers).problem.unwrap());
    }
    snapshot!("http_problems", problems);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_is_too_long_fails_its_call_alone() {
    let server = over_http("Huge", &[]).await;
    let mut texts = String::new();
    for path in ["mcp", "events"] {
        let config = ServerConfig::url(format!("{}/{path}", server.url))
            .max_message(100_000)
            .call_timeout(Duration::from_secs(5));
        let servers = servers([("s", config)]);
        texts += &format!(
            "{path}: {}\n",
            text(&servers, &caught("s.huge(2_000_000, True)")).await
        );
        assert_eq!(
            text(&servers, "len(s.huge(90_000, False)), s.small()").await,
            "(90000, 'small')"
        );
    }
    snapshot!("http_huge", texts);
}

#[tokio::test(flavor = "multi_thread")]
async fn arguments_that_are_too_long_are_not_sent() {
    let server = over_http("Normal", &[]).await;
    let config = ServerConfig::url(format!("{}/mcp", server.url)).max_message(2000);
    let servers = servers([("s", config)]);
    let error = text(&servers, &caught("s.search_issues('x' * 5000)")).await;
    snapshot!("http_long_arguments", error);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_ends_at_its_limit_and_the_server_is_told() {
    for behaviour in ["Slow", "ModernSlow"] {
        let server = over_http(behaviour, &[]).await;
        let config =
            ServerConfig::url(format!("{}/mcp", server.url)).call_timeout(Duration::from_secs(1));
        let servers = servers([("s", config)]);
        let error = text(&servers, &caught("s.wait(30)")).await;
        assert!(
            error.starts_with("TimeoutError `wait` took longer than 1s"),
            "{error}"
        );
        let told = text(&servers, "s.cancelled()").await;
        // In MCP 2026-07-28 the end of the request says it.
        assert_eq!(told != "[]", behaviour == "Slow", "{told}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_gone_is_told_in_the_call() {
    let server = over_http("Normal", &[]).await;
    let servers = servers([("s", ServerConfig::url(format!("{}/mcp", server.url)))]);
    assert_eq!(text(&servers, "s.add(2, 3)").await, "5");
    drop(server);
    // The first may find the connection that was open.
    let error = text(&servers, &caught("s.add(2, 3)")).await;
    assert!(error.contains("it cannot be reached"), "{error}");
    let error = text(&servers, &caught("s.add(2, 3)")).await;
    snapshot!("http_gone", error);
}

/// The server does not speak TLS, and the client does not fall back to plain text.
#[tokio::test(flavor = "multi_thread")]
async fn https_is_tls() {
    let server = over_http("Normal", &[]).await;
    let url = server.url.replace("http:", "https:");
    let servers = servers([("s", ServerConfig::url(format!("{url}/mcp")))]);
    servers.namespaces().await;
    let problem = status(&servers).problem.unwrap();
    assert!(
        problem.contains("InvalidMessage") || problem.contains("corrupt message"),
        "{problem}"
    );
}
