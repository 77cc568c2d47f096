//! Round trips of anything, and rubbish of any kind.

use std::future::Future;
use std::time::{Duration, SystemTime};

use monty_code_mode::approvals::{Approvals, Decisions, Keys, PendingCall, Principal};
use proptest::prelude::*;
use serde_json::Value;

use crate::{key, memory};

fn wait<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    runtime.block_on(work)
}

fn json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        // All of them, also those that a careless parser is off by one bit for.
        any::<f64>().prop_map(Value::from),
        ".*".prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 32, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::btree_map(".*", inner, 0..6)
                .prop_map(|entries| Value::Object(entries.into_iter().collect())),
        ]
    })
}

fn calls() -> impl Strategy<Value = Vec<PendingCall>> {
    let call = (".*", json(), prop::option::of(1_u32..));
    prop::collection::btree_map(any::<u32>(), call, 1..5).prop_map(|calls| {
        let calls = calls.into_iter();
        let calls = calls.map(|(id, (tool, arguments, line))| PendingCall {
            id,
            tool,
            arguments,
            line,
        });
        calls.collect()
    })
}

fn approvals() -> Approvals {
    Approvals::new(Keys::new(key(1)).opens(key(2)))
        .store(memory())
        .max_token_length(2000)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

    #[test]
    fn what_is_sealed_is_what_is_opened(
        calls in calls(),
        payload in prop::collection::vec(any::<u8>(), 0..3000),
        principal in prop::collection::vec(".+", 1..4),
    ) {
        let principal = Principal::new(&principal).unwrap();
        let now = SystemTime::now();
        let approvals = approvals();
        let decisions = calls.iter().fold(Decisions::new(), |all, call| all.approve(call));
        let sealed = wait(approvals.seal(&principal, &calls, &payload, now)).unwrap();
        prop_assert!(sealed.token.as_str().len() <= 2000);
        let token = sealed.token.as_str();
        let shown = wait(approvals.inspect(token, &principal, now)).unwrap();
        let digests = |calls: &[PendingCall]| calls.iter().map(PendingCall::digest).collect::<Vec<_>>();
        prop_assert_eq!(digests(&shown.calls), digests(&calls));
        let decided = wait(approvals.open(token, &principal, &decisions, now)).unwrap();
        prop_assert_eq!(decided.calls, calls);
        prop_assert_eq!(decided.payload, payload);
        prop_assert!(wait(approvals.open(token, &principal, &decisions, now)).unwrap_err().is_used());
    }

    #[test]
    fn a_changed_token_does_not_open(position in any::<prop::sample::Index>(), with in "[A-Za-z0-9_-]") {
        let principal = Principal::new(["ada"]).unwrap();
        let now = SystemTime::now();
        let approvals = approvals();
        let calls = [PendingCall::new(1, "pay", Value::Null)];
        let sealed = wait(approvals.seal(&principal, &calls, b"payload", now)).unwrap();
        let mut token = sealed.token.into_string();
        let position = position.index(token.len());
        prop_assume!(token[position..=position] != with);
        token.replace_range(position..=position, &with);
        let decisions = Decisions::new().approve(1);
        prop_assert!(wait(approvals.open(&token, &principal, &decisions, now)).is_err());
    }

    #[test]
    fn rubbish_is_rejected(token in prop_oneof![".*", "AQ[A-Za-z0-9_-]{0,300}"], at in any::<u32>()) {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(at.into());
        let principal = Principal::new(["ada"]).unwrap();
        prop_assert!(wait(approvals().inspect(&token, &principal, now)).is_err());
    }
}
