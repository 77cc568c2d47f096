//! Sizes and times as people write them: on the command line, in
//! configurations, in environment variables and in requests.

use std::time::Duration;

/// A number of bytes: `65536`, `1_000_000`, `64MiB`, `64M`, `1.5GiB`, `64mb`.
///
/// `K`, `M`, `G` and `T` alone are powers of 1024, as `KiB` to `TiB` are; `kB`
/// to `TB` are powers of 1000. Case does not matter.
///
/// ```
/// use monty_document::units::parse_size;
///
/// assert_eq!(parse_size("1.5KiB"), Ok(1536));
/// assert_eq!(parse_size("64kb"), Ok(64_000));
/// ```
///
/// # Errors
///
/// If the text is no size; the error says what to write.
pub fn parse_size(text: &str) -> Result<u64, String> {
    let advice = || "write a whole number of bytes, or one with a unit, such as 64MiB".to_owned();
    let (number, rest) = Decimal::split(text.trim()).ok_or_else(advice)?;
    let unit = rest.trim();
    let factor: u64 = match unit.to_ascii_lowercase().as_str() {
        "" | "b" => 1,
        "k" | "kib" => 1 << 10,
        "m" | "mib" => 1 << 20,
        "g" | "gib" => 1 << 30,
        "t" | "tib" => 1 << 40,
        "kb" => 1_000,
        "mb" => 1_000_000,
        "gb" => 1_000_000_000,
        "tb" => 1_000_000_000_000,
        _ => return Err(format!("`{unit}` is not a unit: write KiB, MiB or GiB")),
    };
    if factor == 1 && number.fraction != 0 {
        return Err(advice());
    }
    number
        .times(factor)
        .and_then(|bytes| u64::try_from(bytes).ok())
        .ok_or_else(|| "that is more than 64 bits count: write a smaller size".to_owned())
}

/// A time: `500ms`, `2s`, `1.5m`, `1h30m`, or a number of seconds.
///
/// ```
/// use std::time::Duration;
/// use monty_document::units::parse_duration;
///
/// assert_eq!(parse_duration("1m 30s"), Ok(Duration::from_secs(90)));
/// ```
///
/// # Errors
///
/// If the text is no time; the error says what to write.
pub fn parse_duration(text: &str) -> Result<Duration, String> {
    let advice = || "write a number with a unit, such as 500ms or 2s".to_owned();
    let too_long = || "that is too long: write a shorter time".to_owned();
    let mut rest = text.trim();
    let mut nanoseconds: u128 = 0;
    let mut is_first = true;
    loop {
        let (number, after) = Decimal::split(rest).ok_or_else(advice)?;
        let after = after.trim_start();
        let end = after.find(|c: char| c.is_ascii_digit() || c == '.');
        let (unit, next) = after.split_at(end.unwrap_or(after.len()));
        let unit = unit.trim();
        let factor: u64 = match unit.to_ascii_lowercase().as_str() {
            // Both signs for micro: U+00B5 and U+03BC.
            "us" | "µs" | "μs" => 1_000,
            "ms" => 1_000_000,
            "s" | "sec" | "secs" => 1_000_000_000,
            "m" | "min" | "mins" => 60 * 1_000_000_000,
            "h" | "hr" | "hrs" => 3600 * 1_000_000_000,
            "" if is_first && next.is_empty() => 1_000_000_000,
            "" => return Err(advice()),
            _ => return Err(format!("`{unit}` is not a unit: write us, ms, s, min or h")),
        };
        let more = number.times(factor).ok_or_else(too_long)?;
        nanoseconds = nanoseconds.checked_add(more).ok_or_else(too_long)?;
        if next.is_empty() {
            break;
        }
        (rest, is_first) = (next, false);
    }
    let seconds = u64::try_from(nanoseconds / 1_000_000_000).map_err(|_| too_long())?;
    // Less than a second.
    let fraction = u32::try_from(nanoseconds % 1_000_000_000).unwrap_or_default();
    Ok(Duration::new(seconds, fraction))
}

