//! `guest-component/changed`: when CI builds the component again and compares it.
#![cfg(target_os = "linux")]

use std::cell::Cell;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use crate::support::root;

/// A repository with the inputs of the component that the script checks.
struct Repository {
    folder: TempDir,
    /// The day of the next commit, in days since the epoch.
    day: Cell<u32>,
}

impl Repository {
    /// One commit that has everything.
    fn new() -> Self {
        let this = Self::empty();
        this.git(&["init", "--quiet", "--initial-branch", "main"]);
        let recorded = std::fs::read_to_string(root().join("host/component/inputs.sha256"))
            .expect("the hashes stand beside the component");
        for (_, input) in recorded.lines().filter_map(|line| line.split_once("  ")) {
            this.write(input, "the input");
        }
        this.write("host/component/monty.wasm", "the component");
        this.write("host/component/inputs.sha256", &recorded);
        let script = this.path().join("guest-component/changed");
        std::fs::copy(root().join("guest-component/changed"), script).expect("it is copied");
        this.commit("README.md", "the first");
        this
    }

    fn empty() -> Self {
        Self {
            folder: tempfile::tempdir().expect("there is room for files"),
            day: Cell::new(20_000),
        }
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn write(&self, file: &str, text: &str) {
        let path = self.path().join(file);
        let folder = path.parent().expect("a file is in a folder");
        std::fs::create_dir_all(folder).expect("the folder is made");
        std::fs::write(path, text).expect("the file is written");
    }

    fn remove(&self, file: &str) {
        std::fs::remove_file(self.path().join(file)).expect("the file is removed");
    }

    fn commit(&self, file: &str, text: &str) {
        self.write(file, text);
        self.commit_all();
    }

    /// Two days after the commit before.
    fn commit_all(&self) {
        self.day.set(self.day.get() + 2);
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--message", "a commit"]);
    }

    fn git(&self, arguments: &[&str]) {
        let mut git = Command::new("git");
        git.args(["-c", "user.name=a", "-c", "user.email=a@b.c"])
            .args(["-c", "commit.gpgsign=false"])
            .args(arguments)
            .env(
                "GIT_COMMITTER_DATE",
                format!("@{} +0000", self.day.get() * 24 * 60 * 60),
            )
            .current_dir(self.path());
        assert!(git.status().expect("git starts").success(), "{arguments:?}");
    }

    /// The output of the script.
    fn changed(&self, base: Option<&str>) -> Vec<String> {
        let mut script = Command::new(self.path().join("guest-component/changed"));
        script.args(base).env_remove("BASE");
        let output = script.output().expect("the script starts");
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{errors}");
        let text = String::from_utf8(output.stdout).expect("text");
        text.lines().map(str::to_owned).collect()
    }
}

const NOTHING: [&str; 0] = [];
const INPUT: &str = "wit/types.wit";
const COMPONENT: &str = "host/component/monty.wasm";

#[test]
fn a_commit_that_changes_an_input_or_the_component_is_compared_and_the_next_is_not() {
    let repository = Repository::new();
    repository.commit("README.md", "a change elsewhere");
    assert_eq!(repository.changed(None), NOTHING);
    for file in [INPUT, COMPONENT, "guest-component/src/new.rs"] {
        repository.write(file, "changed");
        assert_eq!(repository.changed(None), [file], "not committed yet");
        repository.commit_all();
        assert_eq!(repository.changed(None), [file]);
        repository.commit("README.md", file);
        assert_eq!(repository.changed(None), NOTHING);
    }
    repository.remove("guest-component/src/new.rs");
    repository.commit_all();
    assert_eq!(repository.changed(None), ["guest-component/src/new.rs"]);
}

#[test]
fn a_push_of_several_commits_is_compared_with_what_ci_saw_before() {
    let repository = Repository::new();
    repository.git(&["tag", "seen"]);
    repository.commit(INPUT, "changed");
    repository.commit("README.md", "changed");
    assert_eq!(repository.changed(Some("seen")), [INPUT]);
    assert_eq!(repository.changed(Some("HEAD")), NOTHING);
}

#[test]
fn all_commits_of_a_day_are_compared() {
    let repository = Repository::new();
    repository.commit("README.md", "seen");
    repository.commit(INPUT, "changed");
    for text in ["one more", "and another"] {
        repository.day.set(repository.day.get() - 2);
        repository.commit("README.md", text);
        assert_eq!(repository.changed(None), [INPUT]);
    }
    repository.commit("README.md", "two days later");
    assert_eq!(repository.changed(None), NOTHING);
}

#[test]
fn a_merge_that_brings_a_change_is_compared() {
    let repository = Repository::new();
    repository.git(&["switch", "--quiet", "--create", "branch"]);
    repository.commit(COMPONENT, "changed");
    repository.git(&["switch", "--quiet", "main"]);
    repository.commit("README.md", "changed");
    repository.git(&["merge", "--quiet", "--no-edit", "branch"]);
    assert_eq!(repository.changed(None), [COMPONENT]);
}

#[test]
fn where_the_history_does_not_tell_it_is_compared() {
    let repository = Repository::new();
    assert_eq!(
        repository.changed(None),
        ["this clone has no commit from the day before"],
        "the first commit"
    );
    repository.commit("README.md", "changed");
    let clone = Repository::empty();
    let origin = format!("file://{}", repository.path().display());
    clone.git(&["clone", "--quiet", "--depth", "1", &origin, "."]);
    assert_eq!(
        clone.changed(None),
        ["this clone has no commit from the day before"],
        "a shallow clone"
    );
    assert_eq!(
        clone.changed(Some("0000000000000000000000000000000000000000")),
        ["0000000000000000000000000000000000000000, which this clone does not have"]
    );
}
