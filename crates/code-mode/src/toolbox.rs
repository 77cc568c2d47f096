//! [`Toolbox`]: what a script may call.

use std::collections::{HashMap, HashSet};
use std::error::Error;
use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use monty_host::{ParameterKind, Signature, Tool};

use crate::names::{self, Scope};
use crate::policy::describes;
use crate::schema::{Annotations, SchemaTool};
use crate::stub::Stubs;
use crate::text;

/// The functions that a script may call: some by their name alone, others in a
/// [`Namespace`], such as those of one MCP server.
///
/// ```
/// use monty_code_mode::{Namespace, SchemaTool, Toolbox, ToolSchema};
/// use monty_host::Tool;
/// use serde_json::json;
///
/// let schema = ToolSchema::new("read-file", json!({ "type": "object" }));
/// let read = SchemaTool::new(schema, async |_| Ok(json!("text").into()))?;
/// let toolbox = Toolbox::builder()
///     .tool(Tool::new("now", (), || "2026-01-01"))
///     .namespace(Namespace::new("files").description("The user's files").tool(read))
///     .build()?;
///
/// let names: Vec<_> = toolbox.iter().map(|tool| tool.get_name()).collect();
/// assert_eq!(names, ["now", "files.read_file"]);
/// let read = toolbox.find_original(Some("files"), "read-file").unwrap();
/// assert_eq!(read.get_name(), "files.read_file");
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
///
/// Clones are cheap and share the tools. Their order is that in which they were
/// added: those without a namespace first.
///
/// # Names
///
/// A tool keeps its name if Python takes it. Otherwise, and for namespaces and
/// parameters too:
///
/// 1. Each character that is not an ASCII letter, a digit or `_` becomes `_`;
///    a name that would start with a digit gets a `_` before it. At most 64
///    characters stay.
/// 2. A keyword gets a `_` after it. So does the name of a namespace, or of a
///    tool without one, that is a built-in name, a module that scripts can
///    import, `search_tools`, `describe_tool`, `show`, or one of what is kept of
///    results, such as `result_1` and `output_1`.
/// 3. If two are the same now, one that needed no change keeps its name, else
///    the one that was added first does. Each other gets `_` and four
///    hexadecimal digits of a hash of its original name.
///
/// A tool whose name needs no change comes before one that would be called the
/// same: put the tools of each server into a namespace of its own, so that no
/// server can take the name that a rule or a secret is for.
///
/// A namespace that is called as a tool without one is gets a `_` after it too.
/// Nothing is left out: [`get`](Self::get) finds a tool by its Python name,
/// [`find_original`](Self::find_original) by the other.
#[derive(Clone)]
pub struct Toolbox(Arc<Inner>);

struct Inner {
    tools: Vec<AgentTool>,
    by_name: HashMap<String, usize>,
    namespaces: Vec<NamespaceInfo>,
    stubs: OnceLock<Stubs>,
}

impl fmt::Debug for Toolbox {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.iter().map(AgentTool::get_name).collect();
        formatter.debug_tuple("Toolbox").field(&names).finish()
    }
}

/// A namespace as scripts see it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct NamespaceInfo {
    /// The name in Python.
    pub name: String,
    /// The name that it was given.
    pub original_name: String,
    /// What its tools are for.
    pub description: Option<String>,
}

impl Toolbox {
    /// Collects tools.
    pub fn builder() -> ToolboxBuilder {
        ToolboxBuilder::default()
    }

