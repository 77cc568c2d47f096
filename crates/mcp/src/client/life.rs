//! The starts and ends of a server, and how long it rests between them.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::connection::Connection;

/// How long after its end a server is started again: the first time at once,
/// then after a while that doubles, up to the longest.
const FIRST_WAIT: Duration = Duration::from_secs(1);
const LONGEST_WAIT: Duration = Duration::from_secs(60);
/// A server that ran for so long has not failed to start.
const STABLE: Duration = Duration::from_secs(60);

/// What is known of a server's last start.
#[derive(Default)]
pub(super) struct Life {
    pub(super) connection: Option<Arc<Connection>>,
    /// How often it failed or ended since it last ran for long.
    failures: u32,
    pub(super) retry_at: Option<Instant>,
}

impl Life {
    /// Counts a start that failed, or the end of a server that ran.
    pub(super) fn fail(&mut self, lasted: Duration) {
        if lasted >= STABLE {
            self.failures = 0;
        }
        // The first time that one ends, it is started again at once.
        let had_run = !lasted.is_zero();
        let wait = match (self.failures, had_run) {
            (0, true) => Duration::ZERO,
            (failures, _) => {
                let doubled = 1_u32 << failures.saturating_sub(u32::from(had_run)).min(6);
                LONGEST_WAIT.min(FIRST_WAIT * doubled)
            }
        };
        self.failures = self.failures.saturating_add(1);
        self.retry_at = Some(Instant::now() + wait);
    }
}
