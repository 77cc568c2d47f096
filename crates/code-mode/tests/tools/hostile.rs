//! Whatever a server sends is an error or a tool whose stubs Python takes.

use std::collections::HashSet;

use monty_code_mode::{Catalogue, Detail, Namespace, ToolIndex, ToolSchema, Toolbox};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use serde_json::{Map, Value, json};

use crate::support::{assert_python, echo};

/// Names and descriptions with everything that could end a literal.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z]{1,6}",
        "[\"'\\\\\n\r\t#{}:;()a-z_ -]{0,12}",
        "(\"\"\"|'''|\\\\|\n|\u{202e}|\u{2028}|\u{feff}|\0|%|x){0,8}",
        "\\PC{0,8}",
        Just("class".to_owned()),
        Just("__x".to_owned()),
        Just("None".to_owned()),
    ]
}

fn schema() -> impl Strategy<Value = Value> {
    let reference = prop_oneof![
        Just(json!({ "$ref": "#" })),
        "[ab]".prop_map(|name| json!({ "$ref": format!("#/$defs/{name}") })),
    ];
    let leaf = prop_oneof![
        prop::sample::select(vec![
            "string", "integer", "number", "boolean", "null", "array", "object"
        ])
        .prop_map(|name| json!({ "type": name })),
        prop::collection::vec(text(), 1..4).prop_map(|values| {
            let values: HashSet<_> = values.into_iter().collect();
            json!({ "enum": values.into_iter().collect::<Vec<_>>() })
        }),
        (text(), text()).prop_map(|(value, default)| json!({ "const": value, "default": default })),
        Just(json!({})),
        Just(json!({ "enum": [1.5, null, true, [1]] })),
        reference,
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        let list = prop::collection::vec(inner.clone(), 1..4);
        let named = prop::collection::vec((text(), inner.clone(), any::<bool>()), 0..5);
        prop_oneof![
            (text(), text(), named).prop_map(|(title, description, named)| {
                let required: HashSet<_> = named
                    .iter()
                    .filter(|(.., required)| *required)
                    .map(|(name, ..)| name.clone())
                    .collect();
                let properties: Map<_, _> = named
                    .into_iter()
                    .map(|(name, mut schema, _)| {
                        if let Value::Object(schema) = &mut schema {
                            schema.insert("description".into(), description.clone().into());
                        }
                        (name, schema)
                    })
                    .collect();
                json!({
                    "type": "object",
                    "title": title,
                    "properties": properties,
                    "required": required.into_iter().collect::<Vec<_>>(),
                })
            }),
            list.clone().prop_map(|list| json!({ "anyOf": list })),
            list.clone().prop_map(|list| json!({ "allOf": list })),
            list.prop_map(|list| json!({ "type": "array", "prefixItems": list })),
            inner
                .clone()
                .prop_map(|items| json!({ "type": "array", "items": items })),
            inner.prop_map(|values| json!({ "type": "object", "additionalProperties": values })),
        ]
    })
}

fn server_tool() -> impl Strategy<Value = ToolSchema> {
    let object = prop::collection::vec((text(), schema()), 0..4);
    (text(), text(), object, schema(), schema(), schema()).prop_map(
        |(name, description, parameters, a, b, output)| {
            let definitions = json!({ "a": a, "b": b });
            let properties: Map<_, _> = parameters.into_iter().collect();
            let input = json!({ "type": "object", "properties": properties, "$defs": definitions });
            let mut output = output;
            if let Value::Object(output) = &mut output {
                output.insert("$defs".into(), definitions);
            }
            ToolSchema::new(name, input)
                .description(description)
                .output_schema(output)
        },
    )
}

#[test]
fn stubs_of_any_server_are_python() {
    let mut runner = TestRunner::deterministic();
    let servers = (text(), prop::collection::vec(server_tool(), 1..5));
    let mut sources = Vec::new();
    let mut tools = 0;
    for _ in 0..400 {
        let (name, listed) = servers.new_tree(&mut runner).unwrap().current();
        let mut seen = HashSet::new();
        let listed = listed
            .into_iter()
            .filter(|schema| seen.insert(schema.name.clone()));
        let accepted: Vec<_> = listed.filter_map(|schema| echo(schema).ok()).collect();
        tools += accepted.len();
        let namespace = Namespace::new(&name)
            .description(&name)
            .tools(accepted.clone());
        let toolbox = Toolbox::builder()
            .tools(accepted)
            .namespace(namespace)
            .build()
            .unwrap();
        for detail in [Detail::Signature, Detail::Full] {
            sources.push(toolbox.stubs().source(&toolbox, detail));
        }
        sources.push(Catalogue::within(&toolbox, 200, &|text: &str| text.len()).to_string());
        let index = ToolIndex::new(&toolbox);
        sources.push(index.search(&name, 5).to_string());
        assert_eq!(index.search("", usize::MAX).tools().len(), toolbox.len());
    }
    assert!(tools > 400, "most schemas are errors: {tools} are not");
    assert_python(&sources);
    for source in sources {
        assert!(
            !source.contains(['\u{202e}', '\u{2028}', '\u{feff}', '\0', '\r']),
            "{source:?}"
        );
    }
}
