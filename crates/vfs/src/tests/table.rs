//! Which file system a path belongs to.

use super::*;

#[test]
fn nothing_mounted_is_unhandled() {
    let files = Files::new();
    refused!(files.stat("/"), Unhandled);
    refused!(files.table.read_link("/x"), Unhandled);
    refused!(files.read("/etc/passwd"), Unhandled);
    refused!(files.write("/x", ""), Unhandled);
    refused!(files.list("/"), Unhandled);
    refused!(files.scan("/", FOLLOWED), Unhandled);
    refused!(files.create_directory("/x"), Unhandled);
    refused!(files.remove_file("/x"), Unhandled);
    refused!(files.remove_directory("/x"), Unhandled);
    refused!(files.rename("/a", "/b"), Unhandled);
}

#[test]
fn outside_of_every_mount_is_denied() {
    for (_, files) in all() {
        for path in ["/etc", "/etc/passwd", "/datax"] {
            refused!(files.stat(path), PermissionDenied);
            refused!(files.read(path), PermissionDenied);
            refused!(files.write(path, ""), PermissionDenied);
            refused!(files.open(path, OpenMode::Read), PermissionDenied);
            refused!(files.list(path), PermissionDenied);
            refused!(files.scan(path, FOLLOWED), PermissionDenied);
            refused!(files.create_directory(path), PermissionDenied);
            refused!(files.remove_file(path), PermissionDenied);
            refused!(files.remove_directory(path), PermissionDenied);
            refused!(files.rename("/data/a.txt", path), PermissionDenied);
            refused!(files.rename(path, "/data/x"), PermissionDenied);
        }
    }
}

#[test]
fn mount_points_and_what_holds_them_stay() {
    let files = Files::at("/srv/in/data", memory()).and("/srv/out", memory());
    for path in ["/", "/srv", "/srv/in", "/srv/in/data", "/srv/out"] {
        assert_eq!(files.file_type(path), FileType::Directory, "{path}");
        refused!(files.create_directory(path), AlreadyExists);
        refused!(files.read(path), IsADirectory);
        refused!(files.write(path, ""), IsADirectory);
        refused!(files.open(path, OpenMode::Append), IsADirectory);
        refused!(files.remove_file(path), IsADirectory);
        refused!(files.table.read_link(path), InvalidArgument);
        refused!(files.rename(path, "/srv/out/x"), Busy);
        refused!(files.rename("/srv/out/dir", path), Busy);
    }
    for path in ["/", "/srv/in/data", "/srv/out"] {
        refused!(files.remove_directory(path), Busy);
    }
    refused!(files.remove_directory("/srv"), DirectoryNotEmpty);
    assert_eq!(files.list("/").unwrap(), ["srv"]);
    assert_eq!(files.list("/srv").unwrap(), ["in", "out"]);
    refused!(files.write("/srv/x", ""), PermissionDenied);
    let tree = files.tree("/");
    assert!(
        tree.contains(&"f srv/in/data/dir/b.txt".to_owned()),
        "{tree:?}"
    );
}

#[test]
fn longer_mount_points_win() {
    let root = memory().file("/data/hidden", "").unwrap();
    let root = root.file("/file", "").unwrap();
    let files = Files::at("/", root)
        .and("/data", memory().read_only(true))
        .and("/data/dir", MemoryFiles::new().file("/x", "X").unwrap())
        .and("/file/below", memory());
    assert_eq!(files.list("/data").unwrap(), ["a.txt", "dir", "empty"]);
    assert_eq!(files.list("/data/dir").unwrap(), ["x"]);
    files.write("/top.txt", "top").unwrap();
    refused!(files.write("/data/a.txt", ""), ReadOnly);
    refused!(files.rename("/top.txt", "/data/dir/y"), CrossDevice);
    refused!(files.rename("/dir", "/empty/deep/x"), NotFound);
    refused!(files.rename("/data", "/other"), Busy);
    refused!(files.remove_directory("/data"), Busy);
    // A mount point makes directories of all above it, whatever was there.
    assert_eq!(files.file_type("/file"), FileType::Directory);
    assert_eq!(files.list("/file").unwrap(), ["below"]);
    refused!(files.read("/file"), IsADirectory);
    refused!(files.remove_directory("/file"), DirectoryNotEmpty);
    // Each tree is a device.
    let (top, x) = (
        files.stat("/top.txt").unwrap(),
        files.stat("/data/dir/x").unwrap(),
    );
    assert!(top.device_id.is_some() && x.device_id.is_some());
    assert_ne!(top.device_id, x.device_id);
    // In Python's range, beyond which two may look like one.
    assert!(i64::try_from(top.device_id.unwrap()).is_ok());
}

#[test]
fn paths_that_are_not_normalised_are_refused() {
    for (_, files) in all() {
        for path in [
            "",
            "data/a.txt",
            "/data/..",
            "/data/./a.txt",
            "/data//a",
            "/data/",
            "/a\0b",
        ] {
            refused!(files.read(path), InvalidArgument);
            refused!(files.stat(path), InvalidArgument);
            refused!(files.create_directory(path), InvalidArgument);
        }
        for path in [format!("/data/{}", "x".repeat(256)), "/x".repeat(129)] {
            refused!(files.read(&path), NameTooLong);
            refused!(files.rename("/data/a.txt", &path), NameTooLong);
        }
    }
}

#[test]
fn mounts_that_are_refused_say_what_to_change() {
    let mut table = MountTable::new();
    table.mount("/data", memory().into()).unwrap();
    assert_eq!(
        table
            .mount("/data", memory().into())
            .unwrap_err()
            .to_string(),
        "something is mounted at `/data` already: choose another virtual path"
    );
    for point in ["data", "", "/data/", "/a/../b", "//"] {
        let refused = table.mount(point, memory().into()).unwrap_err().to_string();
        assert!(refused.contains("is not a virtual path"), "{refused}");
    }
    assert_eq!(table.points().collect::<Vec<_>>(), ["/data"]);
}
