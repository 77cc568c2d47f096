//! `os-call` over WASI 0.2: files from the preopened directories, and the
//! environment, clocks and random numbers of the component's own environment.
//!
//! - [`mounts`]: which preopened directory a path belongs to.
//! - [`directory`]: a preopened directory.
//! - [`quota`]: how much may be written.
//! - [`walk`]: symbolic links, for `resolve`.
//! - [`scan`]: a whole tree at once.
//! - [`clock`]: the time of day, and sleeping.
//! - [`path`]: paths of the sandbox.
//!
//! A preopened directory stands where its name says, resolved against `/`:
//! `--dir .` and `--dir /` are the root of the sandbox, `--dir data` and
//! `--dir data::/data` are `/data`. Directories that lead to one exist too.
//! Everything else is refused.
//!
//! What keeps a script inside is WASI: every path is opened relative to a
//! preopened directory, and the runtime refuses to leave it. WASI 0.2 has no
//! permission bits, no device numbers and no local time zone: files are 0o644,
//! directories 0o755, less if the directory is read-only; local time is UTC.

#![allow(
    clippy::result_large_err,
    reason = "`ErrorCode` is a WIT type, and moved once"
)]

mod clock;
mod directory;
mod mounts;
mod path;
mod quota;
mod scan;
mod walk;

/// What wit-bindgen generates from `wit/`.
mod bindings {
    wit_bindgen::generate!({
        path: "../../wit",
        world: "monty:sandbox/system",
        with: { "monty:sandbox/types@0.2.0": monty_value::types },
    });
}

use bindings::exports::monty::sandbox::os_call::{
    ErrorCode, FileStat, FileType, Guest, MkdirOptions, OpenMode, ScanEntry, ScanOptions,
    TimeCaller,
};
use directory::Write;
use monty_value::types::{Date, Datetime, Timezone, Value};
use mounts::Mounts;

thread_local! {
    /// The preopened directories. They stay the same while the component lives.
    static MOUNTS: Mounts = Mounts::preopened();
}

/// Random bytes in one answer: what the largest message of a host holds.
const MAX_RANDOM_BYTES: u64 = 64 << 20;

/// The component.
struct Component;

impl Guest for Component {
    fn exists(path: String) -> Result<bool, ErrorCode> {
        MOUNTS.with(|mounts| mounts.test(&path, |_| true))
    }

    fn is_file(path: String) -> Result<bool, ErrorCode> {
        MOUNTS.with(|mounts| mounts.test(&path, |stat| stat.file_type == FileType::Regular))
    }

    fn is_dir(path: String) -> Result<bool, ErrorCode> {
        MOUNTS.with(|mounts| mounts.test(&path, |stat| stat.file_type == FileType::Directory))
    }

    fn is_symlink(path: String) -> Result<bool, ErrorCode> {
        MOUNTS.with(|mounts| mounts.is_symlink(&path))
    }

    fn stat(path: String) -> Result<FileStat, ErrorCode> {
        MOUNTS.with(|mounts| mounts.stat(&path))
    }

    fn read_text(path: String) -> Result<String, ErrorCode> {
        String::from_utf8(Self::read_bytes(path)?).map_err(|_| ErrorCode::NotUtf8)
    }

    fn read_bytes(path: String) -> Result<Vec<u8>, ErrorCode> {
        MOUNTS.with(|mounts| mounts.read(&path))
    }

    fn write_text(path: String, data: String) -> Result<(), ErrorCode> {
        Self::write_bytes(path, data.into_bytes())
    }

    fn write_bytes(path: String, data: Vec<u8>) -> Result<(), ErrorCode> {
        MOUNTS.with(|mounts| mounts.write(&path, &data, Write::Replace))
    }

    fn append_text(path: String, data: String) -> Result<(), ErrorCode> {
        Self::append_bytes(path, data.into_bytes())
    }

    fn append_bytes(path: String, data: Vec<u8>) -> Result<(), ErrorCode> {
        MOUNTS.with(|mounts| mounts.write(&path, &data, Write::Append))
    }

    fn open(path: String, mode: OpenMode) -> Result<(), ErrorCode> {
        MOUNTS.with(|mounts| match mode {
            OpenMode::Read => mounts.check_readable(&path),
            OpenMode::Write => mounts.write(&path, &[], Write::Replace),
            OpenMode::Append => mounts.write(&path, &[], Write::Append),
        })
    }

    fn iterdir(path: String) -> Result<Vec<String>, ErrorCode> {
        let entries = MOUNTS.with(|mounts| mounts.list(&path))?;
        Ok(entries.into_iter().map(|entry| entry.name).collect())
    }

    fn scan(path: String, options: ScanOptions) -> Result<Vec<ScanEntry>, ErrorCode> {
        MOUNTS.with(|mounts| scan::scan(mounts, &path, &options))
    }

    fn mkdir(path: String, options: MkdirOptions) -> Result<(), ErrorCode> {
        MOUNTS.with(|mounts| mounts.mkdir(&path, options))
    }

    fn unlink(path: String) -> Result<(), ErrorCode> {
        MOUNTS.with(|mounts| mounts.unlink(&path))
    }

    fn rmdir(path: String) -> Result<(), ErrorCode> {
        MOUNTS.with(|mounts| mounts.rmdir(&path))
    }

    fn rename(source: String, destination: String) -> Result<(), ErrorCode> {
        MOUNTS.with(|mounts| mounts.rename(&source, &destination))
    }

    fn resolve(path: String) -> Result<String, ErrorCode> {
        MOUNTS.with(|mounts| mounts.resolve(&path))
    }

    fn absolute(path: String) -> Result<String, ErrorCode> {
        Ok(path)
    }

    fn getenv(name: String) -> Result<Option<String>, ErrorCode> {
        let variables = wasip2::cli::environment::get_environment();
        let variable = variables.into_iter().find(|(key, _)| *key == name);
        Ok(variable.map(|(_, value)| value))
    }

    fn environ() -> Result<Vec<(String, String)>, ErrorCode> {
        Ok(wasip2::cli::environment::get_environment())
    }

    fn date_today() -> Result<Date, ErrorCode> {
        Ok(clock::now(None)?.date)
    }

    fn datetime_now(timezone: Option<Timezone>) -> Result<Datetime, ErrorCode> {
        clock::now(timezone)
    }

    fn time(caller: TimeCaller) -> Result<f64, ErrorCode> {
        Ok(clock::seconds(caller))
    }

    fn sleep(duration_micros: u64) -> Result<(), ErrorCode> {
        clock::sleep(duration_micros);
        Ok(())
    }

    fn urandom(size_bytes: u64) -> Result<Vec<u8>, ErrorCode> {
        if size_bytes > MAX_RANDOM_BYTES {
            return Err(ErrorCode::Other(format!(
                "more than {MAX_RANDOM_BYTES} random bytes at once"
            )));
        }
        Ok(wasip2::random::random::get_random_bytes(size_bytes))
    }

    fn import_module(_name: String) -> Result<Value, ErrorCode> {
        Err(ErrorCode::Unhandled)
    }
}

bindings::export!(Component with_types_in bindings);
