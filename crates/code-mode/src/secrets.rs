//! Secrets that scripts use without ever holding them.

use std::cmp::Reverse;
use std::collections::HashSet;
use std::fmt;
use std::sync::Arc;

use monty_host::{Answer, Call, Error, ParameterKind, Signature, ToolError, Tools};
use serde_json::Value as Json;

use crate::names::Scope;
use crate::policy::describes;
use crate::schema::ToolResult;
use crate::texts::{rewrite, rewrite_bytes};

/// A secret that a script passes on by its name and a tool receives by its value.
///
/// The script finds a text of the secret's name that stands for it. Where that is
/// an argument, or a part of one, of a tool that may have the secret, the value
/// takes its place just before the call. Any other tool refuses it. The value is
/// taken out of what tools return and raise.
///
/// A tool that returns a part of the value, or the value in an encoding, gives it
/// away, and so does one that writes what it is told where others read: choose
/// tools and parameters accordingly.
///
/// ```
/// use monty_code_mode::Secret;
///
/// let token = Secret::new("GITHUB_TOKEN", "ghp_1234567890abcdef")?
///     .parameter("http.request", "headers")
///     .tool("github.*");
/// assert_eq!(format!("{token:?}"), "Secret(GITHUB_TOKEN)");
/// # Ok::<_, monty_host::Error>(())
/// ```
#[derive(Clone)]
pub struct Secret {
    name: String,
    value: Arc<str>,
    placeholder: String,
    /// Patterns of tools, each with the one parameter that may have it.
    receivers: Vec<(String, Option<String>)>,
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Secret({})", self.name)
    }
}

/// What is shorter would be found in ordinary text.
const SHORTEST: usize = 8;

impl Secret {
    /// A secret under a name that scripts use. No tool may have it yet.
    ///
    /// # Errors
    ///
    /// If the name is not one in Python, or the value has fewer than 8 bytes.
    pub fn new(name: impl Into<String>, value: impl Into<String>) -> Result<Self, Error> {
        let (name, value) = (name.into(), value.into());
        if Scope::Global.is_reserved(&name) {
            return Err(Error::invalid(format_args!(
                "a secret cannot be called `{name}`: scripts find something else by that name"
            )));
        }
        // It is a value that scripts find by this name.
        Tools::new().value(&name, ())?;
        if value.len() < SHORTEST {
            return Err(Error::invalid(format_args!(
                "the secret `{name}` has {} bytes: one of fewer than {SHORTEST} could not be told from other text",
                value.len()
            )));
        }
        Ok(Self {
            placeholder: format!("<secret {name}>"),
            value: value.into(),
            name,
            receivers: Vec::new(),
        })
    }

    /// Lets a tool have it in any argument: a name in Python, or a namespace such
    /// as `github.*`.
    #[must_use]
    pub fn tool(mut self, tool: impl Into<String>) -> Self {
        self.receivers.push((tool.into(), None));
        self
    }

    /// Lets a tool have it in the argument of one parameter.
    #[must_use]
    pub fn parameter(mut self, tool: impl Into<String>, parameter: impl Into<String>) -> Self {
        self.receivers.push((tool.into(), Some(parameter.into())));
        self
    }

    /// The name that scripts use.
    pub fn get_name(&self) -> &str {
        &self.name
    }

    /// The text that scripts have instead of the value.
    pub fn get_placeholder(&self) -> &str {
        &self.placeholder
    }

    /// The tools that may have it, each as the rules of a policy name it.
    pub(crate) fn get_receivers(&self) -> impl Iterator<Item = (&str, Option<&str>)> {
        let receivers = self.receivers.iter();
        receivers.map(|(tool, parameter)| (tool.as_str(), parameter.as_deref()))
    }

    fn may_go_to(&self, tool: &str, parameter: &str) -> bool {
        self.get_receivers().any(|(pattern, only)| {
            describes(pattern, tool) && only.is_none_or(|only| only == parameter)
        })
    }
}

/// A call names secrets this often at most: a short text that names one very
/// often would become a very long one.
const MOST_NAMED: usize = 1000;

