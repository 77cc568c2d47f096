//! Which mount a path belongs to.

use super::*;

#[tokio::test]
async fn nothing_mounted_is_unhandled() {
    let system = System::new();
    refused!(system.stat("/", true).await, Unhandled);
    refused!(system.stat("/x", false).await, Unhandled);
    refused!(system.read("/etc/passwd").await, Unhandled);
    refused!(system.replace("/x", b"").await, Unhandled);
    refused!(system.create_directory("/x").await, Unhandled);
    refused!(system.scan("/", whole_tree()).await, Unhandled);
    refused!(system.rename("/a", "/b").await, Unhandled);
    refused!(system.read_link("/a").await, Unhandled);
}

#[tokio::test]
async fn deny_all_is_unhandled() {
    refused!(DenyAll.stat("/", true).await, Unhandled);
    refused!(DenyAll.read("/x").await, Unhandled);
    refused!(DenyAll.getenv("HOME").await, Unhandled);
    refused!(DenyAll.now().await, Unhandled);
    refused!(DenyAll.monotonic_now().await, Unhandled);
    refused!(DenyAll.random_bytes(1).await, Unhandled);
    refused!(DenyAll.import_module("x").await, Unhandled);
}

#[tokio::test]
async fn outside_of_every_mount_is_denied() {
    for case in all() {
        let system = &case.system;
        assert!(!system.exists("/etc/passwd").await);
        assert!(!system.is_dir("/database").await);
        refused!(system.stat("/etc", true).await, PermissionDenied);
        refused!(system.read("/etc/passwd").await, PermissionDenied);
        refused!(system.replace("/x", b"").await, PermissionDenied);
        refused!(system.append("/datax", b"").await, PermissionDenied);
        refused!(system.list_directory("/etc").await, PermissionDenied);
        refused!(system.scan("/etc", whole_tree()).await, PermissionDenied);
        refused!(system.create_directory("/x/y").await, PermissionDenied);
        refused!(system.remove_file("/x").await, PermissionDenied);
        refused!(system.remove_directory("/x").await, PermissionDenied);
        refused!(system.rename("/data/a.txt", "/x").await, PermissionDenied);
    }
}

#[tokio::test]
async fn parents_of_mount_points_are_directories() {
    let case = read_write();
    let system = System::new()
        .mount(
            case.host.path().join("mounted"),
            "/srv/in/data",
            MountMode::ReadWrite,
        )
        .unwrap()
        .files_at("/srv/out", MemoryFiles::new())
        .unwrap();
    for path in ["/", "/srv", "/srv/in"] {
        assert!(system.is_dir(path).await, "{path}");
        refused!(system.create_directory(path).await, AlreadyExists);
        refused!(system.read(path).await, IsADirectory);
        refused!(system.replace(path, b"").await, IsADirectory);
        refused!(system.remove_file(path).await, IsADirectory);
        refused!(system.rename(path, "/srv/out/x").await, Busy);
    }
    refused!(system.remove_directory("/").await, Busy);
    refused!(system.remove_directory("/srv").await, DirectoryNotEmpty);
    assert_eq!(system.list_directory("/").await.unwrap(), ["srv"]);
    assert_eq!(system.list_directory("/srv").await.unwrap(), ["in", "out"]);
    let tree = scan(&system, "/", whole_tree()).await;
    assert!(
        tree.contains(&"f srv/in/data/dir/b.txt".to_owned()),
        "{tree:?}"
    );
    refused!(system.replace("/srv/x", b"").await, PermissionDenied);
}

