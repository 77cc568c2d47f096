//! The book in `docs/` and the README: what they show is run, parsed or looked up.
//!
//! | block | what is done with it |
//! |---|---|
//! | `console` | each command runs, and what is shown after it is compared: [`console`] |
//! | `python` | runs in `monty-host`, with the options of the comment before it |
//! | `json`, `toml` | parsed; a configuration is validated against the schema |
//! | `js`, `sh` | their syntax is checked |
//! | `rust` | a doc test of the package `monty-book` |
//! | any with `title="FILE"` | a step of a page that `docs/follow` runs in CI |
//! | `html`, `text`, `wit` | nothing |
//!
//! `INSTA_UPDATE=always`, as in `just bless`, writes the real output into the pages.

mod blocks;
mod console;
mod data;
mod expected;
mod languages;
mod links;
mod pages;
mod picture;
mod programs;
#[path = "../repository.rs"]
#[expect(dead_code, unused_imports, unused_macros, reason = "no snapshots here")]
mod support;

use std::fmt::Display;
use std::path::Path;
use std::thread;

use blocks::Block;
use pages::Page;

/// Fails with all problems, so that one run shows them all.
fn assert_none(problems: Vec<String>) {
    assert!(problems.is_empty(), "\n\n{}\n", problems.join("\n\n"));
}

/// A problem with the place it is at.
fn at(page: &Path, line: usize, problem: impl Display) -> String {
    format!("{}:{line}: {problem}", page.display())
}

/// Checks the blocks in one language, a page in each thread.
fn check(language: &str, check: impl Fn(&Block, &Path) -> Result<(), String> + Sync) {
    let check_page = |page: &Page| -> Vec<String> {
        let folder = tempfile::tempdir().expect("a folder");
        let blocks = page.blocks().into_iter();
        let blocks = blocks.filter(|block| block.language == language);
        let problem = |block: Block| {
            let problem = check(&block, folder.path()).err()?;
            Some(at(&page.path, block.line, problem))
        };
        blocks.filter_map(problem).collect()
    };
    let pages = pages::book();
    let problems = thread::scope(|scope| {
        let threads: Vec<_> = pages
            .iter()
            .map(|page| scope.spawn(move || check_page(page)))
            .collect();
        let problems = threads
            .into_iter()
            .flat_map(|thread| thread.join().expect("no panic"));
        problems.collect()
    });
    assert_none(problems);
}

#[test]
fn console_blocks_show_what_commands_print() {
    assert_none(console::run_all());
}

#[test]
fn python_blocks_run() {
    check("python", languages::python);
}

#[test]
fn json_blocks_parse_and_configurations_fit_the_schema() {
    let schema = data::configuration_schema();
    check("json", |block, _| data::json(block, &schema));
}

#[test]
fn the_page_about_configurations_names_every_key() {
    let page = std::fs::read_to_string(support::root().join("docs/configuration.md"));
    let unnamed = data::configuration_schema().unnamed(&page.expect("the page"));
    assert_eq!(unnamed, Vec::<String>::new());
}

#[test]
fn the_comparison_has_the_figures_of_the_last_benchmarks() {
    let read = |page: &str| std::fs::read_to_string(support::root().join(page)).expect("the page");
    let (measured, compared) = (read("docs/benchmarks.md"), read("docs/comparison.md"));
    let after = |text: &str, before: &str| {
        let (_, rest) = text.split_once(before).expect(before);
        rest.split([' ', ',']).next().unwrap_or_default().to_owned()
    };
    let run = after(&measured, "| date | ");
    assert_eq!(
        after(&compared, "From the run of "),
        run,
        "docs/comparison.md is older"
    );
    let mean = after(&measured, "| geometric mean | **").replace("**", "");
    let in_words = after(&compared, "Python itself is slower in the component: ");
    assert_eq!(in_words, mean, "docs/comparison.md has another mean");
}

#[test]
fn toml_blocks_parse() {
    check("toml", data::toml);
}

#[test]
fn shell_blocks_parse() {
    check("sh", languages::shell);
}

#[test]
fn javascript_blocks_parse() {
    check("js", languages::javascript);
}

#[test]
fn blocks_have_a_known_language() {
    let problems = pages::book().into_iter().flat_map(|page| {
        let unknown = page.blocks().into_iter();
        let unknown = unknown.filter(|block| !languages::is_known(&block.language));
        let shown = unknown.map(|block| {
            let problem = format!("nothing checks a block of `{}`", block.language);
            at(&page.path, block.line, problem)
        });
        shown.collect::<Vec<_>>()
    });
    assert_none(problems.collect());
}

#[test]
fn rust_blocks_are_doc_tests() {
    assert_none(languages::missing_doc_tests());
}

#[test]
fn links_lead_somewhere() {
    assert_none(links::broken());
}

#[test]
fn the_summary_lists_every_page() {
    assert_none(links::missing_in_the_summary());
}

#[test]
fn the_picture_shows_a_run() {
    assert_none(picture::differences());
}
