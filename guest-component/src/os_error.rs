//! Errors of `os-call`, as the exceptions that CPython raises for them.

use monty_types::{
    ExcType, MontyException, OsFunctionCall, StringRepr, UnicodeErrorData,
    unicode_decode_error_msg, utf8_error_reason,
};

use crate::{
    bindings::monty::sandbox::os_call::ErrorCode,
    exceptions::{self, raise},
};

/// What an error is about, and names.
enum Subject<'a> {
    /// A file or a module.
    One(&'a str),
    /// Both paths of a rename.
    Two(&'a str, &'a str),
    /// Nothing that has a name.
    Nothing,
}

/// The exception for an error of an operation.
pub fn exception(call: &OsFunctionCall, error: ErrorCode) -> MontyException {
    let subject = match call {
        OsFunctionCall::Import(_) if matches!(error, ErrorCode::NotFound) => {
            return call.on_no_handler();
        }
        OsFunctionCall::Import(name) => Subject::One(name),
        OsFunctionCall::Rename(paths) => Subject::Two(&paths.src, &paths.dst),
        _ => call
            .fs_primary_path()
            .map_or(Subject::Nothing, Subject::One),
    };
    about(&subject, call, error)
}

/// The exception for an error of one path, in an operation that has others.
pub fn of_path(path: &str, call: &OsFunctionCall, error: ErrorCode) -> MontyException {
    about(&Subject::One(path), call, error)
}

/// The exception for a path that no file can have.
pub fn not_found(call: &OsFunctionCall) -> MontyException {
    exception(call, ErrorCode::NotFound)
}

fn about(subject: &Subject<'_>, call: &OsFunctionCall, error: ErrorCode) -> MontyException {
    let (exc_type, errno, text) = match error {
        ErrorCode::Unhandled => return call.on_no_handler(),
        ErrorCode::Raised(exception) => return exceptions::from_host(exception),
        ErrorCode::Other(text) => return os_error(subject, ExcType::OSError, 5, &text),
        ErrorCode::NotFound => (ExcType::FileNotFoundError, 2, "No such file or directory"),
        ErrorCode::PermissionDenied => (ExcType::PermissionError, 13, "Permission denied"),
        ErrorCode::NotPermitted => (ExcType::PermissionError, 1, "Operation not permitted"),
        ErrorCode::ReadOnly => (ExcType::OSError, 30, "Read-only file system"),
        ErrorCode::AlreadyExists => (ExcType::FileExistsError, 17, "File exists"),
        ErrorCode::IsADirectory => (ExcType::IsADirectoryError, 21, "Is a directory"),
        ErrorCode::NotADirectory => (ExcType::NotADirectoryError, 20, "Not a directory"),
        ErrorCode::DirectoryNotEmpty => (ExcType::OSError, 39, "Directory not empty"),
        ErrorCode::Busy => (ExcType::OSError, 16, "Device or resource busy"),
        ErrorCode::NameTooLong => (ExcType::OSError, 36, "File name too long"),
        ErrorCode::TooManyLinks => (ExcType::OSError, 40, "Too many levels of symbolic links"),
        ErrorCode::CrossDevice => (ExcType::OSError, 18, "Invalid cross-device link"),
        ErrorCode::FileTooLarge => (ExcType::OSError, 27, "File too large"),
        ErrorCode::NoSpace => (ExcType::OSError, 28, "No space left on device"),
        ErrorCode::QuotaExceeded => (ExcType::OSError, 122, "Disk quota exceeded"),
        ErrorCode::InvalidArgument => (ExcType::OSError, 22, "Invalid argument"),
    };
    os_error(subject, exc_type, errno, text)
}

fn os_error(subject: &Subject<'_>, exc_type: ExcType, errno: u32, text: &str) -> MontyException {
    let message = match subject {
        Subject::One(name) => format!("[Errno {errno}] {text}: {}", StringRepr(name)),
        Subject::Two(source, destination) => format!(
            "[Errno {errno}] {text}: {} -> {}",
            StringRepr(source),
            StringRepr(destination)
        ),
        Subject::Nothing => format!("[Errno {errno}] {text}"),
    };
    raise(exc_type, message)
}

/// Whether Python sees an error as an `OSError` of the path that was asked for.
pub fn is_os_error(error: &ErrorCode) -> bool {
    match error {
        ErrorCode::Unhandled => false,
        ErrorCode::Raised(exception) => exception
            .type_name
            .parse::<ExcType>()
            .is_ok_and(|exc_type| exc_type.is_subclass_of(ExcType::OSError)),
        _ => true,
    }
}

/// The exception for bytes that were read as text.
pub fn not_utf8(bytes: &[u8], error: std::str::Utf8Error) -> MontyException {
    let start = error.valid_up_to();
    let end = error
        .error_len()
        .map_or(bytes.len(), |length| start + length);
    let first_byte = bytes.get(start).copied().unwrap_or_default();
    let reason = utf8_error_reason(first_byte, error.error_len());
    let message = unicode_decode_error_msg("utf-8", first_byte, start, end, reason);
    raise(ExcType::UnicodeDecodeError, message)
        .with_data(UnicodeErrorData::decode("utf-8", bytes, start, end, reason))
}
