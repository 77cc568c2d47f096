//! Each operation, in each mode.

use super::*;

#[tokio::test]
async fn predicates() {
    for case in all() {
        let system = &case.system;
        for (path, exists, is_file, is_dir) in [
            ("/data", true, false, true),
            ("/data/a.txt", true, true, false),
            ("/data/dir/deep", true, false, true),
            ("/data/dir/deep/c.txt", true, true, false),
            ("/data/none", false, false, false),
            ("/data/none/none", false, false, false),
            ("/data/a.txt/below", false, false, false),
        ] {
            let context = format!("{} {path}", case.name);
            assert_eq!(system.exists(path).await, exists, "{context}");
            assert_eq!(system.is_file(path).await, is_file, "{context}");
            assert_eq!(system.is_dir(path).await, is_dir, "{context}");
            assert!(!system.is_symlink(path).await, "{context}");
        }
    }
}

#[tokio::test]
async fn stat() {
    for case in all() {
        let stat = case.system.stat("/data/a.txt", true).await.unwrap();
        assert_eq!(stat.file_type, FileType::Regular, "{}", case.name);
        assert_eq!(stat.size, 5, "{}", case.name);
        assert_eq!(stat.link_count, 1, "{}", case.name);
        assert_ne!(stat.device_id.unwrap_or(0), 0, "{}", case.name);
        let other = case.system.stat("/data/dir/b.txt", true).await.unwrap();
        assert_ne!(stat.file_id, other.file_id, "{}", case.name);
        let directory = case.system.stat("/data/dir", true).await.unwrap();
        assert_eq!(directory.file_type, FileType::Directory, "{}", case.name);
        refused!(case.system.stat("/data/none", true).await, NotFound);
        refused!(
            case.system.stat("/data/a.txt/below", true).await,
            NotADirectory
        );
    }
}

#[tokio::test]
async fn read() {
    for case in all() {
        let system = &case.system;
        assert_eq!(system.read_text("/data/a.txt").await.unwrap(), "alpha");
        assert_eq!(system.read("/data/dir/deep/c.txt").await.unwrap(), b"gamma");
        refused!(system.read("/data/none").await, NotFound);
        refused!(system.read("/data/dir").await, IsADirectory);
        refused!(system.read("/data").await, IsADirectory);
        refused!(system.read("/data/a.txt/below").await, NotADirectory);
    }
}

#[tokio::test]
async fn write_and_append() {
    for case in writable() {
        let system = &case.system;
        system.replace("/data/new.txt", "one").await.unwrap();
        system.append("/data/new.txt", " two").await.unwrap();
        assert_eq!(system.read_text("/data/new.txt").await.unwrap(), "one two");
        system.replace("/data/new.txt", "3").await.unwrap();
        assert_eq!(system.read_text("/data/new.txt").await.unwrap(), "3");
        system.replace("/data/a.txt", b"A").await.unwrap();
        assert_eq!(system.read_text("/data/a.txt").await.unwrap(), "A");
        system.append("/data/dir/b.txt", b"!").await.unwrap();
        assert_eq!(system.read_text("/data/dir/b.txt").await.unwrap(), "beta!");
        system.append("/data/made.txt", b"x").await.unwrap();
        assert_eq!(system.stat("/data/made.txt", true).await.unwrap().size, 1);
        refused!(system.replace("/data/dir", b"").await, IsADirectory);
        refused!(system.replace("/data", b"").await, IsADirectory);
        refused!(system.append("/data/dir", b"").await, IsADirectory);
        refused!(system.replace("/data/none/x", b"").await, NotFound);
        refused!(system.replace("/data/a.txt/x", b"").await, NotADirectory);
    }
}

#[tokio::test]
async fn open() {
    for case in all() {
        let system = &case.system;
        system.open("/data/a.txt", OpenMode::Read).await.unwrap();
        refused!(system.open("/data/none", OpenMode::Read).await, NotFound);
        refused!(system.open("/data/dir", OpenMode::Read).await, IsADirectory);
        assert!(!system.exists("/data/none").await);
    }
    for case in writable() {
        let system = &case.system;
        system.open("/data/a.txt", OpenMode::Append).await.unwrap();
        assert_eq!(system.read_text("/data/a.txt").await.unwrap(), "alpha");
        system.open("/data/a.txt", OpenMode::Write).await.unwrap();
        assert_eq!(system.read_text("/data/a.txt").await.unwrap(), "");
        for (path, mode) in [("/data/w", OpenMode::Write), ("/data/x", OpenMode::Append)] {
            system.open(path, mode).await.unwrap();
            assert_eq!(system.read_text(path).await.unwrap(), "");
            refused!(system.open("/data/dir", mode).await, IsADirectory);
        }
    }
}