    /// The tools in order.
    pub fn iter(&self) -> std::slice::Iter<'_, AgentTool> {
        self.0.tools.iter()
    }

    /// How many tools there are.
    pub fn len(&self) -> usize {
        self.0.tools.len()
    }

    /// Whether there are no tools.
    pub fn is_empty(&self) -> bool {
        self.0.tools.is_empty()
    }

    /// The tool of a Python name, such as `github.search_issues`.
    pub fn get(&self, name: &str) -> Option<&AgentTool> {
        self.0.tools.get(*self.0.by_name.get(name)?)
    }

    /// The tool of the name that its source has for it, in the namespace of the
    /// name that it was given, if any.
    pub fn find_original(&self, namespace: Option<&str>, name: &str) -> Option<&AgentTool> {
        let mut tools = self.iter();
        tools.find(|tool| {
            let of = tool.namespace.as_deref();
            tool.original_name() == name && of.map(|of| of.original_name.as_str()) == namespace
        })
    }

    /// Whether a pattern of a [`Policy`](crate::Policy) is for any of the tools: a name in
    /// Python, a namespace such as `github.*`, or `*` for all that there may be.
    pub fn matches(&self, pattern: &str) -> bool {
        pattern == "*" || self.iter().any(|tool| describes(pattern, tool.get_name()))
    }

    /// What is wrong with the name of a parameter of the tools that a pattern is for, as
    /// the end of a sentence: nothing if any of them has it, or collects arguments by any
    /// name. Of `*`, nobody knows.
    ///
    /// ```
    /// use monty_code_mode::Toolbox;
    /// use monty_host::Tool;
    ///
    /// let fetch = Tool::new("fetch", ["url"], |url: String| url);
    /// let toolbox = Toolbox::builder().tool(fetch).build()?;
    /// assert_eq!(toolbox.parameter_problem("fetch", "url"), None);
    /// let problem = "which is none of its parameters: url";
    /// assert_eq!(toolbox.parameter_problem("fetch", "ulr").as_deref(), Some(problem));
    /// # Ok::<_, monty_code_mode::ToolboxError>(())
    /// ```
    pub fn parameter_problem(&self, pattern: &str, parameter: &str) -> Option<String> {
        let mut tools = self
            .iter()
            .filter(|tool| describes(pattern, tool.get_name()));
        let has = |tool: &AgentTool| {
            let mut parameters = tool.get_signature().get_parameters().iter();
            parameters.any(|taken| {
                let collects = taken.get_kind() == ParameterKind::VarKeyword;
                // `**options` is called `options`.
                taken.get_name() == parameter || (collects && !parameter.starts_with('*'))
            })
        };
        if pattern == "*" || tools.any(has) {
            return None;
        }
        let Some(tool) = self.get(pattern) else {
            return Some("a parameter that none of these tools has".to_owned());
        };
        let parameters = tool.get_signature().get_parameters().iter();
        let names: Vec<&str> = parameters.map(|parameter| parameter.get_name()).collect();
        Some(match names.is_empty() {
            true => "and that tool has no parameters".to_owned(),
            false => format!("which is none of its parameters: {}", names.join(", ")),
        })
    }

    /// The namespaces in order.
    pub fn namespaces(&self) -> &[NamespaceInfo] {
        &self.0.namespaces
    }

    /// The tools as Python source.
    pub fn stubs(&self) -> &Stubs {
        self.0.stubs.get_or_init(|| Stubs::new(self))
    }
}

impl<'t> IntoIterator for &'t Toolbox {
    type Item = &'t AgentTool;
    type IntoIter = std::slice::Iter<'t, AgentTool>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// Tools that scripts call as `name.tool(…)`, such as those of an MCP server.
#[derive(Clone, Debug)]
pub struct Namespace {
    name: String,
    description: Option<String>,
    tools: Vec<AgentTool>,
}

impl Namespace {
    /// A namespace without tools.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            description: None,
            tools: Vec::new(),
        }
    }

    /// Says what its tools are for.
    #[must_use]
    pub fn description(mut self, description: impl Into<String>) -> Self {
        self.description = Some(description.into());
        self
    }

    /// Adds a tool.
    #[must_use]
    pub fn tool(mut self, tool: impl Into<AgentTool>) -> Self {
        self.tools.push(tool.into());
        self
    }

    /// Adds several tools.
    #[must_use]
    pub fn tools(mut self, tools: impl IntoIterator<Item = impl Into<AgentTool>>) -> Self {
        self.tools.extend(tools.into_iter().map(Into::into));
        self
    }
}

/// One tool as scripts see it.
///
/// In a [`Toolbox`], its name and signature are those that a script uses.
#[derive(Clone, Debug)]
pub struct AgentTool {
    kind: ToolKind,
    signature: Signature,
    namespace: Option<Arc<NamespaceInfo>>,
    annotations: Annotations,
    /// What its results were seen to look like.
    observed_result: Option<Arc<str>>,
    /// Why no script can have it.
    problem: Option<Arc<str>>,
}

/// What runs the calls of a tool.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum ToolKind {
    /// A function of the host.
    Host(Tool),
    /// A tool that JSON Schemas describe.
    Schema(SchemaTool),
}

