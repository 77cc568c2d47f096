//! The parameter that a keyword was meant for, as CPython guesses it.

/// The cost of a byte that is put in, left out or replaced, and of a letter in
/// the other case.
const EDIT: usize = 2;
const CASE: usize = 1;

/// What is longer is not compared.
const MAX_BYTES: usize = 40;
const MAX_NAMES: usize = 750;

/// The first of the names closest to one that is none of them, if it is close:
/// a third of what both consist of may differ.
pub(super) fn suggestion<'n>(
    name: &str,
    names: impl Iterator<Item = &'n str> + Clone,
) -> Option<&'n str> {
    if names.clone().take(MAX_NAMES).count() >= MAX_NAMES {
        return None;
    }
    let close = names.filter_map(|other| {
        let cost = cost(name.as_bytes(), other.as_bytes())?;
        let most = (name.len() + other.len() + 3) * EDIT / 6;
        (cost <= most).then_some((cost, other))
    });
    // The first of those that cost the same.
    close.min_by_key(|(cost, _)| *cost).map(|(_, other)| other)
}

/// What it costs to turn one name into another.
fn cost(mut from: &[u8], mut to: &[u8]) -> Option<usize> {
    while let ([first, from_rest @ ..], [same, to_rest @ ..]) = (from, to)
        && first == same
    {
        (from, to) = (from_rest, to_rest);
    }
    while let ([from_rest @ .., last], [to_rest @ .., same]) = (from, to)
        && last == same
    {
        (from, to) = (from_rest, to_rest);
    }
    if from.is_empty() || to.is_empty() {
        return Some((from.len() + to.len()) * EDIT);
    }
    if from.len().max(to.len()) > MAX_BYTES {
        return None;
    }
    // The costs of the starts of `to`, for a longer start of `from` each time.
    let mut costs: Vec<usize> = (0..=to.len()).map(|length| length * EDIT).collect();
    for (index, byte) in from.iter().enumerate() {
        let mut left = (index + 1) * EDIT;
        let mut corner = index * EDIT;
        for (other, above) in to.iter().zip(costs.iter_mut().skip(1)) {
            let replaced = corner + replacement(*byte, *other);
            corner = *above;
            left = replaced.min(left.min(*above) + EDIT);
            *above = left;
        }
    }
    costs.last().copied()
}

fn replacement(from: u8, to: u8) -> usize {
    if from == to {
        0
    } else if from.eq_ignore_ascii_case(&to) {
        CASE
    } else {
        EDIT
    }
}
