//! The files of `os-wasi`.

use std::fmt::Debug;
use std::path::Path;

use wasmtime::Store;
use wasmtime_wasi::WasiCtxBuilder;

use crate::bindings::os::OsWasi;
use crate::bindings::os::exports::monty::sandbox::os_call::{
    ErrorCode, FileStat, Guest, MkdirOptions, OpenMode, ScanOptions,
};
use crate::support::{
    State, assert_snapshot, component, directory, linker, mount, mount_read_only, store,
};

struct Files {
    store: Store<State>,
    os: OsWasi,
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
            OsWasi::instantiate(&mut store, &component("os-wasi"), &linker()).expect("it starts");
        Self { store, os }
    }

    /// A directory that can be written, at `/`.
    fn at_root(directory: &Path) -> Self {
        Self::new(|wasi| mount(wasi, directory, "."))
    }
}

fn line(what: &str, answer: &impl Debug) -> String {
    format!("{what}: {answer:?}\n")
}

const PLAIN: MkdirOptions = MkdirOptions {
    parents: false,
    exist_ok: false,
};

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
    assert_snapshot!("os-wasi-preopens", text);
}

#[test]
fn files_are_read_and_written() {
    let folder = directory();
    let files = &mut Files::at_root(folder.path());
    let mut text = String::new();
    text += &line("write", &ask!(files, call_write_text, "/a.txt", "one\n"));
    text += &line(
        "append",
        &ask!(files, call_append_text, "/a.txt", "two é\n"),
    );
    text += &line("read", &ask!(files, call_read_text, "/a.txt"));
    text += &line(
        "shorter",
        &ask!(files, call_write_bytes, "/a.txt", b"\xff1"),
    );
    text += &line("bytes", &ask!(files, call_read_bytes, "/a.txt"));
    text += &line("not UTF-8", &ask!(files, call_read_text, "/a.txt"));
    text += &line("append new", &ask!(files, call_append_bytes, "/b", b"\0"));
    text += &line("open w", &ask!(files, call_open, "/a.txt", OpenMode::Write));
    text += &line("emptied", &ask!(files, call_read_text, "/a.txt"));
    text += &line("open a", &ask!(files, call_open, "/b", OpenMode::Append));
    text += &line("kept", &ask!(files, call_read_bytes, "/b"));
    text += &line("open r", &ask!(files, call_open, "/none", OpenMode::Read));
    text += &line(
        "open a new",
        &ask!(files, call_open, "/c", OpenMode::Append),
    );
    text += &line("list", &ask!(files, call_iterdir, "/"));
    assert_snapshot!("os-wasi-files", text);
}

