//! A tool as a server describes it.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A tool as a server describes it: an entry of MCP's `tools/list`.
///
/// ```
/// use monty_code_mode::ToolSchema;
///
/// let schema: ToolSchema = serde_json::from_str(
///     r#"{
///         "name": "search-issues",
///         "description": "Finds issues",
///         "inputSchema": { "type": "object", "properties": { "query": { "type": "string" } } },
///         "annotations": { "readOnlyHint": true }
///     }"#,
/// )?;
/// assert_eq!(schema.annotations.read_only, Some(true));
/// # Ok::<_, serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ToolSchema {
    /// The name that the server knows it by.
    pub name: String,
    /// A name for people.
    #[serde(default)]
    pub title: Option<String>,
    /// What it does.
    #[serde(default)]
    pub description: Option<String>,
    /// The JSON Schema of its arguments, which are an object.
    pub input_schema: Value,
    /// The JSON Schema of its result.
    #[serde(default)]
    pub output_schema: Option<Value>,
    /// What the server says of its effects.
    #[serde(default)]
    pub annotations: Annotations,
}

impl ToolSchema {
    /// A tool without a description, whose result can be anything.
    pub fn new(name: impl Into<String>, input_schema: Value) -> Self {
        Self {
            name: name.into(),
            title: None,
            description: None,
            input_schema,
            output_schema: None,
            annotations: Annotations::default(),
        }
    }

    /// Says what it does.
    #[must_use]
    pub fn description(mut self, description: impl Into<String>) -> Self {
        self.description = Some(description.into());
        self
    }

    /// Describes its result.
    #[must_use]
    pub fn output_schema(mut self, schema: Value) -> Self {
        self.output_schema = Some(schema);
        self
    }

    /// Says what its effects are.
    #[must_use]
    pub fn annotations(mut self, annotations: Annotations) -> Self {
        self.annotations = annotations;
        self
    }
}

/// What is said of a tool's effects, as MCP has it. `None` where nothing is
/// said.
///
/// A server's word, so hints and no guarantees: a server that is not trusted can
/// say that deleting reads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[non_exhaustive]
pub struct Annotations {
    /// Whether it changes nothing.
    #[serde(default, rename = "readOnlyHint")]
    pub read_only: Option<bool>,
    /// Whether its changes destroy something.
    #[serde(default, rename = "destructiveHint")]
    pub destructive: Option<bool>,
    /// Whether calling it again with the same arguments has no further effect.
    #[serde(default, rename = "idempotentHint")]
    pub idempotent: Option<bool>,
    /// Whether it reaches beyond the server, such as into the web.
    #[serde(default, rename = "openWorldHint")]
    pub open_world: Option<bool>,
}

impl Annotations {
    /// Says nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Says whether it changes nothing.
    #[must_use]
    pub fn read_only(mut self, read_only: bool) -> Self {
        self.read_only = Some(read_only);
        self
    }

    /// Says whether its changes destroy something.
    #[must_use]
    pub fn destructive(mut self, destructive: bool) -> Self {
        self.destructive = Some(destructive);
        self
    }

    /// Says whether calling it again has no further effect.
    #[must_use]
    pub fn idempotent(mut self, idempotent: bool) -> Self {
        self.idempotent = Some(idempotent);
        self
    }

    /// Says whether it reaches beyond its server.
    #[must_use]
    pub fn open_world(mut self, open_world: bool) -> Self {
        self.open_world = Some(open_world);
        self
    }
}
