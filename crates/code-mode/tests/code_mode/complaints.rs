//! What users of other systems complain of, each as a test that holds here.

use monty_code_mode::approvals::Decisions;
use monty_code_mode::{AgentTool, Annotations, CallEnd, CodeMode, ResumeError, Status, Toolbox};
use monty_host::{ErrorKind, Limit, Limits, Tool, ToolError};
use serde_json::json;

use crate::support::{Effects, builder, code, code_mode, monty};

/// 2: discovery takes turns of its own.
#[tokio::test]
async fn search_and_call_are_one_turn() {
    let small = builder(&Effects::default())
        .catalogue_tokens(60)
        .build()
        .await
        .unwrap();
    let script = "signatures = search_tools('find issues')\nprint(signatures)\ntracker.search_issues('a', limit=1)";
    let outcome = small.call(code(script)).await;
    assert!(
        outcome.text().contains("def search_issues(query: str"),
        "{}",
        outcome.text()
    );
    assert!(outcome.text().contains("'title': 'a 1'"));
}

/// 4: a failure cannot be caught in the script, or is taken for a success.
#[tokio::test]
async fn failures_of_tools_are_exceptions_that_scripts_catch() {
    let code_mode = code_mode().await;
    let script =
        "try:\n    await ship(200)\nexcept ValueError as error:\n    caught = str(error)\ncaught";
    assert_eq!(
        code_mode.call(code(script)).await.text(),
        "there is no order 200"
    );
    assert!(code_mode.call(code("await ship(200)")).await.is_error());
}

/// 5: a script that ends in an assignment returns nothing.
#[tokio::test]
async fn a_final_assignment_is_the_result() {
    let code_mode = code_mode().await;
    let outcome = code_mode
        .call(code("rows = [1, 2]\ntotal = sum(rows)  # in cents\n"))
        .await;
    assert_eq!(outcome.text(), "3");
}

/// 6: budgets cut each other's results, and marks of what was cut come back as
/// arguments.
#[tokio::test]
async fn results_are_cut_once_with_marks_that_are_no_data() {
    let code_mode = builder(&Effects::default())
        .result_tokens(50)
        .build()
        .await
        .unwrap();
    let outcome = code_mode.call(code("list(range(1000))")).await;
    assert_eq!(outcome.text().matches('…').count(), 1, "{}", outcome.text());
    let marked = outcome.text().lines().next().unwrap().to_owned();
    let again = code_mode.call(code(&marked)).await;
    assert_eq!(again.error().unwrap().kind(), ErrorKind::Source);
}

/// 7: the model calls listed functions as tools of their own.
#[tokio::test]
async fn the_description_says_where_functions_are_called() {
    let code_mode = code_mode().await;
    let description = &code_mode.definition().description;
    assert!(description.contains("They are no tools of their own: call them in the code"));
    let outcome = code_mode.call(json!({ "query": "login" })).await;
    assert!(
        outcome.text().contains("pass the whole script as `code`"),
        "{}",
        outcome.text()
    );
}

/// 8: a type check rejects what runs.
#[tokio::test]
async fn what_runs_passes_the_type_check() {
    let checked = builder(&Effects::default()).checked().build().await;
    let script = "\
rows = list(map(str, filter(None, [0, 1, 2])))
try:
    open('/nowhere')
except (PermissionError, FileNotFoundError, ImportError, UnicodeDecodeError) as error:
    rows.append(type(error).__name__)
[getattr(rows, 'missing', None), hasattr(rows, 'missing'), format(3, '03'), rows]";
    let outcome = checked.unwrap().call(code(script)).await;
    assert_eq!(
        outcome.text(),
        "[None, False, '003', ['1', '2', 'PermissionError']]"
    );
}

/// 9: calls outlive the script, and only a text tells which limit struck.
#[tokio::test]
async fn limits_are_told_apart_and_end_calls() {
    let limits = Limits::default().with_calls(5);
    let code_mode = builder(&Effects::default())
        .limits(limits)
        .build()
        .await
        .unwrap();
    let outcome = code_mode
        .call(code("for n in range(10):\n    send_mail('a', 'b')"))
        .await;
    assert_eq!(outcome.error().unwrap().limit(), Some(Limit::Calls));
    let outcome = code_mode.call(code("ship(1)\nship(2)\n1")).await;
    assert!(
        outcome
            .calls
            .iter()
            .all(|call| call.outcome == CallEnd::Cancelled)
    );
}

/// 10: a retry repeats effects, because nobody says what already ran.
#[tokio::test]
async fn a_failure_lists_what_must_not_be_repeated() {
    let effects = Effects::default();
    let code_mode = builder(&effects).build().await.unwrap();
    let script = "tracker.search_issues('a')\nsend_mail('ada', 'hi')\n1 / 0";
    let outcome = code_mode.call(code(script)).await;
    let text = outcome.text();
    assert!(text.contains("already ran"), "{text}");
    assert!(
        text.contains("send_mail('ada', 'hi') in line 2: returned"),
        "{text}"
    );
    assert!(!text.contains("- tracker.search_issues"), "{text}");
}

/// 11: results are sent twice, and middleware of the host does not see nested
/// calls (`policy.rs`).
#[tokio::test]
async fn text_is_sent_once() {
    let code_mode = code_mode().await;
    let outcome = code_mode.call(code("print('only once')")).await;
    assert_eq!(outcome.text().matches("only once").count(), 1);
    assert!(outcome.value.is_none());
}

/// 13: releases break programs. What may grow is matched with a wildcard, which would be
/// unreachable if it could not.
#[tokio::test]
#[deny(unreachable_patterns)]
async fn what_a_program_reads_may_grow() {
    let code_mode = code_mode().await;
    let outcome = code_mode
        .call(code("tracker.search_issues('a', limit=1)\n1 / 0"))
        .await;
    let ended = match &outcome.status {
        Status::Finished | Status::Waiting(_) => None,
        Status::Failed(error) => Some(error),
        _ => None,
    };
    let kind = ended.map(|error| error.kind());
    assert_eq!(kind, Some(ErrorKind::Script), "{}", outcome.text());
    let calls = outcome.calls.iter().map(|call| match &call.outcome {
        CallEnd::Returned => "returned",
        CallEnd::Raised(_) | CallEnd::Refused(_) => "failed",
        CallEnd::Waiting | CallEnd::Cancelled | CallEnd::Unfinished => "open",
        _ => "new",
    });
    assert_eq!(calls.collect::<Vec<_>>(), ["returned"]);
    // What a resumption fails with may grow too.
    let error = code_mode.resume("no token", &Decisions::new()).await;
    let reason = match error.expect_err("it is no token") {
        ResumeError::Approval(error) => error.to_string(),
        ResumeError::Request(error) => error.to_string(),
        error => error.to_string(),
    };
    assert!(reason.contains("scripts cannot wait here"), "{reason}");
}

/// 14: direct calls are left out. The same toolbox serves both.
#[tokio::test]
async fn tools_can_be_called_without_a_script() {
    let add = Tool::new("add", ["a", "b"], |a: i64, b: i64| {
        Ok::<_, ToolError>(a + b)
    });
    let add = AgentTool::from(add).annotations(Annotations::new().read_only(true));
    let toolbox = Toolbox::builder().tool(add).build().unwrap();
    let code_mode = CodeMode::new(monty(), toolbox).await.unwrap();
    let answer = code_mode
        .call_tool("add", json!({ "a": 1, "b": 2 }))
        .await
        .unwrap();
    assert_eq!(answer.to_string(), "3");
}
