//! What a script finds: tools with their rules, namespaces, secrets' names.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use monty_host::check::Declarations;
use monty_host::value::{Dict, Module};
use monty_host::{Answer, Error, ToolError, Tools, Type, Value};

use crate::middleware::Middleware;
use crate::policy::{Policy, Rule};
use crate::search::ToolIndex;
use crate::secrets::{Hiding, Secret};
use crate::stub::Detail;
use crate::text;
use crate::toolbox::{AgentTool, NamespaceInfo, ToolKind, Toolbox};

/// A tool, and the rule that holds for it.
pub(crate) struct Entry {
    pub(crate) tool: Arc<AgentTool>,
    pub(crate) rule: Rule,
}

/// What scripts of a [`CodeMode`](crate::CodeMode) find.
pub(crate) struct Table {
    entries: HashMap<String, Entry>,
    /// Namespaces, functions as values, and the placeholders of secrets.
    values: HashMap<String, Value>,
    namespaces: Vec<String>,
    /// The namespaces without tools, each with a sentence that says so.
    without_tools: HashMap<String, String>,
    index: Arc<ToolIndex>,
    pub(crate) secrets: Vec<Secret>,
    /// Takes their values out of what tools answer.
    pub(crate) hiding: Hiding,
    pub(crate) middleware: Arc<[Arc<dyn Middleware>]>,
    /// Whether a call can wait for approval.
    pub(crate) can_ask: bool,
    /// Whether tools can attach content to a value.
    pub(crate) has_attachments: bool,
    /// What scripts can use, if their types are checked.
    pub(crate) declarations: Declarations,
}

/// What a [`Table`] is made of.
pub(crate) struct Parts<'p> {
    pub(crate) toolbox: &'p Toolbox,
    pub(crate) index: Arc<ToolIndex>,
    /// Tools that belong to code mode and not to the agent.
    pub(crate) own: Vec<AgentTool>,
    pub(crate) policy: &'p Policy,
    pub(crate) secrets: Vec<Secret>,
    pub(crate) middleware: Vec<Arc<dyn Middleware>>,
    pub(crate) can_ask: bool,
}

impl Table {
    /// # Errors
    ///
    /// If a rule or a secret names a tool that does not exist, or two things have
    /// one name.
    pub(crate) fn new(parts: Parts<'_>) -> Result<Self, Error> {
        let Parts {
            toolbox,
            index,
            own,
            policy,
            secrets,
            middleware,
            can_ask,
        } = parts;
        let mut entries = HashMap::new();
        let mut values = HashMap::new();
        // Those without tools too, so that an error can say why.
        let all = toolbox.namespaces().iter();
        let mut modules: HashMap<&str, Dict> = all
            .map(|info| (info.name.as_str(), Dict::default()))
            .collect();
        let mut has_tools = HashSet::new();
        for tool in toolbox.iter().chain(&own) {
            let name = tool.get_name();
            let function = Value::function(name, tool.get_description());
            match tool.get_namespace() {
                Some(namespace) => {
                    let module = modules.entry(&namespace.name).or_default();
                    module.push(tool.bare_name(), function);
                    has_tools.insert(namespace.name.as_str());
                }
                None => {
                    values.insert(name.to_owned(), function);
                }
            }
            let rule = policy.of(tool);
            let tool = Arc::new(tool.clone());
            entries.insert(tool.get_name().to_owned(), Entry { tool, rule });
        }
        let mut namespaces = Vec::new();
        for (name, attributes) in modules {
            namespaces.push(name.to_owned());
            values.insert(name.to_owned(), Value::from(Module::new(name, attributes)));
        }
        if let Some(pattern) = policy.unknown(|pattern| toolbox.matches(pattern)) {
            return Err(Error::invalid(format_args!(
                "the policy has a rule for `{pattern}`, and there is no such tool{}",
                did_you_mean(&index, pattern)
            )));
        }
        for secret in &secrets {
            let name = secret.get_name();
            if values.contains_key(name) {
                return Err(Error::invalid(format_args!(
                    "a secret and a tool or a namespace are called `{name}`: give the secret another name"
                )));
            }
            for (pattern, parameter) in secret.get_receivers() {
                if !toolbox.matches(pattern) {
                    return Err(Error::invalid(format_args!(
                        "the secret `{name}` may go to `{pattern}`, and there is no such tool{}",
                        did_you_mean(&index, pattern)
                    )));
                }
                let missing = parameter
                    .and_then(|name| Some((name, toolbox.parameter_problem(pattern, name)?)));
                if let Some((parameter, problem)) = missing {
                    return Err(Error::invalid(format_args!(
                        "the secret `{name}` may go to `{pattern}` as `{parameter}`, {problem}"
                    )));
                }
            }
        }
        for secret in &secrets {
            let placeholder = Value::from(secret.get_placeholder());
            if values
                .insert(secret.get_name().to_owned(), placeholder)
                .is_some()
            {
                return Err(Error::invalid(format_args!(
                    "two secrets are called `{}`: give one of them another name",
                    secret.get_name()
                )));
            }
        }
        let without = toolbox
            .namespaces()
            .iter()
            .filter(|info| !has_tools.contains(info.name.as_str()));
        Ok(Self {
            entries,
            values,
            without_tools: without
                .map(|info| (info.name.clone(), no_tools(info)))
                .collect(),
            namespaces,
            index,
            hiding: Hiding::new(&secrets),
            secrets,
            middleware: middleware.into(),
            can_ask,
            has_attachments: toolbox
                .iter()
                .any(|tool| matches!(tool.kind(), ToolKind::Schema(_))),
            declarations: Declarations::open(),
        })
    }

