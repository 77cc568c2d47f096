//! Tools as Python source, for whoever writes the scripts.

mod definition;
mod function;
mod record_graph;
mod render;

use std::collections::{HashMap, HashSet};

use crate::tokens::TokenCounter;
use crate::toolbox::{AgentTool, Toolbox};
use definition::Definition;
use record_graph::RecordGraph;

/// How much of a tool a stub says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Detail {
    /// The signature in one line, and a line for each `TypedDict` in it.
    Signature,
    /// With descriptions: of the tool, its parameters, and the keys of each
    /// `TypedDict`.
    Full,
}

/// The tools of a [`Toolbox`] as Python source.
///
/// ```
/// use monty_code_mode::{Detail, Toolbox};
/// use monty_host::{Record, Tool, Type};
///
/// let order = Record::new("Order").field("id", Type::Int).optional_field("note", Type::Str);
/// let find = Tool::new("find_orders", ["customer"], |customer: String| vec![customer])
///     .description("Finds a customer's orders")
///     .returns(Type::list(order));
/// let toolbox = Toolbox::builder().tool(find).build()?;
/// let stubs = toolbox.stubs();
///
/// assert_eq!(stubs.source(&toolbox, Detail::Signature), "\
/// class Order(TypedDict): id: int; note: NotRequired[str]
/// def find_orders(customer: str) -> list[Order]: ...
/// ");
/// assert_eq!(stubs.source(&toolbox, Detail::Full), "\
/// class Order(TypedDict):
///     id: int
///     note: NotRequired[str]
///
/// def find_orders(customer: str) -> list[Order]:
///     \"\"\"Finds a customer's orders\"\"\"
/// ");
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
///
/// It is valid Python whatever a server says in its names and descriptions:
/// quotes, backslashes, controls, marks that reorder text and invisible
/// characters are escaped, and what is too long is cut, with the number of
/// characters that are left out. A tool in a namespace is in a `class` of that
/// name, since it is called as `namespace.tool(…)`.
///
/// The name of a `TypedDict` is its own in the toolbox: those that are the same
/// share one, and of different ones with one name all but the first get a
/// number.
#[derive(Debug)]
pub struct Stubs {
    tools: HashMap<String, ToolStub>,
    definitions: Vec<Definition>,
}

/// What there is to say of one tool.
#[derive(Debug)]
pub(crate) struct ToolStub {
    /// The namespace and its description, for the `class` around it.
    namespace: Option<(String, Option<String>)>,
    /// `def name(…) -> …:`.
    head: String,
    /// What results were seen to look like, for a comment.
    observed: Option<String>,
    /// The lines of the docstring.
    docstring: Vec<String>,
    /// The definitions that it needs, each after those that it needs itself.
    pub(crate) definitions: Vec<usize>,
}

impl Stubs {
    pub(crate) fn new(toolbox: &Toolbox) -> Self {
        // In the order of their names, so that the order in which servers list
        // their tools does not change the names of types.
        let mut tools: Vec<_> = toolbox.iter().collect();
        tools.sort_by_key(|tool| tool.get_name());
        let graph = RecordGraph::new(&tools);
        let names = definition::names(&graph, toolbox);
        let definitions = definition::definitions(&graph, &names);
        let stubs = tools.iter().enumerate().map(|(index, tool)| {
            let stub = function::stub(tool, graph.tool(index), &names, &definitions);
            (tool.get_name().to_owned(), stub)
        });
        Self {
            tools: stubs.collect(),
            definitions,
        }
    }

    /// The source of several tools, in their order, and of all that they need.
    pub fn source<'t>(
        &self,
        tools: impl IntoIterator<Item = &'t AgentTool>,
        detail: Detail,
    ) -> String {
        let stubs = tools
            .into_iter()
            .filter_map(|tool| self.get(tool.get_name()));
        let stubs: Vec<_> = stubs.collect();
        let mut source = String::new();
        let mut defined = HashSet::new();
        for index in stubs.iter().flat_map(|stub| &stub.definitions) {
            if defined.insert(*index) {
                source.push_str(self.definition(*index, detail));
                if detail == Detail::Full {
                    source.push('\n');
                }
            }
        }
        let mut namespace = None;
        for (index, stub) in stubs.iter().enumerate() {
            if detail == Detail::Full && index > 0 {
                source.push('\n');
            }
            if let Some((name, _)) = &stub.namespace
                && namespace != Some(name)
            {
                source.push_str(&stub.class_line(detail));
            }
            namespace = stub.namespace.as_ref().map(|(name, _)| name);
            source.push_str(&stub.function(detail));
        }
        source
    }

    pub(crate) fn get(&self, name: &str) -> Option<&ToolStub> {
        self.tools.get(name)
    }

    /// How many tokens each definition has in one line.
    pub(crate) fn definition_costs(&self, counter: &impl TokenCounter) -> Vec<usize> {
        let definitions = self.definitions.iter();
        definitions
            .map(|definition| counter.count(&definition.compact))
            .collect()
    }

    /// The source of a definition.
    fn definition(&self, index: usize, detail: Detail) -> &str {
        match (self.definitions.get(index), detail) {
            (Some(definition), Detail::Signature) => &definition.compact,
            (Some(definition), Detail::Full) => &definition.full,
            (None, _) => "",
        }
    }
}

impl ToolStub {
    /// The line that opens the namespace.
    pub(crate) fn class_line(&self, detail: Detail) -> String {
        match (&self.namespace, detail) {
            (Some((name, Some(description))), Detail::Full) => {
                format!("class {name}:  # {description}\n")
            }
            (Some((name, _)), _) => format!("class {name}:\n"),
            (None, _) => String::new(),
        }
    }

    /// The function, as far in as it is in a namespace.
    pub(crate) fn function(&self, detail: Detail) -> String {
        let indent = if self.namespace.is_some() { "    " } else { "" };
        let head = &self.head;
        if let (Detail::Signature, Some(shape)) = (detail, &self.observed) {
            return format!("{indent}{head} ...  # observed, not promised: {shape}\n");
        }
        match (detail, self.docstring.as_slice()) {
            (Detail::Signature, _) | (_, []) => format!("{indent}{head} ...\n"),
            (Detail::Full, [line]) => format!("{indent}{head}\n{indent}    \"\"\"{line}\"\"\"\n"),
            (Detail::Full, [first, lines @ ..]) => {
                let mut source = format!("{indent}{head}\n{indent}    \"\"\"{first}\n");
                for line in lines {
                    if !line.is_empty() {
                        source.push_str(indent);
                        source.push_str("    ");
                        source.push_str(line);
                    }
                    source.push('\n');
                }
                source.push_str(indent);
                source.push_str("    \"\"\"\n");
                source
            }
        }
    }
}
