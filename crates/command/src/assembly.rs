//! Everything that the options and the configuration give scripts, as code mode.

use std::str::FromStr as _;
use std::sync::Arc;

use monty_code_mode::approvals::store::{MemoryStore, RedbStore, Store};
use monty_code_mode::approvals::{self, Key, Keys, Principal};
use monty_code_mode::{AgentTool, Annotations, CodeMode, Policy, Rule, Secret, ToolIndex, Toolbox};
use monty_host::{Error, Limits, Monty, Options};
use monty_mcp::client::Servers;

use crate::arguments::ReachArguments;
use crate::config::{self, Config, PolicyDefault, RuleSection, Verdict};
use crate::console;
use crate::process;
use crate::systems::Systems;
use crate::tool::{Context, Functions, ToolSpec};

/// What scripts reach, and how. Each [`build`](Self::build) has the tools that the servers
/// have then.
pub struct Assembly {
    monty: Monty,
    config: Config,
    tools: Vec<AgentTool>,
    secrets: Vec<Secret>,
    servers: Servers,
    has_commands: bool,
    limits: Limits,
    options: Options,
    systems: Arc<Systems>,
    waits: Option<Waits>,
    checks: bool,
}

/// How scripts wait for a person.
struct Waits {
    approvals: approvals::Approvals,
    principal: Principal,
    store: Option<Arc<dyn Store>>,
}

/// The most that a script which waits may have, in bytes.
const MOST_WAITING_BYTES: usize = 16 << 20;

/// Code mode, and what is not as the configuration says.
pub struct Built {
    pub code_mode: CodeMode,
    pub warnings: Vec<String>,
}

impl Assembly {
    /// Reads what the configuration refers to. No server is started yet.
    pub fn new(
        monty: Monty,
        config: Config,
        reach: &ReachArguments,
        functions: Functions,
        limits: Limits,
        options: Options,
    ) -> Result<Self, Error> {
        process::hide_variables(hidden_variables(&config));
        let context = functions.context();
        let has_commands = functions.have_commands() || !config.tools.is_empty();
        let mut tools: Vec<AgentTool> = functions
            .into_tools()?
            .iter()
            .cloned()
            .map(AgentTool::from)
            .collect();
        for (signature, tool) in &config.tools {
            tools.push(command_tool(signature, tool, context)?);
        }
        let secrets = config
            .secrets
            .iter()
            .map(|(name, secret)| secret_of(&config, name, secret))
            .collect::<Result<_, _>>()?;
        let servers = Servers::builder(config.mcp_servers.clone())
            .directory(&config.directory)
            .build()
            .map_err(Error::invalid)?;
        let systems = Systems::new(&config, reach);
        // A directory that is not there is told now.
        systems.make()?;
        Ok(Self {
            monty,
            tools,
            secrets,
            servers,
            has_commands,
            limits,
            options,
            systems: Arc::new(systems),
            waits: None,
            checks: false,
            config,
        })
    }

    /// Lets scripts wait for a person, and checks them before they run.
    pub fn waiting(mut self) -> Result<Self, Error> {
        let config::Approvals {
            key,
            old_keys,
            store,
            expires,
            ..
        } = &self.config.approvals;
        let read = |reference: &config::Reference, what: &str| {
            let text = reference.read(&self.config.directory, what)?;
            Key::from_str(text.trim())
                .map_err(|error| Error::invalid(format_args!("{what}: {error}")))
        };
        let mut keys = match key {
            Some(key) => Keys::from(read(key, "approvals.key")?),
            None => Keys::from(Key::generate().map_err(Error::invalid)?),
        };
        for key in old_keys {
            keys = keys.opens(read(key, "approvals.oldKeys")?);
        }
        let store: Option<Arc<dyn Store>> = match store {
            Some(path) => {
                let path = self.config.path(path);
                let store = RedbStore::open(&path)
                    .map_err(|error| Error::invalid(format_args!("approvals.store: {error}")))?;
                Some(Arc::new(store))
            }
            // A key that is given is shared with other servers, and a store in memory would not be.
            None if key.is_some() => None,
            None => Some(Arc::new(MemoryStore::new())),
        };
        // What waits is compressed and encrypted, which nothing limits but its size.
        let mut approvals = approvals::Approvals::new(keys).max_content(MOST_WAITING_BYTES);
        if let Some(store) = &store {
            approvals = approvals.store(Arc::clone(store));
        }
        if let Some(expires) = expires {
            if expires.0.is_zero() {
                return Err(Error::invalid(
                    "approvals.expires is zero: say how long a script waits, such as \"1h\"",
                ));
            }
            approvals = approvals.time_to_live(expires.0);
        }
        let principal = Principal::new(["local"]).map_err(Error::invalid)?;
        self.checks = self.config.check.unwrap_or(cfg!(feature = "checker"));
        self.waits = Some(Waits {
            approvals,
            principal,
            store,
        });
        Ok(self)
    }

