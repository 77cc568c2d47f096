//! Secrets that scripts use without ever holding them.

use std::borrow::Cow;
use std::cmp::Reverse;
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
/// tools and parameters accordingly. A tool that cuts what it tells takes the values out
/// [first](without_secrets).
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
    let positional = positional.map(|(index, value)| (by_place(index), None, value));
    let mut all = parameters.iter();
    let collecting = all.find(|parameter| parameter.get_kind() == ParameterKind::VarKeyword);
    let keyword = call.keyword.iter_mut().map(|(name, value)| {
        let is_own = parameters
            .iter()
            .any(|parameter| parameter.get_name() == name);
        let collector = collecting.filter(|_| !is_own);
        let collector = collector.map(|parameter| parameter.get_name());
        (name.clone(), collector, value)
    });
    let mut named = 0;
    for (parameter, collector, value) in positional.chain(keyword) {
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
                let may_go = secret.may_go_to(tool, &parameter)
                    || collector.is_some_and(|all| secret.may_go_to(tool, all));
                if may_go {
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

tokio::task_local! {
    /// What to hide of the call that a tool works on.
    static HIDING: Hiding;
}

/// A text without the values of secrets, for a tool that tells a part of it.
///
/// Values are taken out of what a tool returns or raises, but only whole ones: of one
/// that was cut, the script would get a part. So this comes before the cut. It knows the
/// secrets of the call that a tool works on, in the task of the call; elsewhere the text
/// stays as it is.
///
/// ```
/// use monty_code_mode::without_secrets;
///
/// fn in_short(answer: &str) -> String {
///     without_secrets(answer).chars().take(60).collect()
/// }
/// # assert_eq!(in_short("done"), "done");
/// ```
pub fn without_secrets(text: &str) -> Cow<'_, str> {
    let hidden = HIDING.try_with(|hiding| hiding.text(text));
    hidden
        .ok()
        .flatten()
        .map_or(Cow::Borrowed(text), Cow::Owned)
}

/// The end of what a program wrote, of which at most the last `kept` bytes were kept:
/// [without the values](without_secrets) of secrets.
///
/// If more was written, the first half is left out: what was not kept may be the start of
/// a value, whose end nothing finds.
///
/// ```
/// use monty_code_mode::end_without_secrets;
///
/// assert_eq!(end_without_secrets(b"two lines\nof text", 64), "two lines\nof text");
/// assert_eq!(end_without_secrets(b"lines\nof text", 13), "of text");
/// ```
pub fn end_without_secrets(end: &[u8], kept: usize) -> String {
    let text = String::from_utf8_lossy(end);
    let text = without_secrets(&text);
    let lost = match end.len() < kept {
        true => 0,
        false => (kept / 2).min(text.len()),
    };
    let start = text.ceil_char_boundary(lost);
    text.get(start..).unwrap_or_default().to_owned()
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
    ///
    /// Only a whole value is one. A script that has a value put beside its guesses must
    /// not see which of them are a part of it.
    pub(crate) fn text(&self, text: &str) -> Option<String> {
        // Where each next stands.
        let mut found: Vec<(usize, &Secret)> = self
            .secrets
            .iter()
            .filter_map(|secret| Some((text.find(&*secret.value)?, secret)))
            .collect();
        let mut changed: Option<String> = None;
        let mut copied = 0;
        while let Some(&(start, secret)) = found.iter().min_by_key(|(at, _)| *at) {
            // With those that begin within it, so that no end of another is left.
            let mut end = start + secret.value.len();
            while let Some((at, within)) = found.iter_mut().find(|(at, _)| *at < end) {
                end = end.max(*at + within.value.len());
                let after = *at + within.value.chars().next().map_or(1, char::len_utf8);
                let next = text.get(after..).and_then(|rest| rest.find(&*within.value));
                *at = next.map_or(usize::MAX, |next| after + next);
            }
            found.retain(|(at, _)| *at != usize::MAX);
            let changed = changed.get_or_insert_with(String::new);
            changed.push_str(text.get(copied..start).unwrap_or_default());
            changed.push_str(&secret.placeholder);
            copied = end;
        }
        let mut changed = changed?;
        changed.push_str(text.get(copied..).unwrap_or_default());
        Some(changed)
    }

    /// Runs what a tool does, which finds in [`without_secrets`] what to hide.
    pub(crate) async fn over<F: Future>(self, work: F) -> F::Output {
        HIDING.scope(self, work).await
    }

    fn in_place(&self, text: &mut String) {
        if let Some(changed) = self.text(text) {
            *text = changed;
        }
    }

    /// The answer of a tool.
    pub(crate) fn answer(&self, answer: Answer) -> Answer {
        match answer {
            Ok(Some(value)) => {
                let changed = rewrite(&value, &mut |text| self.text(text));
                Ok(Some(changed.unwrap_or(value)))
            }
            Ok(None) => Ok(None),
            // What suspends or ends the run is not for the script.
            Err(error) if error.is_suspend() || error.is_fatal() => Err(error),
            Err(error) => Err(match self.text(error.message()) {
                Some(message) => ToolError::new(error.type_name().to_owned(), message),
                None => error,
            }),
        }
    }

    /// The result of a tool, before it is checked: a message about it may hold a
    /// part of a value, which nothing finds any more. Attachments are for the
    /// model, so the values are no more in them.
    pub(crate) fn result(&self, result: &mut ToolResult) {
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
                self.in_place(text);
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
    fn a_value_in_the_placeholder_of_another_is_left() {
        let secrets = [
            Secret::new("DB_PASSWORD", "qwertyuiop").unwrap(),
            Secret::new("OTHER", "PASSWORD").unwrap(),
            Secret::new("LONG", "qwertyuiop and more").unwrap(),
        ];
        let hiding = Hiding::new(&secrets);
        assert_eq!(
            hiding
                .text("qwertyuiop, PASSWORD, qwertyuiop and more")
                .unwrap(),
            "<secret DB_PASSWORD>, <secret OTHER>, <secret LONG>"
        );
        assert_eq!(hiding.text("qwertyuio PASSWOR"), None);
    }

    #[test]
    fn values_that_overlap_leave_nothing() {
        let secrets = [
            Secret::new("A", "abcdefgh").unwrap(),
            Secret::new("B", "efghijklmnop").unwrap(),
            Secret::new("P", "xyxyxyxy").unwrap(),
            Secret::new("E", "äöüäöüäöü").unwrap(),
        ];
        let hiding = Hiding::new(&secrets);
        let hidden = |text: &str| hiding.text(text).unwrap_or_else(|| text.to_owned());
        assert_eq!(hidden("1abcdefghijklmnop2"), "1<secret A>2");
        assert_eq!(hidden("efghijklmnopabcdefgh"), "<secret B><secret A>");
        assert_eq!(hidden("-xyxyxyxyxyxy-xyxyxy"), "-<secret P>-xyxyxy");
        assert_eq!(hidden("äöüäöüäöüäöüä"), "<secret E>ä");
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
