//! Each component has the world it claims.

use monty_compositions::{check_fits, imports_of, open_imports};

use crate::support::{assert_snapshot, bytes, components, root};

/// Checks a component against a world of `monty:sandbox` or `monty:adapters`.
fn check(component: &str, world: &str) -> Result<(), String> {
    let sandbox = root().join("wit");
    let adapters = root().join("adapters/wit");
    let folders = match world {
        "print-stdio" | "policy" | "runner" => vec![&*sandbox, &*adapters],
        _ => vec![&*sandbox],
    };
    check_fits(&bytes(component), &folders, world).map_err(|error| format!("{error:#}"))
}

#[test]
fn components_fit_their_worlds() {
    for (component, world) in [
        ("interpreter", "sandbox"),
        ("print-stdio", "print-stdio"),
        ("os-wasi", "system"),
        ("os-deny", "system"),
        ("external-deny", "tools"),
        ("policy", "policy"),
        ("cli", "runner"),
        ("http", "runner"),
    ] {
        assert_eq!(check(component, world), Ok(()), "{component}");
    }
}

#[test]
fn what_does_not_fit_is_named() {
    assert_snapshot!(
        "misfits",
        format!(
            "{}\n{}",
            check("external-deny", "system").unwrap_err(),
            check("policy", "tools").unwrap_err(),
        )
    );
}

#[test]
fn the_deniers_reach_no_files_and_no_network() {
    for component in ["external-deny", "os-deny"] {
        let reached: Vec<String> = imports_of(&bytes(component))
            .expect("it is a component")
            .into_iter()
            .filter(|name| {
                ["filesystem", "random", "sockets", "http"]
                    .iter()
                    .any(|package| name.starts_with(&format!("wasi:{package}/")))
            })
            .collect();
        assert!(reached.is_empty(), "{component} imports {reached:?}");
    }
}

#[test]
fn an_import_left_open_is_an_error() {
    let folder = crate::support::directory();
    let document = folder.path().join("open.wac");
    let text = "package monty:open;\nexport new monty:interpreter { ... }...;\n";
    std::fs::write(&document, text).expect("the document is written");
    let error = monty_compositions::compose(&document, &components()).unwrap_err();
    assert_snapshot!(
        "open-imports",
        error
            .to_string()
            .replace(&*folder.path().to_string_lossy(), "")
    );
}

#[test]
fn errors_of_a_document_show_their_place() {
    let folder = crate::support::directory();
    let path = folder.path().join("document.wac");
    let text: String = [
        "package monty:open;\nlet x = new monty:nowhere { ... };\nexport x...;\n",
        "package monty:open;\nlet x = new monty:cli { é ... };\n",
        "package monty:open;\n\nlet print = new monty:print-stdio { ... };\n\
         let cli = new monty:cli { interpreter: print.print, ... };\nexport cli...;\n",
        "package monty:open;\nexport nothing...;",
        "package monty:open;\nlet cli = new monty:cli { };\n",
        "package monty:open;\nlet p = (new monty:print-stdio { ... }).prints;\n",
        "package monty:open;\nlet no = new test:none { ... };\n",
        "",
    ]
    .into_iter()
    .map(|document| {
        std::fs::write(&path, document).expect("the document is written");
        let error = monty_compositions::compose(&path, &components()).unwrap_err();
        format!("{error:#}\n\n")
    })
    .collect();
    assert_snapshot!(
        "errors",
        text.replace(&*folder.path().to_string_lossy(), "")
            .replace(&*components().to_string_lossy(), "components")
    );
}

#[test]
fn the_composition_tool_has_help_and_says_what_is_wrong() {
    let ran = |arguments: &[&str]| {
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_monty-compositions"))
            .args(arguments)
            .output()
            .expect("it starts");
        format!(
            "$ monty-compositions {}\n{}{}exit code {}\n\n",
            arguments.join(" "),
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr),
            output.status.code().unwrap_or(-1)
        )
    };
    let text: String = [
        &["--help"][..],
        &["a.wac"],
        &["--quiet", "a.wac", "components", "out.wasm"],
        &["none.wac", "components", "out.wasm"],
    ]
    .into_iter()
    .map(ran)
    .collect();
    let folder = crate::support::directory();
    let folder = folder.path().to_string_lossy().into_owned();
    let output = format!("{folder}/no/such/out.wasm");
    let components = components().to_string_lossy().into_owned();
    let document = root().join("compositions/monty-cli.wac");
    let document = document.to_string_lossy().into_owned();
    let text = text
        + &ran(&[&document, &components, &output])
        + &ran(&[&document, &folder, &output])
        + &ran(&[&folder, &components, &output]);
    let repository = root().to_string_lossy().into_owned();
    let text = text.replace(&folder, "FOLDER").replace(&repository, "");
    assert_snapshot!("tool", text);
}

#[test]
fn the_compositions_are_closed() {
    for name in ["monty-cli", "monty-http", "monty-interpreter"] {
        let document = root().join(format!("compositions/{name}.wac"));
        let composed = monty_compositions::compose(&document, &components()).expect("it composes");
        assert_eq!(
            open_imports(&composed).expect("it is a component"),
            Vec::<String>::new()
        );
    }
}
