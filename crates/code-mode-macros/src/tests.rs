//! What is no tool, and why.

use std::fmt::Write;

use crate::expand;

/// The errors of a function, each on a line.
fn errors(arguments: &str, item: &str) -> String {
    let mut shown = format!("#[tool({arguments})]\n{item}\n");
    let expanded = expand::tool(arguments.parse().unwrap(), item.parse().unwrap());
    match expanded {
        Ok(_) => shown += "  a tool\n",
        Err(errors) => {
            for error in errors {
                let _ = writeln!(shown, "  {error}");
            }
        }
    }
    shown
}

fn snapshot(name: &str, cases: &[(&str, &str)]) {
    let shown: Vec<String> = cases
        .iter()
        .map(|(arguments, item)| errors(arguments, item))
        .collect();
    insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!(name, shown.join("\n"));
    });
}

#[test]
fn functions_that_are_no_tools() {
    snapshot(
        "functions",
        &[
            ("", "fn first<T>(items: Vec<T>) -> T { todo!() }"),
            ("", "fn get<'a>(#[tool(context)] a: &'a State) -> u32 { 1 }"),
            ("", "unsafe fn poke(at: usize) {}"),
            ("", "fn method(&self, a: u32) {}"),
            ("", "fn method(self: Arc<Self>) {}"),
            ("", "struct Tool { a: u32 }"),
            (
                "",
                "fn later() -> impl Future<Output = u32> { async { 1 } }",
            ),
            ("", "fn shown(#[tool(context)] a: &State) -> &str { \"\" }"),
            ("", "fn fixed() -> &'static str { \"\" }"),
            (
                "",
                "fn many(a: u8, b: u8, c: u8, d: u8, e: u8, f: u8, g: u8, h: u8, i: u8) {}",
            ),
            ("", "fn import() {}"),
            ("name = \"send mail\"", "fn send_mail() {}"),
        ],
    );
}

#[test]
fn parameters_that_scripts_cannot_give() {
    snapshot(
        "parameters",
        &[
            ("", "fn area((width, height): (f64, f64)) {}"),
            ("", "fn area(_: f64) {}"),
            ("", "fn area(ref width: f64) {}"),
            ("", "fn mutable(mut width: f64) {}"),
            ("", "fn length(text: &str) {}"),
            ("", "fn total(values: &[f64]) {}"),
            ("", "fn read(state: &State) {}"),
            ("", "fn show(what: impl Display) {}"),
            ("", "fn send(from: String, r#type: u8) {}"),
            (
                "",
                "fn send(#[tool(name = \"from_\")] from: String, r#type: u8) {}",
            ),
            ("", "fn send(#[tool(name = \"2\")] a: String) {}"),
            (
                "",
                "fn send(#[tool(default = 1)] a: u8, b: u8, c: Option<u8>) {}",
            ),
            ("", "fn send(#[tool(keyword_only)] a: u8, b: u8) {}"),
            // All that is wrong, at once.
            ("", "fn send<T>(&self, from: &str, _: u8) -> &T {}"),
        ],
    );
}

#[test]
fn options_that_are_none() {
    snapshot(
        "options",
        &[
            ("read_onyl", "fn a() {}"),
            ("name", "fn a() {}"),
            ("name = 3", "fn a() {}"),
            ("awaited, awaited", "fn a() {}"),
            ("awaited = true", "fn a() {}"),
            ("destructive = 1", "fn a() {}"),
            (
                "destructive = false, read_only, timeout_ms = 5",
                "fn a() {}",
            ),
            ("my::option", "fn a() {}"),
            ("", "fn a(#[tool] b: u8) {}"),
            ("", "fn a(#[tool(defualt = 3)] b: u8) {}"),
            ("", "fn a(#[tool(default)] b: u8) {}"),
            ("", "fn a(#[tool(context, default = 3)] b: u8) {}"),
            (
                "",
                "fn a(#[tool(default = 3)] #[tool(default = 4)] b: u8) {}",
            ),
        ],
    );
}
