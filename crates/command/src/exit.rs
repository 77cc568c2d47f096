//! The exit codes.

/// A run that ended well.
pub const SUCCESS: u8 = 0;
/// The script raised an exception, or is not Python.
pub const SCRIPT: u8 = 1;
/// The command line asks for something that cannot be. The code that clap uses.
pub const USAGE: u8 = 2;
/// A limit stopped the script.
pub const LIMIT: u8 = 3;
/// The sandbox failed.
pub const SANDBOX: u8 = 4;
/// The script is suspended.
pub const SUSPENDED: u8 = 5;
/// The output could not be written.
pub const UNWRITTEN: u8 = 6;
/// The reader of the output left: what a shell says of a command that SIGPIPE
/// ended.
pub const READER_LEFT: u8 = 128 + 13;
