//! The pages.

use std::fs;
use std::path::{Path, PathBuf};

use crate::blocks::{Block, blocks};
use crate::support::root;

const COMMAND: &str = "crates/command/README.md";

/// A page, by its path from the root of the repository.
pub struct Page {
    pub path: PathBuf,
    pub text: String,
}

impl Page {
    fn read(path: PathBuf) -> Self {
        let text = fs::read_to_string(root().join(&path))
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        Self { path, text }
    }

    pub fn blocks(&self) -> Vec<Block> {
        blocks(&self.text)
    }

    /// Replaces the lines inside of blocks, and writes the page.
    pub fn write(&self, mut changes: Vec<(Block, Vec<String>)>) {
        let mut lines: Vec<String> = self.text.lines().map(str::to_owned).collect();
        changes.sort_by_key(|(block, _)| block.line);
        // From the end, so that the places of earlier blocks stay.
        for (block, new) in changes.into_iter().rev() {
            lines.splice(block.line..block.line + block.lines.len(), new);
        }
        fs::write(root().join(&self.path), lines.join("\n") + "\n").expect("a page");
    }
}

/// Every page of the book, and the READMEs of the repository and the command.
pub fn book() -> Vec<Page> {
    let mut paths = ["README.md", COMMAND].map(PathBuf::from).to_vec();
    paths.extend(in_docs());
    paths.into_iter().map(Page::read).collect()
}

/// Every page with links.
pub fn linked() -> Vec<Page> {
    let mut paths: Vec<PathBuf> = [
        "CHANGELOG.md",
        "CONTRIBUTING.md",
        "SECURITY.md",
        "js/README.md",
    ]
    .into_iter()
    .map(PathBuf::from)
    .collect();
    let crates = files(Path::new("crates")).into_iter();
    let readmes = crates.map(|folder| folder.join("README.md"));
    let others = readmes.filter(|path| root().join(path).is_file() && !path.ends_with(COMMAND));
    paths.extend(others);
    let mut pages = book();
    pages.extend(paths.into_iter().map(Page::read));
    pages
}

/// Whether pages get the output that commands print now.
pub fn are_updated() -> bool {
    std::env::var("INSTA_UPDATE").is_ok_and(|update| update == "always")
}

/// The pages in `docs/`, with the summary.
pub fn in_docs() -> Vec<PathBuf> {
    let mut paths = files(Path::new("docs"));
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "md"));
    paths
}

/// What is in a folder of the repository, in order.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(root().join(folder)).expect("a folder");
    let names = entries.map(|entry| entry.expect("an entry").file_name());
    let mut paths: Vec<_> = names.map(|name| folder.join(name)).collect();
    paths.sort();
    paths
}
