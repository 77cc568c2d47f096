//! How much may be written.

use std::cell::Cell;

use crate::ErrorCode;

/// The variable that says how many bytes may be written.
const VARIABLE: &str = "MONTY_MAX_WRITTEN_BYTES";

/// Bytes that may be written unless the variable says otherwise.
const DEFAULT_BYTES: u64 = 1 << 30;

/// What a new file or directory counts beside its content: a block of most
/// file systems, so that many empty ones cannot fill a disk.
pub const NEW_ENTRY_BYTES: u64 = 4096;

/// Bytes that may be written, even if the files are removed again.
pub struct Quota {
    /// The text says what is wrong with the variable. Nothing may be written
    /// then.
    left: Result<Cell<u64>, String>,
}

impl Quota {
    pub fn from_environment() -> Self {
        let left = match std::env::var(VARIABLE) {
            Err(std::env::VarError::NotPresent) => Ok(DEFAULT_BYTES),
            Err(std::env::VarError::NotUnicode(_)) => Err(format!("{VARIABLE} is not UTF-8")),
            Ok(text) if text.trim().is_empty() => Ok(DEFAULT_BYTES),
            Ok(text) => text
                .trim()
                .parse()
                .map_err(|_| format!("{VARIABLE} holds `{text}`, which is no whole number")),
        };
        Self {
            left: left.map(Cell::new),
        }
    }

    /// Takes bytes from what may be written.
    pub fn spend(&self, bytes: u64) -> Result<(), ErrorCode> {
        let left = self
            .left
            .as_ref()
            .map_err(|wrong| ErrorCode::Other(wrong.clone()))?;
        left.set(left.get().checked_sub(bytes).ok_or(ErrorCode::NoSpace)?);
        Ok(())
    }
}
