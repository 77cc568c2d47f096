//! What a misspelt name may be meant for.

use std::borrow::Cow;

use monty_code_mode::{AgentTool, ToolIndex, Toolbox};
use monty_host::{ExceptionReport, Hint};

/// An exception, with a hint if it is about a name that resembles a tool's.
pub fn with_suggestion<'e>(
    report: &'e ExceptionReport,
    tools: &[AgentTool],
) -> Cow<'e, ExceptionReport> {
    match suggestion(report, tools) {
        Some(hint) if report.hint.is_none() => Cow::Owned(ExceptionReport {
            hint: Some(hint),
            ..report.clone()
        }),
        _ => Cow::Borrowed(report),
    }
}

fn suggestion(report: &ExceptionReport, tools: &[AgentTool]) -> Option<Hint> {
    if report.exception.type_name != "NameError" {
        return None;
    }
    let message = report.exception.message.as_deref()?;
    let name = message.strip_prefix("name '")?;
    let name = name.strip_suffix("' is not defined")?;
    // Those of servers are not found by name alone.
    let tools = tools.iter().filter(|tool| tool.get_namespace().is_none());
    let toolbox = Toolbox::builder().tools(tools.cloned()).build().ok()?;
    let near = ToolIndex::new(&toolbox).meant(name)?;
    Some(Hint {
        code: "similar-name".to_owned(),
        advice: format!("Did you mean {near}?"),
    })
}
