//! A mount is left by no path.

use super::*;

/// Every operation on a path is denied, or finds nothing.
async fn assert_unreachable(case: &Case, path: &str) {
    let system = &case.system;
    let context = format!("{} {path}", case.name);
    for answer in [
        system.exists(path).await,
        system.is_file(path).await,
        system.is_dir(path).await,
    ] {
        assert!(!answer, "{context}");
    }
    refused!(system.stat(path, true).await, PermissionDenied);
    refused!(system.read(path).await, PermissionDenied);
    refused!(system.read_text(path).await, PermissionDenied);
    refused!(system.open(path, OpenMode::Read).await, PermissionDenied);
    refused!(system.list_directory(path).await, PermissionDenied);
    refused!(system.scan(path, whole_tree()).await, PermissionDenied);
    let writes = [
        system.replace(path, b"x").await,
        system.append(path, b"x").await,
        system.open(path, OpenMode::Write).await,
        system.open(path, OpenMode::Append).await,
        system.make_directories(&format!("{path}/x")).await,
        system.remove_file(&format!("{path}/x")).await,
        system.remove_directory(&format!("{path}/x")).await,
        system.rename("/data/a.txt", &format!("{path}/x")).await,
        system.rename(&format!("{path}/x"), "/data/x").await,
    ];
    for write in writes {
        match write {
            Err(ErrorCode::PermissionDenied) => {}
            Err(ErrorCode::ReadOnly) if !case.writable => {}
            other => panic!("{context}: {other:?}"),
        }
    }
}

#[cfg(unix)]
#[tokio::test]
async fn links_that_lead_out() {
    use std::os::unix::fs::symlink;

    for case in on_host() {
        let outside = case.host.path().to_owned();
        symlink("/etc", case.host_path("etc")).unwrap();
        symlink("/", case.host_path("root")).unwrap();
        symlink("..", case.host_path("up")).unwrap();
        symlink("../..", case.host_path("dir/up")).unwrap();
        symlink("../secret.txt", case.host_path("secret")).unwrap();
        symlink("dir/../../secret.txt", case.host_path("winding")).unwrap();
        symlink("etc", case.host_path("chain")).unwrap();
        symlink("../chain", case.host_path("dir/chain")).unwrap();
        symlink("/proc/self/root", case.host_path("proc")).unwrap();
        symlink(&outside, case.host_path("outside")).unwrap();
        // Inside, but absolute: it names a place of the host.
        symlink(case.host_path("dir"), case.host_path("absolute")).unwrap();
        // Nothing stands there yet.
        symlink(outside.join("made"), case.host_path("dangling")).unwrap();
        symlink("../made", case.host_path("dangling2")).unwrap();
        let before = case.disk();
        for path in [
            "/data/etc",
            "/data/etc/passwd",
            "/data/root",
            "/data/root/etc/passwd",
            "/data/up",
            "/data/up/secret.txt",
            "/data/dir/up",
            "/data/secret",
            "/data/winding",
            "/data/chain",
            "/data/dir/chain/passwd",
            "/data/proc/etc/passwd",
            "/data/outside/secret.txt",
            "/data/absolute",
            "/data/absolute/b.txt",
            "/data/dangling",
            "/data/dangling2",
        ] {
            assert_unreachable(&case, path).await;
            refused!(case.system.read_link(path).await, PermissionDenied);
        }
        assert_eq!(before, case.disk(), "{}", case.name);
        // They are listed, as links that lead nowhere.
        assert!(case.system.is_symlink("/data/etc").await);
        let options = ScanOptions {
            max_depth: None,
            follow_symbolic_links: true,
        };
        let tree = scan(&case.system, "/data", options).await;
        assert!(tree.contains(&"l etc".to_owned()), "{tree:?}");
        assert!(!tree.iter().any(|entry| entry.contains("etc/")), "{tree:?}");
    }
}

