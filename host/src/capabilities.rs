//! What the interpreter has, for a prompt.

use std::fmt;

use crate::bindings::exports::monty::sandbox::interpreter::FeatureSet;
use crate::context::MontyCtx;
use crate::error::Error;
use crate::interrupt::InterruptHandle;
use crate::monty::Monty;
use crate::os::Random;
use crate::script::block_on;
use crate::state::RunState;

/// What this build of the interpreter has.
///
/// `Display` writes it as a few paragraphs for a model's prompt.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Capabilities {
    /// The version of Monty.
    pub version: String,
    /// The modules that can be imported without the host's help, each with
    /// the names in it.
    pub modules: Vec<(String, Vec<String>)>,
    /// Functions, types and exceptions that need no import.
    pub builtins: Vec<String>,
    /// Parts of Python's syntax that are refused, each in a few words.
    pub unsupported_syntax: Vec<String>,
}

impl Monty {
    /// What the interpreter has.
    ///
    /// # Errors
    ///
    /// If the interpreter fails.
    pub async fn capabilities(&self) -> Result<Capabilities, Error> {
        let _slot = self.slot(&InterruptHandle::new()).await?;
        let mut store = RunState::store(self.engine(), MontyCtx::new(), Random::System, 0);
        let features = async {
            let sandbox = self.sandbox().instantiate_async(&mut store).await?;
            sandbox
                .monty_sandbox_interpreter()
                .call_capabilities(&mut store)
                .await
        };
        features.await.map(Capabilities::from).map_err(|error| {
            Error::sandbox(format!("the interpreter failed: {error:#}"), Some(error))
        })
    }

    /// The blocking twin of [`capabilities`](Self::capabilities).
    ///
    /// # Errors
    ///
    /// If the interpreter fails, or this is called from inside an async
    /// function.
    pub fn capabilities_blocking(&self) -> Result<Capabilities, Error> {
        block_on(self.capabilities())?
    }
}

impl From<FeatureSet> for Capabilities {
    fn from(features: FeatureSet) -> Self {
        let modules = features.modules.into_iter();
        Self {
            version: features.version,
            modules: modules.map(|module| (module.name, module.names)).collect(),
            builtins: features.builtins,
            unsupported_syntax: features.unsupported_syntax,
        }
    }
}

impl fmt::Display for Capabilities {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            formatter,
            "The script runs in Monty {}, a subset of Python without packages and without a network.",
            self.version
        )?;
        let syntax = self.unsupported_syntax.join("; ");
        writeln!(formatter, "\nSyntax that it does not have: {syntax}.")?;
        let builtins = self.builtins.join(", ");
        writeln!(formatter, "\nBuilt in: {builtins}.")?;
        formatter.write_str("\nModules, and all that is in them:\n")?;
        self.modules
            .iter()
            .try_for_each(|(name, names)| writeln!(formatter, "- {name}: {}", names.join(", ")))
    }
}
