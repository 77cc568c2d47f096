//! Files, environment, clocks and modules: each of Monty's operations as its
//! import.

use std::{borrow::Cow, time::Duration};

use monty::ReplOsCall;
use monty_types::{
    ExcType, ExtFunctionResult, FileMode, MontyException, MontyFileHandle, MontyObject, MontyPath,
    OsFunctionCall, ScanArgs, TimeCaller, normalize_virtual_path,
    scan::{EntryInfo, ScanEntry, scan_reply},
    stat_result,
};

use crate::{
    bindings::monty::sandbox::os_call::{
        self as host, ErrorCode, FileStat, FileType, MkdirOptions, OpenMode, ScanOptions,
        TimeCaller as HostTimeCaller,
    },
    decode::{self, HostObjects},
    exceptions::raise,
    leaves, os_error,
    python::{Host, Progress},
};

/// Serves one operation.
pub fn call(mut call: ReplOsCall, host: &mut Host<'_>) -> Progress {
    let sleep = match call.function_call {
        OsFunctionCall::AsyncSleep(duration) | OsFunctionCall::AsyncSystemSleep(duration) => {
            Some(duration)
        }
        _ => None,
    };
    if let Some(duration) = sleep
        && !call.allow_eager_await
    {
        // Others may go on meanwhile.
        host.calls.sleep(call.call_id, duration);
        let future = ExtFunctionResult::Future(call.call_id);
        return call.resume(future, host.printer.writer());
    }
    let answer = match check_paths(&mut call.function_call) {
        Some(refused) => refused,
        None => {
            host.printer.flush();
            serve(&call.function_call, host.host_objects).map_err(|failed| match failed {
                Failed::Host(error) => os_error::exception(&call.function_call, error),
                Failed::Answer(exception) => exception,
            })
        }
    };
    if call.allow_eager_await {
        return call.resume_eager(answer, host.printer.writer());
    }
    match answer {
        Ok(value) => call.resume(value, host.printer.writer()),
        Err(exception) => call.resume(exception, host.printer.writer()),
    }
}

/// Normalises the paths of a call. A path that no file can have is answered
/// here, without the host.
fn check_paths(call: &mut OsFunctionCall) -> Option<Result<MontyObject, MontyException>> {
    let is_predicate = call.is_existence_check();
    if let Err(message) = call.check_path_null_bytes() {
        return Some(if is_predicate {
            Ok(MontyObject::bool(false))
        } else {
            Err(raise(ExcType::ValueError, message))
        });
    }
    if call.fs_paths_mut().any(|path| path.is_empty()) {
        return Some(if is_predicate {
            Ok(MontyObject::bool(false))
        } else {
            Err(os_error::not_found(call))
        });
    }
    for path in call.fs_paths_mut() {
        if let Cow::Owned(normalized) = normalize_virtual_path(path) {
            *path = MontyPath::new(normalized);
        }
    }
    None
}

/// Why an operation has no value.
enum Failed {
    /// The host says so.
    Host(ErrorCode),
    /// What the host answered cannot be used.
    Answer(MontyException),
}

impl From<ErrorCode> for Failed {
    fn from(error: ErrorCode) -> Self {
        Self::Host(error)
    }
}

impl From<MontyException> for Failed {
    fn from(exception: MontyException) -> Self {
        Self::Answer(exception)
    }
}

