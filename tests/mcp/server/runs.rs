//! Scripts of clients.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use monty_code_mode::{Attachment, CodeMode, SchemaTool, ToolResult, ToolSchema, Toolbox};
use monty_host::{Tool, ToolError};
use monty_mcp::server::{Quota, Server};
use serde_json::{Value as Json, json};

use crate::support::assert_snapshot;
use crate::wire::{CURRENT, Client};
use crate::{Serving, code_mode, monty};

#[tokio::test(flavor = "multi_thread")]
async fn a_script_calls_tools() {
    let serving = Serving::new(&Server::new(code_mode().await)).await;
    let client = Client::current(&serving.url);
    let mut told = String::new();
    for code in [
        "sum(price(item) for item in ['tea', 'milk'])",
        "print('tea', price('tea'))",
        "price('tea')\nprice('')",
        "price(thing='tea')",
        "pric('tea')",
        "def (",
        "while True: pass",
        "class A(dict): pass",
    ] {
        let reply = client.run(code).await;
        told += &format!(
            ">>> {}\n{}\n\n",
            code.replace('\n', "\n... "),
            reply.text_of_tool()
        );
        assert!(reply.result().get("structuredContent").is_none());
    }
    // The time that it took.
    let (before, after) = told.split_once("exceeded: ").expect("a limit");
    let (_, after) = after.split_once(" > ").expect("a time");
    assert_snapshot!("scripts", format!("{before}exceeded: [time] > {after}"));
}

