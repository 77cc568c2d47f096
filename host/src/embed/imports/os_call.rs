//! `os-call`: files, environment, clocks, randomness and modules.

use std::convert::identity;
use std::sync::Arc;
use std::time::Duration;

use monty_value::types::{Exception, Instant, Value as Message};

use super::super::bindings::monty::sandbox::os_call::{
    self, ErrorCode, FileStat, FileType, OpenMode, ScanEntry, ScanOptions, WriteMode,
};
use super::super::context::MontyCtx;
use crate::account::clock::{Phase, nanos};
use crate::account::stop::keyboard_interrupt;
use crate::account::work::Halted;
use crate::os;
use crate::spans::{Empty, Instrument, debug_span};

impl MontyCtx {
    /// Runs an operation of `os-call`, unless the run must stop first.
    async fn answer_os<T>(
        &mut self,
        name: &'static str,
        operation: impl Future<Output = Result<T, os::ErrorCode>>,
    ) -> wasmtime::Result<Result<T, ErrorCode>> {
        if self.stops.is_raised() {
            return Ok(Err(ErrorCode::Raised(keyboard_interrupt())));
        }
        self.count_call()?;
        let span = debug_span!("monty.os-call", name, outcome = Empty);
        let answer = operation.instrument(span.clone());
        let answer = match self.work.wait(Phase::Host, answer).await {
            Ok(answer) => answer.map_err(ErrorCode::from),
            Err(Halted) => Err(ErrorCode::Raised(keyboard_interrupt())),
        };
        span.record("outcome", if answer.is_ok() { "value" } else { "error" });
        Ok(answer)
    }
}

/// Forwards the operations of `os-call` whose arguments are those of [`Os`].
macro_rules! forward {
    ($($name:ident($($argument:ident: $type:ty => $pass:expr),*) -> $output:ty = $lower:expr;)*) => {
        $(
            async fn $name(
                &mut self,
                $($argument: $type),*
            ) -> wasmtime::Result<Result<$output, ErrorCode>> {
                let work = Arc::clone(&self.work);
                let os = Arc::clone(&self.os);
                let answer = async move { os.$name($($pass),*).await.map($lower) };
                work.import(Phase::Host, self.answer_os(stringify!($name), answer)).await
            }
        )*
    };
}

impl os_call::Host for MontyCtx {
    forward! {
        stat(path: String => &path, follow_links: bool => follow_links) -> FileStat = FileStat::from;
        read_link(path: String => &path) -> String = identity;
        read(path: String => &path) -> Vec<u8> = identity;
        write(path: String => &path, data: Vec<u8> => &data, mode: WriteMode => mode.into()) -> () = identity;
        open(path: String => &path, mode: OpenMode => mode.into()) -> () = identity;
        list_directory(path: String => &path) -> Vec<String> = identity;
        scan(path: String => &path, options: ScanOptions => options.into()) -> Vec<ScanEntry> = entries;
        create_directory(path: String => &path) -> () = identity;
        remove_file(path: String => &path) -> () = identity;
        remove_directory(path: String => &path) -> () = identity;
        rename(source: String => &source, destination: String => &destination) -> () = identity;
        getenv(name: String => &name) -> Option<String> = identity;
        environ() -> Vec<(String, String)> = identity;
        now() -> Instant = Instant::from;
        monotonic_now() -> u64 = nanos;
        sleep(duration: u64 => Duration::from_nanos(duration)) -> () = identity;
        random_bytes(size: u64 => size) -> Vec<u8> = identity;
    }

    async fn import_module(
        &mut self,
        name: String,
    ) -> wasmtime::Result<Result<Message, ErrorCode>> {
        let work = Arc::clone(&self.work);
        let os = Arc::clone(&self.os);
        let module = self.answer_os("import_module", async move {
            let module = os.import_module(&name).await?;
            module.to_message().map_err(|error| {
                os::ErrorCode::Raised(Exception::new(
                    "ValueError",
                    format!("the host's module '{name}' cannot be sent to the script: {error}"),
                ))
            })
        });
        work.import(Phase::Host, module).await
    }
}

fn entries(entries: Vec<os::ScanEntry>) -> Vec<ScanEntry> {
    entries.into_iter().map(ScanEntry::from).collect()
}

impl From<os::ErrorCode> for ErrorCode {
    fn from(error: os::ErrorCode) -> Self {
        match error {
            os::ErrorCode::NotFound => Self::NotFound,
            os::ErrorCode::PermissionDenied => Self::PermissionDenied,
            os::ErrorCode::NotPermitted => Self::NotPermitted,
            os::ErrorCode::ReadOnly => Self::ReadOnly,
            os::ErrorCode::AlreadyExists => Self::AlreadyExists,
            os::ErrorCode::IsADirectory => Self::IsADirectory,
            os::ErrorCode::NotADirectory => Self::NotADirectory,
            os::ErrorCode::DirectoryNotEmpty => Self::DirectoryNotEmpty,
            os::ErrorCode::Busy => Self::Busy,
            os::ErrorCode::NameTooLong => Self::NameTooLong,
            os::ErrorCode::TooManyLinks => Self::TooManyLinks,
            os::ErrorCode::CrossDevice => Self::CrossDevice,
            os::ErrorCode::FileTooLarge => Self::FileTooLarge,
            os::ErrorCode::NoSpace => Self::NoSpace,
            os::ErrorCode::QuotaExceeded => Self::QuotaExceeded,
            os::ErrorCode::InvalidArgument => Self::InvalidArgument,
            os::ErrorCode::Unhandled => Self::Unhandled,
            os::ErrorCode::Raised(exception) => Self::Raised(exception),
            os::ErrorCode::Other(text) => Self::Other(text),
        }
    }
}

impl From<os::FileStat> for FileStat {
    fn from(stat: os::FileStat) -> Self {
        let instant = |at: os::Instant| Instant {
            seconds: at.seconds,
            nanoseconds: at.nanoseconds,
        };
        Self {
            file_type: match stat.file_type {
                os::FileType::Regular => FileType::Regular,
                os::FileType::Directory => FileType::Directory,
                os::FileType::SymbolicLink => FileType::SymbolicLink,
                os::FileType::Other => FileType::Other,
            },
            permissions: stat.permissions,
            size: stat.size,
            modified: instant(stat.modified),
            accessed: instant(stat.accessed),
            changed: instant(stat.changed),
            file_id: stat.file_id,
            device_id: stat.device_id.unwrap_or(0),
            link_count: stat.link_count,
        }
    }
}

impl From<os::ScanEntry> for ScanEntry {
    fn from(entry: os::ScanEntry) -> Self {
        Self {
            path: entry.path,
            is_directory: entry.is_directory,
            is_file: entry.is_file,
            is_symbolic_link: entry.is_symbolic_link,
        }
    }
}

impl From<ScanOptions> for os::ScanOptions {
    fn from(options: ScanOptions) -> Self {
        Self {
            max_depth: options.max_depth,
            follow_symbolic_links: options.follow_symbolic_links,
        }
    }
}

impl From<WriteMode> for os::WriteMode {
    fn from(mode: WriteMode) -> Self {
        match mode {
            WriteMode::Replace => Self::Replace,
            WriteMode::Append => Self::Append,
        }
    }
}

impl From<OpenMode> for os::OpenMode {
    fn from(mode: OpenMode) -> Self {
        match mode {
            OpenMode::Read => Self::Read,
            OpenMode::Write => Self::Write,
            OpenMode::Append => Self::Append,
        }
    }
}