impl From<Tool> for AgentTool {
    fn from(tool: Tool) -> Self {
        Self {
            signature: tool.get_signature().clone(),
            kind: ToolKind::Host(tool),
            namespace: None,
            annotations: Annotations::default(),
            observed_result: None,
            problem: None,
        }
    }
}

impl From<SchemaTool> for AgentTool {
    fn from(tool: SchemaTool) -> Self {
        Self {
            signature: tool.get_signature().clone(),
            annotations: tool.schema().annotations,
            kind: ToolKind::Schema(tool),
            namespace: None,
            observed_result: None,
            problem: None,
        }
    }
}

impl AgentTool {
    /// Says what its effects are, in place of what its server says.
    #[must_use]
    pub fn annotations(mut self, annotations: Annotations) -> Self {
        self.annotations = annotations;
        self
    }

    /// Says what its results were seen to look like, such as
    /// `list[{'id': int}]`, for a tool that does not promise anything. Stubs show
    /// it as observed, and nothing is checked against it.
    #[must_use]
    pub fn observed_result(mut self, shape: impl Into<Arc<str>>) -> Self {
        self.observed_result = Some(shape.into());
        self
    }

    /// What its results were seen to look like.
    pub fn get_observed_result(&self) -> Option<&str> {
        self.observed_result.as_deref()
    }

    /// Its name in a script, after that of its namespace:
    /// `github.search_issues`.
    pub fn get_name(&self) -> &str {
        self.signature.get_name()
    }

    /// Its name without a namespace.
    pub fn bare_name(&self) -> &str {
        let name = self.get_name();
        match name.rsplit_once('.') {
            Some((_, bare)) if self.namespace.is_some() => bare,
            _ => name,
        }
    }

    /// The name that its source has for it.
    pub fn original_name(&self) -> &str {
        match &self.kind {
            ToolKind::Host(tool) => tool.get_name(),
            ToolKind::Schema(tool) => &tool.schema().name,
        }
    }

    /// The namespace that it is in.
    pub fn get_namespace(&self) -> Option<&NamespaceInfo> {
        self.namespace.as_deref()
    }

    /// What it does.
    pub fn get_description(&self) -> Option<&str> {
        let text = match &self.kind {
            ToolKind::Host(tool) => tool.get_description(),
            ToolKind::Schema(tool) => {
                let schema = tool.schema();
                schema.description.as_deref().or(schema.title.as_deref())
            }
        };
        text.filter(|text| !text.trim().is_empty())
    }

    /// What its effects are.
    pub fn get_annotations(&self) -> Annotations {
        self.annotations
    }

    /// Its name in a script, its parameters and its result.
    pub fn get_signature(&self) -> &Signature {
        &self.signature
    }

    /// How long a call may take, if that is its own affair.
    pub fn get_timeout(&self) -> Option<Duration> {
        match &self.kind {
            ToolKind::Host(tool) => tool.get_timeout(),
            ToolKind::Schema(tool) => tool.get_timeout(),
        }
    }

    /// Whether scripts await it.
    pub fn is_awaited(&self) -> bool {
        match &self.kind {
            ToolKind::Host(tool) => tool.is_awaited(),
            ToolKind::Schema(tool) => tool.is_awaited(),
        }
    }

    /// What runs its calls.
    pub fn kind(&self) -> &ToolKind {
        &self.kind
    }

    /// The same, but no toolbox takes it.
    #[cfg(feature = "macros")]
    pub(crate) fn refused(mut self, problem: String) -> Self {
        self.problem = Some(problem.into());
        self
    }

    fn named(
        mut self,
        name: String,
        namespace: Option<Arc<NamespaceInfo>>,
    ) -> Result<Self, ToolboxError> {
        if let Some(problem) = &self.problem {
            return Err(ToolboxError(problem.to_string()));
        }
        let renamed = || {
            if let ToolKind::Host(tool) = &self.kind {
                // The host calls it by the name that the program gave it.
                tool.check()?;
            }
            Signature::new(name, self.signature.get_parameters().to_vec())
        };
        match renamed() {
            Ok(signature) => {
                self.signature = signature.returns(self.signature.get_returns().clone());
                self.namespace = namespace;
                Ok(self)
            }
            Err(error) => Err(ToolboxError(format!(
                "the tool `{}` cannot be a function in Python: {error}",
                shown(self.original_name())
            ))),
        }
    }
}