/// Puts the values of secrets into a call, and tells whether there were any.
///
/// # Errors
///
/// If the tool may not have one of them, or they are named too often.
pub(crate) fn put_in(
    secrets: &[Secret],
    signature: &Signature,
    call: &mut Call,
) -> Result<bool, ToolError> {
    if secrets.is_empty() {
        return Ok(false);
    }
    let tool = signature.get_name();
    let parameters = signature.get_parameters();
    let by_place = |index: usize| {
        let parameter = parameters
            .get(index)
            .filter(|parameter| parameter.get_kind() == ParameterKind::PositionalOrKeyword);
        let collecting = || {
            let mut all = parameters.iter();
            all.find(|parameter| parameter.get_kind() == ParameterKind::VarPositional)
        };
        let parameter = parameter.or_else(collecting);
        parameter
            .map_or("", |parameter| parameter.get_name())
            .to_owned()
    };
    let positional = call.positional.iter_mut().enumerate();
    let positional = positional.map(|(index, value)| (by_place(index), value));
    let keyword = call.keyword.iter_mut();
    let keyword = keyword.map(|(name, value)| (name.clone(), value));
    let mut named = 0;
    for (parameter, value) in positional.chain(keyword) {
        let mut refused = None;
        let changed = rewrite(value, &mut |text| {
            let mut changed: Option<String> = None;
            for secret in secrets {
                let text = changed.as_deref().unwrap_or(text);
                let count = text.matches(&secret.placeholder).count();
                named += count;
                if count == 0 || named > MOST_NAMED {
                    continue;
                }
                if secret.may_go_to(tool, &parameter) {
                    changed = Some(text.replace(&secret.placeholder, &secret.value));
                } else {
                    refused.get_or_insert(secret);
                }
            }
            changed
        });
        if let Some(secret) = refused {
            return Err(ToolError::permission_error(refusal(
                secret, tool, &parameter,
            )));
        }
        if named > MOST_NAMED {
            return Err(ToolError::value_error(format_args!(
                "{tool}() got secrets more than {MOST_NAMED} times in its arguments: pass each where it is needed"
            )));
        }
        if let Some(changed) = changed {
            *value = changed;
        }
    }
    Ok(named > 0)
}

fn refusal(secret: &Secret, tool: &str, parameter: &str) -> String {
    let name = &secret.name;
    let receivers: Vec<String> = secret
        .get_receivers()
        .map(|(tool, parameter)| match parameter {
            Some(parameter) => format!("{tool} as `{parameter}`"),
            None => tool.to_owned(),
        })
        .collect();
    match receivers.is_empty() {
        true => format!("the secret {name} may be passed to no tool"),
        false => format!(
            "the secret {name} may not be passed to {tool} as `{parameter}`, only to {}",
            receivers.join(", ")
        ),
    }
}

/// Takes the values of secrets out of what is not for scripts and models.
#[derive(Clone)]
pub(crate) struct Hiding {
    /// The longest first: one value may be a part of another.
    secrets: Arc<[Secret]>,
}

impl Hiding {
    pub(crate) fn new(secrets: &[Secret]) -> Self {
        let mut secrets = secrets.to_vec();
        secrets.sort_by_key(|secret| Reverse(secret.value.len()));
        Self {
            secrets: secrets.into(),
        }
    }

    /// Whether there is nothing to hide.
    pub(crate) fn is_empty(&self) -> bool {
        self.secrets.is_empty()
    }

    /// A text without the values, if it has one.
    pub(crate) fn text(&self, text: &str) -> Option<String> {
        let mut changed: Option<String> = None;
        for secret in &*self.secrets {
            let text = changed.as_deref().unwrap_or(text);
            if text.contains(&*secret.value) {
                changed = Some(text.replace(&*secret.value, &secret.placeholder));
            }
        }
        changed
    }

    /// The same for what may have been cut: a message with the end of one value at its
    /// start, or the start of one before a mark. A run of a value counts as the value
    /// if it is longer than a quarter of it.
    pub(crate) fn parts(&self, text: &str) -> Option<String> {
        let mut changed = self.text(text);
        for secret in &*self.secrets {
            let text = changed.as_deref().unwrap_or(text);
            if let Some(without) = without_runs(text, &secret.value, &secret.placeholder) {
                changed = Some(without);
            }
        }
        changed
    }

    /// A text of a call, which held a secret or not: whatever cut a message did not know
    /// of it.
    fn of_call(&self, text: &str, held_secret: bool) -> Option<String> {
        match held_secret {
            true => self.parts(text),
            false => self.text(text),
        }
    }

    fn in_place(&self, text: &mut String) {
        if let Some(changed) = self.text(text) {
            *text = changed;
        }
    }

    /// The answer of a tool. Where the call held a secret, parts of it are taken out too.
    pub(crate) fn answer(&self, answer: Answer, held_secret: bool) -> Answer {
        let hide = |text: &str| self.of_call(text, held_secret);
        match answer {
            Ok(Some(value)) => {
                let changed = rewrite(&value, &mut |text| hide(text));
                Ok(Some(changed.unwrap_or(value)))
            }
            Ok(None) => Ok(None),
            // What suspends or ends the run is not for the script.
            Err(error) if error.is_suspend() || error.is_fatal() => Err(error),
            Err(error) => Err(match hide(error.message()) {
                Some(message) => ToolError::new(error.type_name().to_owned(), message),
                None => error,
            }),
        }
    }

