//! The memory that files of a script take, against the cap that the host set.
//!
//! A binary of its own: the allocator counts for the whole process.

#![allow(
    clippy::result_large_err,
    reason = "ErrorCode is generated from WIT and holds an exception"
)]

use std::alloc::{GlobalAlloc, Layout, System as Heap};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use monty_host::os::{ErrorCode, MemoryFiles, MountMode, Os, System, WriteMode};
use tokio::runtime::Runtime;

/// The system's allocator, with a count of what is allocated.
struct Counting;

static ALLOCATED: AtomicUsize = AtomicUsize::new(0);

/// What an allocation takes in glibc: a header, rounded up to 16 bytes.
fn taken(bytes: usize) -> usize {
    (bytes + 8).next_multiple_of(16).max(32)
}

// SAFETY: everything is passed on to the system's allocator.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATED.fetch_add(taken(layout.size()), Ordering::Relaxed);
        // SAFETY: as the caller promises.
        unsafe { Heap.alloc(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        ALLOCATED.fetch_sub(taken(layout.size()), Ordering::Relaxed);
        // SAFETY: as the caller promises.
        unsafe { Heap.dealloc(memory, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

const CAP: usize = 4 << 20;

/// How a script fills a system, step by step.
type Step = fn(&System, u32) -> Result<(), ErrorCode>;

fn wait<T>(future: impl Future<Output = T>) -> T {
    static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
        let mut builder = tokio::runtime::Builder::new_current_thread();
        builder.build().expect("a runtime")
    });
    RUNTIME.block_on(future)
}

/// Makes a directory and those above it, unless they exist.
fn make(system: &System, path: &str) -> Result<(), ErrorCode> {
    for (end, _) in path.match_indices('/').skip(1).chain([(path.len(), "")]) {
        match wait(system.create_directory(&path[..end])) {
            Ok(()) | Err(ErrorCode::AlreadyExists) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

fn write(system: &System, path: &str, data: &[u8]) -> Result<(), ErrorCode> {
    wait(system.write(path, data, WriteMode::Replace))
}

const STEPS: [(&str, Step); 9] = [
    ("chains of directories", |system, step| {
        let chain = "/d".repeat(100);
        make(system, &format!("/{step}{chain}"))
    }),
    ("directories side by side", |system, step| {
        make(system, &format!("/{step}"))
    }),
    (
        "directories that were filled and emptied",
        |system, step| {
            make(system, &format!("/{step}"))?;
            write(system, &format!("/{step}/x"), b"")?;
            wait(system.remove_file(&format!("/{step}/x")))
        },
    ),
    ("empty files", |system, step| {
        write(system, &format!("/{step}"), b"")
    }),
    ("files of a byte", |system, step| {
        write(system, &format!("/{step}"), b"x")
    }),
    ("a file in each directory", |system, step| {
        make(system, &format!("/{step}"))?;
        write(system, &format!("/{step}/x"), b"x")
    }),
    ("long names", |system, step| {
        let name = "n".repeat(240);
        write(system, &format!("/{name}{step}"), b"")
    }),
    ("files that grow", |system, step| {
        let path = format!("/{}", step % 100);
        wait(system.write(&path, &[b'x'; 1000], WriteMode::Append))
    }),
    ("files with gaps between", |system, step| {
        write(system, &format!("/{step:08}"), b"")?;
        let gap = step.checked_sub(1000).filter(|gap| gap % 3 != 0);
        match gap {
            Some(gap) => wait(system.remove_file(&format!("/{gap:08}"))),
            None => Ok(()),
        }
    }),
];

/// Fills a system until it is full, and returns the memory that took.
fn fill(system: &System, step: Step) -> usize {
    let before = ALLOCATED.load(Ordering::Relaxed);
    for number in 0.. {
        match step(system, number) {
            Ok(()) => {}
            Err(ErrorCode::NoSpace) => break,
            Err(error) => panic!("{error:?}"),
        }
    }
    ALLOCATED.load(Ordering::Relaxed) - before
}

#[test]
fn files_take_no_more_memory_than_their_cap() {
    let host = tempfile::tempdir().expect("a directory");
    for number in 0..16_000 {
        std::fs::File::create(host.path().join(format!("{number}"))).expect("a file");
    }
    let mut wrong = Vec::new();
    let mut judge = |what: &str, taken: usize| {
        let share = taken as f64 / CAP as f64;
        eprintln!("{what}: {share:.2} of the cap");
        if !(0.4..=1.2).contains(&share) {
            wrong.push(format!("{what} took {share:.2} of the cap"));
        }
    };
    for (what, step) in STEPS {
        let files = MemoryFiles::new().max_bytes(CAP as u64);
        let system = System::new().files(files).expect("mounted");
        judge(what, fill(&system, step));
    }
    let overlay = |bytes: usize| {
        System::new()
            .mount(host.path(), "/", MountMode::Overlay)
            .expect("mounted")
            .max_overlay_bytes(bytes as u64)
    };
    let removed: Step = |system, step| wait(system.remove_file(&format!("/{step}")));
    judge("removed files", 2 * fill(&overlay(CAP / 2), removed));
    let moved: Step = |system, step| wait(system.rename(&format!("/{step}"), &format!("/m{step}")));
    judge("moved files", fill(&overlay(CAP), moved));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
