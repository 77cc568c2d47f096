//! Scripts with the diagnostics that are expected of them, as comments at the ends of
//! lines: `# error: RULE, RULE` and `# warning: RULE`.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;

use crate::{CHECKER, declarations};

/// The rules that are expected of each line, with their levels.
type Expected = BTreeMap<u32, Vec<String>>;

fn expected(source: &str) -> Expected {
    let mut expected = Expected::new();
    for (line, text) in (1..).zip(source.lines()) {
        for level in ["error", "warning"] {
            let Some((_, rules)) = text.split_once(&format!("  # {level}: ")) else {
                continue;
            };
            let rules = rules
                .split("  # ")
                .next()
                .unwrap_or_default()
                .split(", ")
                .map(|rule| format!("{level}: {rule}"));
            expected.entry(line).or_default().extend(rules);
        }
    }
    expected
}

#[test]
fn every_script_has_the_diagnostics_that_are_expected() {
    let folder = PathBuf::from(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../tests/check/corpus"
    ));
    let files = std::fs::read_dir(folder).expect("the corpus is there");
    let mut files: Vec<_> = files
        .map(|file| file.expect("the corpus can be listed").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "py"))
        .collect();
    files.sort();
    assert!(files.len() >= 7, "the corpus has lost files");
    let mut differences = String::new();
    for path in files {
        let name = path
            .file_name()
            .expect("a file")
            .to_string_lossy()
            .into_owned();
        let source = std::fs::read_to_string(&path).expect("a script is UTF-8");
        let check = CHECKER.check(source.as_str()).name(&*name);
        let found = check.declarations(declarations()).run_blocking();
        let found = found.expect("the stubs are Python");
        assert_eq!(found.not_checked(), None, "{name}");
        let mut lines = Expected::new();
        for one in &found {
            let text = format!("{}: {}", one.level, one.rule);
            lines.entry(one.start.line).or_default().push(text);
        }
        let mut expected = expected(&source);
        for rules in lines.values_mut().chain(expected.values_mut()) {
            rules.sort();
        }
        for line in lines
            .keys()
            .chain(expected.keys())
            .collect::<std::collections::BTreeSet<_>>()
        {
            let (is, should) = (lines.get(line), expected.get(line));
            if is != should {
                let is = is.map_or(String::new(), |rules| rules.join(", "));
                let should = should.map_or(String::new(), |rules| rules.join(", "));
                writeln!(
                    differences,
                    "{name}:{line}: found [{is}], expected [{should}]"
                )
                .expect("a string takes text");
                for one in found.iter().filter(|one| one.start.line == *line) {
                    writeln!(differences, "    {one}").expect("a string takes text");
                }
            }
        }
    }
    assert!(differences.is_empty(), "\n{differences}");
}
