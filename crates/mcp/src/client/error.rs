//! What is wrong with a configuration.

use std::error::Error;
use std::fmt;

use super::text;

/// The longest name of a server that is shown.
const MAX_NAME: usize = 80;

/// A configuration that no servers can be made of.
///
/// `Display` names the server, what is wrong, and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError {
    server: String,
    message: String,
}

impl ConfigError {
    pub(super) fn new(server: &str, message: impl fmt::Display) -> Self {
        Self {
            server: server.to_owned(),
            message: message.to_string(),
        }
    }

    /// The server, by its name in the configuration.
    pub fn server(&self) -> &str {
        &self.server
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let server = text::line(&self.server, MAX_NAME);
        write!(formatter, "the MCP server `{server}`: {}", self.message)
    }
}

impl Error for ConfigError {}
