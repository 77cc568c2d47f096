//! Scripts that wait for a person.

use monty_code_mode::approvals::{Approvals, Decisions, Key, Principal};
use monty_code_mode::{CodeMode, Policy, Rule};
use serde_json::json;

use crate::support::{Effects, builder, code, shown, snapshot};

fn ada() -> Principal {
    Principal::new(["acme", "ada"]).unwrap()
}

async fn asking(effects: &Effects, key: [u8; 32]) -> CodeMode {
    let policy = Policy::new()
        .rule("send_mail", Rule::ask())
        .rule("ship", Rule::ask());
    builder(effects)
        .policy(policy)
        .approvals(Approvals::new(Key::from_bytes(key)), ada())
        .build()
        .await
        .unwrap()
}

const SCRIPT: &str = "\
print('before')
found = tracker.search_issues('login', limit=2)
closed = tracker.close_issue(found[1]['id'], reason='done')
print('after', closed)
closed['closed'] + 40";

#[tokio::test]
async fn a_script_goes_on_after_a_yes_in_another_process() {
    let effects = Effects::default();
    let outcome = asking(&effects, [1; 32]).await.call(code(SCRIPT)).await;
    let waiting = outcome.waiting().unwrap();
    let calls: Vec<_> = waiting
        .calls
        .iter()
        .map(|call| format!("{} {} line {:?}", call.tool, call.arguments, call.line))
        .collect();
    snapshot!(
        "waits",
        format!("{}\n--- to decide\n{}", shown(&outcome), calls.join("\n"))
    );
    assert_eq!(effects.take(), [""; 0]);

    // Another process has nothing but the key.
    let other = asking(&effects, [1; 32]).await;
    let token = waiting.token.as_str();
    let shown_to_ada = other.inspect(token).await.unwrap();
    assert_eq!(shown_to_ada.calls, waiting.calls);
    snapshot!("review", shown_to_ada.to_string());
    let decisions = Decisions::new().approve(&shown_to_ada.calls[0]);
    let outcome = other.resume(token, &decisions).await.unwrap();
    snapshot!("went_on", shown(&outcome));
    assert_eq!(outcome.text(), "before\nafter {'closed': 2}\n=> 42");
    assert_eq!(effects.take(), ["closed 2"]);
}

#[tokio::test]
async fn a_no_an_edit_and_an_answer() {
    let effects = Effects::default();
    let code_mode = asking(&effects, [1; 32]).await;
    let script = "try:\n    r = send_mail('bob', text='hi')\nexcept PermissionError as e:\n    r = str(e)\nr";
    let waiting = code_mode.call(code(script)).await;
    let waiting = waiting.waiting().unwrap();
    let call = &waiting.calls[0];
    let mut text = String::new();
    for decisions in [
        Decisions::new().deny(call, "not at night"),
        Decisions::new().edit(call, json!({ "to": "ada", "text": "hello" })),
        Decisions::new().answer(call, json!({ "sent": "by hand" })),
        Decisions::new().edit(call, json!({ "to": "ada" })),
        Decisions::new().edit(call, json!({ "to": "ada", "text": 3 })),
        Decisions::new().edit(call, json!(["ada"])),
    ] {
        let outcome = code_mode
            .resume(waiting.token.as_str(), &decisions)
            .await
            .unwrap();
        text += &format!("{}\n\n", shown(&outcome));
    }
    snapshot!("decided", text);
    assert_eq!(effects.take(), ["mailed ada: hello"]);
}

/// Some calls of a `gather` wait, others have ended; all that were approved are
/// made at once.
#[tokio::test]
async fn calls_beside_each_other_wait_together() {
    let effects = Effects::default();
    let code_mode = asking(&effects, [1; 32]).await;
    let script = "\
import asyncio
async def mail(n):
    try:
        done = await ship(n)
    except ValueError as error:
        return str(error)
    return done, len(tracker.search_issues(done))
await asyncio.gather(*[mail(n) for n in [1, 2, 200]])";
    let outcome = code_mode.call(code(script)).await;
    let waiting = outcome
        .waiting()
        .unwrap_or_else(|| panic!("{}", outcome.text()));
    assert_eq!(waiting.calls.len(), 3);
    let decisions = waiting
        .calls
        .iter()
        .fold(Decisions::new(), |all, call| all.approve(call));
    let outcome = code_mode
        .resume(waiting.token.as_str(), &decisions)
        .await
        .unwrap();
    // What is awaited at the same time goes on in any order.
    let shown = shown(&outcome);
    let mut lines: Vec<_> = shown.lines().collect();
    lines.sort_unstable();
    snapshot!("gathered", lines.join("\n"));
    let mut done = effects.take();
    done.sort();
    assert_eq!(done, ["shipped 1", "shipped 2"]);
}

