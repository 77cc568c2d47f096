//! The rules, and the calls that were counted against them.

use std::collections::BTreeMap;

use crate::settings::{ANY, Settings};

/// The settings, and the calls made so far.
pub struct Rules {
    settings: Settings,
    calls: BTreeMap<String, u64>,
}

impl Rules {
    pub fn new(settings: Settings) -> Self {
        Self {
            settings,
            calls: BTreeMap::new(),
        }
    }

    /// Allows a call and counts it. The text of an error is for the script's
    /// author.
    pub fn call(&mut self, tool: &str, argument_bytes: u64) -> Result<(), String> {
        self.lookup(tool)?;
        let most = self.settings.max_argument_bytes;
        if argument_bytes > most {
            return Err(format!(
                "the arguments of `{tool}` take {argument_bytes} bytes, and {most} are allowed: \
                 send less in one call"
            ));
        }
        let budgets = &self.settings.budgets;
        let Some(budget) = budgets.get(tool).or_else(|| budgets.get(ANY)) else {
            return Ok(());
        };
        let calls = self.calls.entry(tool.to_owned()).or_default();
        if *calls >= *budget {
            return Err(format!(
                "the budget of `{tool}`, {budget}, is used up: keep its answers instead of asking \
                 again"
            ));
        }
        *calls += 1;
        Ok(())
    }

    /// Allows the use of a name.
    pub fn lookup(&self, tool: &str) -> Result<(), String> {
        let allow = &self.settings.allow;
        if allow.contains(tool) || allow.contains(ANY) {
            return Ok(());
        }
        if allow.is_empty() {
            return Err(format!(
                "`{tool}` is not allowed, and neither is any other tool: name it in MONTY_ALLOW"
            ));
        }
        let names: Vec<&str> = allow.iter().map(String::as_str).collect();
        Err(format!(
            "`{tool}` is not allowed: use {}, or name it in MONTY_ALLOW",
            names.join(", ")
        ))
    }
}
