//! Which calls a script may make, how many, and at what cost.

use std::any::Any;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use monty_host::BoundArguments;

use crate::toolbox::AgentTool;

/// What is done with a call before the tool gets it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(
    clippy::exhaustive_enums,
    reason = "whoever reads a verdict has to act on each"
)]
pub enum Verdict {
    /// The call is made.
    Allow,
    /// The script gets a `PermissionError` with this reason.
    Deny(String),
    /// Somebody is asked first: the script is suspended in the call. Without
    /// [`Approvals`](crate::approvals::Approvals), the script gets a `PermissionError`.
    Ask,
}

/// Decides about a call by its arguments.
type Decide = Arc<dyn Fn(&BoundArguments) -> Verdict + Send + Sync>;

/// The rule for some tools. What it leaves open, a more general rule decides.
///
/// ```
/// use std::time::Duration;
/// use monty_code_mode::{Rule, Verdict};
///
/// let rule = Rule::new()
///     .decide(|arguments| match arguments.get("amount").and_then(|amount| amount.as_i64()) {
///         Some(..=100) => Verdict::Allow,
///         Some(_) => Verdict::Ask,
///         None => Verdict::Deny("the amount is no whole number".into()),
///     })
///     .calls(3)
///     .timeout(Duration::from_secs(10))
///     .result_bytes(64 * 1024);
/// ```
#[derive(Clone, Default)]
pub struct Rule {
    verdict: Option<Verdict>,
    decide: Option<Decide>,
    calls: Option<u64>,
    timeout: Option<Duration>,
    result_bytes: Option<u64>,
}

impl fmt::Debug for Rule {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Rule")
            .field("verdict", &self.verdict)
            .field("decides", &self.decide.is_some())
            .field("calls", &self.calls)
            .field("timeout", &self.timeout)
            .field("result_bytes", &self.result_bytes)
            .finish()
    }
}

impl Rule {
    /// A rule that leaves everything open.
    pub fn new() -> Self {
        Self::default()
    }

    /// Makes the calls.
    pub fn allow() -> Self {
        Self::verdict(Verdict::Allow)
    }

    /// Refuses the calls, with a reason for the script.
    pub fn deny(reason: impl Into<String>) -> Self {
        Self::verdict(Verdict::Deny(reason.into()))
    }

    /// Asks before each call.
    pub fn ask() -> Self {
        Self::verdict(Verdict::Ask)
    }

    fn verdict(verdict: Verdict) -> Self {
        Self {
            verdict: Some(verdict),
            ..Self::default()
        }
    }

    /// Decides by the arguments of each call, which are bound to the parameters
    /// of the tool. Instead of a fixed verdict of this rule.
    #[must_use]
    pub fn decide(
        mut self,
        decide: impl Fn(&BoundArguments) -> Verdict + Send + Sync + 'static,
    ) -> Self {
        self.decide = Some(Arc::new(decide));
        self
    }

    /// How many calls of each tool a script may make. Those that were denied
    /// count too.
    #[must_use]
    pub fn calls(mut self, calls: u64) -> Self {
        self.calls = Some(calls);
        self
    }

    /// How long a call may take: the script gets a `TimeoutError`.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// How large a result may be, in bytes of the host's memory: the script gets
    /// a `ValueError`.
    #[must_use]
    pub fn result_bytes(mut self, bytes: u64) -> Self {
        self.result_bytes = Some(bytes);
        self
    }
}

/// The rules for all tools of a [`CodeMode`](crate::CodeMode).
///
/// By default, a tool whose [`Annotations`](crate::Annotations) call it
/// destructive is asked for, and everything else is allowed.
///
/// A rule is for one tool by its name in Python, for a namespace (`github.*`),
/// or for all (`*`). Each of its settings holds unless a rule for something more
/// specific has its own.
///
/// ```
/// use monty_code_mode::{Policy, Rule};
///
/// let policy = Policy::new()
///     .rule("*", Rule::new().calls(50))
///     .rule("github.*", Rule::ask())
///     .rule("github.search_issues", Rule::allow())
///     .rule("shell.run", Rule::deny("no shell here: use the file tools"));
/// ```
#[derive(Clone, Debug, Default)]
pub struct Policy {
    rules: Vec<(String, Rule)>,
    is_cautious: bool,
}

