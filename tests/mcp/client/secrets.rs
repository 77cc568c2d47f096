//! Values that servers get and nobody sees.

use monty_mcp::client::Servers;

use crate::support::{caught, configs, over_http, scripted, status, text};

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
