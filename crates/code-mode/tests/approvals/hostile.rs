//! Tokens that nobody sealed, or not like this.

use std::collections::BTreeSet;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use monty_code_mode::approvals::{ApprovalErrorKind, Approvals, Key, Keys};

use crate::{ada, key, memory, noise, now, open, seal, show};

async fn kind(approvals: &Approvals, token: &str) -> ApprovalErrorKind {
    let opened = open(approvals, token).await;
    let inspected = approvals.inspect(token, &ada(), now()).await;
    let error = opened.expect_err(token);
    assert_eq!(error.kind(), inspected.expect_err(token).kind());
    assert!(error.is_rejection());
    error.kind()
}

#[tokio::test]
async fn no_byte_of_a_token_can_be_changed() {
    let approvals = Approvals::new(Keys::new(key(1)).opens(key(2))).store(memory());
    for payload in [noise(300), noise(100_000)] {
        let sealed = seal(&approvals, &payload).await;
        let bytes = BASE64.decode(sealed.token.as_str()).unwrap();
        for position in 0..bytes.len() {
            for bit in [0, 7] {
                let mut changed = bytes.clone();
                changed[position] ^= 1 << bit;
                let expected = match position {
                    0 => ApprovalErrorKind::Version,
                    1..9 => ApprovalErrorKind::UnknownKey,
                    _ => ApprovalErrorKind::Changed,
                };
                let kind = kind(&approvals, &BASE64.encode(changed)).await;
                assert_eq!(kind, expected, "bit {bit} of byte {position}");
            }
        }
        // None of it used the token.
        open(&approvals, sealed.token.as_str()).await.unwrap();
    }
}

#[tokio::test]
async fn no_character_of_a_token_can_be_changed() {
    let approvals = Approvals::new(key(1));
    let token = seal(&approvals, b"payload").await.token.into_string();
    for position in 0..token.len() {
        for replacement in ["A", "B", "_", "=", " ", "\n", "\0", "é", "", "AA"] {
            let mut changed = token.clone();
            changed.replace_range(position..=position, replacement);
            if changed != token {
                kind(&approvals, &changed).await;
            }
        }
    }
    open(&approvals, &token).await.unwrap();
}

#[tokio::test]
async fn tokens_can_be_neither_cut_nor_extended() {
    let approvals = Approvals::new(key(1));
    let token = seal(&approvals, b"payload").await.token.into_string();
    for length in 0..token.len() {
        let kind = kind(&approvals, &token[..length]).await;
        assert_eq!(kind, ApprovalErrorKind::Changed, "{length}");
        open(&approvals, &token[length + 1..]).await.unwrap_err();
    }
    let bytes = BASE64.decode(&token).unwrap();
    for length in 0..bytes.len() {
        let kind = kind(&approvals, &BASE64.encode(&bytes[..length])).await;
        assert_eq!(kind, ApprovalErrorKind::Changed);
    }
    for extra in [1, 2, 3, 16, 1000] {
        let extended = [bytes.as_slice(), &vec![0; extra]].concat();
        let kind = kind(&approvals, &BASE64.encode(extended)).await;
        assert_eq!(kind, ApprovalErrorKind::Changed);
    }
    for around in [" ", "\n", "=", "=="] {
        open(&approvals, &format!("{token}{around}"))
            .await
            .unwrap_err();
    }
    kind(&approvals, &token.repeat(2)).await;
}

#[tokio::test]
async fn parts_of_two_tokens_do_not_make_a_third() {
    let approvals = Approvals::new(key(1));
    let first = BASE64
        .decode(seal(&approvals, b"payload").await.token.as_str())
        .unwrap();
    let second = BASE64
        .decode(seal(&approvals, b"another").await.token.as_str())
        .unwrap();
    // All in front of the nonce is the same.
    for position in 10..first.len() {
        let mixed = [&first[..position], &second[position..]].concat();
        let kind = kind(&approvals, &BASE64.encode(mixed)).await;
        assert_eq!(kind, ApprovalErrorKind::Changed);
    }
}

