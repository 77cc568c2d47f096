//! The rules, and the counts against them.

use std::collections::BTreeMap;

use crate::settings::{ANY, Settings};

/// The limit on counted tools, besides those with their own budget.
const MAX_COUNTED: usize = 1000;

/// The longest name of a tool, in bytes.
pub const MAX_NAME_BYTES: usize = 256;

/// The settings, and the calls made so far.
pub struct Rules {
    settings: Settings,
    /// Calls of each tool with a budget, if any.
    calls: BTreeMap<String, u64>,
    /// Calls, and requests for names and attributes, including denied ones.
    requests: u64,
}

/// The reason for a denial, for the script's author.
pub struct Refused {
    pub message: String,
    /// Whether the log holds it. Not what comes after the last request that is
    /// allowed, which it was told of already.
    pub logged: bool,
}

impl From<String> for Refused {
    fn from(message: String) -> Self {
        Self {
            message,
            logged: true,
        }
    }
}

impl Rules {
    pub fn new(settings: Settings) -> Self {
        Self {
            settings,
            calls: BTreeMap::new(),
            requests: 0,
        }
    }

    /// Allows and counts a call.
    pub fn call(&mut self, tool: &str, argument_bytes: Result<u64, String>) -> Result<(), Refused> {
        self.name(tool)?;
        let most = self.settings.max_argument_bytes;
        let argument_bytes = argument_bytes
            .map_err(|error| format!("the arguments of `{tool}` are malformed: {error}"))?;
        if argument_bytes > most {
            return Err(Refused::from(format!(
                "the arguments of `{tool}` take {argument_bytes} bytes, and {most} are allowed: \
                 send less in one call"
            )));
        }
        let budgets = &self.settings.budgets;
        let Some(budget) = budgets.get(tool).or_else(|| budgets.get(ANY)) else {
            return Ok(());
        };
        let is_counted = budgets.contains_key(tool) || self.calls.contains_key(tool);
        if !is_counted && self.calls.len() >= MAX_COUNTED {
            return Err(Refused::from(format!(
                "`{tool}` is one tool too many: the calls of {} tools were counted, and no more \
                 are",
                self.calls.len()
            )));
        }
        let calls = self.calls.entry(tool.to_owned()).or_default();
        if *calls >= *budget {
            return Err(Refused::from(format!(
                "the budget of `{tool}`, {budget}, is used up: keep its answers instead of asking \
                 again"
            )));
        }
        *calls += 1;
        Ok(())
    }

    /// Allows the use of a name, and counts the request.
    pub fn name(&mut self, tool: &str) -> Result<(), Refused> {
        let most = self.settings.max_requests;
        self.requests = self.requests.saturating_add(1);
        if self.requests > most {
            return Err(Refused {
                message: format!(
                    "the tools were asked {most} times, which is all that MONTY_MAX_REQUESTS \
                     allows"
                ),
                logged: self.requests == most.saturating_add(1),
            });
        }
        if tool.len() > MAX_NAME_BYTES {
            return Err(Refused::from(format!(
                "the name `{}…` has {} bytes, and names of tools have at most {MAX_NAME_BYTES}",
                start(tool),
                tool.len()
            )));
        }
        let allow = &self.settings.allow;
        if allow.contains(tool) || allow.contains(ANY) {
            return Ok(());
        }
        if allow.is_empty() {
            return Err(Refused::from(format!(
                "`{tool}` is not allowed, and neither is any other tool: name it in MONTY_ALLOW"
            )));
        }
        let names: Vec<&str> = allow.iter().map(String::as_str).collect();
        Err(Refused::from(format!(
            "`{tool}` is not allowed: use {}, or name it in MONTY_ALLOW",
            names.join(", ")
        )))
    }
}

/// The start of a name that is too long to show.
pub fn start(name: &str) -> &str {
    const SHOWN_BYTES: usize = 32;
    name.get(..name.floor_char_boundary(SHOWN_BYTES))
        .unwrap_or(name)
}
