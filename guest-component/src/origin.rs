//! What code belongs to.

use serde::{Deserialize, Serialize};

/// What code belongs to.
#[derive(Clone, Serialize, Deserialize)]
pub enum Origin {
    /// One script of this name.
    Script(String),
    /// A session of this name, whose pieces of code have names of their own.
    Session(String),
}

impl Origin {
    /// The name of the script or session.
    pub fn script_name(&self) -> &str {
        let (Self::Script(name) | Self::Session(name)) = self;
        name
    }

    /// The name of a source for the host. Monty calls a script by the name of
    /// a session's first piece of code.
    pub fn source_name(&self, filename: String) -> String {
        match self {
            Self::Script(name) if filename == "<python-input-0>" => name.clone(),
            _ => filename,
        }
    }
}