    /// The result of a tool, before it is checked: a message about it may hold a
    /// part of a value, which nothing finds any more. Attachments are for the
    /// model, so the values are no more in them.
    pub(crate) fn result(&self, result: &mut ToolResult, held_secret: bool) {
        if self.is_empty() {
            return;
        }
        self.json(&mut result.value);
        for attachment in &mut result.attachments {
            let texts = [
                Some(&mut attachment.mime_type),
                attachment.description.as_mut(),
            ];
            for text in texts.into_iter().flatten() {
                // They are cut where they come from.
                if let Some(changed) = self.of_call(text, held_secret) {
                    *text = changed;
                }
            }
            if let Some(changed) = rewrite_bytes(&attachment.data, &mut |text| self.text(text)) {
                attachment.data = changed;
            }
        }
    }

    fn json(&self, value: &mut Json) {
        match value {
            Json::String(text) => self.in_place(text),
            Json::Array(items) => items.iter_mut().for_each(|item| self.json(item)),
            // A secret of digits may come back as a number.
            Json::Number(number) => {
                if let Some(changed) = self.text(&number.to_string()) {
                    *value = Json::String(changed);
                }
            }
            Json::Object(entries) => {
                entries.values_mut().for_each(|value| self.json(value));
                if entries.keys().any(|key| self.text(key).is_some()) {
                    let all = std::mem::take(entries);
                    let renamed = all.into_iter().map(|(mut key, value)| {
                        self.in_place(&mut key);
                        (key, value)
                    });
                    *entries = renamed.collect();
                }
            }
            _ => {}
        }
    }
}

/// The fewest characters of a value that are taken for a part of it.
const SHORTEST_RUN: usize = 4;
/// As many are one in any case.
const LONGEST_RUN: usize = 8;

/// A text with a placeholder for each run of bytes that a value has too; nothing if
/// there is none that is long enough.
fn without_runs(text: &str, value: &str, placeholder: &str) -> Option<String> {
    let shortest = (value.len() / 4).clamp(SHORTEST_RUN, LONGEST_RUN);
    let (bytes, value) = (text.as_bytes(), value.as_bytes());
    let windows: HashSet<&[u8]> = value.windows(shortest).collect();
    let mut changed: Option<String> = None;
    // Up to where the text is copied, and the end of the run that is being read.
    let (mut copied, mut run) = (0, None::<(usize, usize)>);
    let mut end_run = |run: (usize, usize), changed: &mut Option<String>| {
        let start = text.floor_char_boundary(run.0);
        let end = text.ceil_char_boundary(run.1);
        let changed = changed.get_or_insert_with(String::new);
        changed.push_str(text.get(copied..start).unwrap_or_default());
        changed.push_str(placeholder);
        copied = end;
    };
    for (start, window) in bytes.windows(shortest).enumerate() {
        if !windows.contains(window) {
            continue;
        }
        let end = start + shortest;
        run = match run {
            Some((begin, until)) if start <= until => Some((begin, end)),
            Some(ended) => {
                end_run(ended, &mut changed);
                Some((start, end))
            }
            None => Some((start, end)),
        };
    }
    if let Some(run) = run {
        end_run(run, &mut changed);
    }
    let mut changed = changed?;
    changed.push_str(text.get(copied..).unwrap_or_default());
    Some(changed)
}

/// The error of a call that did not reach its tool, because the arguments did not
/// fit. A message about them shows the beginning of an argument, so that of a
/// secret too.
pub(crate) fn withheld(tool: &str) -> ToolError {
    ToolError::type_error(format_args!(
        "{tool}() does not take these arguments. One of them has a secret in it, so the reason is not shown: \
         look at describe_tool('{tool}')"
    ))
}

#[cfg(test)]
mod tests {
    use super::{Hiding, Secret};

    #[test]
    fn parts_of_values_are_found_at_cuts() {
        let secret = Secret::new("KEY", "sk-ABCDEFGHIJKLMNOPQRSTUVWXYZ012345").unwrap();
        let hiding = Hiding::new(&[secret]);
        let hidden = |text: &str| hiding.parts(text).unwrap_or_else(|| text.to_owned());
        assert_eq!(
            hidden("zzsk-ABCDEFGHIJKLMNOPQ… (15 more)"),
            "zz<secret KEY>… (15 more)"
        );
        assert_eq!(
            hidden("k-ABCDEFGHIJKLMNOPQRSTUVWXYZ012345yy"),
            "<secret KEY>yy"
        );
        let whole = "a sk-ABCDEFGHIJKLMNOPQRSTUVWXYZ012345 b sk-ABCDEFGHIJ";
        assert_eq!(hidden(whole), "a <secret KEY> b <secret KEY>");
        assert_eq!(hidden("ABCDEFG is the alphabet"), "ABCDEFG is the alphabet");
        assert_eq!(hidden("äöüsk-ABCDEFGHéé"), "äöü<secret KEY>éé");
    }

    #[test]
    fn digits_are_hidden_in_numbers_too() {
        let secret = Secret::new("PIN", "987654321012").unwrap();
        let hiding = Hiding::new(&[secret]);
        let mut value = serde_json::json!({ "n": 987654321012_u64, "m": 5 });
        hiding.json(&mut value);
        assert_eq!(value, serde_json::json!({ "n": "<secret PIN>", "m": 5 }));
    }
}
