//! Conversations whose scripts share their names.

use std::sync::Arc;

use monty_code_mode::Sessions;
use monty_code_mode::approvals::Key;
use monty_code_mode::approvals::store::{MemoryStore, Store};
use monty_host::SnapshotKey;

use crate::support::{Effects, builder, code, code_mode, shown, snapshot};

#[tokio::test]
async fn names_live_on_even_after_an_error() {
    let code_mode = code_mode().await;
    let mut conversation = code_mode.conversation().session();
    let scripts = [
        "def double(n):\n    return 2 * n\nissues = tracker.search_issues('a', limit=3)",
        "double(len(issues))",
        "more = double(4)\nissues[7]",
        "more",
        "while True: pass",
        "more + 1",
    ];
    let mut text = String::new();
    for script in scripts {
        if script.starts_with("while") {
            continue;
        }
        let outcome = conversation.call(code(script)).await;
        text += &format!(">>> {script}\n{}\n\n", shown(&outcome));
    }
    snapshot!("session", text);
}

#[tokio::test]
async fn a_session_outlives_its_process() {
    let key = SnapshotKey::new([3; 32]).unwrap();
    let code_mode = builder(&Effects::default())
        .result_tokens(20)
        .build()
        .await
        .unwrap();
    let mut conversation = code_mode.conversation().session();
    assert!(conversation.dump(&key).await.unwrap().is_none());
    conversation.call(code("a = 20\n'x' * 500")).await;
    let bytes = conversation.dump(&key).await.unwrap().unwrap();
    drop(conversation);
    let conversation = code_mode.conversation().restore(&bytes, &key).await;
    let outcome = conversation
        .unwrap()
        .call(code("a + 1, len(result_1)"))
        .await;
    assert_eq!(outcome.text(), "(21, 500)");
    let other = SnapshotKey::new([4; 32]).unwrap();
    let error = code_mode
        .conversation()
        .restore(&bytes, &other)
        .await
        .unwrap_err();
    snapshot!("other_key", error.to_string());
}

/// Two replicas with one store: both go on, and one of them is told.
#[tokio::test]
async fn sessions_lie_in_a_store() {
    let store = Arc::new(MemoryStore::new());
    let sessions = Sessions::new(store.clone(), Key::from_bytes([7; 32]));
    let here = code_mode().await;
    let there = code_mode().await;
    let mut first = sessions.open(&here, "a").await.unwrap();
    sessions.save("a", &mut first).await.unwrap();
    first.call(code("rows = [1]")).await;
    sessions.save("a", &mut first).await.unwrap();

    let mut second = sessions.open(&there, "a").await.unwrap();
    assert_eq!(second.call(code("rows + [2]")).await.text(), "[1, 2]");
    sessions.save("a", &mut second).await.unwrap();
    first.call(code("rows = [3]")).await;
    let conflict = sessions.save("a", &mut first).await.unwrap_err();
    assert!(conflict.is_conflict());
    sessions.save("a", &mut second).await.unwrap();

    // Nobody reads it without the key, or as that of another conversation.
    let entry = store.get("session/a").await.unwrap().unwrap();
    assert!(!entry.value.windows(4).any(|part| part == b"rows"));
    let later = std::time::SystemTime::now() + std::time::Duration::from_secs(60);
    store.put("session/b", &entry.value, later).await.unwrap();
    let moved = sessions.open(&here, "b").await.unwrap_err();
    let other = Sessions::new(store, Key::from_bytes([8; 32]));
    let unknown = other.open(&here, "a").await.unwrap_err();
    snapshot!("session_errors", format!("{conflict}\n{moved}\n{unknown}"));

    sessions.remove("a").await.unwrap();
    let mut third = sessions.open(&here, "a").await.unwrap();
    assert!(third.call(code("rows")).await.is_error());
}

/// A dropped future ends the session, and the next script has a new one.
#[tokio::test]
async fn a_session_that_ended_is_replaced() {
    let code_mode = code_mode().await;
    let mut conversation = code_mode.conversation().session();
    conversation.call(code("a = 1")).await;
    let endless = conversation.call(code("while True: await ship(1)"));
    let stopped = tokio::time::timeout(std::time::Duration::from_millis(50), endless).await;
    assert!(stopped.is_err());
    let outcome = conversation.call(code("a")).await;
    assert!(outcome.is_error());
    let outcome = conversation.call(code("2")).await;
    assert_eq!(outcome.text(), "2");
}
