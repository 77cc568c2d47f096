//! Tokens as text, and what they hold.
//!
//! A token is an [envelope](super::envelope) in URL-safe base64. Within:
//!
//! | bytes | content |
//! |---|---|
//! | 16 | id of the token, random |
//! | 8 | expiry in milliseconds since 1970, little-endian |
//! | 32 | digest of the principal |
//! | 1 | flags: 1 single use, 2 the content lies in the store |
//! | … | the [content](super::content), unless it lies in the store |

use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use super::envelope;
use super::error::ApprovalError;
use super::key::Keys;
use super::principal::Principal;
use super::purpose::Purpose;

const SINGLE_USE: u8 = 1;
const STORED: u8 = 2;

const HEADER_BYTES: usize = 16 + 8 + 32 + 1;

/// A suspended script on its way to a person and back: text of letters,
/// digits, `-` and `_`.
///
/// Whoever presents it for its principal decides on its calls, so it is handled
/// as a credential: `Debug` shows its length only.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Token(String);

/// Identifies a token. It is no secret. `Display` is hexadecimal.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct TokenId([u8; 16]);

/// What a token says of itself.
pub(super) struct Header {
    pub(super) id: TokenId,
    /// In milliseconds since 1970.
    expires: u64,
    pub(super) principal: Principal,
    pub(super) is_single_use: bool,
    pub(super) is_stored: bool,
}

impl Token {
    /// Its text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Its text.
    pub fn into_string(self) -> String {
        self.0
    }
}

impl AsRef<str> for Token {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Token({} characters)", self.0.len())
    }
}

impl TokenId {
    pub(super) fn generate() -> Result<Self, ApprovalError> {
        let mut id = [0; 16];
        getrandom::fill(&mut id).map_err(ApprovalError::random)?;
        Ok(Self(id))
    }

    pub(super) fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl fmt::Display for TokenId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        super::write_hex(formatter, &self.0)
    }
}

impl fmt::Debug for TokenId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "TokenId({self})")
    }
}

impl Header {
    pub(super) fn new(
        id: TokenId,
        expires: SystemTime,
        principal: Principal,
    ) -> Result<Self, ApprovalError> {
        let expires = expires
            .duration_since(UNIX_EPOCH)
            .ok()
            .and_then(|since| u64::try_from(since.as_millis()).ok())
            .ok_or_else(|| ApprovalError::request("the clock is before 1970"))?;
        Ok(Self {
            id,
            expires,
            principal,
            is_single_use: false,
            is_stored: false,
        })
    }

    pub(super) fn expires(&self) -> Result<SystemTime, ApprovalError> {
        UNIX_EPOCH
            .checked_add(Duration::from_millis(self.expires))
            .ok_or_else(|| ApprovalError::changed(Purpose::Token, "its expiry is not a time"))
    }

    fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(HEADER_BYTES);
        bytes.extend_from_slice(self.id.as_bytes());
        bytes.extend_from_slice(&self.expires.to_le_bytes());
        bytes.extend_from_slice(self.principal.as_bytes());
        let flag = |is_set: bool, flag: u8| if is_set { flag } else { 0 };
        bytes.push(flag(self.is_single_use, SINGLE_USE) | flag(self.is_stored, STORED));
        bytes
    }

    /// The header, and what follows it.
    fn read(bytes: &[u8]) -> Option<(Self, &[u8])> {
        let (id, rest) = bytes.split_first_chunk()?;
        let (expires, rest) = rest.split_first_chunk()?;
        let (principal, rest) = rest.split_first_chunk()?;
        let (&flags, rest) = rest.split_first()?;
        let header = Self {
            id: TokenId(*id),
            expires: u64::from_le_bytes(*expires),
            principal: Principal::from_digest(*principal),
            is_single_use: flags & SINGLE_USE != 0,
            is_stored: flags & STORED != 0,
        };
        (flags & !(SINGLE_USE | STORED) == 0).then_some((header, rest))
    }
}

/// The length of a token with so many bytes of content.
pub(super) fn token_length(content: usize) -> usize {
    let bytes = envelope::OVERHEAD + HEADER_BYTES + content;
    (bytes * 4).div_ceil(3)
}

pub(super) fn seal(keys: &Keys, header: &Header, content: &[u8]) -> Result<Token, ApprovalError> {
    let mut bytes = header.to_bytes();
    bytes.extend_from_slice(content);
    let sealed = envelope::seal(keys.sealing(), Purpose::Token, &[], &bytes)?;
    Ok(Token(URL_SAFE_NO_PAD.encode(sealed)))
}

/// The header, and the content if it lies within.
pub(super) fn open(
    keys: &Keys,
    token: &str,
    max_length: usize,
) -> Result<(Header, Vec<u8>), ApprovalError> {
    if token.len() > max_length {
        return Err(ApprovalError::too_large(format_args!(
            "the approval token has {} characters, and at most {max_length} are read: raise max_token_length if it is a valid one",
            token.len()
        )));
    }
    let sealed = URL_SAFE_NO_PAD.decode(token).map_err(|_| {
        ApprovalError::changed(Purpose::Token, "it is not URL-safe base64 as tokens are")
    })?;
    let bytes = envelope::open(keys, Purpose::Token, &[], &sealed)?;
    // From here on, the bytes come from a holder of the key.
    let (header, content) = Header::read(&bytes)
        .ok_or_else(|| ApprovalError::changed(Purpose::Token, "its header is not one"))?;
    let content = content.to_vec();
    Ok((header, content))
}
