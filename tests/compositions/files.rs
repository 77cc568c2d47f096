//! The files of `os-wasi`.

use std::fmt::Debug;
use std::path::Path;

use wasmtime::Store;
use wasmtime_wasi::WasiCtxBuilder;

use crate::bindings::system::System;
use crate::bindings::system::exports::monty::sandbox::os_call::{
    ErrorCode, FileStat, FileType, Guest, OpenMode, ScanOptions,
    WriteMode::{Append, Replace},
};
use crate::support::{
    State, assert_snapshot, component, directory, linker, mount, mount_read_only, store,
};

struct Files {
    store: Store<State>,
    os: System,
}

/// Calls an operation, which must not trap.
macro_rules! ask {
    ($files:expr, $operation:ident $(, $argument:expr)*) => {{
        let files = &mut *$files;
        let os: &Guest = files.os.monty_sandbox_os_call();
        os.$operation(&mut files.store $(, $argument)*).expect("no trap")
    }};
}

impl Files {
    fn new(set_up: impl FnOnce(&mut WasiCtxBuilder)) -> Self {
        let mut store = store(set_up);
        let os =
            System::instantiate(&mut store, &component("os-wasi"), &linker()).expect("it starts");
        Self { store, os }
    }

    /// A directory that can be written, at `/`.
    fn at_root(directory: &Path) -> Self {
        Self::new(|wasi| mount(wasi, directory, "."))
    }
}

/// What a path leads to, or is.
fn kind(files: &mut Files, path: &str, follow_links: bool) -> Result<FileType, ErrorCode> {
    let stat = ask!(files, call_stat, path, follow_links)?;
    Ok(stat.file_type)
}

/// What a file holds, as text if it is text.
fn read(files: &mut Files, path: &str) -> Result<String, ErrorCode> {
    let data = ask!(files, call_read, path)?;
    Ok(String::from_utf8(data).unwrap_or_else(|error| error.as_bytes().escape_ascii().to_string()))
}

fn line(what: &str, answer: &impl Debug) -> String {
    format!("{what}: {answer:?}\n")
}

#[test]
fn a_directory_stands_where_its_name_says() {
    let (a, b) = (directory(), directory());
    std::fs::write(a.path().join("a.txt"), "a").expect("written");
    std::fs::write(b.path().join("b.txt"), "b").expect("written");
    let mut text = String::new();
    for (first, second) in [
        (".", "data/"),
        ("./here", "/there/deep/"),
        ("/", "../up"),
        ("x/../y", "/y/sub"),
    ] {
        let mut files = Files::new(|wasi| {
            mount(wasi, a.path(), first);
            mount_read_only(wasi, b.path(), second);
        });
        let whole = ScanOptions {
            max_depth: None,
            follow_symbolic_links: false,
        };
        let found = ask!(&mut files, call_scan, "/", whole).expect("it scans");
        let paths: Vec<&str> = found.iter().map(|entry| &*entry.path).collect();
        text += &format!("{first} and {second}: {}\n", paths.join(" "));
    }
    assert_snapshot!("preopens", text);
}

#[test]
fn files_are_read_and_written() {
    let folder = directory();
    let files = &mut Files::at_root(folder.path());
    let mut text = String::new();
    text += &line(
        "write",
        &ask!(files, call_write, "/a.txt", b"one\n", Replace),
    );
    text += &line(
        "append",
        &ask!(files, call_write, "/a.txt", "two é\n".as_bytes(), Append),
    );
    text += &line("read", &read(files, "/a.txt"));
    text += &line(
        "shorter",
        &ask!(files, call_write, "/a.txt", b"\xff1", Replace),
    );
    text += &line("bytes", &read(files, "/a.txt"));
    text += &line("append new", &ask!(files, call_write, "/b", b"\0", Append));
    text += &line("open w", &ask!(files, call_open, "/a.txt", OpenMode::Write));
    text += &line("emptied", &read(files, "/a.txt"));
    text += &line("open a", &ask!(files, call_open, "/b", OpenMode::Append));
    text += &line("kept", &read(files, "/b"));
    text += &line("open r", &ask!(files, call_open, "/none", OpenMode::Read));
    text += &line(
        "open a new",
        &ask!(files, call_open, "/c", OpenMode::Append),
    );
    text += &line("list", &ask!(files, call_list_directory, "/"));
    assert_snapshot!("files", text);
}

