//! The exit codes.

/// A run that ended well.
pub const SUCCESS: u8 = 0;
/// The script raised an exception, or is not Python.
pub const SCRIPT: u8 = 1;
/// The command line is invalid. The code that clap uses.
pub const USAGE: u8 = 2;
/// A limit stopped the script.
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
