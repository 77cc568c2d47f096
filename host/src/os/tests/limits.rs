//! What is capped.

use super::*;

#[tokio::test]
async fn large_files() {
    for case in writable() {
        let system = case.system.max_file_bytes(10);
        system.replace("/data/ten", &[0; 10]).await.unwrap();
        assert_eq!(system.read("/data/ten").await.unwrap().len(), 10);
        refused!(system.append("/data/ten", &[0]).await, FileTooLarge);
        refused!(system.replace("/data/eleven", &[0; 11]).await, FileTooLarge);
        assert!(!system.exists("/data/eleven").await);
        refused!(
            system.append("/data/dir/b.txt", &[0; 7]).await,
            FileTooLarge
        );
        assert_eq!(system.read_text("/data/dir/b.txt").await.unwrap(), "beta");
    }
    for case in on_host() {
        fs::write(case.host_path("big"), [0; 11]).unwrap();
        let system = case.system.max_file_bytes(10);
        refused!(system.read("/data/big").await, FileTooLarge);
        assert_eq!(system.stat("/data/big", true).await.unwrap().size, 11);
    }
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_file_without_a_size_is_capped_while_it_is_read() {
    let system = System::new()
        .mount("/proc/self", "/proc", MountMode::ReadOnly)
        .unwrap()
        .max_file_bytes(10);
    assert_eq!(system.stat("/proc/maps", true).await.unwrap().size, 0);
    refused!(system.read("/proc/maps").await, FileTooLarge);
}

#[tokio::test]
async fn many_entries() {
    for case in all() {
        let system = case.system.max_entries(4);
        assert_eq!(system.list_directory("/data").await.unwrap().len(), 3);
        refused!(system.scan("/data", whole_tree()).await, Raised(_));
        let system = system.max_entries(2);
        refused!(system.list_directory("/data").await, Raised(_));
        let system = system.max_entries(7);
        assert_eq!(system.scan("/data", whole_tree()).await.unwrap().len(), 7);
    }
}

#[tokio::test]
async fn memory_of_an_overlay() {
    let case = overlay();
    let system = case.system.max_overlay_bytes(2500);
    system.replace("/data/x", &[0; 1000]).await.unwrap();
    refused!(system.replace("/data/y", &[0; 1000]).await, NoSpace);
    refused!(system.append("/data/x", &[0; 1000]).await, NoSpace);
    assert!(!system.exists("/data/y").await);
    assert_eq!(system.stat("/data/x", true).await.unwrap().size, 1000);
    // What is removed makes room.
    system.remove_file("/data/x").await.unwrap();
    system.replace("/data/y", &[0; 1000]).await.unwrap();
    system.replace("/data/y", &[1; 1500]).await.unwrap();
    // Names count, and so do marks for what was removed.
    let mut made = 0;
    let stopped = loop {
        match system.create_directory(&format!("/data/{made}")).await {
            Ok(()) => made += 1,
            Err(error) => break error,
        }
    };
    assert!(matches!(stopped, ErrorCode::NoSpace), "{stopped:?}");
    assert!(made < 10, "{made}");
    refused!(system.remove_file("/data/dir/deep/c.txt").await, NoSpace);
    refused!(system.rename("/data/a.txt", "/data/z").await, NoSpace);
    assert_eq!(system.read_text("/data/a.txt").await.unwrap(), "alpha");
}

#[tokio::test]
async fn memory_of_files() {
    let files = MemoryFiles::new().max_bytes(4000);
    let system = System::new().files(files).unwrap();
    system.replace("/x", &[0; 1000]).await.unwrap();
    refused!(system.append("/x", &[0; 3000]).await, NoSpace);
    // Written and removed over and over, it adds up to nothing.
    for _ in 0..100 {
        system.create_directory("/d").await.unwrap();
        system.replace("/d/y", &[0; 100]).await.unwrap();
        system.rename("/d/y", "/d/z").await.unwrap();
        system.remove_file("/d/z").await.unwrap();
        system.remove_directory("/d").await.unwrap();
    }
}

#[tokio::test]
async fn bytes_written_to_the_host() {
    let case = read_write();
    let system = case.system.max_written_bytes(4096 + 10);
    system.replace("/data/x", &[0; 6]).await.unwrap();
    refused!(system.replace("/data/x", &[0; 6]).await, NoSpace);
    // A refused write leaves the file as it was.
    assert_eq!(system.stat("/data/x", true).await.unwrap().size, 6);
    refused!(system.append("/data/x", &[0; 6]).await, NoSpace);
    system.append("/data/x", &[0; 4]).await.unwrap();
    // Empty files and directories count too.
    refused!(system.open("/data/y", OpenMode::Write).await, NoSpace);
    refused!(system.create_directory("/data/z").await, NoSpace);
    refused!(system.create_directory("/data/dir").await, AlreadyExists);
    let fresh = system.fresh();
    fresh.replace("/data/x", &[0; 6]).await.unwrap();
}

#[tokio::test]
async fn deep_trees() {
    for case in [overlay(), memory()] {
        let system = &case.system;
        let chain = "/d".repeat(100);
        system
            .make_directories(&format!("/data/one{chain}"))
            .await
            .unwrap();
        system
            .make_directories(&format!("/data/two{chain}"))
            .await
            .unwrap();
        // Paths stay short enough, but the tree would not.
        refused!(
            system
                .rename("/data/one", &format!("/data/two{chain}/one"))
                .await,
            NameTooLong
        );
    }
}
