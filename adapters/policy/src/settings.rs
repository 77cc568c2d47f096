//! The settings, from environment variables.

use std::collections::{BTreeMap, BTreeSet};

/// What is allowed.
pub struct Settings {
    /// `MONTY_ALLOW`: names of tools, separated by commas. A method is written
    /// with a dot in front, `.close`. `*` is every tool. Unset: none.
    pub allow: BTreeSet<String>,
    /// `MONTY_BUDGET`: calls of each tool, such as `get_weather=5,*=100`, for as
    /// long as the instance lives; one without a number may be called without
    /// end. A number alone is meant for every tool. Unset: no budgets.
    pub budgets: BTreeMap<String, u64>,
    /// `MONTY_MAX_ARGUMENT_BYTES`: size of the arguments of one call, as
    /// [`size`](crate::size) counts it. Unset: 1 MiB.
    pub max_argument_bytes: u64,
    /// `MONTY_MAX_REQUESTS`: calls of all tools, and requests for names and
    /// attributes together, including denied ones. Unset: 10 000.
    pub max_requests: u64,
    /// `MONTY_LOG`: `on` for a line on standard error for each call, `off` for
    /// none. Unset: `on`.
    pub log: bool,
}

/// Every tool.
pub const ANY: &str = "*";

impl Settings {
    /// # Errors
    ///
    /// If a variable cannot be read; the text says which and why.
    pub fn from_environment() -> Result<Self, String> {
        Ok(Self {
            allow: variable("MONTY_ALLOW")?
                .split(',')
                .map(str::trim)
                .filter(|name| !name.is_empty())
                .map(str::to_owned)
                .collect(),
            budgets: budgets(&variable("MONTY_BUDGET")?)?,
            max_argument_bytes: match variable("MONTY_MAX_ARGUMENT_BYTES")?.as_str() {
                "" => 1 << 20,
                text => number("MONTY_MAX_ARGUMENT_BYTES", text)?,
            },
            max_requests: match variable("MONTY_MAX_REQUESTS")?.as_str() {
                "" => 10_000,
                text => number("MONTY_MAX_REQUESTS", text)?,
            },
            log: match variable("MONTY_LOG")?.as_str() {
                "" | "on" => true,
                "off" => false,
                other => return Err(format!("MONTY_LOG is `{other}`: write on or off")),
            },
        })
    }
}

/// A variable, empty if it is not set.
fn variable(name: &str) -> Result<String, String> {
    match std::env::var(name) {
        Ok(text) => Ok(text.trim().to_owned()),
        Err(std::env::VarError::NotPresent) => Ok(String::new()),
        Err(std::env::VarError::NotUnicode(_)) => Err(format!("{name} is not UTF-8")),
    }
}

fn budgets(text: &str) -> Result<BTreeMap<String, u64>, String> {
    text.split(',')
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .map(|part| {
            let (tool, count) = part.split_once('=').unwrap_or((ANY, part));
            Ok((
                tool.trim().to_owned(),
                number("MONTY_BUDGET", count.trim())?,
            ))
        })
        .collect()
}

fn number(variable: &str, text: &str) -> Result<u64, String> {
    text.parse()
        .map_err(|_| format!("{variable} holds `{text}`, which is no whole number"))
}
