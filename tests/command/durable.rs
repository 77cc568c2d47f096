//! The command line: scripts that are suspended, and go on in another process.

use std::path::{Path, PathBuf};

use crate::documents::{documents, hide_numbers};
use crate::run::{run_in, run_with};
use crate::support::assert_snapshot;

/// A folder with a key, and the commands that ran in it.
struct Desk {
    folder: tempfile::TempDir,
    seen: Vec<String>,
}

impl Desk {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("key"), [7; 32]).expect("written");
        let seen = Vec::new();
        Self { folder, seen }
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn run(&mut self, arguments: &[&str]) {
        let seen = run_in(self.path(), arguments, "");
        self.seen.push(seen);
    }

    /// Runs with a place for snapshots and a key.
    fn start(&mut self, arguments: &[&str]) {
        let durable = ["--suspend-dir", "kept", "--snapshot-key-file", "key"];
        self.run(&[&["run"], arguments, &durable].concat());
    }

    fn resume(&mut self, snapshot: &str, arguments: &[&str]) {
        let resume = ["resume", snapshot, "--snapshot-key-file", "key"];
        self.run(&[&resume, arguments].concat());
    }

    /// The snapshots that were kept.
    fn kept(&self) -> Vec<PathBuf> {
        let entries = std::fs::read_dir(self.path().join("kept")).expect("a folder");
        let paths = entries.map(|entry| entry.expect("an entry").path());
        paths.collect()
    }

    /// Gives the only snapshot there is a name of its own, elsewhere.
    fn name(&self, name: &str) {
        let kept = self.kept();
        let [path] = kept.as_slice() else {
            panic!("one snapshot, not {kept:?}");
        };
        std::fs::rename(path, self.path().join(name)).expect("renamed");
    }

    fn assert(self, name: &str) {
        let mut settings = insta::Settings::clone_current();
        settings.add_filter(r"[0-9a-f]{16}\.snapshot", "[unique].snapshot");
        hide_numbers(&mut settings);
        documents(&self.seen.join("\n"));
        settings.bind(|| assert_snapshot!(name, self.seen.join("\n")));
    }
}

const APPROVE: [&str; 2] = ["--suspend", "approve(amount, reason=\"none\")"];

#[test]
fn suspended_in_one_process_and_resumed_in_others() {
    let mut desk = Desk::new();
    let code = "print('before')\nanswer = approve(10)\nprint('after')\n[answer, 'done']";
    desk.start(&["-c", code, APPROVE[0], APPROVE[1]]);
    desk.name("one");
    // The same snapshot as often as one likes.
    desk.resume("one", &["--answer", "true"]);
    desk.resume("one", &["--answer", "0={\"by\": \"Ada\"}"]);
    desk.resume("one", &["--raise", "PermissionError:not this one"]);
    desk.resume("one", &["--answer", "null", "--json"]);
    assert_eq!(desk.kept().len(), 0, "nothing was suspended again");
    desk.assert("resume");
}

#[test]
fn suspended_again() {
    let mut desk = Desk::new();
    let code = "a = approve(1)\nb = approve(amount=2, reason='a \"second\" one')\na + b";
    desk.start(&["-c", code, APPROVE[0], APPROVE[1]]);
    std::fs::create_dir(desk.path().join("first")).expect("made");
    desk.name("first/one");
    let in_kept = ["--suspend-dir", "kept", APPROVE[0], APPROVE[1]];
    desk.resume("first/one", &[&["--answer", "40"], &in_kept[..]].concat());
    desk.name("two");
    desk.resume("two", &["--answer", "2"]);
    // Without a directory it is kept beside the first.
    desk.resume("first/one", &["--answer", "40", APPROVE[0], APPROVE[1]]);
    let beside = std::fs::read_dir(desk.path().join("first")).expect("a folder");
    assert_eq!(beside.count(), 2);
    // What the rest of the script calls has to be given again.
    desk.resume("first/one", &["--answer", "40"]);
    desk.assert("again");
}

