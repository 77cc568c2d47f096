//! A whole tree at once.

use super::*;

/// Folders that each hold a link to every other one.
fn web(files: MemoryFiles, folders: usize) -> MemoryFiles {
    let mut files = files;
    for one in 0..folders {
        files = files.directory(&format!("/empty/f{one}")).unwrap();
        for other in (0..folders).filter(|other| *other != one) {
            let path = format!("/empty/f{one}/l{other}");
            files = files.link(&path, &format!("../f{other}")).unwrap();
        }
    }
    files
}

fn depth(max_depth: u32) -> ScanOptions {
    ScanOptions {
        max_depth: Some(max_depth),
        follow_symbolic_links: true,
    }
}

#[test]
fn a_directory_comes_before_what_is_in_it() {
    for (name, files) in all() {
        assert_eq!(
            files.tree("/data"),
            [
                "d ",
                "f a.txt",
                "d dir",
                "f dir/b.txt",
                "d dir/deep",
                "f dir/deep/c.txt",
                "d empty"
            ],
            "{name}"
        );
        assert_eq!(
            files.scan("/data/dir", depth(1)).unwrap(),
            ["d ", "f b.txt", "d deep"]
        );
        assert_eq!(files.scan("/data", depth(0)).unwrap(), ["d "]);
        assert_eq!(files.tree("/data/a.txt"), ["f "]);
        refused!(files.scan("/data/none", depth(9)), NotFound);
        refused!(files.scan("/etc", depth(9)), PermissionDenied);
    }
}

#[test]
fn every_way_through_links_is_found_once() {
    for files in [web(memory(), 4).into(), overlay(web(memory(), 4))] {
        let found = Files::at("/data", files)
            .scan("/data/empty", FOLLOWED)
            .unwrap();
        // The root, four folders, and three links in each, of which those are
        // followed that lead to none of the folders above.
        let levels = [1, 4, 4 * 3, 4 * 3 * 3, 4 * 3 * 2 * 3, 4 * 3 * 2 * 3];
        assert_eq!(found.len(), levels.iter().sum::<usize>(), "{found:?}");
        for path in ["f0/l1/l2/l3", "f0/l1/l2/l3/l0", "f3/l2/l0/l1"] {
            assert!(found.contains(&format!("ld {path}")), "{path}: {found:?}");
        }
        for path in ["f0/l1/l0/l1", "f0/l1/l2/l3/l0/l1"] {
            assert!(!found.contains(&format!("ld {path}")), "{path}: {found:?}");
        }
    }
}

#[test]
fn folders_that_link_to_each_other_are_too_many() {
    let mut files = Files::at("/data", web(memory(), 14));
    refused!(files.scan("/data", FOLLOWED), TooLarge(_));
    files.limits.entries = usize::MAX;
    let error = files.scan("/data", FOLLOWED).unwrap_err();
    assert_eq!(
        error.to_string(),
        "more than 33554432 bytes of paths in one scan: list a smaller directory, or fewer levels \
         of it"
    );
}

#[test]
fn cycles_are_not_followed() {
    let files = memory().link("/dir/deep/up", "..").unwrap();
    let files = files.link("/top", ".").unwrap();
    let files = Files::at("/", files).and("/empty/point", memory());
    let found = files.scan("/", FOLLOWED).unwrap();
    for path in ["ld dir/deep/up", "ld top", "f empty/point/a.txt"] {
        assert!(found.contains(&path.to_owned()), "{path}: {found:?}");
    }
    assert!(
        !found.iter().any(|entry| entry.contains("up/")),
        "{found:?}"
    );
    assert!(
        !found.iter().any(|entry| entry.contains("top/")),
        "{found:?}"
    );
}

#[test]
fn a_path_out_of_bounds_is_no_empty_directory() {
    let mut path = String::new();
    for _ in 0..120 {
        path.push_str("/d");
    }
    let deep = MemoryFiles::new().directory(&path).unwrap();
    let files = Files::at("/point/of/the/mount/that/is/deep/in/the/table", deep);
    let error = files.scan("/", ScanOptions::default()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "a directory whose path has more than 4096 bytes or 128 names: list a smaller directory, \
         or fewer levels of it"
    );
}
