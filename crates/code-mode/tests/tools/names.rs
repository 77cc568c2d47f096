//! Safe names for tools, namespaces and parameters.

use std::collections::HashSet;

use monty_code_mode::{Namespace, Toolbox};
use monty_host::{Parameter, Tool};
use proptest::prelude::*;
use serde_json::json;

use crate::support::{alone, monty, run, takes, tool};

fn named(names: &[&str]) -> Toolbox {
    let tools = names
        .iter()
        .map(|name| tool(name, json!({ "type": "object" })));
    Toolbox::builder()
        .namespace(Namespace::new("s").tools(tools))
        .build()
        .unwrap()
}

fn python_names(toolbox: &Toolbox) -> Vec<String> {
    toolbox
        .iter()
        .map(|tool| tool.get_name().to_owned())
        .collect()
}

#[test]
fn each_name_by_the_rule() {
    let names = [
        "read-file",
        "read.file",
        "read file",
        "2fa",
        "class",
        "list",
        "größe",
        "",
        "__debug__",
        "ok_Name2",
    ];
    let shown = python_names(&named(&names)).join("\n");
    insta::assert_snapshot!(shown);
}

#[test]
fn without_a_namespace_nothing_is_hidden() {
    let empty = || json!({ "type": "object" });
    let names = ["print", "json", "search_tools", "git", "my-files"];
    let toolbox = Toolbox::builder()
        .tools(names.map(|name| tool(name, empty())))
        .namespace(Namespace::new("git").tool(tool("print", empty())))
        .namespace(Namespace::new("time").tool(tool("import", empty())))
        .namespace(Namespace::new("my_files").tool(tool("read", empty())))
        .build()
        .unwrap();
    insta::assert_snapshot!(python_names(&toolbox).join("\n"));
    assert_eq!(
        toolbox
            .find_original(Some("git"), "print")
            .unwrap()
            .get_name(),
        "git_.print"
    );
    assert_eq!(
        toolbox.find_original(None, "print").unwrap().get_name(),
        "print_"
    );
    assert_eq!(
        toolbox.get("time_.import_").unwrap().original_name(),
        "import"
    );
    assert!(toolbox.get("print").is_none());
}

#[test]
fn what_a_script_can_use_by_itself_is_taken() {
    let features = monty().capabilities_blocking().unwrap();
    let modules = features.modules.iter().map(|module| module.name.as_str());
    let taken = modules.filter(|name| !name.contains('.'));
    let taken = taken.chain(features.builtins.iter().map(String::as_str));
    for name in taken {
        let toolbox = alone(tool(name, json!({ "type": "object" })));
        let given = toolbox.iter().next().unwrap().get_name();
        assert_eq!(given, format!("{name}_"));
    }
}

#[test]
fn two_of_one_name_are_an_error() {
    let one = || Tool::new("one", (), || 1);
    let errors = [
        Toolbox::builder().tool(one()).tool(one()).build(),
        Toolbox::builder()
            .namespace(Namespace::new("a").tool(one()).tool(one()))
            .build(),
        Toolbox::builder()
            .namespace(Namespace::new("a"))
            .namespace(Namespace::new("a"))
            .build(),
        Toolbox::builder()
            .tool(Tool::new("read-file", (), || 1))
            .build(),
        Toolbox::builder()
            .tool(Tool::new("f", [Parameter::new("class")], |_: i64| 1))
            .build(),
    ];
    let shown = errors
        .map(|error| error.unwrap_err().to_string())
        .join("\n");
    insta::assert_snapshot!(shown);
}

#[test]
fn a_parameter_gets_its_argument_under_the_original_name() {
    let any = || json!({});
    let tool = takes(
        "f",
        json!({ "from": any(), "x-y": any(), "x_y": any(), "": any(), "id": any() }),
    );
    insta::assert_snapshot!(tool.get_signature());
    insta::assert_snapshot!(run(&tool, "f(from_=1, x_y=2, x_y_826d=3, _=4, id=5)"));
    let renamed = tool
        .renamed()
        .map(|(parameter, key)| (parameter.get_name(), key));
    assert_eq!(
        renamed.collect::<Vec<_>>(),
        [("from_", "from"), ("x_y_826d", "x-y"), ("_", "")]
    );
}

proptest! {
    #[test]
    fn names_are_valid_distinct_and_stay(
        originals in prop::collection::hash_set("[a-c_.\\- é0-2]{0,4}|class|list|\\PC{0,70}", 1..20),
        more in "[a-c_.\\- é0-2]{0,4}",
    ) {
        let originals: Vec<String> = originals.into_iter().collect();
        let listed: Vec<&str> = originals.iter().map(String::as_str).collect();
        let toolbox = named(&listed);
        let names = python_names(&toolbox);
        prop_assert_eq!(names.len(), originals.len());
        prop_assert_eq!(names.iter().collect::<HashSet<_>>().len(), originals.len());
        for (name, original) in names.iter().zip(&originals) {
            let bare = name.strip_prefix("s.").unwrap();
            prop_assert!(monty_host::Signature::new(bare, ["p"]).is_ok(), "{}", bare);
            prop_assert!(bare.is_ascii() && bare != "__debug__");
            let found = toolbox.find_original(Some("s"), original).unwrap();
            prop_assert_eq!(found.get_name(), name);
            prop_assert_eq!(toolbox.get(name).unwrap().original_name(), original);
        }
        // One more changes no name, unless it is called as another is named.
        let is_new = !originals.contains(&more) && !names.contains(&format!("s.{more}"));
        if is_new {
            let after = python_names(&named(&[listed.as_slice(), &[more.as_str()]].concat()));
            prop_assert_eq!(&names[..], &after[..names.len()]);
        }
    }
}
