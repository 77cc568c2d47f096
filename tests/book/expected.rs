//! Output that is expected: lines, `[..]` for any text in one, and `...` on a line of its
//! own for any lines.

const ANY_LINES: &str = "...";
const ANY_TEXT: &str = "[..]";

/// Whether the output is as expected.
pub fn matches(expected: &[String], output: &[String]) -> bool {
    match expected.split_first() {
        None => output.is_empty(),
        Some((first, rest)) if first == ANY_LINES => {
            (0..=output.len()).any(|skipped| matches(rest, &output[skipped..]))
        }
        Some((first, rest)) => match output.split_first() {
            Some((line, others)) => line_matches(first, line) && matches(rest, others),
            None => false,
        },
    }
}

fn line_matches(expected: &str, line: &str) -> bool {
    match expected.split_once(ANY_TEXT) {
        None => expected == line,
        Some((start, rest)) => line.strip_prefix(start).is_some_and(|others| {
            let ends = others.char_indices().map(|(index, _)| index);
            ends.chain([others.len()])
                .any(|end| line_matches(rest, &others[end..]))
        }),
    }
}

/// The output, with the wildcards that still fit it: an alignment of both in which as
/// many lines as possible match, and changed lines take the place of one another.
pub fn updated(expected: &[String], output: &[String]) -> Vec<String> {
    let scores = scores(expected, output);
    let mut lines = Vec::new();
    let (mut at, mut line) = (0, 0);
    while line < output.len() || at < expected.len() {
        let Step {
            taken, read, kept, ..
        } = steps(expected, output, at, line)
            .into_iter()
            .max_by_key(|step| step.score + scores[at + step.taken][line + step.read])
            .expect("a step leads on");
        // `...` is written once, when it ends.
        lines.extend(kept.map(str::to_owned));
        at += taken;
        line += read;
    }
    lines
}

/// A step of the alignment: how many lines it takes of each side, and what it writes.
struct Step<'a> {
    taken: usize,
    read: usize,
    score: usize,
    kept: Option<&'a str>,
}

fn steps<'a>(
    expected: &'a [String],
    output: &'a [String],
    at: usize,
    line: usize,
) -> Vec<Step<'a>> {
    let step = |taken, read, score, kept| Step {
        taken,
        read,
        score,
        kept,
    };
    match (expected.get(at), output.get(line)) {
        (Some(any), Some(_)) if any == ANY_LINES => {
            vec![step(1, 0, 0, Some(any)), step(0, 1, 0, None)]
        }
        (Some(any), None) if any == ANY_LINES => vec![step(1, 0, 0, Some(any))],
        (Some(pattern), Some(text)) if line_matches(pattern, text) => {
            vec![
                step(0, 1, 0, Some(text)),
                step(1, 0, 0, None),
                step(1, 1, 3, Some(pattern)),
            ]
        }
        (Some(_), Some(text)) => {
            vec![
                step(0, 1, 0, Some(text)),
                step(1, 0, 0, None),
                step(1, 1, 1, Some(text)),
            ]
        }
        (Some(_), None) => vec![step(1, 0, 0, None)],
        (None, Some(text)) => vec![step(0, 1, 0, Some(text))],
        (None, None) => Vec::new(),
    }
}

/// The best score from each place in both to their ends.
fn scores(expected: &[String], output: &[String]) -> Vec<Vec<usize>> {
    let mut scores = vec![vec![0; output.len() + 1]; expected.len() + 1];
    for at in (0..=expected.len()).rev() {
        for line in (0..=output.len()).rev() {
            let steps = steps(expected, output, at, line).into_iter();
            let totals = steps.map(|step| step.score + scores[at + step.taken][line + step.read]);
            scores[at][line] = totals.max().unwrap_or_default();
        }
    }
    scores
}

#[cfg(test)]
mod tests {
    use super::{matches, updated};

    fn lines(text: &str) -> Vec<String> {
        text.split_terminator('|').map(str::to_owned).collect()
    }

    #[test]
    fn wildcards() {
        for (expected, output, is_match) in [
            ("a|b", "a|b", true),
            ("a|b", "a", false),
            ("a|...", "a", true),
            ("a|...|d", "a|b|c|d", true),
            ("a|...|d", "a|b|c", false),
            ("took [..] ms", "took 1.5 ms", true),
            ("took [..] ms", "took 1.5 s", false),
            ("[..]: [..]", "a: b: c", true),
        ] {
            assert_eq!(
                matches(&lines(expected), &lines(output)),
                is_match,
                "{expected}"
            );
        }
    }

    #[test]
    fn wildcards_stay_in_updated_output() {
        for (expected, output, new) in [
            ("a|took [..] ms", "b|took 1.5 ms", "b|took [..] ms"),
            ("a|...|d", "x|b|c|d|e", "x|...|d|e"),
            ("...|z", "a|b", "...|b"),
            ("a|...", "a|b|c", "a|..."),
            ("", "a", "a"),
            ("a", "", ""),
        ] {
            assert_eq!(
                updated(&lines(expected), &lines(output)),
                lines(new),
                "{expected}"
            );
        }
    }
}
