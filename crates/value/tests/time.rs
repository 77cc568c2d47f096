//! Dates and times: rejected values, and the standard library's clock.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use monty_value::{Date, DateTime, Time, TimeDelta, TimeZone};

#[test]
fn what_does_not_exist_is_refused_by_name() {
    let refusal = |result: Result<Date, monty_value::Error>| result.unwrap_err().to_string();
    assert_eq!(
        refusal(Date::new(2024, 2, 30)),
        "day must be in 1..29, not 30"
    );
    assert_eq!(
        refusal(Date::new(1900, 2, 29)),
        "day must be in 1..28, not 29"
    );
    assert_eq!(
        refusal(Date::new(2024, 13, 1)),
        "month must be in 1..12, not 13"
    );
    assert_eq!(
        refusal(Date::new(0, 1, 1)),
        "year must be in 1..9999, not 0"
    );
    assert!(Date::new(2000, 2, 29).is_ok());
    assert_eq!(
        Time::new(24, 0, 0, 0).unwrap_err().to_string(),
        "hour must be in 0..23, not 24"
    );
    assert_eq!(
        TimeZone::from_offset_seconds(86_400)
            .unwrap_err()
            .to_string(),
        "offset_seconds must be in -86399..86399, not 86400"
    );
    assert!(TimeDelta::new(i64::MAX, i64::MAX, i64::MAX).is_err());
}

#[test]
fn a_timedelta_is_normalised() {
    let delta = TimeDelta::new(0, -1, 1).unwrap();
    assert_eq!(
        (delta.days, delta.seconds, delta.microseconds),
        (-1, 86_399, 1)
    );
    assert_eq!(delta.total_microseconds(), -999_999);
}

#[test]
fn the_systems_clock_and_back() {
    for (seconds, nanos, text) in [
        (0_i64, 0, "1970-01-01T00:00:00+00:00"),
        (1_709_209_800, 250_000, "2024-02-29T12:30:00.000250+00:00"),
        (951_782_400, 0, "2000-02-29T00:00:00+00:00"),
        (-1, 0, "1969-12-31T23:59:59+00:00"),
        (-62_135_596_800, 0, "0001-01-01T00:00:00+00:00"),
        (
            253_402_300_799,
            999_999_000,
            "9999-12-31T23:59:59.999999+00:00",
        ),
    ] {
        let whole = Duration::from_secs(seconds.unsigned_abs());
        let instant = if seconds < 0 {
            UNIX_EPOCH - whole
        } else {
            UNIX_EPOCH + whole
        } + Duration::from_nanos(nanos);
        let datetime = DateTime::try_from(instant).unwrap();
        assert_eq!(datetime.to_string(), text);
        assert_eq!(text.parse::<DateTime>().unwrap(), datetime);
        assert_eq!(SystemTime::try_from(&datetime).unwrap(), instant);
    }
    let after = UNIX_EPOCH + Duration::from_secs(253_402_300_800);
    assert_eq!(
        DateTime::try_from(after).unwrap_err().to_string(),
        "the date is not in the years 1 to 9999"
    );
    let rounded = DateTime::try_from(UNIX_EPOCH - Duration::from_nanos(1)).unwrap();
    assert_eq!(rounded.to_string(), "1969-12-31T23:59:59.999999+00:00");
    let east: DateTime = "1970-01-01 01:00+01:00".parse().unwrap();
    assert_eq!(SystemTime::try_from(&east).unwrap(), UNIX_EPOCH);
    let naive: DateTime = "1970-01-01 01:00".parse().unwrap();
    assert!(SystemTime::try_from(&naive).is_err());
}

#[test]
fn durations_and_back() {
    let duration = Duration::from_micros(90_061_000_007);
    let delta = TimeDelta::try_from(duration).unwrap();
    assert_eq!(delta.to_string(), "1 day, 1:01:01.000007");
    assert_eq!(Duration::try_from(delta).unwrap(), duration);
    assert!(Duration::try_from(TimeDelta::new(-1, 0, 0).unwrap()).is_err());
    assert!(TimeDelta::try_from(Duration::MAX).is_err());
}
