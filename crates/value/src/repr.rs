//! The text of a [`Value`]: Python's `repr()` and `str()`.

use std::fmt::{self, Formatter, Write};

use num_bigint::BigInt;

use crate::types::{Complex, Datetime, Exception, Time, Timedelta, Timezone};
use crate::walk::{Children, Item};
use crate::{Class, Error, Value};

impl Value {
    /// Python's `repr()`, if it has at most `max_bytes`.
    ///
    /// A small value can have a long text, because an object that it holds
    /// many times is written out each time. Writing stops where the text
    /// becomes too long, so that neither time nor memory goes beyond
    /// `max_bytes`.
    ///
    /// ```
    /// use monty_value::Value;
    ///
    /// let row = Value::list([1, 2, 3]);
    /// let rows = Value::list(vec![row; 1000]);
    /// assert_eq!(rows.repr_within(100_000)?.len(), 11_000);
    /// assert!(rows.repr_within(100).unwrap_err().is_too_long());
    /// # Ok::<_, monty_value::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If it is longer; [`Error::is_too_long`] then holds.
    pub fn repr_within(&self, max_bytes: usize) -> Result<String, Error> {
        let mut within = Within {
            text: String::new(),
            max_bytes,
        };
        // The text form itself cannot fail.
        write!(within, "{self}").map_err(|_| Error::too_long("repr", max_bytes))?;
        Ok(within.text)
    }
}

/// Text with a maximum length.
struct Within {
    text: String,
    max_bytes: usize,
}

impl Write for Within {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        if text.len() > self.max_bytes.saturating_sub(self.text.len()) {
            return Err(fmt::Error);
        }
        self.text.push_str(text);
        Ok(())
    }
}

/// Python's `repr()`.
///
/// An `int` of more than 4300 digits is written as hexadecimal: Python rejects
/// its `repr()` because of the time it takes.
impl fmt::Display for Value {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        let mut frames: Vec<Frame<'_>> = Vec::new();
        let mut object = Some(Item::from(self));
        loop {
            if let Some(object) = object.take() {
                match Frame::new(object) {
                    Some(frame) => {
                        frame.open(formatter)?;
                        frames.push(frame);
                    }
                    None => leaf(object, formatter)?,
                }
            }
            let Some(frame) = frames.last_mut() else {
                return Ok(());
            };
            object = frame.next(formatter)?;
            if object.is_none() {
                frames.pop();
            }
        }
    }
}

/// `Value(…)` with Python's `repr()` inside. A derived form would show the
/// `Arc`s, and overflow the stack for a deeply nested value.
impl fmt::Debug for Value {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        write!(formatter, "Value({self})")
    }
}

impl Value {
    /// Python's `str()`: text unchanged, dates as ISO 8601 with a blank, and
    /// `repr()` for anything else.
    pub fn to_str(&self) -> String {
        let mut text = String::new();
        // Writing to a string cannot fail.
        let _ = write!(text, "{}", Str(self));
        text
    }
}

/// `str()` of a value.
struct Str<'a>(&'a Value);

impl fmt::Display for Str<'_> {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        match self.0 {
            Value::Str(text) | Value::Path(text) | Value::Repr(text) => formatter.write_str(text),
            Value::Decimal(decimal) => write!(formatter, "{decimal}"),
            Value::Date(date) => write!(formatter, "{date}"),
            Value::DateTime(datetime) => datetime.write_iso(' ', formatter),
            Value::Time(time) => write!(formatter, "{time}"),
            Value::TimeDelta(delta) => write!(formatter, "{delta}"),
            Value::TimeZone(timezone) => write!(formatter, "{timezone}"),
            Value::Exception(exception) => {
                formatter.write_str(exception.message.as_deref().unwrap_or_default())
            }
            value => write!(formatter, "{value}"),
        }
    }
}

/// A container being written.
struct Frame<'a> {
    object: &'a Value,
    children: Children<'a>,
    /// The number of children written.
    written: usize,
}

impl<'a> Frame<'a> {
    /// `None` for an object written without its children.
    fn new(object: Item<'a>) -> Option<Self> {
        let Item::Value(object) = object else {
            return None;
        };
        let mut children = Item::Value(object).children();
        match object {
            Value::List(_) | Value::Tuple(_) | Value::Dict(_) | Value::NamedTuple(_) => {}
            Value::Set(items) | Value::FrozenSet(items) if !items.is_empty() => {}
            Value::Instance(instance) if instance.class.dataclass => {
                // The class is written by its name.
                children.next();
            }
            _ => return None,
        }
        Some(Self {
            object,
            children,
            written: 0,
        })
    }

