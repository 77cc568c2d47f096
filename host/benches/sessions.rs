//! The cost of sessions, suspensions and parallel tools: `just bench`.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use monty_host::{
    Answers, Error, Monty, Progress, Session, Snapshot, SnapshotKey, Suspension, ToolError, Tools,
};
use tokio::runtime::{Builder, Runtime};

fn tools() -> Tools {
    Tools::new()
        .function("ask", (), || Err::<(), _>(ToolError::suspend()))
        .async_function("instant", ["n"], async |n: i64| n)
}

fn suspended(progress: Result<Progress, Error>) -> Suspension {
    match progress {
        Ok(Progress::Suspended(suspension)) => suspension,
        other => panic!("it asks: {other:?}"),
    }
}

/// Resident memory of this process, in bytes. 0 where the system does not tell.
fn resident_bytes() -> usize {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages = statm.split_whitespace().nth(1);
    pages
        .and_then(|pages| pages.parse::<usize>().ok())
        .unwrap_or(0)
        * 4096
}

fn idle_memory(runtime: &Runtime, monty: &Monty) {
    const SESSIONS: usize = 1000;
    let open = |count: usize| -> Vec<Session> {
        (0..count)
            .map(|_| {
                runtime.block_on(async {
                    let mut session = monty.session().open().await.expect("it opens");
                    let feed = session.feed("def f(x):\n    return x + 1");
                    feed.run().await.expect("it runs");
                    session.park().await;
                    session
                })
            })
            .collect()
    };
    let warm = open(20);
    let before = resident_bytes();
    let sessions = open(SESSIONS);
    let each = resident_bytes().saturating_sub(before) / SESSIONS;
    println!("an idle session in bytes: {each} bytes of memory");
    drop((warm, sessions));
}

fn sessions(criterion: &mut Criterion) {
    let runtime = Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("the runtime starts");
    let monty = Monty::new().expect("the interpreter starts");
    let tools = tools();
    idle_memory(&runtime, &monty);

    let mut session = runtime.block_on(monty.session().open()).expect("it opens");
    criterion.bench_function("1 + 1 in a live session", |bencher| {
        bencher.iter(|| {
            runtime
                .block_on(session.feed("1 + 1").run())
                .expect("it runs")
        });
    });
    criterion.bench_function("1 + 1 in a parked session, and park it", |bencher| {
        // Monty keeps the source of every snippet, so use a session that ran
        // few.
        let mut session = runtime.block_on(monty.session().open()).expect("it opens");
        bencher.iter(|| {
            runtime.block_on(async {
                session.park().await;
                session.feed("1 + 1").run().await.expect("it runs")
            })
        });
    });
    criterion.bench_function("dump and restore", |bencher| {
        let mut session = runtime.block_on(monty.session().open()).expect("it opens");
        bencher.iter(|| {
            runtime.block_on(async {
                let snapshot = session.dump().await.expect("it is idle");
                monty
                    .session()
                    .restore(&snapshot)
                    .await
                    .expect("it is whole")
            })
        });
    });
    criterion.bench_function("suspend, sign, check and resume", |bencher| {
        let key = SnapshotKey::new([7; 32]).expect("long enough");
        bencher.iter(|| {
            runtime.block_on(async {
                let script = monty.script("ask()").host(&tools);
                let suspension = suspended(script.start().await);
                let bytes = suspension.snapshot.to_bytes(&key).expect("signed");
                let snapshot = Snapshot::from_bytes(&bytes, &key).expect("unchanged");
                let answers = Answers::new().value(suspension.calls[0].id, 1);
                let answers = answers.expect("an int has a form");
                monty
                    .resume(&snapshot, answers)
                    .run()
                    .await
                    .expect("it ends")
            })
        });
    });
    criterion.bench_function("a fresh run that gathers 10 instant tools", |bencher| {
        let source = "import asyncio\nawait asyncio.gather(*[instant(n) for n in range(10)])";
        bencher.iter(|| {
            let run = monty.script(source).host(&tools).run();
            runtime.block_on(run).expect("it ends")
        });
    });

    const RUNS: u64 = 1000;
    let mut group = criterion.benchmark_group(format!("{RUNS} runs of 1 + 1"));
    group.throughput(Throughput::Elements(RUNS)).sample_size(10);
    for threads in [1, 2] {
        let runtime = Builder::new_multi_thread()
            .worker_threads(threads)
            .enable_all()
            .build()
            .expect("the runtime starts");
        group.bench_function(format!("on {threads} threads"), |bencher| {
            bencher.iter(|| {
                runtime.block_on(async {
                    let runs: Vec<_> = (0..RUNS)
                        .map(|_| tokio::spawn(monty.script("1 + 1").run()))
                        .collect();
                    for run in runs {
                        run.await.expect("no panic").expect("it runs");
                    }
                })
            });
        });
    }
    group.finish();
}

criterion_group!(benches, sessions);
criterion_main!(benches);
