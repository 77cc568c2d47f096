//! Files, environment, clocks and modules: Python's operations, made of those of
//! the host's system.

mod clock;
mod files;
mod resolve;

use std::borrow::Cow;

use monty::{CallAnswer, HostOsCall};
use monty_types::{
    ExcType, ExtFunctionResult, MontyException, MontyObject, MontyPath, OsFunctionCall,
    normalize_virtual_path,
};

use crate::{
    answers,
    bindings::monty::sandbox::os_call::{self as host, ErrorCode, WriteMode},
    exceptions::raise,
    leaves::nanoseconds,
    os_error,
    turn::Turn,
};

/// Serves one operation.
pub fn call(call: HostOsCall<'_>, turn: &mut Turn<'_>) -> CallAnswer {
    let sleep = match *call.function_call {
        OsFunctionCall::AsyncSleep(duration) | OsFunctionCall::AsyncSystemSleep(duration) => {
            Some(duration)
        }
        _ => None,
    };
    if let Some(duration) = sleep
        && !call.allow_eager_await
    {
        // Others may go on meanwhile.
        turn.calls.sleep(call.call_id, duration);
        return CallAnswer::Result(ExtFunctionResult::Future(call.call_id));
    }
    let answer = match check_paths(call.function_call) {
        Some(refused) => refused,
        None => serve(call.function_call, turn).map_err(|failed| match failed {
            Failed::Host(error) => os_error::exception(call.function_call, error),
            Failed::Raised(exception) => exception,
        }),
    };
    if call.allow_eager_await {
        return CallAnswer::Eager(answer);
    }
    CallAnswer::Result(answers::function_result(answer))
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
    // These look at `..` themselves.
    if !matches!(
        call,
        OsFunctionCall::Resolve(_) | OsFunctionCall::Absolute(_)
    ) {
        for path in call.fs_paths_mut() {
            if let Cow::Owned(normalized) = normalize_virtual_path(path) {
                *path = MontyPath::new(normalized);
            }
        }
    }
    None
}

/// Why an operation has no value.
enum Failed {
    /// The host says so of what the operation is about.
    Host(ErrorCode),
    /// Python raises this.
    Raised(MontyException),
}

impl From<ErrorCode> for Failed {
    fn from(error: ErrorCode) -> Self {
        Self::Host(error)
    }
}

impl From<MontyException> for Failed {
    fn from(exception: MontyException) -> Self {
        Self::Raised(exception)
    }
}

/// Does an operation with the imports.
fn serve(call: &OsFunctionCall, turn: &mut Turn<'_>) -> Result<MontyObject, Failed> {
    Ok(match call {
        OsFunctionCall::Exists(path) => files::exists(path)?,
        OsFunctionCall::IsFile(path) => files::is_file(path)?,
        OsFunctionCall::IsDir(path) => files::is_directory(path)?,
        OsFunctionCall::IsSymlink(path) => files::is_link(path)?,
        OsFunctionCall::Stat(path) => files::stat(&host::stat(path, true)?),
        OsFunctionCall::ReadText(path) => files::read_text(path)?,
        OsFunctionCall::ReadBytes(path) => MontyObject::bytes(host::read(path)?),
        OsFunctionCall::WriteText(args) => {
            host::write(&args.path, args.data.as_bytes(), WriteMode::Replace)?;
            count(args.data.chars().count())
        }
        OsFunctionCall::AppendText(args) => {
            host::write(&args.path, args.data.as_bytes(), WriteMode::Append)?;
            count(args.data.chars().count())
        }
        OsFunctionCall::WriteBytes(args) => {
            host::write(&args.path, &args.data, WriteMode::Replace)?;
            count(args.data.len())
        }
        OsFunctionCall::AppendBytes(args) => {
            host::write(&args.path, &args.data, WriteMode::Append)?;
            count(args.data.len())
        }
        OsFunctionCall::Open(args) => files::open(args)?,
        OsFunctionCall::Iterdir(path) => files::children(path, host::list_directory(path)?)?,
        OsFunctionCall::Scan(args) => files::scan(args)?,
        OsFunctionCall::Mkdir(args) => done(files::make_directory(args, call)?),
        OsFunctionCall::Unlink(path) => done(host::remove_file(path)?),
        OsFunctionCall::Rmdir(path) => done(host::remove_directory(path)?),
        OsFunctionCall::Rename(args) => done(host::rename(&args.src, &args.dst)?),
        OsFunctionCall::Resolve(path) => MontyObject::path(resolve::resolve(path)?),
        OsFunctionCall::Absolute(path) => MontyObject::path(files::absolute(path)),
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
        OsFunctionCall::DateToday => clock::today(call, turn.timezone)?,
        OsFunctionCall::DateTimeNow(timezone) => {
            clock::now(call, timezone.as_ref(), turn.timezone)?
        }
        OsFunctionCall::Time(caller) => clock::time(call, *caller)?,
        OsFunctionCall::Sleep(duration)
        | OsFunctionCall::SystemSleep(duration)
        | OsFunctionCall::AsyncSleep(duration)
        | OsFunctionCall::AsyncSystemSleep(duration) => done(host::sleep(nanoseconds(*duration))?),
        OsFunctionCall::Urandom(args) => MontyObject::bytes(host::random_bytes(args.size)?),
        OsFunctionCall::Import(name) => {
            answers::value(call, host::import_module(name)?, turn.host_objects)?
        }
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