    fn open(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        match self.object {
            Value::List(_) => formatter.write_str("["),
            Value::Tuple(_) => formatter.write_str("("),
            Value::FrozenSet(_) => formatter.write_str("frozenset({"),
            Value::NamedTuple(_) | Value::Instance(_) => {
                write!(formatter, "{}(", self.object.type_name())
            }
            _ => formatter.write_str("{"),
        }
    }

    /// The next child to write after the separator, or `None` at the end.
    fn next(&mut self, formatter: &mut Formatter<'_>) -> Result<Option<Item<'a>>, fmt::Error> {
        let Some(child) = self.children.next() else {
            self.close(formatter)?;
            return Ok(None);
        };
        let is_pair_value =
            self.written % 2 == 1 && matches!(self.object, Value::Dict(_) | Value::Instance(_));
        match self.object {
            Value::Dict(_) if is_pair_value => formatter.write_str(": ")?,
            Value::Instance(_) if is_pair_value => formatter.write_str("=")?,
            _ if self.written > 0 => formatter.write_str(", ")?,
            _ => {}
        }
        if let Value::NamedTuple(tuple) = self.object
            && let Some(name) = tuple.field_names().get(self.written)
        {
            write!(formatter, "{name}=")?;
        }
        self.written += 1;
        if let (Value::Instance(_), Item::Value(Value::Str(name)), false) =
            (self.object, child, is_pair_value)
        {
            formatter.write_str(name)?;
            return self.next(formatter);
        }
        Ok(Some(child))
    }

    fn close(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self.object {
            Value::List(_) => "]",
            Value::Tuple(_) if self.written == 1 => ",)",
            Value::FrozenSet(_) => "})",
            Value::Dict(_) | Value::Set(_) => "}",
            _ => ")",
        })
    }
}

fn leaf(object: Item<'_>, formatter: &mut Formatter<'_>) -> fmt::Result {
    let value = match object {
        Item::Class(class) => return write_class(class, formatter),
        Item::Value(value) => value,
    };
    match value {
        Value::None => formatter.write_str("None"),
        Value::Bool(true) => formatter.write_str("True"),
        Value::Bool(false) => formatter.write_str("False"),
        Value::Int(value) => write!(formatter, "{value}"),
        Value::BigInt(value) => write_big_int(value, formatter),
        Value::Float(value) => write_float(*value, formatter),
        Value::Complex(value) => write_complex(*value, formatter),
        Value::Str(text) => write_text(text, formatter),
        Value::Bytes(bytes) => write_bytes(bytes, formatter),
        Value::Set(_) => formatter.write_str("set()"),
        Value::FrozenSet(_) => formatter.write_str("frozenset()"),
        Value::Ellipsis => formatter.write_str("Ellipsis"),
        Value::NotImplemented => formatter.write_str("NotImplemented"),
        Value::Decimal(decimal) => write!(formatter, "Decimal('{decimal}')"),
        Value::Date(date) => write!(
            formatter,
            "datetime.date({}, {}, {})",
            date.year, date.month, date.day
        ),
        Value::DateTime(datetime) => write_datetime(datetime, formatter),
        Value::Time(time) => write_time(time, formatter),
        Value::TimeDelta(delta) => write_timedelta(delta, formatter),
        Value::TimeZone(timezone) => write_timezone(timezone, formatter),
        Value::Path(path) => {
            formatter.write_str("PosixPath(")?;
            write_text(path, formatter)?;
            formatter.write_str(")")
        }
        Value::Exception(exception) => write_exception(exception, formatter),
        Value::Type(name) => write!(formatter, "<class '{name}'>"),
        Value::Class(class) => write_class(class, formatter),
        Value::BuiltinFunction(name) => write!(formatter, "<built-in function {name}>"),
        Value::Function(function) => write!(formatter, "<function {}>", function.name),
        Value::Instance(instance) => write!(formatter, "<{} object>", instance.class.name),
        Value::Module(module) => {
            formatter.write_str("<module ")?;
            write_text(&module.name, formatter)?;
            formatter.write_str(">")
        }
        Value::File(file) => {
            write!(formatter, "<_io.{} name=", file_type(&file.mode))?;
            write_text(&file.path, formatter)?;
            formatter.write_str(" mode=")?;
            write_text(&file.mode, formatter)?;
            formatter.write_str(">")
        }
        Value::Repr(text) | Value::Cycle(text) => formatter.write_str(text),
        // Written by their frames.
        Value::List(_) | Value::Tuple(_) | Value::Dict(_) | Value::NamedTuple(_) => Ok(()),
    }
}

