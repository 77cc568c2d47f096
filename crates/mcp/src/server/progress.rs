//! What a long script does, for the client.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use rmcp::model::{ProgressNotificationParam, ProgressToken};
use rmcp::{Peer, RoleServer};

/// The calls of a script so far.
#[derive(Default)]
pub(super) struct Progress(Mutex<Calls>);

#[derive(Clone, Default, PartialEq)]
struct Calls {
    made: u64,
    latest: String,
}

/// How often is looked, and how long nothing may change without a word.
const LOOK: Duration = Duration::from_secs(1);
const SILENCE: Duration = Duration::from_secs(10);

/// Of the name of a tool, in bytes: it may be a server's.
const LONGEST_NAME: usize = 200;

impl Progress {
    /// A call begins.
    pub(super) fn called(&self, tool: &str, made: u64) {
        let mut calls = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        calls.made = made;
        calls.latest.clear();
        if tool.len() <= LONGEST_NAME {
            calls.latest.push_str(tool);
        }
    }

    fn calls(&self) -> Calls {
        let calls = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        calls.clone()
    }

    /// Tells the client, for as long as it is polled.
    pub(super) async fn tell(&self, peer: &Peer<RoleServer>, token: ProgressToken) {
        let began = Instant::now();
        let mut told = (Calls::default(), began);
        loop {
            tokio::time::sleep(LOOK).await;
            let calls = self.calls();
            if calls == told.0 && told.1.elapsed() < SILENCE {
                continue;
            }
            let message = match (calls.made, calls.latest.as_str()) {
                (0, _) => "running".to_owned(),
                (1, latest) => format!("1 call, of {latest}"),
                (made, latest) => format!("{made} calls, the latest of {latest}"),
            };
            let seconds = began.elapsed().as_secs_f64();
            let news = ProgressNotificationParam::new(token.clone(), seconds).with_message(message);
            if peer.notify_progress(news).await.is_err() {
                // Whoever left does not want to know.
                return std::future::pending().await;
            }
            told = (calls, Instant::now());
        }
    }
}
