//! Scripts, servers and holders of tokens that mean harm.

use std::future::Future;
use std::task::{Context, Poll, Waker};

use monty_code_mode::approvals::{Approvals, Decisions, Key, Principal};
use monty_code_mode::{
    Annotations, Attachment, CallEnd, CodeMode, CodeModeBuilder, Middleware, Namespace, Next,
    Policy, Rule, SchemaTool, Secret, ToolResult, ToolSchema, Toolbox, Verdict,
};
use monty_host::{
    Answer, BoundArguments, Call, Parameter, Signature, Tool, ToolError, Value, async_trait,
};
use serde_json::{Value as Json, json};

use crate::support::{Effects, code, monty};

/// What has no form of its own in Python, and no word of a message in it.
const VALUE: &str = "q7#zX-'w9\"K\\pV4t!mB2@rJ";

fn log(effects: &Effects) -> Tool {
    let done = effects.clone();
    Tool::dynamic("log", move |call: Call| {
        done.push("logged");
        call.positional.len()
    })
}

fn pay(effects: &Effects) -> Tool {
    let done = effects.clone();
    Tool::new("pay", ["to", "amount"], move |to: String, amount: i64| {
        done.push(format!("paid {to} {amount}"));
        amount
    })
}

fn builder(tools: impl IntoIterator<Item = Tool>) -> CodeModeBuilder {
    let toolbox = Toolbox::builder().tools(tools).build().unwrap();
    CodeMode::builder(monty(), toolbox)
}

fn asks(builder: CodeModeBuilder) -> CodeModeBuilder {
    let approvals = Approvals::new(Key::from_bytes([1; 32]));
    builder.approvals(approvals, Principal::new(["ada"]).unwrap())
}

/// Each line of a stream is read once, however the text comes.
#[tokio::test]
async fn a_long_stream_is_read_once() {
    let code_mode = builder([]).build().await.unwrap();
    let mut conversation = code_mode.conversation();
    let mut stream = conversation.stream();
    let started = std::time::Instant::now();
    stream.push("rows = [\n").await;
    for row in 0..20_000 {
        stream
            .push(&format!(
                "    ({row}, 'a row of some length, as a model writes it'),\n"
            ))
            .await;
    }
    stream.push("]\nlen(rows)\n").await;
    let outcome = stream.finish().await;
    assert_eq!(outcome.text(), "20000");
    assert!(started.elapsed().as_secs() < 60, "{:?}", started.elapsed());
}

/// A reason is looked for only where that ends in time, whichever way a schema
/// refers to itself.
#[tokio::test]
async fn no_schema_takes_long_over_a_result() {
    let array = |of: Json| json!({ "type": "array", "items": of });
    let schema = |of: Json, name: Json| {
        let mut node =
            json!({ "anyOf": [array(of.clone()), array(of.clone()), array(of.clone())] });
        node.as_object_mut()
            .unwrap()
            .extend(name.as_object().unwrap().clone());
        let mut schema = of;
        schema["$defs"] = json!({ "n": node });
        schema
    };
    let schemas = [
        schema(json!({ "$ref": "#/$defs/n" }), json!({})),
        schema(json!({ "$ref": "#n" }), json!({ "$anchor": "n" })),
        schema(
            json!({ "$dynamicRef": "#n" }),
            json!({ "$dynamicAnchor": "n" }),
        ),
    ];
    for schema in schemas {
        let shown = schema.to_string();
        let described = ToolSchema::new("deep", json!({ "type": "object" })).output_schema(schema);
        let tool = SchemaTool::new(described, async |_| {
            let deep = (0..40).fold(json!(1), |inner, _| json!([inner]));
            Ok(deep.into())
        });
        let toolbox = Toolbox::builder().tool(tool.unwrap()).build().unwrap();
        let code_mode = CodeMode::new(monty(), toolbox).await.unwrap();
        let started = std::time::Instant::now();
        let outcome = code_mode.call(code("deep()")).await;
        assert!(
            outcome.text().contains("does not fit the schema"),
            "{}",
            outcome.text()
        );
        assert!(
            started.elapsed().as_secs() < 10,
            "{:?} {shown}",
            started.elapsed()
        );
    }
}

/// A server may say of a tool that it destroys something and changes nothing.
#[tokio::test]
async fn annotations_that_contradict_each_other_are_asked_about() {
    let both = Annotations::new().destructive(true).read_only(true);
    let wipe = ToolSchema::new("wipe", json!({ "type": "object" })).annotations(both);
    let wipe = SchemaTool::new(wipe, async |_| Ok(json!("gone").into())).unwrap();
    let toolbox = Toolbox::builder().tool(wipe).build().unwrap();
    let code_mode = CodeMode::new(monty(), toolbox).await.unwrap();
    let outcome = code_mode.call(code("wipe()")).await;
    assert!(
        outcome.text().contains("wipe() needs approval"),
        "{}",
        outcome.text()
    );
}