#[tokio::test]
async fn list_directory() {
    for case in all() {
        let system = &case.system;
        let names = system.list_directory("/data").await.unwrap();
        assert_eq!(names, ["a.txt", "dir", "empty"], "{}", case.name);
        assert!(
            system
                .list_directory("/data/empty")
                .await
                .unwrap()
                .is_empty()
        );
        refused!(system.list_directory("/data/a.txt").await, NotADirectory);
        refused!(system.list_directory("/data/none").await, NotFound);
    }
}

#[tokio::test]
async fn scans() {
    let to_depth = |depth| ScanOptions {
        max_depth: Some(depth),
        follow_symbolic_links: false,
    };
    for case in all() {
        let system = &case.system;
        assert_eq!(
            scan(system, "/data", whole_tree()).await,
            [
                "d ",
                "f a.txt",
                "d dir",
                "f dir/b.txt",
                "d dir/deep",
                "f dir/deep/c.txt",
                "d empty"
            ],
            "{}",
            case.name
        );
        assert_eq!(
            scan(system, "/data/dir", to_depth(1)).await,
            ["d ", "f b.txt", "d deep"]
        );
        assert_eq!(scan(system, "/data", to_depth(0)).await, ["d "]);
        assert_eq!(scan(system, "/data/a.txt", whole_tree()).await, ["f "]);
        refused!(system.scan("/data/none", whole_tree()).await, NotFound);
    }
}

#[tokio::test]
async fn create_directory() {
    for case in writable() {
        let system = &case.system;
        system.create_directory("/data/new").await.unwrap();
        assert!(system.is_dir("/data/new").await);
        refused!(system.create_directory("/data/new").await, AlreadyExists);
        refused!(system.make_directories("/data/new").await, AlreadyExists);
        refused!(system.create_directory("/data/a.txt").await, AlreadyExists);
        refused!(system.create_directory("/data/x/y/z").await, NotFound);
        system.make_directories("/data/x/y/z").await.unwrap();
        system.make_directories("/data/x/y/w").await.unwrap();
        assert!(system.is_dir("/data/x/y/z").await);
        refused!(
            system.create_directory("/data/a.txt/x").await,
            NotADirectory
        );
        refused!(system.create_directory("/data").await, AlreadyExists);
        system.replace("/data/x/y/z/f", "deep").await.unwrap();
        assert_eq!(system.read_text("/data/x/y/z/f").await.unwrap(), "deep");
    }
}

