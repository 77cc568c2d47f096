//! The time of day.

use std::time::{Duration, Instant, SystemTime};

use super::ErrorCode;
use super::files::unix_seconds;
use monty_value::{Date, DateTime, TimeZone};

/// Where a script's time of day comes from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Clock {
    /// The real time.
    #[default]
    System,
    /// Always this instant, to the microsecond, so that a run can be repeated.
    Fixed(SystemTime),
    /// As an option of a script: what its [`Os`](super::Os) answers. For a
    /// [`System`](super::System), which is such an `Os`: the real time.
    Host,
}

/// A clock that runs.
#[derive(Clone, Debug)]
pub(super) struct RunningClock {
    pub clock: Clock,
    pub local: TimeZone,
    started: Instant,
    started_at: SystemTime,
}

impl Default for RunningClock {
    fn default() -> Self {
        Self::new(Clock::default())
    }
}

impl RunningClock {
    pub fn new(clock: Clock) -> Self {
        Self {
            clock,
            local: TimeZone {
                offset_seconds: 0,
                name: None,
            },
            started: Instant::now(),
            started_at: SystemTime::now(),
        }
    }

    pub fn now(&self) -> SystemTime {
        match self.clock {
            Clock::Fixed(instant) => instant,
            Clock::System | Clock::Host => SystemTime::now(),
        }
    }

    /// Seconds since the Unix epoch.
    pub fn seconds(&self) -> f64 {
        unix_seconds(self.now())
    }

    /// Seconds that never run backwards, from the Unix epoch as it was known
    /// when the clock was made.
    pub fn monotonic_seconds(&self) -> f64 {
        match self.clock {
            Clock::Fixed(_) => self.seconds(),
            Clock::System | Clock::Host => {
                unix_seconds(self.started_at) + self.started.elapsed().as_secs_f64()
            }
        }
    }

    pub fn today(&self) -> Result<Date, ErrorCode> {
        Ok(self.civil(self.local.offset_seconds, None)?.date)
    }

    /// The time in a zone, or naive in local time.
    pub fn datetime(&self, timezone: Option<TimeZone>) -> Result<DateTime, ErrorCode> {
        let offset_seconds = match &timezone {
            Some(timezone) => timezone.offset_seconds,
            None => self.local.offset_seconds,
        };
        self.civil(offset_seconds, timezone)
    }

    fn civil(
        &self,
        offset_seconds: i32,
        timezone: Option<TimeZone>,
    ) -> Result<DateTime, ErrorCode> {
        let (seconds, microsecond) = unix_micros(self.now()).ok_or(ErrorCode::InvalidArgument)?;
        let seconds = seconds
            .checked_add(offset_seconds.into())
            .ok_or(ErrorCode::InvalidArgument)?;
        let (year, month, day) = civil_from_days(seconds.div_euclid(SECONDS_PER_DAY));
        let second_of_day = seconds.rem_euclid(SECONDS_PER_DAY);
        // Python knows the years 1 to 9999.
        let year = i32::try_from(year)
            .ok()
            .filter(|year| (1..=9999).contains(year))
            .ok_or(ErrorCode::InvalidArgument)?;
        Ok(DateTime {
            date: Date { year, month, day },
            hour: (second_of_day / 3600) as u8,
            minute: (second_of_day / 60 % 60) as u8,
            second: (second_of_day % 60) as u8,
            microsecond,
            timezone,
        })
    }
}

const SECONDS_PER_DAY: i64 = 86_400;

/// Whole seconds since the Unix epoch, rounded down, and microseconds after
/// them.
fn unix_micros(time: SystemTime) -> Option<(i64, u32)> {
    match time.duration_since(SystemTime::UNIX_EPOCH) {
        Ok(after) => Some((i64::try_from(after.as_secs()).ok()?, after.subsec_micros())),
        Err(before) => {
            let before: Duration = before.duration();
            let seconds = i64::try_from(before.as_secs()).ok()?.checked_neg()?;
            match before.subsec_micros() {
                0 => Some((seconds, 0)),
                micros => Some((seconds.checked_sub(1)?, 1_000_000 - micros)),
            }
        }
    }
}

/// Year, month and day of a day counted from 1970-01-01 in the proleptic
/// Gregorian calendar: `civil_from_days` of Howard Hinnant, [chrono-Compatible
/// Low-Level Date Algorithms](https://howardhinnant.github.io/date_algorithms.html#civil_from_days).
fn civil_from_days(days: i64) -> (i64, u8, u8) {
    // Years start in March, so that the leap day is the last of its year, and
    // eras of 400 years all have the same days.
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 {
        month_from_march + 3
    } else {
        month_from_march - 9
    };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month as u8, day as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_become_dates() {
        for (days, date) in [
            (0, (1970, 1, 1)),
            (-1, (1969, 12, 31)),
            (11_016, (2000, 2, 29)),
            (11_017, (2000, 3, 1)),
            (-135_081, (1600, 2, 29)),
            (-25_509, (1900, 2, 28)),
            (-25_508, (1900, 3, 1)),
            (-719_162, (1, 1, 1)),
            (2_932_896, (9999, 12, 31)),
        ] {
            assert_eq!(civil_from_days(days), date, "{days} days");
        }
    }
}
