//! [`Catalogue`]: the signatures that the description of a tool lists.

use std::collections::{BTreeSet, VecDeque};
use std::fmt::{self, Write as _};

use crate::stub::{Detail, Stubs};
use crate::table::no_tools;
use crate::tokens::{EstimatedTokens, TokenCounter};
use crate::toolbox::{AgentTool, NamespaceInfo, Toolbox};

/// The signatures of a [`Toolbox`], as many as a number of tokens has room for.
///
/// ```
/// use monty_code_mode::{Catalogue, Toolbox};
/// use monty_host::Tool;
///
/// let now = Tool::new("now", (), || "2026-01-01").returns(monty_host::Type::Str);
/// let toolbox = Toolbox::builder().tool(now).build()?;
/// let catalogue = Catalogue::new(&toolbox);
/// assert_eq!(catalogue.to_string(), "\
/// ## COMPLETE: 1 of 1 tools
/// ## Python functions for the script. They are no tools of their own: call them in the code.
/// def now() -> str: ...
/// ");
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
///
/// A signature is listed whole, with the `TypedDict`s in it, or not at all.
/// Namespaces take turns, each with its shortest signature that is left, so that
/// a large server does not crowd out a small one. The text is sorted, the same
/// for the same tools in any order, and valid Python: prompt caches hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Catalogue {
    text: String,
    listed: usize,
    total: usize,
    namespaces: Vec<NamespaceCount>,
}

/// How many tools of a namespace a [`Catalogue`] lists.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct NamespaceCount {
    /// Its name in Python. `None` for the tools without one.
    pub name: Option<String>,
    /// How many are listed.
    pub listed: usize,
    /// How many there are.
    pub total: usize,
}

/// The tools of a namespace.
struct Group<'t> {
    name: Option<&'t str>,
    /// In the order of their names.
    tools: Vec<Entry<'t>>,
}

struct Entry<'t> {
    tool: &'t AgentTool,
    is_listed: bool,
}

impl Catalogue {
    /// How many tokens there are unless something else is asked for.
    pub const DEFAULT_TOKENS: usize = 4_000;

    /// A catalogue of [`DEFAULT_TOKENS`](Self::DEFAULT_TOKENS), which are
    /// [estimated](EstimatedTokens).
    pub fn new(toolbox: &Toolbox) -> Self {
        Self::within(toolbox, Self::DEFAULT_TOKENS, &EstimatedTokens)
    }

    /// A catalogue of at most so many tokens, as a counter counts them.
    ///
    /// Its first lines, which say what is listed, are there in any case.
    pub fn within(toolbox: &Toolbox, max_tokens: usize, counter: &impl TokenCounter) -> Self {
        let mut plan = Plan::new(toolbox);
        plan.deal(max_tokens, counter);
        // A whole can have more tokens than its parts, and each number counts.
        let mut text = plan.text();
        while counter.count(&text) > max_tokens && plan.take_back() {
            text = plan.text();
        }
        let namespaces: Vec<_> = plan.groups.iter().map(Group::count).collect();
        Self {
            text,
            listed: namespaces.iter().map(|namespace| namespace.listed).sum(),
            total: toolbox.len(),
            namespaces,
        }
    }

    /// Whether all tools are listed.
    pub fn is_complete(&self) -> bool {
        self.listed == self.total
    }

    /// How many tools are listed.
    pub fn listed(&self) -> usize {
        self.listed
    }

    /// How many tools there are.
    pub fn total(&self) -> usize {
        self.total
    }

    /// How many of them in each namespace, in the order of their names.
    pub fn namespaces(&self) -> &[NamespaceCount] {
        &self.namespaces
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl fmt::Display for Catalogue {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

impl Group<'_> {
    fn count(&self) -> NamespaceCount {
        NamespaceCount {
            name: self.name.map(str::to_owned),
            listed: self.tools.iter().filter(|entry| entry.is_listed).count(),
            total: self.tools.len(),
        }
    }
}

/// Which tools are listed.
struct Plan<'t> {
    stubs: &'t Stubs,
    /// The namespaces without tools.
    empty: Vec<&'t NamespaceInfo>,
    groups: Vec<Group<'t>>,
    /// What was listed, in order: the group, and the tool in it.
    dealt: Vec<(usize, usize)>,
}

impl<'t> Plan<'t> {
    fn new(toolbox: &'t Toolbox) -> Self {
        let mut tools: Vec<_> = toolbox.iter().collect();
        tools.sort_by_key(|tool| (tool.get_namespace().map(|of| &of.name), tool.get_name()));
        let mut groups: Vec<Group<'t>> = Vec::new();
        for tool in tools {
            let name = tool.get_namespace().map(|of| of.name.as_str());
            let entry = Entry {
                tool,
                is_listed: false,
            };
            match groups.last_mut() {
                Some(group) if group.name == name => group.tools.push(entry),
                _ => groups.push(Group {
                    name,
                    tools: vec![entry],
                }),
            }
        }
        let has_tools =
            |info: &NamespaceInfo| groups.iter().any(|group| group.name == Some(&info.name));
        let empty = toolbox.namespaces().iter().filter(|info| !has_tools(info));
        let mut empty: Vec<_> = empty.collect();
        empty.sort_by_key(|info| &info.name);
        Self {
            stubs: toolbox.stubs(),
            empty,
            groups,
            dealt: Vec::new(),
        }
    }

