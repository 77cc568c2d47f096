//! Refunds that a person approves, while the program is gone.

use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex};

use monty_code_mode::approvals::store::RedbStore;
use monty_code_mode::approvals::{Approvals, Decisions, Key, Principal};
use monty_code_mode::{CodeMode, Policy, Rule, Toolbox};
use monty_code_mode_rig::{CodeModeTool, dynamic_tool};
use monty_host::Monty;
use rig_agent::AgentBuilder;
use rig_agent::test_utils::{MockCompletionModel, MockTurn};
use serde_json::json;

use crate::Result;
use crate::shop::{ANSWER, SCRIPT, TASK, tools};

/// Code mode that asks before each refund. The directory has the key, and what
/// tells that a token was used.
async fn code_mode(directory: &Path) -> Result<CodeMode> {
    let mut builder = Toolbox::builder();
    for tool in tools()? {
        builder = builder.tool(dynamic_tool(tool)?);
    }
    let store = RedbStore::open(directory.join("approvals.redb"))?;
    let approvals = Approvals::new(Key::from_file(directory.join("key"))?).store(Arc::new(store));
    let code_mode = CodeMode::builder(&Monty::new()?, builder.build()?)
        .policy(Policy::new().rule("refund", Rule::ask()))
        .approvals(approvals, Principal::new(["shop", "clerk"])?);
    Ok(code_mode.build().await?)
}

/// Runs the agent until its script waits, and keeps the token in a file.
pub async fn start(directory: &Path) -> Result<()> {
    let code_mode = code_mode(directory).await?;
    let token = Arc::new(Mutex::new(None));
    let seen = Arc::clone(&token);
    let tool = CodeModeTool::new(&code_mode).on_outcome(move |outcome| {
        if let (Some(waiting), Ok(mut token)) = (outcome.waiting(), seen.lock()) {
            *token = Some(waiting.token.as_str().to_owned());
        }
    });
    let model = MockCompletionModel::from_turns([
        MockTurn::tool_call("call_0", "run_python", json!({ "code": SCRIPT })),
        MockTurn::text("The refunds wait for approval."),
    ]);
    let agent = AgentBuilder::new(model)
        .dynamic_tool(tool.dynamic_tool()?)
        .build();
    let response = agent.prompt(TASK).max_turns(3).await?;
    println!("{}", response.output());
    let token = token.lock().map_err(|_| "a script panicked")?.take();
    fs::write(directory.join("token"), token.ok_or("no script waits")?)?;
    Ok(())
}

/// Decides on the call that the script waits for. It waits again at the next.
pub async fn resume(directory: &Path, approve: bool) -> Result<()> {
    let code_mode = code_mode(directory).await?;
    let file = directory.join("token");
    let token = fs::read_to_string(&file)?;
    let approval = code_mode.inspect(&token).await?;
    let mut decisions = Decisions::new();
    for call in &approval.calls {
        let line = call.line.unwrap_or_default();
        let decision = if approve { "approved" } else { "denied" };
        println!(
            "{} {} in line {line}: {decision}",
            call.tool, call.arguments
        );
        decisions = match approve {
            true => decisions.approve(call),
            false => decisions.deny(call, "the clerk says no"),
        };
    }
    let outcome = CodeModeTool::new(&code_mode)
        .resume(&token, &decisions)
        .await?;
    if let Some(waiting) = outcome.waiting() {
        fs::write(&file, waiting.token.as_str())?;
        println!("The script waits again.");
        return Ok(());
    }
    fs::remove_file(&file)?;
    // The model learns what became of its script.
    let model = MockCompletionModel::from_turns([MockTurn::text(match outcome.is_error() {
        true => "Not all orders were refunded.",
        false => ANSWER,
    })]);
    let prompt = format!("Your script went on:\n{}", outcome.text());
    println!("{prompt}");
    let response = AgentBuilder::new(model).build().prompt(prompt).await?;
    println!("{}", response.output());
    Ok(())
}
