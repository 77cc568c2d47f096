//! Each component has the world that it says it has.

use monty_compositions::{check_fits, imports_of, open_imports};

use crate::support::{assert_snapshot, bytes, components, root};

fn check(component: &str, world: &str) -> Result<(), String> {
    let sandbox = root().join("wit");
    let adapters = root().join("adapters/wit");
    let folders = match component {
        "interpreter" => vec![&*sandbox],
        _ => vec![&*sandbox, &*adapters],
    };
    check_fits(&bytes(component), &folders, world).map_err(|error| format!("{error:#}"))
}

#[test]
fn components_fit_their_worlds() {
    for (component, world) in [
        ("interpreter", "sandbox"),
        ("print-stdio", "print-stdio"),
        ("os-wasi", "os-wasi"),
        ("os-deny", "os-deny"),
        ("external-deny", "external-deny"),
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
        "adapters-misfits",
        format!(
            "{}\n{}",
            check("external-deny", "os-wasi").unwrap_err(),
            check("policy", "external-deny").unwrap_err(),
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
        "adapters-open-imports",
        error
            .to_string()
            .replace(&*folder.path().to_string_lossy(), "")
    );
}

#[test]
fn what_does_not_exist_is_an_error_with_its_place() {
    let folder = crate::support::directory();
    let document = folder.path().join("unknown.wac");
    let text = "package monty:open;\nlet x = new monty:nowhere { ... };\nexport x...;\n";
    std::fs::write(&document, text).expect("the document is written");
    let error = monty_compositions::compose(&document, &components()).unwrap_err();
    let text = error.to_string();
    assert!(text.contains("monty:nowhere"), "{text}");
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
