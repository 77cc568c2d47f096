//! Questions to the user of a client, and what the answers decide.

use std::collections::BTreeMap;
use std::time::Duration;

use monty_code_mode::Review;
use monty_code_mode::approvals::{Decision, Decisions, PendingCall};
use rmcp::model::{
    BooleanSchema, ElicitRequest, ElicitRequestParams, ElicitResult, ElicitationAction,
    ElicitationSchema, InputRequest, InputRequests, StringSchema,
};
use rmcp::{Peer, RoleServer};
use serde_json::Value as Json;

/// How long the user of an older client has to answer while its request waits.
const ANSWER_WITHIN: Duration = Duration::from_secs(10 * 60);

/// The questions about the calls of a script, each under a key of its own.
pub(super) fn questions(review: &Review) -> InputRequests {
    let asked = review.calls.iter().filter(|call| is_shown(call));
    let questions = asked.map(|call| {
        let request = ElicitRequest::new(question(review, call));
        (key(call), InputRequest::Elicitation(request))
    });
    questions.collect()
}

/// The decisions by the answers to the questions.
///
/// # Errors
///
/// If one has no answer, or one that is no answer: a text for whoever sent them.
pub(super) fn decisions(
    review: &Review,
    answers: &BTreeMap<String, Json>,
) -> Result<Decisions, String> {
    let mut decisions = Decisions::new();
    for call in &review.calls {
        let decision = match is_shown(call) {
            false => too_long(),
            true => {
                let key = key(call);
                let answer = answers.get(&key).ok_or_else(|| {
                    format!("the question `{key}` has no answer: send one for each question")
                })?;
                let answer = serde_json::from_value(answer.clone()).map_err(|error| {
                    format!("the answer to `{key}` is no result of an elicitation: {error}")
                })?;
                decision(&answer)
            }
        };
        decisions = decisions.decide(call, decision);
    }
    Ok(decisions)
}

/// Asks the user of an older client, one question after another. None if nobody could be
/// asked.
pub(super) async fn elicit(peer: &Peer<RoleServer>, review: &Review) -> Option<Decisions> {
    let mut decisions = Decisions::new();
    for call in &review.calls {
        let decision = match is_shown(call) {
            false => too_long(),
            true => {
                let question = question(review, call);
                let answer = peer.create_elicitation_with_timeout(question, Some(ANSWER_WITHIN));
                let answer = answer.await.ok()?;
                // Clients without anybody before them cancel by themselves.
                if answer.action == ElicitationAction::Cancel {
                    return None;
                }
                decision(&answer)
            }
        };
        decisions = decisions.decide(call, decision);
    }
    Some(decisions)
}

/// The decisions of the tool `resume`.
pub(super) fn by_hand(
    review: &Review,
    approve: bool,
    only: Option<&[u64]>,
    reason: &str,
) -> Result<Decisions, String> {
    let count = review.calls.len() as u64;
    if let Some(number) = only
        .unwrap_or_default()
        .iter()
        .find(|number| !(1..=count).contains(number))
    {
        return Err(format!(
            "there is no call {number}: the script waits for calls 1 to {count}"
        ));
    }
    let mut decisions = Decisions::new();
    for (call, number) in review.calls.iter().zip(1_u64..) {
        let is_approved = approve && only.is_none_or(|only| only.contains(&number));
        let decision = match is_approved {
            _ if !is_shown(call) => too_long(),
            true => Decision::Approve,
            false => Decision::Deny(reason.to_owned()),
        };
        decisions = decisions.decide(call, decision);
    }
    Ok(decisions)
}

fn key(call: &PendingCall) -> String {
    format!("call-{}", call.id)
}

/// Nobody approves of what they have not seen.
fn is_shown(call: &PendingCall) -> bool {
    Review::shows_all_of(call)
}

fn too_long() -> Decision {
    Decision::Deny("its arguments are too long to be shown to the user: pass less".to_owned())
}

fn question(review: &Review, call: &PendingCall) -> ElicitRequestParams {
    let approve = BooleanSchema::new()
        .title("Approve")
        .description("Whether the call is made");
    let reason = StringSchema::new()
        .title("Reason")
        .description("Why not, for the script");
    let schema = ElicitationSchema::builder()
        .required_bool_property("approve", |_| approve)
        .string_property("reason", |_| reason)
        .build_unchecked();
    ElicitRequestParams::FormElicitationParams {
        meta: None,
        message: review.of_call(call),
        requested_schema: schema,
    }
}

fn decision(answer: &ElicitResult) -> Decision {
    let content = answer.content.as_ref();
    let field = |name| content.and_then(|content| content.get(name));
    let is_approved = field("approve").and_then(Json::as_bool) == Some(true);
    if answer.action == ElicitationAction::Accept && is_approved {
        return Decision::Approve;
    }
    let reason = field("reason").and_then(Json::as_str);
    Decision::Deny(match reason.map(str::trim) {
        Some(reason) if !reason.is_empty() => reason.to_owned(),
        _ => "the user denied it".to_owned(),
    })
}
