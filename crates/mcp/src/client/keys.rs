//! Keys of a configuration that this client does not have.

/// Those that it has.
const KNOWN: [&str; 12] = [
    "args",
    "callTimeout",
    "command",
    "cwd",
    "description",
    "disabled",
    "env",
    "headers",
    "maxMessage",
    "startTimeout",
    "type",
    "url",
];

/// Those of other clients that change nothing here.
const IGNORED: [&str; 9] = [
    "alwaysAllow",
    "autoApprove",
    "dev",
    "gallery",
    "icon",
    "name",
    "note",
    "trust",
    "version",
];

/// Those of other clients that mean something, and what to write in their place.
const ELSEWHERE: [(&str, &str); 15] = [
    ("auth", "pass a token in `headers`"),
    ("disabledTools", "deny the tools with a policy"),
    ("enabled", "write `disabled`"),
    ("enabledTools", "allow only those tools with a policy"),
    ("envFile", "write the variables into `env`, as `${NAME}`"),
    ("excludeTools", "deny the tools with a policy"),
    ("httpUrl", "write `url`"),
    ("includeTools", "allow only those tools with a policy"),
    ("oauth", "pass a token in `headers`"),
    ("serverUrl", "write `url`"),
    (
        "timeout",
        "it is seconds to some clients and milliseconds to others: write `callTimeout`, such as \"30s\"",
    ),
    ("tools", "allow only those tools with a policy"),
    ("transport", "write `type`"),
    ("transportType", "write `type`"),
    ("workingDirectory", "write `cwd`"),
];

/// The longest key that is shown.
const MAX_SHOWN: usize = 60;

/// Says what is wrong with a key that this client does not have, if anything is.
pub(super) fn check(key: &str) -> Result<(), String> {
    let is_note = ["$", "_", "//", "x-"]
        .iter()
        .any(|start| key.starts_with(start));
    if is_note || IGNORED.contains(&key) {
        return Ok(());
    }
    if let Some((_, advice)) = ELSEWHERE.iter().find(|(name, _)| *name == key) {
        return Err(format!("the key `{key}` is not used here: {advice}"));
    }
    let shown: String = key
        .chars()
        .take(MAX_SHOWN)
        .collect::<String>()
        .escape_debug()
        .collect();
    let near = nearest(key);
    Err(match near {
        Some(near) => format!("unknown key `{shown}`: did you mean `{near}`?"),
        None => format!("unknown key `{shown}`: the keys are {}", KNOWN.join(", ")),
    })
}

/// The key that was meant.
fn nearest(key: &str) -> Option<&'static str> {
    if key.len() > MAX_SHOWN {
        return None;
    }
    let plain = |key: &str| key.replace(['_', '-'], "").to_lowercase();
    let written = plain(key);
    let distances = KNOWN.iter().map(|known| {
        let distance = strsim::damerau_levenshtein(&written, &plain(known));
        (distance, *known)
    });
    let (distance, known) = distances.min()?;
    (distance <= 2 && distance < known.len() / 2 + 1).then_some(known)
}
