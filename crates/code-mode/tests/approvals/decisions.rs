//! Decisions fit the calls of the token, and those only.

use monty_code_mode::approvals::{
    Approvals, CallDigest, CallReference, Decision, Decisions, PendingCall,
};
use serde_json::{Value, json};

use crate::{ada, calls, key, memory, now, open, seal, show};

#[tokio::test]
async fn each_call_has_its_own_decision() {
    let approvals = Approvals::new(key(1));
    let calls: Vec<_> = (0..4)
        .map(|id| PendingCall::new(id, "pay", json!({"n": id})))
        .collect();
    let sealed = approvals
        .seal(&ada(), &calls, b"snapshot", now())
        .await
        .unwrap();
    let token = sealed.token.as_str();
    let shown = approvals.inspect(token, &ada(), now()).await.unwrap();
    let decisions = Decisions::new()
        .answer(3, json!("paid by hand"))
        .deny(&shown.calls[1], "too much")
        .approve(&shown.calls[0])
        .edit(CallReference::new(2, calls[2].digest()), json!({"n": 1}));
    let decided = approvals
        .open(token, &ada(), &decisions, now())
        .await
        .unwrap();
    assert_eq!(decided.calls, calls);
    assert_eq!(
        decided.decisions,
        [
            Decision::Approve,
            Decision::Deny("too much".to_owned()),
            Decision::Edit(json!({"n": 1})),
            Decision::Answer(json!("paid by hand")),
        ]
    );
    insta::assert_snapshot!(serde_json::to_string_pretty(&decided.decisions).unwrap());
}

#[tokio::test]
async fn decisions_that_do_not_fit_are_rejected_and_use_no_token() {
    let approvals = Approvals::new(key(1)).store(memory());
    let sealed = seal(&approvals, b"snapshot").await;
    let [refund, mail] = calls();
    let mut other = refund.clone();
    other.arguments = json!({"order": 1501, "amount": 8000.0});
    let wrong = [
        Decisions::new(),
        Decisions::new().approve(3),
        Decisions::new().approve(3).approve(5).approve(9),
        Decisions::new().approve(3).approve(5).deny(3, "no"),
        Decisions::new().approve(&other).approve(&mail),
    ];
    let mut errors = Vec::new();
    for decisions in wrong {
        let opened = approvals
            .open(sealed.token.as_str(), &ada(), &decisions, now())
            .await;
        errors.push(opened.unwrap_err());
    }
    insta::assert_snapshot!(show(errors));
    open(&approvals, sealed.token.as_str()).await.unwrap();
}

#[tokio::test]
async fn many_calls_do_not_make_a_long_error() {
    let approvals = Approvals::new(key(1));
    let calls: Vec<_> = (0..5000)
        .map(|id| PendingCall::new(id, "pay", Value::Null))
        .collect();
    let sealed = approvals.seal(&ada(), &calls, b"", now()).await.unwrap();
    let decisions = Decisions::new().approve(7777);
    let opened = approvals
        .open(sealed.token.as_str(), &ada(), &decisions, now())
        .await;
    insta::assert_snapshot!(opened.unwrap_err());
}

#[test]
fn a_digest_is_of_the_whole_call() {
    let digest = |call: &PendingCall| call.digest().to_string();
    let call = PendingCall::new(1, "pay", json!({"a": 1, "b": [true, null, "x", -0.5]})).line(2);
    // What a form or a log keeps stays valid.
    insta::assert_snapshot!(digest(&call));
    let reordered = r#"{"b": [true, null, "x", -0.5], "a": 1}"#;
    let same = PendingCall::new(1, "pay", serde_json::from_str(reordered).unwrap()).line(2);
    assert_eq!(digest(&same), digest(&call));
    assert_eq!(digest(&call).parse::<CallDigest>().unwrap(), call.digest());

    let with = |arguments: Value| PendingCall::new(1, "pay", arguments);
    let different = [
        call.clone(),
        call.clone().line(3),
        PendingCall {
            line: None,
            ..call.clone()
        },
        PendingCall {
            id: 2,
            ..call.clone()
        },
        PendingCall {
            tool: "pays".to_owned(),
            ..call.clone()
        },
        with(Value::Null),
        with(json!("null")),
        with(json!(1)),
        with(json!(1.0)),
        with(json!("1")),
        with(json!(true)),
        with(json!([])),
        with(json!({})),
        with(json!([1, [2]])),
        with(json!([[1], 2])),
        with(json!([1, 2])),
        with(json!([12])),
        with(json!(["a", "b"])),
        with(json!(["ab"])),
        with(json!({"a": "b"})),
        with(json!({"a": null, "b": null})),
        with(json!({"a": {"b": null}})),
    ];
    let digests: std::collections::HashSet<_> = different.iter().map(digest).collect();
    assert_eq!(digests.len(), different.len());

    for text in ["", "12", &"g".repeat(64), &"é".repeat(32)] {
        text.parse::<CallDigest>().unwrap_err();
    }
}

#[test]
fn arguments_of_any_depth_have_a_digest() {
    let mut arguments = json!(1);
    for _ in 0..100_000 {
        arguments = Value::Array(vec![arguments]);
    }
    let call = PendingCall::new(1, "pay", arguments);
    call.digest();
    // serde_json drops it by recursion.
    std::mem::forget(call);
}
