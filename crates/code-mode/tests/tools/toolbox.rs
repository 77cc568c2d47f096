//! Toolboxes read back.

use std::time::Duration;

use monty_code_mode::{Annotations, Detail, Namespace, ToolKind, ToolSchema, Toolbox};
use monty_host::{Parameter, Tool, Tools};
use serde_json::json;

use crate::support::{alone, echo, takes, tool, toolbox};

#[test]
fn tools_are_in_the_order_in_which_they_were_added() {
    let toolbox = toolbox();
    let names: Vec<_> = toolbox.iter().map(|tool| tool.get_name()).collect();
    insta::assert_snapshot!(names.join("\n"));
    assert_eq!((toolbox.len(), toolbox.is_empty()), (12, false));
    let namespaces = toolbox.namespaces().iter();
    let namespaces =
        namespaces.map(|namespace| (namespace.name.as_str(), namespace.description.as_deref()));
    let expected = [
        ("github", Some("Issues and files on GitHub")),
        ("git", None),
        ("files", Some("The user's files")),
    ];
    assert_eq!(namespaces.collect::<Vec<_>>(), expected);
}

#[test]
fn a_tool_has_its_signature_under_its_python_name() {
    let toolbox = toolbox();
    let search = toolbox.get("github.search_issues").unwrap();
    assert_eq!(
        search.get_signature().to_string(),
        "github.search_issues(q: str, *, sort: Literal['created', 'updated', 'comments'] | None = None, \
         from_: str | None = None, per_page: int = 30) -> SearchIssuesResult"
    );
    assert_eq!(
        (search.bare_name(), search.original_name()),
        ("search_issues", "search-issues")
    );
    assert_eq!(
        search.get_description(),
        Some("Finds issues in all repositories.")
    );
    assert_eq!(search.get_namespace().unwrap().original_name, "github");
    assert!(matches!(search.kind(), ToolKind::Schema(_)));
    assert!(matches!(
        toolbox.get("now").unwrap().kind(),
        ToolKind::Host(_)
    ));
    assert!(toolbox.get("search_issues").is_none() && toolbox.get("github").is_none());
}

#[test]
fn tools_of_the_host_can_be_in_a_namespace() {
    let add = Tool::new(
        "add",
        [Parameter::new("a"), Parameter::new("b").default(1).unwrap()],
        |a: i64, b: i64| a + b,
    );
    let tools = Tools::new()
        .tool(add.returns(monty_host::Type::Int))
        .function("one", (), || 1);
    let toolbox = Toolbox::builder()
        .tools(tools.iter().cloned())
        .namespace(Namespace::new("sums").tools(tools.iter().cloned()))
        .build()
        .unwrap();
    insta::assert_snapshot!(toolbox.stubs().source(&toolbox, Detail::Signature));
    let add = toolbox.get("sums.add").unwrap();
    assert_eq!(
        add.get_signature().to_string(),
        "sums.add(a: int, b: int = 1) -> int"
    );
    assert_eq!(add.original_name(), "add");
}

#[test]
fn what_is_said_of_a_tool_is_kept() {
    let read_only = Annotations::new().read_only(true);
    let listed = ToolSchema::new("f", json!({ "type": "object" })).annotations(read_only);
    let listed = echo(listed)
        .unwrap()
        .awaited()
        .timeout(Duration::from_secs(3));
    let toolbox = alone(listed.clone());
    let tool = toolbox.get("f").unwrap();
    assert_eq!(tool.get_annotations(), read_only);
    assert_eq!(
        (tool.is_awaited(), tool.get_timeout()),
        (true, Some(Duration::from_secs(3)))
    );
    assert_eq!(
        toolbox.stubs().source([tool], Detail::Signature),
        "async def f() -> Any: ...\n"
    );

    // The program knows better than the server.
    let destructive = Annotations::new().read_only(false).destructive(true);
    let told = monty_code_mode::AgentTool::from(listed).annotations(destructive);
    let toolbox = Toolbox::builder().tool(told).build().unwrap();
    assert_eq!(toolbox.get("f").unwrap().get_annotations(), destructive);
}

#[test]
fn a_title_describes_a_tool_that_nothing_else_does() {
    let schema = json!({ "name": "f", "title": "Finds it", "inputSchema": { "type": "object" } });
    let toolbox = alone(echo(serde_json::from_value(schema).unwrap()).unwrap());
    assert_eq!(
        toolbox.get("f").unwrap().get_description(),
        Some("Finds it")
    );
    let blank = tool("f", json!({ "type": "object" }));
    assert_eq!(alone(blank).get("f").unwrap().get_description(), None);
    let described = takes("f", json!({ "x": { "description": " " } }));
    assert_eq!(
        described.get_signature().get_parameters()[0].get_description(),
        None
    );
}
