//! Blocks of `console`: commands, and what they print.
//!
//! Commands start with `$ `, and go on in the next line after a `\`. They run in a folder
//! of the page's own, in the order of the page. `$ cat FILE` makes the file that it shows,
//! unless an earlier command made it.
//!
//! The README's commands of cargo run at the root, `monty-host` in place of
//! `cargo run … --`. Those that build or install are left out.

use std::fs;
use std::path::Path;
use std::thread;

use similar::TextDiff;

use crate::blocks::Block;
use crate::pages::{self, Page};
use crate::programs::bash;
use crate::support::root;
use crate::{at, expected};

/// Pages whose commands take the adapters, `wasmtime` and npm: only their syntax is
/// checked here. `compositions/check-with-wasmtime` and `examples/compose/run` run such
/// commands.
const ELSEWHERE: [&str; 3] = [
    "docs/deploying-http.md",
    "docs/implementing-external-call.md",
    "docs/without-our-host.md",
];

const NO_COMMAND: &str = "a block of console starts with a command, after `$ `";

/// A command of a block.
struct Shown {
    /// Its first line in the page, from 1.
    line: usize,
    /// As it stands in the page, with `$ `. Empty where the block starts with output.
    lines: Vec<String>,
    output: Vec<String>,
    /// Whether an empty line follows.
    is_apart: bool,
}

/// Runs the blocks of all pages. Where the pages are to be updated, updates them.
pub fn run_all() -> Vec<String> {
    let pages = pages::book();
    thread::scope(|scope| {
        let threads: Vec<_> = pages.iter().map(|page| scope.spawn(|| run(page))).collect();
        let problems = threads
            .into_iter()
            .flat_map(|thread| thread.join().expect("no panic"));
        problems.collect()
    })
}

fn run(page: &Page) -> Vec<String> {
    let folder = tempfile::tempdir().expect("a folder");
    let is_elsewhere = ELSEWHERE.iter().any(|path| Path::new(path) == page.path);
    let mut problems = Vec::new();
    let mut changes = Vec::new();
    let blocks = page.blocks().into_iter();
    for block in blocks.filter(|block| block.language == "console") {
        let mut new = Vec::new();
        let mut is_changed = false;
        for mut shown in commands(&block) {
            let result = match is_elsewhere {
                _ if shown.lines.is_empty() => Err(Problem::Other(NO_COMMAND.to_owned())),
                true => shown.parse(folder.path()),
                false => shown.compare(folder.path()),
            };
            match result {
                Ok(()) => {}
                Err(Problem::Output(output)) if pages::are_updated() => {
                    shown.output = expected::updated(&shown.output, &output);
                    is_changed = true;
                }
                Err(problem) => problems.push(at(&page.path, shown.line, problem.told(&shown))),
            }
            new.extend(shown.lines);
            new.extend(shown.output);
            new.extend(shown.is_apart.then(String::new));
        }
        if is_changed {
            changes.push((block, new));
        }
    }
    if !changes.is_empty() {
        page.write(changes);
    }
    problems
}

/// Compares what the commands of a text print at the root of the repository.
pub fn differences(text: &Block, path: &Path) -> Vec<String> {
    let differences = commands(text).into_iter().filter_map(|shown| {
        let problem = shown.compare(&root()).err()?;
        Some(at(path, shown.line, problem.told(&shown)))
    });
    differences.collect()
}

enum Problem {
    /// The command printed something else.
    Output(Vec<String>),
    /// The block is wrong, or its syntax.
    Other(String),
}

impl Problem {
    fn told(&self, shown: &Shown) -> String {
        let command = shown.lines.join("\n");
        match self {
            Self::Output(output) => {
                let (old, new) = (joined(&shown.output), joined(output));
                let diff = TextDiff::from_lines(&old, &new);
                let diff = diff.unified_diff().header("shown", "printed").to_string();
                format!("{command}\n{diff}")
            }
            Self::Other(problem) => format!("{command}\n{problem}"),
        }
    }
}

impl Shown {
    fn command(&self) -> String {
        let lines = self.lines.join("\n");
        lines.strip_prefix("$ ").unwrap_or(&lines).to_owned()
    }

    fn parse(&self, folder: &Path) -> Result<(), Problem> {
        let line = format!("bash -n <<'COMMAND'\n{}\nCOMMAND", self.command());
        let result = bash(&line, folder).into_result();
        result.map(|_| ()).map_err(Problem::Other)
    }

    fn compare(&self, folder: &Path) -> Result<(), Problem> {
        let command = self.command();
        if let Some(file) = self.new_file(folder) {
            return write(&folder.join(file), &self.output);
        }
        let output =
            if let Some(ours) = command.strip_prefix("cargo run --release -p monty-host-cli --") {
                bash(&format!("monty-host{ours}"), &root()).text
            } else if command.starts_with("cargo ") {
                return Ok(());
            } else {
                bash(&command, folder).text
            };
        let output: Vec<_> = output
            .trim_end()
            .lines()
            .map(|line| line.trim_end().to_owned())
            .collect();
        match expected::matches(&self.output, &output) {
            true => Ok(()),
            false => Err(Problem::Output(output)),
        }
    }

    /// The file that `$ cat FILE` makes.
    fn new_file(&self, folder: &Path) -> Option<String> {
        let command = self.command();
        let file = command.strip_prefix("cat ")?;
        let is_name = !file.contains(|character: char| " |<>&;*".contains(character));
        let is_new = is_name && !self.output.is_empty() && !folder.join(file).exists();
        is_new.then(|| file.to_owned())
    }
}

fn write(path: &Path, lines: &[String]) -> Result<(), Problem> {
    let other = |error: std::io::Error| Problem::Other(format!("{}: {error}", path.display()));
    let text = joined(lines);
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(other)?;
    }
    fs::write(path, &text).map_err(other)?;
    // A reader sees from the first line that a file is a program.
    #[cfg(unix)]
    if text.starts_with("#!") {
        use std::os::unix::fs::PermissionsExt as _;
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).map_err(other)?;
    }
    Ok(())
}

fn joined(lines: &[String]) -> String {
    lines.iter().map(|line| format!("{line}\n")).collect()
}

/// The commands of a block.
fn commands(block: &Block) -> Vec<Shown> {
    let mut commands: Vec<Shown> = Vec::new();
    for (index, line) in block.lines.iter().enumerate() {
        match commands.last_mut() {
            _ if line.starts_with("$ ") => commands.push(Shown {
                line: block.line + 1 + index,
                lines: vec![line.clone()],
                output: Vec::new(),
                is_apart: false,
            }),
            Some(shown) if shown.lines.last().is_some_and(|line| line.ends_with('\\')) => {
                shown.lines.push(line.clone());
            }
            Some(shown) => shown.output.push(line.clone()),
            None => commands.push(Shown {
                line: block.line + 1,
                lines: Vec::new(),
                output: vec![line.clone()],
                is_apart: false,
            }),
        }
    }
    // An empty line before the next command is not output.
    for shown in &mut commands {
        while shown.output.last().is_some_and(String::is_empty) {
            shown.output.pop();
            shown.is_apart = true;
        }
    }
    commands
}
