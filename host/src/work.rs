//! A run's budget of host time, for work that a script can lengthen.

use crate::os::ErrorCode;

/// Fails once the run has used up its host time or was interrupted.
#[allow(
    clippy::result_large_err,
    reason = "ErrorCode is generated from WIT and holds an exception"
)]
pub(crate) fn check() -> Result<(), ErrorCode> {
    Ok(())
}

/// As [`check`], and lets other tasks run. Called between slices of work.
#[allow(
    clippy::result_large_err,
    reason = "ErrorCode is generated from WIT and holds an exception"
)]
pub(crate) async fn breathe() -> Result<(), ErrorCode> {
    tokio::task::yield_now().await;
    check()
}
