//! Errors of `os-call`, as the exceptions that CPython raises for them.

use monty_types::{
    ExcType, MontyException, OsFunctionCall, StringRepr, UnicodeErrorData,
    unicode_decode_error_msg, utf8_error_reason,
};

use crate::{
    bindings::monty::sandbox::os_call::ErrorCode,
    exceptions::{self, raise},
};

/// The exception for an error of an operation.
pub fn exception(call: &OsFunctionCall, error: ErrorCode) -> MontyException {
    if let (OsFunctionCall::Rename(paths), true) = (call, is_about_destination(&error)) {
        // The same error of the one path that it is about.
        return exception(&OsFunctionCall::Stat(paths.dst.clone()), error);
    }
    let (exc_type, errno, text) = match error {
        ErrorCode::Unhandled => return call.on_no_handler(),
        ErrorCode::Raised(exception) => return exceptions::from_host(exception),
        ErrorCode::NotFound => return not_found(call),
        ErrorCode::CrossDevice => return cross_device(call),
        ErrorCode::Other(text) => return os_error(call, ExcType::OSError, 5, &text),
        ErrorCode::PermissionDenied => (ExcType::PermissionError, 13, "Permission denied"),
        ErrorCode::ReadOnly => (ExcType::PermissionError, 30, "Read-only file system"),
        ErrorCode::AlreadyExists => (ExcType::FileExistsError, 17, "File exists"),
        ErrorCode::IsADirectory => (ExcType::IsADirectoryError, 21, "Is a directory"),
        ErrorCode::NotADirectory => (ExcType::NotADirectoryError, 20, "Not a directory"),
        ErrorCode::DirectoryNotEmpty => (ExcType::OSError, 39, "Directory not empty"),
        ErrorCode::NameTooLong => (ExcType::OSError, 36, "File name too long"),
        ErrorCode::TooManyLinks => (ExcType::OSError, 40, "Too many levels of symbolic links"),
        ErrorCode::FileTooLarge => (ExcType::OSError, 27, "File too large"),
        ErrorCode::NoSpace => (ExcType::OSError, 28, "No space left on device"),
        ErrorCode::InvalidArgument => (ExcType::OSError, 22, "Invalid argument"),
        ErrorCode::NotUtf8 => (
            ExcType::OSError,
            84,
            "Invalid or incomplete multibyte or wide character",
        ),
    };
    os_error(call, exc_type, errno, text)
}

/// Whether a rename fails with this error because of what stands at its
/// destination.
fn is_about_destination(error: &ErrorCode) -> bool {
    matches!(
        error,
        ErrorCode::AlreadyExists
            | ErrorCode::DirectoryNotEmpty
            | ErrorCode::IsADirectory
            | ErrorCode::NotADirectory
    )
}

/// The exception for a path, a module or anything else that does not exist.
pub fn not_found(call: &OsFunctionCall) -> MontyException {
    match call {
        OsFunctionCall::Import(_) => call.on_no_handler(),
        _ => os_error(
            call,
            ExcType::FileNotFoundError,
            2,
            "No such file or directory",
        ),
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

fn cross_device(call: &OsFunctionCall) -> MontyException {
    let (exc_type, errno, text) = (ExcType::OSError, 18, "Invalid cross-device link");
    match call {
        OsFunctionCall::Rename(paths) => raise(
            exc_type,
            format!(
                "[Errno {errno}] {text}: {} -> {}",
                StringRepr(&paths.src),
                StringRepr(&paths.dst)
            ),
        ),
        _ => os_error(call, exc_type, errno, text),
    }
}

fn os_error(call: &OsFunctionCall, exc_type: ExcType, errno: u32, text: &str) -> MontyException {
    let subject = match call {
        OsFunctionCall::Import(name) => Some(name.as_str()),
        _ => call.fs_primary_path(),
    };
    let message = match subject {
        Some(subject) => format!("[Errno {errno}] {text}: {}", StringRepr(subject)),
        None => format!("[Errno {errno}] {text}"),
    };
    raise(exc_type, message)
}
