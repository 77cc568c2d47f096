//! The committed component is the one that the sources describe.

use std::fmt::Write;

use sha2::{Digest, Sha256};
use wit_component::{DecodedWasm, WitPrinter};

use crate::support::{assert_snapshot, root};

/// A component that is older than its sources fails here, with the command
/// that mends it.
#[test]
fn component_is_not_stale() {
    let recorded = std::fs::read_to_string(root().join("host/component/inputs.sha256"))
        .expect("the hashes stand beside the component");
    let mut changed = String::new();
    for line in recorded.lines() {
        let (hash, file) = line.split_once("  ").expect("lines are `hash  file`");
        let now = std::fs::read(root().join(file)).map_or_else(
            |error| error.to_string(),
            |content| hex(&Sha256::digest(content)),
        );
        if now != hash {
            writeln!(changed, "  {file}").expect("a string takes text");
        }
    }
    let sources = walk("guest-component/src").chain(walk("wit"));
    for file in sources.filter(|file| !recorded.contains(file.as_str())) {
        writeln!(changed, "  {file} (new)").expect("a string takes text");
    }
    assert!(
        changed.is_empty(),
        "host/component/monty.wasm was built from other sources; run `just component`. Changed since:\n{changed}"
    );
}

#[test]
fn hash_of_the_component_is_its_hash() {
    let recorded = std::fs::read_to_string(root().join("host/component/monty.wasm.sha256"))
        .expect("the hash stands beside the component");
    let hash = hex(&Sha256::digest(monty_host::COMPONENT));
    assert_eq!(recorded, format!("{hash}  monty.wasm\n"));
}

fn walk(folder: &str) -> impl Iterator<Item = String> {
    let entries = std::fs::read_dir(root().join(folder)).expect("the folder is there");
    let folder = folder.to_owned();
    entries.map(move |entry| {
        let name = entry.expect("the folder can be listed").file_name();
        format!("{folder}/{}", name.to_string_lossy())
    })
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut hex, byte| {
        write!(hex, "{byte:02x}").expect("a string takes text");
        hex
    })
}

/// No import of the built component appears unnoticed.
#[test]
fn wit_of_the_component() {
    let DecodedWasm::Component(resolve, world) =
        wit_component::decode(monty_host::COMPONENT).expect("the component decodes")
    else {
        panic!("host/component/monty.wasm is not a component");
    };
    let package = resolve.worlds[world]
        .package
        .expect("the world has a package");
    // WASI's own packages are imported, not described.
    let contract: Vec<_> = resolve
        .packages
        .iter()
        .filter_map(|(id, package)| (package.name.namespace == "monty").then_some(id))
        .collect();
    let mut printer = WitPrinter::default();
    printer.emit_docs(false);
    printer
        .print(&resolve, package, &contract)
        .expect("the package prints");
    assert_snapshot!("component-wit", printer.output.to_string());
}

/// What `monty-host wit` prints is the package in `wit/`, and it parses.
#[test]
fn wit_package_parses() {
    let mut resolve = wit_parser::Resolve::default();
    resolve
        .push_str("monty-sandbox.wit", monty_host::WIT)
        .expect("the printed package parses");
    let mut printed = wit_parser::Resolve::default();
    let (package, _) = printed
        .push_path(root().join("wit"))
        .expect("the folder parses");
    assert_eq!(
        printed.packages[package].name.to_string(),
        "monty:sandbox@0.1.0"
    );
}
