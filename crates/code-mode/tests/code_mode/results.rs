//! What a script comes to, and what the model reads.

use monty_code_mode::CallEnd;
use monty_host::Value;
use serde_json::json;

use crate::support::{Effects, builder, code, code_mode, shown, snapshot};

#[tokio::test]
async fn values_and_prints() {
    let code_mode = code_mode().await;
    let scripts = [
        "[issue['title'] for issue in tracker.search_issues('login', limit=2)]",
        "print('looking')\nlen(tracker.search_issues('login'))",
        "print('only prints')",
        "None",
        "'a text as it is'",
        "print('a')\n'a text'",
        "total = sum(len(tracker.search_issues(q)) for q in ['a', 'b'])",
        "import asyncio\nawait asyncio.gather(ship(1), ship(2))",
        "x = 1\nif x:\n    x = 2",
    ];
    let mut text = String::new();
    for script in scripts {
        let outcome = code_mode.call(code(script)).await;
        assert!(!outcome.is_error());
        text += &format!(">>> {script}\n{}\n\n", shown(&outcome));
    }
    snapshot!("values", text);
}

#[tokio::test]
async fn errors_say_what_to_do_and_what_ran() {
    let code_mode = code_mode().await;
    let scripts = [
        "tracker.search_issues()",
        "tracker.search_issues('a', limt=3)",
        "tracker.search_issues(3)",
        "send_mail('ada', 'hello')\nsend_mail(to='bob')",
        "serch_issues('a')",
        "tracker.serch_issues('a')",
        "trakcer.search_issues('a')",
        "await ship(1)\nawait ship(200)",
        "print('so far')\n1 / 0",
        "def f(:\n  pass",
        "class A(B): pass",
        "describe_tool('search')",
    ];
    let mut text = String::new();
    for script in scripts {
        let outcome = code_mode.call(code(script)).await;
        assert!(outcome.is_error(), "{script}");
        text += &format!(">>> {script}\n{}\n\n", shown(&outcome));
    }
    snapshot!("errors", text);
}

#[tokio::test]
async fn wrong_arguments_of_the_tool_itself() {
    let code_mode = code_mode().await;
    let mut text = String::new();
    for arguments in [
        json!(null),
        json!({}),
        json!({ "code": 3 }),
        json!({ "code": "1", "script": "2" }),
    ] {
        let outcome = code_mode.call(arguments.clone()).await;
        assert!(outcome.is_error());
        text += &format!("{arguments}: {}\n", outcome.text());
    }
    snapshot!("arguments", text);
}

#[tokio::test]
async fn the_whole_of_a_long_result_is_there_for_the_next_script() {
    let code_mode = builder(&Effects::default())
        .result_tokens(60)
        .build()
        .await
        .unwrap();
    for is_session in [false, true] {
        let mut conversation = code_mode.conversation();
        if is_session {
            conversation = conversation.session();
        }
        let long = "print('line\\n' * 200)\ntracker.search_issues('login', limit=100)";
        let outcome = conversation.call(code(long)).await;
        snapshot!("long", shown(&outcome));
        // The budget, and two lines that say where the rest is.
        assert!(outcome.text().chars().count() < 60 * 4 + 200);
        assert_eq!(outcome.value.items().unwrap().len(), 100);
        let next = "len(result_1), len(output_1), result_1[41]['id']";
        let outcome = conversation.call(code(next)).await;
        assert_eq!(outcome.text(), "(100, 1001, 42)");
        let outcome = conversation.call(code("'x' * 1000")).await;
        assert!(outcome.text().contains("`result_2`"), "{}", outcome.text());
        let outcome = conversation
            .call(code("len(result_2), len(result_1)"))
            .await;
        assert_eq!(outcome.text(), "(1000, 100)");
    }
}

#[tokio::test]
async fn images_pass_by_the_script() {
    let code_mode = code_mode().await;
    let outcome = code_mode
        .call(code("chart = tracker.chart()\nchart.mime_type, chart.size"))
        .await;
    assert_eq!(outcome.text(), "('image/png', 4)");
    assert!(outcome.attachments.is_empty());
    for script in [
        "tracker.chart()",
        "{'charts': [tracker.chart()]}",
        "a = tracker.chart()\nshow(a)\n'shown'",
    ] {
        let outcome = code_mode.call(code(script)).await;
        assert_eq!(outcome.attachments.len(), 1, "{script}: {}", outcome.text());
        assert_eq!(outcome.attachments[0].data, b"\x89PNG");
    }
    let outcome = code_mode.call(code("show('attachment_1')")).await;
    snapshot!("no_attachment", outcome.text());
}

#[tokio::test]
async fn calls_under_way_are_cancelled_with_the_script() {
    let code_mode = code_mode().await;
    let outcome = code_mode.call(code("ship(1)\n'done'")).await;
    assert_eq!(outcome.value, Value::from("done"));
    assert_eq!(outcome.calls[0].outcome, CallEnd::Cancelled);
}
