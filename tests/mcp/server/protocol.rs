//! What the server says of itself, in each version of the protocol.

use monty_code_mode::{CodeMode, Toolbox};
use monty_host::Tool;
use monty_mcp::server::Server;
use serde_json::json;
use tokio::sync::watch;

use crate::support::assert_snapshot;
use crate::wire::Client;
use crate::{Serving, code_mode, monty, toolbox};

#[tokio::test(flavor = "multi_thread")]
async fn tools_are_listed_the_same_each_time() {
    let serving = Serving::new(&Server::new(code_mode().await)).await;
    let client = Client::current(&serving.url);
    let first = client.request("tools/list", json!({})).await;
    assert_snapshot!(
        "tools-2026",
        serde_json::to_string_pretty(first.result()).unwrap()
    );
    let again = client.request("tools/list", json!({})).await;
    assert_eq!(first.result(), again.result());
}

#[tokio::test(flavor = "multi_thread")]
async fn older_versions_are_negotiated() {
    let serving = Serving::new(&Server::new(code_mode().await)).await;
    for version in ["2025-11-25", "2025-06-18"] {
        let client = Client::legacy(&serving.url, version, json!({})).await;
        assert!(client.session().is_some());
        let tools = client.request("tools/list", json!({})).await;
        let tools = tools.result()["tools"].as_array().unwrap().clone();
        let names: Vec<_> = tools
            .iter()
            .map(|tool| tool["name"].as_str().unwrap())
            .collect();
        assert_eq!(names, ["run_python", "search_tools"]);
        let description = tools[0]["description"].as_str().unwrap();
        assert!(description.contains("Names live on"), "{description}");
    }
    let unknown = Client::of(&serving.url, "1999-01-01", json!({}));
    let reply = unknown.initialize().await;
    assert_eq!(reply.result()["protocolVersion"], "2025-11-25");
}

#[tokio::test(flavor = "multi_thread")]
async fn discovery_names_what_is_spoken() {
    let serving = Serving::new(&Server::new(code_mode().await)).await;
    let reply = Client::current(&serving.url)
        .request("server/discover", json!({}))
        .await;
    let result = reply.result();
    let versions = result["supportedVersions"].as_array().unwrap();
    for version in ["2026-07-28", "2025-11-25", "2025-06-18"] {
        assert!(versions.contains(&json!(version)), "{result}");
    }
    let tasks = &result["capabilities"]["extensions"]["io.modelcontextprotocol/tasks"];
    assert!(tasks.is_object(), "{result}");
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_of_the_tools_are_told() {
    let (latest, code_modes) = watch::channel(None);
    let serving = Serving::new(&Server::watching(code_modes).build()).await;
    // Clients are greeted before the tools are there.
    let client = Client::legacy(&serving.url, "2025-11-25", json!({})).await;
    latest.send_replace(Some(code_mode().await));
    assert_eq!(client.run("x = 20").await.text_of_tool(), "20");

    let more = Tool::new("more", ["x"], |x: i64| x + 1);
    let toolbox = toolbox()
        .iter()
        .cloned()
        .fold(Toolbox::builder(), |toolbox, tool| toolbox.tool(tool));
    let toolbox = toolbox.tool(more).build().unwrap();
    latest.send_replace(Some(CodeMode::new(&monty(), toolbox).await.unwrap()));

    let tools = client.request("tools/list", json!({})).await;
    let description = tools.result()["tools"][0]["description"].as_str().unwrap();
    assert!(description.contains("def more(x: int)"), "{description}");
    // The session goes on with its names, and finds the new tool.
    assert_eq!(client.run("more(x)").await.text_of_tool(), "21");
}

#[tokio::test(flavor = "multi_thread")]
async fn clients_hear_of_changes() {
    let (latest, code_modes) = watch::channel(Some(code_mode().await));
    let serving = Serving::new(&Server::watching(code_modes).build()).await;
    let clients = [
        Client::current(&serving.url),
        Client::legacy(&serving.url, "2025-11-25", json!({})).await,
    ];
    for client in clients {
        let (listens, listening) = tokio::sync::oneshot::channel();
        let heard = tokio::spawn(async move {
            client
                .heard("notifications/tools/list_changed", listens)
                .await
        });
        listening.await.unwrap();
        latest.send_replace(Some(code_mode().await));
        let heard = tokio::time::timeout(std::time::Duration::from_secs(10), heard).await;
        heard.expect("a notification").unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_while_a_client_connects_is_told() {
    let (latest, code_modes) = watch::channel(Some(code_mode().await));
    let serving = Serving::new(&Server::watching(code_modes).build()).await;
    let client = Client::of(&serving.url, "2025-11-25", json!({}));
    let greeting = client.initialize().await;
    let client = client.with_session(&greeting.headers["mcp-session-id"]);
    latest.send_replace(Some(code_mode().await));
    client.send_initialized().await;
    let (listens, _) = tokio::sync::oneshot::channel();
    let heard = client.heard("notifications/tools/list_changed", listens);
    let heard = tokio::time::timeout(std::time::Duration::from_secs(10), heard).await;
    heard.expect("a notification");
}

#[tokio::test(flavor = "multi_thread")]
async fn mistakes_are_told_to_whom_they_concern() {
    let serving = Serving::new(&Server::new(code_mode().await)).await;
    let client = Client::current(&serving.url);
    let mut told = String::new();
    for (name, arguments) in [
        ("run_python", json!({})),
        ("run_python", json!({ "code": 1 })),
        ("run_python", json!({ "code": "1", "language": "python" })),
        ("price", json!({ "item": "tea" })),
        ("run_pyton", json!({ "code": "1" })),
        ("search_tools", json!({ "words": "price" })),
        ("search_tools", json!({ "query": "what does tea cost" })),
        ("resume", json!({ "handle": "0", "approve": true })),
    ] {
        let reply = client.tool(name, arguments.clone()).await;
        let outcome = match reply.message.get("error") {
            Some(error) => format!("error {}: {}", error["code"], error["message"]),
            None => reply.text_of_tool(),
        };
        told += &format!("{name} {arguments}\n  {}\n", outcome.replace('\n', "\n  "));
    }
    assert_snapshot!("mistakes", told);
}