fn write_class(class: &Class, formatter: &mut Formatter<'_>) -> fmt::Result {
    write!(formatter, "<class '{}'>", class.name)
}

/// The name of the type of a file opened in this mode.
pub(crate) fn file_type(mode: &str) -> &'static str {
    match mode {
        "rb" => "BufferedReader",
        "wb" | "ab" => "BufferedWriter",
        _ => "TextIOWrapper",
    }
}

fn write_big_int(value: &BigInt, formatter: &mut Formatter<'_>) -> fmt::Result {
    if is_too_long(value) {
        write!(formatter, "{value:#x}")
    } else {
        write!(formatter, "{value}")
    }
}

/// Whether Python refuses to convert the `int` to decimal digits. The time that
/// takes grows with the square of their number.
pub(crate) fn is_too_long(value: &BigInt) -> bool {
    const LONGEST_IN_DIGITS: u64 = 4300;
    // log2(10) is a little more than 3.3219.
    value.bits() > LONGEST_IN_DIGITS * 33_220 / 10_000
}

/// Writes a float as Python does: the shortest digits that give the same float,
/// and an exponent below 1e-4 and from 1e16.
pub(crate) fn write_float(value: f64, out: &mut impl Write) -> fmt::Result {
    if value.is_nan() {
        return out.write_str("nan");
    }
    if value.is_infinite() {
        return out.write_str(if value > 0.0 { "inf" } else { "-inf" });
    }
    let magnitude = value.abs();
    if magnitude == 0.0 || (1e-4..1e9).contains(&magnitude) {
        return write!(out, "{value:?}");
    }
    if (1e9..1e16).contains(&magnitude) {
        // Two decimals of the same length can be equally near. Python chooses
        // the even one, as Rust does when the number of digits is given.
        let text = format!("{value:?}");
        let decimals = text.split_once('.').map_or(1, |(_, after)| after.len());
        let even = format!("{value:.decimals$}");
        let is_same = even.parse() == Ok(value);
        return out.write_str(if is_same { &even } else { &text });
    }
    // Rust's digits are the same; Python's exponent has a sign and two digits.
    let scientific = format!("{value:e}");
    let (digits, exponent) = scientific.split_once('e').ok_or(fmt::Error)?;
    match exponent.strip_prefix('-') {
        Some(exponent) => write!(out, "{digits}e-{exponent:0>2}"),
        None => write!(out, "{digits}e+{exponent:0>2}"),
    }
}

fn write_complex(value: Complex, formatter: &mut Formatter<'_>) -> fmt::Result {
    let part = |value: f64| {
        let mut text = String::new();
        write_float(value, &mut text)?;
        let whole = text.strip_suffix(".0").map(str::len);
        text.truncate(whole.unwrap_or(text.len()));
        Ok(text)
    };
    let imaginary = part(value.imaginary)?;
    if value.real.to_bits() == 0 {
        return write!(formatter, "{imaginary}j");
    }
    let sign = if imaginary.starts_with('-') { "" } else { "+" };
    write!(formatter, "({}{sign}{imaginary}j)", part(value.real)?)
}

/// A `str` in quotes, escaped as Python does.
pub(crate) fn write_text(text: &str, out: &mut impl Write) -> fmt::Result {
    let quote = if text.contains('\'') && !text.contains('"') {
        '"'
    } else {
        '\''
    };
    out.write_char(quote)?;
    for c in text.chars() {
        match c {
            '\\' => out.write_str("\\\\")?,
            '\n' => out.write_str("\\n")?,
            '\r' => out.write_str("\\r")?,
            '\t' => out.write_str("\\t")?,
            _ if c == quote => write!(out, "\\{c}")?,
            _ if is_printable(c) => out.write_char(c)?,
            ..='\u{ff}' => write!(out, "\\x{:02x}", u32::from(c))?,
            ..='\u{ffff}' => write!(out, "\\u{:04x}", u32::from(c))?,
            _ => write!(out, "\\U{:08x}", u32::from(c))?,
        }
    }
    out.write_char(quote)
}

