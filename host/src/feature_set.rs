//! The interpreter's features, for a prompt.

use std::fmt;

/// The features of this build of the interpreter.
///
/// `Display` writes it as a few paragraphs for a model's prompt.
///
/// ```
/// let features = monty_host::Monty::new()?.capabilities_blocking()?;
/// assert!(features.modules.iter().any(|module| module.name == "math"));
/// let prompt = format!("Write a Python script.\n\n{features}");
/// # Ok::<_, monty_host::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FeatureSet {
    /// The version of Monty.
    pub version: String,
    /// The modules that a script can import without the host's help, each with
    /// its names.
    pub modules: Vec<ModuleNames>,
    /// Functions, types and exceptions that need no import.
    pub builtins: Vec<String>,
    /// Python syntax that is rejected, each item in a few words.
    pub unsupported_syntax: Vec<String>,
}

/// A module and the names in it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ModuleNames {
    /// The module.
    pub name: String,
    /// The names in it, in alphabetical order.
    pub names: Vec<String>,
}

impl fmt::Display for FeatureSet {
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
        self.modules.iter().try_for_each(|module| {
            let names = module.names.join(", ");
            writeln!(formatter, "- {}: {names}", module.name)
        })
    }
}
