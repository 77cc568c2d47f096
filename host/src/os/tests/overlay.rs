//! Copy on write.

use super::*;

#[tokio::test]
async fn the_host_never_changes() {
    let case = overlay();
    let system = &case.system;
    let before = case.disk();
    system.replace("/data/a.txt", "new").await.unwrap();
    system.append("/data/dir/b.txt", " more").await.unwrap();
    system.replace("/data/dir/deep/n.txt", "n").await.unwrap();
    system.make_directories("/data/x/y").await.unwrap();
    system.remove_directory("/data/empty").await.unwrap();
    system.remove_file("/data/dir/deep/c.txt").await.unwrap();
    system.rename("/data/dir", "/data/x/y/dir").await.unwrap();
    assert_eq!(before, case.disk());
    assert_eq!(
        scan(system, "/data", whole_tree()).await,
        [
            "d ",
            "f a.txt",
            "d x",
            "d x/y",
            "d x/y/dir",
            "f x/y/dir/b.txt",
            "d x/y/dir/deep",
            "f x/y/dir/deep/n.txt"
        ]
    );
    let moved = system.read_text("/data/x/y/dir/b.txt").await.unwrap();
    assert_eq!(moved, "beta more");
    assert_eq!(system.read_text("/data/a.txt").await.unwrap(), "new");
}

#[tokio::test]
async fn changes() {
    let case = overlay();
    let system = &case.system;
    system.replace("/data/a.txt", "new").await.unwrap();
    system.replace("/data/dir/deep/n.txt", "n").await.unwrap();
    system.create_directory("/data/made").await.unwrap();
    system
        .rename("/data/dir/b.txt", "/data/made/b.txt")
        .await
        .unwrap();
    system.remove_directory("/data/empty").await.unwrap();
    system.replace("/data/gone", "").await.unwrap();
    system.remove_file("/data/gone").await.unwrap();
    let path = |path: &str| path.to_owned();
    assert_eq!(
        system.changes().collect::<Vec<_>>(),
        [
            Change::File {
                path: path("/data/a.txt"),
                data: b"new".to_vec()
            },
            Change::Removed {
                path: path("/data/dir/b.txt")
            },
            Change::File {
                path: path("/data/dir/deep/n.txt"),
                data: b"n".to_vec()
            },
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
    system.rename("/data/dir", "/data/made/dir").await.unwrap();
    let changes: Vec<_> = system.changes().collect();
    assert!(changes.contains(&Change::Moved {
        path: path("/data/made/dir"),
        from: path("/data/dir")
    }));
    assert!(changes.contains(&Change::File {
        path: path("/data/made/dir/deep/n.txt"),
        data: b"n".to_vec()
    }));
}

#[tokio::test]
async fn a_fresh_one_has_no_changes() {
    let case = overlay();
    case.system.replace("/data/a.txt", "new").await.unwrap();
    let fresh = case.system.fresh();
    assert_eq!(fresh.read_text("/data/a.txt").await.unwrap(), "alpha");
    assert_eq!(fresh.changes().next(), None);
    assert_eq!(case.system.read_text("/data/a.txt").await.unwrap(), "new");
}

#[tokio::test]
async fn a_directory_made_again_hides_the_old_one() {
    let case = overlay();
    let system = &case.system;
    system.rename("/data/dir", "/data/kept").await.unwrap();
    system.create_directory("/data/dir").await.unwrap();
    assert!(system.list_directory("/data/dir").await.unwrap().is_empty());
    assert!(!system.exists("/data/dir/b.txt").await);
    assert_eq!(system.read_text("/data/kept/b.txt").await.unwrap(), "beta");
    // Swapped.
    system.rename("/data/kept/deep", "/data/t").await.unwrap();
    system
        .rename("/data/a.txt", "/data/kept/deep")
        .await
        .unwrap();
    system.rename("/data/t", "/data/a.txt").await.unwrap();
    assert_eq!(
        system.read_text("/data/a.txt/c.txt").await.unwrap(),
        "gamma"
    );
    assert_eq!(system.read_text("/data/kept/deep").await.unwrap(), "alpha");
    assert_eq!(case.disk(), disk(host_directory().path()));
}

#[tokio::test]
async fn an_untouched_file_is_the_hosts() {
    let case = overlay();
    let (on_host, before) = (read_only_view(&case), case.disk());
    for path in ["/data", "/data/dir", "/data/dir/b.txt"] {
        let seen = case.system.stat(path, true).await.unwrap();
        let real = on_host.stat(path, true).await.unwrap();
        assert_eq!(seen.file_id, real.file_id, "{path}");
        assert_eq!(seen.modified, real.modified, "{path}");
    }
    // Touching a directory changes its time and nothing else.
    case.system.replace("/data/dir/n", "").await.unwrap();
    let seen = case.system.stat("/data/dir", true).await.unwrap();
    let real = on_host.stat("/data/dir", true).await.unwrap();
    assert_eq!(seen.file_id, real.file_id);
    assert!(seen.modified >= real.modified);
    assert_eq!(before, case.disk());
}

fn read_only_view(case: &Case) -> System {
    System::new()
        .mount(case.host_path(""), "/data", MountMode::ReadOnly)
        .unwrap()
}

#[cfg(unix)]
#[tokio::test]
async fn links_are_followed_in_the_merged_tree() {
    use std::os::unix::fs::symlink;

    let case = overlay();
    symlink("dir", case.host_path("link")).unwrap();
    symlink("later.txt", case.host_path("dangling")).unwrap();
    symlink("../link/deep", case.host_path("dir/chain")).unwrap();
    let before = case.disk();
    let system = &case.system;
    // Written through a link, read without it, and the other way round.
    system.replace("/data/link/b.txt", "B").await.unwrap();
    assert_eq!(system.read_text("/data/dir/b.txt").await.unwrap(), "B");
    system.replace("/data/dir/deep/c.txt", "C").await.unwrap();
    assert_eq!(
        system.read_text("/data/link/chain/c.txt").await.unwrap(),
        "C"
    );
    assert_eq!(
        system.read_link("/data/link/chain").await.unwrap(),
        "../link/deep"
    );
    // A link to what is made later.
    assert!(!system.exists("/data/dangling").await);
    system.replace("/data/dangling", "now").await.unwrap();
    assert_eq!(system.read_text("/data/later.txt").await.unwrap(), "now");
    assert!(system.is_symlink("/data/dangling").await);
    // A link to what is gone.
    system.rename("/data/dir", "/data/moved").await.unwrap();
    assert!(!system.exists("/data/link/b.txt").await);
    // A link is moved, removed and replaced as a link.
    system.rename("/data/link", "/data/l2").await.unwrap();
    assert!(system.is_symlink("/data/l2").await);
    system.create_directory("/data/dir").await.unwrap();
    assert!(system.is_dir("/data/l2").await);
    system.remove_file("/data/l2").await.unwrap();
    assert!(system.exists("/data/dir").await);
    assert_eq!(before, case.disk());
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_name_that_is_not_utf8_keeps_its_directory() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt as _;

    for case in [read_write(), overlay()] {
        let name = OsStr::from_bytes(b"\xff");
        fs::write(case.host_path("empty").join(name), "").unwrap();
        let system = &case.system;
        assert!(
            system
                .list_directory("/data/empty")
                .await
                .unwrap()
                .is_empty()
        );
        refused!(
            system.remove_directory("/data/empty").await,
            DirectoryNotEmpty
        );
    }
}