/// Calls the import of an operation.
fn serve(call: &OsFunctionCall, host_objects: &mut HostObjects) -> Result<MontyObject, Failed> {
    Ok(match call {
        OsFunctionCall::Exists(path) => predicate(host::exists(path))?,
        OsFunctionCall::IsFile(path) => predicate(host::is_file(path))?,
        OsFunctionCall::IsDir(path) => predicate(host::is_dir(path))?,
        OsFunctionCall::IsSymlink(path) => predicate(host::is_symlink(path))?,
        OsFunctionCall::Stat(path) => stat(&host::stat(path)?),
        OsFunctionCall::ReadText(path) => MontyObject::string(read_text(path)?),
        OsFunctionCall::ReadBytes(path) => MontyObject::bytes(host::read_bytes(path)?),
        OsFunctionCall::WriteText(args) => {
            host::write_text(&args.path, &args.data)?;
            count(args.data.chars().count())
        }
        OsFunctionCall::AppendText(args) => {
            host::append_text(&args.path, &args.data)?;
            count(args.data.chars().count())
        }
        OsFunctionCall::WriteBytes(args) => {
            host::write_bytes(&args.path, &args.data)?;
            count(args.data.len())
        }
        OsFunctionCall::AppendBytes(args) => {
            host::append_bytes(&args.path, &args.data)?;
            count(args.data.len())
        }
        OsFunctionCall::Open(args) => {
            host::open(&args.path, open_mode(args.mode))?;
            MontyObject::file_handle(MontyFileHandle {
                path: args.path.to_string(),
                mode: args.mode,
                position: 0,
            })
        }
        OsFunctionCall::Iterdir(path) => children(path, host::iterdir(path)?)?,
        OsFunctionCall::Scan(args) => scan(args)?,
        OsFunctionCall::Mkdir(args) => {
            let options = MkdirOptions {
                parents: args.parents,
                exist_ok: args.exist_ok,
            };
            done(host::mkdir(&args.path, options)?)
        }
        OsFunctionCall::Unlink(path) => done(host::unlink(path)?),
        OsFunctionCall::Rmdir(path) => done(host::rmdir(path)?),
        OsFunctionCall::Rename(args) => done(host::rename(&args.src, &args.dst)?),
        OsFunctionCall::Resolve(path) => MontyObject::path(host::resolve(path)?),
        OsFunctionCall::Absolute(path) => MontyObject::path(host::absolute(path)?),
        OsFunctionCall::Getenv(args) => match host::getenv(&args.key)? {
            Some(value) => MontyObject::string(value),
            None => args.default.clone(),
        },
        OsFunctionCall::GetEnviron => {
            let variables = host::environ()?.into_iter();
            MontyObject::dict(
                variables
                    .map(|(name, value)| (MontyObject::string(name), MontyObject::string(value))),
            )
        }
        OsFunctionCall::DateToday => {
            let date = leaves::date(host::date_today()?);
            MontyObject::date(date.map_err(|error| invalid_answer(call, &error))?)
        }
        OsFunctionCall::DateTimeNow(timezone) => {
            let timezone = timezone.clone().map(leaves::to_timezone);
            let datetime = leaves::datetime(&host::datetime_now(timezone.as_ref())?);
            MontyObject::datetime(datetime.map_err(|error| invalid_answer(call, &error))?)
        }
        OsFunctionCall::Time(caller) => MontyObject::float(host::time(time_caller(*caller))?),
        OsFunctionCall::Sleep(duration)
        | OsFunctionCall::SystemSleep(duration)
        | OsFunctionCall::AsyncSleep(duration)
        | OsFunctionCall::AsyncSystemSleep(duration) => done(host::sleep(micros(*duration))?),
        OsFunctionCall::Urandom(args) => MontyObject::bytes(host::urandom(args.size)?),
        OsFunctionCall::Import(name) => decode::decode(host::import_module(name)?, host_objects)
            .map_err(|error| invalid_answer(call, &error))?,
        // Asked by type checkers only.
        OsFunctionCall::ImportStubs(_) => return Err(ErrorCode::Unhandled.into()),
    })
}

fn done((): ()) -> MontyObject {
    MontyObject::none()
}

fn count(count: usize) -> MontyObject {
    MontyObject::int(i64::try_from(count).unwrap_or(i64::MAX))
}

fn invalid_answer(call: &OsFunctionCall, error: &str) -> MontyException {
    raise(
        ExcType::ValueError,
        format!("the host answered {call} with an invalid value: {error}"),
    )
}

