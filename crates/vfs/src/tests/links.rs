//! Where links lead.

use super::*;

fn linked() -> MemoryFiles {
    [
        ("/inside", "dir/deep"),
        ("/dir/winding", "../inside/../b.txt"),
        ("/dangling", "later.txt"),
        ("/loop", "loop"),
        ("/absolute", "/a.txt"),
        ("/out", "../secret"),
        ("/dir/out", "../../secret"),
        ("/dir/back", "../../data/a.txt"),
        ("/chain", "absolute/x"),
        ("/again", "dir/out"),
    ]
    .into_iter()
    .fold(memory(), |files, (path, target)| {
        files.link(path, target).unwrap()
    })
}

fn each() -> [(&'static str, Files); 2] {
    [
        ("memory", Files::at("/data", linked())),
        ("overlay", Files::at("/data", overlay(linked()))),
    ]
}

#[test]
fn links_that_stay_inside() {
    for (name, files) in each() {
        assert_eq!(files.text("/data/inside/c.txt"), "gamma", "{name}");
        assert_eq!(files.text("/data/dir/winding"), "beta", "{name}");
        assert_eq!(files.table.read_link("/data/inside").unwrap(), "dir/deep");
        assert_eq!(
            files.table.read_link("/data/dir/winding").unwrap(),
            "../inside/../b.txt"
        );
        assert_eq!(files.file_type("/data/inside"), FileType::SymbolicLink);
        assert_eq!(
            files.stat("/data/inside").unwrap().file_type,
            FileType::Directory
        );
        files.write("/data/inside/new", "new").unwrap();
        assert_eq!(files.text("/data/dir/deep/new"), "new", "{name}");
        refused!(files.remove_directory("/data/inside"), NotADirectory);
        refused!(files.create_directory("/data/inside"), AlreadyExists);
        files.remove_file("/data/inside").unwrap();
        assert_eq!(files.text("/data/dir/deep/c.txt"), "gamma", "{name}");
    }
}

#[test]
fn links_that_lead_nowhere() {
    for (name, files) in each() {
        refused!(files.stat("/data/dangling"), NotFound);
        assert_eq!(
            files.table.read_link("/data/dangling").unwrap(),
            "later.txt"
        );
        files.write("/data/dangling", "now").unwrap();
        assert_eq!(files.text("/data/later.txt"), "now", "{name}");
        for path in ["/data/loop", "/data/loop/x"] {
            refused!(files.stat(path), TooManyLinks);
            refused!(files.read(path), TooManyLinks);
            refused!(files.write(path, ""), TooManyLinks);
        }
        assert_eq!(files.table.read_link("/data/loop").unwrap(), "loop");
        refused!(files.table.read_link("/data/a.txt"), InvalidArgument);
        refused!(files.table.read_link("/data/dir"), InvalidArgument);
        refused!(files.table.read_link("/data"), InvalidArgument);
        refused!(files.table.read_link("/"), InvalidArgument);
        refused!(files.table.read_link("/data/none"), NotFound);
        refused!(files.table.read_link("/data/a.txt/x"), NotADirectory);
        refused!(files.table.read_link("/etc"), PermissionDenied);
    }
}

#[test]
fn links_that_lead_out() {
    for (name, files) in each() {
        for path in [
            "/data/absolute",
            "/data/out",
            "/data/dir/out",
            "/data/dir/back",
            "/data/chain",
            "/data/again",
        ] {
            refused!(files.table.read_link(path), PermissionDenied);
            refused!(files.stat(path), PermissionDenied);
            refused!(files.read(path), PermissionDenied);
            refused!(files.open(path, OpenMode::Read), PermissionDenied);
            refused!(files.list(path), PermissionDenied);
            refused!(files.scan(path, FOLLOWED), PermissionDenied);
            refused!(files.write(path, ""), PermissionDenied);
            refused!(
                files.create_directory(&format!("{path}/x")),
                PermissionDenied
            );
            assert_eq!(files.file_type(path), FileType::SymbolicLink, "{name}");
        }
        let tree = files.scan("/data", FOLLOWED).unwrap();
        for entry in [
            "l absolute",
            "l out",
            "l dir/out",
            "l chain",
            "l loop",
            "l dangling",
        ] {
            assert!(
                tree.contains(&entry.to_owned()),
                "{name}: {entry}: {tree:?}"
            );
        }
        // Moved, it leads elsewhere.
        files.rename("/data/dir/out", "/data/dir/deep/in").unwrap();
        assert_eq!(
            files.table.read_link("/data/dir/deep/in").unwrap(),
            "../../secret"
        );
        refused!(files.read("/data/dir/deep/in"), NotFound);
    }
}

#[test]
fn a_link_of_two_thousand_names() {
    let files = memory()
        .link("/winding", &"dir/../".repeat(500))
        .and_then(|files| files.link("/again", &"winding/".repeat(500)))
        .unwrap();
    let files = Files::at("/data", files);
    assert_eq!(
        files.stat("/data/winding").unwrap().file_type,
        FileType::Directory
    );
    refused!(files.stat("/data/again"), TooManyLinks);
}
