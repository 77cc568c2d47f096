//! rig's tools, for scripts.

use std::sync::Arc;

use monty_code_mode::{SchemaError, SchemaTool, ToolSchema};
use monty_host::ToolError;
use rig_core::tool::{
    DynamicTool, ErasedTool, Tool, ToolContext, ToolErrorKind, ToolExecutionError,
};
use serde_json::Value;

use crate::content;

/// A tool of rig's that is known when the program runs, such as one of an MCP
/// server, as one that scripts call.
///
/// Text that it returns is a `str`, JSON is what it is in Python, several of
/// them are a list, and images pass by the script. Its context is empty.
///
/// # Errors
///
/// If its schema is not one that a tool can be made of.
pub fn dynamic_tool(tool: DynamicTool) -> Result<SchemaTool, SchemaError> {
    let definition = tool.definition();
    let schema = ToolSchema::new(definition.name.to_string(), definition.parameters)
        .description(definition.description);
    SchemaTool::new(schema, move |arguments| {
        let tool = tool.clone();
        async move {
            let output = tool.execute(Value::Object(arguments)).await;
            output
                .map(content::to_result)
                .map_err(|error| exception(&error))
        }
    })
}

/// A typed tool of rig's as one that scripts call: see [`dynamic_tool`].
///
/// # Errors
///
/// If its schema is not one that a tool can be made of.
pub fn typed_tool(tool: impl Tool + 'static) -> Result<SchemaTool, SchemaError> {
    let schema = ToolSchema::new(ErasedTool::name(&tool), Tool::parameters(&tool))
        .description(Tool::description(&tool));
    let tool = Arc::new(tool);
    SchemaTool::new(schema, move |arguments| {
        let tool = Arc::clone(&tool);
        async move {
            let arguments = Value::Object(arguments).to_string();
            let result = tool.execute(arguments, &mut ToolContext::new()).await;
            let output = result.into_result();
            output
                .map(content::to_result)
                .map_err(|error| exception(&error))
        }
    })
}

/// The exception in a script, with what the tool lets a model know.
fn exception(error: &ToolExecutionError) -> ToolError {
    let message = error.model_output().render();
    match error.kind() {
        ToolErrorKind::InvalidArgs => ToolError::value_error(message),
        ToolErrorKind::Timeout => ToolError::timeout_error(message),
        ToolErrorKind::PermissionDenied => ToolError::permission_error(message),
        ToolErrorKind::Network => ToolError::new("ConnectionError", message),
        _ => ToolError::runtime_error(message),
    }
}
