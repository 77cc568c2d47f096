//! Agents of rig's with code mode, and rig's tools in scripts.

use std::sync::{Arc, LazyLock, Mutex};

use monty_code_mode::approvals::{Approvals, Decisions, Key, Principal};
use monty_code_mode::{
    Attachment, CodeMode, Policy, Rule, SchemaTool, ToolResult, ToolSchema, Toolbox,
};
use monty_code_mode_rig::{CodeModeTool, dynamic_tool, typed_tool};
use monty_host::{Monty, Tool};
use rig_agent::AgentBuilder;
use rig_agent::test_utils::{MockAddTool, MockCompletionModel, MockTurn};
use rig_core::message::{
    DocumentSourceKind, ImageMediaType, Message, ToolName, ToolResultContent, UserContent,
};
use rig_core::tool::{DynamicTool, ToolErrorKind, ToolExecutionError, ToolOutput};
use serde_json::{Value, json};

static MONTY: LazyLock<Monty> = LazyLock::new(|| Monty::new().unwrap());

/// A tool whose output is what its argument says.
fn shows() -> DynamicTool {
    let schema = json!({
        "type": "object",
        "properties": { "what": { "type": "string" } },
        "required": ["what"],
    });
    let name = ToolName::new("show-it").unwrap();
    DynamicTool::new(name, "Shows something", schema, |arguments| {
        Box::pin(async move {
            let image =
                || ToolResultContent::image_base64("iVBORw==", Some(ImageMediaType::PNG), None);
            match arguments["what"].as_str().unwrap_or_default() {
                "text" => Ok(ToolOutput::text("a text")),
                "json" => Ok(ToolOutput::json(json!({ "a": [1, 2.5, null] }))),
                "image" => Ok(ToolOutput::one(image())),
                "several" => {
                    let text = ToolResultContent::text("two");
                    let url = ToolResultContent::image_url("https://example.com/a.png", None, None);
                    ToolOutput::content(vec![ToolResultContent::json(json!(1)), text, image(), url])
                }
                "refusal" => Err(ToolExecutionError::refused("not that one")),
                "late" => Err(ToolExecutionError::timeout("took too long")),
                "secret" => {
                    let error =
                        ToolExecutionError::from_error(std::io::Error::other("password: x"));
                    Err(error)
                }
                other => Err(ToolExecutionError::invalid_args(format!(
                    "no `{other}` here"
                ))),
            }
        })
    })
}

fn report() -> SchemaTool {
    let schema = ToolSchema::new("report", json!({ "type": "object" }));
    SchemaTool::new(schema, async |_| {
        let pdf = Attachment::new("application/pdf", *b"%PDF").description("the report");
        Ok(ToolResult::new(Value::Null).attachment(pdf))
    })
    .unwrap()
}

fn toolbox() -> Toolbox {
    Toolbox::builder()
        .tool(typed_tool(MockAddTool).unwrap())
        .tool(dynamic_tool(shows()).unwrap())
        .tool(report())
        .build()
        .unwrap()
}

async fn code_mode() -> CodeMode {
    CodeMode::new(&MONTY, toolbox()).await.unwrap()
}

/// What the model is given for the call of a tool.
fn tool_results(message: &Message) -> Vec<ToolResultContent> {
    let Message::User { content } = message else {
        return Vec::new();
    };
    let results = content.iter().filter_map(|content| match content {
        UserContent::ToolResult(result) => Some(result.content.clone()),
        _ => None,
    });
    results.flatten().collect()
}

#[tokio::test]
async fn an_agent_runs_scripts() {
    let script = "image = show_it('image')\nshow(image)\nadd(20, 22), show_it('json')['a'][1]";
    let model = MockCompletionModel::from_turns([
        MockTurn::tool_call("1", "run_python", json!({ "code": script })),
        MockTurn::text("It is 42."),
    ]);
    let requests = model.clone();
    let tool = CodeModeTool::new(&code_mode().await)
        .dynamic_tool()
        .unwrap();
    let agent = AgentBuilder::new(model).dynamic_tool(tool).build();
    let answer = agent.prompt("Add 20 and 22").max_turns(3).await.unwrap();
    assert_eq!(answer.output(), "It is 42.");

    let requests = requests.requests();
    assert_eq!(requests.len(), 2);
    let [offered] = requests[0].tools.as_slice() else {
        panic!("{:?}", requests[0].tools);
    };
    assert_eq!(offered.name, "run_python");
    assert!(
        offered.description.contains("def show_it(what: str)"),
        "{}",
        offered.description
    );
    let results: Vec<_> = requests[1]
        .chat_history
        .iter()
        .flat_map(tool_results)
        .collect();
    let [
        ToolResultContent::Text(text),
        ToolResultContent::Image(image),
    ] = results.as_slice()
    else {
        panic!("{results:?}");
    };
    assert_eq!(text.text, "(42, 2.5)");
    assert_eq!(image.media_type, Some(ImageMediaType::PNG));
    assert_eq!(
        image.data,
        DocumentSourceKind::Base64("iVBORw==".to_owned())
    );
}

