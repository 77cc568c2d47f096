//! A source to check, and what it can use.

use super::bindings::exports::monty::checker::type_checker as wit;
use super::checker::{CheckLimits, Checker};
use super::declarations::Declarations;
use super::diagnostic::{Diagnostic, Diagnostics, SOURCE};
use super::instance::Checked;
use super::rules::{CheckRules, Level};
use crate::error::Error;
use crate::run::{Monty, block_on};
use crate::tools::Type;

/// The checker of a check.
#[derive(Clone, Debug)]
pub(crate) enum CheckerOf {
    Own(Checker),
    /// That of an interpreter, which may have to be loaded.
    Monty(Monty),
}

/// A source to check.
///
/// By default:
///
/// * its name is `script.py`;
/// * it can use no tools, no inputs, and no modules but Monty's;
/// * what rejects is by the default [`CheckRules`], within the default
///   [`CheckLimits`].
#[derive(Clone, Debug)]
#[must_use = "a source is not checked before `run`"]
pub struct Check {
    checker: CheckerOf,
    source: String,
    name: String,
    declarations: Declarations,
    earlier: Vec<wit::Snippet>,
    rules: CheckRules,
    limits: CheckLimits,
}

impl Check {
    pub(crate) fn new(checker: CheckerOf, source: String) -> Self {
        Self {
            checker,
            source,
            name: "script.py".to_owned(),
            declarations: Declarations::new(),
            earlier: Vec::new(),
            rules: CheckRules::new(),
            limits: CheckLimits::default(),
        }
    }

    /// The name of the source in diagnostics.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// What the source can use, beside what was given before.
    pub fn declarations(mut self, declarations: Declarations) -> Self {
        self.declarations = self.declarations.and(declarations);
        self
    }

    /// What the source can use of a host: its tools, values and modules.
    pub fn host(self, host: impl Into<crate::Host>) -> Self {
        let declarations = host.into().declarations();
        self.declarations(declarations)
    }

    /// An input of the source, by its type.
    pub fn input(mut self, name: &str, ty: impl Into<Type>) -> Self {
        self.declarations = self.declarations.with_name(name, &ty.into());
        self
    }

    /// A snippet that ran before in the same session: the source can use the names that
    /// it defined.
    pub fn after(mut self, snippet: impl Into<String>) -> Self {
        self.earlier.push(wit::Snippet {
            source: snippet.into(),
            failed_line: None,
        });
        self
    }

    /// A snippet that ran before and raised in the statement on this line, from 1.
    pub fn after_failed(mut self, snippet: impl Into<String>, line: u32) -> Self {
        self.earlier.push(wit::Snippet {
            source: snippet.into(),
            failed_line: Some(line),
        });
        self
    }

    /// What rejects the source.
    pub fn rules(mut self, rules: CheckRules) -> Self {
        self.rules = rules;
        self
    }

    /// What the check may use up.
    pub fn limits(mut self, limits: CheckLimits) -> Self {
        self.limits = limits;
        self
    }

    /// Checks the source. Dropping the future stops the check.
    ///
    /// A source that takes the checker beyond its limits is not an error:
    /// [`Diagnostics::not_checked`] tells.
    ///
    /// # Errors
    ///
    /// If the declarations are not Python, or the checker cannot be started.
    pub async fn run(self) -> Result<Diagnostics, Error> {
        let mut found = Diagnostics {
            name: self.name.clone(),
            ..Diagnostics::default()
        };
        let bytes = self.bytes();
        if bytes > self.limits.source_bytes {
            found.not_checked = Some(format!(
                "the source and what it can use are {bytes} bytes, more than the {} of `CheckLimits::source_bytes`",
                self.limits.source_bytes
            ));
            return Ok(found);
        }
        let request = wit::Request {
            name: SOURCE.to_owned(),
            source: self.source,
            stubs: self.declarations.stubs().to_owned(),
            modules: self
                .declarations
                .modules()
                .map(|(name, source)| wit::ModuleStub {
                    name: name.to_owned(),
                    source: source.to_owned(),
                })
                .collect(),
            earlier: self.earlier,
            open_names: self.declarations.has_open_names(),
            open_modules: self.declarations.has_open_modules(),
        };
        let checker = match self.checker {
            CheckerOf::Own(checker) => checker,
            CheckerOf::Monty(monty) => monty.checker().await?,
        };
        match checker.run(&self.limits, &request).await? {
            Checked::Found(findings) => {
                let list = findings.diagnostics.into_iter();
                found.list = list
                    .map(|one| Diagnostic::new(one, &found.name, &self.rules))
                    .filter(|one| one.level != Level::Ignore)
                    .collect();
                found.left_out = findings.left_out;
            }
            Checked::Refused(message) => return Err(Error::request(message)),
            Checked::Stopped(reason) => found.not_checked = Some(reason),
        }
        Ok(found)
    }

    /// The blocking twin of [`run`](Self::run).
    ///
    /// # Errors
    ///
    /// As [`run`](Self::run), and from inside an async function.
    pub fn run_blocking(self) -> Result<Diagnostics, Error> {
        block_on("run", self.run())
    }

    /// The size of all that the checker is given.
    fn bytes(&self) -> usize {
        let earlier = self.earlier.iter().map(|snippet| snippet.source.len());
        let modules = self.declarations.modules();
        self.source.len()
            + self.declarations.stubs().len()
            + earlier.sum::<usize>()
            + modules
                .map(|(name, source)| name.len() + source.len())
                .sum::<usize>()
    }
}