#[test]
fn large_files_come_back_as_they_went() {
    let folder = directory();
    let files = &mut Files::at_root(folder.path());
    let data: Vec<u8> = (0..5_000_000_u32).map(|n| (n % 251) as u8).collect();
    ask!(files, call_write, "/large", &data, Replace).expect("it is written");
    ask!(files, call_write, "/large", &data[..10], Append).expect("it is written");
    let read = ask!(files, call_read, "/large").expect("it is read");
    assert_eq!(read.len(), data.len() + 10);
    assert!(read.starts_with(&data) && read.ends_with(&data[..10]));
    let sparse = std::fs::File::create(folder.path().join("huge")).expect("created");
    sparse.set_len((64 << 20) + 1).expect("it grows");
    let error = ask!(files, call_read, "/huge").unwrap_err();
    assert!(matches!(error, ErrorCode::FileTooLarge), "{error:?}");
}

#[test]
fn errors_have_the_code_of_their_cause() {
    let folder = directory();
    std::fs::create_dir_all(folder.path().join("dir/sub")).expect("made");
    std::fs::write(folder.path().join("file"), "x").expect("written");
    std::os::unix::fs::symlink("loop", folder.path().join("loop")).expect("linked");
    std::os::unix::net::UnixListener::bind(folder.path().join("socket")).expect("bound");
    let files = &mut Files::at_root(folder.path());
    let long = format!("/{}", "n".repeat(256));
    let mut text = String::new();
    text += &line("read none", &read(files, "/none"));
    text += &line("read dir", &read(files, "/dir"));
    text += &line("read through file", &read(files, "/file/x"));
    text += &line("read loop", &read(files, "/loop"));
    text += &line("read socket", &read(files, "/socket"));
    text += &line("read long name", &read(files, &long));
    text += &line("read relative", &read(files, "file"));
    text += &line("read dotted", &read(files, "/dir/../file"));
    text += &line("read NUL", &read(files, "/fi\0le"));
    text += &line("write dir", &ask!(files, call_write, "/dir", b"x", Replace));
    text += &line(
        "write below none",
        &ask!(files, call_write, "/none/a", b"x", Replace),
    );
    text += &line("list none", &ask!(files, call_list_directory, "/none"));
    text += &line("list file", &ask!(files, call_list_directory, "/file"));
    text += &line(
        "mkdir existing",
        &ask!(files, call_create_directory, "/dir"),
    );
    text += &line(
        "mkdir over file",
        &ask!(files, call_create_directory, "/file"),
    );
    text += &line(
        "mkdir below none",
        &ask!(files, call_create_directory, "/none/a"),
    );
    text += &line("unlink none", &ask!(files, call_remove_file, "/none"));
    text += &line("unlink dir", &ask!(files, call_remove_file, "/dir"));
    text += &line("rmdir full", &ask!(files, call_remove_directory, "/dir"));
    text += &line("rmdir file", &ask!(files, call_remove_directory, "/file"));
    text += &line("rmdir root", &ask!(files, call_remove_directory, "/"));
    text += &line("rename none", &ask!(files, call_rename, "/none", "/a"));
    text += &line(
        "rename file over dir",
        &ask!(files, call_rename, "/file", "/dir"),
    );
    text += &line("rename root", &ask!(files, call_rename, "/", "/a"));
    text += &line("link none", &ask!(files, call_read_link, "/none"));
    text += &line("link file", &ask!(files, call_read_link, "/file"));
    text += &line("stat none", &kind(files, "/none", true));
    text += &line("stat through file", &kind(files, "/file/x", true));
    text += &line("stat dir", &kind(files, "/dir", true));
    text += &line("stat loop", &kind(files, "/loop", true));
    text += &line("stat loop itself", &kind(files, "/loop", false));
    assert_snapshot!("errors", text);
}

