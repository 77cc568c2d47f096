//! Compiled code on disk: kept for the next process, loaded by it, and left
//! alone where somebody else could have changed it.

use std::fs::{self, File, Permissions};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};

use monty_host::{CodeSource, Monty, MontyBuilder, Value};

use crate::growth::later_component;
use crate::support::assert_snapshot;

/// A component that compiles quickly.
fn builder() -> MontyBuilder {
    Monty::builder().component(later_component())
}

/// Starts in a process that knows nothing of an earlier one but the directory,
/// and checks that the code runs.
fn start(directory: &Path) -> CodeSource {
    start_with(builder().cache_directory(directory))
}

fn start_with(builder: MontyBuilder) -> CodeSource {
    let monty = builder.build().expect("a cache is no reason to fail");
    let report = monty.script("").run_blocking().expect("it returns");
    assert_eq!(report.value, Value::None);
    monty.code_source().clone()
}

/// The file of code that a start kept.
fn kept(directory: &Path) -> PathBuf {
    match start(directory) {
        CodeSource::Kept(file) => file,
        other => panic!("not kept: {other:?}"),
    }
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a folder")
}

fn names(directory: &Path) -> Vec<String> {
    let entries = fs::read_dir(directory).expect("it can be listed");
    let names = entries.map(|entry| entry.expect("it can be listed").file_name());
    let mut names: Vec<_> = names
        .map(|name| name.into_string().expect("text"))
        .collect();
    names.sort();
    names
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).expect("it is there").mode() & 0o7777
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).expect("it is ours");
}

/// What does not change as long as a file is not written.
fn identity(file: &Path) -> (u64, SystemTime, u64) {
    let metadata = fs::metadata(file).expect("it is there");
    let modified = metadata.modified().expect("Unix has it");
    (metadata.ino(), modified, metadata.len())
}

#[test]
fn the_second_start_loads_what_the_first_kept() {
    let folder = folder();
    let directory = folder.path().join("not/yet");
    let compiled = Arc::new(AtomicUsize::new(0));
    let start = || {
        let compiled = Arc::clone(&compiled);
        let count = move || {
            compiled.fetch_add(1, Ordering::Relaxed);
        };
        start_with(builder().cache_directory(&directory).on_compile(count))
    };

    let CodeSource::Kept(file) = start() else {
        panic!("it is the first");
    };
    assert_eq!(compiled.load(Ordering::Relaxed), 1);
    assert_eq!(file.parent(), Some(directory.as_path()));
    assert_eq!(names(&directory).len(), 1, "nothing else is left");
    assert_eq!((mode(&directory), mode(&file)), (0o700, 0o600));

    let before = identity(&file);
    assert_eq!(start(), CodeSource::Loaded(file.clone()));
    assert_eq!(compiled.load(Ordering::Relaxed), 1);
    assert_eq!(identity(&file), before);

    // Loading needs no permission to write.
    set_mode(&directory, 0o500);
    set_mode(&file, 0o400);
    assert_eq!(start(), CodeSource::Loaded(file));
}

#[test]
fn without_the_cache_each_start_compiles() {
    let source = start_with(builder().cache(false));
    assert_eq!(source, CodeSource::NotKept("the cache is off".to_owned()));
}

/// Each component has its own file. One under the name of another is not
/// loaded.
#[test]
fn code_of_another_component_is_not_loaded() {
    let folder = folder();
    let ours = kept(folder.path());
    let other = Monty::builder()
        .component(*b"\0asm\x0d\0\x01\0")
        .compile()
        .expect("an empty component compiles");
    let elsewhere = folder
        .path()
        .join("0123456789abcdef-0123456789abcdef.cwasm");
    fs::write(&elsewhere, &other).expect("written");
    assert_eq!(start(folder.path()), CodeSource::Loaded(ours.clone()));
    assert!(elsewhere.exists());

    // Not in place: an earlier start has it mapped.
    fs::remove_file(&ours).expect("it is ours");
    fs::write(&ours, other).expect("written");
    assert_eq!(start(folder.path()), CodeSource::Kept(ours.clone()));
    assert_eq!(start(folder.path()), CodeSource::Loaded(ours));
}

