//! What users of other code modes complain of, each answered by a test. The
//! numbers are those of the project's list.

use monty_code_mode::{
    Catalogue, Detail, EstimatedTokens, Namespace, ToolIndex, ToolSchema, Toolbox,
};
use serde_json::json;

use crate::support::{assert_python, echo, run, takes, tool, toolbox};

/// 2: discovery costs turns.
#[test]
fn complaint_2_a_search_within_the_script_gives_what_a_call_needs() {
    let toolbox = toolbox();
    // What fits needs no search at all: whole signatures, with their types.
    let catalogue = Catalogue::new(&toolbox).to_string();
    assert!(
        catalogue.starts_with("# COMPLETE: 12 of 12 tools"),
        "{catalogue}"
    );
    // What does not fit is said, and one search answers with signatures to call.
    let small = Catalogue::within(&toolbox, 200, &EstimatedTokens).to_string();
    assert!(
        small.starts_with("# PARTIAL: ") && small.contains("search_tools("),
        "{small}"
    );
    let found = ToolIndex::new(&toolbox)
        .search("search issues", 1)
        .to_string();
    let signature = "def search_issues(q: str, *, ";
    assert!(
        found.contains(signature) && found.contains("(TypedDict): total_count: int; "),
        "{found}"
    );
}

/// 3: `-> Any`, because the shape of results is unknown.
#[test]
fn complaint_3_results_have_the_type_of_their_schema() {
    let toolbox = toolbox();
    for tool in &toolbox {
        let has_schema = match tool.kind() {
            monty_code_mode::ToolKind::Schema(tool) => tool.schema().output_schema.is_some(),
            _ => true,
        };
        let source = toolbox.stubs().source([tool], Detail::Signature);
        assert_eq!(!source.contains("-> Any"), has_schema, "{source}");
    }
}

/// 7: the model calls the names of the catalogue as tools of its own.
#[test]
fn complaint_7_the_catalogue_says_where_its_functions_are_called() {
    let catalogue = Catalogue::new(&toolbox()).to_string();
    let heading: Vec<_> = catalogue.lines().take(2).collect();
    insta::assert_snapshot!(heading.join("\n"));
}

/// 12: names with dashes, keywords, clashes, recursive references.
#[test]
fn complaint_12_no_name_and_no_reference_loses_a_tool() {
    let tree = json!({
        "type": "object",
        "properties": { "root": { "$ref": "#/$defs/Node" } },
        "$defs": { "Node": { "type": "object", "properties": { "next": { "$ref": "#/$defs/Node" } } } },
    });
    let names = ["get-file", "get_file", "get.file", "import", "1st"];
    let tools = || names.map(|name| tool(name, json!({ "type": "object" })));
    let walk =
        echo(ToolSchema::new("walk", json!({ "type": "object" })).output_schema(tree)).unwrap();
    let toolbox = Toolbox::builder()
        .tools(tools())
        .namespace(Namespace::new("my-server").tools(tools()).tool(walk))
        .namespace(Namespace::new("class").tools(tools()))
        .build()
        .unwrap();
    let source = toolbox.stubs().source(&toolbox, Detail::Signature);
    assert_python(std::slice::from_ref(&source));
    insta::assert_snapshot!(source);
    for name in names {
        for namespace in [None, Some("my-server"), Some("class")] {
            assert!(toolbox.find_original(namespace, name).is_some());
        }
    }
    let keyword = takes(
        "f",
        json!({ "from": { "type": "string" }, "x-y": { "type": "integer" } }),
    );
    assert_eq!(
        run(&keyword, "f(from_='a', x_y=1)"),
        "{'from': 'a', 'x-y': 1}"
    );
}