#[test]
fn directories_are_made_moved_and_removed() {
    let folder = directory();
    let files = &mut Files::at_root(folder.path());
    for path in ["/a", "/a/b", "/a/b/c"] {
        ask!(files, call_create_directory, path).expect("made");
    }
    ask!(files, call_write, "/a/b/c/file", b"1", Replace).expect("written");
    ask!(files, call_write, "/old", b"2", Replace).expect("written");
    ask!(files, call_rename, "/a/b/c/file", "/old").expect("replaced");
    assert_eq!(ask!(files, call_read, "/old").expect("read"), b"1");
    ask!(files, call_rename, "/a/b", "/moved").expect("moved");
    ask!(files, call_remove_directory, "/moved/c").expect("removed");
    ask!(files, call_remove_file, "/old").expect("removed");
    assert_eq!(
        ask!(files, call_list_directory, "/").expect("listed"),
        ["a", "moved"]
    );
}

#[test]
fn links_are_followed_and_stay_inside() {
    let (folder, outside) = (directory(), directory());
    std::fs::write(outside.path().join("secret"), "secret").expect("written");
    let root = folder.path();
    std::fs::create_dir(root.join("dir")).expect("made");
    std::fs::write(root.join("dir/file"), "inside").expect("written");
    let link = |target: &Path, name: &str| {
        std::os::unix::fs::symlink(target, root.join(name)).expect("linked");
    };
    link(Path::new("dir/file"), "relative");
    link(Path::new(".."), "dir/up");
    link(Path::new("../.."), "dir/out");
    link(outside.path(), "absolute");
    link(Path::new("nowhere"), "dangling");
    let files = &mut Files::at_root(root);
    let mut text = String::new();
    for path in [
        "/relative",
        "/dir/up/relative",
        "/dir/out/x",
        "/absolute/secret",
        "/dangling",
    ] {
        text += &line(path, &read(files, path));
        text += &line("  target", &ask!(files, call_read_link, path));
        text += &line("  itself", &kind(files, path, false));
        text += &line("  leads to", &kind(files, path, true));
    }
    text += &line("unlink", &ask!(files, call_remove_file, "/relative"));
    text += &line("target", &read(files, "/dir/file"));
    for follow_symbolic_links in [false, true] {
        let options = ScanOptions {
            max_depth: None,
            follow_symbolic_links,
        };
        let found = ask!(files, call_scan, "/", options).expect("it scans");
        for entry in found {
            text += &format!(
                "{follow_symbolic_links} `{}` directory {} file {} link {}\n",
                entry.path, entry.is_directory, entry.is_file, entry.is_symbolic_link
            );
        }
    }
    assert_snapshot!("links", text);
}

#[test]
fn a_scan_ends_at_its_depth() {
    let folder = directory();
    std::fs::create_dir_all(folder.path().join("a/b/c")).expect("made");
    let files = &mut Files::at_root(folder.path());
    for (max_depth, paths) in [
        (Some(0), vec![""]),
        (Some(1), vec!["", "b"]),
        (None, vec!["", "b", "b/c"]),
    ] {
        let options = ScanOptions {
            max_depth,
            follow_symbolic_links: true,
        };
        let found = ask!(files, call_scan, "/a", options).expect("it scans");
        let found: Vec<String> = found.into_iter().map(|entry| entry.path).collect();
        assert_eq!(found, paths);
    }
}

#[test]
fn folders_that_link_to_each_other_are_too_many() {
    let folder = directory();
    for one in 0..14 {
        let inside = folder.path().join(format!("f{one}"));
        std::fs::create_dir(&inside).expect("made");
        for other in (0..14).filter(|other| *other != one) {
            let link = inside.join(format!("l{other}"));
            std::os::unix::fs::symlink(format!("../f{other}"), link).expect("linked");
        }
    }
    let files = &mut Files::at_root(folder.path());
    let mut options = ScanOptions {
        max_depth: None,
        follow_symbolic_links: true,
    };
    let started = std::time::Instant::now();
    // No `OSError`, which `os.walk()` passes over.
    let error = ask!(files, call_scan, "/", options).unwrap_err();
    let ErrorCode::Raised(exception) = error else {
        panic!("{error:?}");
    };
    assert_snapshot!("scan-too-large", exception.to_string());
    // All links are looked at once, not once for each of the ways to them.
    assert!(started.elapsed() < std::time::Duration::from_secs(5));
    options.max_depth = Some(3);
    let found = ask!(files, call_scan, "/", options).expect("it scans");
    assert_eq!(found.len(), 1 + 14 + 14 * 13 + 14 * 13 * 13);
}