/// Collects tools for a [`Toolbox`].
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct ToolboxBuilder {
    tools: Vec<AgentTool>,
    namespaces: Vec<Namespace>,
}

impl ToolboxBuilder {
    /// Adds a tool that scripts call without a namespace.
    pub fn tool(mut self, tool: impl Into<AgentTool>) -> Self {
        self.tools.push(tool.into());
        self
    }

    /// Adds several, such as those of [`Tools`](monty_host::Tools):
    /// `builder.tools(tools.iter().cloned())`.
    pub fn tools(mut self, tools: impl IntoIterator<Item = impl Into<AgentTool>>) -> Self {
        self.tools.extend(tools.into_iter().map(Into::into));
        self
    }

    /// Adds a namespace with its tools.
    pub fn namespace(mut self, namespace: Namespace) -> Self {
        self.namespaces.push(namespace);
        self
    }

    /// Names the tools, by the [rule](Toolbox#names).
    ///
    /// # Errors
    ///
    /// If two tools of one namespace, or two namespaces, have the same original
    /// name, or a tool of the host is [invalid](Tool::check).
    pub fn build(self) -> Result<Toolbox, ToolboxError> {
        let Self { tools, namespaces } = self;
        if let Some(twice) = twice(tools.iter().map(AgentTool::original_name)) {
            return Err(ToolboxError(format!(
                "two tools without a namespace are called `{}`: leave one out, or put it in a namespace",
                shown(twice)
            )));
        }
        if let Some(twice) = twice(namespaces.iter().map(|namespace| namespace.name.as_str())) {
            return Err(ToolboxError(format!(
                "two namespaces are called `{}`: give one of them another name",
                shown(twice)
            )));
        }
        let (tool_names, namespace_names) = global_names(&tools, &namespaces);
        let mut all = Vec::new();
        for (tool, name) in tools.into_iter().zip(tool_names) {
            all.push(tool.named(name, None)?);
        }
        let mut infos = Vec::new();
        for (namespace, name) in namespaces.into_iter().zip(namespace_names) {
            let info = NamespaceInfo {
                name,
                original_name: namespace.name,
                description: namespace.description,
            };
            let originals = namespace.tools.iter().map(AgentTool::original_name);
            if let Some(twice) = twice(originals.clone()) {
                return Err(ToolboxError(format!(
                    "two tools of the namespace `{}` are called `{}`: leave one out",
                    shown(&info.original_name),
                    shown(twice)
                )));
            }
            let names = names::assign(originals, Scope::Members);
            let shared = Arc::new(info.clone());
            for (tool, name) in namespace.tools.into_iter().zip(names) {
                let name = format!("{}.{name}", info.name);
                all.push(tool.named(name, Some(Arc::clone(&shared)))?);
            }
            infos.push(info);
        }
        let names = all.iter().enumerate();
        let by_name = names
            .map(|(index, tool)| (tool.get_name().to_owned(), index))
            .collect();
        Ok(Toolbox(Arc::new(Inner {
            tools: all,
            by_name,
            namespaces: infos,
            stubs: OnceLock::new(),
        })))
    }
}

/// The names of the tools without a namespace, and those of the namespaces.
fn global_names(tools: &[AgentTool], namespaces: &[Namespace]) -> (Vec<String>, Vec<String>) {
    let tools: Vec<&str> = tools.iter().map(AgentTool::original_name).collect();
    let of_tools: HashSet<&str> = tools.iter().copied().collect();
    // One that is called as a tool is has to change: a slash becomes `_`.
    let namespaces = namespaces.iter().map(|namespace| {
        let is_taken = of_tools.contains(namespace.name.as_str());
        format!("{}{}", namespace.name, if is_taken { "/" } else { "" })
    });
    let namespaces: Vec<_> = namespaces.collect();
    let originals = tools
        .iter()
        .copied()
        .chain(namespaces.iter().map(String::as_str));
    let mut names = names::assign(originals, Scope::Global);
    let namespaces = names.split_off(tools.len());
    (names, namespaces)
}

/// The first name that is there a second time.
fn twice<'n>(names: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    let mut seen = HashSet::new();
    let mut names = names;
    names.find(|name| !seen.insert(*name))
}

/// A name in a message.
fn shown(name: &str) -> String {
    text::line(name, 80)
}

/// Tools that cannot be together, or that Python could not define.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToolboxError(String);

impl fmt::Display for ToolboxError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl Error for ToolboxError {}
