//! Dates and times: constructors that refuse what does not exist, and the way
//! to and from the standard library's clock.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::Error;
use crate::graph::GraphError;
use crate::types::{Date, Datetime, Instant, RareNode, Time, Timedelta, Timezone};

const SECONDS_PER_DAY: i64 = 86_400;

impl Date {
    /// A day of the proleptic Gregorian calendar.
    ///
    /// ```
    /// use monty_value::Date;
    ///
    /// assert!(Date::new(2024, 2, 29).is_ok());
    /// let error = Date::new(2024, 2, 30).unwrap_err();
    /// assert_eq!(error.to_string(), "day must be in 1..29, not 30");
    /// ```
    ///
    /// # Errors
    ///
    /// If it does not exist, or its year is not in 1..9999.
    pub fn new(year: i32, month: u8, day: u8) -> Result<Self, Error> {
        let date = Self { year, month, day };
        date.check()?;
        Ok(date)
    }

    pub(crate) fn check(&self) -> Result<(), Error> {
        in_range("year", self.year, 1, 9999)?;
        in_range("month", self.month, 1, 12)?;
        in_range("day", self.day, 1, days_in_month(self.year, self.month))
    }

    /// Days since 1970-01-01.
    fn days_since_epoch(self) -> i64 {
        // The year starts in March here, so that the leap day is its last.
        let month = i64::from(self.month);
        let year = i64::from(self.year) - i64::from(month <= 2);
        let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + i64::from(self.day) - 1;
        365 * year + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400) + day_of_year
            - 719_468
    }

    /// The inverse of [`days_since_epoch`](Self::days_since_epoch).
    fn from_days_since_epoch(days: i64) -> Result<Self, Error> {
        const DAYS_PER_ERA: i64 = 146_097;
        let days = days + 719_468;
        let era = days.div_euclid(DAYS_PER_ERA);
        let day_of_era = days.rem_euclid(DAYS_PER_ERA);
        let year_of_era =
            (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let month_from_march = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
        let month = (month_from_march + 2) % 12 + 1;
        let year = era * 400 + year_of_era + i64::from(month <= 2);
        let out_of_range = || Error::new("the date is not in the years 1 to 9999");
        Self::new(
            i32::try_from(year).map_err(|_| out_of_range())?,
            u8::try_from(month).map_err(|_| out_of_range())?,
            u8::try_from(day).map_err(|_| out_of_range())?,
        )
        .map_err(|_| out_of_range())
    }
}

fn days_in_month(year: i32, month: u8) -> u8 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        _ => 31,
    }
}

impl Datetime {
    /// A naive datetime.
    ///
    /// # Errors
    ///
    /// If it does not exist.
    pub fn new(date: Date, time: Time) -> Result<Self, Error> {
        let datetime = Self {
            date,
            hour: time.hour,
            minute: time.minute,
            second: time.second,
            microsecond: time.microsecond,
            timezone: time.timezone,
        };
        datetime.check()?;
        Ok(datetime)
    }

    /// The same wall-clock time in a time zone.
    #[must_use]
    pub fn with_timezone(self, timezone: Timezone) -> Self {
        Self {
            timezone: Some(timezone),
            ..self
        }
    }

    /// Its wall-clock time.
    pub fn time(&self) -> Time {
        Time {
            hour: self.hour,
            minute: self.minute,
            second: self.second,
            microsecond: self.microsecond,
            timezone: self.timezone.clone(),
            fold: 0,
        }
    }

    pub(crate) fn check(&self) -> Result<(), Error> {
        self.date.check()?;
        self.time().check()
    }
}

impl Time {
    /// A naive time of day.
    ///
    /// # Errors
    ///
    /// If a field is out of range.
    pub fn new(hour: u8, minute: u8, second: u8, microsecond: u32) -> Result<Self, Error> {
        let time = Self {
            hour,
            minute,
            second,
            microsecond,
            timezone: None,
            fold: 0,
        };
        time.check()?;
        Ok(time)
    }

    /// The same wall-clock time in a time zone.
    #[must_use]
    pub fn with_timezone(self, timezone: Timezone) -> Self {
        Self {
            timezone: Some(timezone),
            ..self
        }
    }

