//! What is sealed is what is opened: once, in time, by its principal.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use monty_code_mode::approvals::store::{MemoryStore, Store};
use monty_code_mode::approvals::{ApprovalErrorKind, Approvals, Decisions, PendingCall, Principal};
use serde_json::json;

use crate::{HOUR, ada, approve_both, bob, calls, key, memory, noise, now, open, seal, show};

#[tokio::test]
async fn a_person_is_shown_exactly_what_was_sealed() {
    let approvals = Approvals::new(key(1));
    let payload = noise(5000);
    let sealed = seal(&approvals, &payload).await;
    assert!(!sealed.is_stored);
    let token = sealed.token.as_str();
    assert!(
        token
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
    );

    // In another process with the key, as often as it is asked for.
    let elsewhere = Approvals::new(key(1));
    for _ in 0..2 {
        let shown = elsewhere.inspect(token, &ada(), now()).await.unwrap();
        assert_eq!(shown.calls, calls());
        assert_eq!(shown.payload, payload);
        assert_eq!((shown.id, shown.expires), (sealed.id, sealed.expires));
        let decided = open(&elsewhere, token).await.unwrap();
        assert_eq!((decided.id, decided.payload), (sealed.id, payload.clone()));
        assert_eq!(decided.calls, calls());
    }
}

#[tokio::test]
async fn two_tokens_of_the_same_differ() {
    let approvals = Approvals::new(key(1));
    let (first, second) = (
        seal(&approvals, b"same").await,
        seal(&approvals, b"same").await,
    );
    assert_ne!(first.id, second.id);
    assert_ne!(first.token, second.token);
}

#[tokio::test]
async fn repetition_is_compressed() {
    let approvals = Approvals::new(key(1));
    let sealed = seal(&approvals, &vec![b'x'; 1_000_000]).await;
    assert!(sealed.token.as_str().len() < 2500, "{:?}", sealed.token);
    assert_eq!(
        open(&approvals, sealed.token.as_str())
            .await
            .unwrap()
            .payload
            .len(),
        1_000_000
    );
}

#[tokio::test]
async fn a_token_is_valid_until_it_expires() {
    let approvals = Approvals::new(key(1)).time_to_live(HOUR);
    let sealed_at = SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000);
    let sealed = approvals
        .seal(&ada(), &calls(), b"", sealed_at)
        .await
        .unwrap();
    assert_eq!(sealed.expires, sealed_at + HOUR);
    let token = sealed.token.as_str();
    let millisecond = Duration::from_millis(1);
    // A clock that is behind the one that sealed it is no reason to refuse.
    for at in [sealed_at - HOUR, sealed_at, sealed_at + HOUR - millisecond] {
        approvals.inspect(token, &ada(), at).await.unwrap();
        approvals
            .open(token, &ada(), &approve_both(), at)
            .await
            .unwrap();
    }
    let mut errors = Vec::new();
    for late in [0, 61, 3 * 3600 + 125, 50 * 3600] {
        let at = sealed_at + HOUR + Duration::from_secs(late);
        approvals.inspect(token, &ada(), at).await.unwrap_err();
        let opened = approvals.open(token, &ada(), &approve_both(), at).await;
        let error = opened.unwrap_err();
        assert!(error.is_expired() && error.is_rejection());
        assert_eq!(error.expired_at(), Some(sealed.expires));
        errors.push(error);
    }
    insta::assert_snapshot!(show(errors));
}

#[tokio::test]
async fn a_token_is_its_principals() {
    let approvals = Approvals::new(key(1)).store(memory());
    let sealed = seal(&approvals, b"").await;
    let token = sealed.token.as_str();
    let shifted = Principal::new(["acm", "eada", "conversation 7"]).unwrap();
    let shorter = Principal::new(["acme", "ada"]).unwrap();
    for other in [bob(), shifted, shorter] {
        approvals.inspect(token, &other, now()).await.unwrap_err();
        // Others do not learn that it expired, either.
        for at in [now(), now() + 48 * HOUR] {
            let opened = approvals.open(token, &other, &approve_both(), at).await;
            let error = opened.unwrap_err();
            assert_eq!(error.kind(), ApprovalErrorKind::Principal);
            assert_eq!(
                error.to_string(),
                "the approval token belongs to another principal"
            );
        }
    }
    open(&approvals, token).await.unwrap();
    let none: [&str; 0] = [];
    let errors = [Principal::new(none), Principal::new(["acme", "", "x"])];
    insta::assert_snapshot!(show(errors.map(Result::unwrap_err)));
}

