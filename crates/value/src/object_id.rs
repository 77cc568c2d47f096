//! [`ObjectId`] as a UUID.

use std::fmt;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::str::FromStr;

use crate::types::ObjectId;

impl ObjectId {
    /// The id with this UUID as a big-endian number.
    pub const fn from_u128(uuid: u128) -> Self {
        Self {
            high: (uuid >> 64) as u64,
            low: uuid as u64,
        }
    }

    /// The UUID as a big-endian number.
    pub const fn as_u128(self) -> u128 {
        (self.high as u128) << 64 | self.low as u128
    }

    /// A new id: a version 4 UUID.
    ///
    /// It is unique but not secret: it comes from the standard library's hash
    /// seeds, not from a cryptographic generator.
    pub fn random() -> Self {
        let random = || RandomState::new().build_hasher().finish();
        Self {
            high: random() & !0xf000 | 0x4000,
            low: random() & !(0b11 << 62) | 0b10 << 62,
        }
    }
}

impl fmt::Display for ObjectId {
    /// The hyphenated form, such as `0d1f3c9a-5b7e-4c21-9f8a-2e6b4d0c7a13`.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
            self.high >> 32,
            self.high >> 16 & 0xffff,
            self.high & 0xffff,
            self.low >> 48,
            self.low & 0xffff_ffff_ffff,
        )
    }
}

impl FromStr for ObjectId {
    type Err = ParseObjectIdError;

    /// Reads the hyphenated form.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut uuid: u128 = 0;
        let mut length = 0;
        for (position, byte) in text.bytes().enumerate() {
            length += 1;
            if matches!(position, 8 | 13 | 18 | 23) {
                if byte != b'-' {
                    return Err(ParseObjectIdError);
                }
                continue;
            }
            let digit = char::from(byte).to_digit(16).ok_or(ParseObjectIdError)?;
            uuid = uuid << 4 | u128::from(digit);
        }
        if length == 36 {
            Ok(Self::from_u128(uuid))
        } else {
            Err(ParseObjectIdError)
        }
    }
}

/// The error for text that is not a hyphenated UUID.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ParseObjectIdError;

impl fmt::Display for ParseObjectIdError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object id is a UUID such as 0d1f3c9a-5b7e-4c21-9f8a-2e6b4d0c7a13")
    }
}

impl std::error::Error for ParseObjectIdError {}
