//! How the process of a server ended, for whoever waited for it.

use std::time::Duration;

use super::process::{Ended, Process};
use super::secrets::Secrets;
use super::text;

/// The longest end of standard error that is shown, in characters.
const MAX_SHOWN: usize = 2_000;
/// What stands before it.
pub(super) const WROTE: &str = ". It wrote to its standard error:";
/// How long the end of a process is waited for.
const PATIENCE: Duration = Duration::from_millis(1500);

/// How a process ended and what it wrote.
#[derive(Default)]
pub(super) struct Ending {
    /// ` (exit status: 1)`, if it ended by itself.
    pub(super) status: String,
    /// A sentence with the end of its standard error.
    pub(super) wrote: String,
}

impl Ending {
    /// Waits a while for the end. What it wrote is without `secrets`.
    pub(super) async fn of(process: &Process, secrets: &Secrets) -> Self {
        let ended = tokio::time::timeout(PATIENCE, process.wait())
            .await
            .ok()
            .flatten();
        let mut ending = Self::default();
        if let Some(Ended {
            status: Some(status),
            was_killed: false,
        }) = ended
        {
            ending.status = format!(" ({status})");
        }
        let errors = secrets.hide(process.errors());
        let errors = errors.trim();
        if !errors.is_empty() {
            // The end says most.
            let skipped = errors.chars().count().saturating_sub(MAX_SHOWN);
            let end: String = errors.chars().skip(skipped).collect();
            let dots = if skipped > 0 { "…" } else { "" };
            let end = text::lines(&end, MAX_SHOWN);
            ending.wrote = format!("{WROTE}\n{dots}{end}");
        }
        ending
    }
}
