//! `os-call` over WASI 0.2: files from the preopened directories and from
//! memory, and the environment, clocks and random numbers of the component's
//! own environment.
//!
//! - [`files`]: what stands where, and how much may be written.
//! - [`settings`]: the variables that say so.
//! - [`directory`]: a preopened directory.
//! - [`convert`]: what the crate `monty-vfs` says, in the words of `os-call`.
//!
//! A preopened directory stands where its name says, resolved against `/`:
//! `--dir .` and `--dir /` are the root of the sandbox, `--dir data` and
//! `--dir data::/data` are `/data`. Directories that lead to one exist too.
//! Everything else is refused. `MONTY_OVERLAY` makes preopened directories copy
//! on write, and `MONTY_MEMORY` adds directories that are in memory.
//!
//! What keeps a script inside is WASI: every path is opened relative to a
//! preopened directory, and the runtime refuses to leave it. WASI 0.2 has no
//! permission bits, no device numbers and no local time zone: files are 0o644,
//! directories 0o755.

#![allow(
    clippy::result_large_err,
    reason = "`ErrorCode` is a WIT type, and moved once"
)]

mod convert;
mod directory;
mod files;
mod settings;

/// What wit-bindgen generates from `wit/`.
mod bindings {
    wit_bindgen::generate!({
        path: "../../wit",
        world: "monty:sandbox/system",
        with: { "monty:sandbox/types@0.2.0": monty_value::types },
    });
}

use bindings::exports::monty::sandbox::os_call::{
    ErrorCode, FileStat, Guest, OpenMode, ScanEntry, ScanOptions, WriteMode,
};
use files::{Files, now};
use monty_value::types::{Duration, Instant, Value};
use wasip2::cli::environment::get_environment;
use wasip2::clocks::{monotonic_clock, wall_clock};
use wasip2::random::random::get_random_bytes;

thread_local! {
    /// They stay the same while the component lives.
    static FILES: Files = Files::from_environment();
}

/// Random bytes in one answer: what the largest message of a host holds.
const MAX_RANDOM_BYTES: u64 = 64 << 20;

/// The component.
struct Component;

impl Guest for Component {
    fn stat(path: String, follow_links: bool) -> Result<FileStat, ErrorCode> {
        FILES.with(|files| Ok(files.table()?.stat(&path, follow_links)?.into()))
    }

    fn read_link(path: String) -> Result<String, ErrorCode> {
        FILES.with(|files| Ok(files.table()?.read_link(&path)?))
    }

    fn read(path: String) -> Result<Vec<u8>, ErrorCode> {
        FILES.with(|files| Ok(now(files.table()?.read(&path, &files.context()))?))
    }

    fn write(path: String, data: Vec<u8>, mode: WriteMode) -> Result<(), ErrorCode> {
        FILES.with(|files| {
            let context = files.context();
            Ok(now(files.table()?.write(
                &path,
                &data,
                mode.into(),
                &context,
            ))?)
        })
    }

    fn open(path: String, mode: OpenMode) -> Result<(), ErrorCode> {
        FILES.with(|files| {
            Ok(now(files.table()?.open(
                &path,
                mode.into(),
                &files.context(),
            ))?)
        })
    }

    fn list_directory(path: String) -> Result<Vec<String>, ErrorCode> {
        FILES.with(|files| Ok(now(files.table()?.list(&path, &files.context()))?))
    }

    fn scan(path: String, options: ScanOptions) -> Result<Vec<ScanEntry>, ErrorCode> {
        FILES.with(|files| {
            let context = files.context();
            let found = now(files.table()?.scan(&path, &options.into(), &context))?;
            Ok(found.into_iter().map(ScanEntry::from).collect())
        })
    }

    fn create_directory(path: String) -> Result<(), ErrorCode> {
        FILES.with(|files| Ok(files.table()?.create_directory(&path, &files.context())?))
    }

    fn remove_file(path: String) -> Result<(), ErrorCode> {
        FILES.with(|files| Ok(files.table()?.remove_file(&path, &files.context())?))
    }

    fn remove_directory(path: String) -> Result<(), ErrorCode> {
        FILES.with(|files| {
            let context = files.context();
            Ok(now(files.table()?.remove_directory(&path, &context))?)
        })
    }

    fn rename(source: String, destination: String) -> Result<(), ErrorCode> {
        FILES.with(|files| {
            let context = files.context();
            Ok(now(files.table()?.rename(&source, &destination, &context))?)
        })
    }

    fn getenv(name: String) -> Result<Option<String>, ErrorCode> {
        let variables = get_environment();
        let variable = variables.into_iter().find(|(key, _)| *key == name);
        Ok(variable.map(|(_, value)| value))
    }

    fn environ() -> Result<Vec<(String, String)>, ErrorCode> {
        Ok(get_environment())
    }

    fn now() -> Result<Instant, ErrorCode> {
        let now = wall_clock::now();
        Ok(Instant {
            seconds: i64::try_from(now.seconds).map_err(|_| ErrorCode::InvalidArgument)?,
            nanoseconds: now.nanoseconds,
        })
    }

    fn monotonic_now() -> Result<Duration, ErrorCode> {
        Ok(monotonic_clock::now())
    }

    /// The runtime is told how long, and nothing spins.
    fn sleep(duration: Duration) -> Result<(), ErrorCode> {
        monotonic_clock::subscribe_duration(duration).block();
        Ok(())
    }

    fn random_bytes(size: u64) -> Result<Vec<u8>, ErrorCode> {
        if size > MAX_RANDOM_BYTES {
            return Err(ErrorCode::Other(format!(
                "more than {MAX_RANDOM_BYTES} random bytes at once"
            )));
        }
        Ok(get_random_bytes(size))
    }

    fn import_module(_name: String) -> Result<Value, ErrorCode> {
        Err(ErrorCode::Unhandled)
    }
}

bindings::export!(Component with_types_in bindings);