#[test]
fn what_is_written_is_limited() {
    let mut text = String::new();
    let folder = directory();
    let limited = |bytes: &str| {
        Files::new(|wasi| {
            mount(wasi, folder.path(), "/");
            wasi.env("MONTY_MAX_WRITTEN_BYTES", bytes);
        })
    };
    let files = &mut limited("9000");
    text += &line("new", &ask!(files, call_write, "/a", &[b'x'; 800], Replace));
    text += &line("mkdir", &ask!(files, call_create_directory, "/d"));
    text += &line(
        "shorter",
        &ask!(files, call_write, "/a", b"12345678", Replace),
    );
    text += &line("mkdir more", &ask!(files, call_create_directory, "/e"));
    text += &line("open new", &ask!(files, call_open, "/b", OpenMode::Write));
    text += &line("append", &ask!(files, call_write, "/a", b"x", Append));
    text += &line("kept", &read(files, "/a"));
    text += &line("unlink", &ask!(files, call_remove_file, "/a"));
    text += &line("write again", &ask!(files, call_write, "/a", b"x", Replace));
    let files = &mut limited("lots");
    text += &line("unreadable", &ask!(files, call_write, "/c", b"x", Replace));
    assert_snapshot!("quota", text);
}

#[test]
fn a_read_only_directory_does_not_change() {
    let folder = directory();
    std::fs::write(folder.path().join("file"), "x").expect("written");
    let files = &mut Files::new(|wasi| mount_read_only(wasi, folder.path(), "/data"));
    let mut text = String::new();
    text += &line("read", &read(files, "/data/file"));
    text += &line(
        "write",
        &ask!(files, call_write, "/data/file", b"y", Replace),
    );
    text += &line(
        "append",
        &ask!(files, call_write, "/data/new", b"y", Append),
    );
    text += &line(
        "open w",
        &ask!(files, call_open, "/data/file", OpenMode::Write),
    );
    text += &line("mkdir", &ask!(files, call_create_directory, "/data/dir"));
    text += &line("unlink", &ask!(files, call_remove_file, "/data/file"));
    text += &line("rename", &ask!(files, call_rename, "/data/file", "/data/b"));
    text += &line("outside", &read(files, "/etc/passwd"));
    text += &line(
        "write outside",
        &ask!(files, call_write, "/a", b"y", Replace),
    );
    text += &line("mkdir root", &ask!(files, call_create_directory, "/"));
    text += &line("list root", &ask!(files, call_list_directory, "/"));
    let stat = ask!(files, call_stat, "/data/file", true).expect("it is there");
    text += &format!("permissions {:o}\n", stat.permissions);
    assert_snapshot!("read-only", text);
}

#[test]
fn a_directory_is_a_device_of_its_own() {
    let (a, b) = (directory(), directory());
    let files = &mut Files::new(|wasi| {
        mount(wasi, a.path(), "/");
        mount(wasi, b.path(), "/b");
    });
    ask!(files, call_write, "/file", b"x", Replace).expect("written");
    let error = ask!(files, call_rename, "/file", "/b/file").unwrap_err();
    assert!(matches!(error, ErrorCode::CrossDevice), "{error:?}");
    let error = ask!(files, call_rename, "/b", "/c").unwrap_err();
    assert!(matches!(error, ErrorCode::Busy), "{error:?}");
    let error = ask!(files, call_remove_directory, "/b").unwrap_err();
    assert!(matches!(error, ErrorCode::Busy), "{error:?}");
    let mut device = |path: &str| {
        let stat = ask!(files, call_stat, path, true).expect("it is there");
        stat.device_id
    };
    assert_eq!(device("/"), device("/file"));
    assert_ne!(device("/"), device("/b"));
}