    pub(crate) fn check(&self) -> Result<(), Error> {
        in_range("hour", self.hour, 0, 23)?;
        in_range("minute", self.minute, 0, 59)?;
        in_range("second", self.second, 0, 59)?;
        in_range("microsecond", self.microsecond, 0, 999_999)?;
        in_range("fold", self.fold, 0, 1)?;
        self.timezone.as_ref().map_or(Ok(()), Timezone::check)
    }
}

impl Timedelta {
    /// A duration, normalised as Python does: only the days are negative.
    ///
    /// # Errors
    ///
    /// If it is longer than 999999999 days.
    pub fn new(days: i64, seconds: i64, microseconds: i64) -> Result<Self, Error> {
        let seconds = i128::from(seconds) + i128::from(days) * i128::from(SECONDS_PER_DAY);
        Self::from_microseconds(i128::from(microseconds) + seconds * 1_000_000)
    }

    fn from_microseconds(microseconds: i128) -> Result<Self, Error> {
        let seconds = microseconds.div_euclid(1_000_000);
        let day = i128::from(SECONDS_PER_DAY);
        let too_long = |_| Error::new("days must be in -999999999..999999999");
        let delta = Self {
            days: i32::try_from(seconds.div_euclid(day)).map_err(too_long)?,
            seconds: i32::try_from(seconds.rem_euclid(day)).map_err(too_long)?,
            microseconds: i32::try_from(microseconds.rem_euclid(1_000_000)).map_err(too_long)?,
        };
        delta.check()?;
        Ok(delta)
    }

    /// The whole duration in microseconds.
    pub fn total_microseconds(&self) -> i128 {
        let seconds =
            i128::from(self.days) * i128::from(SECONDS_PER_DAY) + i128::from(self.seconds);
        seconds * 1_000_000 + i128::from(self.microseconds)
    }

    pub(crate) fn check(&self) -> Result<(), Error> {
        in_range("days", self.days, -999_999_999, 999_999_999)?;
        in_range("seconds", self.seconds, 0, 86_399)?;
        in_range("microseconds", self.microseconds, 0, 999_999)
    }
}

impl Timezone {
    /// UTC.
    pub const UTC: Self = Self {
        offset_seconds: 0,
        name: None,
    };

    /// A fixed offset from UTC, positive to the east.
    ///
    /// # Errors
    ///
    /// If it is a day or more.
    pub fn from_offset_seconds(offset_seconds: i32) -> Result<Self, Error> {
        let timezone = Self {
            offset_seconds,
            name: None,
        };
        timezone.check()?;
        Ok(timezone)
    }

    /// The same offset with a name that Python shows, such as `CET`.
    #[must_use]
    pub fn with_name(self, name: impl Into<String>) -> Self {
        Self {
            name: Some(name.into()),
            ..self
        }
    }

    pub(crate) fn check(&self) -> Result<(), Error> {
        in_range("offset_seconds", self.offset_seconds, -86_399, 86_399)
    }
}

fn in_range<T: PartialOrd + std::fmt::Display>(
    field: &str,
    value: T,
    first: T,
    last: T,
) -> Result<(), Error> {
    if first <= value && value <= last {
        Ok(())
    } else {
        Err(Error::new(format!(
            "{field} must be in {first}..{last}, not {value}"
        )))
    }
}

/// Checks a date or time from a graph.
pub(crate) fn check_node(node: &RareNode) -> Result<(), GraphError> {
    let checked = match node {
        RareNode::Date(date) => date.check(),
        RareNode::Datetime(datetime) => datetime.check(),
        RareNode::Time(time) => time.check(),
        RareNode::Timedelta(delta) => delta.check(),
        RareNode::Timezone(timezone) => timezone.check(),
        _ => return Ok(()),
    };
    checked.map_err(|error| GraphError::new(format!("a date or time does not exist: {error}")))
}

/// In UTC, to the microsecond.
impl TryFrom<SystemTime> for Datetime {
    type Error = Error;

