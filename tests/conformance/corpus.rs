//! The scripts of `conformance/system`, and what they must print.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::Value as Json;

use super::meaning::{array, bytes, string};
use super::message::{folder, read};

/// A script and its surroundings.
pub struct Case {
    /// The name of its files.
    pub name: String,
    /// What runs.
    pub source: String,
    /// What it needs of the system: `links`, `writes`.
    pub needs: Vec<String>,
    /// The files, in the order in which they are made.
    pub tree: Vec<Entry>,
    /// The environment.
    pub environment: Vec<(String, String)>,
    /// Seconds and nanoseconds since the epoch.
    pub now: Option<(i64, u32)>,
    /// The local time zone.
    pub timezone: Option<Zone>,
    /// What CPython prints.
    output: Lines,
    /// What differs: for whom, and the lines.
    differences: Vec<(String, Lines)>,
}

/// Something in a tree, at a relative path.
pub enum Entry {
    /// A directory.
    Directory(String),
    /// A file with its content.
    File(String, Vec<u8>),
    /// A symbolic link with its target.
    Link(String, String),
}

/// A time zone.
pub enum Zone {
    /// Of the IANA database.
    Named(String),
    /// An offset in seconds, and its name.
    Fixed(i32, String),
}

/// Results by their labels.
type Lines = BTreeMap<String, String>;

impl Case {
    /// All cases that need no more than this.
    pub fn all_with(has: &[&str]) -> Vec<Self> {
        let cases = Self::all().into_iter();
        cases
            .filter(|case| case.needs.iter().all(|need| has.contains(&need.as_str())))
            .collect()
    }

    fn all() -> Vec<Self> {
        let folder = folder().join("system");
        let differences = read(&folder.join("differences.json"));
        let mut names: Vec<String> = fs::read_dir(&folder)
            .expect("the folder is there")
            .map(|entry| entry.expect("it can be listed").file_name())
            .filter_map(|name| Some(name.to_str()?.strip_suffix(".json")?.to_owned()))
            .filter(|name| name != "differences")
            .collect();
        names.sort();
        let cases = names.into_iter();
        cases
            .map(|name| Self::read(&folder, name, &differences))
            .collect()
    }

    fn read(folder: &Path, name: String, differences: &Json) -> Self {
        let text = |name: &str| {
            fs::read_to_string(folder.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
        };
        let data = read(&folder.join(format!("{name}.json")));
        let script = data
            .get("script")
            .map_or_else(|| format!("{name}.py"), string);
        let now = data.get("now").map(|now| {
            let nanoseconds = now["nanoseconds"].as_u64().expect("a number");
            (
                string(&now["seconds"]).parse().expect("a number"),
                u32::try_from(nanoseconds).expect("less than a second"),
            )
        });
        Self {
            source: text("show.py") + &text(&script),
            needs: data
                .get("needs")
                .map(array)
                .unwrap_or_default()
                .iter()
                .map(string)
                .collect(),
            tree: array(&data["tree"]).iter().map(entry).collect(),
            environment: data["environment"]
                .as_object()
                .into_iter()
                .flatten()
                .map(|(name, value)| (name.clone(), string(value)))
                .collect(),
            now,
            timezone: data.get("timezone").map(zone),
            output: lines(&text(&format!("{name}.out"))),
            differences: array(&differences["differences"])
                .iter()
                .filter_map(|difference| {
                    let lines = difference["lines"].get(&name)?.as_object()?;
                    let lines = lines
                        .iter()
                        .map(|(label, line)| (label.clone(), string(line)))
                        .collect();
                    Some((string(&difference["who"]), lines))
                })
                .collect(),
            name,
        }
    }

    /// Compares what was printed with what CPython prints, but for what is
    /// listed for these; answers with the lines that differ all the same.
    pub fn compare(&self, printed: &str, who: &[&str]) -> Vec<String> {
        let mut wrong = Vec::new();
        let mut expected = self.output.clone();
        for (_, lines) in self
            .differences
            .iter()
            .filter(|(listed, _)| who.contains(&listed.as_str()))
        {
            for (label, line) in lines {
                match expected.insert(label.clone(), line.clone()) {
                    Some(known) if known != *line => {}
                    _ => wrong.push(format!(
                        "{}: {label}\n  is listed, and no difference",
                        self.name
                    )),
                }
            }
        }
        let got = lines(printed);
        let unknown = got.keys().filter(|label| !expected.contains_key(*label));
        for label in expected.keys().chain(unknown) {
            let line = |lines: &Lines| lines.get(label).cloned().unwrap_or_default();
            let (expected, got) = (line(&expected), line(&got));
            if expected != got {
                wrong.push(format!(
                    "{}: {label}\n  expected {expected}\n  got      {got}",
                    self.name
                ));
            }
        }
        wrong
    }
}

fn entry(data: &Json) -> Entry {
    let text = |key: &str| data.get(key).map(string);
    match (text("directory"), text("link"), text("file")) {
        (Some(path), None, None) => Entry::Directory(path),
        (None, Some(path), None) => Entry::Link(path, string(&data["target"])),
        (None, None, Some(path)) => {
            let content = text("text").map(String::into_bytes);
            Entry::File(path, content.unwrap_or_else(|| bytes(&data["bytes"])))
        }
        _ => panic!("{data} is nothing in a tree"),
    }
}

fn zone(data: &Json) -> Zone {
    match data.as_str() {
        Some(name) => Zone::Named(name.to_owned()),
        None => {
            let seconds = data["offset-seconds"].as_i64().expect("a number");
            let seconds = i32::try_from(seconds).expect("less than a day");
            Zone::Fixed(seconds, string(&data["name"]))
        }
    }
}

fn lines(printed: &str) -> Lines {
    let lines = printed.lines().map(|line| {
        let (label, result) = line.split_once(" | ").unwrap_or((line, ""));
        (label.to_owned(), result.to_owned())
    });
    lines.collect()
}

/// Makes the files of a tree in a directory.
pub fn build(tree: &[Entry], root: &Path) {
    for entry in tree {
        match entry {
            Entry::Directory(path) => fs::create_dir(root.join(path)),
            Entry::File(path, content) => fs::write(root.join(path), content),
            Entry::Link(path, target) => std::os::unix::fs::symlink(target, root.join(path)),
        }
        .expect("its parent is there");
    }
}