#[test]
fn a_damaged_file_is_replaced() {
    let folder = folder();
    let file = kept(folder.path());
    let whole = fs::read(&file).expect("it can be read");
    let cut = [0, 1, 63, 64, 4096, whole.len() / 2, whole.len() - 1];
    let mut damaged: Vec<_> = cut.iter().map(|&length| whole[..length].to_vec()).collect();
    damaged.push(vec![0; whole.len()]);
    damaged.push(b"not code".repeat(1000));
    // As after a crash in which the end of the file did not reach the disk.
    let mut holes = whole.clone();
    holes[whole.len() / 2..].fill(0);
    damaged.push(holes);
    for content in damaged {
        // Not in place: an earlier start has it mapped.
        fs::remove_file(&file).expect("it is ours");
        fs::write(&file, &content).expect("written");
        set_mode(&file, 0o600);
        assert_eq!(
            start(folder.path()),
            CodeSource::Kept(file.clone()),
            "{} bytes",
            content.len()
        );
        assert_eq!(start(folder.path()), CodeSource::Loaded(file.clone()));
    }
    // Nobody writes into it.
    fs::remove_file(&file).expect("it is ours");
    let made = Command::new("mkfifo").arg(&file).status();
    assert!(made.expect("mkfifo starts").success());
    assert_eq!(start(folder.path()), CodeSource::Kept(file.clone()));

    fs::remove_file(&file).expect("it is ours");
    fs::create_dir(&file).expect("created");
    assert!(matches!(start(folder.path()), CodeSource::NotKept(_)));
}

/// Machine code that somebody else could have written is not run.
#[test]
fn what_others_can_write_is_not_loaded() {
    let folder = folder();
    let place = |name: &str| folder.path().join(name);
    let refused = |directory: &Path| match start(directory) {
        CodeSource::NotKept(reason) => reason,
        other => panic!("not refused: {other:?}"),
    };
    let mut seen = Vec::new();

    let open = place("open-to-all");
    let file = kept(&open);
    let before = identity(&file);
    for mode in [0o777, 0o1777, 0o770, 0o702] {
        set_mode(&open, mode);
        seen.push(refused(&open));
    }
    assert_eq!(identity(&file), before, "it is neither used nor touched");
    set_mode(&open, 0o755);
    assert_eq!(start(&open), CodeSource::Loaded(file.clone()));

    // The file alone is replaced.
    for mode in [0o666, 0o620] {
        set_mode(&file, mode);
        assert_eq!(start(&open), CodeSource::Kept(file.clone()));
        assert_eq!(self::mode(&file), 0o600);
    }

    let link = place("link");
    std::os::unix::fs::symlink(&open, &link).expect("made");
    seen.push(refused(&link));
    let plain = place("plain-file");
    fs::write(&plain, "").expect("written");
    seen.push(refused(&plain));
    seen.push(refused(&plain.join("below")));
    // Nobody can write there, not even root.
    #[cfg(target_os = "linux")]
    seen.push(refused(Path::new("/sys/kernel")));

    let mut settings = insta::Settings::clone_current();
    settings.add_filter(&folder.path().display().to_string(), "FOLDER");
    settings.add_filter("[0-9a-f]{16}-[0-9a-f]{16}", "[name]");
    settings.bind(|| assert_snapshot!("refused", seen.join("\n")));
}

/// Only root can give a directory away.
#[test]
fn what_belongs_to_somebody_else_is_not_loaded() {
    let folder = folder();
    let file = kept(folder.path());
    if std::os::unix::fs::chown(&file, Some(12345), None).is_err() {
        return;
    }
    assert_eq!(start(folder.path()), CodeSource::Kept(file.clone()));
    std::os::unix::fs::chown(folder.path(), Some(12345), None).expect("this is root");
    let CodeSource::NotKept(reason) = start(folder.path()) else {
        panic!("it is another user's");
    };
    assert!(reason.contains("belongs to user 12345"), "{reason}");
}

