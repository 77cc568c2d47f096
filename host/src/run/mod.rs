//! Scripts and sessions in pooled instances, built only on
//! [`embed`](crate::embed).

mod blocking;
mod feed;
mod monty;
mod nesting;
mod pool;
mod progress;
mod ready;
mod report;
mod resting;
mod script;
mod session;
mod snapshot;
mod store;

pub use self::feed::{Feed, FunctionCall, SessionResume};
pub use self::monty::{Monty, MontyBuilder};
pub use self::pool::WhenFull;
pub use self::report::{Progress, Report, Suspension};
pub use self::script::{Resume, Script};
pub use self::session::{Session, SessionBuilder};
pub use self::snapshot::{Snapshot, SnapshotKey, SnapshotKind};