    /// Code mode with the tools that there are now.
    pub async fn build(&self) -> Result<Built, Error> {
        let mut toolbox = Toolbox::builder().tools(self.tools.iter().cloned());
        for namespace in self.servers.namespaces().await {
            toolbox = toolbox.namespace(namespace);
        }
        let toolbox = toolbox.build().map_err(Error::invalid)?;
        let mut warnings = Vec::new();
        for status in self.servers.status() {
            if let Some(problem) = status.problem {
                warnings.push(format!("the server `{}`: {problem}", status.name));
            }
            let notes = status.notes.iter();
            warnings.extend(notes.map(|note| format!("the server `{}`: {note}", status.name)));
        }
        let known = Known(&toolbox);
        let mut policy = match self.config.policy.default {
            PolicyDefault::AskDestructive => Policy::new(),
            PolicyDefault::AskUnlessReadOnly => Policy::cautious(),
        };
        for (pattern, section) in &self.config.policy.rules {
            match known.has(pattern) {
                true => policy = policy.rule(pattern, rule(section)),
                false => known.missing(pattern, "policy.rules", &mut warnings)?,
            }
        }
        let mut builder = CodeMode::builder(&self.monty, toolbox.clone())
            .limits(self.limits.clone())
            .options(self.options.clone());
        for secret in &self.secrets {
            builder = builder.secret(self.receivers(secret, &known, &mut warnings)?);
        }
        let systems = Arc::clone(&self.systems);
        builder = builder.policy(policy).os_of_each(move || systems.make());
        if self.checks {
            builder = builder.checked();
        }
        if let Some(waits) = &self.waits {
            builder = builder.approvals(waits.approvals.clone(), waits.principal);
        }
        if let Some(tokens) = self.config.catalogue.tokens {
            builder = builder.catalogue_tokens(tokens);
        }
        if let Some(tokens) = self.config.catalogue.result_tokens {
            builder = builder.result_tokens(tokens);
        }
        Ok(Built {
            code_mode: builder.build().await?,
            warnings,
        })
    }

    /// A secret with the tools that may have it and that there are.
    fn receivers(
        &self,
        secret: &Secret,
        known: &Known<'_>,
        warnings: &mut Vec<String>,
    ) -> Result<Secret, Error> {
        let mut secret = secret.clone();
        let name = secret.get_name().to_owned();
        let Some(section) = self.config.secrets.get(&name) else {
            return Ok(secret);
        };
        let whence = format!("secrets.{name}");
        for pattern in &section.tools {
            match known.has(pattern) {
                true => secret = secret.tool(pattern),
                false => known.missing(pattern, &whence, warnings)?,
            }
        }
        for (pattern, parameters) in &section.parameters {
            if !known.has(pattern) {
                known.missing(pattern, &whence, warnings)?;
                continue;
            }
            for parameter in parameters {
                // A server may change its tools. That a tool here has no such parameter is
                // for code mode to say.
                if known.is_of_server(pattern)
                    && let Some(problem) = known.0.parameter_problem(pattern, parameter)
                {
                    warnings.push(format!(
                        "{whence} names `{parameter}` of `{pattern}`, {problem}"
                    ));
                    continue;
                }
                secret = secret.parameter(pattern, parameter);
            }
        }
        Ok(secret)
    }

    pub fn config(&self) -> &Config {
        &self.config
    }

    pub fn servers(&self) -> &Servers {
        &self.servers
    }

