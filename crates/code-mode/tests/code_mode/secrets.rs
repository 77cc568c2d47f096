//! Secrets: used by scripts, never seen by them.

use monty_code_mode::{CodeMode, Secret, Toolbox};
use monty_host::{Call, Tool, ToolError, Value};

use crate::support::{Effects, code, monty, shown, snapshot};

const VALUE: &str = "s3cr3t-value";

fn toolbox(effects: &Effects) -> Toolbox {
    let done = effects.clone();
    let fetch = Tool::new(
        "fetch",
        ["url", "headers"],
        move |url: String, headers: Option<Value>| {
            done.push(format!("{url} {}", headers.unwrap_or(Value::None)));
            if url.contains("fail") {
                return Err(ToolError::value_error(format!("refused: key {VALUE}")));
            }
            Ok(Value::dict([
                ("echo", Value::from(format!("{url} with {VALUE}"))),
                ("bytes", Value::bytes(format!("<{VALUE}>").into_bytes())),
                (VALUE, Value::tuple([Value::path(format!("/{VALUE}"))])),
                ("other", Value::from(1)),
            ]))
        },
    );
    let done = effects.clone();
    let log = Tool::dynamic("log", move |call: Call| {
        done.push(format!("{:?}", call.positional));
    });
    Toolbox::builder().tool(fetch).tool(log).build().unwrap()
}

async fn with_secret(effects: &Effects) -> CodeMode {
    let secret = Secret::new("API_KEY", VALUE)
        .unwrap()
        .parameter("fetch", "headers");
    CodeMode::builder(monty(), toolbox(effects))
        .secret(secret)
        .build()
        .await
        .unwrap()
}

#[tokio::test]
async fn the_value_goes_in_and_never_comes_out() {
    let effects = Effects::default();
    let code_mode = with_secret(&effects).await;
    let scripts = [
        "API_KEY",
        "fetch('a', {'Authorization': f'Bearer {API_KEY}', 'X': [API_KEY, 1]})",
        "fetch('a', headers=('x', API_KEY))['echo'][-12:]",
        "print(fetch('a'))",
        "fetch('fail')",
        "try:\n    fetch('fail')\nexcept ValueError as e:\n    r = str(e)\nr",
        "len(API_KEY)",
    ];
    let mut text = String::new();
    for script in scripts {
        let outcome = code_mode.call(code(script)).await;
        assert!(!format!("{outcome:?}").contains(VALUE), "{script}");
        text += &format!(">>> {script}\n{}\n\n", shown(&outcome));
    }
    snapshot!("secrets", text);
    let done = effects.take();
    assert_eq!(
        done[0],
        format!("a {{'Authorization': 'Bearer {VALUE}', 'X': ['{VALUE}', 1]}}")
    );
    assert_eq!(done[1], format!("a ('x', '{VALUE}')"));
}

#[tokio::test]
async fn other_tools_and_parameters_refuse_it() {
    let effects = Effects::default();
    let code_mode = with_secret(&effects).await;
    let scripts = [
        "fetch(API_KEY)",
        "fetch('http://example.com/?key=' + API_KEY)",
        "log({'a': [API_KEY]})",
        "log('<secret API_KEY>')",
    ];
    let mut text = String::new();
    for script in scripts {
        let outcome = code_mode.call(code(script)).await;
        assert!(outcome.is_error());
        text += &format!(">>> {script}\n{}\n\n", shown(&outcome));
    }
    snapshot!("refused_secrets", text);
    assert_eq!(effects.take(), [""; 0]);
}

/// An object held many times is looked at once.
#[tokio::test]
async fn shared_objects_cost_nothing_extra() {
    let effects = Effects::default();
    let code_mode = with_secret(&effects).await;
    let script = "x = [API_KEY]\nfor _ in range(25):\n    x = [x, x]\ntry:\n    fetch('a', x)\nexcept Exception as e:\n    r = type(e).__name__\nr";
    let started = std::time::Instant::now();
    let outcome = code_mode.call(code(script)).await;
    assert!(started.elapsed().as_secs() < 20, "{}", outcome.text());
}

#[tokio::test]
async fn mistakes_are_found() {
    let build = async |secret: Secret| {
        let toolbox = toolbox(&Effects::default());
        let built = CodeMode::builder(monty(), toolbox)
            .secret(secret)
            .build()
            .await;
        built.unwrap_err().to_string()
    };
    let secret = |name: &str| Secret::new(name, VALUE);
    let text = [
        secret("api-key").unwrap_err().to_string(),
        secret("a.b").unwrap_err().to_string(),
        Secret::new("SHORT", "1234").unwrap_err().to_string(),
        build(secret("fetch").unwrap()).await,
        build(secret("KEY").unwrap().tool("fetsh")).await,
        build(secret("KEY").unwrap().parameter("fetsh", "url")).await,
        build(secret("KEY").unwrap().parameter("fetch", "ulr")).await,
    ];
    snapshot!("secret_mistakes", text.join("\n"));
}