impl Policy {
    /// The default policy.
    pub fn new() -> Self {
        Self::default()
    }

    /// Asks for every tool that is not annotated as read-only.
    pub fn cautious() -> Self {
        Self {
            rules: Vec::new(),
            is_cautious: true,
        }
    }

    /// Adds a rule. A later rule for the same tools takes the place of an earlier
    /// one, as far as it goes.
    #[must_use]
    pub fn rule(mut self, tools: impl Into<String>, rule: Rule) -> Self {
        self.rules.push((tools.into(), rule));
        self
    }

    /// The rules whose tools do not exist, as a mistake in a name would make them.
    pub(crate) fn unknown(&self, mut exists: impl FnMut(&str) -> bool) -> Option<&str> {
        let mut patterns = self.rules.iter().map(|(pattern, _)| pattern.as_str());
        patterns.find(|pattern| !exists(pattern))
    }

    /// What holds for a tool.
    pub(crate) fn of(&self, tool: &AgentTool) -> Rule {
        let name = tool.get_name();
        let mut matching: Vec<(usize, &Rule)> = self
            .rules
            .iter()
            .filter_map(|(pattern, rule)| Some((specificity(pattern, name)?, rule)))
            .collect();
        // Stable: of equally specific rules, the later ones come later.
        matching.sort_by_key(|(specificity, _)| *specificity);
        let annotations = tool.get_annotations();
        // Of a tool that is called destructive and read-only, one is a lie.
        let is_destructive = annotations.destructive == Some(true);
        let is_unknown = annotations.read_only != Some(true);
        let mut found = match is_destructive || self.is_cautious && is_unknown {
            true => Rule::ask(),
            false => Rule::allow(),
        };
        for (_, rule) in matching {
            if rule.verdict.is_some() || rule.decide.is_some() {
                found.verdict.clone_from(&rule.verdict);
                found.decide.clone_from(&rule.decide);
            }
            found.calls = rule.calls.or(found.calls);
            found.timeout = rule.timeout.or(found.timeout);
            found.result_bytes = rule.result_bytes.or(found.result_bytes);
        }
        found
    }
}

/// How closely a pattern describes a name, if it does.
fn specificity(pattern: &str, name: &str) -> Option<usize> {
    match pattern.strip_suffix('*') {
        None => (pattern == name).then_some(2),
        Some("") => Some(0),
        Some(namespace) => (namespace.ends_with('.') && name.starts_with(namespace)).then_some(1),
    }
}

/// Whether a pattern describes one of these names.
pub(crate) fn describes(pattern: &str, name: &str) -> bool {
    specificity(pattern, name).is_some()
}

impl Rule {
    /// Whether a closure decides.
    pub(crate) fn decides(&self) -> bool {
        self.decide.is_some()
    }

    /// Whether the arguments matter.
    pub(crate) fn looks_at_arguments(&self) -> bool {
        self.decide.is_some() || self.verdict == Some(Verdict::Ask)
    }

    /// What is done with a call whose arguments fit the tool.
    pub(crate) fn verdict_on(&self, arguments: &BoundArguments) -> Verdict {
        match &self.decide {
            // What was not decided is not allowed.
            Some(decide) => {
                let decided = catch_unwind(AssertUnwindSafe(|| decide(arguments)));
                decided.unwrap_or_else(|panic| {
                    let reason = panic_message(&*panic);
                    Verdict::Deny(format!("the policy panicked: {reason}"))
                })
            }
            None => self.fixed_verdict(),
        }
    }

    /// What is done whatever the arguments are.
    pub(crate) fn fixed_verdict(&self) -> Verdict {
        self.verdict.clone().unwrap_or(Verdict::Allow)
    }

    pub(crate) fn get_calls(&self) -> Option<u64> {
        self.calls
    }

    pub(crate) fn get_timeout(&self) -> Option<Duration> {
        self.timeout
    }

    pub(crate) fn get_result_bytes(&self) -> Option<u64> {
        self.result_bytes
    }
}

fn panic_message(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no reason given")
}
