//! The environment of a server: what the official SDKs pass on, and no more.

use std::ffi::OsString;

/// What programs need to find themselves and others.
#[cfg(not(windows))]
const INHERITED: [&str; 6] = ["HOME", "LOGNAME", "PATH", "SHELL", "TERM", "USER"];
#[cfg(windows)]
const INHERITED: [&str; 12] = [
    "APPDATA",
    "HOMEDRIVE",
    "HOMEPATH",
    "LOCALAPPDATA",
    "PATH",
    "PROCESSOR_ARCHITECTURE",
    "PROGRAMFILES",
    "SYSTEMDRIVE",
    "SYSTEMROOT",
    "TEMP",
    "USERNAME",
    "USERPROFILE",
];

/// The variables of this program that a server gets.
pub(super) fn inherited() -> impl Iterator<Item = (&'static str, OsString)> {
    INHERITED.iter().filter_map(|name| {
        let value = std::env::var_os(name)?;
        // A function of a shell, which is code.
        let is_function = value.as_encoded_bytes().starts_with(b"()");
        (!is_function).then_some((*name, value))
    })
}
