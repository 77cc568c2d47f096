//! What Python makes of files and directories.

use monty_types::{
    ExcType, MkdirCallArgs, MontyException, MontyFileHandle, MontyObject, OpenCallArgs,
    OsFunctionCall, ScanArgs,
    scan::{EntryInfo, ScanEntry, scan_reply},
    stat_result,
};
use monty_value::types::Instant;

use super::Failed;
use crate::{
    bindings::monty::sandbox::os_call::{
        self as host, ErrorCode, FileStat, FileType, OpenMode, ScanOptions,
    },
    exceptions::raise,
    os_error,
};

/// `Path.exists()`.
pub fn exists(path: &str) -> Result<MontyObject, ErrorCode> {
    test(host::stat(path, true), |_| true)
}

/// `Path.is_file()`.
pub fn is_file(path: &str) -> Result<MontyObject, ErrorCode> {
    test(host::stat(path, true), |file_type| {
        file_type == FileType::Regular
    })
}

/// `Path.is_dir()`.
pub fn is_directory(path: &str) -> Result<MontyObject, ErrorCode> {
    test(host::stat(path, true), |file_type| {
        file_type == FileType::Directory
    })
}

/// `Path.is_symlink()`.
pub fn is_link(path: &str) -> Result<MontyObject, ErrorCode> {
    test(host::stat(path, false), |file_type| {
        file_type == FileType::SymbolicLink
    })
}

/// Any `OSError` is false, as in CPython 3.14. A host that serves no files is
/// none.
fn test(
    stat: Result<FileStat, ErrorCode>,
    test: impl FnOnce(FileType) -> bool,
) -> Result<MontyObject, ErrorCode> {
    match stat {
        Ok(stat) => Ok(MontyObject::bool(test(stat.file_type))),
        Err(error) if os_error::is_os_error(&error) => Ok(MontyObject::bool(false)),
        Err(error) => Err(error),
    }
}

/// `Path.absolute()` of a path that starts with `/`: `..` stays, because a link
/// may stand before it.
pub fn absolute(path: &str) -> String {
    let names = path.split('/').filter(|name| !matches!(*name, "" | "."));
    let absolute: String = names.flat_map(|name| ["/", name]).collect();
    if absolute.is_empty() {
        "/".to_owned()
    } else {
        absolute
    }
}

/// `Path.stat()`.
pub fn stat(stat: &FileStat) -> MontyObject {
    let type_bits = match stat.file_type {
        FileType::Regular => 0o100_000,
        FileType::Directory => 0o040_000,
        FileType::SymbolicLink => 0o120_000,
        FileType::Other => 0,
    };
    let signed = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    let seconds = |time: Instant| time.seconds as f64 + 1e-9 * f64::from(time.nanoseconds);
    stat_result(
        type_bits | i64::from(stat.permissions & 0o7777),
        signed(stat.file_id),
        signed(stat.device_id),
        signed(stat.link_count),
        0,
        0,
        signed(stat.size),
        seconds(stat.accessed),
        seconds(stat.modified),
        seconds(stat.changed),
    )
}

/// `Path.read_text()`.
pub fn read_text(path: &str) -> Result<MontyObject, Failed> {
    match String::from_utf8(host::read(path)?) {
        Ok(text) => Ok(MontyObject::string(text)),
        Err(error) => Err(os_error::not_utf8(error.as_bytes(), error.utf8_error()).into()),
    }
}

/// `open()`.
pub fn open(args: &OpenCallArgs) -> Result<MontyObject, ErrorCode> {
    let mode = if args.mode.truncate() {
        OpenMode::Write
    } else if args.mode.create() {
        OpenMode::Append
    } else {
        OpenMode::Read
    };
    host::open(&args.path, mode)?;
    Ok(MontyObject::file_handle(MontyFileHandle {
        path: args.path.to_string(),
        mode: args.mode,
        position: 0,
    }))
}

/// The paths in a directory. A name that leads out of it is not the host's to
/// give.
pub fn children(directory: &str, names: Vec<String>) -> Result<MontyObject, MontyException> {
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
pub fn scan(args: &ScanArgs) -> Result<MontyObject, ErrorCode> {
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

/// `Path.mkdir()`: with `parents`, those that are missing first, and an error
/// names the one that it is about.
pub fn make_directory(args: &MkdirCallArgs, call: &OsFunctionCall) -> Result<(), Failed> {
    let mut make_parents = args.parents;
    // The directory, then its parent, and so on: the last one is made next.
    let mut missing: Vec<&str> = vec![&args.path];
    while let Some(&path) = missing.last() {
        let is_target = missing.len() == 1;
        match host::create_directory(path) {
            Ok(()) => {}
            Err(ErrorCode::NotFound) if make_parents && path != "/" => {
                missing.push(parent(path));
                continue;
            }
            Err(error) => {
                // The host may refuse before it sees that there is one.
                let may_exist = !matches!(error, ErrorCode::NotFound)
                    && os_error::is_os_error(&error)
                    && (args.exist_ok || !is_target);
                if !may_exist || !leads_to_directory(path) {
                    return Err(os_error::of_path(path, call, error).into());
                }
            }
        }
        // What was missing is there now, or somebody removes it.
        make_parents = false;
        missing.pop();
    }
    Ok(())
}

fn leads_to_directory(path: &str) -> bool {
    host::stat(path, true).is_ok_and(|stat| stat.file_type == FileType::Directory)
}

fn parent(path: &str) -> &str {
    match path.rsplit_once('/') {
        Some(("", _)) | None => "/",
        Some((parent, _)) => parent,
    }
}