/// Whether Python considers a character printable (`str.isprintable()`), so
/// that `repr()` writes it unchanged. A terminal shows such characters and does
/// nothing else.
pub fn is_printable(c: char) -> bool {
    if c.is_ascii() {
        return matches!(c, ' '..='~');
    }
    // Characters that the standard library does not escape after the first
    // position: everything except the categories Other and Separator.
    let mut buffer = [b'a'; 5];
    let Some(rest) = buffer.get_mut(1..) else {
        return false;
    };
    let length = 1 + c.encode_utf8(rest).len();
    buffer
        .get(..length)
        .and_then(|bytes| str::from_utf8(bytes).ok())
        .is_some_and(|text| text.escape_debug().nth(1) != Some('\\'))
}

fn write_bytes(bytes: &[u8], out: &mut impl Write) -> fmt::Result {
    let quote = if bytes.contains(&b'\'') && !bytes.contains(&b'"') {
        '"'
    } else {
        '\''
    };
    write!(out, "b{quote}")?;
    for byte in bytes {
        match byte {
            b'\\' => out.write_str("\\\\")?,
            b'\n' => out.write_str("\\n")?,
            b'\r' => out.write_str("\\r")?,
            b'\t' => out.write_str("\\t")?,
            b' '..=b'~' if char::from(*byte) == quote => write!(out, "\\{quote}")?,
            b' '..=b'~' => out.write_char(char::from(*byte))?,
            _ => write!(out, "\\x{byte:02x}")?,
        }
    }
    out.write_char(quote)
}

fn write_exception(exception: &Exception, formatter: &mut Formatter<'_>) -> fmt::Result {
    write!(formatter, "{}(", exception.type_name)?;
    if let Some(message) = &exception.message {
        write_text(message, formatter)?;
    }
    formatter.write_str(")")
}

fn write_datetime(datetime: &Datetime, formatter: &mut Formatter<'_>) -> fmt::Result {
    let date = datetime.date;
    write!(
        formatter,
        "datetime.datetime({}, {}, {}, ",
        date.year, date.month, date.day
    )?;
    write_time_fields(&datetime.time(), formatter)?;
    formatter.write_str(")")
}

fn write_time(time: &Time, formatter: &mut Formatter<'_>) -> fmt::Result {
    formatter.write_str("datetime.time(")?;
    write_time_fields(time, formatter)?;
    if time.fold != 0 {
        write!(formatter, ", fold={}", time.fold)?;
    }
    formatter.write_str(")")
}

fn write_time_fields(time: &Time, formatter: &mut Formatter<'_>) -> fmt::Result {
    write!(formatter, "{}, {}", time.hour, time.minute)?;
    if time.second != 0 || time.microsecond != 0 {
        write!(formatter, ", {}", time.second)?;
    }
    if time.microsecond != 0 {
        write!(formatter, ", {}", time.microsecond)?;
    }
    if let Some(timezone) = &time.timezone {
        formatter.write_str(", tzinfo=")?;
        write_timezone(timezone, formatter)?;
    }
    Ok(())
}

fn write_timezone(timezone: &Timezone, formatter: &mut Formatter<'_>) -> fmt::Result {
    if *timezone == Timezone::UTC {
        return formatter.write_str("datetime.timezone.utc");
    }
    formatter.write_str("datetime.timezone(")?;
    let offset = Timedelta {
        days: timezone.offset_seconds.div_euclid(86_400),
        seconds: timezone.offset_seconds.rem_euclid(86_400),
        microseconds: 0,
    };
    write_timedelta(&offset, formatter)?;
    if let Some(name) = &timezone.name {
        formatter.write_str(", ")?;
        write_text(name, formatter)?;
    }
    formatter.write_str(")")
}

fn write_timedelta(delta: &Timedelta, formatter: &mut Formatter<'_>) -> fmt::Result {
    let fields = [
        ("days", delta.days),
        ("seconds", delta.seconds),
        ("microseconds", delta.microseconds),
    ];
    formatter.write_str("datetime.timedelta(")?;
    let mut separator = "";
    for (name, value) in fields.iter().filter(|(_, value)| *value != 0) {
        write!(formatter, "{separator}{name}={value}")?;
        separator = ", ";
    }
    formatter.write_str(if separator.is_empty() { "0)" } else { ")" })
}
