//! What a tool answers, as values.

use monty_code_mode::Outcome;

use crate::support::{caught, run, server, snapshot, texts};

#[tokio::test(flavor = "multi_thread")]
async fn each_kind_of_content() {
    let kinds = [
        "text",
        "number",
        "json",
        "list",
        "broken",
        "texts",
        "nothing",
        "no content",
        "both",
        "image",
        "text and image",
        "audio",
        "resource",
        "link",
    ];
    let scripts: Vec<_> = kinds
        .iter()
        .map(|kind| format!("s.get('{kind}')"))
        .collect();
    let scripts: Vec<_> = scripts.iter().map(String::as_str).collect();
    snapshot!("contents", texts(&server("Contents"), &scripts).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn errors_can_be_caught() {
    let scripts = ["s.get('error')", "s.get('silent')", "s.get('unheard of')"].map(caught);
    let scripts: Vec<_> = scripts.iter().map(String::as_str).collect();
    snapshot!("raised", texts(&server("Contents"), &scripts).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn attachments_pass_the_script_by() {
    let outcome: Outcome = run(
        &server("Contents"),
        "show(s.get('image'))\ns.get('link').description",
    )
    .await;
    assert_eq!(outcome.text(), "c: a file");
    let shown: Vec<_> = outcome
        .attachments
        .iter()
        .map(|one| (one.mime_type.as_str(), one.data.as_slice()))
        .collect();
    assert_eq!(shown, [("image/png", b"\x89PNG".as_slice())]);
}
