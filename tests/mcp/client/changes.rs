//! Lists of tools that change while the server runs.

use monty_mcp::client::Servers;

use crate::support::{server, text, until};

async fn grows(behaviour: &str) {
    let servers = server(behaviour);
    servers.namespaces().await;
    let changes = servers.changes();
    let before = *changes.borrow();
    assert_eq!(text(&servers, "s.grow()").await, "1 more");
    until(|| *changes.borrow() > before).await;
    assert_eq!(text(&servers, "s.tool_0()").await, "2 more");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_notification_makes_the_client_list_again() {
    grows("Growing").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_subscription_makes_the_client_list_again() {
    grows("ModernGrowing").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_expires() {
    let servers = server("Expiring");
    let first = tools(&servers).await;
    assert_eq!(
        (first.as_str(), tools(&servers).await),
        ("['list_1']", first.clone())
    );
    tokio::time::sleep(std::time::Duration::from_millis(4100)).await;
    assert_eq!(tools(&servers).await, "['list_2']");
}

async fn tools(servers: &Servers) -> String {
    let toolbox = crate::support::toolbox(servers).await;
    let names: Vec<_> = toolbox.iter().map(|tool| tool.bare_name()).collect();
    format!("{names:?}").replace('"', "'")
}

#[tokio::test(flavor = "multi_thread")]
async fn what_stays_the_same_is_no_change() {
    let servers = server("Normal");
    servers.namespaces().await;
    let before = *servers.changes().borrow();
    servers.namespaces().await;
    text(&servers, "s.add(1, 2)").await;
    assert_eq!(*servers.changes().borrow(), before);
}
