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
