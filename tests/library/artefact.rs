//! The committed component matches its sources.

use std::fmt::Write;

use sha2::{Digest, Sha256};
use wit_component::{DecodedWasm, WitPrinter};
use wit_parser::{PackageId, Resolve, WorldId};

use crate::support::root;

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
    // The type checker's package is in a folder of its own.
    let wit = walk("wit").filter(|file| root().join(file).is_file());
    let sources = walk("guest-component/src").chain(wit);
    for file in sources.filter(|file| !recorded.contains(file.as_str())) {
        writeln!(changed, "  {file} (new)").expect("a string takes text");
    }
    assert!(
        changed.is_empty(),
        "host/component/monty.wasm was built from other sources; run `just component`. Changed since:\n{changed}"
    );
}

/// The licences are those of the locked dependencies.
#[test]
fn licences_of_the_component_are_not_stale() {
    let read = |path: &str| std::fs::read_to_string(root().join(path)).expect("it is there");
    let licences = read("host/component/THIRD-PARTY-LICENSES.txt");
    let locked = read("guest-component/Cargo.lock");
    let packages: Vec<_> = licences
        .split(&format!("{}\n", "=".repeat(78)))
        .skip(1)
        .flat_map(|section| section.lines().take_while(|line| !line.is_empty()))
        .collect();
    for package in &packages {
        let mut words = package.split(' ');
        let (name, version) = (words.next(), words.next());
        let entry = format!(
            "name = \"{}\"\nversion = \"{}\"\n",
            name.unwrap_or_default(),
            version.unwrap_or_default()
        );
        assert!(
            locked.contains(&entry),
            "{package} is not what guest-component/Cargo.lock has; run `just component`"
        );
    }
    for name in ["monty", "monty-types", "ruff_python_parser", "regex-syntax"] {
        let name = format!("{name} ");
        assert!(
            packages.iter().any(|package| package.starts_with(&name)),
            "{name}"
        );
    }
}

/// The file that others use, the compressed one in the programs, and the hash
/// that names compiled code.
#[test]
fn component_in_all_its_forms_is_the_same() {
    let file = |name| root().join("host/component").join(name);
    let embedded = monty_host::component().expect("the compressed component is whole");
    let whole = std::fs::read(file("monty.wasm")).expect("the component is there");
    assert!(
        embedded == whole,
        "host/component/monty.wasm.zst is not monty.wasm; run `just component`, or `zstd --ultra -22 --force monty.wasm` there"
    );
    let recorded = std::fs::read_to_string(file("monty.wasm.sha256"))
        .expect("the hash stands beside the component");
    let hash = hex(&Sha256::digest(whole));
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

/// The built component, as WIT.
fn component() -> (Resolve, WorldId) {
    let component = monty_host::component().expect("it is whole");
    match wit_component::decode(&component).expect("the component decodes") {
        DecodedWasm::Component(resolve, world) => (resolve, world),
        DecodedWasm::WitPackage(..) => panic!("host/component/monty.wasm is not a component"),
    }
}

/// The WASI imports that the component may have: time and random numbers.
const ALLOWED_OF_WASI: [&str; 4] = [
    "wasi:clocks/monotonic-clock",
    "wasi:clocks/wall-clock",
    "wasi:random/insecure-seed",
    "wasi:random/random",
];

/// A new toolchain or dependency can bring an import of WASI with it. It fails
/// here, by its name.
#[test]
fn imports_clocks_and_random_numbers_of_wasi() {
    let (resolve, world) = component();
    let refused: Vec<_> = resolve.worlds[world]
        .imports
        .keys()
        .map(|import| resolve.name_world_key(import))
        .filter(|import| {
            let (interface, _version) = import.split_once('@').unwrap_or((import, ""));
            !interface.starts_with("monty:sandbox/") && !ALLOWED_OF_WASI.contains(&interface)
        })
        .collect();
    assert!(
        refused.is_empty(),
        "the component imports {}, which nothing grants it; docs/design.md, \"What the component imports\", tells how to find what brings it in",
        refused.join(", ")
    );
}

/// What `monty-host wit --component` prints is what the component imports and
/// exports. `just bless` writes it, like a snapshot.
#[test]
fn wit_of_the_component() {
    let (resolve, world) = component();
    let main = resolve.worlds[world].package;
    let main = main.expect("the world has a package");
    let others = resolve.packages.iter().map(|(id, _)| id);
    let others: Vec<_> = others.filter(|&id| id != main).collect();
    let mut printer = WitPrinter::default();
    printer.emit_docs(false);
    printer
        .print(&resolve, main, &others)
        .expect("the package prints");
    let printed = printer.output.to_string();

    let file = root().join("host/component/monty.wit");
    if std::env::var_os("INSTA_UPDATE").is_some_and(|update| update == "always") {
        std::fs::write(&file, &printed).expect("the file can be written");
    }
    let committed = std::fs::read_to_string(&file).expect("it stands beside the component");
    assert!(
        committed == printed,
        "host/component/monty.wit is not the WIT of the component beside it; `just bless` writes it, and `git diff` shows what changed"
    );
}

/// The package in binary form, as `just wit-package` builds it: registries hold it,
/// and generators of bindings take it in place of the folder.
#[test]
fn wit_package_in_binary_form_is_complete() {
    let mut resolve = Resolve::default();
    let (package, _) = resolve
        .push_path(root().join("wit"))
        .expect("the folder parses");
    // wkg.lock says so.
    assert_eq!(resolve.packages.len(), 1, "it depends on no other package");
    let binary = wit_component::encode(&resolve, package).expect("it has a binary form");
    let decoded = match wit_component::decode(&binary).expect("it decodes") {
        DecodedWasm::WitPackage(resolve, package) => print(&resolve, package),
        DecodedWasm::Component(..) => panic!("a package is not a component"),
    };
    assert_eq!(decoded, print(&resolve, package));
    // With its documentation, and since when each part has been there.
    for part in [
        "interface external-call {",
        "/// The host's tools",
        "@since(version = 0.2.0)",
    ] {
        assert!(decoded.contains(part), "{part}\n{decoded}");
    }
}

/// A package, with its documentation.
fn print(resolve: &Resolve, package: PackageId) -> String {
    let mut printer = WitPrinter::default();
    printer
        .print(resolve, package, &[])
        .expect("the package prints");
    printer.output.to_string()
}

/// What `monty-host wit` prints is the package in `wit/`, and it parses.
#[test]
fn wit_package_parses() {
    let mut resolve = Resolve::default();
    resolve
        .push_str("monty-sandbox.wit", monty_host::WIT)
        .expect("the printed package parses");
    let mut printed = Resolve::default();
    let (package, _) = printed
        .push_path(root().join("wit"))
        .expect("the folder parses");
    assert_eq!(
        printed.packages[package].name.to_string(),
        "monty:sandbox@0.2.0"
    );
}
