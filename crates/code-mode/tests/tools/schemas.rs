//! JSON Schemas as types.

use monty_code_mode::{Annotations, SchemaTool, ToolSchema};
use serde_json::{Value, json};

use crate::support::{echo, full, github, takes, tool};

/// The source of a tool that takes such a value, and what it does not show.
fn shown(schema: Value) -> String {
    noted(takes("f", json!({ "x": schema })))
}

fn noted(tool: SchemaTool) -> String {
    let notes: Vec<_> = tool
        .notes()
        .iter()
        .map(|note| format!("note: {note}\n"))
        .collect();
    full(tool) + &notes.concat()
}

/// A result of a schema.
fn result(schema: Value) -> String {
    noted(echo(ToolSchema::new("f", json!({ "type": "object" })).output_schema(schema)).unwrap())
}

fn annotation(schema: &Value) -> String {
    let tool = takes("f", json!({ "x": schema }));
    tool.get_signature().get_parameters()[0]
        .get_type()
        .to_string()
}

#[test]
fn each_kind_of_schema() {
    let schemas = [
        json!({ "type": "string", "format": "date-time" }),
        json!({ "type": "integer" }),
        json!({ "type": "number" }),
        json!({ "type": "boolean" }),
        json!({ "type": "null" }),
        json!({ "type": ["string", "null"] }),
        json!({ "type": "string", "nullable": true }),
        json!({ "enum": ["a", 1, true, null] }),
        json!({ "enum": [1.5, {}, []] }),
        json!({ "const": "fixed" }),
        json!({ "anyOf": [{ "type": "integer" }, { "const": "all" }] }),
        json!({ "oneOf": [{ "type": "string" }, { "type": "array", "items": { "type": "string" } }] }),
        json!({ "type": "string", "anyOf": [{ "enum": ["gpt", "claude"] }, {}] }),
        json!({ "type": "array" }),
        json!({ "type": "array", "items": { "type": "integer" } }),
        json!({ "prefixItems": [{ "type": "string" }, { "type": "integer" }] }),
        json!({ "prefixItems": [{ "type": "string" }], "items": { "type": "integer" } }),
        json!({ "type": "array", "items": [{ "type": "string" }, { "type": "integer" }] }),
        json!({ "type": "object" }),
        json!({ "type": "object", "additionalProperties": { "type": "integer" } }),
        json!({ "type": "object", "patternProperties": { "^x-": { "type": "string" } } }),
        json!({ "allOf": [{ "type": "number" }, { "type": "integer", "minimum": 1 }] }),
        json!({ "allOf": [{ "enum": ["a", "b"] }, { "enum": ["b", "c"] }] }),
        json!({ "minLength": 1 }),
        json!({ "maximum": 9 }),
        json!({}),
        json!(true),
        json!(false),
    ];
    let shown = schemas.map(|schema| format!("{schema}\n    {}", annotation(&schema)));
    insta::assert_snapshot!(shown.join("\n"));
}

#[test]
fn objects_are_typed_dicts() {
    insta::assert_snapshot!(
        "object",
        shown(json!({
            "type": "object",
            "title": "Search filter",
            "properties": {
                "after": { "type": "string", "description": "The first day" },
                "tags": { "type": "array", "items": {
                    "type": "object", "properties": { "name": { "type": "string" } },
                } },
            },
            "required": ["tags", "unlisted"],
        }))
    );
    insta::assert_snapshot!(
        "keys-that-are-no-names",
        shown(json!({
            "type": "object",
            "properties": {
                "x-api-key": { "type": "string", "description": "Secret" },
                "class": { "type": "integer" },
                "owner": { "type": "object", "properties": { "id": { "const": "it's \"x\"" } } },
            },
        }))
    );
}

#[test]
fn all_of_is_one_object() {
    insta::assert_snapshot!(
        "all-of",
        result(json!({
            "$ref": "#/$defs/Pull",
            "$defs": {
                "Base": { "type": "object", "properties": { "id": { "type": "number" } }, "required": ["id"] },
                "Pull": {
                    "allOf": [
                        { "$ref": "#/$defs/Base" },
                        { "properties": { "id": { "type": "integer" }, "merged": { "type": "boolean" } } },
                    ],
                    "required": ["merged"],
                },
            },
        }))
    );
    insta::assert_snapshot!(
        "alternatives-with-a-base",
        shown(json!({
            "type": "object",
            "properties": { "id": { "type": "integer" } },
            "required": ["id"],
            "oneOf": [
                { "title": "ByName", "properties": { "name": { "type": "string" } }, "required": ["name"] },
                { "title": "ByMail", "properties": { "mail": { "type": "string" } }, "required": ["mail"] },
            ],
        }))
    );
}

