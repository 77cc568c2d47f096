//! Scripted servers, and scripts that call them.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use monty_code_mode::{CodeMode, Detail, Outcome, Policy, Rule, Toolbox};
use monty_host::Monty;
use monty_mcp::client::{ServerConfig, ServerStatus, Servers};
use serde_json::json;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

pub static MONTY: LazyLock<Monty> = LazyLock::new(|| Monty::new().unwrap());

/// The interpreter itself: what is called `python3` may be a script that starts it
/// with variables of its own. Without one these tests end, and fail only in CI.
static PYTHON: LazyLock<String> = LazyLock::new(|| {
    let code = "import sys; print(sys.executable, end='')";
    let output = std::process::Command::new("python3")
        .args(["-c", code])
        .output();
    match output {
        Ok(output) => String::from_utf8(output.stdout).unwrap(),
        Err(error) if std::env::var_os("CI").is_some() => panic!("python3: {error}"),
        Err(error) => {
            // Past what the harness captures.
            let note =
                format!("SKIPPED: the servers are Python, and python3 cannot be run: {error}\n");
            std::io::Write::write_all(&mut std::io::stderr(), note.as_bytes()).unwrap();
            std::process::exit(0);
        }
    }
});

/// The path of the scripted server.
fn script() -> PathBuf {
    let here = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    here.join("../../tests/mcp/client/server.py")
        .canonicalize()
        .unwrap()
}

/// A scripted server that behaves so.
pub fn scripted(behaviour: &str) -> ServerConfig {
    ServerConfig::command(&*PYTHON).args([script().to_str().unwrap(), behaviour])
}

/// Servers by their names.
pub fn configs<const N: usize>(
    configs: [(&str, ServerConfig); N],
) -> BTreeMap<String, ServerConfig> {
    configs
        .map(|(name, config)| (name.to_owned(), config))
        .into()
}

pub fn servers<const N: usize>(of: [(&str, ServerConfig); N]) -> Servers {
    Servers::new(configs(of)).unwrap()
}

/// One scripted server, called `s`.
pub fn server(behaviour: &str) -> Servers {
    servers([("s", scripted(behaviour))])
}

pub async fn toolbox(servers: &Servers) -> Toolbox {
    let namespaces = servers.namespaces().await;
    let builder = namespaces
        .into_iter()
        .fold(Toolbox::builder(), |builder, namespace| {
            builder.namespace(namespace)
        });
    builder.build().unwrap()
}

/// The stubs, in full.
pub async fn stubs(servers: &Servers) -> String {
    let toolbox = toolbox(servers).await;
    toolbox.stubs().source(&toolbox, Detail::Full)
}

/// What a script comes to.
pub async fn run(servers: &Servers, script: &str) -> Outcome {
    // What is asked for is another matter than what servers do.
    let policy = Policy::new().rule("*", Rule::allow());
    let builder = CodeMode::builder(&MONTY, toolbox(servers).await).policy(policy);
    let code_mode = builder.build().await.unwrap();
    code_mode.call(json!({ "code": script })).await
}

/// What a model reads of it.
pub async fn text(servers: &Servers, script: &str) -> String {
    run(servers, script).await.text().to_owned()
}

/// Scripts with what a model reads of each.
pub async fn texts(servers: &Servers, scripts: &[&str]) -> String {
    let mut texts = String::new();
    for script in scripts {
        let text = text(servers, script).await;
        texts += &format!(">>> {}\n{text}\n\n", script.replace('\n', "\n... "));
    }
    texts
}

/// A script that says what a call raises.
pub fn caught(call: &str) -> String {
    format!("try:\n    {call}\nexcept Exception as error:\n    print(type(error).__name__, error)")
}

/// The status of the only server.
pub fn status(servers: &Servers) -> ServerStatus {
    servers.status().remove(0)
}

/// Waits for something, at most ten seconds.
pub async fn until(mut is_so: impl FnMut() -> bool) {
    let begin = Instant::now();
    while !is_so() {
        assert!(
            begin.elapsed() < Duration::from_secs(10),
            "it did not come about"
        );
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Whether a process runs: one that has ended and waits for its parent does not.
pub fn runs(id: &str) -> bool {
    let output = std::process::Command::new("ps")
        .args(["-o", "stat=", "-p", id])
        .output();
    let status = String::from_utf8(output.unwrap().stdout).unwrap();
    !status.trim().is_empty() && !status.contains('Z')
}

/// A scripted server over HTTP, which ends when this is dropped.
pub struct OverHttp {
    pub url: String,
    _process: Child,
}

pub async fn over_http(behaviour: &str, args: &[&str]) -> OverHttp {
    let mut process = Command::new(&*PYTHON)
        .arg(script())
        .arg(behaviour)
        .args(args)
        .arg("--http")
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
    let url = lines.next_line().await.unwrap().unwrap();
    OverHttp {
        url,
        _process: process,
    }
}

/// A snapshot beside the tests, without what differs from run to run.
macro_rules! snapshot {
    ($name:expr, $text:expr) => {{
        let text = $text;
        insta::with_settings!({
            snapshot_path => concat!("../../../snapshots/mcp/", env!("CARGO_CRATE_NAME")),
            prepend_module_to_snapshot => false,
            omit_expression => true,
            filters => vec![
                (r"/[^\s'`\x22]*/tests/mcp", "[tests]/mcp"),
                (r"/[^\s'`\x22]*/\.tmp\w+", "[temporary]"),
                (r"os error \d+", "os error [n]"),
                (r"127\.0\.0\.1:\d+", "127.0.0.1:[port]"),
                (r"tried again in \d+ s", "tried again in [n] s"),
            ],
        }, { insta::assert_snapshot!($name, text) })
    }};
}
pub(crate) use snapshot;