#[test]
fn gathered_calls_are_answered_in_two_steps() {
    let mut desk = Desk::new();
    let code = "import asyncio\nasync def main():\n    return await asyncio.gather(approve(1), fetch('x'), approve(2))\nasyncio.run(main())";
    let suspend = ["--async-suspend", "approve(amount)"];
    let tool = ["--async-tool", "fetch(key)=cat"];
    desk.start(&[&["-c", code, "--json"], &suspend[..], &tool].concat());
    desk.name("both");
    desk.resume("both", &["--answer", "true"]);
    desk.resume(
        "both",
        &["--answer", "2=\"second\"", "--suspend-dir", "kept"],
    );
    desk.name("one");
    desk.resume("one", &["--answer", "2=\"again\""]);
    desk.resume("one", &["--answer", "\"first\""]);
    desk.resume("both", &["--answer", "0=1", "--raise", "2=ValueError:no"]);
    desk.assert("gather");
}

#[test]
fn a_command_suspends() {
    let mut desk = Desk::new();
    let tool = [
        "--tool",
        "review(text)=if [ -e reviewed ]; then echo 1; else exit 75; fi",
    ];
    desk.start(&["-c", "review('a') + review('b')", tool[0], tool[1]]);
    desk.name("one");
    std::fs::write(desk.path().join("reviewed"), "").expect("written");
    desk.resume("one", &["--answer", "41", tool[0], tool[1]]);
    desk.assert("command");
}

#[test]
fn keys() {
    let mut desk = Desk::new();
    std::fs::write(desk.path().join("short"), "secret").expect("written");
    let run = [
        "run",
        "-c",
        "approve(1)",
        APPROVE[0],
        APPROVE[1],
        "--suspend-dir",
        "kept",
    ];
    desk.run(&run);
    desk.run(&[&run, &["--snapshot-key-file", "missing"][..]].concat());
    desk.run(&[&run, &["--snapshot-key-file", "short"][..]].concat());
    let variable = [("MONTY_SNAPSHOT_KEY", "a key of more than 16 bytes")];
    let seen = run_with(desk.path(), &run, "", &variable);
    desk.seen.push(seen);
    desk.name("one");
    let resume = ["resume", "one", "--answer", "1"];
    let seen = run_with(desk.path(), &resume, "", &variable);
    desk.seen.push(seen);
    desk.run(&resume);
    // Another key than the one it was signed with.
    desk.resume("one", &["--answer", "1"]);
    desk.assert("keys");
}

#[test]
fn snapshots_that_cannot_be_resumed() {
    let mut desk = Desk::new();
    desk.start(&["-c", "approve(1)", APPROVE[0], APPROVE[1]]);
    desk.name("one");
    let bytes = std::fs::read(desk.path().join("one")).expect("read");
    let write = |name: &str, bytes: &[u8]| {
        std::fs::write(desk.path().join(name), bytes).expect("written");
    };
    let with = |index: usize, byte: u8| {
        let mut bytes = bytes.clone();
        bytes[index] = byte;
        bytes
    };
    let middle = bytes.len() / 2;
    write("changed", &with(middle, !bytes[middle]));
    write("cut", &bytes[..bytes.len() - 1]);
    // The ninth byte is the lower one of the layout's version.
    write("newer", &with(8, u8::MAX));
    write("older", &with(8, 1));
    write("text", b"no snapshot at all");
    desk.seen.clear();
    for name in [
        "changed", "cut", "newer", "older", "text", "missing", "kept",
    ] {
        desk.resume(name, &["--answer", "1"]);
    }
    #[cfg(unix)]
    {
        let made = std::process::Command::new("mkfifo")
            .arg(desk.path().join("pipe"))
            .status();
        assert!(made.expect("mkfifo starts").success());
        // Nobody writes to it.
        desk.resume("pipe", &["--answer", "1"]);
        let endless = ["--snapshot-key-file", "/dev/zero"];
        desk.run(&[&["resume", "one", "--answer", "1"][..], &endless].concat());
    }
    desk.assert("unfit");
}

