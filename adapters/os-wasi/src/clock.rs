//! The time of day, and sleeping.

use monty_value::types::{Date, Datetime, Timezone};
use wasip2::clocks::{monotonic_clock, wall_clock};

use crate::{ErrorCode, TimeCaller};

const SECONDS_PER_DAY: i64 = 86_400;

/// The time in a zone, or naive in UTC, which is all of a local time that WASI
/// has.
pub fn now(timezone: Option<Timezone>) -> Result<Datetime, ErrorCode> {
    let now = wall_clock::now();
    let offset = timezone.as_ref().map_or(0, |zone| zone.offset_seconds);
    let seconds = i64::try_from(now.seconds)
        .ok()
        .and_then(|seconds| seconds.checked_add(offset.into()))
        .ok_or(ErrorCode::InvalidArgument)?;
    let second_of_day = seconds.rem_euclid(SECONDS_PER_DAY);
    Ok(Datetime {
        date: date(seconds.div_euclid(SECONDS_PER_DAY)).ok_or(ErrorCode::InvalidArgument)?,
        hour: (second_of_day / 3600) as u8,
        minute: (second_of_day / 60 % 60) as u8,
        second: (second_of_day % 60) as u8,
        microsecond: now.nanoseconds / 1_000,
        timezone,
    })
}

/// What Python's `time` module reads.
pub fn seconds(caller: TimeCaller) -> f64 {
    match caller {
        TimeCaller::Monotonic
        | TimeCaller::MonotonicNs
        | TimeCaller::PerfCounter
        | TimeCaller::PerfCounterNs => monotonic_clock::now() as f64 / 1e9,
        TimeCaller::Time
        | TimeCaller::TimeNs
        | TimeCaller::Gmtime
        | TimeCaller::Localtime
        | TimeCaller::Asctime
        | TimeCaller::Ctime
        | TimeCaller::Strftime => {
            let now = wall_clock::now();
            now.seconds as f64 + f64::from(now.nanoseconds) / 1e9
        }
    }
}

/// Waits. The runtime is told how long, and nothing spins.
pub fn sleep(micros: u64) {
    monotonic_clock::subscribe_duration(micros.saturating_mul(1_000)).block();
}

/// A day counted from 1970-01-01, in the years that Python has:
/// `civil_from_days` of Howard Hinnant, [chrono-Compatible Low-Level Date
/// Algorithms](https://howardhinnant.github.io/date_algorithms.html#civil_from_days).
fn date(days: i64) -> Option<Date> {
    // Years start in March, so that the leap day is the last of its year, and
    // eras of 400 years all have the same days.
    let days = days.checked_add(719_468)?;
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
    let year = i32::try_from(year_of_era + era * 400 + i64::from(month <= 2)).ok()?;
    (1..=9999).contains(&year).then_some(Date {
        year,
        month: month as u8,
        day: day as u8,
    })
}
