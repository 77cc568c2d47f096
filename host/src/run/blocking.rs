//! Async methods on a thread that waits for them.

use std::sync::OnceLock;

use tokio::runtime::{Builder, Handle, Runtime};

use crate::error::Error;

/// Runs the async method of the same name to its end, on a runtime that all
/// blocking calls share.
///
/// # Errors
///
/// Those of the method, and if called from inside an async function, whose
/// thread must not block.
pub(crate) fn block_on<T>(
    method: &str,
    future: impl Future<Output = Result<T, Error>>,
) -> Result<T, Error> {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    if Handle::try_current().is_ok() {
        return Err(Error::request(format_args!(
            "{method}_blocking() was called from an async function; use `{method}().await`"
        )));
    }
    let runtime = match RUNTIME.get() {
        Some(runtime) => runtime,
        None => {
            let runtime = Builder::new_multi_thread()
                .worker_threads(1)
                .thread_name("monty-blocking")
                .enable_all()
                .build()
                .map_err(|error| {
                    Error::sandbox(format!("cannot start a runtime: {error}"), None)
                })?;
            RUNTIME.get_or_init(|| runtime)
        }
    };
    runtime.block_on(future)
}
