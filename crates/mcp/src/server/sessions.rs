//! The memory that sessions keep.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use monty_code_mode::Conversation;

/// The scripts of a client that share their names. One at a time runs.
pub(super) type SharedSession = Arc<tokio::sync::Mutex<Session>>;

/// A session, between its scripts.
#[derive(Default)]
pub(super) struct Session {
    pub(super) conversation: Option<Conversation>,
    /// Whether the server forgot it for want of memory, and nobody was told yet.
    pub(super) is_forgotten: bool,
}

/// What all sessions keep, within a budget: the one that was idle longest is forgotten
/// for another.
pub(super) struct SessionMemory {
    budget: u64,
    known: Mutex<Known>,
}

/// What an instance has before its first script, all from one image.
const OF_EACH: u64 = 8 << 20;

/// What a session without names counts.
const LEAST: u64 = 256 << 10;

#[derive(Default)]
struct Known {
    uses: u64,
    sessions: HashMap<usize, Entry>,
}

struct Entry {
    used: u64,
    bytes: u64,
    session: Weak<tokio::sync::Mutex<Session>>,
}

impl SessionMemory {
    pub(super) fn new(budget: u64) -> Self {
        Self {
            budget,
            known: Mutex::default(),
        }
    }

    /// A session has run a script, which had so many bytes at most.
    pub(super) fn used(&self, session: &SharedSession, bytes: u64) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.uses += 1;
        let used = known.uses;
        let own = Arc::as_ptr(session).addr();
        let entry = Entry {
            used,
            bytes: bytes.saturating_sub(OF_EACH).max(LEAST),
            session: Arc::downgrade(session),
        };
        known.sessions.insert(own, entry);
        known
            .sessions
            .retain(|_, entry| entry.session.strong_count() > 0);
        let mut total: u64 = known.sessions.values().map(|entry| entry.bytes).sum();
        if total <= self.budget {
            return;
        }
        let mut idle: Vec<_> = known
            .sessions
            .iter()
            .filter(|(key, _)| **key != own)
            .collect();
        idle.sort_by_key(|(_, entry)| entry.used);
        let mut forgotten = Vec::new();
        for (key, entry) in idle {
            if total <= self.budget {
                break;
            }
            let Some(session) = entry.session.upgrade() else {
                continue;
            };
            // One that runs is not idle.
            let Ok(mut session) = session.try_lock() else {
                continue;
            };
            session.is_forgotten |= session.conversation.take().is_some();
            total = total.saturating_sub(entry.bytes);
            forgotten.push(*key);
        }
        for key in forgotten {
            known.sessions.remove(&key);
        }
    }
}
