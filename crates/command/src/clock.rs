//! Times and time zones, as the options name them.

use std::time::SystemTime;

use monty_host::LocalTimezone;
use monty_host::value::DateTime;

/// A time with its zone, in ISO 8601.
pub fn parse_instant(text: &str) -> Result<SystemTime, String> {
    let advice = "write a time with its zone, such as 2026-01-31T12:00:00Z";
    let datetime: DateTime = text.parse().map_err(|_| advice.to_owned())?;
    if datetime.timezone.is_none() {
        return Err(format!("`{text}` has no time zone: {advice}"));
    }
    SystemTime::try_from(&datetime).map_err(|error| format!("{error}: {advice}"))
}

/// An offset, or a name of the IANA database.
pub fn parse_timezone(text: &str) -> Result<LocalTimezone, String> {
    if !text.starts_with(['+', '-']) {
        return Ok(LocalTimezone::from(text));
    }
    let at_offset = format!("2000-01-01T00:00:00{text}").parse::<DateTime>();
    at_offset
        .ok()
        .and_then(|datetime| datetime.timezone)
        .map(LocalTimezone::Fixed)
        .ok_or_else(|| {
            "write an offset such as +02:00 or -05:30, or a name such as Europe/London".to_owned()
        })
}
