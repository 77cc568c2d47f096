//! Values without children, to and from Monty's types.
//!
//! Towards Python each is checked, because the interpreter's own refusal does
//! not say what is wrong. An error is a text such as `month 13 does not exist`.

use std::time::Duration;

use monty_types::{
    ExcType, FileMode, MAX_TIMEZONE_OFFSET_SECONDS, MIN_TIMEZONE_OFFSET_SECONDS, MontyDate,
    MontyDateTime, MontyFileHandle, MontyTime, MontyTimeDelta, MontyTimeZone, MontyUuid,
};
use monty_value::types::{Date, Datetime, Exception, File, ObjectId, Time, Timedelta, Timezone};

/// The most digits that Monty's decimals have.
const MAX_DECIMAL_DIGITS: usize = 4300;

/// The exponent of the highest digit of the largest decimal of CPython.
const MAX_DECIMAL_EXPONENT: i128 = 999_999_999_999_999_999;

/// The exponent of the lowest digit of the smallest decimal of CPython.
const MIN_DECIMAL_EXPONENT: i128 = -1_999_999_999_999_999_997;

/// Checks that a number is in a range, and says which one if not.
fn in_range<T>(name: &str, value: T, low: T, high: T) -> Result<T, String>
where
    T: Copy + PartialOrd + std::fmt::Display,
{
    if (low..=high).contains(&value) {
        Ok(value)
    } else {
        Err(format!("{name} {value} is not in {low}..={high}"))
    }
}

/// The most characters of a text that an error repeats.
const LONGEST_QUOTE: usize = 40;

/// A text in quotation marks, shortened if it is long.
pub fn quoted(text: &str) -> String {
    match text.char_indices().nth(LONGEST_QUOTE) {
        Some((end, _)) => {
            let start = text.get(..end).unwrap_or_default();
            format!("{start:?}… ({} characters)", text.chars().count())
        }
        None => format!("{text:?}"),
    }
}

/// A date that exists.
pub fn date(date: Date) -> Result<MontyDate, String> {
    in_range("year", date.year, 1, 9999)?;
    in_range("month", date.month, 1, 12)?;
    in_range("day", date.day, 1, days_in_month(date.year, date.month))?;
    Ok(MontyDate {
        year: date.year,
        month: date.month,
        day: date.day,
    })
}

fn days_in_month(year: i32, month: u8) -> u8 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

fn check_wall_clock(hour: u8, minute: u8, second: u8, microsecond: u32) -> Result<(), String> {
    in_range("hour", hour, 0, 23)?;
    in_range("minute", minute, 0, 59)?;
    in_range("second", second, 0, 59)?;
    in_range("microsecond", microsecond, 0, 999_999)?;
    Ok(())
}

/// Splits a time zone into the two fields that Monty's datetimes have for it.
fn zone_fields(zone: Option<&Timezone>) -> Result<(Option<i32>, Option<String>), String> {
    match zone {
        Some(zone) => {
            let zone = timezone(zone)?;
            Ok((Some(zone.offset_seconds), zone.name))
        }
        None => Ok((None, None)),
    }
}

fn zone_of(offset_seconds: Option<i32>, name: Option<String>) -> Option<Timezone> {
    offset_seconds.map(|offset_seconds| Timezone {
        offset_seconds,
        name,
    })
}

/// A datetime that exists.
pub fn datetime(datetime: &Datetime) -> Result<MontyDateTime, String> {
    let date = date(datetime.date)?;
    check_wall_clock(
        datetime.hour,
        datetime.minute,
        datetime.second,
        datetime.microsecond,
    )?;
    let (offset_seconds, timezone_name) = zone_fields(datetime.timezone.as_ref())?;
    Ok(MontyDateTime {
        year: date.year,
        month: date.month,
        day: date.day,
        hour: datetime.hour,
        minute: datetime.minute,
        second: datetime.second,
        microsecond: datetime.microsecond,
        offset_seconds,
        timezone_name,
    })
}

/// A time of day that exists.
pub fn time(time: &Time) -> Result<MontyTime, String> {
    check_wall_clock(time.hour, time.minute, time.second, time.microsecond)?;
    in_range("fold", time.fold, 0, 1)?;
    let (offset_seconds, timezone_name) = zone_fields(time.timezone.as_ref())?;
    Ok(MontyTime {
        hour: time.hour,
        minute: time.minute,
        second: time.second,
        microsecond: time.microsecond,
        offset_seconds,
        timezone_name,
        fold: time.fold,
    })
}

/// A normalised timedelta.
pub fn timedelta(delta: Timedelta) -> Result<MontyTimeDelta, String> {
    in_range("days", delta.days, -999_999_999, 999_999_999)?;
    in_range("seconds", delta.seconds, 0, 86_399)?;
    in_range("microseconds", delta.microseconds, 0, 999_999)?;
    Ok(MontyTimeDelta {
        days: delta.days,
        seconds: delta.seconds,
        microseconds: delta.microseconds,
    })
}