#[tokio::test]
async fn remove_file_and_directory() {
    for case in writable() {
        let system = &case.system;
        system.remove_file("/data/a.txt").await.unwrap();
        assert!(!system.exists("/data/a.txt").await);
        refused!(system.remove_file("/data/a.txt").await, NotFound);
        refused!(system.remove_file("/data/dir").await, IsADirectory);
        refused!(system.remove_file("/data").await, IsADirectory);
        refused!(
            system.remove_directory("/data/dir").await,
            DirectoryNotEmpty
        );
        refused!(
            system.remove_directory("/data/dir/b.txt").await,
            NotADirectory
        );
        refused!(system.remove_directory("/data/none").await, NotFound);
        refused!(system.remove_directory("/data").await, Busy);
        system.remove_directory("/data/empty").await.unwrap();
        system.remove_file("/data/dir/deep/c.txt").await.unwrap();
        system.remove_directory("/data/dir/deep").await.unwrap();
        system.remove_file("/data/dir/b.txt").await.unwrap();
        system.remove_directory("/data/dir").await.unwrap();
        assert!(system.list_directory("/data").await.unwrap().is_empty());
        // What was removed can be made again, and is new.
        system.create_directory("/data/dir").await.unwrap();
        assert!(system.list_directory("/data/dir").await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn rename() {
    for case in writable() {
        let system = &case.system;
        system.rename("/data/a.txt", "/data/z.txt").await.unwrap();
        assert!(!system.exists("/data/a.txt").await);
        assert_eq!(system.read_text("/data/z.txt").await.unwrap(), "alpha");
        // Onto a file.
        system
            .rename("/data/z.txt", "/data/dir/b.txt")
            .await
            .unwrap();
        assert_eq!(system.read_text("/data/dir/b.txt").await.unwrap(), "alpha");
        // A directory with what is in it.
        system.rename("/data/dir", "/data/moved").await.unwrap();
        assert!(!system.exists("/data/dir/b.txt").await);
        assert_eq!(
            scan(system, "/data", whole_tree()).await,
            [
                "d ",
                "d empty",
                "d moved",
                "f moved/b.txt",
                "d moved/deep",
                "f moved/deep/c.txt"
            ],
            "{}",
            case.name
        );
        assert_eq!(
            system.read_text("/data/moved/deep/c.txt").await.unwrap(),
            "gamma"
        );
        // Onto an empty directory, and onto itself.
        system.rename("/data/moved", "/data/empty").await.unwrap();
        system.rename("/data/empty", "/data/empty").await.unwrap();
        assert_eq!(
            system.list_directory("/data/empty").await.unwrap(),
            ["b.txt", "deep"]
        );
    }
}

#[tokio::test]
async fn rename_refused() {
    for case in writable() {
        let system = &case.system;
        refused!(system.rename("/data/none", "/data/x").await, NotFound);
        refused!(system.rename("/data/a.txt", "/data/none/x").await, NotFound);
        refused!(
            system.rename("/data/a.txt", "/data/empty").await,
            IsADirectory
        );
        refused!(
            system.rename("/data/empty", "/data/a.txt").await,
            NotADirectory
        );
        refused!(
            system.rename("/data/empty", "/data/dir").await,
            DirectoryNotEmpty
        );
        refused!(
            system.rename("/data/dir", "/data/dir/deep/x").await,
            InvalidArgument
        );
        refused!(system.rename("/data", "/data/x").await, Busy);
        refused!(system.rename("/data/dir", "/data").await, Busy);
        assert_eq!(
            system.list_directory("/data").await.unwrap(),
            ["a.txt", "dir", "empty"]
        );
    }
}

#[tokio::test]
async fn read_link() {
    for case in all() {
        let system = &case.system;
        for path in ["/data", "/data/dir/deep", "/data/a.txt", "/"] {
            refused!(system.read_link(path).await, InvalidArgument);
        }
        refused!(system.read_link("/data/none").await, NotFound);
        refused!(system.read_link("/etc").await, PermissionDenied);
    }
}

#[tokio::test]
async fn read_only_changes_nothing() {
    for case in [read_only(), memory_read_only()] {
        let system = &case.system;
        let before = (case.disk(), scan(system, "/data", whole_tree()).await);
        refused!(system.replace("/data/a.txt", b"x").await, ReadOnly);
        refused!(system.replace("/data/new", "x").await, ReadOnly);
        refused!(system.append("/data/a.txt", b"x").await, ReadOnly);
        refused!(system.append("/data/new", "x").await, ReadOnly);
        refused!(system.open("/data/a.txt", OpenMode::Write).await, ReadOnly);
        refused!(system.open("/data/new", OpenMode::Append).await, ReadOnly);
        refused!(system.create_directory("/data/new").await, ReadOnly);
        refused!(system.make_directories("/data/x/y").await, ReadOnly);
        refused!(system.remove_file("/data/a.txt").await, ReadOnly);
        refused!(system.remove_directory("/data/empty").await, ReadOnly);
        refused!(system.rename("/data/a.txt", "/data/z").await, ReadOnly);
        assert_eq!(system.read_text("/data/a.txt").await.unwrap(), "alpha");
        let after = (case.disk(), scan(system, "/data", whole_tree()).await);
        assert_eq!(before, after, "{}", case.name);
    }
}

#[tokio::test]
async fn read_write_changes_the_disk() {
    let case = read_write();
    let system = &case.system;
    system.replace("/data/new/../x", "").await.unwrap_err();
    system.replace("/data/a.txt", "new").await.unwrap();
    system
        .rename("/data/a.txt", "/data/dir/a.txt")
        .await
        .unwrap();
    let content = fs::read_to_string(case.host_path("dir/a.txt")).unwrap();
    assert_eq!(content, "new");
    assert!(!case.host_path("a.txt").exists());
}
