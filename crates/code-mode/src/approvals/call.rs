//! The calls that a person decides on.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::error::ApprovalError;

/// Arguments are nested at most this deep.
const MAX_DEPTH: usize = 100;

/// A call that waits for a decision, as a person is shown it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[expect(
    clippy::exhaustive_structs,
    reason = "whoever seals calls of their own makes them"
)]
pub struct PendingCall {
    /// Identifies the call within its script.
    pub id: u32,
    /// The tool.
    pub tool: String,
    /// Its arguments, usually an object by name.
    pub arguments: Value,
    /// The line of the script, from 1.
    pub line: Option<u32>,
}

/// SHA-256 of a call's id, tool, arguments and line. `Display` and `FromStr` are
/// hexadecimal.
///
/// Two calls have the same if they are the same; the order of an object's keys
/// is of no consequence.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct CallDigest([u8; 32]);

impl PendingCall {
    /// A call without a line.
    pub fn new(id: u32, tool: impl Into<String>, arguments: Value) -> Self {
        Self {
            id,
            tool: tool.into(),
            arguments,
            line: None,
        }
    }

    /// The line of the script, from 1.
    #[must_use]
    pub fn line(mut self, line: u32) -> Self {
        self.line = Some(line);
        self
    }

    /// Its digest, for a log, or a form that a person approves it with.
    pub fn digest(&self) -> CallDigest {
        let mut digest = Sha256::new();
        digest.update(b"monty-code-mode call\0");
        digest.update(self.id.to_le_bytes());
        // Lines start at 1.
        digest.update(self.line.unwrap_or(0).to_le_bytes());
        update_text(&mut digest, b's', &self.tool);
        update(&mut digest, &self.arguments);
        CallDigest(digest.finalize().into())
    }

    /// Rejects what a token could not give back.
    pub(crate) fn check(&self) -> Result<(), ApprovalError> {
        let mut level = vec![&self.arguments];
        for _ in 0..=MAX_DEPTH {
            level = level.into_iter().flat_map(children).collect();
            if level.is_empty() {
                return Ok(());
            }
        }
        Err(ApprovalError::request(format_args!(
            "the arguments of call {} are nested deeper than {MAX_DEPTH} levels, which no token holds",
            self.id
        )))
    }
}

fn children(value: &Value) -> Vec<&Value> {
    match value {
        Value::Array(items) => items.iter().collect(),
        Value::Object(entries) => entries.values().collect(),
        _ => Vec::new(),
    }
}

fn update_text(digest: &mut Sha256, tag: u8, text: &str) {
    digest.update([tag]);
    digest.update((text.len() as u64).to_le_bytes());
    digest.update(text);
}

/// Each value is a tag, then a length or a count, then what it holds: no two
/// values give the same bytes. Without recursion, for arguments of any depth.
fn update(digest: &mut Sha256, value: &Value) {
    enum Next<'a> {
        Value(&'a Value),
        Key(&'a str),
    }
    let mut stack = vec![Next::Value(value)];
    while let Some(next) = stack.pop() {
        let value = match next {
            Next::Key(key) => {
                update_text(digest, b'k', key);
                continue;
            }
            Next::Value(value) => value,
        };
        match value {
            Value::Null => digest.update(b"n"),
            Value::Bool(true) => digest.update(b"t"),
            Value::Bool(false) => digest.update(b"f"),
            Value::Number(number) => update_text(digest, b'd', &number.to_string()),
            Value::String(text) => update_text(digest, b's', text),
            Value::Array(items) => {
                digest.update(b"a");
                digest.update((items.len() as u64).to_le_bytes());
                stack.extend(items.iter().rev().map(Next::Value));
            }
            Value::Object(entries) => {
                digest.update(b"o");
                digest.update((entries.len() as u64).to_le_bytes());
                // Sorted here: another crate may turn on serde_json's order of insertion.
                let mut entries: Vec<_> = entries.iter().collect();
                entries.sort_unstable_by_key(|(key, _)| *key);
                for (key, value) in entries.into_iter().rev() {
                    stack.push(Next::Value(value));
                    stack.push(Next::Key(key));
                }
            }
        }
    }
}

impl fmt::Display for CallDigest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        super::write_hex(formatter, &self.0)
    }
}

impl fmt::Debug for CallDigest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "CallDigest({self})")
    }
}

impl FromStr for CallDigest {
    type Err = ApprovalError;

    fn from_str(text: &str) -> Result<Self, ApprovalError> {
        let invalid =
            || ApprovalError::decision("the digest of a call is not 64 hexadecimal digits");
        if text.len() != 64 {
            return Err(invalid());
        }
        let mut bytes = [0_u8; 32];
        for (byte, digits) in bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
            for digit in digits {
                let value = char::from(*digit).to_digit(16).ok_or_else(invalid)?;
                *byte = (*byte << 4) | u8::try_from(value).map_err(|_| invalid())?;
            }
        }
        Ok(Self(bytes))
    }
}