#[test]
fn large_files_come_back_as_they_went() {
    let folder = directory();
    let files = &mut Files::at_root(folder.path());
    let data: Vec<u8> = (0..5_000_000_u32).map(|n| (n % 251) as u8).collect();
    ask!(files, call_write_bytes, "/large", &data).expect("it is written");
    ask!(files, call_append_bytes, "/large", &data[..10]).expect("it is written");
    let read = ask!(files, call_read_bytes, "/large").expect("it is read");
    assert_eq!(read.len(), data.len() + 10);
    assert!(read.starts_with(&data) && read.ends_with(&data[..10]));
    let sparse = std::fs::File::create(folder.path().join("huge")).expect("created");
    sparse.set_len((64 << 20) + 1).expect("it grows");
    let error = ask!(files, call_read_bytes, "/huge").unwrap_err();
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
    text += &line("read none", &ask!(files, call_read_text, "/none"));
    text += &line("read dir", &ask!(files, call_read_text, "/dir"));
    text += &line("read through file", &ask!(files, call_read_text, "/file/x"));
    text += &line("read loop", &ask!(files, call_read_text, "/loop"));
    text += &line("read socket", &ask!(files, call_read_text, "/socket"));
    text += &line("read long name", &ask!(files, call_read_text, &long));
    text += &line("read relative", &ask!(files, call_read_text, "file"));
    text += &line("read dotted", &ask!(files, call_read_text, "/dir/../file"));
    text += &line("read NUL", &ask!(files, call_read_text, "/fi\0le"));
    text += &line("write dir", &ask!(files, call_write_text, "/dir", "x"));
    text += &line(
        "write below none",
        &ask!(files, call_write_text, "/none/a", "x"),
    );
    text += &line("list none", &ask!(files, call_iterdir, "/none"));
    text += &line("list file", &ask!(files, call_iterdir, "/file"));
    text += &line("mkdir existing", &ask!(files, call_mkdir, "/dir", PLAIN));
    text += &line(
        "mkdir over file",
        &ask!(
            files,
            call_mkdir,
            "/file",
            MkdirOptions {
                parents: true,
                exist_ok: true
            }
        ),
    );
    text += &line(
        "mkdir below none",
        &ask!(files, call_mkdir, "/none/a", PLAIN),
    );
    text += &line("unlink none", &ask!(files, call_unlink, "/none"));
    text += &line("unlink dir", &ask!(files, call_unlink, "/dir"));
    text += &line("rmdir full", &ask!(files, call_rmdir, "/dir"));
    text += &line("rmdir file", &ask!(files, call_rmdir, "/file"));
    text += &line("rmdir root", &ask!(files, call_rmdir, "/"));
    text += &line("rename none", &ask!(files, call_rename, "/none", "/a"));
    text += &line(
        "rename file over dir",
        &ask!(files, call_rename, "/file", "/dir"),
    );
    text += &line("rename root", &ask!(files, call_rename, "/", "/a"));
    text += &line("resolve loop", &ask!(files, call_resolve, "/loop"));
    text += &line("stat none", &ask!(files, call_stat, "/none"));
    text += &line("exists none", &ask!(files, call_exists, "/none"));
    text += &line("is_file dir", &ask!(files, call_is_file, "/dir"));
    text += &line("is_dir dir", &ask!(files, call_is_dir, "/dir"));
    text += &line("exists loop", &ask!(files, call_exists, "/loop"));
    text += &line("is_symlink loop", &ask!(files, call_is_symlink, "/loop"));
    assert_snapshot!("os-wasi-errors", text);
}

#[test]
fn directories_are_made_moved_and_removed() {
    let folder = directory();
    let files = &mut Files::at_root(folder.path());
    let all = MkdirOptions {
        parents: true,
        exist_ok: true,
    };
    ask!(files, call_mkdir, "/a/b/c", all).expect("made");
    ask!(files, call_mkdir, "/a/b/c", all).expect("there already");
    ask!(files, call_write_text, "/a/b/c/file", "1").expect("written");
    ask!(files, call_write_text, "/old", "2").expect("written");
    ask!(files, call_rename, "/a/b/c/file", "/old").expect("replaced");
    assert_eq!(ask!(files, call_read_text, "/old").expect("read"), "1");
    ask!(files, call_rename, "/a/b", "/moved").expect("moved");
    ask!(files, call_rmdir, "/moved/c").expect("removed");
    ask!(files, call_unlink, "/old").expect("removed");
    assert_eq!(
        ask!(files, call_iterdir, "/").expect("listed"),
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
        text += &line(path, &ask!(files, call_read_text, path));
        text += &line("  resolved", &ask!(files, call_resolve, path));
        text += &line("  a link", &ask!(files, call_is_symlink, path));
        text += &line("  exists", &ask!(files, call_exists, path));
    }
    text += &line(
        "resolved below nothing",
        &ask!(files, call_resolve, "/dir/up/none/x"),
    );
    text += &line("unlink", &ask!(files, call_unlink, "/relative"));
    text += &line("target", &ask!(files, call_read_text, "/dir/file"));
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
    assert_snapshot!("os-wasi-links", text);
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
    assert_snapshot!("os-wasi-scan-too-large", exception.summary());
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
    text += &line("new", &ask!(files, call_write_bytes, "/a", &[b'x'; 800]));
    text += &line("mkdir", &ask!(files, call_mkdir, "/d", PLAIN));
    text += &line("shorter", &ask!(files, call_write_text, "/a", "12345678"));
    text += &line("mkdir more", &ask!(files, call_mkdir, "/e", PLAIN));
    text += &line("open new", &ask!(files, call_open, "/b", OpenMode::Write));
    text += &line("append", &ask!(files, call_append_text, "/a", "x"));
    text += &line("kept", &ask!(files, call_read_text, "/a"));
    text += &line("unlink", &ask!(files, call_unlink, "/a"));
    text += &line("write again", &ask!(files, call_write_text, "/a", "x"));
    let files = &mut limited("lots");
    text += &line("unreadable", &ask!(files, call_write_text, "/c", "x"));
    text += &line("list", &ask!(files, call_iterdir, "/"));
    assert_snapshot!("os-wasi-quota", text);
}

