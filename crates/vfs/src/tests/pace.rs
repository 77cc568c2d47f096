//! Work in slices: what happens between two of them.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;

/// Waits at each breath until it is polled again, and halts at one of them.
struct Slow {
    breaths: AtomicUsize,
    halts_at: usize,
}

impl Slow {
    fn new(halts_at: usize) -> Self {
        Self {
            breaths: AtomicUsize::new(0),
            halts_at,
        }
    }
}

#[async_trait]
impl Pace for Slow {
    async fn breathe(&self) -> Result<(), Error> {
        if self.breaths.fetch_add(1, Ordering::Relaxed) == self.halts_at {
            return Err(Error::Halted);
        }
        let mut waited = false;
        std::future::poll_fn(|context| {
            context.waker().wake_by_ref();
            if std::mem::replace(&mut waited, true) {
                Poll::Ready(())
            } else {
                Poll::Pending
            }
        })
        .await;
        Ok(())
    }
}

const LARGE: usize = 5 << 20;

/// Everything that works in slices, on files that take several.
async fn work(files: &Files, number: usize, pace: &Slow) -> Result<(), Error> {
    let context = &Context::new(files.now, &files.limits, &files.written, pace);
    let data = vec![b'x'; LARGE];
    let table = &files.table;
    match number {
        0 => {
            table
                .write("/data/new", &data, WriteMode::Replace, context)
                .await
        }
        1 => {
            table
                .write("/data/large", &data, WriteMode::Append, context)
                .await
        }
        2 => table.read("/data/large", context).await.map(drop),
        3 => table.list("/data/many", context).await.map(drop),
        4 => table.scan("/data", &FOLLOWED, context).await.map(drop),
        5 => table.remove_directory("/data/removed", context).await,
        _ => table.rename("/data/dir", "/data/removed", context).await,
    }
}

fn large() -> MemoryFiles {
    let files = memory().file("/large", vec![b'o'; LARGE]).unwrap();
    (0..1000).fold(files, |files, number| {
        files
            .file(&format!("/many/{number}"), "")
            .and_then(|files| files.file(&format!("/removed/{number}"), ""))
            .unwrap()
    })
}

/// An overlay in which a directory was emptied name by name.
fn emptied() -> Files {
    let files = Files::at("/data", overlay(large()));
    for number in 0..1000 {
        files
            .remove_file(&format!("/data/removed/{number}"))
            .unwrap();
    }
    files
}

fn state(files: &Files) -> (Vec<String>, Vec<u8>) {
    (files.tree("/data"), files.read("/data/large").unwrap())
}

#[test]
fn others_may_work_on_the_same_files_meanwhile() {
    for number in 0..7 {
        let (files, pace) = (emptied(), Slow::new(usize::MAX));
        let mut work = pin!(work(&files, number, &pace));
        let mut polls = 0;
        let answer = loop {
            let mut context = TaskContext::from_waker(Waker::noop());
            if let Poll::Ready(answer) = work.as_mut().poll(&mut context) {
                break answer;
            }
            polls += 1;
            if polls > 3 {
                continue;
            }
            // It would wait for ever if a lock were held.
            files.write("/data/dir/new", "meanwhile").unwrap();
            files.remove_file("/data/dir/new").unwrap();
        };
        assert_eq!(answer, Ok(()), "{number}");
        assert!(polls > 2, "{number} was not in slices");
    }
}

#[test]
fn what_is_dropped_or_halted_has_changed_nothing() {
    for number in 0..7 {
        for breath in 0..3 {
            for drops in [false, true] {
                let files = emptied();
                let before = state(&files);
                let pace = Slow::new(if drops { usize::MAX } else { breath });
                {
                    let mut work = pin!(work(&files, number, &pace));
                    let mut context = TaskContext::from_waker(Waker::noop());
                    let mut polls = 0;
                    loop {
                        match work.as_mut().poll(&mut context) {
                            Poll::Ready(answer) => {
                                assert_eq!(answer, Err(Error::Halted), "{number} {breath}");
                                break;
                            }
                            Poll::Pending if drops && polls == breath => break,
                            Poll::Pending => polls += 1,
                        }
                    }
                }
                assert!(before == state(&files), "{number} {breath} {drops}");
            }
        }
    }
}

#[test]
fn a_directory_that_fills_up_meanwhile_is_not_removed() {
    for number in [5, 6] {
        let (files, pace) = (emptied(), Slow::new(usize::MAX));
        let mut work = pin!(work(&files, number, &pace));
        let mut context = TaskContext::from_waker(Waker::noop());
        assert!(work.as_mut().poll(&mut context).is_pending());
        files.write("/data/removed/new", "").unwrap();
        let answer = loop {
            if let Poll::Ready(answer) = work.as_mut().poll(&mut context) {
                break answer;
            }
        };
        assert_eq!(answer, Err(Error::DirectoryNotEmpty));
    }
}
