//! References in a configuration: `${NAME}`, `${env:NAME}`, `${file:PATH}`.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use super::secrets::{Secrets, is_public};
use super::text;

/// The longest file that a reference names, in bytes.
const MAX_FILE_BYTES: u64 = 64 * 1024;

/// A part of a text with references.
enum Part<'t> {
    Text(&'t str),
    Variable {
        name: &'t str,
        default: Option<&'t str>,
    },
    File(&'t str),
}

/// The value of a variable, if it is set.
type Lookup = dyn Fn(&str) -> Option<String> + Send + Sync;

/// What references are read from.
pub(super) struct Variables {
    /// The variables of this program, or what the embedder gives.
    pub(super) of: Box<Lookup>,
    /// Where relative paths start.
    pub(super) directory: PathBuf,
    /// Whether each is a secret, in place of which no text can stand.
    pub(super) are_secrets: bool,
}

/// Says what is wrong with the references in a text, before they are read.
pub(super) fn check(text: &str) -> Result<(), String> {
    parts(text).map(|_| ())
}

/// Whether there are references in a text.
pub(super) fn has_references(text: &str) -> bool {
    parts(text).is_ok_and(|parts| parts.iter().any(|part| !matches!(part, Part::Text(_))))
}

/// A text with the values in place of the references, which become secrets.
pub(super) fn expand(
    text: &str,
    variables: &Variables,
    secrets: &mut Secrets,
) -> Result<String, String> {
    let mut expanded = String::with_capacity(text.len());
    for part in parts(text)? {
        match part {
            Part::Text(text) => expanded.push_str(text),
            Part::Variable { name, default } => match ((variables.of)(name), default) {
                (Some(value), _) => {
                    if !is_public(name) {
                        secrets.add(name, &value);
                    }
                    expanded.push_str(&value);
                }
                (None, Some(default)) => expanded.push_str(default),
                (None, None) if variables.are_secrets => {
                    return Err(format!("the variable {name} is not set: set it"));
                }
                (None, None) => {
                    return Err(format!(
                        "the variable {name} is not set: set it, or write `${{{name}:-text}}`"
                    ));
                }
            },
            Part::File(path) => {
                let value = read(&variables.directory.join(path))
                    .map_err(|error| format!("the file {} {error}", text::line(path, 200)))?;
                let name = Path::new(path)
                    .file_name()
                    .map_or("file".into(), |name| name.to_string_lossy());
                secrets.add(&text::line(&name, 60), &value);
                expanded.push_str(&value);
            }
        }
    }
    Ok(expanded)
}

fn read(path: &Path) -> Result<String, String> {
    let mut content = String::new();
    let file = File::open(path).map_err(|error| format!("cannot be read: {error}"))?;
    file.take(MAX_FILE_BYTES + 1)
        .read_to_string(&mut content)
        .map_err(|error| format!("cannot be read: {error}"))?;
    if content.len() as u64 > MAX_FILE_BYTES {
        return Err(format!(
            "has more than {MAX_FILE_BYTES} bytes, too many for a value"
        ));
    }
    let line = content.strip_suffix('\n').unwrap_or(&content);
    Ok(line.strip_suffix('\r').unwrap_or(line).to_owned())
}

fn parts(text: &str) -> Result<Vec<Part<'_>>, String> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        if let Some(before) = before.strip_suffix('$') {
            parts.push(Part::Text(before));
            parts.push(Part::Text("${"));
            rest = after;
            continue;
        }
        parts.push(Part::Text(before));
        let Some((reference, after)) = after.split_once('}') else {
            return Err(
                "a reference begins with `${` and does not end: write `}` after it, or `$${` for a plain `${`"
                    .to_owned(),
            );
        };
        parts.push(part(reference)?);
        rest = after;
    }
    parts.push(Part::Text(rest));
    Ok(parts)
}

fn part(reference: &str) -> Result<Part<'_>, String> {
    if let Some(path) = reference
        .strip_prefix("file:")
        .filter(|path| !path.is_empty())
    {
        return Ok(Part::File(path));
    }
    let variable = reference.strip_prefix("env:").unwrap_or(reference);
    let (name, default) = match variable.split_once(":-") {
        Some((name, default)) => (name, Some(default)),
        None => (variable, None),
    };
    let is_name = name
        .chars()
        .next()
        .is_some_and(|first| !first.is_ascii_digit())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    match is_name {
        true => Ok(Part::Variable { name, default }),
        false => Err(format!(
            "`${{{}}}` is not known: references are `${{NAME}}`, `${{env:NAME}}` and `${{file:PATH}}`",
            text::line(reference, 60)
        )),
    }
}
