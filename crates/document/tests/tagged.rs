//! The tagged form, which is that of the values in `conformance/`.

#[path = "../../value/tests/conformance/meaning.rs"]
#[allow(dead_code, reason = "the messages of the values are not read here")]
mod meaning;

use std::path::Path;

use meaning::{meaning_of, value_of};
use monty_document::{SCHEMA, Tagged};
use monty_value::Value;
use serde_json::Value as Json;

fn json(value: &Value) -> Json {
    serde_json::to_value(Tagged(value)).expect("it has a form")
}

#[test]
fn it_is_the_form_of_the_conformance_data() {
    let mut schema: Json = serde_json::from_str(SCHEMA).expect("the schema is JSON");
    for key in ["type", "properties", "required", "additionalProperties"] {
        schema.as_object_mut().expect("an object").remove(key);
    }
    schema["$ref"] = "#/$defs/tagged".into();
    let validator = jsonschema::draft202012::new(&schema).expect("the schema compiles");
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../conformance/messages");
    let mut compared = 0;
    for file in std::fs::read_dir(folder).expect("the folder is there") {
        let path = file.expect("it can be listed").path();
        let text = std::fs::read_to_string(&path).expect("it can be read");
        let messages: Json = serde_json::from_str(&text).expect("it is JSON");
        for message in messages["messages"].as_array().expect("a list") {
            let Some(means) = message.get("means") else {
                continue;
            };
            let value = value_of(means);
            let tagged = serde_json::to_value(Tagged(&value));
            let name = &message["name"];
            let Ok(tagged) = tagged else {
                assert_eq!(name, "a hundred lists in each other");
                continue;
            };
            if let Err(error) = validator.validate(&tagged) {
                panic!("{name}: {error}, in {tagged}");
            }
            // Hexadecimal digits are for programs that need no more than the text.
            if !tagged.to_string().contains("0x") {
                assert_eq!(meaning_of(&value_of(&tagged)), meaning_of(&value), "{name}");
                compared += 1;
            }
        }
    }
    assert!(compared > 50, "{compared}");
}

#[test]
fn labels_tell_one_object_from_equal_ones() {
    let inner = Value::list([1]);
    let value = Value::list([inner.clone(), Value::list([1]), inner]);
    let text = serde_json::to_string(&Tagged(&value)).expect("it has a form");
    insta::assert_snapshot!(text);
}

#[test]
fn deep_values_have_no_form() {
    let nested = |levels| (0..levels).fold(Value::None, |value, _| Value::list([value]));
    assert!(serde_json::to_value(Tagged(&nested(60))).is_ok());
    assert!(serde_json::to_value(Tagged(&nested(61))).is_err());
    assert!(serde_json::to_value(Tagged(&nested(1000))).is_err());
    // As deep as it may be, and still read by a reader of JSON.
    let text = serde_json::to_string(&Tagged(&nested(60))).expect("it has a form");
    assert!(serde_json::from_str::<Json>(&format!("[{text}]")).is_ok());
}

#[test]
fn huge_ints_are_hexadecimal() {
    let digits = "7".repeat(5000);
    let value = Value::from(digits.parse::<monty_value::BigInt>().expect("an int"));
    let tagged = json(&value);
    let text = tagged["int"].as_str().expect("text");
    assert!(text.starts_with("0x"), "{text}");
    assert_eq!(text, value.to_string());
}
