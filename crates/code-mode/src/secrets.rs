//! Secrets that scripts use without ever holding them.

use std::fmt;
use std::sync::Arc;

use monty_host::{Answer, Call, Error, ParameterKind, Signature, ToolError, Tools};

use crate::policy::describes;
use crate::texts::rewrite;

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

/// Puts the values of secrets into a call.
///
/// # Errors
///
/// If the tool may not have one of them.
pub(crate) fn put_in(
    secrets: &[Secret],
    signature: &Signature,
    call: &mut Call,
) -> Result<(), ToolError> {
    if secrets.is_empty() {
        return Ok(());
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
    for (parameter, value) in positional.chain(keyword) {
        let mut refused = None;
        let changed = rewrite(value, &mut |text| {
            let mut changed: Option<String> = None;
            for secret in secrets {
                let text = changed.as_deref().unwrap_or(text);
                if !text.contains(&secret.placeholder) {
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
        if let Some(changed) = changed {
            *value = changed;
        }
    }
    Ok(())
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

/// Takes the values of secrets out of an answer.
pub(crate) fn take_out(secrets: &[Secret], answer: Answer) -> Answer {
    let mut hide = |text: &str| {
        let mut changed: Option<String> = None;
        for secret in secrets {
            let text = changed.as_deref().unwrap_or(text);
            if text.contains(&*secret.value) {
                changed = Some(text.replace(&*secret.value, &secret.placeholder));
            }
        }
        changed
    };
    match answer {
        Ok(Some(value)) => Ok(Some(rewrite(&value, &mut hide).unwrap_or(value))),
        Ok(None) => Ok(None),
        // What suspends or ends the run is not for the script.
        Err(error) if error.is_suspend() || error.is_fatal() => Err(error),
        Err(error) => Err(match hide(error.message()) {
            Some(message) => ToolError::new(error.type_name().to_owned(), message),
            None => error,
        }),
    }
}
