//! Configurations: what they mean, and what is wrong with them.

use std::fs;
use std::path::Path;

use crate::run::{run_in, run_with};
use crate::support::assert_snapshot;

fn folder(configuration: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("monty.json"), configuration).expect("a file");
    folder
}

const WHOLE: &str = r#"{
    "tools": {
        "weather(city, days=1)": { "command": "echo '{\"sunny\": true}'", "readOnly": true },
        "wipe(path)": { "command": "echo null", "destructive": true },
        "whoami(key)": { "command": "cat" }
    },
    "mounts": { "/data": { "host": "data", "mode": "overlay" } },
    "environment": { "LANG": "C.UTF-8" },
    "limits": { "duration": "2s", "memory": "64MiB", "calls": 10 },
    "policy": { "rules": { "weather": { "calls": 2 } } },
    "secrets": { "API_KEY": { "value": "${KEY}", "parameters": { "whoami": ["key"] } } }
}"#;

fn whole() -> tempfile::TempDir {
    let folder = folder(WHOLE);
    fs::create_dir(folder.path().join("data")).expect("a folder");
    fs::write(folder.path().join("data/a.txt"), "hello").expect("a file");
    folder
}

fn shown(folder: &Path, text: &str) -> String {
    text.replace(folder.to_str().expect("text"), "[folder]")
}

#[test]
fn a_configuration_is_explained() {
    let folder = whole();
    let key = [("KEY", "0123456789")];
    let text = run_with(folder.path(), &["config", "check", "monty.json"], "", &key);
    assert_snapshot!("explained", shown(folder.path(), &text));
}

/// A server may have later what it does not have now.
#[test]
fn what_a_server_does_not_have_is_a_warning() {
    let folder = folder(&format!(
        r#"{{
            "mcpServers": {{ "python": {{ "command": {:?}, "args": ["mcp"] }} }},
            "policy": {{ "rules": {{ "python.walk": "ask" }} }},
            "secrets": {{ "KEY": {{
                "value": "${{LONG}}",
                "tools": ["python.walk"],
                "parameters": {{ "python.run_python": ["code", "kode"], "python.walk": ["to"] }}
            }} }}
        }}"#,
        env!("CARGO_BIN_EXE_monty-host"),
    ));
    let key = [("LONG", "0123456789")];
    let text = run_with(folder.path(), &["config", "check", "monty.json"], "", &key);
    let told: Vec<&str> = text
        .lines()
        .filter(|line| line.starts_with("warning: ") || line.starts_with("--- exit"))
        .collect();
    assert_snapshot!("warnings", told.join("\n"));
}

#[test]
fn scripts_have_what_it_says() {
    let folder = whole();
    let key = [("KEY", "0123456789")];
    let mut told = String::new();
    for code in [
        "weather('Paris')",
        "[weather('Paris') for _ in range(3)]",
        "wipe('/')",
        "API_KEY",
        "whoami(API_KEY)",
        "weather(API_KEY)",
        "open('/data/a.txt').read()",
        "open('/data/b.txt', 'w').write('x')",
        "import os\nos.environ['LANG']",
        "while True: pass",
    ] {
        let arguments = ["run", "--config", "monty.json", "-c", code];
        told += &run_with(folder.path(), &arguments, "", &key);
    }
    assert!(!told.contains("0123456789"), "{told}");
    assert!(!folder.path().join("data/b.txt").exists());
    // The time that it took.
    let (before, after) = told.rsplit_once("exceeded: ").expect("a limit");
    let (_, after) = after.split_once(" > ").expect("a time");
    assert_snapshot!("scripts", format!("{before}exceeded: [time] > {after}"));
}

