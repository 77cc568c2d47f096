//! The committed type checker matches its sources, and reaches nothing.

use std::fmt::Write as _;
use std::io::Read as _;

use sha2::{Digest as _, Sha256};
use wit_component::DecodedWasm;

use crate::support::root;

/// A checker that is older than its sources fails here, with the command that mends it.
#[test]
fn the_checker_is_not_stale() {
    let recorded = std::fs::read_to_string(root().join("crates/checker/component/inputs.sha256"))
        .expect("the hashes stand beside the component");
    let mut changed = String::new();
    for line in recorded.lines() {
        let (hash, file) = line.split_once("  ").expect("lines are `hash  file`");
        let now = std::fs::read(root().join(file)).map_or_else(
            |error| error.to_string(),
            |content| format!("{:x}", Sha256::digest(content)),
        );
        if now != hash {
            writeln!(changed, "  {file}").expect("a string takes text");
        }
    }
    for folder in ["src", "stubs", "warm-up"] {
        let folder = format!("checker-component/{folder}");
        for entry in std::fs::read_dir(root().join(&folder)).expect("the folder is there") {
            let name = entry.expect("it can be listed").file_name();
            let file = format!("{folder}/{}", name.to_string_lossy());
            if !recorded.contains(&file) {
                writeln!(changed, "  {file} (new)").expect("a string takes text");
            }
        }
    }
    assert!(
        changed.is_empty(),
        "the type checker was built from other sources; run `just checker`. Changed since:\n{changed}"
    );
}

fn component() -> Vec<u8> {
    let mut component = Vec::new();
    ruzstd::decoding::StreamingDecoder::new(monty_checker::COMPRESSED)
        .expect("it is compressed")
        .read_to_end(&mut component)
        .expect("the compressed component is whole");
    component
}

#[test]
fn the_hash_is_of_the_component() {
    let hash = format!("{:x}  checker.wasm\n", Sha256::digest(component()));
    assert_eq!(monty_checker::HASH, hash);
}

/// Hash tables get a seed. Nothing else is imported: no clock, no file, no stream.
#[test]
fn the_checker_imports_a_seed_and_nothing_else() {
    let decoded = wit_component::decode(&component()).expect("the component decodes");
    let DecodedWasm::Component(resolve, world) = decoded else {
        panic!("it is not a component");
    };
    let imports = resolve.worlds[world].imports.keys();
    let imports: Vec<_> = imports
        .map(|import| resolve.name_world_key(import))
        .collect();
    assert_eq!(imports, ["wasi:random/insecure-seed@0.2.12"]);
}

/// The licences are those of the locked dependencies.
#[test]
fn the_licences_are_not_stale() {
    let read = |path: &str| std::fs::read_to_string(root().join(path)).expect("it is there");
    let licences = read("crates/checker/component/THIRD-PARTY-LICENSES.txt");
    let locked = read("checker-component/Cargo.lock");
    let sections = licences
        .split(&format!("{}\n", "=".repeat(78)))
        .skip(1)
        .map(str::to_owned)
        .collect::<Vec<_>>();
    let mut count = 0;
    for package in sections
        .iter()
        .flat_map(|section| section.lines().take_while(|line| !line.is_empty()))
    {
        let mut words = package.split(' ');
        let (name, version) = (
            words.next().unwrap_or_default(),
            words.next().unwrap_or_default(),
        );
        let entry = format!("name = \"{name}\"\nversion = \"{version}\"\n");
        assert!(
            locked.contains(&entry),
            "{package} is not what checker-component/Cargo.lock has"
        );
        count += 1;
    }
    assert!(count > 50, "the list is too short");
    assert!(licences.contains("ty_python_semantic "));
}