#[tokio::test(flavor = "multi_thread")]
async fn scripts_share_names_where_there_are_sessions() {
    let serving = Serving::new(&Server::new(code_mode().await)).await;
    let legacy = Client::legacy(&serving.url, "2025-06-18", json!({})).await;
    legacy.run("x = 1").await;
    assert_eq!(legacy.run("x + 1").await.text_of_tool(), "2");
    let other = Client::legacy(&serving.url, "2025-06-18", json!({})).await;
    assert!(other.run("x").await.text_of_tool().contains("NameError"));

    let current = Client::current(&serving.url);
    current.run("x = 1").await;
    assert!(current.run("x").await.text_of_tool().contains("NameError"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_cut_is_kept_only_where_it_can_be_found() {
    let serving = Serving::new(&Server::new(code_mode().await)).await;
    let code = "list(range(100000))";
    let current = Client::current(&serving.url).run(code).await.text_of_tool();
    assert!(
        current.ends_with("[The whole value is not kept: return less.]"),
        "{current}"
    );
    let legacy = Client::legacy(&serving.url, "2025-11-25", json!({})).await;
    let cut = legacy.run(code).await.text_of_tool();
    assert!(
        cut.ends_with("[The whole value is `result_1` in your next script.]"),
        "{cut}"
    );
    assert_eq!(legacy.run("len(result_1)").await.text_of_tool(), "100000");
}

#[tokio::test(flavor = "multi_thread")]
async fn images_reach_the_model() {
    let schema = ToolSchema::new("plot", json!({ "type": "object" }));
    let plot = SchemaTool::new(schema, async |_| {
        Ok(ToolResult::new(Json::Null)
            .attachment(Attachment::new("image/png", [1, 2, 3]))
            .attachment(Attachment::new("application/pdf", [4, 5, 6])))
    });
    let toolbox = Toolbox::builder().tool(plot.unwrap()).build().unwrap();
    let code_mode = CodeMode::new(&monty(), toolbox).await.unwrap();
    let serving = Serving::new(&Server::new(code_mode)).await;
    let reply = Client::current(&serving.url)
        .run("image, file = plot()\nshow(file)\n[image]")
        .await;
    assert_snapshot!(
        "images",
        serde_json::to_string_pretty(&reply.result()["content"]).unwrap()
    );
}

/// A tool that tells whether its call was dropped.
fn watched() -> (Toolbox, Arc<AtomicBool>, Arc<tokio::sync::Notify>) {
    struct Dropped(Arc<AtomicBool>);
    impl Drop for Dropped {
        fn drop(&mut self) {
            self.0.store(true, Ordering::SeqCst);
        }
    }
    let was_dropped = Arc::new(AtomicBool::new(false));
    let began = Arc::new(tokio::sync::Notify::new());
    let (flag, notify) = (Arc::clone(&was_dropped), Arc::clone(&began));
    let hang = Tool::new("hang", (), move || {
        let (dropped, notify) = (Dropped(Arc::clone(&flag)), Arc::clone(&notify));
        async move {
            notify.notify_one();
            let _dropped = dropped;
            std::future::pending::<()>().await;
            Ok::<_, ToolError>(())
        }
    });
    let toolbox = Toolbox::builder().tool(hang).build().unwrap();
    (toolbox, was_dropped, began)
}

async fn until(what: impl Fn() -> bool) {
    for _ in 0..1000 {
        if what() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("it did not happen within 10 s");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_leaves_stops_its_script() {
    let (toolbox, was_dropped, began) = watched();
    let code_mode = CodeMode::new(&monty(), toolbox).await.unwrap();
    let serving = Serving::new(&Server::new(code_mode)).await;
    let client = Client::current(&serving.url);
    let run = tokio::spawn(async move { client.run("hang()").await });
    began.notified().await;
    run.abort();
    until(|| was_dropped.load(Ordering::SeqCst)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_script_leaves_its_session() {
    let (toolbox, was_dropped, began) = watched();
    let code_mode = CodeMode::new(&monty(), toolbox).await.unwrap();
    let serving = Serving::new(&Server::new(code_mode)).await;
    let client = Arc::new(Client::legacy(&serving.url, "2025-11-25", json!({})).await);
    client.run("x = 5").await;
    let running = Arc::clone(&client);
    // The second request after the first `tools/call` has the id 3.
    let run = tokio::spawn(async move { running.run("y = 6\nhang()").await });
    began.notified().await;
    let reply = client
        .notify(
            "notifications/cancelled",
            json!({ "requestId": 3, "reason": "enough" }),
        )
        .await;
    assert_eq!(reply.status, 202);
    until(|| was_dropped.load(Ordering::SeqCst)).await;
    run.abort();
    assert_eq!(client.run("x + y").await.text_of_tool(), "11");
}

#[tokio::test(flavor = "multi_thread")]
async fn long_scripts_tell_how_far_they_are() {
    let serving = Serving::new(&Server::new(code_mode().await)).await;
    let client = Client::current(&serving.url);
    let params = json!({
        "name": "run_python",
        "arguments": { "code": "price('tea')\nawait slow(2.5)" },
        "_meta": { "progressToken": "p" },
    });
    let reply = client.request("tools/call", params).await;
    assert_eq!(reply.text_of_tool(), "done");
    let (method, progress) = reply.notifications.first().expect("a notification");
    assert_eq!(method, "notifications/progress");
    assert_eq!(progress["message"], "2 calls, the latest of slow");
    assert_eq!(progress["progressToken"], "p");
}

#[tokio::test(flavor = "multi_thread")]
async fn scripts_outlast_their_request_as_tasks() {
    let server = Server::builder(code_mode().await)
        .task_after(Duration::from_secs(3))
        .build();
    let serving = Serving::new(&server).await;
    let capabilities = json!({ "extensions": { "io.modelcontextprotocol/tasks": {} } });
    let client = Client::of(&serving.url, CURRENT, capabilities);
    // One that is quick has its result at once.
    assert_eq!(client.run("1 + 1").await.text_of_tool(), "2");

    let reply = client.run("await slow(4)").await;
    let task = reply.result();
    assert_eq!(task["resultType"], "task", "{task}");
    let id = task["taskId"].clone();
    let mut state = Json::Null;
    for _ in 0..100 {
        let reply = client.request("tasks/get", json!({ "taskId": id })).await;
        state = reply.result().clone();
        if state["status"] != "working" {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(state["status"], "completed", "{state}");
    assert_eq!(state["result"]["content"][0]["text"], "done");

    // Cancelling one stops its script.
    let reply = client.run("await slow(50)").await;
    let id = reply.result()["taskId"].clone();
    client
        .request("tasks/cancel", json!({ "taskId": id }))
        .await;
    for _ in 0..100 {
        let reply = client.request("tasks/get", json!({ "taskId": id })).await;
        state = reply.result().clone();
        if state["status"] == "cancelled" {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("the task is {state}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_has_no_more_than_its_quota() {
    let quota = Quota::default().concurrent(1).waiting(0);
    let server = Server::builder(code_mode().await).quota(quota).build();
    let serving = Serving::new(&server).await;
    let client = Arc::new(Client::legacy(&serving.url, "2025-11-25", json!({})).await);
    let busy = Arc::clone(&client);
    let run = tokio::spawn(async move { busy.run("await slow(1)").await.text_of_tool() });
    tokio::time::sleep(Duration::from_millis(300)).await;
    let refused = client.run("1").await.text_of_tool();
    assert!(
        refused.starts_with("isError: 1 scripts of this client run"),
        "{refused}"
    );
    // Another client is not held up.
    let other = Client::legacy(&serving.url, "2025-11-25", json!({})).await;
    assert_eq!(other.run("1").await.text_of_tool(), "1");
    assert_eq!(run.await.unwrap(), "done");
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_keep_no_more_than_their_memory() {
    let server = Server::builder(code_mode().await)
        .session_memory(6 << 20)
        .build();
    let serving = Serving::new(&server).await;
    let large = "kept = 'x' * 5_000_000\nlen(kept)";
    let first = Client::legacy(&serving.url, "2025-11-25", json!({})).await;
    assert_eq!(first.run(large).await.text_of_tool(), "5000000");
    // Alone it stays.
    assert_eq!(first.run("len(kept)").await.text_of_tool(), "5000000");
    let second = Client::legacy(&serving.url, "2025-11-25", json!({})).await;
    assert_eq!(second.run(large).await.text_of_tool(), "5000000");
    let forgotten = first.run("len(kept)").await.text_of_tool();
    assert_snapshot!("forgotten", forgotten);
    assert_eq!(second.run("len(kept)").await.text_of_tool(), "5000000");
}
