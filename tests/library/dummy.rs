//! Components written by hand, of the interpreter's world or one like it.

use std::collections::HashMap;

use wit_component::{ComponentEncoder, StringEncoding, dummy_module, embed_component_metadata};
use wit_parser::{LiftLowerAbi, ManglingAndAbi, Resolve};

/// The end of a body whose export returns where `result` points: zeros, unless
/// something was stored there.
pub const RETURNS: &str = "i32.const 65536 return";

/// A component of the last world of some WIT packages. Its exports trap, but
/// for those that get a body of the text format, in which `$name` is the
/// function imported under that name.
///
/// All lists and texts that it gets stand at 1024, one over the other.
pub fn component(packages: &[&str], world: &str, bodies: &[(&str, &str)]) -> Vec<u8> {
    let mut resolve = Resolve::default();
    let mut last = None;
    for package in packages {
        last = Some(resolve.push_str("package.wit", package).expect("valid WIT"));
    }
    let world = resolve
        .select_world(&[last.expect("a package")], Some(world))
        .expect("it is there");
    let abi = ManglingAndAbi::Legacy(LiftLowerAbi::Sync);
    let module = dummy_module(&resolve, world, abi);
    let mut text = wasmprinter::print_bytes(module).expect("it has a text form");
    let imports = imports(&text);
    for (export, body) in bodies {
        let words = body.split_whitespace().map(|word| match word {
            import if import.starts_with('$') => imports[&import[1..]].as_str(),
            word => word,
        });
        let body = words.collect::<Vec<_>>().join(" ");
        text = with_body(&text, export, &body);
    }
    let text = with_body(&text, "cabi_realloc", "i32.const 1024 return");
    let text = text.replace("(memory (;0;) 0)", "(memory (;0;) 2048)");
    let mut module = wat::parse_str(text).expect("valid text");
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8)
        .expect("there is room");
    ComponentEncoder::default()
        .validate(true)
        .module(&module)
        .and_then(|mut encoder| encoder.encode())
        .expect("a component")
}

/// The names of the imported functions, with their indices.
fn imports(text: &str) -> HashMap<String, String> {
    let imports = text
        .lines()
        .filter_map(|line| line.trim().strip_prefix("(import \""));
    imports
        .map(|import| {
            let name = import.split('"').nth(2).expect("a name");
            (name.to_owned(), between(import, "(;", ";)").to_owned())
        })
        .collect()
}

/// The module with something that an exported function does before it traps.
fn with_body(text: &str, export: &str, body: &str) -> String {
    let index = between(text, &format!("(export \"{export}\" (func "), ")");
    let start = text
        .find(&format!("(func (;{index};)"))
        .expect("it is defined");
    let (before, function) = text.split_at(start);
    let function = function.replacen("unreachable", &format!("{body}\n    unreachable"), 1);
    format!("{before}{function}")
}

fn between<'a>(text: &'a str, before: &str, after: &str) -> &'a str {
    let (_, rest) = text.split_once(before).expect("it is there");
    rest.split_once(after).expect("it ends").0
}
