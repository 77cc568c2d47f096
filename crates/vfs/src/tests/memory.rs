//! Files in memory, from the side of the embedder.

use super::*;

#[test]
fn a_handle_reads_what_a_script_wrote() {
    let handle = memory();
    let files = Files::at("/", handle.clone());
    files.write("/dir/report.txt", "done").unwrap();
    assert_eq!(handle.read("/dir/report.txt").unwrap(), b"done");
    let paths: Vec<_> = handle.paths().collect();
    assert_eq!(
        paths,
        ["/a.txt", "/dir/b.txt", "/dir/deep/c.txt", "/dir/report.txt"]
    );
    assert_eq!(handle.read("/dir"), None);
    assert_eq!(handle.read("/none"), None);
    handle.write("/later.txt", "later").unwrap();
    assert_eq!(files.text("/later.txt"), "later");
}

#[test]
fn files_that_are_refused_say_why() {
    let files = memory().link("/link", "dir").unwrap();
    let message = |path: &str| files.write(path, "").unwrap_err().to_string();
    assert_eq!(
        message("/a.txt/b/c"),
        "`/a.txt` is a file: `/a.txt/b/c` cannot lie below it"
    );
    assert_eq!(
        message("/link/x"),
        "`/link` is a link: `/link/x` cannot lie below it"
    );
    assert_eq!(message("/"), "`/` is a directory: name a file in it");
    assert_eq!(
        message("/dir/deep"),
        "`/dir/deep` is a directory: give the file another path"
    );
    assert_eq!(
        message("b"),
        "`b` is not a virtual path: write an absolute path without `.`, `..`, `//` or a `/` at \
         the end, such as `/data`"
    );
    assert_eq!(
        files.clone().link("/l", "").unwrap_err().to_string(),
        "the link `/l` has no target of 1 to 4096 bytes without NUL: write a path relative to its \
         directory, such as `../a.txt`"
    );
    let small = MemoryFiles::new().max_bytes(1000);
    assert_eq!(
        small.file("/big", vec![0; 1000]).unwrap_err().to_string(),
        "`/big` does not fit: allow more with `MemoryFiles::max_bytes`, called first"
    );
}

#[test]
fn times_come_from_the_caller() {
    let files = Files::at("/", memory());
    files.write("/made", "").unwrap();
    assert_eq!(files.stat("/a.txt").unwrap().modified, Instant::EPOCH);
    assert_eq!(files.stat("/made").unwrap().modified, files.now);
    assert_eq!(files.stat("/").unwrap().modified, files.now);
    assert_eq!(files.stat("/dir").unwrap().modified, Instant::EPOCH);
}

#[test]
fn stat() {
    for (name, files) in all() {
        let file = files.stat("/data/a.txt").unwrap();
        assert_eq!(
            (file.file_type, file.size),
            (FileType::Regular, 5),
            "{name}"
        );
        assert_eq!((file.permissions, file.link_count), (0o644, 1), "{name}");
        assert_eq!(files.stat("/data/dir").unwrap().permissions, 0o755);
        files.write("/data/new", "").unwrap();
        let new = files.stat("/data/new").unwrap();
        assert_ne!(file.file_id, new.file_id, "{name}");
        assert_eq!(file.device_id, new.device_id, "{name}");
        // A file that is moved or written is the same file.
        files.rename("/data/new", "/data/dir/moved").unwrap();
        files.write("/data/dir/moved", "x").unwrap();
        assert_eq!(files.stat("/data/dir/moved").unwrap().file_id, new.file_id);
    }
}
