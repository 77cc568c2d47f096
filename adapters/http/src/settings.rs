//! The settings, from environment variables.

use std::str::FromStr;

use monty_document::units::{parse_duration, parse_size};
use monty_runner::Limits;

/// The limits on requests.
pub struct Settings {
    /// `MONTY_MAX_BODY`: size of a request, such as `64KiB`. Unset: 1 MiB.
    pub max_body_bytes: u64,
    /// `MONTY_MAX_OUTPUT`: size of the value and the prints, or of the exception
    /// and the prints, in the answer. Unset: 10 MiB. `MONTY_MAX_DURATION`,
    /// `MONTY_MAX_MEMORY` and `MONTY_MAX_RECURSION_DEPTH`: the limits of a run,
    /// which a request may lower. Unset: 5 s, 128 MiB, 1000.
    pub limits: Limits,
}

impl Settings {
    /// # Errors
    ///
    /// If a variable cannot be read; the text says which and why.
    pub fn from_environment() -> Result<Self, String> {
        let limits = Limits::default();
        Ok(Self {
            max_body_bytes: variable("MONTY_MAX_BODY", parse_size, 1 << 20)?,
            limits: Limits {
                duration: variable("MONTY_MAX_DURATION", parse_duration, limits.duration)?,
                memory_bytes: variable("MONTY_MAX_MEMORY", parse_size, limits.memory_bytes)?,
                recursion_depth: variable(
                    "MONTY_MAX_RECURSION_DEPTH",
                    |text| u32::from_str(text).map_err(|_| "write a whole number".to_owned()),
                    limits.recursion_depth,
                )?,
                output_bytes: variable("MONTY_MAX_OUTPUT", parse_size, limits.output_bytes)?,
            },
        })
    }
}

fn variable<T>(
    name: &str,
    parse: impl Fn(&str) -> Result<T, String>,
    default: T,
) -> Result<T, String> {
    match std::env::var(name) {
        Ok(text) => parse(text.trim()).map_err(|error| format!("{name} is `{text}`: {error}")),
        Err(std::env::VarError::NotPresent) => Ok(default),
        Err(std::env::VarError::NotUnicode(_)) => Err(format!("{name} is not UTF-8")),
    }
}
