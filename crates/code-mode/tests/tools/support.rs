//! Servers written for these tests, and a CPython that reads stubs.

use std::future::Future;
use std::io::Write as _;
use std::process::{Command, Stdio};
use std::sync::LazyLock;

use monty_code_mode::{
    Detail, Namespace, SchemaError, SchemaTool, ToolResult, ToolSchema, Toolbox,
};
use monty_host::{Monty, Tool, ToolError, Tools};
use serde_json::{Map, Value, json};

static MONTY: LazyLock<Monty> = LazyLock::new(|| Monty::new().expect("the interpreter starts"));

pub fn monty() -> &'static Monty {
    &MONTY
}

/// A tool that answers with its arguments.
pub fn echo(schema: ToolSchema) -> Result<SchemaTool, SchemaError> {
    SchemaTool::new(
        schema,
        async |arguments| Ok(Value::Object(arguments).into()),
    )
}

/// The same with these arguments.
pub fn tool(name: &str, input: Value) -> SchemaTool {
    echo(ToolSchema::new(name, input)).expect("the schema is sound")
}

/// A tool with parameters of these schemas, all required.
pub fn takes(name: &str, properties: Value) -> SchemaTool {
    let required: Vec<_> = properties
        .as_object()
        .expect("properties")
        .keys()
        .cloned()
        .collect();
    tool(
        name,
        json!({ "type": "object", "properties": properties, "required": required }),
    )
}

/// The tools of a server.
pub fn server(text: &str) -> Vec<SchemaTool> {
    let schemas: Vec<ToolSchema> = serde_json::from_str(text).expect("the server's list is sound");
    schemas
        .into_iter()
        .map(|schema| echo(schema).expect("the schema is sound"))
        .collect()
}

pub fn filesystem() -> Vec<SchemaTool> {
    server(include_str!("servers/filesystem.json"))
}

pub fn git() -> Vec<SchemaTool> {
    server(include_str!("servers/git.json"))
}

pub fn github() -> Vec<SchemaTool> {
    server(include_str!("servers/github.json"))
}

/// Three servers, and a tool of the host.
pub fn toolbox() -> Toolbox {
    let now = Tool::new("now", (), || "2026-01-01")
        .description("The time")
        .awaited();
    Toolbox::builder()
        .tool(now.returns(monty_host::Type::Str))
        .namespace(
            Namespace::new("github")
                .description("Issues and files on GitHub")
                .tools(github()),
        )
        .namespace(Namespace::new("git").tools(git()))
        .namespace(
            Namespace::new("files")
                .description("The user's files")
                .tools(filesystem()),
        )
        .build()
        .expect("the tools go together")
}

pub fn alone(tool: SchemaTool) -> Toolbox {
    Toolbox::builder()
        .tool(tool)
        .build()
        .expect("the tool can be alone")
}

/// The full source of a tool, which Python takes.
pub fn full(tool: SchemaTool) -> String {
    let toolbox = alone(tool);
    let source = toolbox.stubs().source(&toolbox, Detail::Full);
    assert_python(std::slice::from_ref(&source));
    source
}

/// What a script that has the tool as a function evaluates to, or its error.
pub fn run(tool: &SchemaTool, script: &str) -> String {
    let tool = tool.clone();
    let signature = tool.get_signature().clone();
    let name = signature.get_name().to_owned();
    let called = Tool::from_signature(signature, move |bound: monty_host::BoundArguments| {
        let (tool, name) = (tool.clone(), name.clone());
        async move {
            let arguments = tool.arguments(&bound)?;
            let result = tool.call(&name, arguments).await?;
            Ok::<_, ToolError>(monty_host::Value::from_json(result.value))
        }
    });
    let tools = Tools::new().tool(called);
    match monty().script(script).host(&tools).run_blocking() {
        Ok(report) => report.value.to_string(),
        Err(error) => error.summary(),
    }
}

/// A tool with an output schema that answers with a fixed value.
pub fn answering<Fut>(
    output: Value,
    handler: impl Fn(Map<String, Value>) -> Fut + Send + Sync + 'static,
) -> SchemaTool
where
    Fut: Future<Output = Result<ToolResult, ToolError>> + Send + 'static,
{
    let schema = ToolSchema::new("fetch", json!({ "type": "object" })).output_schema(output);
    SchemaTool::new(schema, handler).expect("the schema is sound")
}

/// Compiles and runs each source, and looks for calls in it: what is in a
/// string or a comment calls nothing.
const CHECK: &str = r#"
import ast, json, sys, warnings
warnings.simplefilter("error")
header = "from __future__ import annotations\nfrom typing import *\n"
for source in json.load(sys.stdin):
    try:
        code = compile(header + source, "stub", "exec")
        calls = [n for n in ast.walk(ast.parse(source)) if isinstance(n, ast.Call)]
        assert all(n.func.id == "TypedDict" for n in calls), "it calls something"
        exec(code, {})
    except Exception as error:
        sys.exit(f"{type(error).__name__}: {error}\n{source}")
"#;

/// Checks that Python takes each source. Where there is no Python, only CI
/// insists.
pub fn assert_python(sources: &[String]) {
    let spawned = Command::new("python3")
        .args(["-c", CHECK])
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let mut python = match spawned {
        Ok(python) => python,
        Err(error) if std::env::var_os("CI").is_none() => {
            eprintln!("not checked: python3: {error}");
            return;
        }
        Err(error) => panic!("python3: {error}"),
    };
    let sources = serde_json::to_vec(sources).expect("texts are JSON");
    let mut stdin = python.stdin.take().expect("it is piped");
    stdin.write_all(&sources).expect("Python reads");
    drop(stdin);
    let output = python.wait_with_output().expect("Python ends");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}