#[test]
fn recursive_schemas() {
    insta::assert_snapshot!(
        "tree",
        result(json!({
            "$ref": "#/$defs/Node",
            "$defs": { "Node": {
                "type": "object",
                "properties": {
                    "value": { "type": "integer" },
                    "left-side": { "$ref": "#/$defs/Node" },
                    "others": { "type": "array", "items": { "$ref": "#/$defs/Node" } },
                },
            } },
        }))
    );
    // Each names the others: the types stay as many as there are definitions.
    let expression = json!({ "$ref": "#/$defs/expression" });
    let binary = |name: &str| {
        json!({
            "type": "object",
            "properties": { "kind": { "const": name }, "left": expression, "right": expression },
            "required": ["kind", "left", "right"],
        })
    };
    let names = ["and", "or", "xor", "eq", "ne", "lt", "gt", "like"];
    let references: Vec<_> = names
        .iter()
        .map(|name| json!({ "$ref": format!("#/$defs/{name}") }))
        .collect();
    let mut definitions: serde_json::Map<_, _> = names
        .iter()
        .map(|name| ((*name).to_owned(), binary(name)))
        .collect();
    definitions.insert("expression".to_owned(), json!({ "oneOf": references }));
    insta::assert_snapshot!(
        "expression",
        noted(tool(
            "f",
            json!({
                "type": "object",
                "properties": { "where": expression, "having": expression },
                "required": ["where", "having"],
                "$defs": definitions,
            })
        ))
    );
    insta::assert_snapshot!(
        "adds-to-itself",
        noted(tool(
            "f",
            json!({
                "type": "object",
                "properties": { "x": { "$ref": "#/$defs/Node" } },
                "$defs": {
                    "Base": { "type": "object", "properties": { "parts": { "type": "array", "items": { "$ref": "#/$defs/Derived" } } } },
                    "Derived": { "allOf": [{ "$ref": "#/$defs/Base" }, { "properties": { "id": { "type": "integer" } } }] },
                    "Node": { "type": "object", "properties": {
                        "id": { "type": "integer" },
                        "base": { "$ref": "#/$defs/Base" },
                        "child": { "$ref": "#/$defs/Node", "required": ["id"] },
                    } },
                },
            })
        )),
    );
    insta::assert_snapshot!(
        "object-of-itself",
        shown(json!({ "$ref": "#" , "type": "object" }))
    );
}

#[test]
fn a_list_of_itself_has_no_name() {
    insta::assert_snapshot!(noted(tool(
        "f",
        json!({
            "type": "object",
            "properties": { "x": { "$ref": "#/$defs/nested" } },
            "$defs": { "nested": { "type": "array", "items": { "$ref": "#/$defs/nested" } } },
        })
    )));
}

#[test]
fn optional_parameters() {
    insta::assert_snapshot!(full(tool(
        "f",
        json!({
            "type": "object",
            "properties": {
                "path": { "type": "string" },
                "plain": { "type": "integer" },
                "nullable": { "type": ["integer", "null"] },
                "anything": {},
                "text": { "type": "string", "default": "a'b\n" },
                "null_default": { "type": ["string", "null"], "default": null },
                "wrong_null_default": { "type": "string", "default": null },
                "nested": { "type": "object", "default": { "a": [1, 2.5, null, true] } },
                "long": { "type": "string", "default": "x".repeat(500) },
            },
            "required": ["path"],
            "additionalProperties": { "type": "integer" },
        })
    )));
}

#[test]
fn parameters_of_alternatives() {
    insta::assert_snapshot!(noted(tool(
        "f",
        json!({
            "type": "object",
            "properties": { "path": { "type": "string" } },
            "required": ["path"],
            "anyOf": [
                { "properties": { "head": { "type": "integer" }, "unit": { "const": "lines" } }, "required": ["head"] },
                { "properties": { "tail": { "type": "integer" }, "unit": { "const": "bytes" } }, "required": ["tail"] },
            ],
        })
    )));
}

