//! A small agent.

use std::sync::{Arc, LazyLock, Mutex};

use monty_code_mode::{
    Annotations, Attachment, CodeMode, CodeModeBuilder, Namespace, Outcome, SchemaTool, ToolResult,
    ToolSchema, Toolbox,
};
use monty_host::{Monty, Tool, ToolError, Type};
use serde_json::{Value as Json, json};

static MONTY: LazyLock<Monty> = LazyLock::new(|| Monty::new().unwrap());

pub fn monty() -> &'static Monty {
    &MONTY
}

/// What tools did, in order.
#[derive(Clone, Debug, Default)]
pub struct Effects(Arc<Mutex<Vec<String>>>);

impl Effects {
    pub fn push(&self, effect: impl Into<String>) {
        self.0.lock().unwrap().push(effect.into());
    }

    pub fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

/// A server whose tools JSON Schemas describe, and some functions of the agent.
pub fn toolbox(effects: &Effects) -> Toolbox {
    let read_only = Annotations::new().read_only(true);
    let issues = ToolSchema::new(
        "search-issues",
        json!({
            "type": "object",
            "properties": {
                "query": { "type": "string", "description": "What to look for" },
                "limit": { "type": "integer", "default": 10 },
            },
            "required": ["query"],
        }),
    )
    .description("Finds issues by their text")
    .output_schema(json!({
        "type": "array",
        "items": {
            "type": "object",
            "properties": { "id": { "type": "integer" }, "title": { "type": "string" } },
            "required": ["id", "title"],
        },
    }))
    .annotations(read_only);
    let search = SchemaTool::new(issues, async |arguments| {
        let query = arguments["query"].as_str().unwrap_or_default().to_owned();
        let limit = arguments.get("limit").and_then(Json::as_u64).unwrap_or(10);
        let issues: Vec<Json> = (1..=limit)
            .map(|id| json!({ "id": id, "title": format!("{query} {id}") }))
            .collect();
        Ok(Json::from(issues).into())
    });
    let close = ToolSchema::new(
        "close-issue",
        json!({
            "type": "object",
            "properties": { "id": { "type": "integer" }, "reason": { "type": "string" } },
            "required": ["id"],
        }),
    )
    .description("Closes an issue")
    .annotations(Annotations::new().destructive(true));
    let done = effects.clone();
    let close = SchemaTool::new(close, move |arguments| {
        let done = done.clone();
        async move {
            done.push(format!("closed {}", arguments["id"]));
            Ok(json!({ "closed": arguments["id"] }).into())
        }
    });
    let chart = ToolSchema::new("chart", json!({ "type": "object" })).annotations(read_only);
    let chart = SchemaTool::new(chart, async |_| {
        let image = Attachment::new("image/png", *b"\x89PNG").description("a chart");
        Ok(ToolResult::new(Json::Null).attachment(image))
    });
    let done = effects.clone();
    let mail = Tool::new(
        "send_mail",
        ["to", "text"],
        move |to: String, text: String| {
            done.push(format!("mailed {to}: {text}"));
            text.len()
        },
    );
    let done = effects.clone();
    let ship = Tool::new("ship", ["order"], move |order: u32| {
        let done = done.clone();
        async move {
            tokio::task::yield_now().await;
            match order {
                0..100 => {
                    done.push(format!("shipped {order}"));
                    Ok(format!("order {order}"))
                }
                _ => Err(ToolError::value_error(format!("there is no order {order}"))),
            }
        }
    });
    Toolbox::builder()
        .tool(mail.description("Sends an e-mail").returns(Type::Int))
        .tool(
            ship.description("Ships an order")
                .returns(Type::Str)
                .awaited(),
        )
        .namespace(
            Namespace::new("tracker")
                .description("The issue tracker")
                .tool(search.unwrap())
                .tool(close.unwrap())
                .tool(chart.unwrap()),
        )
        .build()
        .unwrap()
}

pub fn builder(effects: &Effects) -> CodeModeBuilder {
    CodeMode::builder(monty(), toolbox(effects))
}

pub async fn code_mode() -> CodeMode {
    builder(&Effects::default()).build().await.unwrap()
}

pub fn code(source: &str) -> Json {
    json!({ "code": source })
}

/// The text, and the calls without their times.
pub fn shown(outcome: &Outcome) -> String {
    let calls: Vec<String> = outcome
        .calls
        .iter()
        .map(|call| format!("  {call}"))
        .collect();
    format!("{}\n--- calls\n{}", outcome.text(), calls.join("\n"))
}

/// Compares with a snapshot beside the tests.
macro_rules! snapshot {
    ($name:expr, $text:expr) => {
        insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true, snapshot_path => "../snapshots" }, {
            insta::assert_snapshot!($name, $text);
        })
    };
}
pub(crate) use snapshot;
