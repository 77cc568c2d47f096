//! The shapes of results that servers say nothing about.

use monty_code_mode::Detail;
use monty_mcp::client::{Observed, Servers};

use crate::support::{configs, scripted, server, snapshot, stubs, text, toolbox};

#[tokio::test(flavor = "multi_thread")]
async fn shapes_are_learnt_and_merged() {
    let servers = server("Records");
    assert_eq!(servers.observed().result("s", "get"), None);
    let results = [
        "[]",
        "[{'id': 1, 'title': 'a', 'labels': []}]",
        "[{'id': 2, 'title': 'b', 'labels': ['x'], 'closed': None}, {'id': 3, 'title': 'c', 'labels': []}]",
        "[{'id': 2.5, 'title': None, 'labels': [], 'user': {'name': 'ada', 'admin': True}}]",
        "{'error': 'none'}",
        "{'user_10023': 1, 'user_20034': 2}",
        "{str(i) + ' kinds': i for i in range(100)}",
        "[[[[[[[[[[1]]]]]]]]]]",
    ];
    let mut shapes = String::new();
    for result in results {
        text(&servers, &format!("s.get({{'value': {result}}})")).await;
        shapes += &format!(
            "{result}\n  {}\n",
            servers.observed().result("s", "get").unwrap_or_default()
        );
    }
    snapshot!("shapes", shapes);
}

#[tokio::test(flavor = "multi_thread")]
async fn shapes_are_shown_and_kept_without_values() {
    let servers = server("Records");
    let before = stubs(&servers).await;
    assert!(!before.contains("observed"));
    text(
        &servers,
        "s.get({'value': [{'card': '4111-1111', 'alice@example.org': 'pin'}, {'card': 'x'}]})",
    )
    .await;
    text(
        &servers,
        "s.get({'value': [{'card': '4111-1111', 'amount': 7}]})",
    )
    .await;
    let toolbox = toolbox(&servers).await;
    let signatures = toolbox.stubs().source(&toolbox, Detail::Signature);
    snapshot!(
        "observed",
        format!("{signatures}\n{}", stubs(&servers).await)
    );

    let kept = serde_json::to_string(&servers.observed()).unwrap();
    assert!(
        !kept.contains("4111") && !kept.contains("alice") && !kept.contains("pin"),
        "{kept}"
    );
    let observed: Observed = serde_json::from_str(&kept).unwrap();
    let later = Servers::builder(configs([("s", scripted("Records"))]))
        .observed(observed.clone())
        .build()
        .unwrap();
    assert_eq!(later.observed(), observed);
    assert_eq!(stubs(&later).await, stubs(&servers).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_read_is_within_the_same_bounds() {
    let fields: Vec<_> = (0..1000)
        .map(|i| format!(r#"{{"key":"k{i}","required":true,"shape":{{}}}}"#))
        .collect();
    let deep = format!("{}{{}}{}", r#"{"list":"#.repeat(30), "}".repeat(30));
    let evil = r#"{"object":[{"key":"'\"\"\"\nimport os","required":true,"shape":{"str":true}}]}"#;
    let kept = format!(
        r#"{{"s":{{"wide":{{"object":[{}]}},"deep":{deep},"get":{evil}}}}}"#,
        fields.join(",")
    );
    let observed: Observed = serde_json::from_str(&kept).unwrap();
    let servers = Servers::builder(configs([("s", scripted("Records"))]))
        .observed(observed)
        .build()
        .unwrap();
    let stubs = stubs(&servers).await;
    assert!(
        stubs.contains("Returns (observed, not promised): dict\"\"\""),
        "{stubs}"
    );
    let bounded = servers.observed();
    assert_eq!(bounded.result("s", "wide").as_deref(), Some("dict"));
    assert_eq!(
        bounded.result("s", "deep").as_deref(),
        Some("list[list[list[list[list[list[list]]]]]]")
    );
    assert!(serde_json::to_string(&bounded).unwrap().len() < 500);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_result_that_is_promised_is_not_observed() {
    let servers = server("Normal");
    text(&servers, "s.search_issues('x')").await;
    assert!(servers.observed().is_empty());
    assert!(serde_json::from_str::<Observed>(r#"{"s":{"t":{"strs":true}}}"#).is_err());
}
