//! Scripts and sessions in pooled instances, built only on
//! [`embed`](crate::embed).

mod blocking;
mod checks;
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

pub(crate) use self::blocking::block_on;
pub use self::feed::{Feed, FunctionCall, SessionResume};
pub use self::monty::{Monty, MontyBuilder};
pub use self::pool::WhenFull;
pub use self::report::{Progress, Report, Suspension};
pub use self::script::{Resume, Script};
pub use self::session::{Session, SessionBuilder};
pub use self::snapshot::{Snapshot, SnapshotKey, SnapshotKind};