#[test]
fn commands_do_not_get_the_variables_of_secrets() {
    let folder = folder(
        r#"{
            "tools": { "environment()": { "command": "env | cut -d= -f1 | jq -Rn '[inputs]' 2>/dev/null || env | cut -d= -f1 | sed 's/.*/\"&\"/' | paste -sd, | sed 's/^/[/; s/$/]/'" } },
            "secrets": { "API_KEY": { "value": "${env:SECRET_VALUE}" } },
            "approvals": { "key": "${APPROVALS_KEY}", "oldKeys": ["${OLD_KEY}"] },
            "server": { "clients": { "ada": "${ADA_TOKEN:-none}" } }
        }"#,
    );
    let variables = [
        ("SECRET_VALUE", "0123456789"),
        ("APPROVALS_KEY", "0123456789"),
        ("OLD_KEY", "0123456789"),
        ("ADA_TOKEN", "0123456789"),
        ("OTHER", "1"),
    ];
    let code = "[name for name in environment() if name in ['SECRET_VALUE', 'APPROVALS_KEY', 'OLD_KEY', 'ADA_TOKEN', 'OTHER']]";
    let arguments = ["run", "--config", "monty.json", "-c", code];
    let text = run_with(folder.path(), &arguments, "", &variables);
    assert!(text.contains("\n['OTHER']\n"), "{text}");
}

/// A message about a command that fails shows a part of what it wrote, and no part of a
/// secret in it.
#[test]
fn secrets_are_not_cut_in_messages() {
    let folder = folder(
        r#"{
            "tools": {
                "text(key)": { "command": "printf 'this is no JSON and has fifty characters before the %s' \"$(cut -c9-26)\"" },
                "errors(key)": { "command": "key=$(cut -c9-26); for i in $(seq 6000); do printf '%s %s\n' \"$key\" $i >&2; done; exit 1" }
            },
            "secrets": { "KEY": { "value": "${KEY}", "tools": ["text", "errors"] } }
        }"#,
    );
    let key = "QWZXVKJYPQGWHMBFUK";
    let run = |code: &str| {
        let arguments = ["run", "--config", "monty.json", "-c", code];
        run_with(folder.path(), &arguments, "", &[("KEY", key)])
    };
    let told = run("text(KEY)");
    assert!(
        told.contains("`this is no JSON and has fifty characters before the <secret …`"),
        "{told}"
    );
    let code = "try:\n    errors(KEY)\nexcept RuntimeError as e:\n    r = str(e)\n[len(r) > 20000, r[:90], r[-20:]]";
    let told = run(code);
    assert_snapshot!("cut_errors", told);
    let told = run("errors(KEY)") + &run("text(KEY)");
    for part in (0..key.len()).filter_map(|start| key.get(start..start + 4)) {
        assert!(!told.contains(part), "{part}: {told}");
    }
}

#[test]
fn options_come_on_top() {
    let folder = whole();
    let arguments = [
        "run",
        "--config",
        "monty.json",
        "--tool",
        "twice(x)=jq .x*2",
        "--env",
        "LANG=de",
        "-c",
        "import os\n[weather('x')['sunny'], twice(4), os.environ['LANG']]",
    ];
    let key = [("KEY", "0123456789")];
    let text = run_with(folder.path(), &arguments, "", &key);
    assert!(
        text.contains("[True, 8, 'de']") || text.contains("jq"),
        "{text}"
    );
}

