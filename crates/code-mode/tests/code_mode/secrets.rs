//! Secrets: used by scripts, never seen by them.

use monty_code_mode::{CodeMode, Secret, Toolbox, without_secrets};
use monty_host::{BoundArguments, Call, Signature, Tool, ToolError, Value};

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

/// What a script passes beside a secret comes back as it was, a part of the value or
/// not: if it were hidden, the script could find the value out by guessing.
#[tokio::test]
async fn guesses_beside_a_secret_tell_nothing() {
    let echo = Tool::new("echo", ["token", "texts"], |_: String, texts: Value| texts);
    let fail = Tool::new("fail", ["token", "text"], |_: String, text: String| {
        Err::<(), _>(ToolError::value_error(format_args!("no {text}, no {text}")))
    });
    let toolbox = Toolbox::builder().tool(echo).tool(fail).build().unwrap();
    let secret = Secret::new("API_KEY", VALUE).unwrap();
    let secret = secret.parameter("echo", "token").parameter("fail", "token");
    let code_mode = CodeMode::builder(monty(), toolbox)
        .secret(secret)
        .build()
        .await
        .unwrap();
    let script = "def told(text):
    try:
        fail(API_KEY, text)
    except ValueError as e:
        return str(e)

value = '[VALUE]'
guesses = [value[:n] for n in range(1, len(value))] + [value[n:] for n in range(1, len(value))]
assert echo(API_KEY, guesses) == guesses
assert [told(guess) for guess in guesses] == [f'no {guess}, no {guess}' for guess in guesses]
(echo(API_KEY, value), told(value))";
    let outcome = code_mode
        .call(code(&script.replace("[VALUE]", VALUE)))
        .await;
    assert!(
        outcome
            .text()
            .contains("('<secret API_KEY>', 'no <secret API_KEY>, no <secret API_KEY>')"),
        "{}",
        outcome.text()
    );
}

/// A tool that cuts what it tells takes the values out first, wherever it does that.
#[tokio::test]
async fn tools_hide_values_before_they_cut() {
    fn start(text: &str) -> String {
        without_secrets(text).chars().take(12).collect()
    }
    let now = Tool::new("now", ["key"], |key: String| {
        Err::<(), _>(ToolError::value_error(start(&format!("no {key}"))))
    });
    let later = Tool::new("later", ["key"], async |key: String| {
        tokio::task::yield_now().await;
        start(&format!("no {key}"))
    })
    .awaited();
    let toolbox = Toolbox::builder().tool(now).tool(later).build().unwrap();
    let secret = Secret::new("K", VALUE).unwrap().tool("*");
    let code_mode = CodeMode::builder(monty(), toolbox)
        .secret(secret)
        .build()
        .await
        .unwrap();
    let script = "try:
    now(K)
except ValueError as e:
    r = str(e)
[r, await later(K), await later('x')]";
    let outcome = code_mode.call(code(script)).await;
    let text = outcome.text();
    assert!(
        text.contains("['no <secret K', 'no <secret K', 'no x']"),
        "{text}"
    );
    assert_eq!(without_secrets(VALUE), VALUE, "no call is under way");
}

#[tokio::test]
async fn what_collects_arguments_is_a_parameter() {
    let signature = Signature::new("send", ["to", "*rest", "**more"]).unwrap();
    let send = Tool::from_signature(signature, |_: BoundArguments| "sent");
    let toolbox = Toolbox::builder().tool(send).build().unwrap();
    let build = async |parameter: &str| {
        let secret = Secret::new("K", VALUE).unwrap();
        CodeMode::builder(monty(), toolbox.clone())
            .secret(secret.parameter("send", parameter))
            .build()
            .await
            .unwrap()
    };
    let mut text = String::new();
    for parameter in ["rest", "more", "b"] {
        let code_mode = build(parameter).await;
        for script in ["send(K)", "send(1, K)", "send(1, a=K)", "send(1, b=[K])"] {
            let outcome = code_mode.call(code(script)).await;
            let last = outcome.text().lines().last().unwrap_or_default().to_owned();
            text += &format!("{parameter}: {script}: {last}\n");
        }
    }
    snapshot!("secrets_collected", text);
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
