//! Links to files of the repository and to headings in them.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::at;
use crate::blocks::prose;
use crate::pages;
use crate::support::root;

/// Links that lead nowhere.
pub fn broken() -> Vec<String> {
    let mut problems = Vec::new();
    for page in pages::linked() {
        for (index, line) in prose(&page.text).iter().enumerate() {
            for target in targets(line) {
                if let Err(problem) = resolve(&page.path, target) {
                    problems.push(at(&page.path, index + 1, format!("{target}: {problem}")));
                }
            }
        }
    }
    problems
}

/// The pages in `docs/` that the summary does not name.
pub fn missing_in_the_summary() -> Vec<String> {
    let summary = fs::read_to_string(root().join("docs/SUMMARY.md")).expect("the summary");
    let named: Vec<PathBuf> = prose(&summary)
        .iter()
        .flat_map(|line| targets(line))
        .map(|target| Path::new("docs").join(target))
        .collect();
    let pages = pages::in_docs().into_iter();
    let missing = pages.filter(|page| !page.ends_with("SUMMARY.md") && !named.contains(page));
    let told = missing.map(|page| format!("docs/SUMMARY.md: {} is not listed", page.display()));
    told.collect()
}

/// The targets of a line's links: `[text](target)`, `src="target"`, and `[name]: target`.
fn targets(line: &str) -> Vec<&str> {
    let mut targets: Vec<&str> = Vec::new();
    // Parts with an odd index are code.
    for text in line.split('`').step_by(2) {
        let inline = text.split("](").skip(1);
        targets.extend(inline.filter_map(|rest| rest.split(')').next()));
        let sources = text.split("src=\"").skip(1);
        targets.extend(sources.filter_map(|rest| rest.split('"').next()));
    }
    if line.starts_with('[') {
        targets.extend(line.split_once("]: ").map(|(_, target)| target));
    }
    targets
}

fn resolve(page: &Path, target: &str) -> Result<(), String> {
    if target.contains("://") {
        return Ok(());
    }
    let (path, anchor) = target.split_once('#').unwrap_or((target, ""));
    let file = match path {
        "" => root().join(page),
        _ => root().join(page).parent().expect("a folder").join(path),
    };
    if !file.exists() {
        return Err("no such file".to_owned());
    }
    if anchor.is_empty() {
        return Ok(());
    }
    let text = fs::read_to_string(&file).map_err(|error| error.to_string())?;
    match anchors(&text).iter().any(|known| known == anchor) {
        true => Ok(()),
        false => Err("no such heading".to_owned()),
    }
}

/// The anchors of a page's headings.
fn anchors(page: &str) -> Vec<String> {
    let mut seen: HashMap<String, usize> = HashMap::new();
    let lines = prose(page);
    let headings = lines.iter().filter(|line| line.starts_with('#'));
    let anchors = headings.map(|heading| {
        let anchor = anchor(heading.trim_start_matches('#').trim());
        let count = seen.entry(anchor.clone()).or_default();
        *count += 1;
        match *count {
            1 => anchor,
            count => format!("{anchor}-{}", count - 1),
        }
    });
    anchors.collect()
}

/// The anchor of a heading, as the book and the sites that show Markdown make it.
fn anchor(heading: &str) -> String {
    let kept = heading.to_lowercase();
    let kept = kept.chars().filter_map(|character| match character {
        ' ' | '-' => Some('-'),
        '_' => Some('_'),
        _ => character.is_alphanumeric().then_some(character),
    });
    kept.collect()
}