/// The paths of a tree, with the content of its files.
fn tree(files: &mut Files, path: &str) -> String {
    let options = ScanOptions {
        max_depth: None,
        follow_symbolic_links: false,
    };
    let found = ask!(files, call_scan, path, options).expect("it scans");
    let lines = found.into_iter().map(|entry| {
        let path = format!("{}/{}", path.trim_end_matches('/'), entry.path);
        let content = if entry.is_file && !entry.is_symbolic_link {
            format!(" {:?}", read(files, &path))
        } else {
            String::new()
        };
        format!("  {path}{content}\n")
    });
    lines.collect()
}

#[test]
fn an_overlay_is_written_in_memory() {
    let (folder, other) = (directory(), directory());
    let root = folder.path();
    std::fs::create_dir_all(root.join("dir/deep")).expect("made");
    std::fs::write(root.join("a.txt"), "alpha").expect("written");
    std::fs::write(root.join("dir/b.txt"), "beta").expect("written");
    std::fs::write(root.join("dir/deep/c.txt"), "gamma").expect("written");
    std::os::unix::fs::symlink("dir", root.join("link")).expect("linked");
    std::os::unix::fs::symlink("/etc/passwd", root.join("absolute")).expect("linked");
    std::os::unix::fs::symlink("../out", root.join("out")).expect("linked");
    let files = &mut Files::new(|wasi| {
        // A directory that the runtime gives to read only can be an overlay.
        mount_read_only(wasi, root, "data");
        mount(wasi, other.path(), "other");
        wasi.env("MONTY_OVERLAY", "/data");
    });
    let mut text = String::new();
    text += &line(
        "write",
        &ask!(files, call_write, "/data/a.txt", b"A", Replace),
    );
    text += &line(
        "append",
        &ask!(files, call_write, "/data/link/b.txt", b"!", Append),
    );
    text += &line("mkdir", &ask!(files, call_create_directory, "/data/made"));
    text += &line(
        "rename",
        &ask!(files, call_rename, "/data/dir", "/data/made/dir"),
    );
    text += &line(
        "unlink",
        &ask!(files, call_remove_file, "/data/made/dir/deep/c.txt"),
    );
    text += &line(
        "rmdir",
        &ask!(files, call_remove_directory, "/data/made/dir/deep"),
    );
    text += &line("through link", &read(files, "/data/link/b.txt"));
    for path in ["/data/absolute", "/data/out", "/data/link"] {
        text += &line(path, &kind(files, path, false));
        text += &line("  target", &ask!(files, call_read_link, path));
        text += &line("  leads to", &kind(files, path, true));
    }
    text += &line(
        "move a link",
        &ask!(files, call_rename, "/data/absolute", "/data/moved"),
    );
    text += &line("  target", &ask!(files, call_read_link, "/data/moved"));
    text += &tree(files, "/data");
    ask!(files, call_write, "/other/real", b"x", Replace).expect("written");
    assert_snapshot!("overlay", text);
    // The directories of the machine.
    assert!(other.path().join("real").exists());
    let read = |path: &str| std::fs::read_to_string(root.join(path)).expect("still there");
    assert_eq!(
        (read("a.txt"), read("dir/b.txt")),
        ("alpha".into(), "beta".into())
    );
    assert_eq!(read("dir/deep/c.txt"), "gamma");
    assert!(!root.join("made").exists());
}

#[test]
fn all_directories_can_be_overlays() {
    let (a, b) = (directory(), directory());
    let files = &mut Files::new(|wasi| {
        mount(wasi, a.path(), ".");
        mount(wasi, b.path(), "b");
        wasi.env("MONTY_OVERLAY", "*");
    });
    for path in ["/file", "/b/file"] {
        ask!(files, call_write, path, b"x", Replace).expect("written");
        assert_eq!(read(files, path).expect("read"), "x");
    }
    assert!(!a.path().join("file").exists() && !b.path().join("file").exists());
    let listed = ask!(files, call_list_directory, "/").expect("listed");
    assert_eq!(listed, ["b", "file"]);
}

