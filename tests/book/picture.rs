//! The picture of a run, `docs/pictures/run.svg`, which `docs/pictures/run` writes.

use std::fs;
use std::path::Path;

use crate::blocks::Block;
use crate::console;
use crate::pages;
use crate::programs::{MONTY_HOST, program, written};
use crate::support::root;

/// What is not in the picture as commands print it.
pub fn differences() -> Vec<String> {
    let path = Path::new("docs/pictures/run.svg");
    if pages::are_updated() {
        let drawn = written(program("docs/pictures/run", &root()).arg(MONTY_HOST));
        if let Err(problem) = drawn.into_result() {
            return vec![format!("docs/pictures/run: {problem}")];
        }
    }
    let svg = fs::read_to_string(root().join(path)).expect("the picture");
    let block = Block {
        language: "console".to_owned(),
        line: 0,
        lines: lines(&svg),
        comment: None,
    };
    assert!(block.lines.len() > 2, "the picture has text");
    let mut problems = console::differences(&block, path);
    if !problems.is_empty() {
        problems.push("docs/pictures/run makes the picture again".to_owned());
    }
    problems
}

/// The lines of text in a picture.
fn lines(svg: &str) -> Vec<String> {
    let elements = svg.split("<text ").skip(1);
    let texts = elements.filter_map(|element| {
        let (_, text) = element.split_once('>')?;
        let (text, _) = text.split_once("</text>")?;
        Some(text)
    });
    let unescaped = texts.map(|text| {
        let text = text.replace("&lt;", "<").replace("&gt;", ">");
        text.replace("&quot;", "\"")
            .replace("&#x27;", "'")
            .replace("&amp;", "&")
    });
    unescaped.collect()
}
