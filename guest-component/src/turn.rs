//! The state of a piece of code while Monty waits for the host.

use monty::{ReplProgress, ReplStartError};
use monty_types::SandboxTimeZone;

use crate::{calls::Calls, decode::HostObjects, origin::Origin, print::Printer};

/// How Monty's execution of a piece of code stands.
pub type Progress = Result<ReplProgress, Box<ReplStartError>>;

/// What the loop does next.
pub enum Step {
    /// Goes on.
    On(Progress),
    /// Puts the script away: it waits for the end of the run.
    Suspend(ReplProgress),
}

/// What an import needs while Monty waits for it.
pub struct Turn<'a> {
    /// The classes and instances that the host sent.
    pub host_objects: &'a mut HostObjects,
    /// What was printed and not written yet.
    pub printer: &'a mut Printer,
    /// The calls that are not answered yet.
    pub calls: &'a mut Calls,
    /// What the code belongs to.
    pub origin: &'a Origin,
    /// The local time zone.
    pub timezone: &'a SandboxTimeZone,
}