#[test]
fn answers_that_do_not_fit() {
    let mut desk = Desk::new();
    desk.start(&["-c", "approve(1)", APPROVE[0], APPROVE[1]]);
    desk.name("one");
    desk.seen.clear();
    let answers: &[&[&str]] = &[
        &[],
        &["--answer", "7=1"],
        &["--answer", "yes"],
        &["--answer", "0=yes"],
        &["--answer", "1", "--answer", "0=2"],
        &["--answer", "1", "--raise", "ValueError:no"],
        &["--raise", "ValueError"],
        &["--raise", "not a name:no"],
    ];
    for answers in answers {
        desk.resume("one", answers);
    }
    desk.assert("answers");
}

#[test]
fn answers_that_begin_with_a_hyphen_or_are_large() {
    let mut desk = Desk::new();
    desk.start(&["-c", "approve(1)", APPROVE[0], APPROVE[1]]);
    desk.name("one");
    desk.seen.clear();
    desk.resume("one", &["--answer", "-1"]);
    desk.resume("one", &["--answer", "0=36893488147419103232"]);
    desk.assert("numbers");
}

/// A script must not put into an argument what shows a person something else.
#[test]
fn what_is_approved_is_shown_as_it_is() {
    let mut desk = Desk::new();
    let code = r"approve('1\n  1  approve(5)', '\x1b[2K\x9b\u202e\u2028\u200b\ufeff\x7f\U000e0001 é 漢' + 'x' * 30_000_000)";
    desk.start(&["-c", code, "--suspend", "approve(amount, reason)"]);
    desk.name("one");
    desk.resume("one", &["--answer", "7=1"]);
    desk.assert("shown");
}

#[test]
fn a_path_that_was_mistyped_makes_no_folder() {
    let mut desk = Desk::new();
    let suspend = ["--suspend-dir", "elsewhere"];
    desk.resume("no/such/one", &["--answer", "1"]);
    desk.resume("no/such/one", &[&["--answer", "1"], &suspend[..]].concat());
    assert!(!desk.path().join("no").exists());
    assert!(!desk.path().join("elsewhere").exists());
}

#[cfg(unix)]
#[test]
fn snapshots_are_private() {
    use std::os::unix::fs::PermissionsExt;

    let mut desk = Desk::new();
    desk.start(&["-c", "approve(1)", APPROVE[0], APPROVE[1]]);
    let kept = desk.kept();
    assert_eq!(kept.len(), 1);
    for path in kept {
        let mode = std::fs::metadata(&path).expect("a file").permissions();
        assert_eq!(mode.mode() & 0o777, 0o600, "{}", path.display());
    }
}

/// A script goes on within the limits that it started with, the value that the
/// command shows included; and it does not begin where it cannot be kept.
#[test]
fn limits_and_places_are_looked_at_first() {
    let mut desk = Desk::new();
    let code = "'a' * approve(10)";
    desk.start(&["-c", code, APPROVE[0], APPROVE[1], "--max-output", "20"]);
    desk.name("one");
    desk.resume("one", &["--answer", "10"]);
    desk.resume("one", &["--answer", "100"]);
    #[cfg(target_os = "linux")]
    desk.run(&[
        "run",
        "-c",
        "spend()",
        "--tool",
        "spend()=touch spent",
        "--suspend-dir",
        "/proc/self",
        "--snapshot-key-file",
        "key",
    ]);
    assert!(!desk.path().join("spent").exists(), "no tool was called");
    desk.run(&["resume", "one", "--answer", "1"]);
    desk.run(&[
        "resume",
        "one",
        "--snapshot-key-file",
        "no-key",
        "--answer",
        "1",
    ]);
    desk.assert("limits");
}
