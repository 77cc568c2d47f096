//! JSON pointers, and the places that `$ref`s lead to.

use serde_json::Value;

/// The pointer to a part.
pub(super) fn child(pointer: &str, key: &str) -> String {
    let key = key.replace('~', "~0").replace('/', "~1");
    format!("{pointer}/{key}")
}

/// The place that a `$ref` within its own document leads to. Anchors and other
/// documents are left to the validator.
pub(super) fn resolve<'s>(root: &'s Value, reference: &str) -> Option<(String, &'s Value)> {
    let fragment = reference.strip_prefix('#')?;
    let pointer = percent_encoding::percent_decode_str(fragment)
        .decode_utf8()
        .ok()?;
    let schema = root.pointer(&pointer)?;
    Some((pointer.into_owned(), schema))
}

/// The last part of a pointer, as a name.
pub(super) fn last_part(pointer: &str) -> String {
    let (_, last) = pointer.rsplit_once('/').unwrap_or_default();
    last.replace("~1", "/").replace("~0", "~")
}
