//! Dates and times from the host's clock and the script's time zone, when
//! `options.clock` is `host`.

use chrono::{DateTime, Datelike, NaiveDateTime, Timelike};
use monty_types::{
    ExcType, MontyDate, MontyDateTime, MontyException, MontyObject, MontyTimeZone, OsFunctionCall,
    SandboxTimeZone, TimeCaller, local_wall_clock,
};
use monty_value::types::Instant;

use super::Failed;
use crate::{answers, bindings::monty::sandbox::os_call as host, exceptions::raise};

/// `date.today()`.
pub fn today(call: &OsFunctionCall, zone: &SandboxTimeZone) -> Result<MontyObject, Failed> {
    let utc = utc(call)?;
    let local = wall_clock(utc, &zone.at(utc))?;
    Ok(MontyObject::date(date(local)))
}

/// `datetime.now()`: in a time zone, or naive in the local one.
pub fn now(
    call: &OsFunctionCall,
    timezone: Option<&MontyTimeZone>,
    zone: &SandboxTimeZone,
) -> Result<MontyObject, Failed> {
    let utc = utc(call)?;
    let wall = match timezone {
        Some(timezone) => wall_clock(utc, timezone)?,
        None => wall_clock(utc, &zone.at(utc))?,
    };
    let date = date(wall);
    Ok(MontyObject::datetime(MontyDateTime {
        year: date.year,
        month: date.month,
        day: date.day,
        hour: small(wall.hour()),
        minute: small(wall.minute()),
        second: small(wall.second()),
        microsecond: wall.nanosecond() / 1000,
        offset_seconds: timezone.map(|timezone| timezone.offset_seconds),
        timezone_name: timezone.and_then(|timezone| timezone.name.clone()),
    }))
}

/// The clocks of the module `time`. Those that tell seconds take them as they
/// are; the others take nanoseconds, of which Monty makes a number, a
/// `struct_time` or a text: see `monty.patch`.
pub fn time(call: &OsFunctionCall, caller: TimeCaller) -> Result<MontyObject, Failed> {
    Ok(match caller {
        TimeCaller::Time => {
            let now = instant(call)?;
            MontyObject::float(now.seconds as f64 + 1e-9 * f64::from(now.nanoseconds))
        }
        TimeCaller::Monotonic | TimeCaller::PerfCounter => {
            MontyObject::float(host::monotonic_now()? as f64 / 1e9)
        }
        TimeCaller::MonotonicNs | TimeCaller::PerfCounterNs => {
            let nanoseconds = i64::try_from(host::monotonic_now()?);
            MontyObject::int(nanoseconds.unwrap_or(i64::MAX))
        }
        TimeCaller::TimeNs
        | TimeCaller::Gmtime
        | TimeCaller::Localtime
        | TimeCaller::Asctime
        | TimeCaller::Ctime
        | TimeCaller::Strftime => {
            let now = utc(call)?.and_utc();
            match now.timestamp_nanos_opt() {
                Some(nanoseconds) => MontyObject::int(nanoseconds),
                // Before 1677 and after 2262.
                None => MontyObject::float(now.timestamp() as f64),
            }
        }
    })
}

/// The host's time of day.
fn instant(call: &OsFunctionCall) -> Result<Instant, Failed> {
    let now = host::now()?;
    if now.nanoseconds > 999_999_999 {
        let reason = format!("nanoseconds {} is not in 0..=999999999", now.nanoseconds);
        return Err(answers::invalid(call, &reason).into());
    }
    Ok(now)
}

/// The host's time of day, in the years that Python has.
fn utc(call: &OsFunctionCall) -> Result<NaiveDateTime, Failed> {
    let now = instant(call)?;
    DateTime::from_timestamp(now.seconds, now.nanoseconds)
        .and_then(|utc| local_wall_clock(utc.naive_utc(), 0))
        .ok_or_else(|| out_of_range().into())
}

fn wall_clock(
    utc: NaiveDateTime,
    timezone: &MontyTimeZone,
) -> Result<NaiveDateTime, MontyException> {
    local_wall_clock(utc, timezone.offset_seconds).ok_or_else(out_of_range)
}

/// What Python raises for a date outside of the years 1 to 9999.
fn out_of_range() -> MontyException {
    raise(ExcType::OverflowError, "date value out of range")
}

fn date(wall: NaiveDateTime) -> MontyDate {
    MontyDate {
        year: wall.year(),
        month: small(wall.month()),
        day: small(wall.day()),
    }
}

/// A part of a date or a time, which are all below 60.
fn small(part: u32) -> u8 {
    u8::try_from(part).unwrap_or(u8::MAX)
}