#[test]
fn mistakes_are_named() {
    let mut told = String::new();
    for configuration in [
        "{",
        "[]",
        r#"{ "mcpServer": {} }"#,
        r#"{ "mcpServers": { "a": { "comand": "x" } } }"#,
        r#"{ "mcpServers": { "a": {} } }"#,
        r#"{ "tools": { "weather": { "command": "x" } } }"#,
        r#"{ "tools": { "weather(city": { "command": "x" } } }"#,
        r#"{ "tools": { "weather(city)": { "comand": "x" } } }"#,
        r#"{ "mounts": { "/data": { "host": "nowhere" } } }"#,
        r#"{ "mounts": { "/data": { "host": ".", "mode": "readonly" } } }"#,
        r#"{ "limits": { "duration": "3 parsecs" } }"#,
        r#"{ "limits": { "memory": true } }"#,
        r#"{ "policy": { "rules": { "weather": "ask" } } }"#,
        r#"{ "policy": { "rules": { "*": "perhaps" } } }"#,
        r#"{ "policy": { "rules": { "*": { "veredict": "ask" } } } }"#,
        r#"{ "secrets": { "KEY": { "value": "hunter2hunter2" } } }"#,
        r#"{ "secrets": { "KEY": { "value": "${NOT_THERE}" } } }"#,
        r#"{ "secrets": { "KEY": { "value": "${file:nowhere.key}" } } }"#,
        r#"{ "tools": { "weather(city)": { "command": "x" } }, "secrets": { "KEY": { "value": "${LONG}", "tools": ["wether"] } } }"#,
        r#"{ "tools": { "weather(city)": { "command": "x" } }, "secrets": { "KEY": { "value": "${LONG}", "parameters": { "weather": ["town"] } } } }"#,
        r#"{ "tools": { "send(to, **more)": { "command": "x" } }, "secrets": { "KEY": { "value": "${LONG}", "parameters": { "send": ["**more"] } } } }"#,
        r#"{ "approvals": { "key": "${SHORT}" } }"#,
        r#"{ "approvals": { "expires": 0 } }"#,
        r#"{ "policy": { "rules": { "*": "deny", "*": "allow" } } }"#,
        r#"{ "approvals": { "store": "nowhere/approvals.redb" } }"#,
        r#"{ "server": { "clients": { "ada": "${NOT_THERE}" } } }"#,
        r#"{ "server": { "clients": { "ada": "${SHORT}" } } }"#,
    ] {
        let folder = folder(configuration);
        let text = run_with(
            folder.path(),
            &["config", "check", "monty.json"],
            "",
            &[("SHORT", "abc"), ("LONG", "0123456789")],
        );
        let text = shown(folder.path(), &text);
        let (_, text) = text.split_once('\n').expect("a command");
        assert!(!text.contains("hunter2"), "{text}");
        told += &format!("{configuration}\n{text}\n");
    }
    assert_snapshot!("mistakes", told);
}

#[test]
fn clients_are_named_and_their_tokens_are_not() {
    let folder = folder(r#"{ "server": { "clients": { "ada": "${ADA_TOKEN}" } } }"#);
    let arguments = ["config", "check", "monty.json"];
    let token = "0123456789abcdef";
    let text = run_with(folder.path(), &arguments, "", &[("ADA_TOKEN", token)]);
    assert!(
        text.contains("\nclient ada: token from ${ADA_TOKEN}\n"),
        "{text}"
    );
    assert!(!text.contains(token), "{text}");
}

#[test]
fn the_file_may_not_be_there() {
    let folder = tempfile::tempdir().expect("a folder");
    let told = ["check", "schema"].map(|what| match what {
        "check" => run_in(folder.path(), &["config", "check", "monty.json"], ""),
        _ => {
            let schema = run_in(folder.path(), &["config", "schema"], "");
            format!(
                "{}\n",
                schema.lines().take(5).collect::<Vec<_>>().join("\n")
            )
        }
    });
    assert_snapshot!("nowhere", told.concat());
}

#[test]
fn what_a_model_sees_is_printed() {
    let folder = whole();
    let arguments = ["mcp", "--config", "monty.json", "--print-tools"];
    let text = run_with(folder.path(), &arguments, "", &[("KEY", "0123456789")]);
    assert!(!text.contains("0123456789"), "{text}");
    assert_snapshot!("print-tools", text);
}

#[test]
fn a_server_without_a_client_ends() {
    let folder = whole();
    let arguments = ["mcp", "--config", "monty.json"];
    let text = run_with(folder.path(), &arguments, "", &[("KEY", "0123456789")]);
    assert_snapshot!("no-client", text);
    let public = ["mcp", "--config", "monty.json", "--http", "0.0.0.0:0"];
    let text = run_with(folder.path(), &public, "", &[("KEY", "0123456789")]);
    let text: Vec<_> = text
        .lines()
        .filter(|line| !line.contains("serving"))
        .collect();
    assert!(
        text.iter().any(|line| line.contains("there is no token")),
        "{text:?}"
    );
}
