//! Keys: their forms, their rotation, and that nothing shows them.

use monty_code_mode::approvals::{ApprovalErrorKind, Approvals, Key, Keys};

use crate::{key, open, seal, show};

const HEX: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1eff";

fn bytes() -> [u8; 32] {
    std::array::from_fn(|i| if i == 31 { 255 } else { i as u8 })
}

#[test]
fn a_key_has_several_forms() {
    let id = Key::from_bytes(bytes()).id();
    let forms = [
        HEX,
        &HEX.to_uppercase(),
        "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHv8=",
        "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHv8",
    ];
    for form in forms {
        assert_eq!(form.parse::<Key>().unwrap().id(), id, "{form}");
    }
    // Both alphabets.
    let ones = Key::from_bytes([255; 32]).id();
    for sign in ["/", "_"] {
        let text = format!("{}8", sign.repeat(42));
        assert_eq!(text.parse::<Key>().unwrap().id(), ones);
    }

    let file = tempfile::NamedTempFile::new().unwrap();
    let line = format!("  {HEX}\n");
    for content in [&bytes()[..], HEX.as_bytes(), line.as_bytes()] {
        std::fs::write(file.path(), content).unwrap();
        assert_eq!(Key::from_file(file.path()).unwrap().id(), id);
    }
}

#[test]
fn what_is_no_key_is_rejected_without_being_shown() {
    let not_hex = format!("{}zz", &HEX[..62]);
    let one_more = format!("{HEX}00");
    let long = "A".repeat(5000);
    let texts = [
        "",
        "secret",
        &HEX[1..],
        &not_hex,
        &one_more,
        "é".repeat(32).as_str(),
        &long,
    ]
    .map(|text| text.parse::<Key>().unwrap_err());

    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("key");
    let mut errors: Vec<_> = texts.into();
    errors.push(Key::from_file(&file).unwrap_err());
    for content in [&b""[..], &[7; 31], &[0xff; 64], &[b'0'; 100_000]] {
        std::fs::write(&file, content).unwrap();
        errors.push(Key::from_file(&file).unwrap_err());
    }
    assert!(
        errors
            .iter()
            .all(|error| error.kind() == ApprovalErrorKind::Request)
    );
    let shown = show(errors).replace(&*folder.path().to_string_lossy(), "FOLDER");
    insta::assert_snapshot!(shown);
}

#[test]
fn nothing_shows_a_key() {
    let key: Key = HEX.parse().unwrap();
    let keys = Keys::new(key.clone()).opens(Key::from_bytes([7; 32]));
    let approvals = Approvals::new(keys.clone());
    let shown = format!("{key:?}\n{keys:?}\n{approvals:?}");
    insta::assert_snapshot!(shown);
    for part in ["0102", "1, 2", "0707", "7, 7"] {
        assert!(!shown.contains(part), "{part}");
    }
}

#[test]
fn generated_keys_differ() {
    assert_ne!(Key::generate().unwrap().id(), Key::generate().unwrap().id());
}

#[tokio::test]
async fn keys_rotate_without_losing_tokens() {
    let (old, new) = (key(1), key(2));
    let before = Approvals::new(old.clone());
    let during = Approvals::new(Keys::new(old.clone()).opens(new.clone()));
    let then = Approvals::new(Keys::new(new.clone()).opens(old.clone()));
    let after = Approvals::new(new.clone());

    let of_old = seal(&during, b"of the old key").await;
    let of_new = seal(&then, b"of the new key").await;
    for (token, opens, fails) in [
        (&of_old.token, [&before, &during, &then], &after),
        (&of_new.token, [&during, &then, &after], &before),
    ] {
        for approvals in opens {
            open(approvals, token.as_str()).await.unwrap();
        }
        let error = open(fails, token.as_str()).await.unwrap_err();
        assert_eq!(error.kind(), ApprovalErrorKind::UnknownKey);
    }
    let error = open(&after, of_old.token.as_str()).await.unwrap_err();
    insta::assert_snapshot!(error);
    let ids: Vec<_> = then.keys().ids().collect();
    assert_eq!(ids, [new.id(), old.id()]);
}

#[test]
fn keys_seal_other_bytes_for_a_context() {
    let keys = Keys::from(key(1));
    let sealed = keys.seal(b"session of ada", b"parked").unwrap();
    assert_eq!(sealed.len(), b"parked".len() + 49);
    assert_eq!(keys.open(b"session of ada", &sealed).unwrap(), b"parked");
    assert_ne!(sealed, keys.seal(b"session of ada", b"parked").unwrap());

    let mut errors = vec![
        keys.open(b"session of bob", &sealed).unwrap_err(),
        keys.open(b"session of ada", &sealed[..48]).unwrap_err(),
        keys.open(b"session of ada", b"").unwrap_err(),
    ];
    for position in 0..sealed.len() {
        let mut changed = sealed.clone();
        changed[position] ^= 1;
        errors.push(keys.open(b"session of ada", &changed).unwrap_err());
    }
    let kinds: Vec<_> = errors.iter().map(|error| error.kind()).collect();
    assert!(kinds.iter().all(|kind| matches!(
        kind,
        ApprovalErrorKind::Changed | ApprovalErrorKind::Version | ApprovalErrorKind::UnknownKey
    )));
}
