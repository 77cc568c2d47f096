//! The functions that code mode itself gives to scripts.

use std::sync::Arc;

use monty_host::{Parameter, Tool, ToolError, Type};

use crate::schema::Annotations;
use crate::search::ToolIndex;
use crate::text;
use crate::toolbox::AgentTool;

/// How many tools a search lists.
const LISTED: u32 = 10;

/// The most that a script may ask for.
const MOST_LISTED: u32 = 50;

/// Search and documentation.
pub(crate) fn own_tools(index: &Arc<ToolIndex>) -> Vec<AgentTool> {
    let searched = Arc::clone(index);
    let search = Tool::new(
        "search_tools",
        [Parameter::new("query"), Parameter::new("limit")],
        move |query: String, limit: Option<u32>| {
            let limit = limit.unwrap_or(LISTED).clamp(1, MOST_LISTED);
            searched.search(&query, limit as usize).to_string()
        },
    );
    let search = search
        .description("Finds functions by what they do, as signatures ready to call")
        .returns(Type::Str);
    let described = Arc::clone(index);
    let describe = Tool::new(
        "describe_tool",
        [Parameter::new("name")],
        move |name: String| {
            described.describe(&name).ok_or_else(|| {
                let advice = match described.meant(&name) {
                    None => "look for it with search_tools()".to_owned(),
                    Some(near) => format!("did you mean {near}?"),
                };
                let name = text::line(&name, 80);
                ToolError::key_error(format_args!("there is no tool '{name}': {advice}"))
            })
        },
    );
    let describe = describe
        .description("The signature of a function with its documentation")
        .returns(Type::Str);
    [search, describe]
        .into_iter()
        .map(|tool| AgentTool::from(tool).annotations(Annotations::new().read_only(true)))
        .collect()
}