/// A time zone less than a day from UTC.
pub fn timezone(zone: &Timezone) -> Result<MontyTimeZone, String> {
    in_range(
        "offset-seconds",
        zone.offset_seconds,
        MIN_TIMEZONE_OFFSET_SECONDS,
        MAX_TIMEZONE_OFFSET_SECONDS,
    )?;
    Ok(MontyTimeZone {
        offset_seconds: zone.offset_seconds,
        name: zone.name.clone(),
    })
}

/// The text of a decimal, as `str(d)` prints one.
pub fn decimal(text: &str) -> Result<String, String> {
    if is_decimal(text) {
        Ok(text.to_owned())
    } else {
        Err(format!("{} is not a decimal number", quoted(text)))
    }
}

fn is_decimal(text: &str) -> bool {
    let text = text.strip_prefix(['+', '-']).unwrap_or(text);
    let lower = text.to_ascii_lowercase();
    if matches!(lower.as_str(), "inf" | "infinity") {
        return true;
    }
    let payload = lower
        .strip_prefix("nan")
        .or_else(|| lower.strip_prefix("snan"));
    match payload {
        Some(payload) => are_digits(payload) && payload.len() <= MAX_DECIMAL_DIGITS,
        None => is_finite_decimal(&lower),
    }
}

fn is_finite_decimal(text: &str) -> bool {
    let (mantissa, exponent) = text.split_once('e').unwrap_or((text, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = whole.len() + fraction.len();
    let leading_zeros = |part: &str| part.bytes().take_while(|digit| *digit == b'0').count();
    let significant = match leading_zeros(whole) {
        zeros if zeros == whole.len() => fraction.len() - leading_zeros(fraction),
        zeros => digits - zeros,
    };
    let Ok(exponent) = exponent.parse::<i64>() else {
        return false;
    };
    let lowest = i128::from(exponent) - fraction.len() as i128;
    let highest = lowest + significant.max(1) as i128 - 1;
    digits > 0
        && are_digits(whole)
        && are_digits(fraction)
        && significant <= MAX_DECIMAL_DIGITS
        && lowest >= MIN_DECIMAL_EXPONENT
        && highest <= MAX_DECIMAL_EXPONENT
}

fn are_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The type and the argument of an exception that is a value.
pub fn exception(value: &Exception) -> Result<(ExcType, Option<String>), String> {
    let exc_type = value
        .type_name
        .parse()
        .map_err(|_| format!("{} is not an exception type", quoted(&value.type_name)))?;
    Ok((exc_type, value.message.clone()))
}

/// An open file.
pub fn file(file: &File) -> Result<MontyFileHandle, String> {
    let mode: FileMode = file
        .mode
        .parse()
        .map_err(|reason| format!("file mode {}: {reason}", quoted(&file.mode)))?;
    Ok(MontyFileHandle {
        path: file.path.clone(),
        mode,
        position: file.position,
    })
}

/// A length of time as the host takes it, and the longest that it takes.
pub fn nanoseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

/// The identity of a class, an instance or a module.
pub fn uuid(id: ObjectId) -> MontyUuid {
    MontyUuid::from_bytes(((u128::from(id.high) << 64) | u128::from(id.low)).to_be_bytes())
}

/// A date, for the host.
pub fn to_date(date: &MontyDate) -> Date {
    Date {
        year: date.year,
        month: date.month,
        day: date.day,
    }
}

/// A datetime, for the host.
pub fn to_datetime(datetime: MontyDateTime) -> Datetime {
    Datetime {
        date: Date {
            year: datetime.year,
            month: datetime.month,
            day: datetime.day,
        },
        hour: datetime.hour,
        minute: datetime.minute,
        second: datetime.second,
        microsecond: datetime.microsecond,
        timezone: zone_of(datetime.offset_seconds, datetime.timezone_name),
    }
}

/// A time of day, for the host.
pub fn to_time(time: MontyTime) -> Time {
    Time {
        hour: time.hour,
        minute: time.minute,
        second: time.second,
        microsecond: time.microsecond,
        timezone: zone_of(time.offset_seconds, time.timezone_name),
        fold: time.fold,
    }
}

/// A timedelta, for the host.
pub fn to_timedelta(delta: &MontyTimeDelta) -> Timedelta {
    Timedelta {
        days: delta.days,
        seconds: delta.seconds,
        microseconds: delta.microseconds,
    }
}

/// A time zone, for the host.
pub fn to_timezone(zone: MontyTimeZone) -> Timezone {
    Timezone {
        offset_seconds: zone.offset_seconds,
        name: zone.name,
    }
}

/// An open file, for the host.
pub fn to_file(file: MontyFileHandle) -> File {
    File {
        mode: file.mode.as_str().to_owned(),
        path: file.path,
        position: file.position,
    }
}

/// The identity of a class, an instance or a module, for the host.
pub fn to_object_id(uuid: MontyUuid) -> ObjectId {
    let bits = u128::from_be_bytes(*uuid.as_bytes());
    ObjectId {
        high: (bits >> 64) as u64,
        low: bits as u64,
    }
}
