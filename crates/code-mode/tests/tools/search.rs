//! Search, documentation, and the tool that a wrong name meant.

use monty_code_mode::{AgentTool, Namespace, ToolIndex, ToolSchema, Toolbox};
use serde_json::json;

use crate::support::{assert_python, echo, tool, toolbox};

fn names(tools: &[&AgentTool]) -> String {
    let names: Vec<_> = tools.iter().map(|tool| tool.get_name()).collect();
    names.join(", ")
}

#[test]
fn tools_are_found_by_what_they_do() {
    let toolbox = toolbox();
    let index = ToolIndex::new(&toolbox);
    let queries = [
        "open an issue",
        "issues",
        "search-issues",
        "commit history logs",
        "rename a file",
        "directory",
        "headlines",
        "ISO 8601",
        "readTextFile",
        "github",
        "first lines of a text file",
        "serach issues",
        "xyzzy",
        "",
        "  ?! ",
        "\u{202e}\0",
        "文件",
    ];
    let shown =
        queries.map(|query| format!("{query:?}: {}", names(index.search(query, 3).tools())));
    insta::assert_snapshot!(shown.join("\n"));
    assert_eq!(index.search("file", 0).tools().len(), 0);
    assert_eq!(
        index.search("file", 1).total(),
        index.search("file", 100).tools().len()
    );
    let long = "file ".repeat(100_000);
    assert_eq!(
        names(index.search(&long, 1).tools()),
        names(index.search("file", 1).tools())
    );
}

#[test]
fn a_tool_called_as_the_query_is_first() {
    let described = |name: &str, description: &str| {
        let schema = ToolSchema::new(name, json!({ "type": "object" })).description(description);
        echo(schema).unwrap()
    };
    let others = ["FindEvents", "find-find-restaurants", "find_flights"];
    let toolbox = others
        .into_iter()
        .fold(Toolbox::builder(), |builder, name| {
            builder.tool(described(name, "Find, find and find again"))
        });
    let long = "Looks for files and folders below a path, by a part of their name";
    let toolbox = toolbox.tool(described("find", long)).build().unwrap();
    let index = ToolIndex::new(&toolbox);
    assert_eq!(names(index.search("find", 1).tools()), "find");
    assert_eq!(names(index.search("Find!", 1).tools()), "find");
    assert_eq!(names(index.search("find events", 1).tools()), "FindEvents");
}

#[test]
fn found_tools_are_ready_to_call() {
    let index = ToolIndex::new(&toolbox());
    let found = index.search("issues", 2).to_string();
    assert_python(std::slice::from_ref(&found));
    insta::assert_snapshot!(found);
}

#[test]
fn a_tool_is_described_by_either_name() {
    let index = ToolIndex::new(&toolbox());
    let described = index.describe("github.search_issues").unwrap();
    assert_eq!(
        index.describe("github.search-issues").as_ref(),
        Some(&described)
    );
    assert_python(std::slice::from_ref(&described));
    insta::assert_snapshot!("described", described);
    insta::assert_snapshot!("described-namespace", index.describe("git").unwrap());
    assert_eq!(index.describe("search_issues"), None);
    assert_eq!(index.describe(""), None);
}

#[test]
fn names_that_are_nearly_right() {
    let index = ToolIndex::new(&toolbox());
    let wrong = [
        "search_issues",
        "github.search_issue",
        "searchIssues",
        "github_search_issues",
        "GitHub.Search-Issues",
        "files.read_file",
        "read_text_flie",
        "git.status",
        "status",
        "delete_everything",
        "now2",
        "",
        "…",
    ];
    let shown = wrong.map(|name| format!("{name:?}: {}", names(&index.nearest(name))));
    insta::assert_snapshot!(shown.join("\n"));
    assert!(index.nearest(&"x".repeat(1_000_000)).is_empty());
}

#[test]
fn a_bare_name_is_found_in_each_namespace() {
    let toolbox = ["a", "b", "c", "d"]
        .into_iter()
        .fold(Toolbox::builder(), |builder, name| {
            builder
                .namespace(Namespace::new(name).tool(tool("get-file", json!({ "type": "object" }))))
        });
    let index = ToolIndex::new(&toolbox.build().unwrap());
    assert_eq!(
        names(&index.nearest("get_file")),
        "a.get_file, b.get_file, c.get_file"
    );
}