#[test]
fn the_oldest_files_are_removed() {
    let folder = folder();
    let place = |name: String| folder.path().join(name);
    let file = |name: String, hours: u64, bytes: u64| {
        let path = place(name);
        let file = File::create(&path).expect("created");
        // It takes no room on the disk.
        file.set_len(bytes).expect("it is a hole");
        let age = Duration::from_secs(hours * 3600);
        file.set_modified(SystemTime::now() - age).expect("ours");
    };
    for hours in 1..=70 {
        file(format!("old-{hours:02}.cwasm"), hours, 1 << 20);
    }
    file("a.cwasm.0.new".to_owned(), 2, 1);
    file("b.cwasm.0.new".to_owned(), 0, 1);
    file("of-a-person.txt".to_owned(), 9999, 1);
    let ours = kept(folder.path());
    let ours = ours
        .file_name()
        .and_then(|name| name.to_str())
        .expect("text");
    let mut expected: Vec<_> = (1..=63)
        .map(|hours| format!("old-{hours:02}.cwasm"))
        .collect();
    expected.extend(["b.cwasm.0.new", "of-a-person.txt", ours].map(str::to_owned));
    expected.sort();
    assert_eq!(names(folder.path()), expected);

    fs::remove_file(place(ours.to_owned())).expect("it is ours");
    file("big.cwasm".to_owned(), 3, 255 << 20);
    kept(folder.path());
    let newer = ["old-01.cwasm", "old-02.cwasm"];
    let others = ["b.cwasm.0.new", "of-a-person.txt", ours];
    let mut left = [&newer[..], &others].concat();
    left.sort();
    assert_eq!(names(folder.path()), left);
}

/// A start in a process of its own, in which the environment names the
/// directory.
#[test]
#[ignore = "is a process, which the tests below start"]
fn process() {
    println!("code source: {:?}", start_with(builder()));
}

fn spawn(variables: &[(&str, &Path)]) -> Child {
    let mut command = Command::new(std::env::current_exe().expect("this program"));
    command
        .args(["--exact", "code_cache::process", "--ignored", "--nocapture"])
        .stdout(Stdio::piped());
    for name in ["MONTY_CACHE_DIR", "XDG_CACHE_HOME", "HOME"] {
        command.env_remove(name);
    }
    command.envs(variables.iter().copied());
    command.spawn().expect("it starts")
}

fn ended(process: Child) -> String {
    let output = process.wait_with_output().expect("it ends");
    let shown = String::from_utf8_lossy(&output.stdout);
    let line = shown.split_once("code source: ").expect("it says so").1;
    line.lines().next().expect("a line").to_owned()
}

#[test]
fn the_directory_of_the_user() {
    let folder = folder();
    let place = |name: &str| folder.path().join(name);
    let (ours, caches, home) = (place("ours"), place("caches"), place("home"));
    let relative = Path::new("relative");
    let nothing = Path::new("");
    let seen = [
        vec![
            ("MONTY_CACHE_DIR", ours.as_path()),
            ("XDG_CACHE_HOME", &caches),
        ],
        vec![("MONTY_CACHE_DIR", relative), ("XDG_CACHE_HOME", &caches)],
        vec![("HOME", relative)],
        #[cfg(not(target_os = "macos"))]
        vec![
            ("MONTY_CACHE_DIR", nothing),
            ("XDG_CACHE_HOME", &caches),
            ("HOME", &home),
        ],
        #[cfg(not(target_os = "macos"))]
        vec![("XDG_CACHE_HOME", relative), ("HOME", &home)],
        #[cfg(not(target_os = "macos"))]
        vec![("HOME", &home)],
    ]
    .map(|variables| {
        let source = ended(spawn(&variables));
        let shown: Vec<_> = variables
            .iter()
            .map(|(name, value)| format!("{name}={}", value.display()))
            .collect();
        format!("{}\n{source}\n", shown.join(" "))
    });
    let mut settings = insta::Settings::clone_current();
    settings.add_filter(&folder.path().display().to_string(), "FOLDER");
    settings.add_filter("[0-9a-f]{16}-[0-9a-f]{16}", "[name]");
    #[cfg(not(target_os = "macos"))]
    settings.bind(|| assert_snapshot!("user", seen.join("\n")));
}

#[test]
fn processes_that_start_at_once() {
    let folder = folder();
    let processes: Vec<_> = (0..4)
        .map(|_| spawn(&[("MONTY_CACHE_DIR", folder.path())]))
        .collect();
    for process in processes {
        let source = ended(process);
        assert!(
            source.starts_with("Kept(") || source.starts_with("Loaded("),
            "{source}"
        );
    }
    assert_eq!(names(folder.path()).len(), 1);
    assert!(ended(spawn(&[("MONTY_CACHE_DIR", folder.path())])).starts_with("Loaded("));
}
