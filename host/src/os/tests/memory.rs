//! Files in memory, from the side of the host.

use std::time::{Duration, SystemTime};

use super::*;

#[tokio::test]
async fn a_handle_reads_what_a_script_wrote() {
    let files = MemoryFiles::new()
        .file("/config/settings.json", "{}")
        .unwrap()
        .directory("/out")
        .unwrap();
    let system = System::new().files(files.clone()).unwrap();
    assert_eq!(
        system.read_text("/config/settings.json").await.unwrap(),
        "{}"
    );
    system.replace("/out/report.txt", "done").await.unwrap();
    assert_eq!(files.read("/out/report.txt").unwrap(), b"done");
    let paths: Vec<_> = files.paths().collect();
    assert_eq!(paths, ["/config/settings.json", "/out/report.txt"]);
    assert_eq!(files.read("/out"), None);
    assert_eq!(files.read("/none"), None);
    files.write("/later.txt", "later").unwrap();
    assert_eq!(system.read_text("/later.txt").await.unwrap(), "later");
}

#[test]
fn files_that_are_refused_say_why() {
    let files = MemoryFiles::new().file("/a", "x").unwrap();
    let message = |path: &str| files.write(path, "").unwrap_err().to_string();
    insta::assert_snapshot!(message("/a/b/c"), @"`/a` is a file: `/a/b/c` cannot lie below it");
    insta::assert_snapshot!(message("/"), @"`/` is a directory: name a file in it");
    assert!(message("b").contains("is not a virtual path"));
    let directory = files.clone().directory("/d/e").unwrap();
    insta::assert_snapshot!(
        directory.write("/d/e", "").unwrap_err().to_string(),
        @"`/d/e` is a directory: give the file another path"
    );
    insta::assert_snapshot!(
        MemoryFiles::new().max_bytes(1000).file("/big", vec![0; 1000]).unwrap_err().to_string(),
        @"`/big` does not fit: allow more with `MemoryFiles::max_bytes`, called first"
    );
}

#[tokio::test]
async fn times_come_from_the_clock() {
    let instant = SystemTime::UNIX_EPOCH + Duration::from_secs(1000);
    let system = System::new()
        .files(MemoryFiles::new().file("/given", "").unwrap())
        .unwrap()
        .clock(Clock::Fixed(instant));
    system.replace("/made", "").await.unwrap();
    let at = |seconds| Instant {
        seconds,
        nanoseconds: 0,
    };
    let modified = async |path| system.stat(path, true).await.unwrap().modified;
    assert_eq!(modified("/given").await.seconds, 0);
    assert_eq!(modified("/made").await, at(1000));
    assert_eq!(modified("/").await, at(1000));
}
