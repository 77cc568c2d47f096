//! What a model sees of a function.

use std::time::Duration;

use monty_code_mode::{Annotations, Detail, Toolbox, tool};
use serde::{Serialize, Serializer};

use crate::support::{Line, Speed, fixture, ship, stock, weigh};

#[test]
fn a_stub_shows_the_documentation_and_the_types() {
    let toolbox = fixture().toolbox;
    insta::assert_snapshot!(toolbox.stubs().source(&toolbox, Detail::Full));
}

#[test]
fn options_are_those_of_the_tool() {
    let fixture = fixture();
    let tool = |name| fixture.toolbox.get(name).unwrap();
    let shipping = tool("ship");
    assert!(shipping.is_awaited());
    assert_eq!(shipping.get_timeout(), Some(Duration::from_secs(2)));
    let expected = Annotations::new().destructive(true).open_world(false);
    assert_eq!(shipping.get_annotations(), expected);
    let reading = Annotations::new().read_only(true);
    assert_eq!(tool("stock_of").get_annotations(), reading);
    assert!(!tool("stock_of").is_awaited());
    assert_eq!(tool("stock_of").get_timeout(), None);
    assert_eq!(tool("weigh").get_description(), None);
}

/// The function is still a function, and a type stands beside it.
#[tokio::test]
async fn functions_stay_as_they_were() {
    let shop = crate::support::Shop::default();
    let lines: Vec<Line> = serde_json::from_str(r#"[{ "item": "tea" }]"#).unwrap();
    let parcel = ship(
        &shop,
        "ada".to_owned(),
        lines,
        Speed::Fast,
        String::new(),
        None,
    )
    .await;
    assert!(parcel.is_ok());
    assert!(stock("tea".to_owned(), None).is_some());
    assert_eq!(weigh::tool().get_name(), "weigh");
}

/// Where a module could not see what it needs.
#[test]
fn a_function_in_a_body_is_a_tool() {
    struct Local(u64);

    /// Adds to what is there.
    #[tool]
    fn add(
        #[tool(context)] local: &Local,
        description: u64,
        #[tool(default = 2)] tool: u64,
    ) -> u64 {
        local.0 + description + tool
    }
    let tool = add::tool(Local(1));
    assert_eq!(
        tool.get_signature().to_string(),
        "add(description: int, tool: int = 2) -> int"
    );
}

/// What serde cannot write.
#[derive(serde::Deserialize)]
struct Odd;

impl Serialize for Odd {
    fn serialize<S: Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
        Err(serde::ser::Error::custom("odd"))
    }
}

#[tool]
fn odd(#[tool(default = Odd)] odd: Odd) {
    let _ = odd;
}

#[test]
fn a_toolbox_refuses_a_default_that_python_cannot_have() {
    let error = Toolbox::builder().tool(odd::tool()).build().unwrap_err();
    assert_eq!(
        error.to_string(),
        "the tool `odd`: the default of `odd`: odd"
    );
}

/// A schema as nobody should write it.
#[derive(Serialize)]
struct Wrong;

impl schemars::JsonSchema for Wrong {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Wrong".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "object", "properties": 3 })
    }
}

#[tool]
fn wrong() -> Result<Wrong, monty_host::ToolError> {
    Ok(Wrong)
}

#[test]
fn a_toolbox_refuses_a_result_whose_schema_is_wrong() {
    let error = Toolbox::builder().tool(wrong::tool()).build().unwrap_err();
    insta::assert_snapshot!(error, @r#"the tool `wrong`: outputSchema#/properties: not a JSON Schema: 3 is not of type "object""#);
}
