//! Tools as Python source.

use monty_code_mode::{AgentTool, Detail, Namespace, ToolSchema, Toolbox};
use monty_host::{Field, Parameter, Record, Tool, Type};
use serde_json::json;

use crate::support::{assert_python, echo, full, toolbox};

fn source(toolbox: &Toolbox, detail: Detail) -> String {
    let source = toolbox.stubs().source(toolbox, detail);
    assert_python(std::slice::from_ref(&source));
    source
}

#[test]
fn servers_in_full() {
    insta::assert_snapshot!(source(&toolbox(), Detail::Full));
}

#[test]
fn servers_as_signatures() {
    insta::assert_snapshot!(source(&toolbox(), Detail::Signature));
}

#[test]
fn typed_closures() {
    let order = Record::new("Order")
        .field("id", Type::Int)
        .with(Field::new("placed", Type::DateTime).description("In UTC"))
        .with(Field::new("parent", Type::optional(Type::Enclosing("Order".into()))).optional());
    let find = Tool::new(
        "find_orders",
        [
            Parameter::new("customer").description("A name or a number"),
            Parameter::from("*states"),
            Parameter::from("**filters"),
        ],
        |customer: String, _: Vec<String>, _: std::collections::BTreeMap<String, i64>| customer,
    );
    let find = find
        .description("Finds orders.")
        .returns(Type::list(order))
        .awaited();
    let toolbox = Toolbox::builder().tool(find).build().unwrap();
    insta::assert_snapshot!(source(&toolbox, Detail::Full));
}

/// A tool that returns an object of a title.
fn returning(name: &str, title: &str, key: &str) -> monty_code_mode::SchemaTool {
    let result =
        json!({ "type": "object", "title": title, "properties": { key: { "type": "string" } } });
    echo(ToolSchema::new(name, json!({ "type": "object" })).output_schema(result)).unwrap()
}

#[test]
fn the_name_of_a_type_is_its_own() {
    let toolbox = Toolbox::builder()
        .tool(returning("a", "Page", "url"))
        .tool(returning("b", "Page", "url"))
        .tool(returning("Issue", "Issue", "id"))
        .namespace(
            Namespace::new("s")
                .tool(returning("c", "Page", "text"))
                .tool(returning("d", "list", "x")),
        )
        .build()
        .unwrap();
    insta::assert_snapshot!(source(&toolbox, Detail::Signature));
}

#[test]
fn records_that_are_written_out_differently_are_one() {
    let issue = |author: Type| Record::new("Issue").field("author", author);
    let user = |issues: Type| Record::new("User").field("issues", Type::list(issues));
    let issue_first: Type = issue(user(Type::Enclosing("Issue".into())).into()).into();
    let user_first: Type = user(issue(Type::Enclosing("User".into())).into()).into();
    let tool = |name: &str, returns: Type| Tool::new(name, (), || 1).returns(returns);
    let toolbox = Toolbox::builder()
        .tool(tool("get_issue", issue_first))
        .tool(tool("get_user", user_first))
        .tool(tool("get_nothing", Type::Enclosing("Nobody".into())))
        .build()
        .unwrap();
    insta::assert_snapshot!(source(&toolbox, Detail::Signature));
}

#[test]
fn the_order_of_tools_does_not_change_their_types() {
    let tools = || {
        [
            returning("a", "Page", "url"),
            returning("b", "Page", "text"),
            returning("c", "Page", "html"),
        ]
    };
    let toolbox = Toolbox::builder().tools(tools()).build().unwrap();
    let reversed = Toolbox::builder()
        .tools(tools().into_iter().rev())
        .build()
        .unwrap();
    for tool in &toolbox {
        let other = reversed.get(tool.get_name()).unwrap();
        assert_eq!(
            toolbox.stubs().source([tool], Detail::Full),
            reversed.stubs().source([other], Detail::Full)
        );
    }
}

#[test]
fn foreign_text_stays_text() {
    let text = "He said \"\"\"hi\"\"\"\"\n\"\"\"\nimport os\\\n\\N{no} \\x \u{202e}evil\u{200b} \0\r\n\ttab\u{e0041}\u{2028}\"";
    let schema = ToolSchema::new(
        "f\"\"\"\nprint('x')",
        json!({
            "type": "object",
            "properties": {
                "x\n\"\"\"": { "type": "string", "description": text },
                "y": { "type": "object", "title": "T\n#", "properties": {
                    "k": { "enum": [text, "'", "\""], "description": text },
                    text: { "type": "integer", "description": text },
                } },
            },
        }),
    );
    let long = "x".repeat(3_000);
    insta::assert_snapshot!(
        "hostile-text",
        full(echo(schema.description(text)).unwrap())
    );
    let long =
        echo(ToolSchema::new("long", json!({ "type": "object" })).description(long)).unwrap();
    assert!(full(long).contains("… (1000 more characters)"));
}

#[test]
fn what_was_observed_is_no_promise() {
    let get = echo(ToolSchema::new("get", json!({ "type": "object" }))).unwrap();
    let evil = "list[int]\n\"\"\"\nimport os  # \u{202e}";
    let get = AgentTool::from(get).observed_result(evil);
    let list = Tool::new("items", (), || vec![1]).description("Lists items");
    let list = AgentTool::from(list).observed_result("list[{'id': int}]");
    let toolbox = Toolbox::builder().tool(get).tool(list).build().unwrap();
    insta::assert_snapshot!(
        "observed",
        format!(
            "{}\n{}",
            source(&toolbox, Detail::Signature),
            source(&toolbox, Detail::Full)
        )
    );
}
