//! What is capped.

use super::*;

#[test]
fn files() {
    for (name, mut files) in all() {
        files.limits.file_bytes = 10;
        files.write("/data/ten", [0; 10]).unwrap();
        refused!(files.append("/data/ten", [0]), FileTooLarge);
        refused!(files.write("/data/eleven", [0; 11]), FileTooLarge);
        refused!(files.append("/data/dir/b.txt", [0; 7]), FileTooLarge);
        refused!(files.stat("/data/eleven"), NotFound);
        assert_eq!(files.text("/data/dir/b.txt"), "beta", "{name}");
        files.limits.file_bytes = 4;
        refused!(files.read("/data/a.txt"), FileTooLarge);
    }
}

#[test]
fn entries() {
    for (name, mut files) in all() {
        files.limits.entries = 3;
        assert_eq!(files.list("/data").unwrap().len(), 3, "{name}");
        refused!(files.scan("/data", FOLLOWED), TooLarge(_));
        files.limits.entries = 2;
        let error = files.list("/data").unwrap_err();
        assert_eq!(
            error.to_string(),
            "more than 2 directory entries: list a smaller directory, or fewer levels of it"
        );
        files.limits.entries = 7;
        assert_eq!(files.tree("/data").len(), 7, "{name}");
    }
}

#[test]
fn what_was_removed_counts_as_looked_at() {
    let mut files = Files::at("/data", overlay(memory()));
    for name in ["x", "y"] {
        files.write(&format!("/data/{name}"), "").unwrap();
        files.remove_file(&format!("/data/{name}")).unwrap();
    }
    files.remove_file("/data/a.txt").unwrap();
    files.limits.entries = 3;
    assert_eq!(files.list("/data").unwrap(), ["dir", "empty"]);
    files.limits.entries = 2;
    refused!(files.list("/data"), TooLarge(_));
}

#[test]
fn memory_of_an_overlay() {
    let mut files = Files::at("/data", overlay(memory()));
    files.limits.overlay_bytes = 2500;
    files.write("/data/x", [0; 1000]).unwrap();
    refused!(files.write("/data/y", [0; 1000]), NoSpace);
    refused!(files.append("/data/x", [0; 1000]), NoSpace);
    refused!(files.stat("/data/y"), NotFound);
    // What is removed makes room.
    files.remove_file("/data/x").unwrap();
    files.write("/data/y", [0; 1500]).unwrap();
    // Names count, and so do marks for what was removed.
    let made = (0..100).take_while(|made| files.create_directory(&format!("/data/{made}")).is_ok());
    assert!(made.count() < 10);
    refused!(files.remove_file("/data/dir/deep/c.txt"), NoSpace);
    refused!(files.rename("/data/a.txt", "/data/z"), NoSpace);
    assert_eq!(files.text("/data/a.txt"), "alpha");
}

#[test]
fn written_and_removed_over_and_over_adds_up_to_nothing() {
    let files = Files::at("/", MemoryFiles::new().max_bytes(4000));
    for _ in 0..100 {
        files.create_directory("/d").unwrap();
        files.write("/d/y", [0; 100]).unwrap();
        files.rename("/d/y", "/d/z").unwrap();
        files.remove_file("/d/z").unwrap();
        files.remove_directory("/d").unwrap();
    }
    refused!(files.write("/x", [0; 4000]), NoSpace);
}

#[test]
fn depth() {
    for (name, files) in all() {
        let mut paths = ["/data/one".to_owned(), "/data/two".to_owned()];
        for path in &mut paths {
            files.create_directory(path).unwrap();
            for _ in 0..100 {
                path.push_str("/d");
                files.create_directory(path).unwrap();
            }
        }
        // The path is short enough, but what is in it would not be.
        let below = format!("{}/one", paths[1]);
        refused!(files.rename("/data/one", &below), NameTooLong);
        assert_eq!(files.file_type("/data/one"), FileType::Directory, "{name}");
    }
}

#[test]
fn what_is_written_elsewhere() {
    let files = Files::new();
    let context = files.context();
    context.spend_written(1 << 29, true).unwrap();
    refused!(context.spend_written(1 << 29, false), NoSpace);
    // A rejected write uses no bytes.
    context.spend_written((1 << 29) - 4096, false).unwrap();
    refused!(context.spend_written(1, false), NoSpace);
    refused!(context.spend_written(u64::MAX, true), NoSpace);
}
