//! What takes long works in slices, between which others run.

use std::time::Duration;

use super::*;

/// The longest that an operation may hold the executor.
const SLICE: Duration = Duration::from_millis(50);

/// Time that this thread computed. Other programs do not count, where the
/// kernel tells.
fn computed(started: std::time::Instant) -> Duration {
    let text = fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanoseconds = text.split(' ').next().and_then(|first| first.parse().ok());
    nanoseconds.map_or_else(|| started.elapsed(), Duration::from_nanos)
}

/// Polls a future to its end, and tells how long the longest poll took.
async fn longest_slice<F: Future>(future: F) -> (F::Output, Duration) {
    let started = std::time::Instant::now();
    let mut longest = Duration::ZERO;
    let mut future = std::pin::pin!(future);
    let output = std::future::poll_fn(|context| {
        let before = computed(started);
        let polled = future.as_mut().poll(context);
        longest = longest.max(computed(started).saturating_sub(before));
        polled
    });
    (output.await, longest)
}

macro_rules! in_slices {
    ($what:expr, $operation:expr) => {{
        let (answer, longest) = longest_slice($operation).await;
        eprintln!("{}: {longest:?}", $what);
        assert!(longest < SLICE, "{}: {longest:?}", $what);
        answer
    }};
}

const FOLLOWED: ScanOptions = ScanOptions {
    max_depth: None,
    follow_symbolic_links: true,
};

/// Folders that each hold a link to every other one.
#[cfg(unix)]
fn web(root: &Path, folders: usize) {
    use std::os::unix::fs::symlink;

    for one in 0..folders {
        let folder = root.join(format!("f{one}"));
        fs::create_dir(&folder).unwrap();
        for other in (0..folders).filter(|other| *other != one) {
            symlink(format!("../f{other}"), folder.join(format!("l{other}"))).unwrap();
        }
    }
}

#[cfg(unix)]
#[tokio::test]
async fn folders_that_link_to_each_other() {
    for case in on_host() {
        web(&case.host_path(""), 14);
        let started = std::time::Instant::now();
        let answer = in_slices!(case.name, case.system.scan("/data", FOLLOWED));
        refused!(answer, Raised(_));
        // 100 000 entries, of 14 directories: it took 12 seconds and more.
        assert!(started.elapsed() < Duration::from_secs(5), "{}", case.name);
        let without_end = case.system.max_entries(usize::MAX);
        let answer = in_slices!(case.name, without_end.scan("/data", FOLLOWED));
        refused!(answer, Raised(_));
    }
}

#[cfg(unix)]
#[tokio::test]
async fn every_way_through_links_is_found_once() {
    for case in on_host() {
        web(&case.host_path("empty"), 4);
        let found = scan(&case.system, "/data/empty", FOLLOWED).await;
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

#[cfg(unix)]
#[tokio::test]
async fn links_that_lead_through_many() {
    use std::os::unix::fs::symlink;

    for case in on_host() {
        let links = case.host_path("empty");
        symlink("../a.txt", links.join("0")).unwrap();
        for number in 1..39 {
            symlink(format!("{}", number - 1), links.join(format!("{number}"))).unwrap();
        }
        for number in 0..1000 {
            symlink("38", links.join(format!("x{number}"))).unwrap();
        }
        let found = in_slices!(case.name, case.system.scan("/data/empty", FOLLOWED));
        let files = found.unwrap().into_iter().filter(|entry| entry.is_file);
        assert_eq!(files.count(), 1039, "{}", case.name);
    }
}

#[cfg(unix)]
#[tokio::test]
async fn a_link_of_two_thousand_names() {
    use std::os::unix::fs::symlink;

    for case in on_host() {
        symlink("dir/../".repeat(500), case.host_path("winding")).unwrap();
        for link in 0..20 {
            let target = "winding/".repeat(500);
            symlink(target, case.host_path(&format!("w{link}"))).unwrap();
        }
        let answer = in_slices!(case.name, case.system.stat("/data/w0", true));
        refused!(answer, TooManyLinks);
    }
}

#[tokio::test]
async fn large_directories() {
    for case in on_host() {
        for number in 0..3_000 {
            fs::File::create(case.host_path(&format!("empty/{number}"))).unwrap();
        }
        let listed = in_slices!(case.name, case.system.list_directory("/data/empty"));
        assert_eq!(listed.unwrap().len(), 3_000, "{}", case.name);
        if case.name == "overlay" {
            for number in 0..3_000 {
                let path = format!("/data/empty/{number}");
                case.system.remove_file(&path).await.unwrap();
            }
            in_slices!("hidden", case.system.remove_directory("/data/empty")).unwrap();
        }
    }
}

#[tokio::test]
async fn large_files() {
    for case in writable() {
        let data = vec![b'x'; 64 << 20];
        let system = &case.system;
        let (name, path) = (case.name, "/data/large");
        in_slices!(name, system.replace(path, &data)).unwrap();
        let read = in_slices!(name, system.read(path)).unwrap();
        assert!(read == data, "{name}");
        in_slices!(name, system.replace(path, &data[1..])).unwrap();
        in_slices!(name, system.append(path, b"x")).unwrap();
        assert!(system.read(path).await.unwrap() == data, "{name}");
    }
}

#[tokio::test]
async fn deep_paths() {
    for case in writable() {
        let system = &case.system;
        let parent = format!("/data{}", format!("/{}", "n".repeat(31)).repeat(126));
        system.make_directories(&parent).await.unwrap();
        let path = format!("{parent}/deepest");
        in_slices!(case.name, system.create_directory(&path)).unwrap();
        assert!(in_slices!(case.name, system.is_dir(&path)));
    }
}

#[tokio::test]
async fn a_large_tree_is_moved_at_once() {
    for case in [overlay(), memory()] {
        let system = &case.system;
        for number in 0..100 {
            let chain = "/d".repeat(100);
            let path = format!("/data/tree/{number}{chain}");
            system.make_directories(&path).await.unwrap();
        }
        let started = std::time::Instant::now();
        let before = computed(started);
        for _ in 0..500 {
            system.rename("/data/tree", "/data/moved").await.unwrap();
            system.rename("/data/moved", "/data/tree").await.unwrap();
        }
        // Each took milliseconds: all that was moved was looked at.
        let took = computed(started).saturating_sub(before);
        assert!(took < Duration::from_secs(1), "{}: {took:?}", case.name);
    }
}

#[tokio::test]
async fn a_directory_that_fills_up_meanwhile_is_not_removed() {
    let case = overlay();
    for number in 0..3_000 {
        fs::File::create(case.host_path(&format!("empty/{number}"))).unwrap();
        let path = format!("/data/empty/{number}");
        case.system.remove_file(&path).await.unwrap();
    }
    for rename in [false, true] {
        let remove = async {
            if rename {
                case.system.rename("/data/dir", "/data/empty").await
            } else {
                case.system.remove_directory("/data/empty").await
            }
        };
        let mut remove = std::pin::pin!(remove);
        // It is not done with its first slice.
        let waits = std::future::poll_fn(|context| {
            std::task::Poll::Ready(remove.as_mut().poll(context).is_pending())
        });
        assert!(waits.await);
        case.system.replace("/data/empty/new", "").await.unwrap();
        refused!(remove.await, DirectoryNotEmpty);
        case.system.remove_file("/data/empty/new").await.unwrap();
    }
    case.system.remove_directory("/data/empty").await.unwrap();
}
