//! Conversations whose scripts share their names.

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
