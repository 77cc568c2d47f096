//! Where the time of day and randomness come from, as the component is told.

use std::time::{SystemTime, UNIX_EPOCH};

use crate::bindings::exports::monty::sandbox::interpreter;
use crate::os::{Clock, Random};

impl From<Clock> for interpreter::Clock {
    fn from(clock: Clock) -> Self {
        match clock {
            Clock::System => Self::System,
            Clock::Fixed(time) => Self::Fixed(instant(time)),
            Clock::Host => Self::Host,
        }
    }
}

/// A time before 1970 has negative seconds and positive microseconds.
fn instant(time: SystemTime) -> interpreter::Instant {
    let micros = match time.duration_since(UNIX_EPOCH) {
        Ok(since) => i128::try_from(since.as_micros()).unwrap_or(i128::MAX),
        Err(before) => {
            let before = before.duration().as_nanos().div_ceil(1000);
            -i128::try_from(before).unwrap_or(i128::MAX)
        }
    };
    let clamped = micros
        .div_euclid(1_000_000)
        .clamp(i64::MIN.into(), i64::MAX.into());
    interpreter::Instant {
        seconds: i64::try_from(clamped).unwrap_or_default(),
        micros: u32::try_from(micros.rem_euclid(1_000_000)).unwrap_or_default(),
    }
}

impl From<Random> for interpreter::Randomness {
    fn from(random: Random) -> Self {
        match random {
            Random::System => Self::System,
            Random::Seeded(seed) => Self::Seeded(seed),
            Random::Host => Self::Host,
        }
    }
}
