//! Approvals through the protocol.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use monty_code_mode::approvals::{Approvals, Key, Principal};
use monty_code_mode::{CodeMode, Policy, Rule, Toolbox};
use monty_host::Tool;
use monty_mcp::server::{Bearer, Server};
use serde_json::{Value as Json, json};

use crate::support::assert_snapshot;
use crate::wire::{CURRENT, Client};
use crate::{Serving, monty};

const KEY: &str = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

/// Code mode with one tool to ask for, and how often that was called.
async fn paying() -> (CodeMode, Arc<AtomicU64>) {
    let paid = Arc::new(AtomicU64::new(0));
    let count = Arc::clone(&paid);
    let pay = Tool::new("pay", ["amount"], move |amount: u32| {
        count.fetch_add(1, Ordering::SeqCst);
        format!("paid {amount}")
    });
    let note = Tool::new("note", ["text"], |text: String| text.len());
    let toolbox = Toolbox::builder()
        .tool(pay.awaited())
        .tool(note)
        .build()
        .unwrap();
    let code_mode = CodeMode::builder(&monty(), toolbox)
        .policy(Policy::new().rule("pay", Rule::ask()))
        .approvals(
            Approvals::new(KEY.parse::<Key>().unwrap()),
            Principal::new(["local"]).unwrap(),
        )
        .build()
        .await;
    (code_mode.unwrap(), paid)
}

const SCRIPT: &str = "import asyncio\nnote('before')\nawait asyncio.gather(pay(10), pay(2500))";

fn accept(approve: bool) -> Json {
    json!({ "action": "accept", "content": { "approve": approve } })
}

