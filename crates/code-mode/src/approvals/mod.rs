//! Scripts that wait for a person, without state on the server.
//!
//! A script that is suspended at a call leaves the process as a [`Token`]:
//! the snapshot and the calls, compressed, encrypted and authenticated. Any
//! replica with the [`Keys`] opens it, after a restart too, and gets back
//! exactly what was sealed. Nothing is replayed.
//!
//! ```
//! use std::time::SystemTime;
//!
//! use monty_code_mode::approvals::{Approvals, Decision, Decisions, Key, PendingCall, Principal};
//! use serde_json::json;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), monty_code_mode::approvals::ApprovalError> {
//! let approvals = Approvals::new(Key::generate()?);
//! let ada = Principal::new(["acme", "ada"])?;
//! let refund = PendingCall::new(0, "refund", json!({"order": 1501})).line(3);
//! let snapshot = b"the bytes of a monty_host::Snapshot";
//! let sealed = approvals.seal(&ada, &[refund.clone()], snapshot, SystemTime::now()).await?;
//!
//! // The person sees the calls, perhaps in another process.
//! let shown = approvals.inspect(sealed.token.as_str(), &ada, SystemTime::now()).await?;
//! assert_eq!(shown.calls, [refund]);
//!
//! // The script goes on from the payload with what was decided.
//! let decisions = Decisions::new().approve(&shown.calls[0]);
//! let decided = approvals.open(sealed.token.as_str(), &ada, &decisions, SystemTime::now()).await?;
//! assert_eq!(decided.payload, snapshot);
//! assert_eq!(decided.decisions, [Decision::Approve]);
//! # Ok(())
//! # }
//! ```
//!
//! # With a store
//!
//! Without a [`Store`](store::Store), a token can be opened any number of times until it
//! expires, and holds everything. With one, it is opened once over all
//! replicas, and what is too large for a token lies in the store, encrypted.
//!
//! | store | replicas | survives a restart |
//! |---|---|---|
//! | [`MemoryStore`](store::MemoryStore) | one process | no |
//! | `RedbStore`, feature `redb` (on by default) | one process | yes |
//! | `PostgresStore`, feature `postgres` | any number | yes |
//!
//! # What a token is worth
//!
//! A token's length is visible to whoever carries it. It is that of
//! compressed content: a person who can both choose some of a script's data and
//! see the length of many tokens may learn whether other data resembles it.

mod call;
mod content;
mod decision;
mod envelope;
mod error;
mod key;
mod principal;
mod purpose;
mod service;
pub mod store;
mod token;

use std::fmt;

pub use self::call::{CallDigest, PendingCall};
pub use self::decision::{CallReference, Decision, Decisions};
pub use self::error::{ApprovalError, ApprovalErrorKind};
pub use self::key::{Key, KeyId, Keys};
pub use self::principal::Principal;
pub use self::service::{Approval, Approvals, Decided, Sealed};
pub use self::token::{Token, TokenId};

fn write_hex(formatter: &mut fmt::Formatter<'_>, bytes: &[u8]) -> fmt::Result {
    bytes
        .iter()
        .try_for_each(|byte| write!(formatter, "{byte:02x}"))
}
