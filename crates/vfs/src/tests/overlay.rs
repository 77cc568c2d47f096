//! Copy on write.

use super::*;

fn over(base: &MemoryFiles) -> Files {
    Files::at("/data", overlay(base.clone()))
}

#[test]
fn changes() {
    let files = over(&memory()).and("/", MemoryFiles::new());
    files.write("/data/a.txt", "new").unwrap();
    files.write("/data/dir/deep/n.txt", "n").unwrap();
    files.create_directory("/data/made").unwrap();
    files.rename("/data/dir/b.txt", "/data/made/b.txt").unwrap();
    files.remove_directory("/data/empty").unwrap();
    files.write("/data/gone", "").unwrap();
    files.remove_file("/data/gone").unwrap();
    let path = |path: &str| path.to_owned();
    let file = |name: &str, data: &str| Change::File {
        path: path(name),
        data: data.into(),
    };
    assert_eq!(
        files.table.changes().collect::<Vec<_>>(),
        [
            file("/data/a.txt", "new"),
            Change::Removed {
                path: path("/data/dir/b.txt")
            },
            file("/data/dir/deep/n.txt", "n"),
            Change::Removed {
                path: path("/data/empty")
            },
            Change::Directory {
                path: path("/data/made")
            },
            Change::Moved {
                path: path("/data/made/b.txt"),
                from: path("/data/dir/b.txt")
            },
        ]
    );
    files.rename("/data/dir", "/data/made/dir").unwrap();
    let changes: Vec<_> = files.table.changes().collect();
    assert!(changes.contains(&Change::Moved {
        path: path("/data/made/dir"),
        from: path("/data/dir")
    }));
    assert!(changes.contains(&file("/data/made/dir/deep/n.txt", "n")));
    files.write("/kept", "shared").unwrap();
    let fresh = Files {
        table: files.table.fresh(),
        ..Files::new()
    };
    assert_eq!(fresh.table.changes().next(), None);
    assert_eq!(fresh.text("/data/a.txt"), "alpha");
    assert_eq!(fresh.text("/kept"), "shared");
}

#[test]
fn a_directory_made_again_hides_the_old_one() {
    let base = memory();
    let files = over(&base);
    files.rename("/data/dir", "/data/kept").unwrap();
    files.create_directory("/data/dir").unwrap();
    assert!(files.list("/data/dir").unwrap().is_empty());
    assert_eq!(files.text("/data/kept/b.txt"), "beta");
    // Swapped.
    files.rename("/data/kept/deep", "/data/t").unwrap();
    files.rename("/data/a.txt", "/data/kept/deep").unwrap();
    files.rename("/data/t", "/data/a.txt").unwrap();
    assert_eq!(files.text("/data/a.txt/c.txt"), "gamma");
    assert_eq!(files.text("/data/kept/deep"), "alpha");
    assert_eq!(base.read("/dir/b.txt").unwrap(), b"beta");
}

#[test]
fn what_is_untouched_is_the_bases() {
    let base = memory();
    let below = Files::at("/data", base.clone());
    let files = over(&base);
    for path in ["/data", "/data/dir", "/data/dir/b.txt"] {
        assert_eq!(files.stat(path), below.stat(path), "{path}");
    }
    // Touching a directory changes its time and nothing else.
    files.write("/data/dir/n", "").unwrap();
    let (touched, real) = (
        files.stat("/data/dir").unwrap(),
        below.stat("/data/dir").unwrap(),
    );
    assert_eq!(touched.file_id, real.file_id);
    assert_eq!(
        (touched.modified, real.modified),
        (files.now, Instant::EPOCH)
    );
}

#[test]
fn a_base_that_changes_shows_through() {
    let base = memory();
    let files = over(&base);
    files.write("/data/a.txt", "mine").unwrap();
    base.write("/a.txt", "theirs").unwrap();
    base.write("/dir/later.txt", "later").unwrap();
    assert_eq!(files.text("/data/a.txt"), "mine");
    assert_eq!(files.text("/data/dir/later.txt"), "later");
}
