//! Calls of tools that JSON Schemas describe: arguments, results, and errors.

use monty_code_mode::{Attachment, ToolResult};
use monty_host::ToolError;
use serde_json::json;

use crate::support::{answering, github, run, tool};

fn search() -> monty_code_mode::SchemaTool {
    github()
        .into_iter()
        .find(|tool| tool.schema().name == "create-issue")
        .unwrap()
}

#[test]
fn what_is_left_out_is_not_sent() {
    let tool = tool(
        "f",
        json!({
            "type": "object",
            "properties": {
                "path": { "type": "string" },
                "plain": { "type": "integer" },
                "nullable": { "type": ["integer", "null"] },
                "limit": { "type": "integer", "default": 10 },
                "anything": {},
            },
            "required": ["path"],
        }),
    );
    let calls = [
        "f('a')",
        "f(path='a', plain=1, nullable=2, limit=3)",
        "f('a', plain=None, nullable=None, limit=None)",
        "f('a', limit=10)",
        "f('a', anything=None)",
        "f('a', anything=(1, [2.5, {'k': None}]))",
    ];
    let shown = calls.map(|call| format!("{call}\n    {}", run(&tool, call)));
    insta::assert_snapshot!(shown.join("\n"));
}

#[test]
fn keywords_that_no_parameter_takes() {
    let tool = tool(
        "f",
        json!({
            "type": "object",
            "properties": { "from": { "type": "string" }, "extra": { "type": "string" } },
            "additionalProperties": { "type": "integer" },
        }),
    );
    let calls = [
        "f(extra='e', **{'x-y': 1})",
        "f(**{'from': 'a'})",
        "f(other='text')",
    ];
    let shown = calls.map(|call| format!("{call}\n    {}", run(&tool, call)));
    insta::assert_snapshot!(format!("{}\n{}", tool.get_signature(), shown.join("\n")));
}

#[test]
fn arguments_that_do_not_fit() {
    let create = search();
    let calls = [
        "create_issue('o', 'r', 5)",
        "create_issue('o', 'r', None)",
        "create_issue('o', 'r', 't', labels=['a', 5])",
        "create_issue('o', 'r', 't', metadata={'a b': [1]})",
        "create_issue('o', 'r', 't', position=(1, 2, 3))",
        "create_issue('o', 'r', 't', labels={'a'})",
        "create_issue('o', 'r', title=b'bytes')",
        "create_issue('o', 'r')",
        "create_issue('o', 'r', 't', label=['a'])",
    ];
    let shown = calls.map(|call| format!("{call}\n    {}", run(&create, call)));
    insta::assert_snapshot!("arguments", shown.join("\n"));

    let edit = tool(
        "edit",
        json!({
            "type": "object",
            "properties": {
                "edits": { "type": "array", "items": {
                    "type": "object",
                    "properties": { "old": { "type": "string" }, "new": { "type": "string" } },
                    "required": ["old", "new"],
                    "additionalProperties": false,
                } },
                "mode": { "enum": ["fast", "safe"] },
                "count": { "type": "integer", "minimum": 1 },
                "target": { "anyOf": [
                    { "type": "integer" },
                    { "type": "object", "properties": { "id": { "type": "integer" } }, "required": ["id"] },
                ] },
            },
        }),
    );
    let calls = [
        "edit(edits=[{'old': 'a', 'new': 'b'}, {'old': 'a'}])",
        "edit(edits=[{'old': 'a', 'new': 'b', 'nwe': 'c'}])",
        "edit(mode='quick')",
        "edit(count=0)",
        "edit(target='x')",
        "edit(target={'id': 'x'})",
        "edit(mode='\\u202e' + 'x' * 10000)",
    ];
    let shown = calls.map(|call| format!("{call}\n    {}", run(&edit, call)));
    insta::assert_snapshot!("nested-arguments", shown.join("\n"));
}

#[test]
fn a_result_that_does_not_fit_is_the_fault_of_the_tool() {
    let schema = || {
        json!({
            "type": "object",
            "properties": { "items": { "type": "array", "items": {
                "type": "object", "properties": { "id": { "type": "integer" } }, "required": ["id"],
            } } },
            "required": ["items"],
        })
    };
    let answers = [
        json!({ "items": [{ "id": 1 }, { "id": "2" }] }),
        json!([]),
        json!({ "items": [{}] }),
    ];
    let shown = answers.map(|answer| {
        let tool = answering(schema(), move |_| {
            let answer = answer.clone();
            async { Ok(answer.into()) }
        });
        run(&tool, "fetch()")
    });
    insta::assert_snapshot!(shown.join("\n"));
}

/// A server can make neither a message long nor its making slow.
#[test]
fn a_message_is_short_whatever_the_schema() {
    let mut alternatives = json!({ "const": "x".repeat(1_000) });
    for _ in 0..4 {
        alternatives = json!({ "anyOf": vec![alternatives; 4] });
    }
    let key = "k".repeat(1_000);
    let tool = tool(
        "f",
        json!({ "type": "object", "properties": { "x": { "properties": { key.as_str(): alternatives } } } }),
    );
    let message = run(&tool, &format!("f(x={{'{key}': 'y' * 10000}})"));
    insta::assert_snapshot!(message);
}

/// Each level of the argument has eight alternatives, which are tried for a
/// message: eight to the power of the levels.
#[test]
fn a_deep_argument_that_does_not_fit_is_told_in_no_time() {
    let names = ["and", "or", "xor", "eq", "ne", "lt", "gt", "like"];
    let node = json!({ "$ref": "#/$defs/node" });
    let branch = |name: &str| {
        let sides =
            json!({ "kind": { "const": name }, "left": node, "right": { "type": "integer" } });
        json!({ "type": "object", "properties": sides, "required": ["kind"] })
    };
    let branches = names.map(branch);
    let schema = json!({
        "type": "object",
        "properties": { "x": node },
        "required": ["x"],
        "$defs": { "node": { "oneOf": branches } },
    });
    let tool = tool("f", schema);
    let script = |levels: usize, leaf: &str| {
        format!(
            "x = {{'kind': 'or', 'right': {leaf}}}\nfor _ in range({levels}):\n    x = {{'kind': 'and', 'left': x}}\nlen(f(x))"
        )
    };
    assert_eq!(run(&tool, &script(20, "1")), "1");
    let messages = [1, 20].map(|levels| run(&tool, &script(levels, "'text'")));
    insta::assert_snapshot!(messages.join("\n"));
}

#[tokio::test]
async fn a_handler_answers_with_a_value_and_attachments() {
    let image = Attachment::new("image/png", [1, 2, 3]).description("A cat");
    let tool = answering(json!({ "type": "string" }), move |_| {
        let result = ToolResult::new("done").attachment(image.clone());
        async { Ok(result) }
    });
    let result = tool.call("fetch", serde_json::Map::new()).await.unwrap();
    assert_eq!(result.value, "done");
    assert_eq!(result.attachments[0].mime_type, "image/png");

    let failing = answering(json!({ "type": "string" }), async |_| {
        Err(ToolError::permission_error("not yours"))
    });
    let error = failing
        .call("fetch", serde_json::Map::new())
        .await
        .unwrap_err();
    assert_eq!(
        (error.type_name(), error.message()),
        ("PermissionError", "not yours")
    );
}