#[tokio::test]
async fn a_script_waits_twice() {
    let effects = Effects::default();
    let code_mode = asking(&effects, [1; 32]).await;
    let script = "print(1)\na = send_mail('a', 'x')\nprint(2)\nb = send_mail('b', 'yy')\n[a, b]";
    let mut outcome = code_mode.call(code(script)).await;
    let mut rounds = 0;
    while let Some(waiting) = outcome.waiting() {
        rounds += 1;
        let decisions = Decisions::new().approve(&waiting.calls[0]);
        outcome = code_mode
            .resume(waiting.token.as_str(), &decisions)
            .await
            .unwrap();
    }
    assert_eq!(rounds, 2);
    assert_eq!(outcome.text(), "1\n2\n=> [1, 2]");
    assert_eq!(effects.take(), ["mailed a: x", "mailed b: yy"]);
    snapshot!("twice", shown(&outcome));
}

#[tokio::test]
async fn a_session_waits_and_goes_on_elsewhere() {
    let effects = Effects::default();
    let here = asking(&effects, [1; 32]).await;
    let mut conversation = here.conversation().session();
    conversation.call(code("sent = []")).await;
    let outcome = conversation
        .call(code("sent.append(send_mail('a', 'abc'))\nsent"))
        .await;
    let token = outcome.waiting().unwrap().token.clone();
    let decisions = Decisions::new().approve(&outcome.waiting().unwrap().calls[0]);

    let there = asking(&effects, [1; 32]).await;
    let error = there.resume(token.as_str(), &decisions).await.unwrap_err();
    snapshot!("of_a_session", error.to_string());
    let mut conversation = there.conversation().session();
    let outcome = conversation
        .resume(token.as_str(), &decisions)
        .await
        .unwrap();
    assert_eq!(outcome.text(), "[3]");
    let outcome = conversation.call(code("sent + [4]")).await;
    assert_eq!(outcome.text(), "[3, 4]");
}

/// What comes next in a conversation whose script waits is a script of its own.
#[tokio::test]
async fn a_session_whose_script_waits_takes_another() {
    let effects = Effects::default();
    let code_mode = asking(&effects, [1; 32]).await;
    let mut conversation = code_mode.conversation().session();
    conversation.call(code("kept = 5")).await;
    conversation.call(code("send_mail('a', 'b')")).await;
    let outcome = conversation.call(code("kept")).await;
    assert_eq!(outcome.text(), "5");
    assert_eq!(effects.take(), [""; 0]);
}

#[tokio::test]
async fn tokens_that_are_not_valid_run_nothing() {
    let effects = Effects::default();
    let code_mode = asking(&effects, [1; 32]).await;
    let outcome = code_mode.call(code(SCRIPT)).await;
    let waiting = outcome.waiting().unwrap();
    let token = waiting.token.as_str();
    let yes = Decisions::new().approve(&waiting.calls[0]);
    let other_key = asking(&effects, [2; 32]).await;
    let plain = builder(&effects).build().await.unwrap();
    let mut eve = code_mode
        .conversation()
        .principal(Principal::new(["acme", "eve"]).unwrap());
    let mut changed = token.to_owned();
    changed.replace_range(100..101, if &token[100..101] == "A" { "B" } else { "A" });
    let mut errors = vec![
        other_key.resume(token, &yes).await.unwrap_err().to_string(),
        plain.resume(token, &yes).await.unwrap_err().to_string(),
        eve.resume(token, &yes).await.unwrap_err().to_string(),
        code_mode
            .resume(&changed, &yes)
            .await
            .unwrap_err()
            .to_string(),
        code_mode
            .resume("nonsense", &yes)
            .await
            .unwrap_err()
            .to_string(),
        code_mode
            .resume(token, &Decisions::new())
            .await
            .unwrap_err()
            .to_string(),
    ];
    let two = yes.clone().approve(7);
    errors.push(code_mode.resume(token, &two).await.unwrap_err().to_string());
    errors.push(eve.inspect(token).await.unwrap_err().to_string());
    let mut session = code_mode.conversation().session();
    errors.push(session.resume(token, &yes).await.unwrap_err().to_string());
    snapshot!("invalid_tokens", errors.join("\n").replace(token, "TOKEN"));
    assert_eq!(effects.take(), [""; 0]);
}
