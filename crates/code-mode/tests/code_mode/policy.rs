//! Which calls are made.

use std::sync::Arc;
use std::time::Duration;

use monty_code_mode::{CodeMode, Middleware, Next, Policy, Rule, Toolbox, Verdict};
use monty_host::{Answer, Call, Tool, Value, async_trait};

use crate::support::{Effects, builder, code, monty, shown, snapshot};

#[tokio::test]
async fn tools_are_allowed_denied_and_limited() {
    let effects = Effects::default();
    let policy = Policy::new()
        .rule("*", Rule::new().calls(3))
        .rule("tracker.*", Rule::deny("the tracker is being moved"))
        .rule("tracker.search_issues", Rule::allow().result_bytes(1000))
        .rule(
            "send_mail",
            Rule::new().decide(
                |arguments| match arguments.get("to").and_then(Value::as_str) {
                    Some(to) if to.ends_with("@example.com") => Verdict::Allow,
                    _ => Verdict::Deny("only addresses of example.com".to_owned()),
                },
            ),
        );
    let code_mode = builder(&effects).policy(policy).build().await.unwrap();
    let scripts = [
        "tracker.close_issue(1)",
        "len(tracker.search_issues('a', limit=2))",
        "tracker.search_issues('a', limit=50)",
        "send_mail('ada@example.com', 'hi')",
        "send_mail('eve@example.org', 'hi')",
        "send_mail('eve@example.org')",
        "[len(tracker.search_issues('a', limit=n)) for n in range(1, 5)]",
        "try:\n    tracker.close_issue(1)\nexcept PermissionError as e:\n    why = str(e)\nwhy",
    ];
    let mut text = String::new();
    for script in scripts {
        let outcome = code_mode.call(code(script)).await;
        text += &format!(">>> {script}\n{}\n\n", shown(&outcome));
    }
    snapshot!("policy", text);
    assert_eq!(effects.take(), ["mailed ada@example.com: hi"]);
}

/// Without anybody to ask, what needs approval is refused.
#[tokio::test]
async fn destructive_tools_are_not_called_unasked() {
    let effects = Effects::default();
    let code_mode = builder(&effects).build().await.unwrap();
    let outcome = code_mode.call(code("tracker.close_issue(1)")).await;
    snapshot!("unasked", shown(&outcome));
    let cautious = builder(&effects)
        .policy(Policy::cautious())
        .build()
        .await
        .unwrap();
    let outcome = cautious
        .call(code("tracker.search_issues('a', limit=1)"))
        .await;
    assert!(!outcome.is_error());
    assert!(cautious.call(code("send_mail('a', 'b')")).await.is_error());
    assert_eq!(effects.take(), [""; 0]);
}

#[tokio::test]
async fn time_is_limited_by_tool() {
    let slow = Tool::new("slow", (), async || std::future::pending::<()>().await);
    let toolbox = Toolbox::builder().tool(slow).build().unwrap();
    let policy = Policy::new().rule("slow", Rule::new().timeout(Duration::from_millis(5)));
    let code_mode = CodeMode::builder(monty(), toolbox)
        .policy(policy)
        .build()
        .await
        .unwrap();
    let outcome = code_mode.call(code("slow()")).await;
    snapshot!("slow", shown(&outcome));
}

#[tokio::test]
async fn mistakes_in_rules_are_found() {
    let build = async |policy| {
        let built = builder(&Effects::default()).policy(policy).build().await;
        built.unwrap_err().to_string()
    };
    let text = [
        build(Policy::new().rule("tracker.close_isue", Rule::ask())).await,
        build(Policy::new().rule("trackr.*", Rule::ask())).await,
        build(Policy::new().rule("close-issue", Rule::ask())).await,
    ];
    snapshot!("rules", text.join("\n"));
}

/// Sees calls, answers some itself, and changes the answers of others.
struct Around(Effects, &'static str);

#[async_trait]
impl Middleware for Around {
    async fn call(&self, mut call: Call, next: Next) -> Answer {
        let name = call.name.clone();
        self.0.push(format!("{} {name}", self.1));
        if let Some(place) = call.positional.first_mut()
            && place.as_str() == Some("me")
        {
            *place = Value::from("ada");
        }
        if name == "tracker.search_issues" {
            return Ok(Some(Value::from("cached")));
        }
        let answer = next.call(call).await;
        self.0.push(format!("{} after {name}", self.1));
        answer
    }
}

#[tokio::test]
async fn middleware_is_around_every_call() {
    let effects = Effects::default();
    let code_mode = builder(&effects)
        .middleware(Around(effects.clone(), "outer"))
        .middleware(Around(effects.clone(), "inner"))
        .build()
        .await
        .unwrap();
    let script = "send_mail('me', 'hi'), await ship(1), tracker.search_issues('a')";
    let outcome = code_mode.call(code(script)).await;
    assert_eq!(outcome.text(), "(2, 'order 1', 'cached')");
    snapshot!("middleware", effects.take().join("\n"));
    // It is shared by scripts that run at the same time.
    let code_mode = Arc::new(code_mode);
    let runs: Vec<_> = (0..8)
        .map(|_| {
            let code_mode = Arc::clone(&code_mode);
            tokio::spawn(async move { code_mode.call(code("send_mail('me', 'x')")).await })
        })
        .collect();
    for run in runs {
        assert_eq!(run.await.unwrap().text(), "1");
    }
}
