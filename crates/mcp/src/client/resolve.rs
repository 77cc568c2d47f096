//! A configuration with the values of its references, for one start.

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;

use http::{HeaderName, HeaderValue};
use url::Url;

use super::config::{ServerConfig, Transport};
use super::reference::{self, Variables, expand};
use super::secrets::{Secrets, sounds_secret};

/// What a server is started with.
pub(super) struct Resolved {
    pub(super) target: Target,
    pub(super) secrets: Secrets,
}

pub(super) enum Target {
    Process {
        command: String,
        args: Vec<String>,
        env: BTreeMap<String, String>,
        cwd: Option<PathBuf>,
    },
    Address {
        url: Url,
        headers: HashMap<HeaderName, HeaderValue>,
    },
}

/// Checks what can be checked before a start.
pub(super) fn check(config: &ServerConfig) -> Result<(), String> {
    let at = |place: String| move |problem: String| format!("{place}: {problem}");
    match &config.transport {
        Transport::Stdio {
            command,
            args,
            env,
            cwd,
        } => {
            if command.trim().is_empty() {
                return Err("`command` is empty: name the program".to_owned());
            }
            for (index, arg) in args.iter().enumerate() {
                reference::check(arg).map_err(at(format!("`args[{index}]`")))?;
            }
            for (name, value) in env {
                if name.is_empty() || name.contains(['=', '\0']) {
                    return Err(format!(
                        "`env`: `{}` is no name of a variable",
                        name.escape_debug()
                    ));
                }
                reference::check(value).map_err(at(format!("`env.{name}`")))?;
            }
            if let Some(cwd) = cwd.as_deref().and_then(|cwd| cwd.to_str()) {
                reference::check(cwd).map_err(at("`cwd`".to_owned()))?;
            }
            Ok(())
        }
        Transport::Http { url, headers } => {
            reference::check(url).map_err(at("`url`".to_owned()))?;
            if !reference::has_references(url) {
                address(url)?;
            }
            for (name, value) in headers {
                header_name(name)?;
                reference::check(value).map_err(at(format!("`headers.{name}`")))?;
            }
            Ok(())
        }
    }
}

/// Reads the references.
pub(super) fn resolve(config: &ServerConfig, variables: &Variables) -> Result<Resolved, String> {
    let mut secrets = Secrets::default();
    let target = match &config.transport {
        Transport::Stdio {
            command,
            args,
            env,
            cwd,
        } => {
            let expanded = args.iter().map(|arg| expand(arg, variables, &mut secrets));
            let args = expanded.collect::<Result<Vec<_>, _>>()?;
            let mut values = BTreeMap::new();
            for (name, value) in env {
                let value = expand(value, variables, &mut secrets)
                    .map_err(|problem| format!("`env.{name}`: {problem}"))?;
                if sounds_secret(name) {
                    secrets.add(name, &value);
                }
                values.insert(name.clone(), value);
            }
            let cwd = match cwd.as_deref().map(|cwd| (cwd, cwd.to_str())) {
                Some((_, Some(text))) => Some(variables.directory.join(expand(
                    text,
                    variables,
                    &mut secrets,
                )?)),
                Some((path, None)) => Some(path.to_owned()),
                None => None,
            };
            Target::Process {
                command: command.clone(),
                args,
                env: values,
                cwd,
            }
        }
        Transport::Http { url, headers } => {
            let has_secrets = reference::has_references(url);
            let url = address(&expand(url, variables, &mut secrets)?)?;
            if has_secrets {
                // Errors of the HTTP client show the whole of it.
                secrets.add("url", url.as_str());
            }
            let mut values = HashMap::new();
            for (name, value) in headers {
                let value = expand(value, variables, &mut secrets)
                    .map_err(|problem| format!("`headers.{name}`: {problem}"))?;
                if sounds_secret(name) {
                    secrets.add(name, &value);
                    // Without the scheme: `Bearer`, `Basic`.
                    if let Some((_, credential)) = value.split_once(' ') {
                        secrets.add(name, credential);
                    }
                }
                let mut value = HeaderValue::from_str(&value).map_err(|_| {
                    format!("`headers.{name}`: the value has characters that no header can have")
                })?;
                value.set_sensitive(true);
                values.insert(header_name(name)?, value);
            }
            Target::Address {
                url,
                headers: values,
            }
        }
    };
    Ok(Resolved { target, secrets })
}

/// Headers that the transport writes itself.
const RESERVED: [&str; 8] = [
    "accept",
    "connection",
    "content-length",
    "content-type",
    "host",
    "last-event-id",
    "mcp-protocol-version",
    "mcp-session-id",
];

fn header_name(name: &str) -> Result<HeaderName, String> {
    let parsed = HeaderName::try_from(name).map_err(|_| {
        format!(
            "`headers`: `{}` is no name of a header",
            name.escape_debug()
        )
    })?;
    match RESERVED.contains(&parsed.as_str()) {
        true => Err(format!(
            "`headers`: `{name}` is written by the client itself: leave it out"
        )),
        false => Ok(parsed),
    }
}

/// The errors show no part of it, since secrets may be in it.
fn address(text: &str) -> Result<Url, String> {
    let url = Url::parse(text).map_err(|error| format!("`url` is no address: {error}"))?;
    match url.scheme() {
        "http" | "https" if url.username().is_empty() && url.password().is_none() => Ok(url),
        "http" | "https" => {
            Err("`url` has a user name or a password in it: pass them in `headers`".to_owned())
        }
        scheme => Err(format!(
            "`url` begins with `{scheme}:`: it must be http or https"
        )),
    }
}