/// The answer to `exists()` and its like, which are false for a path that
/// leads nowhere, however the host reports that.
fn predicate(answer: Result<bool, ErrorCode>) -> Result<MontyObject, ErrorCode> {
    match answer {
        Ok(answer) => Ok(MontyObject::bool(answer)),
        Err(
            ErrorCode::NotFound
            | ErrorCode::NotADirectory
            | ErrorCode::TooManyLinks
            | ErrorCode::NameTooLong,
        ) => Ok(MontyObject::bool(false)),
        Err(error) => Err(error),
    }
}

fn read_text(path: &str) -> Result<String, Failed> {
    match host::read_text(path) {
        Err(ErrorCode::NotUtf8) => String::from_utf8(host::read_bytes(path)?)
            .map_err(|error| os_error::not_utf8(error.as_bytes(), error.utf8_error()).into()),
        result => Ok(result?),
    }
}

fn open_mode(mode: FileMode) -> OpenMode {
    if mode.truncate() {
        OpenMode::Write
    } else if mode.create() {
        OpenMode::Append
    } else {
        OpenMode::Read
    }
}

fn stat(stat: &FileStat) -> MontyObject {
    let type_bits = match stat.file_type {
        FileType::Regular => 0o100_000,
        FileType::Directory => 0o040_000,
        FileType::SymbolicLink => 0o120_000,
        FileType::Other => 0,
    };
    let signed = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    stat_result(
        type_bits | i64::from(stat.permissions & 0o7777),
        signed(stat.file_id),
        signed(stat.device_id),
        signed(stat.link_count),
        0,
        0,
        signed(stat.size),
        stat.accessed_seconds,
        stat.modified_seconds,
        stat.changed_seconds,
    )
}

/// The paths in a directory. A name that leads out of it is not the host's to
/// give.
fn children(directory: &str, names: Vec<String>) -> Result<MontyObject, MontyException> {
    let parent = directory.trim_end_matches('/');
    let paths: Result<Vec<MontyObject>, MontyException> = names
        .into_iter()
        .map(|name| {
            if matches!(name.as_str(), "" | "." | "..") || name.contains('/') {
                Err(raise(
                    ExcType::RuntimeError,
                    format!("the host answered Path.iterdir with {name:?}, which is not a name"),
                ))
            } else {
                Ok(MontyObject::path(format!("{parent}/{name}")))
            }
        })
        .collect();
    paths.map(MontyObject::list)
}

/// A tree, from which the interpreter selects what the script asked for.
fn scan(args: &ScanArgs) -> Result<MontyObject, ErrorCode> {
    let options = ScanOptions {
        max_depth: args.max_depth,
        follow_symbolic_links: args.follow_symlinks,
    };
    let entries = host::scan(&args.path, options)?.into_iter();
    Ok(scan_reply(entries.map(|entry| ScanEntry {
        path: entry.path,
        info: EntryInfo {
            is_dir: entry.is_directory,
            is_file: entry.is_file,
            is_symlink: entry.is_symbolic_link,
        },
    })))
}

/// A duration as the host takes it: never shorter than the script asked for.
pub fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos().div_ceil(1000)).unwrap_or(u64::MAX)
}

fn time_caller(caller: TimeCaller) -> HostTimeCaller {
    match caller {
        TimeCaller::Time => HostTimeCaller::Time,
        TimeCaller::TimeNs => HostTimeCaller::TimeNs,
        TimeCaller::Monotonic => HostTimeCaller::Monotonic,
        TimeCaller::MonotonicNs => HostTimeCaller::MonotonicNs,
        TimeCaller::PerfCounter => HostTimeCaller::PerfCounter,
        TimeCaller::PerfCounterNs => HostTimeCaller::PerfCounterNs,
        TimeCaller::Gmtime => HostTimeCaller::Gmtime,
        TimeCaller::Localtime => HostTimeCaller::Localtime,
        TimeCaller::Asctime => HostTimeCaller::Asctime,
        TimeCaller::Ctime => HostTimeCaller::Ctime,
        TimeCaller::Strftime => HostTimeCaller::Strftime,
    }
}