#[tokio::test]
async fn a_key_that_names_itself_as_another_opens_nothing() {
    let (ours, theirs) = (key(1), key(2));
    let approvals = Approvals::new(Keys::new(ours.clone()).opens(key(3)));
    let forged = seal(&Approvals::new(theirs), b"forged").await;
    let mut bytes = BASE64.decode(forged.token.as_str()).unwrap();
    let own = seal(&approvals, b"").await;
    let own = BASE64.decode(own.token.as_str()).unwrap();
    bytes[1..9].copy_from_slice(&own[1..9]);
    let kind = kind(&approvals, &BASE64.encode(bytes)).await;
    assert_eq!(kind, ApprovalErrorKind::Changed);
}

#[tokio::test]
async fn a_blob_or_a_content_is_no_token() {
    let keys = Keys::from(key(1));
    let approvals = Approvals::new(keys.clone());
    let token = seal(&approvals, b"payload").await.token.into_string();
    let bytes = BASE64.decode(&token).unwrap();
    let error = keys.open(b"", &bytes).unwrap_err();
    assert_eq!(error.kind(), ApprovalErrorKind::Changed);
    // The plain bytes of a token, sealed by the same key for something else.
    let blob = keys.seal(b"", &[0; 57]).unwrap();
    let kind = kind(&approvals, &BASE64.encode(blob)).await;
    assert_eq!(kind, ApprovalErrorKind::Changed);
}

#[tokio::test]
async fn giant_tokens_are_rejected_before_they_are_decoded() {
    let approvals = Approvals::new(key(1));
    // Not base64 at all: nothing of it is looked at.
    let giant = "é".repeat(50_000_000);
    let started = std::time::Instant::now();
    let error = open(&approvals, &giant).await.unwrap_err();
    assert!(
        started.elapsed().as_millis() < 100,
        "{:?}",
        started.elapsed()
    );
    assert_eq!(error.kind(), ApprovalErrorKind::TooLarge);
    let longest = "A".repeat(65_537);
    let errors = [error, open(&approvals, &longest).await.unwrap_err()];
    insta::assert_snapshot!(show(errors));
    let kind = kind(&approvals, &"A".repeat(65_536)).await;
    assert_eq!(kind, ApprovalErrorKind::Version);
}

#[tokio::test]
async fn a_holder_of_the_key_cannot_fill_the_memory() {
    let careless = Approvals::new(key(1))
        .max_content(100_000_000)
        .store(memory());
    let careful = careless.clone().max_content(1_000_000);
    for (length, is_stored) in [(30_000_000, false), (80_000_000, true)] {
        let sealed = seal(&careless, &vec![0; length]).await;
        assert_eq!(sealed.is_stored, is_stored);
        let token = sealed.token.as_str();
        assert_eq!(kind(&careful, token).await, ApprovalErrorKind::TooLarge);
        let error = open(&careful, token).await.unwrap_err();
        insta::allow_duplicates! {
            insta::assert_snapshot!(error, @"the approval token holds more than 1000000 bytes: raise max_content if it is a valid one");
        }
        // Nor did that use it.
        assert_eq!(open(&careless, token).await.unwrap().payload.len(), length);
    }
}

#[tokio::test]
async fn errors_say_nothing_of_what_they_are_about() {
    let approvals = Approvals::new(key(1));
    let sealed = seal(&approvals, b"secret").await;
    let token = sealed.token.as_str();
    let mut bytes = BASE64.decode(token).unwrap();
    let mut changed = |position: usize| {
        bytes[position] ^= 1;
        let token = BASE64.encode(&bytes);
        bytes[position] ^= 1;
        token
    };
    let (version, tag) = (changed(0), changed(60));
    let other = Approvals::new(Key::from_bytes([9; 32]));
    let errors = [
        open(&approvals, "").await.unwrap_err(),
        open(&approvals, "<script>alert(1)</script>")
            .await
            .unwrap_err(),
        open(&approvals, &token[..40]).await.unwrap_err(),
        open(&approvals, &version).await.unwrap_err(),
        open(&approvals, &tag).await.unwrap_err(),
        open(&other, token).await.unwrap_err(),
    ];
    for error in &errors {
        let text = format!("{error} {error:?}");
        let pieces: BTreeSet<_> = token.as_bytes().windows(16).collect();
        assert!(
            !text
                .as_bytes()
                .windows(16)
                .any(|window| pieces.contains(window))
        );
        assert!(
            !text.contains("script>") && !text.contains("secret"),
            "{text}"
        );
    }
    insta::assert_snapshot!(show(errors));
}
