//! Values that servers get and nobody sees.

use std::sync::{Arc, Mutex};

use monty_code_mode::{CodeMode, Policy, Rule, Secret};
use monty_mcp::client::Servers;
use serde_json::json;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

use crate::support::{MONTY, caught, configs, over_http, scripted, server, status, text, toolbox};

const SECRET: &str = "hunter2-and-more\"quoted";

fn with_secret(behaviour: &str) -> Servers {
    let config = scripted(behaviour)
        .env("API_TOKEN", "${VAULT_TOKEN}")
        .args(["--token=${VAULT_TOKEN}"]);
    assert!(!format!("{config:?}").contains(SECRET));
    Servers::builder(configs([("s", config)]))
        .variables(|name| (name == "VAULT_TOKEN").then(|| SECRET.to_owned()))
        .build()
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn results_and_errors_do_not_show_them() {
    let servers = with_secret("Environment");
    assert_eq!(
        text(&servers, "s.environment()['API_TOKEN']").await,
        "[VAULT_TOKEN]"
    );
    assert_eq!(
        text(&servers, "s.arguments()").await,
        "['--token=[VAULT_TOKEN]']"
    );
    let error = text(&servers, &caught("s.fail()")).await;
    assert_eq!(error, "RuntimeError token [VAULT_TOKEN] is refused");
    assert!(!format!("{servers:?} {:?}", servers.status()).contains(SECRET));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_sounds_secret_is_even_if_it_is_written_down() {
    let config = scripted("Environment")
        .env("API_TOKEN", "ghp_0123456789")
        .env("GIT_AUTHOR_NAME", "Ada Lovelace")
        .env("MODE", "development");
    assert!(!format!("{config:?}").contains("ghp_"));
    let servers = crate::support::servers([("s", config)]);
    assert_eq!(
        text(&servers, "s.environment()['API_TOKEN']").await,
        "[API_TOKEN]"
    );
    assert_eq!(
        text(&servers, "s.environment()['MODE']").await,
        "development"
    );
    assert_eq!(
        text(&servers, "s.environment()['GIT_AUTHOR_NAME']").await,
        "Ada Lovelace"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn addresses_and_headers_are_not_shown() {
    let server = over_http("Normal", &[]).await;
    let broken = format!("{}/broken?key=${{KEY}}", server.url);
    let closed = "http://127.0.0.1:1/mcp?key=${KEY}";
    for url in [broken.as_str(), closed] {
        let config = monty_mcp::client::ServerConfig::url(url).header("X-Key", "${KEY}");
        let servers = Servers::builder(configs([("s", config)]))
            .variables(|_| Some("open sesame, please".to_owned()))
            .build()
            .unwrap();
        servers.namespaces().await;
        let problem = status(&servers).problem.unwrap();
        assert!(!problem.contains("sesame"), "{problem}");
    }
}

/// What is logged at any level, by whoever logs.
#[derive(Clone, Default)]
struct Logged(Arc<Mutex<String>>);

impl Visit for Logged {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        *self.0.lock().unwrap() += &format!("{field}={value:?}\n");
    }
}

impl Subscriber for Logged {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        span.record(&mut self.clone());
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, values: &Record<'_>) {
        values.record(&mut self.clone());
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        event.record(&mut self.clone());
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

/// In a process of its own, all of whose logs are kept.
#[test]
fn logs_do_not_show_them() {
    let output = std::process::Command::new(std::env::current_exe().unwrap())
        .args([
            "secrets::run_with_logs",
            "--exact",
            "--ignored",
            "--nocapture",
        ])
        .output()
        .unwrap();
    let shown = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success() && shown.contains("1 passed"),
        "{shown}"
    );
}

/// Code mode with a secret that all servers may have.
async fn with_key(servers: &Servers) -> CodeMode {
    let secret = Secret::new("KEY", SECRET).unwrap().tool("s.*");
    CodeMode::builder(&MONTY, toolbox(servers).await)
        .policy(Policy::new().rule("*", Rule::allow()))
        .secret(secret)
        .build()
        .await
        .unwrap()
}

/// A secret of code mode goes to a server in an argument, and comes back where a long
/// message is cut.
#[tokio::test(flavor = "multi_thread")]
async fn messages_are_cut_without_secrets() {
    let servers = server("Normal");
    let code_mode = with_key(&servers).await;
    for before in 1_970..2_000 {
        let script = format!(
            "s.echo({{'isError': True, 'content': [{{'type': 'text', 'text': 'x' * {before} + KEY}}]}})"
        );
        let script =
            format!("try:\n    {script}\nexcept RuntimeError as e:\n    r = str(e)[1900:]\nr");
        let outcome = code_mode.call(json!({ "code": script })).await;
        let text = outcome.text();
        assert!(text.contains("x<"), "{text}");
        assert!(!text.contains("hun"), "{before}: {text}");
    }
    servers.close().await;
}

/// The end of standard error is kept, and the end of that is shown: a value may be cut
/// at either.
#[tokio::test(flavor = "multi_thread")]
async fn standard_error_is_cut_without_secrets() {
    let lengths = [
        0, 1_970, 1_976, 1_982, 1_988, 1_994, 16_360, 16_366, 16_372, 20_000,
    ];
    for more in lengths {
        // A server that has ended is not started again at once.
        let servers = server("Telling");
        let script = format!(
            "try:\n    s.tell(KEY, {more})\nexcept RuntimeError as e:\n    r = str(e)\nr.replace('y' * 10, '')"
        );
        let code_mode = with_key(&servers).await;
        let outcome = code_mode.call(json!({ "code": script })).await;
        let text = outcome.text();
        assert!(text.contains("while it ran `tell`"), "{more}: {text}");
        assert!(text.contains("standard error"), "{more}: {text}");
        assert!(more > 0 || text.contains("<secret KEY>"), "{more}: {text}");
        for part in (0..SECRET.len()).filter_map(|start| SECRET.get(start..start + 4)) {
            assert!(!text.contains(part), "{more}: {text}");
        }
        servers.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "run by `logs_do_not_show_them`"]
async fn run_with_logs() {
    let logged = Logged::default();
    tracing::subscriber::set_global_default(logged.clone()).unwrap();
    let servers = with_secret("Environment");
    text(&servers, "s.environment()").await;
    text(&servers, &caught("s.fail()")).await;
    let server = over_http("Secret", &[]).await;
    let config = monty_mcp::client::ServerConfig::url(format!("{}/mcp?key=${{KEY}}", server.url));
    let config = config
        .header("X-Key", "${KEY}")
        .header("Authorization", "Bearer ${KEY}");
    let over_http = Servers::builder(configs([("s", config)]))
        .variables(|_| Some("open-sesame-please".to_owned()))
        .build()
        .unwrap();
    assert_eq!(text(&over_http, "s.secret()").await, "it is [KEY]");
    over_http.close().await;
    servers.close().await;
    let logged = logged.0.lock().unwrap();
    assert!(
        logged.contains("tools/call") || logged.contains("CallTool"),
        "nothing was logged"
    );
    for line in logged.lines() {
        assert!(
            !line.contains("hunter2") && !line.contains("sesame"),
            "{line}"
        );
    }
}