#[tokio::test]
async fn errors_are_feedback_for_the_model() {
    let tool = CodeModeTool::new(&code_mode().await)
        .dynamic_tool()
        .unwrap();
    let run = async |code: &str| tool.execute(json!({ "code": code })).await.unwrap_err();
    let error = run("1 / 0").await;
    assert_eq!(error.kind(), ToolErrorKind::Other);
    let feedback = error.model_feedback().unwrap();
    assert!(feedback.contains("ZeroDivisionError"), "{feedback}");
    let error = run("def f(:").await;
    assert_eq!(error.kind(), ToolErrorKind::InvalidArgs);
    assert!(error.model_feedback().unwrap().contains("SyntaxError"));
    let error = tool.execute(json!({ "script": "1" })).await.unwrap_err();
    assert_eq!(error.kind(), ToolErrorKind::InvalidArgs);
    assert!(error.model_feedback().unwrap().contains("`code`"));
}

#[tokio::test]
async fn what_rig_cannot_show_is_named() {
    let tool = CodeModeTool::new(&code_mode().await)
        .dynamic_tool()
        .unwrap();
    let output = tool
        .execute(json!({ "code": "show(report())\n'done'" }))
        .await
        .unwrap();
    let shown: Vec<_> = output
        .as_content()
        .iter()
        .filter_map(ToolResultContent::as_text)
        .collect();
    assert_eq!(
        shown,
        [
            "done",
            "[An attachment that cannot be shown here: application/pdf, 4 bytes, the report]"
        ]
    );
}

#[tokio::test]
async fn tools_of_rig_are_functions() {
    let code_mode = code_mode().await;
    let mut shown = String::new();
    for script in [
        "add(1, 2)",
        "add(y=1, x='a')",
        "show_it('text')",
        "show_it('json')",
        "show_it('several')",
        "show_it('nothing')",
        "show_it('refusal')",
        "show_it('late')",
        "show_it('secret')",
    ] {
        let outcome = code_mode.call(json!({ "code": script })).await;
        assert!(!outcome.text().contains("password"));
        // Of a traceback, its last line.
        let error = outcome.text().lines().find(|line| line.contains("Error: "));
        shown += &format!(">>> {script}\n{}\n", error.unwrap_or(outcome.text()));
    }
    insta::assert_snapshot!(shown);
}

#[tokio::test]
async fn a_session_keeps_its_names_and_the_program_sees_outcomes() {
    let calls = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&calls);
    let tool = CodeModeTool::session(&code_mode().await)
        .on_outcome(move |outcome| {
            seen.lock()
                .unwrap()
                .extend(outcome.calls.iter().map(|call| call.name.clone()))
        })
        .dynamic_tool()
        .unwrap();
    assert!(tool.definition().description.contains("Names live on"));
    let first = tool.execute(json!({ "code": "total = add(1, 2)" }));
    assert_eq!(first.await.unwrap().as_text(), Some("3"));
    let second = tool.execute(json!({ "code": "add(total, 4)" }));
    assert_eq!(second.await.unwrap().as_text(), Some("7"));
    assert_eq!(*calls.lock().unwrap(), ["add", "add"]);
}

#[tokio::test]
async fn a_script_waits_for_approval() {
    let pay = Tool::new("pay", ["amount"], |amount: u32| format!("paid {amount}"));
    let toolbox = Toolbox::builder().tool(pay).build().unwrap();
    let principal = Principal::new(["ada"]).unwrap();
    let code_mode = CodeMode::builder(&MONTY, toolbox)
        .policy(Policy::new().rule("pay", Rule::ask()))
        .approvals(Approvals::new(Key::from_bytes([7; 32])), principal)
        .build()
        .await
        .unwrap();
    let waiting = Arc::new(Mutex::new(None));
    let seen = Arc::clone(&waiting);
    let tool = CodeModeTool::new(&code_mode)
        .on_outcome(move |outcome| *seen.lock().unwrap() = outcome.waiting().cloned());
    let rig = tool.dynamic_tool().unwrap();
    let output = rig.execute(json!({ "code": "pay(900)" })).await.unwrap();
    let text = output.as_text().unwrap();
    assert!(
        text.starts_with("The script waits for approval of:\n- pay(900)"),
        "{text}"
    );
    let waits = waiting.lock().unwrap().take().unwrap();
    let decisions = Decisions::new().approve(&waits.calls[0]);
    let outcome = tool.resume(waits.token.as_str(), &decisions).await.unwrap();
    assert_eq!(outcome.text(), "paid 900");
    assert!(waiting.lock().unwrap().is_none());
}
