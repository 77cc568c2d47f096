//! The tools that a model has for a task: as many as are asked for.

use std::collections::{BTreeSet, HashMap, HashSet};

use monty_code_mode::{CodeMode, SchemaTool, ToolResult, ToolSchema, Toolbox};
use monty_host::{Monty, ToolError};
use serde::Serialize;
use serde_json::{Value as Json, json};

use crate::Failure;
use crate::bridge::Bridge;
use crate::plan::Results;
use crate::task::{Task, ToolDocument};

/// The tools that are called, the task's others, and then those of other data
/// sets in their order, up to a number.
pub fn choose<'t>(
    task: &'t Task,
    others: &'t [ToolDocument],
    number: usize,
) -> Vec<&'t ToolDocument> {
    let called: HashSet<&str> = task.called().into_iter().collect();
    let is_called = |tool: &&ToolDocument| called.contains(tool.name.as_str());
    let own = task.tools.iter();
    let ordered = own.clone().filter(is_called);
    let ordered = ordered.chain(own.filter(|tool| !is_called(tool)));
    let mut names = HashSet::new();
    let distinct = ordered
        .chain(others)
        .filter(|tool| names.insert(tool.name.as_str()));
    distinct.take(number).collect()
}

/// What a model gets for direct calls: the usual form of a request.
pub fn direct_descriptions(tools: &[&ToolDocument]) -> String {
    let tools = tools.iter().map(|tool| {
        json!({ "name": tool.name, "description": tool.description, "parameters": tool.input })
    });
    Json::from_iter(tools).to_string()
}

/// What a model knows of the tools that its scripts call.
#[derive(Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Catalogue {
    /// The signatures that the description lists by default, and those it searches for.
    Listed,
    /// The same, and the documentation of each tool, read before its first call.
    Documented,
    /// All signatures.
    Whole,
}

impl Catalogue {
    pub const ALL: [Self; 3] = [Self::Listed, Self::Documented, Self::Whole];
}

/// Makes tools that call the bridge, each once.
pub struct Workshop {
    bridge: Bridge,
    /// Whether the types of scripts are checked before they run.
    is_checked: bool,
    made: HashMap<String, SchemaTool>,
    misfits: BTreeSet<String>,
}

impl Workshop {
    pub fn new(bridge: &Bridge, is_checked: bool) -> Self {
        Self {
            bridge: bridge.clone(),
            is_checked,
            made: HashMap::new(),
            misfits: BTreeSet::new(),
        }
    }

    /// Finds the tools that return what their own schema does not allow, to declare them
    /// without one. It is before any is made.
    pub fn check(&mut self, task: &Task, results: &Results) {
        let calls = task.turns.iter().flat_map(|turn| &turn.calls);
        for (call, called) in calls.zip(results.iter().flatten()) {
            let tool = task.tools.iter().find(|tool| tool.name == call.name);
            let output = tool.and_then(|tool| tool.output.as_ref());
            let fits = output.is_none_or(|output| jsonschema::is_valid(output, &called.value));
            if called.raised.is_none() && !fits {
                self.misfits.insert(call.name.clone());
            }
        }
    }

    pub fn misfits(&self) -> &BTreeSet<String> {
        &self.misfits
    }

    /// Code mode with these tools.
    ///
    /// # Errors
    ///
    /// If a schema is not one, or the interpreter fails.
    pub async fn code_mode(
        &mut self,
        monty: &Monty,
        tools: &[&ToolDocument],
        catalogue: Catalogue,
    ) -> Result<CodeMode, Failure> {
        let mut toolbox = Toolbox::builder();
        for tool in tools {
            toolbox = toolbox.tool(self.tool(tool)?);
        }
        let mut builder = CodeMode::builder(monty, toolbox.build()?);
        if catalogue == Catalogue::Whole {
            builder = builder.catalogue_tokens(usize::MAX);
        }
        if self.is_checked {
            builder = builder.checked();
        }
        Ok(builder.build().await?)
    }

    fn tool(&mut self, document: &ToolDocument) -> Result<SchemaTool, Failure> {
        // Two sets may have a name for different tools.
        let key = format!("{} {}", document.name, document.input);
        if let Some(tool) = self.made.get(&key) {
            return Ok(tool.clone());
        }
        let tool = self.schema_tool(document)?;
        self.made.insert(key, tool.clone());
        Ok(tool)
    }

    fn schema_tool(&self, document: &ToolDocument) -> Result<SchemaTool, Failure> {
        let mut schema = ToolSchema::new(&document.name, document.input.clone())
            .description(&document.description);
        let output = document.output.as_ref();
        if let Some(output) = output.filter(|_| !self.misfits.contains(&document.name)) {
            schema = schema.output_schema(output.clone());
        }
        let (name, bridge) = (document.name.clone(), self.bridge.clone());
        let tool = SchemaTool::new(schema, move |arguments| {
            // Nothing else runs meanwhile, so it may block.
            let called = bridge.call(&name, &arguments);
            async move {
                let called = called.map_err(ToolError::fatal)?;
                match called.raised {
                    Some(message) => Err(ToolError::runtime_error(message)),
                    None => Ok(ToolResult::new(called.value)),
                }
            }
        });
        Ok(tool?)
    }
}
