//! What Monty has: the tables of the interpreter's component.

include!(concat!(env!("OUT_DIR"), "/features.rs"));

/// A module and its names.
type Module = (&'static str, &'static [&'static str]);

/// The module of this name.
pub fn module(name: &str) -> Option<Module> {
    MODULES.iter().copied().find(|(module, _)| *module == name)
}
