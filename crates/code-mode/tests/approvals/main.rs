//! Approvals: tokens that leave the process, and the stores behind them.

mod decisions;
mod failures;
mod hostile;
mod keys;
mod properties;
#[cfg(unix)]
mod server;
mod stores;
mod tokens;

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use monty_code_mode::approvals::store::{MemoryStore, Store};
use monty_code_mode::approvals::{
    ApprovalError, Approvals, Decided, Decisions, Key, PendingCall, Principal, Sealed,
};
use serde_json::json;

fn key(byte: u8) -> Key {
    Key::from_bytes([byte; 32])
}

fn ada() -> Principal {
    Principal::new(["acme", "ada", "conversation 7"]).unwrap()
}

fn bob() -> Principal {
    Principal::new(["acme", "bob", "conversation 7"]).unwrap()
}

fn now() -> SystemTime {
    SystemTime::now()
}

fn memory() -> Arc<dyn Store> {
    Arc::new(MemoryStore::new())
}

fn calls() -> [PendingCall; 2] {
    [
        PendingCall::new(3, "refund", json!({"order": 1501, "amount": 80.0})).line(4),
        PendingCall::new(5, "send_mail", json!({"to": "ada@example.com"})),
    ]
}

fn approve_both() -> Decisions {
    Decisions::new().approve(3).approve(5)
}

/// Bytes that do not compress.
fn noise(length: usize) -> Vec<u8> {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()[3]
    };
    (0..length).map(|_| next()).collect()
}

async fn seal(approvals: &Approvals, payload: &[u8]) -> Sealed {
    approvals
        .seal(&ada(), &calls(), payload, now())
        .await
        .unwrap()
}

async fn open(approvals: &Approvals, token: &str) -> Result<Decided, ApprovalError> {
    approvals.open(token, &ada(), &approve_both(), now()).await
}

/// As a user reads them, without what differs from run to run.
fn show(errors: impl IntoIterator<Item = ApprovalError>) -> String {
    let lines = errors
        .into_iter()
        .map(|error| format!("{:?}: {error}", error.kind()));
    lines.collect::<Vec<_>>().join("\n")
}

const HOUR: Duration = Duration::from_secs(3600);