/// Digits after the point that count.
const FRACTION_DIGITS: u32 = 18;

/// A decimal number that is not negative.
struct Decimal {
    whole: u128,
    /// In units of 10^-[`FRACTION_DIGITS`].
    fraction: u128,
}

impl Decimal {
    /// The number at the start of a text, and the rest.
    fn split(text: &str) -> Option<(Self, &str)> {
        let end = text.find(|c: char| !matches!(c, '0'..='9' | '_' | '.'));
        let (number, rest) = text.split_at(end.unwrap_or(text.len()));
        let (whole, fraction) = match number.split_once('.') {
            Some((whole, fraction)) => (whole, Some(fraction)),
            None => (number, None),
        };
        let whole = match whole {
            "" if fraction.is_some() => 0,
            whole => digits(whole)?.parse().ok()?,
        };
        let fraction = match fraction {
            None => 0,
            Some(fraction) => {
                let mut digits = digits(fraction)?;
                digits.truncate(FRACTION_DIGITS as usize);
                let missing = FRACTION_DIGITS - u32::try_from(digits.len()).ok()?;
                digits.parse::<u128>().ok()? * 10u128.pow(missing)
            }
        };
        Some((Self { whole, fraction }, rest))
    }

    fn times(&self, factor: u64) -> Option<u128> {
        let whole = self.whole.checked_mul(factor.into())?;
        let fraction = self.fraction * u128::from(factor) / 10u128.pow(FRACTION_DIGITS);
        whole.checked_add(fraction)
    }
}

/// Digits without the underscores that may stand between them.
fn digits(text: &str) -> Option<String> {
    let are_digits = |group: &str| !group.is_empty() && group.bytes().all(|b| b.is_ascii_digit());
    text.split('_')
        .all(are_digits)
        .then(|| text.replace('_', ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes() {
        for (text, bytes) in [
            ("0", 0),
            ("65536", 65536),
            ("1_000_000", 1_000_000),
            ("12B", 12),
            ("64MiB", 64 << 20),
            ("64M", 64 << 20),
            ("64m", 64 << 20),
            ("64mb", 64_000_000),
            ("64 MB", 64_000_000),
            ("1.5GiB", 3 << 29),
            ("1.5k", 1536),
            (".5 KiB", 512),
            ("1.0", 1),
            ("0.1GB", 100_000_000),
            ("2T", 2 << 40),
            ("18446744073709551615", u64::MAX),
        ] {
            assert_eq!(parse_size(text), Ok(bytes), "{text}");
        }
        for text in [
            "",
            "MiB",
            "-1",
            "much",
            "1.5",
            "1.",
            ".",
            "1__0",
            "_1",
            "1_",
            "1e3",
            "1 2",
            "1.5.5M",
            "10 parsecs",
            "16EiB",
            "18446744073709551616",
            "16777216T",
            "340282366920938463463374607431768211456",
        ] {
            assert!(parse_size(text).is_err(), "{text}");
        }
    }

    #[test]
    fn durations() {
        for (text, micros) in [
            ("0", 0),
            ("2", 2_000_000),
            ("0.25", 250_000),
            ("7us", 7),
            ("7µs", 7),
            ("7μs", 7),
            ("500ms", 500_000),
            ("2s", 2_000_000),
            ("2 secs", 2_000_000),
            ("1.5m", 90_000_000),
            ("10min", 600_000_000),
            ("1h30m", 5_400_000_000),
            ("1H 30Min 1.5s", 5_401_500_000),
            ("1_000ms", 1_000_000),
            ("0.1ms", 100),
        ] {
            assert_eq!(
                parse_duration(text),
                Ok(Duration::from_micros(micros)),
                "{text}"
            );
        }
        for text in [
            "",
            "soon",
            "s",
            "-1s",
            "1h30",
            "30 1h",
            "1x",
            "1.",
            "1..5s",
            "1e3",
            "1 s s",
            "99999999999999999999s",
            "9999999999999999999999999999999h",
        ] {
            assert!(parse_duration(text).is_err(), "{text}");
        }
    }
}
