//! What a person decided.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::call::{CallDigest, PendingCall};
use super::error::ApprovalError;

/// What becomes of a call.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "decision", content = "value", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Decision {
    /// It is made as shown.
    Approve,
    /// It is made with other arguments.
    Edit(Value),
    /// It is not made: this is its result.
    Answer(Value),
    /// It is not made, for this reason.
    Deny(String),
}

/// The call that a decision is about: an id, or a [`PendingCall`], or an id with
/// the digest of what was shown.
///
/// With a digest, a decision on one call does not pass for a decision on
/// another one that has the same id, such as that of a later token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CallReference {
    id: u32,
    digest: Option<CallDigest>,
}

impl CallReference {
    /// A call of this id, if its digest is this.
    pub fn new(id: u32, digest: CallDigest) -> Self {
        Self {
            id,
            digest: Some(digest),
        }
    }
}

impl From<u32> for CallReference {
    fn from(id: u32) -> Self {
        Self { id, digest: None }
    }
}

impl From<&PendingCall> for CallReference {
    fn from(call: &PendingCall) -> Self {
        Self::new(call.id, call.digest())
    }
}

/// A decision for each call of a token.
///
/// ```
/// use monty_code_mode::approvals::{Decisions, PendingCall};
/// use serde_json::json;
///
/// let refund = PendingCall::new(0, "refund", json!({"order": 1501, "amount": 80}));
/// let decisions = Decisions::new()
///     .approve(&refund)
///     .deny(1, "not on a Friday");
/// # assert_eq!(decisions.len(), 2);
/// ```
#[derive(Clone, Debug, Default)]
#[must_use = "decisions do nothing until a token is opened with them"]
pub struct Decisions(Vec<(CallReference, Decision)>);

impl Decisions {
    /// No decisions.
    pub fn new() -> Self {
        Self::default()
    }

    /// The call is made as shown.
    pub fn approve(self, call: impl Into<CallReference>) -> Self {
        self.decide(call, Decision::Approve)
    }

    /// The call is made with other arguments.
    pub fn edit(self, call: impl Into<CallReference>, arguments: Value) -> Self {
        self.decide(call, Decision::Edit(arguments))
    }

    /// The call is not made: the script gets this result.
    pub fn answer(self, call: impl Into<CallReference>, result: Value) -> Self {
        self.decide(call, Decision::Answer(result))
    }

    /// The call is not made: the script gets an error with this reason.
    pub fn deny(self, call: impl Into<CallReference>, reason: impl Into<String>) -> Self {
        self.decide(call, Decision::Deny(reason.into()))
    }

    /// One decision.
    pub fn decide(mut self, call: impl Into<CallReference>, decision: Decision) -> Self {
        self.0.push((call.into(), decision));
        self
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The decision on each call, in the order of the calls.
    ///
    /// # Errors
    ///
    /// If a call has none or two, or if one is about a call that is not among
    /// these, or was another when it was shown.
    pub(super) fn on(&self, calls: &[PendingCall]) -> Result<Vec<Decision>, ApprovalError> {
        let waiting = || list(calls.iter().map(|call| call.id));
        for (reference, _) in &self.0 {
            let id = reference.id;
            let Some(call) = calls.iter().find(|call| call.id == id) else {
                return Err(ApprovalError::decision(format_args!(
                    "a decision is about call {id}, and the token is about {}",
                    waiting()
                )));
            };
            if reference.digest.is_some_and(|shown| shown != call.digest()) {
                return Err(ApprovalError::decision(format_args!(
                    "the decision about call {id} is about another call than the token's {}(): show the call again",
                    call.tool
                )));
            }
        }
        calls
            .iter()
            .map(|call| {
                let mut on_call = self.0.iter().filter(|(about, _)| about.id == call.id);
                match (on_call.next(), on_call.next()) {
                    (Some((_, decision)), None) => Ok(decision.clone()),
                    (None, _) => Err(ApprovalError::decision(format_args!(
                        "call {} of {}() has no decision: decide on {}",
                        call.id,
                        call.tool,
                        waiting()
                    ))),
                    (Some(_), Some(_)) => Err(ApprovalError::decision(format_args!(
                        "call {} of {}() has more than one decision",
                        call.id, call.tool
                    ))),
                }
            })
            .collect()
    }
}

/// The first ids, and how many more there are.
fn list(ids: impl Iterator<Item = u32>) -> String {
    const SHOWN: usize = 8;
    let ids: Vec<_> = ids.map(|id| id.to_string()).collect();
    let shown = ids.get(..SHOWN.min(ids.len())).unwrap_or_default();
    let noun = if ids.len() == 1 { "call" } else { "calls" };
    match ids.len().saturating_sub(SHOWN) {
        0 => format!("{noun} {}", shown.join(", ")),
        more => format!("{noun} {} and {more} more", shown.join(", ")),
    }
}
