//! [`Decimal`]: the text of a `decimal.Decimal`.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use crate::Error;
use crate::error::quoted;

/// A `decimal.Decimal`, as `str(d)` prints it, such as `1.20`, `1E+5`,
/// `Infinity` or `-NaN12`. Keeps every digit.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Decimal(Arc<str>);

impl Decimal {
    /// A decimal from its text.
    ///
    /// # Errors
    ///
    /// If Python's `Decimal()` does not accept the text. Unlike there, blanks
    /// and underscores are rejected.
    pub fn new(text: &str) -> Result<Self, Error> {
        if is_decimal(text) {
            Ok(Self(text.into()))
        } else {
            Err(Error::new(format!(
                "{} is not a decimal number",
                quoted(text)
            )))
        }
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn is_decimal(text: &str) -> bool {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    if ["inf", "infinity"]
        .iter()
        .any(|name| unsigned.eq_ignore_ascii_case(name))
    {
        return true;
    }
    let lower = unsigned.get(..4).unwrap_or(unsigned).to_ascii_lowercase();
    for name in ["snan", "nan"] {
        if lower.starts_with(name) {
            return unsigned.get(name.len()..).is_some_and(is_digits);
        }
    }
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let exponent_is_fine = exponent.is_none_or(|exponent| {
        let digits = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
        !digits.is_empty() && is_digits(digits)
    });
    is_digits(whole)
        && is_digits(fraction)
        && !(whole.is_empty() && fraction.is_empty())
        && exponent_is_fine
}

fn is_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

impl fmt::Display for Decimal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl FromStr for Decimal {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Self::new(text)
    }
}
