//! Where an interpreter stands, and what holds for each piece of code.

use monty::{MontyRepl, ReplProgress};
use monty_types::{ResourceLimits, SandboxTimeZone};

use crate::{calls::Calls, origin::Origin};

/// What holds for every piece of code.
#[derive(Clone)]
pub struct Settings {
    /// What the code belongs to.
    pub origin: Origin,
    /// Whether a newline writes prints out.
    pub line_buffered: bool,
    /// What a piece of code may use up.
    pub limits: ResourceLimits,
    /// The local time zone.
    pub timezone: SandboxTimeZone,
}

/// Where an interpreter stands.
pub enum State {
    /// Between pieces of code.
    Idle(Box<MontyRepl>),
    /// In the middle of one.
    Suspended(Box<Suspended>),
    /// In the loop, or lost to an error of this component.
    Gone,
}

/// A piece of code that waits for answers.
pub struct Suspended {
    /// Where the code stands.
    pub progress: ReplProgress,
    /// What it waits for.
    pub calls: Calls,
}

impl Suspended {
    /// The call that the code waits for in the middle of an expression, if it
    /// waits for one.
    pub fn call_in_place(&self) -> Option<u32> {
        match &self.progress {
            ReplProgress::FunctionCall(call) => Some(call.call_id),
            _ => None,
        }
    }
}
