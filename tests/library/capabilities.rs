//! The features that the interpreter lists exist.

use monty_host::{FeatureSet, ModuleNames, Monty};

use crate::support::{assert_snapshot, monty, repr, run};

fn capabilities() -> FeatureSet {
    let monty: &Monty = monty();
    monty
        .capabilities_blocking()
        .expect("the interpreter answers")
}

#[test]
fn text_for_a_prompt() {
    assert_snapshot!("capabilities", capabilities().to_string());
}

#[test]
fn every_name_can_be_imported() {
    for ModuleNames {
        name: module,
        names,
        ..
    } in capabilities().modules
    {
        let names = names.join(", ");
        let source = format!("import {module}\nfrom {module} import {names}\n'here'");
        let result = run(&source);
        // A name that asks the host when it is read exists too.
        let asked = result.as_ref().is_err_and(|error| {
            error.summary() == "RuntimeError: 'os.environ' is not supported in this environment"
        });
        assert!(
            result.is_ok() || asked,
            "{module}: {}",
            result.expect_err("not imported")
        );
    }
}

#[test]
fn every_builtin_is_a_name() {
    let names = capabilities().builtins.join(", ");
    assert_eq!(repr(&format!("[{names}]\n'here'")), "'here'");
}

#[test]
fn unsupported_syntax_is_refused() {
    let sources = [
        "class A(B): pass",
        "class A:\n    @property\n    def p(self): pass",
        "class A:\n    print(1)",
        "def f():\n    yield",
        "del x",
        "async def f():\n    async with a: pass",
        "try:\n    pass\nexcept* E:\n    pass",
        "from math import *",
        "type X = int",
        "t'x'",
        "a @= b",
    ];
    let listed = capabilities().unsupported_syntax;
    // The last one shows when a script gets there: `tools.rs` tests it.
    assert_eq!(listed.len(), sources.len() + 1, "{listed:?}");
    for source in sources {
        let error = run(source).expect_err(source);
        assert_eq!(error.kind(), monty_host::ErrorKind::Source, "{source}");
    }
}
