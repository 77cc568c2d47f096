//! Nothing may be changed, and the errors are those of a read-only mount of
//! Linux.

use super::*;

fn read_only() -> Files {
    let files = memory().link("/link", "dir").unwrap();
    let files = files.link("/dangling", "none/x").unwrap();
    Files::at("/data", files.read_only(true))
}

#[test]
fn changes_are_refused() {
    let files = read_only();
    let before = files.tree("/data");
    for path in [
        "/data/a.txt",
        "/data/new",
        "/data/link/new",
        "/data/dangling",
    ] {
        refused!(files.write(path, "x"), ReadOnly);
        refused!(files.append(path, "x"), ReadOnly);
        refused!(files.open(path, OpenMode::Write), ReadOnly);
        refused!(files.open(path, OpenMode::Append), ReadOnly);
    }
    refused!(files.create_directory("/data/new"), ReadOnly);
    for path in ["/data/a.txt", "/data/none", "/data/dir", "/data/empty"] {
        refused!(files.remove_file(path), ReadOnly);
        refused!(files.remove_directory(path), ReadOnly);
        refused!(files.rename(path, "/data/z"), ReadOnly);
    }
    assert_eq!(before, files.tree("/data"));
    assert_eq!(files.text("/data/a.txt"), "alpha");
    files.open("/data/a.txt", OpenMode::Read).unwrap();
}

#[test]
fn other_errors_come_first() {
    let files = read_only();
    for path in ["/data/a.txt", "/data/dir", "/data/link", "/data", "/"] {
        refused!(files.create_directory(path), AlreadyExists);
    }
    for path in ["/data/none/x", "/data/dir/none/x"] {
        refused!(files.write(path, ""), NotFound);
        refused!(files.create_directory(path), NotFound);
        refused!(files.remove_file(path), NotFound);
        refused!(files.remove_directory(path), NotFound);
        refused!(files.rename(path, "/data/z"), NotFound);
        refused!(files.rename("/data/a.txt", path), NotFound);
    }
    let through = "/data/a.txt/x";
    refused!(files.write(through, ""), NotADirectory);
    refused!(files.create_directory(through), NotADirectory);
    refused!(files.remove_file(through), NotADirectory);
    refused!(files.remove_directory(through), NotADirectory);
    refused!(files.rename(through, "/data/z"), NotADirectory);
    refused!(files.write("/data/dir", ""), IsADirectory);
    refused!(files.remove_directory("/data"), Busy);
    refused!(files.rename("/data", "/data/x"), Busy);
}