    /// Lets a type checker know what scripts can use.
    pub(crate) fn declare(&mut self, toolbox: &Toolbox, own: &[AgentTool]) {
        let stubs = toolbox.stubs().source(toolbox, Detail::Signature);
        let own = own.iter().filter_map(|tool| match tool.kind() {
            ToolKind::Host(tool) => Some(tool.clone()),
            ToolKind::Schema(_) => None,
        });
        let own = own.fold(Tools::new(), Tools::tool);
        let mut declarations = Declarations::of(&own).with_stubs(&stubs);
        for secret in &self.secrets {
            declarations = declarations.with_name(secret.get_name(), &Type::Str);
        }
        if self.has_attachments {
            declarations = declarations.with_stubs("def show(*values: Any) -> None: ...");
        }
        self.declarations = declarations;
    }

    pub(crate) fn entry(&self, name: &str) -> Option<&Entry> {
        self.entries.get(name)
    }

    /// The value of a name.
    pub(crate) fn value(&self, name: &str) -> Option<Value> {
        self.values.get(name).cloned()
    }

    /// The answer to a name that nothing has.
    pub(crate) fn missing_name(&self, name: &str) -> Answer {
        let mut near: Vec<&str> = self.namespaces.iter().map(String::as_str).collect();
        // The distance takes the product of both lengths, in time and memory.
        near.retain(|namespace| {
            name.len() <= LONGEST_NEAR && strsim::damerau_levenshtein(namespace, name) <= 2
        });
        near.sort_unstable();
        let near = match near.is_empty() {
            true => self.index.meant(name),
            false => Some(near.join(" or ")),
        };
        match near {
            None => Ok(None),
            Some(near) => Err(ToolError::new(
                "NameError",
                format_args!("name '{name}' is not defined. Did you mean {near}?"),
            )),
        }
    }

    /// The tools that were meant, by the error about an attribute that a namespace
    /// does not have.
    pub(crate) fn meant_by(&self, message: &str) -> Option<String> {
        let (namespace, rest) = message.strip_prefix("module '")?.split_once('\'')?;
        let name = rest
            .strip_prefix(" has no attribute '")?
            .strip_suffix('\'')?;
        if let Some(sentence) = self.without_tools.get(namespace) {
            return Some(sentence.clone());
        }
        let name = format!("{namespace}.{name}");
        let near = self.index.meant(&name)?;
        Some(format!("Did you mean {near}?"))
    }
}

/// That a namespace has no tools, and why if its description says it.
pub(crate) fn no_tools(namespace: &NamespaceInfo) -> String {
    let description = namespace.description.as_deref().unwrap_or_default();
    let description = text::line(description, MAX_DESCRIPTION);
    let space = if description.is_empty() { "" } else { " " };
    format!("{} has no tools.{space}{description}", namespace.name)
}

/// The longest description of a namespace that is shown.
const MAX_DESCRIPTION: usize = 200;

/// What is longer than this, in bytes, is not taken for a namespace's name.
const LONGEST_NEAR: usize = 200;

/// The tools that a misspelt name may be meant for, as the end of a sentence.
fn did_you_mean(index: &ToolIndex, name: &str) -> String {
    let near = index.meant(name);
    near.map_or(String::new(), |near| format!(". Did you mean {near}?"))
}