/// The parameters of a request again, with answers.
fn again(required: &Json, answers: Json) -> Json {
    json!({
        "name": "run_python",
        "arguments": { "code": SCRIPT },
        "requestState": required["requestState"],
        "inputResponses": answers,
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn another_server_goes_on_after_a_restart() {
    let (code_mode, paid) = paying().await;
    let first = Serving::new(&Server::new(code_mode)).await;
    let client = Client::current(&first.url);
    let reply = client.run(SCRIPT).await;
    let required = reply.result().clone();
    assert_eq!(required["resultType"], "input_required", "{required}");
    let questions = serde_json::to_string_pretty(&required["inputRequests"]).unwrap();
    assert_snapshot!("questions", questions);
    first.stop().await;
    assert_eq!(paid.load(Ordering::SeqCst), 0);

    let (code_mode, paid) = paying().await;
    let second = Serving::new(&Server::new(code_mode)).await;
    let client = Client::current(&second.url);
    let keys: Vec<_> = required["inputRequests"]
        .as_object()
        .unwrap()
        .keys()
        .cloned()
        .collect();
    let answers = json!({ keys[0].clone(): accept(true), keys[1].clone(): accept(false) });
    let reply = client
        .request("tools/call", again(&required, answers))
        .await;
    assert_snapshot!("one-denied", reply.text_of_tool());
    assert_eq!(paid.load(Ordering::SeqCst), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_that_are_none_run_nothing() {
    let (code_mode, paid) = paying().await;
    let serving = Serving::new(&Server::new(code_mode)).await;
    let client = Client::current(&serving.url);
    let required = client.run("await pay(1)").await.result().clone();
    let key = required["inputRequests"]
        .as_object()
        .unwrap()
        .keys()
        .next()
        .unwrap()
        .clone();
    let mut told = String::new();
    let changed = |from: &Json| {
        let state = from["requestState"].as_str().unwrap();
        let mut changed = from.clone();
        // A letter in the middle.
        let (start, end) = state.split_at(state.len() / 2);
        let letter = if end.starts_with('A') { "B" } else { "A" };
        changed["requestState"] = json!(format!("{start}{letter}{}", &end[1..]));
        changed
    };
    for (what, required, answers) in [
        ("no answers", required.clone(), json!({})),
        (
            "another key",
            required.clone(),
            json!({ "call": accept(true) }),
        ),
        (
            "no elicitation",
            required.clone(),
            json!({ key.clone(): 7 }),
        ),
        (
            "changed",
            changed(&required),
            json!({ key.clone(): accept(true) }),
        ),
        (
            "no token",
            json!({ "requestState": "abc" }),
            json!({ key.clone(): accept(true) }),
        ),
    ] {
        let reply = client
            .request("tools/call", again(&required, answers))
            .await;
        told += &format!("{what}\n  {}\n", reply.text_of_tool());
    }
    assert_snapshot!("wrong-answers", told);
    assert_eq!(paid.load(Ordering::SeqCst), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_answers_for_another() {
    let (code_mode, paid) = paying().await;
    let server = Server::new(code_mode);
    let http = server
        .http()
        .bearer(Bearer::new("ada", "ada-0123456789abcdef").unwrap())
        .bearer(Bearer::new("bob", "bob-0123456789abcdef").unwrap());
    let serving = Serving::of(http).await;
    let ada = Client::current(&serving.url).token("ada-0123456789abcdef");
    let bob = Client::current(&serving.url).token("bob-0123456789abcdef");
    let required = ada.run("await pay(1)").await.result().clone();
    let key = required["inputRequests"]
        .as_object()
        .unwrap()
        .keys()
        .next()
        .unwrap()
        .clone();
    let params = again(&required, json!({ key: accept(true) }));
    let refused = bob
        .request("tools/call", params.clone())
        .await
        .text_of_tool();
    assert!(refused.contains("does not go on"), "{refused}");
    assert_eq!(paid.load(Ordering::SeqCst), 0);
    assert_eq!(
        ada.request("tools/call", params).await.text_of_tool(),
        "paid 1"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_can_read_is_denied() {
    let (code_mode, paid) = paying().await;
    let serving = Serving::new(&Server::new(code_mode)).await;
    let client = Client::current(&serving.url);
    // The argument does not even fit the parameter: what counts is that nobody sees it.
    let reply = client.run("await pay('1' * 5000)").await.text_of_tool();
    assert_snapshot!("too-long", reply);
    assert_eq!(paid.load(Ordering::SeqCst), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn older_clients_are_asked_while_the_script_waits() {
    let (code_mode, paid) = paying().await;
    let serving = Serving::new(&Server::new(code_mode)).await;
    let capabilities = json!({ "elicitation": {} });
    let client = Client::legacy(&serving.url, "2025-11-25", capabilities).await;
    let params = json!({ "name": "run_python", "arguments": { "code": SCRIPT } });
    let answers = |method: &str, params: &Json| {
        assert_eq!(method, "elicitation/create");
        let message = params["message"].as_str().unwrap();
        accept(message.contains("\"amount\":10}"))
    };
    let reply = client.asked("tools/call", params, &answers).await;
    assert_snapshot!("elicited", reply.text_of_tool());
    assert_eq!(paid.load(Ordering::SeqCst), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn clients_without_a_user_get_a_handle() {
    let (code_mode, paid) = paying().await;
    let serving = Serving::new(&Server::new(code_mode)).await;
    let client = Client::legacy(&serving.url, "2025-06-18", json!({})).await;
    let text = client.run(SCRIPT).await.text_of_tool();
    let (before, rest) = text.split_once("the handle is \"").unwrap();
    let (handle, after) = rest.split_once('"').unwrap();
    assert_snapshot!(
        "handle",
        format!("{before}the handle is \"[handle]\"{after}")
    );

    let resume = async |arguments: Json| client.tool("resume", arguments).await.text_of_tool();
    let mut told = String::new();
    for arguments in [
        json!({ "handle": "0123456789abcdef", "approve": true }),
        json!({ "handle": handle, "approve": true, "only": [3] }),
        json!({ "handle": handle }),
    ] {
        told += &resume(arguments).await;
        told += "\n";
    }
    assert_snapshot!("wrong-handles", told);
    assert_eq!(paid.load(Ordering::SeqCst), 0);
    let arguments =
        json!({ "handle": handle, "approve": true, "only": [2], "reason": "too small" });
    let resumed = resume(arguments).await;
    assert_snapshot!("by-handle", resumed);
    assert_eq!(paid.load(Ordering::SeqCst), 1);

    // A client that cancels what it is asked gets a handle too.
    let headless = Client::legacy(&serving.url, "2025-11-25", json!({ "elicitation": {} })).await;
    let params = json!({ "name": "run_python", "arguments": { "code": "await pay(1)" } });
    let reply = headless
        .asked("tools/call", params, &|_, _| json!({ "action": "cancel" }))
        .await;
    assert!(reply.text_of_tool().contains("the handle is"), "{reply:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_tool_what_nobody_is_asked_is_denied() {
    let (code_mode, paid) = paying().await;
    let serving = Serving::new(&Server::builder(code_mode).resume_tool(false).build()).await;
    let client = Client::legacy(&serving.url, "2025-06-18", json!({})).await;
    let text = client.run("await pay(1)").await.text_of_tool();
    assert!(text.contains("the user cannot be asked here"), "{text}");
    assert_eq!(paid.load(Ordering::SeqCst), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn tasks_ask_too() {
    let (code_mode, paid) = paying().await;
    let server = Server::builder(code_mode)
        .task_after(std::time::Duration::ZERO)
        .build();
    let serving = Serving::new(&server).await;
    let capabilities =
        json!({ "elicitation": {}, "extensions": { "io.modelcontextprotocol/tasks": {} } });
    let client = Client::of(&serving.url, CURRENT, capabilities);
    let reply = client.run("await pay(1)").await;
    let id = reply.result()["taskId"].clone();
    let mut state = Json::Null;
    for _ in 0..200 {
        let reply = client.request("tasks/get", json!({ "taskId": id })).await;
        state = reply.result().clone();
        match state["status"].as_str().unwrap() {
            "input_required" => {
                let requests = state["inputRequests"].as_object().unwrap();
                let key = requests.keys().next().unwrap().clone();
                let params = json!({ "taskId": id, "inputResponses": { key: accept(true) } });
                client.request("tasks/update", params).await;
            }
            "completed" => break,
            _ => {}
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    assert_eq!(state["result"]["content"][0]["text"], "paid 1", "{state}");
    assert_eq!(paid.load(Ordering::SeqCst), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_asked_is_what_runs() {
    let seen = Arc::new(std::sync::Mutex::new(String::new()));
    let ran = Arc::clone(&seen);
    let delete = Tool::new("delete", ["path"], move |path: String| {
        *ran.lock().unwrap() = path;
    });
    let toolbox = Toolbox::builder().tool(delete).build().unwrap();
    let code_mode = CodeMode::builder(&monty(), toolbox)
        .policy(Policy::new().rule("delete", Rule::ask()))
        .approvals(
            Approvals::new(KEY.parse::<Key>().unwrap()),
            Principal::new(["local"]).unwrap(),
        )
        .build()
        .await
        .unwrap();
    let serving = Serving::new(&Server::new(code_mode)).await;
    let client = Client::current(&serving.url);
    let code = "delete('/data/a  b\\u2028c\\u00a0d\\u2800e\\u202ef\\U0001d173g')";
    let required = client.run(code).await.result().clone();
    let (key, question) = required["inputRequests"]
        .as_object()
        .unwrap()
        .iter()
        .next()
        .unwrap();
    let message = question["params"]["message"].as_str().unwrap();
    assert_snapshot!("exact", message);
    let params = again(&required, json!({ key.clone(): accept(true) }));
    client.request("tools/call", params).await;
    let path = seen.lock().unwrap().clone();
    assert_eq!(
        path,
        "/data/a  b\u{2028}c\u{a0}d\u{2800}e\u{202e}f\u{1d173}g"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_shows_the_latest_calls() {
    let (code_mode, _) = paying().await;
    let serving = Serving::new(&Server::new(code_mode)).await;
    let client = Client::current(&serving.url);
    let code = "for i in range(30): note(str(i))\nawait pay(1)";
    let required = client.run(code).await.result().clone();
    let question = &required["inputRequests"]["call-30"]["params"]["message"];
    let question = question.as_str().unwrap();
    assert!(
        question.contains("- … 10 earlier calls\n- note('10')"),
        "{question}"
    );
    assert_eq!(question.matches("- note(").count(), 20);
}