#[tokio::test]
async fn with_a_store_a_token_is_used_once() {
    let approvals = Approvals::new(key(1)).store(memory());
    for payload in [noise(100), noise(100_000)] {
        let sealed = seal(&approvals, &payload).await;
        let token = sealed.token.as_str();
        // To look at it is no use of it.
        approvals.inspect(token, &ada(), now()).await.unwrap();
        approvals.inspect(token, &ada(), now()).await.unwrap();
        assert_eq!(open(&approvals, token).await.unwrap().payload, payload);
        let error = open(&approvals, token).await.unwrap_err();
        assert!(error.is_used());
        assert!(
            approvals
                .inspect(token, &ada(), now())
                .await
                .unwrap_err()
                .is_used()
        );
        insta::allow_duplicates! {
            insta::assert_snapshot!(error, @"the approval token was used already, and its script was continued");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_that_open_a_token_one_succeeds() {
    let approvals = Approvals::new(key(1)).store(memory());
    for payload in [noise(100), noise(100_000)] {
        let token = seal(&approvals, &payload).await.token.into_string();
        let tasks = (0..32).map(|_| {
            let (approvals, token) = (approvals.clone(), token.clone());
            tokio::spawn(async move { open(&approvals, &token).await })
        });
        let mut successes = 0;
        for task in tasks.collect::<Vec<_>>() {
            match task.await.unwrap() {
                Ok(decided) => {
                    assert_eq!(decided.payload, payload);
                    successes += 1;
                }
                Err(error) => assert!(error.is_used(), "{error}"),
            }
        }
        assert_eq!(successes, 1);
    }
}

#[tokio::test]
async fn a_store_can_be_without_single_use() {
    let approvals = Approvals::new(key(1)).store(memory()).reusable();
    for payload in [noise(100), noise(100_000)] {
        let sealed = seal(&approvals, &payload).await;
        for _ in 0..3 {
            let decided = open(&approvals, sealed.token.as_str()).await.unwrap();
            assert_eq!(decided.payload, payload);
        }
    }
}

#[tokio::test]
async fn single_use_holds_whoever_asks_for_it() {
    let store = memory();
    let once = Approvals::new(key(1)).store(store.clone());
    let often = Approvals::new(key(1)).store(store.clone()).reusable();
    // The one that sealed it.
    let sealed = seal(&once, b"").await;
    open(&often, sealed.token.as_str()).await.unwrap();
    assert!(
        open(&often, sealed.token.as_str())
            .await
            .unwrap_err()
            .is_used()
    );
    // The one that opens it.
    let sealed = seal(&often, b"").await;
    open(&once, sealed.token.as_str()).await.unwrap();
    assert!(
        open(&once, sealed.token.as_str())
            .await
            .unwrap_err()
            .is_used()
    );
    // One that cannot know.
    let without = Approvals::new(key(1));
    let small = seal(&once, b"").await;
    let large = seal(&often, &noise(100_000)).await;
    let errors = [
        open(&without, small.token.as_str()).await.unwrap_err(),
        without
            .inspect(small.token.as_str(), &ada(), now())
            .await
            .unwrap_err(),
        open(&without, large.token.as_str()).await.unwrap_err(),
    ];
    insta::assert_snapshot!(show(errors));
}

#[tokio::test]
async fn what_is_too_large_for_a_token_lies_in_the_store_encrypted() {
    let store = Arc::new(MemoryStore::new());
    let approvals = Approvals::new(key(1))
        .store(store.clone())
        .max_token_length(142);
    let secret = b"the script's secret".repeat(10);
    let sealed = seal(&approvals, &secret).await;
    assert!(sealed.is_stored);
    assert_eq!(sealed.token.as_str().len(), 142);
    let entry_key = format!("approval/{}", sealed.id);
    let entry = store.get(&entry_key).await.unwrap().unwrap();
    for word in [&b"secret"[..], b"refund", b"ada"] {
        assert!(!entry.value.windows(word.len()).any(|window| window == word));
    }

    // Another one's content does not pass for it, and a changed one neither.
    let other = seal(&approvals, b"other").await;
    let other_key = format!("approval/{}", other.id);
    let swapped = store.get(&other_key).await.unwrap().unwrap().value;
    let mut flipped = entry.value.clone();
    *flipped.last_mut().unwrap() ^= 1;
    let later = now() + HOUR;
    let mut errors = Vec::new();
    for wrong in [swapped, flipped, Vec::new()] {
        store.put(&entry_key, &wrong, later).await.unwrap();
        errors.push(open(&approvals, sealed.token.as_str()).await.unwrap_err());
    }
    store.remove(&entry_key).await.unwrap();
    errors.push(open(&approvals, sealed.token.as_str()).await.unwrap_err());
    insta::assert_snapshot!(show(errors));

    // None of that used the token.
    store.put(&entry_key, &entry.value, later).await.unwrap();
    assert_eq!(
        open(&approvals, sealed.token.as_str())
            .await
            .unwrap()
            .payload,
        secret
    );
    assert!(store.get(&entry_key).await.unwrap().is_none());
    open(&approvals, other.token.as_str()).await.unwrap();
}

#[tokio::test]
async fn what_expired_in_the_store_is_removed_on_the_way() {
    let store = Arc::new(MemoryStore::new());
    let approvals = Approvals::new(key(1))
        .store(store.clone())
        .max_token_length(142);
    for n in 0..20 {
        let key = format!("approval/old {n}");
        store.put(&key, b"", now() - HOUR).await.unwrap();
    }
    seal(&approvals, b"").await;
    assert_eq!(store.remove_expired(100).await.unwrap(), 4);
}

#[tokio::test]
async fn what_cannot_be_sealed_says_what_to_do() {
    let approvals = Approvals::new(key(1));
    let large = noise(100_000);
    let call = |id| PendingCall::new(id, "pay", json!({}));
    let mut deep = json!(1);
    for _ in 0..101 {
        deep = json!([deep]);
    }
    let deep = [PendingCall::new(4, "pay", deep)];
    let tiny = approvals.clone().store(memory()).max_token_length(141);
    let small = approvals.clone().max_content(1000);
    let at = SystemTime::UNIX_EPOCH - 48 * HOUR;
    let errors = [
        approvals.seal(&ada(), &[], b"", now()).await,
        approvals
            .seal(&ada(), &[call(1), call(2), call(1)], b"", now())
            .await,
        approvals.seal(&ada(), &deep, b"", now()).await,
        approvals.seal(&ada(), &calls(), &large, now()).await,
        tiny.seal(&ada(), &calls(), b"", now()).await,
        small.seal(&ada(), &calls(), &large, now()).await,
        approvals.seal(&ada(), &calls(), b"", at).await,
        approvals
            .clone()
            .time_to_live(Duration::ZERO)
            .seal(&ada(), &calls(), b"", now())
            .await,
        approvals
            .clone()
            .time_to_live(Duration::MAX)
            .seal(&ada(), &calls(), b"", now())
            .await,
    ];
    insta::assert_snapshot!(show(errors.map(Result::unwrap_err)));

    let mut deep = json!(1);
    for _ in 0..100 {
        deep = json!({"k": deep});
    }
    let deepest = [PendingCall::new(4, "pay", deep)];
    let sealed = approvals.seal(&ada(), &deepest, b"", now()).await.unwrap();
    let decisions = Decisions::new().approve(4);
    let decided = approvals
        .open(sealed.token.as_str(), &ada(), &decisions, now())
        .await;
    assert_eq!(decided.unwrap().calls, deepest);
}

#[tokio::test]
async fn debug_shows_neither_tokens_nor_payloads() {
    let approvals = Approvals::new(key(1));
    let sealed = seal(&approvals, b"secret").await;
    let shown = approvals
        .inspect(sealed.token.as_str(), &ada(), now())
        .await
        .unwrap();
    let decided = open(&approvals, sealed.token.as_str()).await.unwrap();
    let text = format!("{sealed:?} {shown:?} {decided:?} {:?}", ada());
    assert!(!text.contains(sealed.token.as_str()));
    for word in ["secret", "[115, 101", "refund"] {
        assert!(!text.contains(word), "{text}");
    }
}