#[test]
fn what_is_not_shown_is_noted() {
    insta::assert_snapshot!(noted(tool(
        "f",
        json!({
            "type": "object",
            "properties": {
                "a": { "type": "object", "properties": { "b": {} }, "additionalProperties": { "type": "integer" } },
                "c": { "type": "object", "properties": { "d": {} }, "anyOf": [{ "required": ["d"] }, { "maxProperties": 0 }] },
                "e": { "enum": (0..200).collect::<Vec<_>>() },
                "f": { "$ref": "#anchor" },
                "g": { "allOf": [{ "type": "string" }, { "type": "integer" }] },
            },
            "$defs": { "h": { "$anchor": "anchor", "type": "string" } },
        })
    )));
}

#[test]
fn schemas_that_no_tool_can_have() {
    let mut deep = json!({});
    for _ in 0..100 {
        deep = json!({ "items": deep });
    }
    let doubling: serde_json::Map<_, _> = (0..40)
        .map(|level| {
            let next = json!({ "$ref": format!("#/$defs/d{}", level + 1) });
            (format!("d{level}"), json!({ "allOf": [next, next] }))
        })
        .chain([("d40".to_owned(), json!({}))])
        .collect();
    let chain: serde_json::Map<_, _> = (0..500)
        .map(|level| {
            (
                format!("d{level}"),
                json!({ "$ref": format!("#/$defs/d{}", level + 1) }),
            )
        })
        .chain([("d500".to_owned(), json!({}))])
        .collect();
    let inputs = [
        json!([]),
        json!("object"),
        json!(true),
        json!({ "type": "array" }),
        json!({ "type": "object", "properties": { "a/b": { "type": "file" } } }),
        json!({ "type": "object", "properties": { "x": { "minimum": "1" } } }),
        json!({ "type": "object", "properties": { "x": 5 } }),
        json!({ "type": "object", "properties": { "x": { "pattern": "(" } } }),
        json!({ "type": "object", "properties": { "x": { "$ref": "#/$defs/missing" } } }),
        json!({ "type": "object", "properties": { "x": { "$ref": "https://example.com/x.json" } } }),
        json!({ "$schema": "https://example.com/mine", "type": "object" }),
        json!({ "properties": { "x": { "$ref": "#/properties/x" } } }),
        json!({ "properties": { "x": { "anyOf": [{ "not": { "$ref": "#/properties/x" } }] } } }),
        json!({ "properties": { "x": deep } }),
        json!({ "$defs": doubling }),
        json!({ "$defs": chain }),
        json!({ "properties": { "x": { "enum": vec![0; 30_000] } } }),
        json!({ "description": "x".repeat(600_000) }),
        json!({ "properties": { "x": { "anyOf": vec![json!({ "pattern": "a" }); 101] } } }),
        json!({ "properties": { "x": { "pattern": "(a{1000}){1000}" } } }),
    ];
    let errors = inputs.map(|input| echo(ToolSchema::new("f", input)).unwrap_err().to_string());
    let output = ToolSchema::new("get\nissue", json!({ "type": "object" })).output_schema(json!(5));
    let error = echo(output).unwrap_err();
    assert_eq!((error.tool(), error.pointer()), ("get\nissue", ""));
    insta::assert_snapshot!(format!("{}\n{error}", errors.join("\n")));
}

#[test]
fn both_drafts() {
    for draft in [
        "http://json-schema.org/draft-07/schema#",
        "https://json-schema.org/draft/2020-12/schema",
    ] {
        let schema = json!({ "$schema": draft, "type": "object", "properties": { "x": { "type": "integer" } } });
        assert_eq!(
            tool("f", schema).get_signature().to_string(),
            "f(*, x: int | None = None)"
        );
    }
}

#[test]
fn a_listed_tool_is_read_as_mcp_has_it() {
    let github = github();
    let create = github
        .iter()
        .find(|tool| tool.schema().name == "create-issue")
        .unwrap();
    let expected = Annotations::new()
        .read_only(false)
        .destructive(false)
        .idempotent(false)
        .open_world(true);
    assert_eq!(create.schema().annotations, expected);
    let error = serde_json::from_value::<ToolSchema>(json!({ "name": "f" })).unwrap_err();
    assert_eq!(error.to_string(), "missing field `inputSchema`");
}
