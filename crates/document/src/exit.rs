//! The exit codes of the programs that run scripts.

/// The script ended.
pub const SUCCESS: u8 = 0;
/// The script raised an exception, or is not valid Python.
pub const SCRIPT: u8 = 1;
/// The command line is invalid. The code that clap uses.
pub const USAGE: u8 = 2;
/// A limit stopped the script, or its output is too large.
pub const LIMIT: u8 = 3;
/// The sandbox failed.
pub const SANDBOX: u8 = 4;
/// The script is suspended.
pub const SUSPENDED: u8 = 5;
/// The output could not be written.
pub const UNWRITTEN: u8 = 6;
/// The reader of the output left: the shell's code for a command ended by
/// SIGPIPE.
pub const READER_LEFT: u8 = 128 + 13;

/// The exit code for the `kind` of an error in a document.
pub fn of_kind(kind: &str) -> u8 {
    match kind {
        "script" | "source" | "check" => SCRIPT,
        "request" => USAGE,
        "limit" => LIMIT,
        _ => SANDBOX,
    }
}
