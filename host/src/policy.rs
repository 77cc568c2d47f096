//! Where the time of day and randomness come from, as the component is told.

use crate::bindings::exports::monty::sandbox::interpreter;
use crate::os::{Clock, Random};

impl From<Clock> for interpreter::Clock {
    fn from(clock: Clock) -> Self {
        match clock {
            Clock::System => Self::System,
            Clock::Fixed(time) => Self::Fixed(time.into()),
            Clock::Host => Self::Host,
        }
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
