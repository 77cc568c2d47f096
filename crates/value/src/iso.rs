//! Dates and times as ISO 8601 text, as Python's `isoformat()` writes it and
//! `fromisoformat()` reads it.

use std::fmt::{self, Formatter};
use std::str::FromStr;

use crate::Error;
use crate::error::quoted;
use crate::types::{Date, Datetime, Time, Timedelta, Timezone};

/// `2024-02-29`.
impl fmt::Display for Date {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "{:04}-{:02}-{:02}",
            self.year, self.month, self.day
        )
    }
}

/// `2024-02-29T12:30:00.000250+01:00`.
impl fmt::Display for Datetime {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        self.write_iso('T', formatter)
    }
}

impl Datetime {
    pub(crate) fn write_iso(&self, separator: char, formatter: &mut Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}{separator}{}", self.date, self.time())
    }
}

/// `12:30:00.000250+01:00`.
impl fmt::Display for Time {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "{:02}:{:02}:{:02}",
            self.hour, self.minute, self.second
        )?;
        if self.microsecond != 0 {
            write!(formatter, ".{:06}", self.microsecond)?;
        }
        match &self.timezone {
            Some(timezone) => write_offset(timezone.offset_seconds, formatter),
            None => Ok(()),
        }
    }
}

/// `-1 day, 23:59:59`.
impl fmt::Display for Timedelta {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        if self.days != 0 {
            let plural = if self.days.abs() == 1 { "" } else { "s" };
            write!(formatter, "{} day{plural}, ", self.days)?;
        }
        let (hours, minutes) = (self.seconds / 3600, self.seconds / 60 % 60);
        write!(formatter, "{hours}:{minutes:02}:{:02}", self.seconds % 60)?;
        if self.microseconds != 0 {
            write!(formatter, ".{:06}", self.microseconds)?;
        }
        Ok(())
    }
}

/// Its name, or `UTC+01:00`.
impl fmt::Display for Timezone {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        if let Some(name) = &self.name {
            return formatter.write_str(name);
        }
        formatter.write_str("UTC")?;
        if self.offset_seconds == 0 {
            return Ok(());
        }
        write_offset(self.offset_seconds, formatter)
    }
}

fn write_offset(seconds: i32, formatter: &mut Formatter<'_>) -> fmt::Result {
    let sign = if seconds < 0 { '-' } else { '+' };
    let seconds = seconds.unsigned_abs();
    write!(
        formatter,
        "{sign}{:02}:{:02}",
        seconds / 3600,
        seconds / 60 % 60
    )?;
    if !seconds.is_multiple_of(60) {
        write!(formatter, ":{:02}", seconds % 60)?;
    }
    Ok(())
}

impl FromStr for Date {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let mut reader = Reader::new(text);
        let date = reader.date().filter(|_| reader.0.is_empty());
        let (year, month, day) = date.ok_or_else(|| not_iso("date", text))?;
        Self::new(year, month, day)
    }
}

impl FromStr for Time {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let mut reader = Reader::new(text);
        let time = reader.time().filter(|_| reader.0.is_empty());
        let time = time.ok_or_else(|| not_iso("time", text))?;
        time.check()?;
        Ok(time)
    }
}

/// With `T` or a blank between date and time.
impl FromStr for Datetime {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let mut reader = Reader::new(text);
        let mut read = || {
            let date = reader.date()?;
            reader.sign('T').or_else(|| reader.sign(' '))?;
            let time = reader.time()?;
            reader.0.is_empty().then_some((date, time))
        };
        let ((year, month, day), time) = read().ok_or_else(|| not_iso("datetime", text))?;
        Self::new(Date::new(year, month, day)?, time)
    }
}

fn not_iso(kind: &str, text: &str) -> Error {
    Error::new(format!("{} is not an ISO 8601 {kind}", quoted(text)))
}

/// The remaining text.
struct Reader<'a>(&'a str);

impl<'a> Reader<'a> {
    fn new(text: &'a str) -> Self {
        Self(text)
    }

    fn sign(&mut self, sign: char) -> Option<()> {
        self.0 = self.0.strip_prefix(sign)?;
        Some(())
    }

    fn digits(&mut self, count: usize) -> Option<u32> {
        let (digits, rest) = self.0.split_at_checked(count)?;
        if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        self.0 = rest;
        digits.parse().ok()
    }

    fn two(&mut self) -> Option<u8> {
        u8::try_from(self.digits(2)?).ok()
    }

    fn date(&mut self) -> Option<(i32, u8, u8)> {
        let year = i32::try_from(self.digits(4)?).ok()?;
        self.sign('-')?;
        let month = self.two()?;
        self.sign('-')?;
        Some((year, month, self.two()?))
    }

    fn time(&mut self) -> Option<Time> {
        let hour = self.two()?;
        self.sign(':')?;
        let minute = self.two()?;
        let second = match self.sign(':') {
            Some(()) => self.two()?,
            None => 0,
        };
        let microsecond = match self.sign('.') {
            Some(()) => self.fraction()?,
            None => 0,
        };
        Some(Time {
            hour,
            minute,
            second,
            microsecond,
            timezone: self.offset()?,
            fold: 0,
        })
    }

    /// Up to nine digits of a second, cut to microseconds as Python does.
    fn fraction(&mut self) -> Option<u32> {
        let count = self.0.bytes().take_while(u8::is_ascii_digit).count();
        let digits = self.0.get(..count)?;
        if !(1..=9).contains(&count) {
            return None;
        }
        self.0 = self.0.get(count..)?;
        format!("{digits:0<6}").get(..6)?.parse().ok()
    }

    /// An offset from UTC, if there is one.
    fn offset(&mut self) -> Option<Option<Timezone>> {
        let sign = match self.0.chars().next() {
            None => return Some(None),
            Some('Z') => {
                self.sign('Z')?;
                return Some(Some(Timezone::UTC));
            }
            Some('+') => 1,
            Some('-') => -1,
            Some(_) => return None,
        };
        self.0 = self.0.get(1..)?;
        let hours = i32::from(self.two()?);
        self.sign(':')?;
        let minutes = i32::from(self.two()?);
        let seconds = match self.sign(':') {
            Some(()) => i32::from(self.two()?),
            None => 0,
        };
        let offset = sign * (hours * 3600 + minutes * 60 + seconds);
        Timezone::from_offset_seconds(offset).ok().map(Some)
    }
}