#[test]
fn a_read_only_directory_does_not_change() {
    let folder = directory();
    std::fs::write(folder.path().join("file"), "x").expect("written");
    let files = &mut Files::new(|wasi| mount_read_only(wasi, folder.path(), "/data"));
    let mut text = String::new();
    text += &line("read", &ask!(files, call_read_text, "/data/file"));
    text += &line("write", &ask!(files, call_write_text, "/data/file", "y"));
    text += &line("append", &ask!(files, call_append_text, "/data/new", "y"));
    text += &line(
        "open w",
        &ask!(files, call_open, "/data/file", OpenMode::Write),
    );
    text += &line("mkdir", &ask!(files, call_mkdir, "/data/dir", PLAIN));
    text += &line("unlink", &ask!(files, call_unlink, "/data/file"));
    text += &line("rename", &ask!(files, call_rename, "/data/file", "/data/b"));
    text += &line("outside", &ask!(files, call_read_text, "/etc/passwd"));
    text += &line("write outside", &ask!(files, call_write_text, "/a", "y"));
    text += &line("mkdir root", &ask!(files, call_mkdir, "/", PLAIN));
    text += &line("list root", &ask!(files, call_iterdir, "/"));
    let stat = ask!(files, call_stat, "/data/file").expect("it is there");
    text += &format!("permissions {:o}\n", stat.permissions);
    assert_snapshot!("os-wasi-read-only", text);
}

#[test]
fn a_directory_is_a_device_of_its_own() {
    let (a, b) = (directory(), directory());
    let files = &mut Files::new(|wasi| {
        mount(wasi, a.path(), "/");
        mount(wasi, b.path(), "/b");
    });
    ask!(files, call_write_text, "/file", "x").expect("written");
    let error = ask!(files, call_rename, "/file", "/b/file").unwrap_err();
    assert!(matches!(error, ErrorCode::CrossDevice), "{error:?}");
    let error = ask!(files, call_rename, "/b", "/c").unwrap_err();
    assert!(
        matches!(error, ErrorCode::PermissionDenied | ErrorCode::CrossDevice),
        "{error:?}"
    );
}

#[test]
fn stat_tells_what_wasi_knows() {
    let folder = directory();
    std::fs::write(folder.path().join("file"), "four").expect("written");
    std::fs::hard_link(folder.path().join("file"), folder.path().join("same")).expect("linked");
    std::fs::write(folder.path().join("other"), "four").expect("written");
    let files = &mut Files::at_root(folder.path());
    let mut stat = |path: &str| -> FileStat { ask!(files, call_stat, path).expect("it is there") };
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
    assert!((file.modified_seconds - modified.as_secs_f64()).abs() < 1e-5);
}

#[test]
fn without_a_directory_files_are_unhandled() {
    let files = &mut Files::new(|_| {});
    let error = ask!(files, call_read_text, "/a").unwrap_err();
    assert!(matches!(error, ErrorCode::Unhandled), "{error:?}");
    let error = ask!(files, call_exists, "/").unwrap_err();
    assert!(matches!(error, ErrorCode::Unhandled), "{error:?}");
}
