//! [`CodeMode`]: one tool for a model, in place of many.

use std::fmt;
use std::sync::Arc;

use monty_host::check::{CheckLimits, CheckRules};
use monty_host::os::Os;
use monty_host::{Error, Host, Limits, Monty, Options, ToolError, Value};
use serde_json::{Value as Json, json};

use crate::approvals::{Approvals, Decisions, Principal};
use crate::calls::{self, Calls, Run};
use crate::catalogue::Catalogue;
use crate::conversation::Conversation;
use crate::engine::{Engine, OsSource};
use crate::instructions::{self, Mode};
use crate::middleware::Middleware;
use crate::outcome::Outcome;
use crate::own_tools::own_tools;
use crate::policy::{Policy, Verdict};
use crate::resume_error::ResumeError;
use crate::review::Review;
use crate::search::ToolIndex;
use crate::secrets::Secret;
use crate::table::{Parts, Table};
use crate::tokens::{EstimatedTokens, TokenCounter};
use crate::toolbox::Toolbox;

/// One tool for a model, in place of many: it takes a Python script that calls
/// the others as functions.
///
/// ```
/// use monty_code_mode::{CodeMode, Toolbox};
/// use monty_host::{Monty, Tool};
/// use serde_json::json;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let price = Tool::new("price", ["item"], |item: String| item.len() * 10);
/// let toolbox = Toolbox::builder().tool(price.description("Price in cents")).build()?;
/// let code_mode = CodeMode::new(&Monty::new()?, toolbox).await?;
///
/// // For the model.
/// let definition = code_mode.definition();
/// assert_eq!(definition.name, "run_python");
///
/// // What the model calls it with.
/// let arguments = json!({ "code": "sum(price(item) for item in ['tea', 'milk'])" });
/// let outcome = code_mode.call(arguments).await;
/// assert_eq!(outcome.text(), "70");
/// assert_eq!(outcome.calls.len(), 2);
/// # Ok(()) }
/// ```
///
/// Clones share everything.
#[derive(Clone)]
pub struct CodeMode(Arc<Inner>);

struct Inner {
    engine: Arc<Engine>,
    toolbox: Toolbox,
    definition: Definition,
    session_definition: Definition,
}

impl fmt::Debug for CodeMode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("CodeMode")
            .field("toolbox", &self.0.toolbox)
            .finish_non_exhaustive()
    }
}

/// What a model is told of a tool.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Definition {
    /// Its name.
    pub name: String,
    /// What it does, and what scripts can call.
    pub description: String,
    /// The JSON Schema of its arguments.
    pub input_schema: Json,
}

impl CodeMode {
    /// Code mode with all defaults: see [`CodeModeBuilder`].
    ///
    /// # Errors
    ///
    /// As [`CodeModeBuilder::build`].
    pub async fn new(monty: &Monty, toolbox: Toolbox) -> Result<Self, Error> {
        Self::builder(monty, toolbox).build().await
    }

    /// Code mode to configure.
    pub fn builder(monty: &Monty, toolbox: Toolbox) -> CodeModeBuilder {
        CodeModeBuilder {
            monty: monty.clone(),
            toolbox,
            name: "run_python".to_owned(),
            limits: Limits::default(),
            os: OsSource::None,
            options: Options::new(),
            policy: Policy::new(),
            secrets: Vec::new(),
            middleware: Vec::new(),
            approvals: None,
            catalogue_tokens: 2000,
            result_tokens: 6000,
            counter: None,
            checks: None,
        }
    }

    /// What a model is told of it, for scripts that each stand alone.
    pub fn definition(&self) -> &Definition {
        &self.0.definition
    }

    /// The same for scripts that share their names, in a
    /// [session](Conversation::session).
    pub fn session_definition(&self) -> &Definition {
        &self.0.session_definition
    }

    /// The tools that scripts call.
    pub fn toolbox(&self) -> &Toolbox {
        &self.0.toolbox
    }

    /// Runs a script by itself: what a model calls the tool with.
    ///
    /// Everything that goes wrong is in the outcome, with a text for the model.
    /// Dropping the future stops the script and its calls.
    pub async fn call(&self, arguments: Json) -> Outcome {
        self.conversation().single().call(arguments).await
    }

    /// Calls one tool without a script, by the same policy and through the same
    /// middleware: for agents that offer some tools directly.
    ///
    /// # Errors
    ///
    /// The exception that a script would get. What needs approval is refused.
    pub async fn call_tool(&self, name: &str, arguments: Json) -> Result<Value, ToolError> {
        calls::call_directly(&self.0.engine.table, name, arguments).await
    }

