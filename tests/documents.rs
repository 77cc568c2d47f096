//! The documents of `--json`, held against their schema.

use std::sync::LazyLock;

use jsonschema::Validator;
use serde_json::Value as Json;

static VALIDATOR: LazyLock<Validator> = LazyLock::new(|| {
    let schema = serde_json::from_str(monty_document::SCHEMA).expect("the schema is JSON");
    jsonschema::draft202012::new(&schema).expect("the schema compiles")
});

/// The document of a text, which the schema has to admit.
pub fn document(text: &str) -> Json {
    let document = serde_json::from_str(text)
        .unwrap_or_else(|error| panic!("this is not one document: {error}: {text}"));
    if let Err(error) = VALIDATOR.validate(&document) {
        panic!("{error}, at `{}`, in {text}", error.instance_path());
    }
    document
}

/// The indented documents among other output.
pub fn documents(seen: &str) -> Vec<Json> {
    let blocks = seen.split("\n{\n").skip(1);
    blocks
        .map(|block| {
            let (content, _) = block.split_once("\n}\n").expect("the document ends");
            document(&format!("{{\n{content}\n}}\n"))
        })
        .collect()
}

/// Replaces the numbers of `statistics` that differ from run to run.
pub fn hide_numbers(settings: &mut insta::Settings) {
    settings.add_filter(
        r#""(elapsed_micros|python_micros|host_micros|wait_micros|peak_memory_bytes|peak_host_memory_bytes)":(\s*)\d+"#,
        r#""$1":$2[number]"#,
    );
}
