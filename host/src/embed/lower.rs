//! Lowers options and limits to the contract's types.

use super::bindings::exports::monty::sandbox::interpreter as wit;
use crate::account::clock::nanos;
use crate::limits::{Limits, UNLIMITED_NANOS};
use crate::options::{LocalTimezone, Options};
use crate::os::{Clock, Randomness};

/// The options of a script or a session.
pub(super) fn options(
    options: &Options,
    limits: &Limits,
    inputs: Option<wit::Inputs>,
) -> wit::Options {
    let local_timezone = options.local_timezone.as_ref();
    wit::Options {
        script_name: options.script_name.clone(),
        inputs,
        working_directory: options.working_directory.clone(),
        limits: Some(self::limits(limits)),
        clock: Some(match options.clock {
            Clock::System => wit::Clock::System,
            Clock::Fixed(time) => wit::Clock::Fixed(time.into()),
            Clock::Host => wit::Clock::Host,
        }),
        local_timezone: local_timezone.map(|timezone| match timezone {
            LocalTimezone::Fixed(timezone) => wit::LocalTimezone::Fixed(timezone.clone()),
            LocalTimezone::Named(name) => wit::LocalTimezone::Named(name.clone()),
        }),
        randomness: Some(match options.randomness {
            Randomness::System => wit::Randomness::System,
            Randomness::Seeded(seed) => wit::Randomness::Seeded(seed),
            Randomness::Host => wit::Randomness::Host,
        }),
        line_buffered: Some(options.line_buffered),
        explain_assertions: options.explain_assertions,
        extensions: None,
    }
}

/// The limits that the interpreter enforces.
pub(super) fn limits(limits: &Limits) -> wit::Limits {
    let duration = limits.duration.map_or(UNLIMITED_NANOS, nanos);
    wit::Limits {
        max_duration: Some(duration.min(UNLIMITED_NANOS)),
        max_memory: limits.memory_bytes,
        max_recursion_depth: Some(limits.recursion_depth),
        gc_interval: limits.gc_interval,
    }
}
