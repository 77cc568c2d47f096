//! What the model is told.

use monty_code_mode::{CodeMode, Secret, Toolbox};

use crate::support::{Effects, builder, code, code_mode, monty, snapshot};

#[tokio::test]
async fn the_definition() {
    let secret = Secret::new("MAIL_KEY", "key-123456")
        .unwrap()
        .tool("send_mail");
    let code_mode = builder(&Effects::default())
        .secret(secret)
        .build()
        .await
        .unwrap();
    let definition = code_mode.definition();
    snapshot!(
        "definition",
        format!(
            "{}\n{}\n\n{}",
            definition.name, definition.input_schema, definition.description
        )
    );
    let session = code_mode.session_definition();
    assert!(session.description.contains("Names live on"));
    assert!(!definition.description.contains("Names live on"));
}

#[tokio::test]
async fn a_small_budget_leads_to_search() {
    let small = builder(&Effects::default())
        .catalogue_tokens(90)
        .build()
        .await
        .unwrap();
    let description = &small.definition().description;
    snapshot!("partial", description.split_once("\n# ").unwrap().1);
    assert!(description.contains("search_tools"));
    let outcome = small
        .call(code(
            "print(search_tools('issues', 1))\nprint(describe_tool('tracker.search_issues'))",
        ))
        .await;
    snapshot!("found", outcome.text());
}

#[tokio::test]
async fn no_tools_at_all() {
    let code_mode = CodeMode::new(monty(), Toolbox::builder().build().unwrap())
        .await
        .unwrap();
    assert_eq!(code_mode.call(code("1 + 1")).await.text(), "2");
    assert_eq!(
        code_mode
            .call(code("search_tools('mail')"))
            .await
            .calls
            .len(),
        1
    );
}

/// Each claim of the description, by a script that relies on it.
#[tokio::test]
async fn the_account_of_python_is_true() {
    let code_mode = code_mode().await;
    let claims = [
        ("1\n2", "2"),
        (
            "try:\n    await ship(200)\nexcept ValueError as e:\n    r = str(e)\nr",
            "there is no order 200",
        ),
        ("await ship(1)", "order 1"),
        (
            "import asyncio\nawait asyncio.gather(ship(1), ship(2))",
            "['order 1', 'order 2']",
        ),
        ("send_mail('a', 'four')", "4"),
    ];
    for (script, text) in claims {
        assert_eq!(code_mode.call(code(script)).await.text(), text, "{script}");
    }
    let features = monty().capabilities().await.unwrap();
    for module in features.modules {
        let script = format!("import {}\n'imported'", module.name);
        assert_eq!(code_mode.call(code(&script)).await.text(), "imported");
    }
    for script in [
        "import requests",
        "open('/etc/passwd')",
        "class A(dict): pass",
        "def f():\n    yield 1",
    ] {
        assert!(code_mode.call(code(script)).await.is_error(), "{script}");
    }
    let first = code_mode.call(code("kept = 1")).await;
    assert_eq!(first.text(), "1");
    assert!(code_mode.call(code("kept")).await.is_error());
}
