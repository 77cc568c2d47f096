//! Interpreters that are kept, in memory or as bytes.

use benchmark_runner::{Done, Row, resident_bytes};
use monty::{Dump, MontyRepl, ReplProgress, Session, SessionRef, dump};
use monty_types::{MontyObject, NamedValues, PrintWriter, ResourceTracker};

use crate::script::{Host, message};
use crate::{Failure, interpreter, limits};

/// What each session of `memory` defines.
const DEFINITION: &str = "def f(x):\n    return x + 1";

/// All iterations in one interpreter.
pub fn live() -> Result<Row<'static>, Failure> {
    let mut host = Host::new()?;
    let mut session = Some(interpreter());
    Ok(Box::new(move |iterations| {
        let mut answer = MontyObject::none();
        for _ in 0..iterations {
            let mut repl = session.take().ok_or("an iteration failed")?;
            *repl.tracker_mut() = ResourceTracker::new(limits());
            let (repl, value) = host.run(repl, "1 + 1")?;
            session = Some(repl);
            answer = value;
        }
        Ok(Done::answer(answer.py_repr()))
    }))
}

/// Loaded from bytes, fed and dumped.
pub fn parked() -> Result<Row<'static>, Failure> {
    let mut host = Host::new()?;
    let mut bytes = store(&interpreter())?;
    Ok(Box::new(move |iterations| {
        let mut answer = MontyObject::none();
        for _ in 0..iterations {
            let Session::Idle(repl) = Dump::load(&bytes)?.state else {
                return Err("it is not idle".into());
            };
            let (repl, value) = host.run(*repl, "1 + 1")?;
            bytes = store(&repl)?;
            answer = value;
        }
        Ok(Done::answer(answer.py_repr()))
    }))
}

fn store(repl: &MontyRepl) -> Result<Vec<u8>, Failure> {
    Ok(dump("script.py", None, &[], SessionRef::Idle(repl))?)
}

/// Dumped at a call, loaded and answered.
pub fn suspended() -> Row<'static> {
    Box::new(move |iterations| {
        let mut answer = MontyObject::none();
        for _ in 0..iterations {
            let inputs = NamedValues::default();
            let progress =
                Box::new(interpreter()).feed_start("ask()", inputs, PrintWriter::Disabled);
            let progress = progress.map_err(message)?;
            let bytes = dump("script.py", None, &[], SessionRef::Suspended(&progress))?;
            let Session::Suspended(progress) = Dump::load(&bytes)?.state else {
                return Err("it is not suspended".into());
            };
            let ReplProgress::FunctionCall(call) = *progress else {
                return Err("it does not call".into());
            };
            let ended = call.resume(MontyObject::int(1), PrintWriter::Disabled);
            let (_, value) = ended
                .map_err(message)?
                .into_complete()
                .ok_or("it has not ended")?;
            answer = value;
        }
        Ok(Done::answer(answer.py_repr()))
    })
}

/// The resident memory of an idle interpreter.
pub fn memory() -> Row<'static> {
    let mut kept = Vec::new();
    Box::new(move |count| {
        let mut host = Host::new()?;
        let before = resident_bytes()?;
        for _ in 0..count {
            kept.push(host.run(interpreter(), DEFINITION)?.0);
        }
        let grown = resident_bytes()?.saturating_sub(before);
        Ok(Done::answer(grown / count))
    })
}
