//! Code mode: what a call by it takes more than a script, and what many tools take.

use std::hint::black_box;

use benchmark_runner::{Absent, Done, Row};
use monty_code_mode::{Catalogue, CodeMode, SchemaTool, ToolIndex, ToolSchema, Toolbox};
use monty_host::{Tool, Tools, Type, Value};
use serde::Deserialize;
use serde_json::{Value as Json, json};

use crate::{Bench, Failure};

const TEN_CALLS: &str = "\
total = 0
for number in range(10):
    total = add(total, number)
total";

fn add() -> Tool {
    Tool::new("add", ["a", "b"], |a: i64, b: i64| a + b).returns(Type::Int)
}

/// What [`calls`] is compared with.
pub fn ten_calls(bench: &Bench) -> Result<Row<'_>, Failure> {
    let tools = Tools::new().tool(add());
    Ok(Box::new(move |iterations| {
        bench.runtime.block_on(async {
            let mut answer = Value::None;
            for _ in 0..iterations {
                answer = bench
                    .monty
                    .script(TEN_CALLS)
                    .host(&tools)
                    .run()
                    .await?
                    .value;
            }
            Ok(Done::answer(answer))
        })
    }))
}

/// A row of many tools takes a file with them, or makes some up.
pub fn open<'a>(bench: &'a Bench, row: &str) -> Result<Row<'a>, Absent> {
    let (row, path) = row.split_once(' ').unwrap_or((row, ""));
    if row == "calls" {
        return Ok(calls(bench)?);
    }
    let documents = match path {
        "" => made_up(),
        path => serde_json::from_slice(&std::fs::read(path)?)?,
    };
    Ok(match row {
        "tools" => Box::new(move |iterations| {
            for _ in 0..iterations {
                black_box(schema_tools(&documents)?);
            }
            Ok(Done::answer(documents.len()))
        }),
        "catalogue" => {
            let tools = schema_tools(&documents)?;
            Box::new(move |iterations| {
                let mut listed = 0;
                for _ in 0..iterations {
                    listed = Catalogue::new(&toolbox(&tools)?).listed();
                }
                Ok(Done::answer(listed))
            })
        }
        "index" => {
            let toolbox = toolbox(&schema_tools(&documents)?)?;
            Box::new(move |iterations| {
                let mut found = 0;
                for _ in 0..iterations {
                    found = ToolIndex::new(&toolbox).search(QUERY, 1).total();
                }
                Ok(Done::answer(found))
            })
        }
        "search" => {
            let index = ToolIndex::new(&toolbox(&schema_tools(&documents)?)?);
            // The first makes the signatures, once.
            black_box(index.search(QUERY, FOUND).to_string());
            Box::new(move |iterations| {
                let mut found = 0;
                for _ in 0..iterations {
                    found = index.search(QUERY, FOUND).to_string().len();
                }
                Ok(Done::answer(found))
            })
        }
        _ => return Err(Absent::Row("code mode has no such thing")),
    })
}

/// Words that many tools have.
const QUERY: &str = "find the orders of a customer by name";
const FOUND: usize = 10;

fn calls(bench: &Bench) -> Result<Row<'_>, Failure> {
    let toolbox = Toolbox::builder().tool(add()).build()?;
    let code_mode = bench
        .runtime
        .block_on(CodeMode::new(&bench.monty, toolbox))?;
    Ok(Box::new(move |iterations| {
        bench.runtime.block_on(async {
            let mut answer = Value::None;
            for _ in 0..iterations {
                let outcome = code_mode.call(json!({ "code": TEN_CALLS })).await;
                if let Some(error) = outcome.error() {
                    return Err(error.to_string().into());
                }
                answer = outcome.value;
            }
            Ok(Done::answer(answer))
        })
    }))
}

#[derive(Deserialize)]
struct Document {
    name: String,
    description: String,
    input: Json,
    output: Option<Json>,
}

fn schema_tools(documents: &[Document]) -> Result<Vec<SchemaTool>, Failure> {
    let tools = documents.iter().map(|document| {
        let mut schema = ToolSchema::new(&document.name, document.input.clone())
            .description(&document.description);
        if let Some(output) = &document.output {
            schema = schema.output_schema(output.clone());
        }
        Ok(SchemaTool::new(schema, async |arguments| {
            Ok(Json::Object(arguments).into())
        })?)
    });
    tools.collect()
}

fn toolbox(tools: &[SchemaTool]) -> Result<Toolbox, Failure> {
    let mut toolbox = Toolbox::builder();
    for tool in tools {
        toolbox = toolbox.tool(tool.clone());
    }
    Ok(toolbox.build()?)
}

/// As many tools as several large servers have.
fn made_up() -> Vec<Document> {
    let verbs = [
        "find", "list", "get", "create", "update", "delete", "archive", "export", "import", "copy",
        "merge", "share", "lock", "tag", "count",
    ];
    let nouns = [
        "order",
        "customer",
        "invoice",
        "product",
        "ticket",
        "comment",
        "branch",
        "release",
        "file",
        "folder",
        "message",
        "channel",
        "event",
        "calendar",
        "contact",
        "payment",
        "refund",
        "shipment",
        "address",
        "report",
        "dashboard",
        "alert",
        "metric",
        "user",
        "team",
        "role",
        "token",
        "session",
        "survey",
        "campaign",
    ];
    let pairs = verbs
        .iter()
        .flat_map(|verb| nouns.iter().map(move |noun| (verb, noun)));
    pairs
        .map(|(verb, noun)| Document {
            name: format!("{verb}_{noun}"),
            description: format!(
                "Use this to {verb} the {noun} of an account. Fails if the account does not exist."
            ),
            input: json!({
                "type": "object",
                "properties": {
                    "account": { "type": "string", "description": format!("Whose {noun} it is") },
                    "name": { "type": "string", "description": format!("The name of the {noun}") },
                    "limit": { "type": "integer", "minimum": 1, "default": 20 },
                    "state": { "enum": ["open", "closed", "all"], "default": "all" },
                },
                "required": ["account", "name"],
            }),
            output: Some(json!({
                "type": "object",
                "properties": {
                    format!("{noun}_id"): { "type": "integer" },
                    "owner": {
                        "type": "object",
                        "properties": { "id": { "type": "integer" }, "name": { "type": "string" } },
                        "required": ["id"],
                    },
                },
                "required": [format!("{noun}_id")],
            })),
        })
        .collect()
}
