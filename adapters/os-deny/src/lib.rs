//! `os-call` for scripts that reach no operating system: every operation is
//! `unhandled`, which Python raises as `PermissionError` for a file,
//! `ModuleNotFoundError` for a module and `RuntimeError` for the rest.

#![allow(
    clippy::result_large_err,
    reason = "`ErrorCode` is a WIT type, and moved once"
)]

/// What wit-bindgen generates from `wit/`.
mod bindings {
    wit_bindgen::generate!({
        path: ["../../wit", "../wit"],
        world: "monty:adapters/os-deny",
        with: { "monty:sandbox/types@0.1.0": monty_value::types },
    });
}

use bindings::exports::monty::sandbox::os_call::{
    ErrorCode, FileStat, Guest, MkdirOptions, OpenMode, ScanEntry, ScanOptions, TimeCaller,
};
use monty_value::types::{Date, Datetime, Timezone, Value};

/// The component.
struct Component;

impl Guest for Component {
    fn exists(_path: String) -> Result<bool, ErrorCode> {
        Err(ErrorCode::Unhandled)
    }

    fn is_file(_path: String) -> Result<bool, ErrorCode> {
        Err(ErrorCode::Unhandled)
    }

    fn is_dir(_path: String) -> Result<bool, ErrorCode> {
        Err(ErrorCode::Unhandled)
    }

    fn is_symlink(_path: String) -> Result<bool, ErrorCode> {
        Err(ErrorCode::Unhandled)
    }

    fn stat(_path: String) -> Result<FileStat, ErrorCode> {
        Err(ErrorCode::Unhandled)
    }

    fn read_text(_path: String) -> Result<String, ErrorCode> {
        Err(ErrorCode::Unhandled)
    }

    fn read_bytes(_path: String) -> Result<Vec<u8>, ErrorCode> {
        Err(ErrorCode::Unhandled)
    }

    fn write_text(_path: String, _data: String) -> Result<(), ErrorCode> {
        Err(ErrorCode::Unhandled)
    }

    fn write_bytes(_path: String, _data: Vec<u8>) -> Result<(), ErrorCode> {
        Err(ErrorCode::Unhandled)
    }

    fn append_text(_path: String, _data: String) -> Result<(), ErrorCode> {
        Err(ErrorCode::Unhandled)
    }

    fn append_bytes(_path: String, _data: Vec<u8>) -> Result<(), ErrorCode> {
        Err(ErrorCode::Unhandled)
    }

    fn open(_path: String, _mode: OpenMode) -> Result<(), ErrorCode> {
        Err(ErrorCode::Unhandled)
    }

    fn iterdir(_path: String) -> Result<Vec<String>, ErrorCode> {
        Err(ErrorCode::Unhandled)
    }

    fn scan(_path: String, _options: ScanOptions) -> Result<Vec<ScanEntry>, ErrorCode> {
        Err(ErrorCode::Unhandled)
    }

    fn mkdir(_path: String, _options: MkdirOptions) -> Result<(), ErrorCode> {
        Err(ErrorCode::Unhandled)
    }

    fn unlink(_path: String) -> Result<(), ErrorCode> {
        Err(ErrorCode::Unhandled)
    }

    fn rmdir(_path: String) -> Result<(), ErrorCode> {
        Err(ErrorCode::Unhandled)
    }

    fn rename(_source: String, _destination: String) -> Result<(), ErrorCode> {
        Err(ErrorCode::Unhandled)
    }

    fn resolve(_path: String) -> Result<String, ErrorCode> {
        Err(ErrorCode::Unhandled)
    }

    fn absolute(_path: String) -> Result<String, ErrorCode> {
        Err(ErrorCode::Unhandled)
    }

    fn getenv(_name: String) -> Result<Option<String>, ErrorCode> {
        Err(ErrorCode::Unhandled)
    }

    fn environ() -> Result<Vec<(String, String)>, ErrorCode> {
        Err(ErrorCode::Unhandled)
    }

    fn date_today() -> Result<Date, ErrorCode> {
        Err(ErrorCode::Unhandled)
    }

    fn datetime_now(_timezone: Option<Timezone>) -> Result<Datetime, ErrorCode> {
        Err(ErrorCode::Unhandled)
    }

    fn time(_caller: TimeCaller) -> Result<f64, ErrorCode> {
        Err(ErrorCode::Unhandled)
    }

    fn sleep(_duration_micros: u64) -> Result<(), ErrorCode> {
        Err(ErrorCode::Unhandled)
    }

    fn urandom(_size_bytes: u64) -> Result<Vec<u8>, ErrorCode> {
        Err(ErrorCode::Unhandled)
    }

    fn import_module(_name: String) -> Result<Value, ErrorCode> {
        Err(ErrorCode::Unhandled)
    }
}

bindings::export!(Component with_types_in bindings);
