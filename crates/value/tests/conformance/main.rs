//! The messages of `conformance/` through this codec.

mod meaning;
mod message;

use std::collections::BTreeSet;

use monty_value::Value;
use monty_value::graph::GraphCaps;
use serde_json::Value as Json;

use meaning::{meaning_of, value_of};
use message::{Case, Outcome, cases, rules};

/// Runs all cases, and reports those that end otherwise together.
fn check(cases: impl IntoIterator<Item = Case>, run: impl Fn(&Case) -> Result<(), String>) {
    let mut count = 0;
    let mut failures = Vec::new();
    for case in cases {
        count += 1;
        if let Err(reason) = run(&case) {
            failures.push(format!("{}: {reason}", case.name));
        }
    }
    assert!(count > 0);
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

fn is_for_hosts(case: &Case) -> bool {
    case.receiver.as_deref() != Some("interpreter")
}

fn same(got: &Json, expected: &Json) -> Result<(), String> {
    if got == expected {
        Ok(())
    } else {
        Err(format!("means {got}\n  and not {expected}"))
    }
}

#[test]
fn messages_mean_what_the_kit_says() {
    check(cases().into_iter().filter(is_for_hosts), |case| {
        let Outcome::Means(meaning) = &case.outcome else {
            return Ok(());
        };
        let value = Value::from_message(&case.message, GraphCaps::DEFAULT)
            .map_err(|error| error.to_string())?;
        same(&meaning_of(&value), meaning)
    });
}

#[test]
fn meanings_survive_a_message_of_this_encoder() {
    check(cases().into_iter().filter(is_for_hosts), |case| {
        let Outcome::Means(meaning) = &case.outcome else {
            return Ok(());
        };
        let value = value_of(meaning);
        same(&meaning_of(&value), meaning)?;
        let message = value.to_message().map_err(|error| error.to_string())?;
        let value =
            Value::from_message(&message, GraphCaps::DEFAULT).map_err(|error| error.to_string())?;
        same(&meaning_of(&value), meaning)
    });
}

/// What the error for each rule says, for the rules that this codec checks.
const REASONS: [(&str, &str); 15] = [
    ("unknown-kind", "which is not a kind"),
    ("child-not-before-holder", "which does not stand before it"),
    ("operand-outside-graph", "an operand names graph object"),
    ("odd-count", "holds pairs, but has"),
    ("attribute-name-no-str", "has an attribute whose name"),
    ("field-count", "is a named tuple with 2 fields and"),
    (
        "class-no-class",
        "which is not a class that stands before it",
    ),
    ("column-too-short", "is shorter than its objects need"),
    ("column-too-long", "more than its objects take"),
    ("text-boundary", "ends inside a character"),
    ("does-not-exist", "a date or time does not exist"),
    ("decimal-text", "is not a decimal number"),
    (
        "big-integer-not-minimal",
        "not the least number that holds it",
    ),
    ("too-large", "at most 268435456 are taken"),
    ("too-deep", "levels deep; at most 1024 are taken"),
];

#[test]
fn malformed_messages_are_refused_for_the_rule_that_they_break() {
    check(cases(), |case| {
        let Outcome::Breaks(rule) = &case.outcome else {
            return Ok(());
        };
        let Some((_, reason)) = REASONS.iter().find(|(name, _)| *name == rule.name) else {
            return match rule.refused_by.as_str() {
                "interpreter" => Ok(()),
                _ => Err("nothing is known of its rule".to_owned()),
            };
        };
        match Value::from_message(&case.message, GraphCaps::DEFAULT) {
            Ok(value) => Err(format!("is taken, as {}", meaning_of(&value))),
            Err(error) if error.to_string().contains(reason) => Ok(()),
            Err(error) => Err(format!("is refused for another rule: {error}")),
        }
    });
}

/// 1 MiB, and 100 containers within each other, of which the innermost holds
/// nothing.
const LEAST: GraphCaps = GraphCaps {
    expanded_bytes: 1 << 20,
    depth: 99,
};

#[test]
fn the_sizes_are_those_that_every_receiver_must_take() {
    let refused_by = |caps: GraphCaps| -> Vec<String> {
        let of_sizes = cases().into_iter().filter(|case| {
            case.name.starts_with("sizes: ") && matches!(case.outcome, Outcome::Means(_))
        });
        let refused = of_sizes.filter(|case| Value::from_message(&case.message, caps).is_err());
        refused.map(|case| case.name).collect()
    };
    assert_eq!(refused_by(LEAST), [""; 0]);
    let smaller = GraphCaps {
        expanded_bytes: LEAST.expanded_bytes - 1,
        ..LEAST
    };
    assert_eq!(refused_by(smaller), ["sizes: message that counts 1 MiB"]);
    let shallower = GraphCaps {
        depth: LEAST.depth - 1,
        ..LEAST
    };
    assert_eq!(refused_by(shallower), ["sizes: lists nested 100 deep"]);
}

#[test]
fn what_comes_back_otherwise_is_another_value() {
    check(cases(), |case| match (&case.outcome, &case.returns) {
        (_, None) => Ok(()),
        (Outcome::Means(meaning), Some(returns)) if returns != meaning => Ok(()),
        _ => Err("`returns` says nothing".to_owned()),
    });
}

#[test]
fn each_rule_is_broken_by_a_message() {
    let broken: BTreeSet<String> = cases()
        .into_iter()
        .filter_map(|case| match case.outcome {
            Outcome::Breaks(rule) => Some(rule.name),
            Outcome::Means(_) => None,
        })
        .collect();
    let rules: BTreeSet<String> = rules().into_iter().map(|rule| rule.name).collect();
    assert_eq!(broken, rules);
}
