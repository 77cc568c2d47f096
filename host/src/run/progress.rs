//! Shared by scripts and sessions: prints for the report, and the progress of a
//! run.

use std::pin::Pin;

use wasmtime::Store;

use super::report::{Progress, Report, Suspension};
use super::snapshot::{Header, Snapshot};
use super::store::RunState;
use crate::check::Diagnostics;
use crate::embed::{Budget, MontyView, Outcome};
use crate::error::Error;
use crate::host::Host;
use crate::print::Collect;
use crate::spans::{Instrument, Span};

/// Keeps prints for the report, unless they go to another sink.
pub(super) fn printing_to(host: Host) -> (Host, Option<Collect>) {
    if host.print.is_some() {
        return (host, None);
    }
    let printed = Collect::new();
    (host.print(printed.clone()), Some(printed))
}

/// The progress of a run. The header belongs to a suspension with a budget.
pub(super) fn progress(
    store: &mut Store<RunState>,
    outcome: Result<Outcome, Error>,
    header: impl FnOnce(Budget) -> Header,
    printed: Option<&Collect>,
) -> Result<Progress, Error> {
    let statistics = store.data_mut().monty().statistics();
    let printed = printed.map(Collect::take).unwrap_or_default();
    match outcome {
        Ok(Outcome::Completed(value)) => Ok(Progress::Finished(Report {
            value,
            printed,
            statistics,
            diagnostics: Diagnostics::default(),
        })),
        Ok(Outcome::Suspended(suspended)) => {
            // What it goes on from, and not a later look at the clock.
            let statistics = suspended.budget.used;
            let header = header(suspended.budget);
            Ok(Progress::Suspended(Suspension {
                calls: suspended.calls,
                snapshot: Snapshot::new(header, suspended.snapshot),
                printed,
                statistics,
            }))
        }
        Err(error) => Err(error.with_printed(printed)),
    }
}

/// Runs within a span that records the outcome. The run is some kilobytes, and
/// those who drive a future move it: into a task, for one.
pub(super) async fn traced(
    run: Pin<Box<impl Future<Output = Result<Progress, Error>>>>,
    span: Span,
) -> Result<Progress, Error> {
    let result = run.instrument(span.clone()).await;
    span.record(
        "outcome",
        match &result {
            Ok(Progress::Finished(_)) => "finished",
            Ok(Progress::Suspended(_)) => "suspended",
            Err(error) => error.kind().name(),
        },
    );
    result
}
