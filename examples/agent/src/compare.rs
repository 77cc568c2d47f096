//! The same task with direct calls and with code mode.

use monty_code_mode::{CodeMode, Toolbox};
use monty_code_mode_rig::{CodeModeTool, dynamic_tool};
use monty_host::Monty;
use rig_agent::AgentBuilder;
use rig_agent::test_utils::{MockCompletionModel, MockTurn};
use rig_core::message::{AssistantContent, ToolName};
use rig_core::tool::DynamicTool;
use serde_json::{Value, json};

use crate::Result;
use crate::shop::{ANSWER, SCRIPT, TASK, tools};

/// Prints turns and characters of both.
pub async fn run() -> Result<()> {
    // As most clients do, the model makes calls that do not depend on each other
    // in one turn.
    let list = |customer: &str| ("list_orders", json!({ "customer": customer }));
    let refund = |order: u64| {
        (
            "refund",
            json!({ "order": order, "amount": order % 7 * 10 + 9 }),
        )
    };
    let direct = [
        calls(&[list("ada"), list("bob")])?,
        calls(&[refund(103), refund(108), refund(203), refund(208)])?,
        MockTurn::text(ANSWER),
    ];
    report("direct calls", direct, tools()?).await?;

    let toolbox = tools()?.into_iter().map(dynamic_tool);
    let toolbox = toolbox.collect::<std::result::Result<Vec<_>, _>>()?;
    let toolbox = Toolbox::builder().tools(toolbox).build()?;
    let code_mode = CodeMode::new(&Monty::new()?, toolbox).await?;
    let scripted = [
        calls(&[("run_python", json!({ "code": SCRIPT }))])?,
        MockTurn::text(ANSWER),
    ];
    let tool = CodeModeTool::new(&code_mode).dynamic_tool()?;
    report("code mode", scripted, vec![tool]).await
}

/// A turn of the model with calls.
fn calls(calls: &[(&str, Value)]) -> Result<MockTurn> {
    let mut content = Vec::new();
    for (index, (name, arguments)) in calls.iter().enumerate() {
        let id = format!("call_{index}");
        let name = ToolName::new(*name)?;
        content.push(AssistantContent::tool_call(id, name, arguments.clone()));
    }
    Ok(MockTurn::from_contents(content))
}

/// Runs the agent, and prints how often its model was asked, and what it read each
/// time.
async fn report(
    title: &str,
    turns: impl IntoIterator<Item = MockTurn>,
    tools: Vec<DynamicTool>,
) -> Result<()> {
    let model = MockCompletionModel::from_turns(turns);
    let requests = model.clone();
    let agent = AgentBuilder::new(model).dynamic_tools(tools).build();
    let response = agent.prompt(TASK).max_turns(10).await?;
    let requests = requests.requests();
    let (mut definitions, mut history) = (0, 0);
    for request in &requests {
        definitions += serde_json::to_string(&request.tools)?.len();
        history += serde_json::to_string(&request.chat_history)?.len();
    }
    println!("{title}: {}", response.output());
    for (what, count) in [
        ("turns of the model", requests.len()),
        ("characters of definitions read", definitions),
        ("characters of the conversation read", history),
    ] {
        println!("  {what:<36}{count:>5}");
    }
    Ok(())
}