#[tokio::test]
async fn longer_mount_points_win() {
    let host = host_directory();
    let files = MemoryFiles::new().file("/data/a.txt", "hidden").unwrap();
    let system = System::new()
        .files(files.clone())
        .unwrap()
        .mount(host.path().join("mounted"), "/data", MountMode::ReadOnly)
        .unwrap()
        .files_at("/data/dir", MemoryFiles::new().file("/x", "X").unwrap())
        .unwrap();
    assert_eq!(system.read_text("/data/a.txt").await.unwrap(), "alpha");
    assert_eq!(system.list_directory("/data/dir").await.unwrap(), ["x"]);
    assert_eq!(
        system.list_directory("/data").await.unwrap(),
        ["a.txt", "dir", "empty"]
    );
    system.replace("/top.txt", "top").await.unwrap();
    assert_eq!(files.read("/top.txt").unwrap(), b"top");
    refused!(system.replace("/data/a.txt", "").await, ReadOnly);
    refused!(system.rename("/top.txt", "/data/dir/y").await, CrossDevice);
    refused!(system.rename("/data", "/other").await, Busy);
    refused!(system.remove_directory("/data").await, Busy);
    refused!(system.remove_file("/data").await, IsADirectory);
    // Each tree is a device.
    let top = system.stat("/top.txt", true).await.unwrap();
    let x = system.stat("/data/dir/x", true).await.unwrap();
    assert_ne!(top.device_id, x.device_id);
}

#[tokio::test]
async fn paths_that_are_not_normalised_are_refused() {
    for case in all() {
        for path in [
            "",
            "data/a.txt",
            "/data/../etc/passwd",
            "/data/..",
            "/data/./a.txt",
            "/data//a.txt",
            "/data/",
            "/data/a\0b",
        ] {
            refused!(case.system.read(path).await, InvalidArgument);
            assert!(!case.system.exists(path).await);
        }
        for path in [
            format!("/data/{}", "x".repeat(256)),
            format!("/data{}", "/xxxxxxxxxxxxxxx".repeat(300)),
            "/x".repeat(129),
        ] {
            refused!(case.system.read(&path).await, NameTooLong);
            refused!(case.system.create_directory(&path).await, NameTooLong);
            assert!(!case.system.exists(&path).await);
        }
    }
}

#[test]
fn mounts_that_are_refused_say_what_to_change() {
    let host = host_directory();
    let root = host.path();
    let message = |result: Result<System, MountError>| {
        let message = result.unwrap_err().to_string();
        message.replace(&*root.to_string_lossy(), "HOST")
    };
    let mount =
        |directory: &str, point: &str, mode| System::new().mount(root.join(directory), point, mode);
    insta::assert_snapshot!(
        message(mount("none", "/data", MountMode::ReadOnly)),
        @"the directory `HOST/none` does not exist: create it before it is mounted"
    );
    insta::assert_snapshot!(
        message(mount("secret.txt", "/data", MountMode::ReadOnly)),
        @"`HOST/secret.txt` is not a directory: mount the directory that holds it, or pass its content with `MemoryFiles`"
    );
    for point in ["data", "", "/data/", "/a/../b", "//"] {
        let refused = message(mount("mounted", point, MountMode::ReadOnly));
        assert!(refused.contains("is not a virtual path"), "{refused}");
    }
    let twice = mount("mounted", "/data", MountMode::ReadOnly)
        .unwrap()
        .mount(root.join("mounted/dir"), "/data", MountMode::ReadOnly);
    insta::assert_snapshot!(
        message(twice),
        @"something is mounted at `/data` already: choose another virtual path"
    );
    let weaker = mount("mounted", "/data", MountMode::ReadOnly)
        .unwrap()
        .mount(root.join("mounted/dir"), "/out", MountMode::ReadWrite);
    insta::assert_snapshot!(
        message(weaker),
        @"the host directories of `/out` and `/data` lie in each other, and one of them is read-write, which would change the other one too: mount directories that are apart, or make both read-only or overlays"
    );
    // Where nothing is written to the host, it may be seen twice.
    mount("mounted", "/data", MountMode::ReadOnly)
        .unwrap()
        .mount(root.join("mounted"), "/work", MountMode::Overlay)
        .unwrap();
}
