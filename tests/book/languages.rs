//! Blocks of the other languages.

use std::fs;
use std::path::Path;

use crate::blocks::{Block, STEP};
use crate::pages;
use crate::programs::{bash, program, written};
use crate::support::root;

/// Whether something checks the blocks of a language, or nothing can.
pub fn is_known(language: &str) -> bool {
    let checked = [
        STEP, "console", "js", "json", "python", "rust", "sh", "toml",
    ];
    let pictures = ["html", "text", "wit"];
    checked.contains(&language) || pictures.contains(&language)
}

/// Runs a block, with the options of the comment `<!-- monty-host run OPTIONS -->`.
pub fn python(block: &Block, folder: &Path) -> Result<(), String> {
    let options = block.comment.as_deref();
    let options = options.and_then(|comment| comment.strip_prefix("monty-host run"));
    fs::write(folder.join("block.py"), block.text()).expect("a file");
    let line = format!("monty-host run block.py {}", options.unwrap_or_default());
    bash(&line, folder).into_result().map(|_| ())
}

/// Checks the syntax of a block.
pub fn shell(block: &Block, folder: &Path) -> Result<(), String> {
    fs::write(folder.join("block.sh"), block.text()).expect("a file");
    bash("bash -n block.sh", folder).into_result().map(|_| ())
}

/// Runs a block after the comment `<!-- run -->` if the package is built here, and compares
/// what it logs with the comments beside. Checks the syntax of any other.
pub fn javascript(block: &Block, folder: &Path) -> Result<(), String> {
    if bash("command -v node", folder).into_result().is_err() {
        eprintln!("SKIPPED: no node to check JavaScript with");
        return Ok(());
    }
    let file = folder.join("block.mjs");
    fs::write(&file, block.text()).expect("a file");
    let is_run = block.comment.as_deref() == Some("run") && is_package_built();
    let mut node = program("node", folder);
    if is_run {
        link_package(folder);
    } else {
        node.arg("--check");
    }
    let printed = written(node.arg(file)).into_result()?;
    match logged(block) {
        logged if is_run && logged != printed => Err(format!("it printed {printed}")),
        _ => Ok(()),
    }
}

/// The text after `console.log(…); // `.
fn logged(block: &Block) -> String {
    let logs = block.lines.iter();
    let logs = logs.filter(|line| line.starts_with("console.log("));
    let comments = logs.filter_map(|line| line.split_once("; // "));
    comments.map(|(_, text)| format!("{text}\n")).collect()
}

fn is_package_built() -> bool {
    root().join("js/generated").is_dir()
}

/// Puts the package where programs in the folder import it from.
fn link_package(folder: &Path) {
    let modules = folder.join("node_modules");
    if !modules.exists() {
        fs::create_dir(&modules).expect("a folder");
        #[cfg(unix)]
        std::os::unix::fs::symlink(root().join("js"), modules.join("monty-host")).expect("a link");
    }
}

/// The pages with Rust that `docs/book.rs` does not compile.
pub fn missing_doc_tests() -> Vec<String> {
    let book = fs::read_to_string(root().join("docs/book.rs")).expect("the crate's root");
    let pages = pages::book().into_iter();
    let with_rust = pages.filter(|page| page.blocks().iter().any(|block| block.language == "rust"));
    let missing = with_rust.filter(|page| {
        let name = page.path.strip_prefix("docs").ok();
        // The README is in the documentation of `monty-host`.
        name.is_some_and(|name| !book.contains(&format!("include_str!(\"{}\")", name.display())))
    });
    let told = missing.map(|page| format!("{}: not in docs/book.rs", page.path.display()));
    told.collect()
}