    /// The tools, policy, secrets, middleware and files as a [`Host`], for scripts
    /// that the program runs by itself: as [`Script`](monty_host::Script)s with
    /// prints that stream, or in a [`Session`](monty_host::Session).
    ///
    /// What needs approval is suspended if there are
    /// [approvals](CodeModeBuilder::approvals), and raises `PermissionError`
    /// otherwise. The calls that a rule allows are counted over all scripts of the
    /// host. Attachments are dropped.
    ///
    /// # Errors
    ///
    /// As [`os_of_each`](CodeModeBuilder::os_of_each) has it.
    pub fn host(&self) -> Result<Host, Error> {
        let engine = &self.0.engine;
        let calls = Calls::new(&engine.table, &Run::without_script(), Arc::default());
        engine.os.add_to(Host::new().external_call(calls))
    }

    /// What is done with the calls of a tool, by its name in Python. None if that is up to
    /// their arguments, or there is no such tool.
    pub fn verdict(&self, tool: &str) -> Option<Verdict> {
        let entry = self.0.engine.table.entry(tool)?;
        let is_fixed = !entry.rule.decides();
        is_fixed.then(|| entry.rule.fixed_verdict())
    }

    /// Whether scripts can wait for approval.
    pub fn can_wait(&self) -> bool {
        self.0.engine.approvals.is_some()
    }

    /// Finds tools by what they do.
    pub fn index(&self) -> &ToolIndex {
        &self.0.engine.index
    }

    pub(crate) fn engine(&self) -> &Arc<Engine> {
        &self.0.engine
    }

    /// A conversation, whose scripts find what was cut from earlier results.
    pub fn conversation(&self) -> Conversation {
        Conversation::new(Arc::clone(&self.0.engine))
    }

    /// Goes on with a script that [waits](crate::Status::Waiting), here or in
    /// another process than the one it was suspended in. The calls that were
    /// approved are made now, all at once.
    ///
    /// If the script is of a session, use [`Conversation::resume`].
    ///
    /// # Errors
    ///
    /// If the token is not valid, or the decisions are not those that it needs:
    /// nothing has run then.
    pub async fn resume(&self, token: &str, decisions: &Decisions) -> Result<Outcome, ResumeError> {
        self.conversation().single().resume(token, decisions).await
    }

    /// What a token waits for, to be shown to whoever decides.
    ///
    /// # Errors
    ///
    /// If the token is not valid, or there are no [`Approvals`].
    pub async fn inspect(&self, token: &str) -> Result<Review, ResumeError> {
        self.conversation().inspect(token).await
    }
}

/// Settings of a [`CodeMode`]. By default:
///
/// - the tool is called `run_python`;
/// - its description has some 2,000 tokens of signatures, and results have at
///   most some 6,000;
/// - scripts reach the tools and nothing else, within the default [`Limits`];
/// - tools that are annotated as destructive need approval, and approval is not
///   possible: they raise `PermissionError`;
/// - there are no secrets and no middleware;
/// - scripts are not checked before they run.
#[must_use = "settings do nothing before they are built"]
pub struct CodeModeBuilder {
    monty: Monty,
    toolbox: Toolbox,
    name: String,
    limits: Limits,
    os: OsSource,
    options: Options,
    policy: Policy,
    secrets: Vec<Secret>,
    middleware: Vec<Arc<dyn Middleware>>,
    approvals: Option<(Approvals, Principal)>,
    catalogue_tokens: usize,
    result_tokens: usize,
    counter: Option<Arc<dyn TokenCounter + Send + Sync>>,
    checks: Option<(CheckRules, CheckLimits)>,
}

impl fmt::Debug for CodeModeBuilder {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("CodeModeBuilder")
            .field("name", &self.name)
            .field("toolbox", &self.toolbox)
            .finish_non_exhaustive()
    }
}

/// A token has about this many characters, in text and code.
const CHARACTERS_PER_TOKEN: usize = 4;

impl CodeModeBuilder {
    /// The name that the model knows the tool by.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// What each script may use up.
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Files, environment, clocks and randomness, the same for all scripts.
    pub fn os(mut self, os: impl Os + 'static) -> Self {
        self.os = OsSource::Shared(Arc::new(os));
        self
    }

