//! Sets the size of the stack in linear memory, and takes the tables of what Monty has
//! from the interpreter's component, where a test holds them to the truth.

use std::path::PathBuf;
use std::{env, fs};

/// The stack: the checker recurses over types and syntax. Pages that nothing touches
/// cost nothing.
const STACK_BYTES: u32 = 4 * 1024 * 1024;

/// The file with the tables, and where each begins.
const CAPABILITIES: &str = "../guest-component/src/capabilities.rs";
const TABLES: [&str; 2] = ["const MODULES: ", "const BUILTINS: "];

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed={CAPABILITIES}");
    // Not in `.cargo/config.toml`, whose flags Cargo ignores when `RUSTFLAGS` is set.
    if env::var("CARGO_CFG_TARGET_FAMILY").is_ok_and(|family| family == "wasm") {
        println!("cargo::rustc-link-arg=-zstack-size={STACK_BYTES}");
    }

    let source = fs::read_to_string(CAPABILITIES).expect("the interpreter's tables are there");
    let mut features = String::new();
    for table in TABLES {
        let (_, rest) = source.split_once(table).expect("the table is there");
        let (table_source, _) = rest.split_once("\n];\n").expect("the table ends");
        features.push_str(&format!("pub {table}{table_source}\n];\n"));
    }
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets it"));
    fs::write(out.join("features.rs"), features).expect("the folder of the build is there");
}