#[cfg(unix)]
#[tokio::test]
async fn links_that_stay_inside() {
    use std::os::unix::fs::symlink;

    for case in on_host() {
        symlink("dir/deep", case.host_path("link")).unwrap();
        symlink("../link/../b.txt", case.host_path("dir/winding")).unwrap();
        let system = &case.system;
        assert_eq!(system.read_text("/data/link/c.txt").await.unwrap(), "gamma");
        assert_eq!(system.read_text("/data/dir/winding").await.unwrap(), "beta");
        assert_eq!(system.read_link("/data/link").await.unwrap(), "dir/deep");
        let target = system.read_link("/data/dir/winding").await.unwrap();
        assert_eq!(target, "../link/../b.txt");
        refused!(system.read_link("/data/link/c.txt").await, InvalidArgument);
        refused!(system.read_link("/data/dir").await, InvalidArgument);
        refused!(system.read_link("/data/none").await, NotFound);
        assert!(system.is_symlink("/data/link").await);
        assert!(!system.is_symlink("/data/link/c.txt").await);
        if case.writable {
            system.replace("/data/link/new", "new").await.unwrap();
            let direct = system.read_text("/data/dir/deep/new").await.unwrap();
            assert_eq!(direct, "new", "{}", case.name);
            refused!(system.remove_directory("/data/link").await, NotADirectory);
            refused!(system.create_directory("/data/link").await, AlreadyExists);
            system.remove_file("/data/link").await.unwrap();
            assert!(system.exists("/data/dir/deep").await);
        }
    }
}

#[cfg(unix)]
#[tokio::test]
async fn cycles_of_links() {
    use std::os::unix::fs::symlink;

    for case in on_host() {
        symlink("loop", case.host_path("loop")).unwrap();
        symlink("pong", case.host_path("ping")).unwrap();
        symlink("ping", case.host_path("pong")).unwrap();
        symlink("..", case.host_path("dir/deep/up")).unwrap();
        symlink("..", case.host_path("dir/top")).unwrap();
        let system = &case.system;
        for path in ["/data/loop", "/data/ping", "/data/pong/x"] {
            refused!(system.stat(path, true).await, TooManyLinks);
            refused!(system.read(path).await, TooManyLinks);
            assert!(!system.exists(path).await);
        }
        let options = ScanOptions {
            max_depth: None,
            follow_symbolic_links: true,
        };
        let tree = scan(system, "/data", options).await;
        assert!(tree.contains(&"ld dir/deep/up".to_owned()), "{tree:?}");
        assert!(!tree.iter().any(|entry| entry.contains("up/")), "{tree:?}");
        assert!(!tree.iter().any(|entry| entry.contains("top/")), "{tree:?}");
        let inner = scan(system, "/data/dir/deep", options).await;
        assert!(inner.contains(&"f up/b.txt".to_owned()), "{inner:?}");
        assert!(inner.len() < 100, "{inner:?}");
    }
}

#[cfg(unix)]
#[tokio::test]
async fn a_swapped_directory_leads_nowhere() {
    use std::os::unix::fs::symlink;

    for case in on_host() {
        let before = case.system.read_text("/data/dir/b.txt").await.unwrap();
        assert_eq!(before, "beta");
        fs::write(case.host.path().join("b.txt"), "secret").unwrap();
        fs::remove_dir_all(case.host_path("dir")).unwrap();
        symlink(case.host.path(), case.host_path("dir")).unwrap();
        refused!(
            case.system.read_text("/data/dir/b.txt").await,
            PermissionDenied
        );
        assert_unreachable(&case, "/data/dir").await;
    }
}

#[cfg(unix)]
#[test]
fn links_swapped_while_they_are_read() {
    use std::os::unix::fs::symlink;
    use std::sync::atomic::{AtomicBool, Ordering};

    for case in on_host() {
        let inside = case.host_path("inside");
        let outside = case.host_path("outside");
        symlink("a.txt", &inside).unwrap();
        symlink("../secret.txt", &outside).unwrap();
        let swapped = case.host_path("swapped");
        let done = AtomicBool::new(false);
        let answers = std::thread::scope(|scope| {
            scope.spawn(|| {
                let spare = case.host_path("spare");
                while !done.load(Ordering::Relaxed) {
                    for link in ["a.txt", "../secret.txt"] {
                        symlink(link, &spare).unwrap();
                        fs::rename(&spare, &swapped).unwrap();
                    }
                }
            });
            let runtime = tokio::runtime::Builder::new_current_thread()
                .build()
                .unwrap();
            let read = |_| runtime.block_on(case.system.read_text("/data/swapped"));
            let answers: Vec<_> = (0..2000).map(read).collect();
            done.store(true, Ordering::Relaxed);
            answers
        });
        for answer in answers {
            match answer {
                Ok(text) => assert_eq!(text, "alpha", "{}", case.name),
                Err(ErrorCode::PermissionDenied | ErrorCode::NotFound) => {}
                Err(error) => panic!("{}: {error:?}", case.name),
            }
        }
    }
}