    /// Whether any of the tools is a command.
    pub fn has_commands(&self) -> bool {
        self.has_commands
    }

    /// Where what waits is kept, if it is.
    pub fn store(&self) -> Option<Arc<dyn Store>> {
        self.waits.as_ref()?.store.clone()
    }
}

/// Tells a person what is not as the configuration says.
pub fn tell<'w>(warnings: impl IntoIterator<Item = &'w String>) {
    for warning in warnings {
        console::err(format_args!("warning: {warning}\n"));
    }
}

/// The names that a policy can be about.
struct Known<'t>(&'t Toolbox);

impl Known<'_> {
    fn has(&self, pattern: &str) -> bool {
        self.0.matches(pattern)
    }

    /// Whether it is for tools of a server.
    fn is_of_server(&self, pattern: &str) -> bool {
        let mut namespaces = self.0.namespaces().iter();
        pattern
            .split_once('.')
            .is_some_and(|(namespace, _)| namespaces.any(|known| known.name == namespace))
    }

    /// What a server does not have now, it may have later. Anything else is a mistake.
    fn missing(
        &self,
        pattern: &str,
        whence: &str,
        warnings: &mut Vec<String>,
    ) -> Result<(), Error> {
        let problem = format!("{whence} names `{pattern}`, and there is no such function");
        match self.is_of_server(pattern) {
            true => {
                warnings.push(format!("{problem} now"));
                Ok(())
            }
            false => Err(Error::invalid(format_args!(
                "{problem}{}",
                self.meant(pattern)
            ))),
        }
    }

    /// What a name that there is not may be meant for.
    fn meant(&self, pattern: &str) -> String {
        let index = ToolIndex::new(self.0);
        let near = index.meant(pattern);
        near.map_or(String::new(), |near| format!(": did you mean {near}?"))
    }
}

fn command_tool(
    signature: &str,
    tool: &config::CommandTool,
    context: Context,
) -> Result<AgentTool, Error> {
    let wrong = |problem: String| Error::invalid(format_args!("tools.{signature}: {problem}"));
    let spec = ToolSpec::new(signature, &tool.command).map_err(wrong)?;
    let mut built = spec.into_tool(tool.is_async, context);
    if let Some(description) = &tool.description {
        built = built.description(description);
    }
    if let Some(timeout) = tool.timeout {
        built = built.timeout(timeout.0);
    }
    let mut annotations = Annotations::new();
    annotations.read_only = tool.read_only;
    annotations.destructive = tool.destructive;
    Ok(AgentTool::from(built).annotations(annotations))
}

/// The variables that secrets stand in, which no command gets.
fn hidden_variables(config: &Config) -> Vec<String> {
    let approvals = &config.approvals;
    let references = approvals
        .key
        .iter()
        .chain(&approvals.old_keys)
        .chain(config.server.clients.values())
        .chain(config.secrets.values().map(|secret| &secret.value));
    references.filter_map(config::Reference::variable).collect()
}

fn secret_of(config: &Config, name: &str, section: &config::Secret) -> Result<Secret, Error> {
    let value = section
        .value
        .read(&config.directory, &format!("secrets.{name}"))?;
    Secret::new(name, value)
}

fn rule(section: &RuleSection) -> Rule {
    let (verdict, section) = match section {
        RuleSection::Verdict(verdict) => (Some(*verdict), None),
        RuleSection::Rule(rule) => (rule.verdict, Some(rule)),
    };
    let reason = section.and_then(|section| section.reason.clone());
    let mut rule = match verdict {
        None => Rule::new(),
        Some(Verdict::Allow) => Rule::allow(),
        Some(Verdict::Ask) => Rule::ask(),
        Some(Verdict::Deny) => {
            Rule::deny(reason.unwrap_or_else(|| "the configuration denies it".to_owned()))
        }
    };
    let Some(section) = section else {
        return rule;
    };
    if let Some(calls) = section.calls {
        rule = rule.calls(calls);
    }
    if let Some(timeout) = section.timeout {
        rule = rule.timeout(timeout.0);
    }
    if let Some(size) = section.result_size {
        rule = rule.result_bytes(size.0);
    }
    rule
}