#[test]
fn directories_can_be_in_memory() {
    let folder = directory();
    let files = &mut Files::new(|wasi| {
        mount(wasi, folder.path(), "data");
        wasi.env("MONTY_MEMORY", "/tmp, /work/here");
        wasi.env("MONTY_MAX_FILE_MEMORY_BYTES", "5000");
    });
    let mut text = String::new();
    text += &line("write", &ask!(files, call_write, "/tmp/a", b"one", Replace));
    text += &line(
        "mkdir",
        &ask!(files, call_create_directory, "/work/here/dir"),
    );
    text += &line(
        "to memory",
        &ask!(files, call_rename, "/tmp/a", "/work/here/a"),
    );
    text += &line("above", &ask!(files, call_write, "/work/a", b"", Replace));
    text += &line(
        "full",
        &ask!(files, call_write, "/tmp/b", &[b'x'; 5000], Replace),
    );
    text += &line("rmdir", &ask!(files, call_remove_directory, "/tmp"));
    text += &tree(files, "/");
    let stat = ask!(files, call_stat, "/tmp/a", true).expect("it is there");
    let written =
        std::time::UNIX_EPOCH + std::time::Duration::from_secs(stat.modified.seconds as u64);
    assert!(written.elapsed().expect("not in the future") < std::time::Duration::from_secs(60));
    assert_snapshot!("memory", text);
    // Without any directory of the machine.
    let files = &mut Files::new(|wasi| {
        wasi.env("MONTY_MEMORY", "/");
    });
    ask!(files, call_write, "/a", b"x", Replace).expect("written");
    assert_eq!(read(files, "/a").expect("read"), "x");
}

#[test]
fn settings_that_cannot_be_kept_serve_no_files() {
    let folder = directory();
    let mut text = String::new();
    for (name, value) in [
        ("MONTY_OVERLAY", "/none"),
        ("MONTY_OVERLAY", "data"),
        ("MONTY_MEMORY", "/tmp/"),
        ("MONTY_MEMORY", "/data"),
        ("MONTY_MAX_WRITTEN_BYTES", "lots"),
        ("MONTY_MAX_FILE_MEMORY_BYTES", "-1"),
    ] {
        let files = &mut Files::new(|wasi| {
            mount(wasi, folder.path(), "/data");
            wasi.env(name, value);
        });
        let error = ask!(files, call_list_directory, "/data").unwrap_err();
        let ErrorCode::Other(message) = error else {
            panic!("{error:?}");
        };
        text += &format!("{name}={value}: {message}\n");
    }
    let files = &mut Files::new(|wasi| {
        wasi.env("MONTY_OVERLAY", "/data");
    });
    let error = ask!(files, call_read, "/data/a").unwrap_err();
    text += &format!("without a directory: {error:?}\n");
    assert_snapshot!("settings", text);
}

#[test]
fn stat_tells_what_wasi_knows() {
    let folder = directory();
    std::fs::write(folder.path().join("file"), "four").expect("written");
    std::fs::hard_link(folder.path().join("file"), folder.path().join("same")).expect("linked");
    std::fs::write(folder.path().join("other"), "four").expect("written");
    let files = &mut Files::at_root(folder.path());
    let mut stat =
        |path: &str| -> FileStat { ask!(files, call_stat, path, true).expect("it is there") };
    let (file, same, other) = (stat("/file"), stat("/same"), stat("/other"));
    assert_eq!(
        (file.size, file.link_count, file.permissions),
        (4, 2, 0o644)
    );
    assert_eq!(stat("/").permissions, 0o755);
    assert_ne!(file.file_id, 0);
    assert_eq!(
        (file.file_id, file.device_id),
        (same.file_id, same.device_id)
    );
    assert_ne!(file.file_id, other.file_id);
    let modified = std::fs::metadata(folder.path().join("file"))
        .and_then(|metadata| metadata.modified())
        .expect("it has a time")
        .duration_since(std::time::UNIX_EPOCH)
        .expect("it is not that old");
    assert_eq!(
        (file.modified.seconds, file.modified.nanoseconds),
        (modified.as_secs() as i64, modified.subsec_nanos())
    );
}

#[test]
fn without_a_directory_files_are_unhandled() {
    let files = &mut Files::new(|_| {});
    let error = ask!(files, call_read, "/a").unwrap_err();
    assert!(matches!(error, ErrorCode::Unhandled), "{error:?}");
    let error = ask!(files, call_stat, "/", true).unwrap_err();
    assert!(matches!(error, ErrorCode::Unhandled), "{error:?}");
}
