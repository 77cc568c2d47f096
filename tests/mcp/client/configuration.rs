//! What people write, and what is wrong with it.

use std::time::Duration;

use monty_mcp::client::{ServerConfig, Servers};
use serde_json::{Value, json};

use crate::support::{configs, scripted, servers, snapshot, status, text};

#[test]
fn configurations_of_other_clients_are_taken() {
    let accepted = [
        json!({ "command": "npx", "args": ["-y", "server"], "env": { "A": "${A}" }, "cwd": "/tmp" }),
        json!({ "type": "stdio", "command": "uvx", "disabled": true, "autoApprove": ["x"], "alwaysAllow": [] }),
        json!({ "url": "https://example.org/mcp", "headers": { "Authorization": "Bearer ${T}" } }),
        json!({ "type": "streamable-http", "url": "http://localhost:1/mcp", "trust": true, "$schema": "x" }),
        json!({ "type": "streamableHttp", "url": "${URL}", "x-note": 1, "_comment": "y" }),
        json!({ "command": "a", "startTimeout": "500ms", "callTimeout": 2.5, "maxMessage": 2048 }),
        json!({ "command": "a", "startTimeout": "2m", "callTimeout": 90, "description": "d" }),
    ];
    let mut text = String::new();
    for written in accepted {
        let config: ServerConfig = serde_json::from_value(written).unwrap();
        let again = serde_json::to_value(&config).unwrap();
        assert_eq!(
            serde_json::from_value::<ServerConfig>(again.clone()).unwrap(),
            config
        );
        text += &format!("{again}\n");
    }
    snapshot!("configurations", text);
}

#[test]
fn what_is_wrong_is_told_with_what_to_write() {
    let refused = [
        json!({ "comand": "npx" }),
        json!({ "command": "npx", "arguments": [] }),
        json!({ "command": "npx", "call_timeout": 3 }),
        json!({ "command": "npx", "nothing-like-it": 3 }),
        json!({ "command": "npx", "timeout": 60 }),
        json!({ "command": "npx", "excludeTools": ["a"] }),
        json!({ "command": "npx", "url": "http://a" }),
        json!({ "command": " " }),
        json!({ "description": "nothing" }),
        json!({ "type": "http", "command": "npx" }),
        json!({ "type": "stdio", "url": "http://a" }),
        json!({ "type": "sse", "url": "http://a" }),
        json!({ "type": "websocket", "url": "http://a" }),
        json!({ "url": "http://a", "env": {} }),
        json!({ "command": "npx", "headers": {} }),
        json!({ "command": "npx", "callTimeout": "soon" }),
        json!({ "command": "npx", "callTimeout": 0 }),
        json!({ "command": "npx", "callTimeout": -1 }),
        json!({ "command": "npx", "startTimeout": "1e9h" }),
        json!({ "command": "npx", "maxMessage": 3 }),
        json!({ "command": "npx", "env": { "A": 1 } }),
    ];
    let mut text = String::new();
    for written in refused {
        let error = serde_json::from_value::<ServerConfig>(written.clone()).unwrap_err();
        text += &format!("{written}\n  {error}\n");
    }
    snapshot!("refused", text);
}

#[test]
fn what_no_server_can_start_with_is_found_at_once() {
    let refused = [
        ("", json!({ "command": "a" })),
        ("open", json!({ "command": "a", "args": ["${A"] })),
        (
            "input",
            json!({ "command": "a", "env": { "A": "${input:a}" } }),
        ),
        (
            "workspace",
            json!({ "command": "a", "cwd": "${workspaceFolder}/x y${a b}" }),
        ),
        ("name", json!({ "command": "a", "env": { "A=B": "" } })),
        ("address", json!({ "url": "example.org/mcp" })),
        ("scheme", json!({ "url": "ftp://example.org/mcp" })),
        (
            "password",
            json!({ "url": "http://ada:lovelace@example.org/mcp" }),
        ),
        (
            "header",
            json!({ "url": "http://a", "headers": { "a b": "" } }),
        ),
        (
            "reserved",
            json!({ "url": "http://a", "headers": { "Mcp-Session-Id": "" } }),
        ),
    ];
    let mut text = String::new();
    for (name, written) in refused {
        let config: ServerConfig = serde_json::from_value(written).unwrap();
        let error = Servers::new(configs([(name, config)])).unwrap_err();
        assert_eq!(error.server(), name);
        text += &format!("{error}\n");
    }
    snapshot!("no_servers", text);
}

