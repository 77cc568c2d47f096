mod bindings {
    wit_bindgen::generate!({
        path: "../wit",
        world: "monty:sandbox/sandbox",
        with: { "monty:sandbox/types@0.1.0": monty_value::types },
    });
}
struct C;
impl bindings::exports::monty::sandbox::interpreter::Guest for C {
    fn run(source: String, options: bindings::exports::monty::sandbox::interpreter::Options) -> Result<monty_value::types::Value, bindings::exports::monty::sandbox::interpreter::Failure> { todo!() }
}
bindings::export!(C with_types_in bindings);
