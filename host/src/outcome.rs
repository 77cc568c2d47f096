//! The errors of traps that stand for something else than a fault of the
//! component.

use std::fmt;

use crate::interrupt::INTERRUPTED;
use crate::limits::Limit;

/// The error of a trap that stands for an interrupt.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Interrupted;

impl fmt::Display for Interrupted {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(INTERRUPTED)
    }
}

impl std::error::Error for Interrupted {}

/// The error of a trap that stands for a limit.
#[derive(Clone, Debug)]
pub(crate) struct Stopped {
    pub(crate) limit: Limit,
    pub(crate) message: String,
}

impl fmt::Display for Stopped {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl std::error::Error for Stopped {}

/// The error of a trap that stands for code of the host that failed.
#[derive(Debug)]
pub(crate) struct HostFailed {
    pub(crate) message: String,
    pub(crate) source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl HostFailed {
    /// Code that the run calls panicked.
    pub(crate) fn panicked(message: &str) -> Self {
        Self {
            message: format!("the host panicked: {message}"),
            source: None,
        }
    }

    /// A sink does not take what the script prints.
    pub(crate) fn cannot_print(error: std::io::Error) -> Self {
        Self {
            message: format!("what the script prints cannot be written: {error}"),
            source: Some(Box::new(error)),
        }
    }
}

impl fmt::Display for HostFailed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl std::error::Error for HostFailed {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}
