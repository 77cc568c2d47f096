//! Values that stand elsewhere.

use std::borrow::Cow;
use std::fmt;
use std::path::Path;

use monty_host::Error;
use monty_mcp::client::references;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

/// A value that is not in the configuration itself: `${NAME}`, `${env:NAME}` or
/// `${file:PATH}`.
#[derive(Clone)]
pub struct Reference(String);

/// Shows where the value stands.
impl fmt::Display for Reference {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl Reference {
    /// The variable that it names, if it names one.
    pub fn variable(&self) -> Option<String> {
        let name = self.0.strip_prefix("${")?.strip_suffix('}')?;
        let name = name.strip_prefix("env:").unwrap_or(name);
        let name = name.split_once(":-").map_or(name, |(name, _)| name);
        (!name.starts_with("file:")).then(|| name.to_owned())
    }

    /// The value.
    ///
    /// # Errors
    ///
    /// If there is no such variable or file.
    pub fn read(&self, directory: &Path, what: &str) -> Result<String, Error> {
        references::expand(&self.0, directory, |name| std::env::var(name).ok())
            .map_err(|problem| Error::invalid(format_args!("{what}: {problem}")))
    }
}

impl<'de> Deserialize<'de> for Reference {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        match references::is_reference(&text) {
            true => Ok(Self(text)),
            // The text may be the secret: it is not shown.
            false => Err(D::Error::custom(
                "a secret does not stand in the configuration: write ${NAME} for a variable of the environment, or ${file:PATH}",
            )),
        }
    }
}

impl JsonSchema for Reference {
    fn schema_name() -> Cow<'static, str> {
        "Reference".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "description": "Where the value stands: ${NAME}, ${env:NAME} or ${file:PATH}",
            "pattern": "^\\$\\{[^}]+\\}$",
        })
    }
}
