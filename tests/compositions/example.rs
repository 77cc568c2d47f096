//! `examples/compose`: a user's tools behind the policy.

use crate::support::{assert_snapshot, compiled, components, mount_read_only, root, run};
use monty_compositions::{check_fits, compose};

#[test]
fn the_script_of_the_example_calls_its_tools() {
    let folder = root().join("examples/compose");
    let composed = compose(&folder.join("command.wac"), &components()).expect("it composes");
    let component = compiled(&composed);
    let ran = |budget: &str| {
        run(&component, |wasi| {
            mount_read_only(wasi, &folder, ".");
            wasi.env("MONTY_ALLOW", "convert,RATES_OF");
            wasi.env("MONTY_BUDGET", budget);
            wasi.args(&["monty-cli.wasm", "script.py"]);
        })
        .to_string()
    };
    assert_snapshot!("compose", ran("convert=4"));
    assert_snapshot!("compose-budget", ran("convert=2"));
}

#[test]
fn the_tools_fit_their_world() {
    let component = components().join("example/tools.wasm");
    let component = std::fs::read(component).expect("the tools are built");
    check_fits(&component, &[&root().join("wit")], "tools").expect("they fit");
}
