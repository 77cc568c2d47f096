//! Sessions and suspended scripts.

use benchmark_runner::{Done, Row, resident_bytes};
use monty_host::{Answers, Progress, Snapshot, SnapshotKey, ToolError, Tools, Value};

use crate::scripts::{Before, requests};
use crate::{Bench, Failure};

/// All iterations in one session that keeps its instance.
pub fn live(bench: &Bench) -> Result<Row<'_>, Failure> {
    let mut session = bench.runtime.block_on(bench.monty.session().open())?;
    Ok(Box::new(move |iterations| {
        bench.runtime.block_on(async {
            let mut answer = Value::None;
            for _ in 0..iterations {
                answer = session.feed("1 + 1").run().await?.value;
            }
            Ok(Done::answer(answer))
        })
    }))
}

/// The same after a pause before each.
pub fn live_after_pause(bench: &Bench) -> Result<Row<'_>, Failure> {
    let mut session = bench.runtime.block_on(bench.monty.session().open())?;
    Ok(Box::new(move |iterations| {
        let run = async || session.feed("1 + 1").run().await;
        bench
            .runtime
            .block_on(requests(iterations, Before::Pause, run))
    }))
}

/// One session that gives its instance up after each iteration.
pub fn parked(bench: &Bench) -> Result<Row<'_>, Failure> {
    let mut session = bench.runtime.block_on(bench.monty.session().open())?;
    Ok(Box::new(move |iterations| {
        bench.runtime.block_on(async {
            let mut answer = Value::None;
            for _ in 0..iterations {
                answer = session.feed("1 + 1").run().await?.value;
                session.park().await;
            }
            Ok(Done::answer(answer))
        })
    }))
}

/// A session dumped, and restored as another.
pub fn restored(bench: &Bench) -> Result<Row<'_>, Failure> {
    let mut session = bench.runtime.block_on(bench.monty.session().open())?;
    Ok(Box::new(move |iterations| {
        bench.runtime.block_on(async {
            for _ in 0..iterations {
                let snapshot = session.dump().await?;
                bench.monty.session().restore(&snapshot).await?;
            }
            Ok(Done::default())
        })
    }))
}

/// A script that waits for an answer, in signed bytes, and goes on.
pub fn suspended(bench: &Bench) -> Result<Row<'_>, Failure> {
    let tools = Tools::new().function("ask", (), || Err::<(), _>(ToolError::suspend()));
    let key = SnapshotKey::new([7; 32])?;
    Ok(Box::new(move |iterations| {
        bench.runtime.block_on(async {
            let mut answer = Value::None;
            for _ in 0..iterations {
                let script = bench.monty.script("ask()").host(&tools);
                let Progress::Suspended(suspension) = script.start().await? else {
                    return Err("it does not ask".into());
                };
                let bytes = suspension.snapshot.to_bytes(&key)?;
                let snapshot = Snapshot::from_bytes(&bytes, &key)?;
                let call = suspension.calls.first().ok_or("it does not ask")?;
                let answers = Answers::new().value(call.id, 1)?;
                answer = bench.monty.resume(&snapshot, answers).run().await?.value;
            }
            Ok(Done::answer(answer))
        })
    }))
}

/// The resident memory of an idle session.
pub fn memory(bench: &Bench, parked: bool) -> Row<'_> {
    let mut sessions = Vec::new();
    Box::new(move |count| {
        bench.runtime.block_on(async {
            let before = resident_bytes()?;
            for _ in 0..count {
                let mut session = bench.monty.session().open().await?;
                session.feed("def f(x):\n    return x + 1").run().await?;
                if parked {
                    session.park().await;
                }
                sessions.push(session);
            }
            let grown = resident_bytes()?.saturating_sub(before);
            Ok(Done::answer(grown / count))
        })
    })
}