#[cfg(unix)]
#[tokio::test]
async fn the_mount_is_the_directory_that_was_opened() {
    use std::os::unix::fs::symlink;

    for case in on_host() {
        let mounted = case.host.path().join("mounted");
        let aside = case.host.path().join("aside");
        fs::rename(&mounted, &aside).unwrap();
        symlink("/etc", &mounted).unwrap();
        let system = &case.system;
        assert_eq!(system.read_text("/data/a.txt").await.unwrap(), "alpha");
        assert!(!system.exists("/data/passwd").await);
    }
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn special_files_neither_block_nor_open() {
    use std::os::unix::net::UnixListener;

    for case in on_host() {
        rustix::fs::mknodat(
            rustix::fs::CWD,
            case.host_path("fifo"),
            rustix::fs::FileType::Fifo,
            rustix::fs::Mode::RWXU,
            0,
        )
        .unwrap();
        let _listener = UnixListener::bind(case.host_path("socket")).unwrap();
        for path in ["/data/fifo", "/data/socket"] {
            let system = &case.system;
            assert!(system.exists(path).await);
            assert!(!system.is_file(path).await);
            let stat = system.stat(path, true).await.unwrap();
            assert_eq!(stat.file_type, FileType::Other);
            refused!(system.read(path).await, PermissionDenied);
            refused!(system.open(path, OpenMode::Read).await, PermissionDenied);
            if case.writable {
                refused!(system.replace(path, b"x").await, PermissionDenied);
                refused!(system.append(path, b"x").await, PermissionDenied);
                system.rename(path, "/data/moved").await.unwrap();
                refused!(system.read("/data/moved").await, PermissionDenied);
                system.remove_file("/data/moved").await.unwrap();
            }
        }
    }
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn magic_links_of_proc() {
    for mode in [MountMode::ReadOnly, MountMode::Overlay] {
        let system = System::new().mount("/proc/self", "/proc", mode).unwrap();
        assert!(!system.exists("/proc/root/etc/passwd").await);
        assert!(!system.exists("/proc/cwd/Cargo.toml").await);
        for path in ["/proc/root/etc/passwd", "/proc/exe", "/proc/cwd/Cargo.toml"] {
            let error = system.read(path).await.unwrap_err();
            assert!(
                matches!(error, ErrorCode::PermissionDenied | ErrorCode::TooManyLinks),
                "{path}: {error:?}"
            );
        }
    }
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn devices() {
    for mode in [
        MountMode::ReadOnly,
        MountMode::ReadWrite,
        MountMode::Overlay,
    ] {
        let system = System::new().mount("/dev", "/dev", mode).unwrap();
        refused!(system.read("/dev/zero").await, PermissionDenied);
        if mode != MountMode::ReadOnly {
            refused!(system.replace("/dev/null", b"x").await, PermissionDenied);
        }
    }
}

#[cfg(unix)]
#[tokio::test]
async fn a_hard_link_is_the_file() {
    for case in on_host() {
        fs::hard_link(case.host_path("a.txt"), case.host_path("hard")).unwrap();
        let system = &case.system;
        assert_eq!(system.read_text("/data/hard").await.unwrap(), "alpha");
        let (one, two) = (
            system.stat("/data/a.txt", true).await.unwrap(),
            system.stat("/data/hard", true).await.unwrap(),
        );
        assert_eq!((one.file_id, one.device_id), (two.file_id, two.device_id));
        assert_eq!(one.link_count, 2);
    }
}
