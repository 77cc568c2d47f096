//! The kernel says how files behave: an overlay, and memory, do what a
//! read-write directory does, over long random sequences.

use rand::rngs::ChaCha20Rng;
use rand::{RngExt as _, SeedableRng as _};

use super::*;

/// Few names, so that operations meet.
fn path(random: &mut ChaCha20Rng) -> String {
    let names = ["a.txt", "dir", "deep", "b.txt", "empty", "new", "link"];
    let depth = random.random_range(1..=4);
    (0..depth).fold("/data".to_owned(), |path, _| {
        format!("{path}/{}", names[random.random_range(0..names.len())])
    })
}

/// What an operation answers, as text.
async fn step(system: &System, random: &mut ChaCha20Rng) -> String {
    let (one, two) = (path(random), path(random));
    let data = vec![b'x'; random.random_range(0..20)];
    let mode = [OpenMode::Read, OpenMode::Write, OpenMode::Append][random.random_range(0..3)];
    let answer = match random.random_range(0..13) {
        0 => format!("{:?}", system.replace(&one, &data).await),
        1 => format!("{:?}", system.append(&one, &data).await),
        2 => format!("{:?}", system.open(&one, mode).await),
        3 | 4 => format!("{:?}", system.create_directory(&one).await),
        5 => format!("{:?}", system.remove_file(&one).await),
        6 => format!("{:?}", system.remove_directory(&one).await),
        7..=9 => format!("{:?}", system.rename(&one, &two).await),
        10 => format!("{:?}", system.read(&one).await),
        11 => format!("{:?}", system.list_directory(&one).await),
        _ => {
            // Sizes of directories differ.
            let stat = system.stat(&one, true).await.map(|stat| stat.file_type);
            let is_symlink = system.is_symlink(&one).await;
            format!("{stat:?} {is_symlink:?} {:?}", system.read_link(&one).await)
        }
    };
    format!("{one} {two} {mode:?}: {answer}")
}

/// The tree with the content of its files.
async fn tree(system: &System) -> Vec<String> {
    let options = ScanOptions {
        max_depth: None,
        follow_symbolic_links: false,
    };
    let mut tree = scan(system, "/data", options).await;
    for entry in &mut tree {
        let path = entry.split_once(' ').map(|(_, path)| path).unwrap();
        let content = system.read(&format!("/data/{path}")).await;
        *entry = format!("{entry} {content:?}");
    }
    tree
}

async fn agree(kernel: &Case, other: &Case, seed: u64) {
    let untouched = other.disk();
    let mut random = [(); 2].map(|()| ChaCha20Rng::seed_from_u64(seed));
    for number in 0..400 {
        let [one, two] = &mut random;
        let expected = step(&kernel.system, one).await;
        let answer = step(&other.system, two).await;
        assert_eq!(expected, answer, "{} {seed} {number}", other.name);
        if number % 20 == 0 {
            let expected = tree(&kernel.system).await;
            assert_eq!(expected, tree(&other.system).await, "{expected:?}");
        }
    }
    assert_eq!(untouched, other.disk());
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn memory_agrees_with_the_kernel() {
    for seed in 0..20 {
        agree(&read_write(), &memory(), seed).await;
    }
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn an_overlay_agrees_with_the_kernel() {
    for seed in 0..20 {
        agree(&read_write(), &overlay(), seed).await;
    }
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn an_overlay_over_links_agrees_with_the_kernel() {
    use std::os::unix::fs::symlink;

    for seed in 0..40 {
        let (kernel, other) = (read_write(), overlay());
        for case in [&kernel, &other] {
            symlink("dir", case.host_path("link")).unwrap();
            symlink("../empty", case.host_path("dir/link")).unwrap();
            symlink("../../new", case.host_path("dir/deep/link")).unwrap();
            symlink("../dir/deep/../b.txt", case.host_path("empty/link")).unwrap();
        }
        agree(&kernel, &other, seed).await;
    }
}
