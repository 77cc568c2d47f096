//! Who is let in over HTTP.

use monty_mcp::server::{Bearer, Server};
use serde_json::json;
use tokio::net::TcpListener;

use crate::support::assert_snapshot;
use crate::wire::{Client, http};
use crate::{Serving, code_mode};

const ADA: &str = "ada-0123456789abcdef";
const BOB: &str = "bob-0123456789abcdef";

async fn status(serving: &Serving, headers: &[(&str, &str)], body: &str) -> String {
    let mut request = http()
        .post(&serving.url)
        .header("content-type", "application/json")
        .header("accept", "application/json, text/event-stream");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let response = request.body(body.to_owned()).send().await.unwrap();
    let status = response.status();
    let text = response.text().await.unwrap();
    let start: String = text.trim().chars().take(120).collect();
    format!("{status}: {start}")
}

#[tokio::test(flavor = "multi_thread")]
async fn browsers_and_other_names_are_refused() {
    let serving = Serving::new(&Server::new(code_mode().await)).await;
    let list = r#"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#;
    let mut told = String::new();
    for headers in [
        vec![("host", "evil.example.com")],
        vec![("host", "localhost.evil.example.com")],
        vec![("origin", "https://evil.example.com")],
        vec![("origin", "http://localhost:3000")],
        vec![("origin", "null")],
    ] {
        told += &format!(
            "{headers:?}\n  {}\n",
            status(&serving, &headers, list).await
        );
    }
    let long = format!(
        "{{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"{}\"}}",
        "x".repeat(5 << 20)
    );
    told += &format!("5 MiB\n  {}\n", status(&serving, &[], &long).await);
    let deep = "[".repeat(100_000);
    told += &format!("nested\n  {}\n", status(&serving, &[], &deep).await);
    let other = serving.url.replace("/mcp", "/");
    let response = http().get(other).send().await.unwrap();
    told += &format!(
        "another path\n  {}: {}",
        response.status(),
        response.text().await.unwrap()
    );
    assert_snapshot!("refused", told);
    // It goes on after all that.
    assert_eq!(
        Client::current(&serving.url).run("1").await.text_of_tool(),
        "1"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_an_allowed_origin_come_in() {
    let server = Server::new(code_mode().await);
    let serving = Serving::of(server.http().allowed_origin("https://app.example.com:443")).await;
    let list = r#"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#;
    let allowed = [("origin", "https://app.example.com")];
    let answer = status(&serving, &allowed, list).await;
    assert!(!answer.starts_with("403"), "{answer}");
    let other = [("origin", "https://app.example.com:8443")];
    assert!(status(&serving, &other, list).await.starts_with("403"));
}

/// A server with two clients.
async fn for_ada_and_bob() -> Serving {
    let server = Server::new(code_mode().await);
    let http = server
        .http()
        .bearer(Bearer::new("ada", ADA).unwrap())
        .bearer(Bearer::new("bob", BOB).unwrap());
    Serving::of(http).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_lets_its_client_in() {
    let serving = for_ada_and_bob().await;
    let mut told = String::new();
    for header in [
        "",
        "Bearer",
        "Bearer wrong",
        "Basic YWRhOmFkYQ==",
        "bearer ada-0123456789abcdeg",
    ] {
        let headers: Vec<_> = match header {
            "" => Vec::new(),
            header => vec![("authorization", header)],
        };
        told += &format!("{header:?}\n  {}\n", status(&serving, &headers, "{}").await);
    }
    assert_snapshot!("tokens", told);

    let ada = Client::of(&serving.url, "2025-11-25", json!({}))
        .token(ADA)
        .initialized()
        .await;
    assert_eq!(ada.run("x = 1").await.text_of_tool(), "1");
    // The session of one is not that of another.
    let session = ada.session().unwrap();
    let bob = Client::of(&serving.url, "2025-11-25", json!({}))
        .token(BOB)
        .with_session(session);
    let reply = bob.run("x").await;
    assert_eq!(
        (reply.status, reply.text.trim()),
        (404, "there is no such session")
    );
}

#[tokio::test]
async fn servers_that_others_reach_need_tokens_and_names() {
    let server = Server::new(code_mode().await);
    let listener = async || TcpListener::bind("0.0.0.0:0").await.unwrap();
    let error = server
        .http()
        .serve(listener().await, async {})
        .await
        .unwrap_err();
    let port = |text: String| {
        let (start, rest) = text.split_once(':').unwrap();
        format!(
            "{start}:[port]{}",
            rest.trim_start_matches(|c: char| c.is_ascii_digit())
        )
    };
    let mut told = port(error.to_string());
    let http = server.http().bearer(Bearer::new("ada", ADA).unwrap());
    let error = http.serve(listener().await, async {}).await.unwrap_err();
    told += &format!("\n{}", port(error.to_string()));
    let twice = server
        .http()
        .bearer(Bearer::new("ada", ADA).unwrap())
        .bearer(Bearer::new("bob", ADA).unwrap());
    let address = "127.0.0.1:80".parse().unwrap();
    told += &format!("\n{}", twice.check(address).unwrap_err());
    for (name, token) in [("ada", "short"), ("ada", "with a space in it"), ("", ADA)] {
        told += &format!("\n{}", Bearer::new(name, token).unwrap_err());
    }
    assert_snapshot!("refused-to-serve", told);
    let http = server
        .http()
        .bearer(Bearer::new("ada", ADA).unwrap())
        .allowed_host("tools.example.com");
    http.serve(listener().await, async {}).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn one_client_does_not_take_all_sessions() {
    let serving = for_ada_and_bob().await;
    let ada = Client::of(&serving.url, "2025-11-25", json!({})).token(ADA);
    let mut opened = 0;
    let refused = loop {
        let reply = ada.initialize().await;
        match reply.status {
            200 => opened += 1,
            _ => break reply,
        }
        assert!(opened <= 1024, "no limit");
    };
    assert_eq!((opened, refused.status), (1024, 429), "{refused:?}");
    // It goes on without, and others are not held up.
    let current = Client::current(&serving.url).token(ADA);
    assert_eq!(current.run("1").await.text_of_tool(), "1");
    let bob = Client::of(&serving.url, "2025-11-25", json!({})).token(BOB);
    assert_eq!(bob.initialized().await.run("2").await.text_of_tool(), "2");
}