    fn try_from(time: SystemTime) -> Result<Self, Error> {
        let microseconds = match time.duration_since(UNIX_EPOCH) {
            Ok(after) => after.as_micros().cast_signed(),
            // Rounded down, as after the epoch.
            Err(before) => -before.duration().as_nanos().div_ceil(1000).cast_signed(),
        };
        let out_of_range = |_| Error::new("the time is not in the years 1 to 9999");
        let seconds = i64::try_from(microseconds.div_euclid(1_000_000)).map_err(out_of_range)?;
        let date = Date::from_days_since_epoch(seconds.div_euclid(SECONDS_PER_DAY))?;
        let second = u32::try_from(seconds.rem_euclid(SECONDS_PER_DAY)).map_err(out_of_range)?;
        let microsecond =
            u32::try_from(microseconds.rem_euclid(1_000_000)).map_err(out_of_range)?;
        let part = |value: u32| u8::try_from(value).map_err(out_of_range);
        let time = Time::new(
            part(second / 3600)?,
            part(second / 60 % 60)?,
            part(second % 60)?,
            microsecond,
        )?;
        Self::new(date, time.with_timezone(Timezone::UTC))
    }
}

/// The last or first possible instant, for a time beyond it.
///
/// ```
/// use std::time::{Duration, UNIX_EPOCH};
/// use monty_value::types::Instant;
///
/// let before = Instant::from(UNIX_EPOCH - Duration::from_nanos(1));
/// assert_eq!((before.seconds, before.nanoseconds), (-1, 999_999_999));
/// let after = Instant::from(UNIX_EPOCH + Duration::new(7, 5));
/// assert_eq!((after.seconds, after.nanoseconds), (7, 5));
/// ```
impl From<SystemTime> for Instant {
    fn from(time: SystemTime) -> Self {
        let nanos = match time.duration_since(UNIX_EPOCH) {
            Ok(after) => after.as_nanos().cast_signed(),
            Err(before) => -before.duration().as_nanos().cast_signed(),
        };
        let (first, last) = (i128::from(i64::MIN), i128::from(i64::MAX));
        let seconds = nanos.div_euclid(1_000_000_000).clamp(first, last);
        Self {
            seconds: i64::try_from(seconds).unwrap_or_default(),
            nanoseconds: u32::try_from(nanos.rem_euclid(1_000_000_000)).unwrap_or_default(),
        }
    }
}

/// The instant of a datetime with a time zone.
impl TryFrom<&Datetime> for SystemTime {
    type Error = Error;

    fn try_from(datetime: &Datetime) -> Result<Self, Error> {
        datetime.check()?;
        let Some(timezone) = &datetime.timezone else {
            return Err(Error::new("a datetime without a time zone is no instant"));
        };
        let seconds = datetime.date.days_since_epoch() * SECONDS_PER_DAY
            + i64::from(datetime.hour) * 3600
            + i64::from(datetime.minute) * 60
            + i64::from(datetime.second)
            - i64::from(timezone.offset_seconds);
        let whole = Duration::from_secs(seconds.unsigned_abs());
        let instant = if seconds < 0 {
            UNIX_EPOCH.checked_sub(whole)
        } else {
            UNIX_EPOCH.checked_add(whole)
        };
        instant
            .and_then(|instant| {
                instant.checked_add(Duration::from_micros(datetime.microsecond.into()))
            })
            .ok_or_else(|| Error::new("the system's clock does not reach this datetime"))
    }
}

/// To the microsecond.
impl TryFrom<Duration> for Timedelta {
    type Error = Error;

    fn try_from(duration: Duration) -> Result<Self, Error> {
        Self::from_microseconds(duration.as_micros().cast_signed())
    }
}

impl TryFrom<Timedelta> for Duration {
    type Error = Error;

    fn try_from(delta: Timedelta) -> Result<Self, Error> {
        delta.check()?;
        let seconds = i64::from(delta.days) * SECONDS_PER_DAY + i64::from(delta.seconds);
        let seconds =
            u64::try_from(seconds).map_err(|_| Error::new("a Duration cannot be negative"))?;
        Ok(Self::from_secs(seconds) + Self::from_micros(delta.microseconds.unsigned_abs().into()))
    }
}
