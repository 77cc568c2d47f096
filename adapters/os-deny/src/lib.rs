//! `os-call` for scripts without an operating system: every operation is
//! `unhandled`, which Python raises as `PermissionError` for a file,
//! `ModuleNotFoundError` for a module and `RuntimeError` for the rest.

#![allow(
    clippy::result_large_err,
    reason = "`ErrorCode` is a WIT type, and moved once"
)]

/// wit-bindgen's generated bindings for `wit/`.
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
use monty_value::types::{Duration, Instant, Value};

/// The component.
struct Component;

impl Guest for Component {
    fn stat(_path: String, _follow_links: bool) -> Result<FileStat, ErrorCode> {
        Err(ErrorCode::Unhandled)
    }

    fn read_link(_path: String) -> Result<String, ErrorCode> {
        Err(ErrorCode::Unhandled)
    }

    fn read(_path: String) -> Result<Vec<u8>, ErrorCode> {
        Err(ErrorCode::Unhandled)
    }

    fn write(_path: String, _data: Vec<u8>, _mode: WriteMode) -> Result<(), ErrorCode> {
        Err(ErrorCode::Unhandled)
    }

    fn open(_path: String, _mode: OpenMode) -> Result<(), ErrorCode> {
        Err(ErrorCode::Unhandled)
    }

    fn list_directory(_path: String) -> Result<Vec<String>, ErrorCode> {
        Err(ErrorCode::Unhandled)
    }

    fn scan(_path: String, _options: ScanOptions) -> Result<Vec<ScanEntry>, ErrorCode> {
        Err(ErrorCode::Unhandled)
    }

    fn create_directory(_path: String) -> Result<(), ErrorCode> {
        Err(ErrorCode::Unhandled)
    }

    fn remove_file(_path: String) -> Result<(), ErrorCode> {
        Err(ErrorCode::Unhandled)
    }

    fn remove_directory(_path: String) -> Result<(), ErrorCode> {
        Err(ErrorCode::Unhandled)
    }

    fn rename(_source: String, _destination: String) -> Result<(), ErrorCode> {
        Err(ErrorCode::Unhandled)
    }

    fn getenv(_name: String) -> Result<Option<String>, ErrorCode> {
        Err(ErrorCode::Unhandled)
    }

    fn environ() -> Result<Vec<(String, String)>, ErrorCode> {
        Err(ErrorCode::Unhandled)
    }

    fn now() -> Result<Instant, ErrorCode> {
        Err(ErrorCode::Unhandled)
    }

    fn monotonic_now() -> Result<Duration, ErrorCode> {
        Err(ErrorCode::Unhandled)
    }

    fn sleep(_duration: Duration) -> Result<(), ErrorCode> {
        Err(ErrorCode::Unhandled)
    }

    fn random_bytes(_size: u64) -> Result<Vec<u8>, ErrorCode> {
        Err(ErrorCode::Unhandled)
    }

    fn import_module(_name: String) -> Result<Value, ErrorCode> {
        Err(ErrorCode::Unhandled)
    }
}

bindings::export!(Component with_types_in bindings);