    /// Lists tools, one of each namespace in turn, as long as they fit.
    fn deal(&mut self, max_tokens: usize, counter: &impl TokenCounter) {
        let costs: Vec<usize> = self.stubs.definition_costs(counter);
        let mut queues: Vec<(usize, VecDeque<(usize, usize)>)> = Vec::new();
        for (group, tools) in self.groups.iter().enumerate() {
            let mut queue: Vec<_> = tools
                .tools
                .iter()
                .enumerate()
                .map(|(index, entry)| (self.line_cost(entry.tool, counter), index))
                .collect();
            let whole = |(line, index): &(usize, usize)| {
                let types = tools
                    .tools
                    .get(*index)
                    .map(|entry| self.definitions(entry.tool));
                let types = types
                    .into_iter()
                    .flatten()
                    .filter_map(|type_| costs.get(*type_));
                (line + types.sum::<usize>(), *index)
            };
            queue.sort_by_cached_key(whole);
            queues.push((group, queue.into()));
        }
        let mut used = counter.count(&self.text());
        let mut defined = BTreeSet::new();
        let mut opened = BTreeSet::new();
        while !queues.is_empty() {
            queues.retain_mut(|(group, queue)| {
                let Some((line, index)) = queue.pop_front() else {
                    return false;
                };
                let Some(entry) = self
                    .groups
                    .get_mut(*group)
                    .and_then(|one| one.tools.get_mut(index))
                else {
                    return false;
                };
                let stub = self.stubs.get(entry.tool.get_name());
                let types: Vec<usize> = stub
                    .map(|stub| stub.definitions.clone())
                    .unwrap_or_default();
                let new = types.iter().filter(|one| !defined.contains(*one));
                let mut cost = line + new.filter_map(|one| costs.get(*one)).sum::<usize>();
                if !opened.contains(group) {
                    let class = stub.map(|stub| stub.class_line(Detail::Signature));
                    cost += class.map_or(0, |class| counter.count(&class));
                }
                if used + cost > max_tokens {
                    // The next of this namespace may share its types with what
                    // is listed.
                    return true;
                }
                used += cost;
                defined.extend(types);
                opened.insert(*group);
                entry.is_listed = true;
                self.dealt.push((*group, index));
                true
            });
        }
    }

    fn line_cost(&self, tool: &AgentTool, counter: &impl TokenCounter) -> usize {
        let stub = self.stubs.get(tool.get_name());
        stub.map_or(0, |stub| counter.count(&stub.function(Detail::Signature)))
    }

    fn definitions(&self, tool: &AgentTool) -> &[usize] {
        let stub = self.stubs.get(tool.get_name());
        stub.map(|stub| stub.definitions.as_slice())
            .unwrap_or_default()
    }

    /// Takes what was listed last out again.
    fn take_back(&mut self) -> bool {
        let Some((group, index)) = self.dealt.pop() else {
            return false;
        };
        let group = self.groups.get_mut(group);
        if let Some(entry) = group.and_then(|group| group.tools.get_mut(index)) {
            entry.is_listed = false;
        }
        true
    }

    fn text(&self) -> String {
        let listed = self.groups.iter().flat_map(|group| &group.tools);
        let listed = listed
            .filter(|entry| entry.is_listed)
            .map(|entry| entry.tool);
        let listed: Vec<_> = listed.collect();
        let mut text = self.heading(listed.len());
        text.push_str(&self.stubs.source(listed, Detail::Signature));
        text
    }

    fn heading(&self, listed: usize) -> String {
        let counts: Vec<_> = self.groups.iter().map(Group::count).collect();
        let total: usize = counts.iter().map(|count| count.total).sum();
        let is_complete = listed == total;
        let label = if is_complete { "COMPLETE" } else { "PARTIAL" };
        let mut heading = format!("# {label}: {listed} of {total} tools");
        if counts.iter().any(|count| count.name.is_some()) {
            for (index, count) in counts.iter().enumerate() {
                heading.push_str(if index == 0 { " (" } else { ", " });
                let _ = match &count.name {
                    Some(name) => write!(heading, "{name} {} of {}", count.listed, count.total),
                    None => write!(
                        heading,
                        "{} of {} without a namespace",
                        count.listed, count.total
                    ),
                };
            }
            heading.push(')');
        }
        heading.push_str(
            "\n# Python functions for the script. They are no tools of their own: call them in the code",
        );
        let mut tools = self.groups.iter().flat_map(|group| &group.tools);
        let example = tools.find(|entry| entry.tool.get_namespace().is_some());
        let _ = match example {
            Some(entry) => writeln!(heading, ", as in {}(…).", entry.tool.get_name()),
            None => writeln!(heading, "."),
        };
        for namespace in &self.empty {
            let _ = writeln!(heading, "# {}", no_tools(namespace));
        }
        if !is_complete {
            heading.push_str(
                "# The script finds the others: search_tools('words') returns their signatures, describe_tool('name') one with its documentation.\n",
            );
        }
        heading
    }
}
