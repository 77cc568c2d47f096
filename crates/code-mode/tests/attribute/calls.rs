//! Calls of functions that are tools.

use monty_code_mode::CodeMode;
use monty_host::Monty;
use serde_json::json;

use crate::support::{call, fixture};

#[tokio::test]
async fn scripts_call_functions() {
    let fixture = fixture();
    let script = "\
import asyncio
tea = [{'item': 'tea', 'count': 2}]
parcels = await asyncio.gather(
    ship('ada', tea),
    ship('bob', [{'item': 'milk'}], 'fast', note='soon', gift=True),
)
left = stock_of('tea', place='cellar')
[parcels, left, weigh('tea'), rename('type'), nothing()]";
    let outcome = call(fixture.toolbox, script).await;
    insta::assert_snapshot!(outcome.text());
    // They ran beside each other.
    let mut shipped = std::mem::take(&mut *fixture.shop.shipped.lock().unwrap());
    shipped.sort();
    assert_eq!(shipped, ["milk to bob", "tea, tea to ada"]);
    assert_eq!(*fixture.names.lock().unwrap(), ["old_type"]);
}

#[tokio::test]
async fn errors_say_what_does_not_fit() {
    let mut shown = String::new();
    for script in [
        "await ship('ada', [])",
        "await ship('ada')",
        "await ship('ada', [{'item': 'tea'}], 'slow')",
        "await ship('ada', [{'count': 2}])",
        "stock_of('tea', 'cellar')",
        "weigh(shop='ada', item='tea')",
    ] {
        let outcome = call(fixture().toolbox, script).await;
        assert!(outcome.is_error());
        shown += &format!(">>> {script}\n{}\n\n", outcome.text());
    }
    insta::assert_snapshot!(shown);
}

/// Policies go by the annotations.
#[tokio::test]
async fn what_destroys_is_not_called_unasked() {
    let fixture = fixture();
    let code_mode = CodeMode::new(&Monty::new().unwrap(), fixture.toolbox)
        .await
        .unwrap();
    let arguments = json!({ "code": "await ship('ada', [{'item': 'tea'}])" });
    let outcome = code_mode.call(arguments).await;
    assert!(outcome.is_error());
    assert!(
        outcome.text().contains("PermissionError"),
        "{}",
        outcome.text()
    );
    assert!(fixture.shop.shipped.lock().unwrap().is_empty());
}
