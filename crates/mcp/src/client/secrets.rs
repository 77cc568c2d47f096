//! Values that a server gets and that nothing else shows.

use std::cmp::Reverse;

use serde_json::{Map, Value};

/// Shorter values would be found in ordinary text.
const MIN_BYTES: usize = 6;

/// Words in a name that say that the value is secret.
const SECRET_WORDS: [&str; 12] = [
    "AUTH",
    "AUTHORIZATION",
    "COOKIE",
    "CREDENTIAL",
    "CREDENTIALS",
    "KEY",
    "PASS",
    "PASSPHRASE",
    "PASSWD",
    "PAT",
    "SECRETS",
    "TOKENS",
];
/// The same for names whose words are not set apart, such as `APIKEY`.
const SECRET_ENDS: [&str; 4] = ["APIKEY", "PASSWORD", "SECRET", "TOKEN"];

/// Variables that say where things are and who somebody is.
const PUBLIC: [&str; 21] = [
    "APPDATA",
    "HOME",
    "HOMEDRIVE",
    "HOMEPATH",
    "HOSTNAME",
    "LANG",
    "LOCALAPPDATA",
    "LOGNAME",
    "PATH",
    "PROGRAMFILES",
    "PWD",
    "SHELL",
    "SYSTEMROOT",
    "TEMP",
    "TMP",
    "TMPDIR",
    "USER",
    "USERNAME",
    "USERPROFILE",
    "XDG_CONFIG_HOME",
    "XDG_RUNTIME_DIR",
];

/// Whether the values of a variable are no secrets.
pub(super) fn is_public(name: &str) -> bool {
    PUBLIC.contains(&name)
}

/// Whether the name of a variable or a header says that its value is secret.
pub(super) fn sounds_secret(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    let mut words = name.split(['_', '-', '.']);
    words.any(|word| {
        SECRET_WORDS.contains(&word) || SECRET_ENDS.iter().any(|end| word.ends_with(end))
    })
}

/// Takes the values of secrets out of what a server says.
#[derive(Clone, Default)]
pub(super) struct Secrets {
    /// Each value with the mark in its place, the longest first: one value may be
    /// a part of another.
    values: Vec<(String, String)>,
}

impl Secrets {
    /// Hides a value, in the forms in which messages may have it.
    pub(super) fn add(&mut self, name: &str, value: &str) {
        let mark = format!("[{name}]");
        let escaped: String = value.escape_debug().collect();
        let encoded: String = url::form_urlencoded::byte_serialize(value.as_bytes()).collect();
        // As it stands in the path or the query of an address.
        let in_url = encoded.replace('+', "%20");
        for form in [value.to_owned(), escaped, encoded, in_url] {
            let is_new = !self.values.iter().any(|(known, _)| *known == form);
            if is_new && form.len() >= MIN_BYTES {
                self.values.push((form, mark.clone()));
            }
        }
        // Lines of a key that is quoted line by line.
        if value.contains('\n') {
            for line in value.lines().filter(|line| line.len() >= 16) {
                if !self.values.iter().any(|(known, _)| known == line) {
                    self.values.push((line.to_owned(), mark.clone()));
                }
            }
        }
        self.values.sort_by_key(|(value, _)| Reverse(value.len()));
    }

    pub(super) fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    fn in_place(&self, text: &mut String) {
        for (value, mark) in &self.values {
            if text.contains(value.as_str()) {
                *text = text.replace(value.as_str(), mark);
            }
        }
    }

    /// A text without the values.
    pub(super) fn hide(&self, text: impl Into<String>) -> String {
        let mut text = text.into();
        self.in_place(&mut text);
        text
    }

    /// A message without the values.
    pub(super) fn hide_json(&self, value: &mut Value) {
        if self.is_empty() {
            return;
        }
        match value {
            Value::String(text) => self.in_place(text),
            Value::Array(items) => items.iter_mut().for_each(|item| self.hide_json(item)),
            Value::Object(entries) => self.hide_object(entries),
            _ => {}
        }
    }

    fn hide_object(&self, entries: &mut Map<String, Value>) {
        entries.values_mut().for_each(|value| self.hide_json(value));
        let is_in_key = |key: &String| self.values.iter().any(|(value, _)| key.contains(value));
        if entries.keys().any(is_in_key) {
            let renamed = std::mem::take(entries).into_iter();
            *entries = renamed
                .map(|(key, value)| (self.hide(key), value))
                .collect();
        }
    }
}