    /// The same, made anew for each script that stands alone and for each session.
    /// What scripts write to an [overlay](monty_host::os::MountMode::Overlay) is not
    /// seen by others then.
    pub fn os_of_each<O: Os + 'static>(
        mut self,
        make: impl Fn() -> Result<O, Error> + Send + Sync + 'static,
    ) -> Self {
        let make = move || Ok(Arc::new(make()?) as Arc<dyn Os>);
        self.os = OsSource::Each(Arc::new(make));
        self
    }

    /// Clock, time zone and randomness.
    pub fn options(mut self, options: Options) -> Self {
        self.options = options;
        self
    }

    /// Which calls are made, asked for and refused.
    pub fn policy(mut self, policy: Policy) -> Self {
        self.policy = policy;
        self
    }

    /// A secret that tools get and scripts do not see.
    pub fn secret(mut self, secret: Secret) -> Self {
        self.secrets.push(secret);
        self
    }

    /// Code around each call. The first that is added is the outermost.
    pub fn middleware(mut self, middleware: impl Middleware + 'static) -> Self {
        self.middleware.push(Arc::new(middleware));
        self
    }

    /// Lets scripts wait for decisions of this principal.
    pub fn approvals(mut self, approvals: Approvals, principal: Principal) -> Self {
        self.approvals = Some((approvals, principal));
        self
    }

    /// The tokens of signatures in the description. What does not fit is found
    /// by `search_tools`.
    pub fn catalogue_tokens(mut self, tokens: usize) -> Self {
        self.catalogue_tokens = tokens;
        self
    }

    /// The tokens of a result, counted as four characters each.
    pub fn result_tokens(mut self, tokens: usize) -> Self {
        self.result_tokens = tokens;
        self
    }

    /// Counts tokens as a model does, for the description.
    pub fn token_counter(mut self, counter: impl TokenCounter + Send + Sync + 'static) -> Self {
        self.counter = Some(Arc::new(counter));
        self
    }

    /// Checks the types of each script before it runs, against the types of the tools.
    /// One that calls a tool wrongly, or uses a result as what it is not, is rejected
    /// before a call is made, with an error that has the signature of the tool. See
    /// [`Script::checked`](monty_host::Script::checked).
    ///
    /// The interpreter needs a [type
    /// checker](monty_host::MontyBuilder::checker).
    pub fn checked(self) -> Self {
        self.checked_by(CheckRules::new(), CheckLimits::default())
    }

    /// The same by these rules, within these limits.
    pub fn checked_by(mut self, rules: CheckRules, limits: CheckLimits) -> Self {
        self.checks = Some((rules, limits));
        self
    }

    /// Code mode with these settings.
    ///
    /// # Errors
    ///
    /// If a rule of the policy or a secret names a tool that does not exist, two
    /// things have one name, or the interpreter fails.
    pub async fn build(self) -> Result<CodeMode, Error> {
        let index = Arc::new(ToolIndex::new(&self.toolbox));
        let own = own_tools(&index);
        let mut table = Table::new(Parts {
            toolbox: &self.toolbox,
            index: Arc::clone(&index),
            own: own.clone(),
            policy: &self.policy,
            secrets: self.secrets,
            middleware: self.middleware,
            can_ask: self.approvals.is_some(),
        })?;
        if self.checks.is_some() {
            table.declare(&self.toolbox, &own);
        }
        let features = self.monty.capabilities().await?;
        let counter = self.counter.unwrap_or_else(|| Arc::new(EstimatedTokens));
        let count = |text: &str| counter.count(text);
        let catalogue = Catalogue::within(&self.toolbox, self.catalogue_tokens, &count);
        let define = |mode| Definition {
            name: self.name.clone(),
            description: instructions::description(mode, &features, &table, &catalogue),
            input_schema: json!({
                "type": "object",
                "properties": {
                    "code": { "type": "string", "description": "The Python script" },
                },
                "required": ["code"],
                "additionalProperties": false,
            }),
        };
        Ok(CodeMode(Arc::new(Inner {
            definition: define(Mode::Fresh),
            session_definition: define(Mode::Session),
            toolbox: self.toolbox,
            engine: Arc::new(Engine {
                monty: self.monty,
                index,
                table: Arc::new(table),
                limits: self.limits,
                os: self.os,
                options: self.options,
                result_budget: self.result_tokens.saturating_mul(CHARACTERS_PER_TOKEN),
                approvals: self.approvals,
                checks: self.checks,
            }),
        })))
    }
}