#[test]
fn the_schema_describes_the_keys() {
    let schema = schemars::schema_for!(ServerConfig);
    let schema = serde_json::to_value(schema).unwrap();
    let keys: Vec<_> = schema["properties"]
        .as_object()
        .unwrap()
        .keys()
        .cloned()
        .collect();
    assert!(
        keys.contains(&"callTimeout".to_owned()) && keys.contains(&"type".to_owned()),
        "{keys:?}"
    );
    assert!(
        schema["properties"]
            .as_object()
            .unwrap()
            .values()
            .all(|one| one["description"].is_string())
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_missing_is_told_when_the_server_starts() {
    let of = [
        ("file", scripted("Normal").args(["${file:/nowhere/token}"])),
        (
            "variable",
            scripted("Normal").env("TOKEN", "${MONTY_TEST_NOT_SET}"),
        ),
        ("program", ServerConfig::command("/nowhere/server")),
        ("directory", scripted("Normal").cwd("/nowhere")),
    ];
    let servers = servers(of);
    servers.namespaces().await;
    let problems: Vec<_> = servers
        .status()
        .into_iter()
        .map(|status| format!("{}: {}\n", status.name, status.problem.unwrap()))
        .collect();
    snapshot!("missing", problems.concat());
}

#[tokio::test(flavor = "multi_thread")]
async fn references_have_their_values() {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "from a file\n").unwrap();
    let args = ["${HERE}", "${env:HERE}", "a ${GONE:-default} b", "$${HERE}"];
    let of_file = format!("${{file:{}}}", file.path().display());
    let config = scripted("Environment")
        .args(args)
        .args([of_file])
        .env("PLAIN", "x${HERE}");
    let servers = Servers::builder(configs([("s", config)]))
        .variables(|name| (name == "HERE").then(|| "here".to_owned()))
        .build()
        .unwrap();
    let arguments = text(&servers, "s.arguments()[:4]").await;
    assert_eq!(arguments, "['here', 'here', 'a default b', '${HERE}']");
    // The value of a file is a secret: the server got it, and the script does not.
    let length = text(
        &servers,
        "s.arguments()[4].startswith('[tmp') or s.arguments()[4].startswith('[.tmp')",
    )
    .await;
    assert_eq!(length, "True");
    assert_eq!(text(&servers, "s.environment()['PLAIN']").await, "xhere");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_gets_a_minimal_environment() {
    // What runs the tests has far more, such as CARGO_MANIFEST_DIR.
    assert!(std::env::var_os("CARGO_MANIFEST_DIR").is_some());
    let servers = servers([("s", scripted("Environment").env("OWN", "1"))]);
    let names = text(&servers, "[name for name in s.environment() if name not in ('HOME', 'LOGNAME', 'PATH', 'SHELL', 'TERM', 'USER', 'LC_CTYPE')]").await;
    assert_eq!(names, "['OWN']");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_disabled_is_no_module() {
    let servers = servers([
        ("off", scripted("Normal").disabled(true)),
        (
            "on",
            scripted("Normal")
                .description("Adds")
                .call_timeout(Duration::from_secs(9)),
        ),
    ]);
    let error = text(&servers, "off.add(1, 2)").await;
    assert!(error.contains("name 'off' is not defined"), "{error}");
    assert_eq!(text(&servers, "on.add(1, 2)").await, "3");
    let shown: Vec<Value> = servers
        .status()
        .iter()
        .map(|status| json!(format!("{:?}", status.state)))
        .collect();
    assert_eq!(shown, ["Disabled", "Running"]);
    assert!(status(&servers).process_id.is_none());
}
