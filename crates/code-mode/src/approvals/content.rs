//! What a person decides on and what continues then, compressed (RFC 1951).
//!
//! | bytes | content |
//! |---|---|
//! | 4 | length of the calls, little-endian |
//! | … | the calls, as JSON |
//! | … | the payload |

use std::io::{Read, Write};

use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;

use super::call::PendingCall;
use super::error::ApprovalError;
use super::purpose::Purpose;

/// The calls and the payload. They take at most `max` bytes together.
pub(super) fn compress(
    calls: &[PendingCall],
    payload: &[u8],
    max: usize,
) -> Result<Vec<u8>, ApprovalError> {
    let calls = serde_json::to_vec(calls).map_err(ApprovalError::request)?;
    let size = calls.len().saturating_add(payload.len()).saturating_add(4);
    let length = u32::try_from(calls.len()).ok().filter(|_| size <= max);
    let Some(length) = length else {
        return Err(ApprovalError::too_large(format_args!(
            "the suspended script and its calls take {size} bytes, and an approval at most {max}: raise max_content, or hold less in the script's names"
        )));
    };
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
    let written = encoder
        .write_all(&length.to_le_bytes())
        .and_then(|()| encoder.write_all(&calls))
        .and_then(|()| encoder.write_all(payload))
        .and_then(|()| encoder.finish());
    written.map_err(ApprovalError::request)
}

/// Reads what [`compress`] returned, up to `max` bytes.
pub(super) fn decompress(
    compressed: &[u8],
    max: usize,
) -> Result<(Vec<PendingCall>, Vec<u8>), ApprovalError> {
    let invalid = || ApprovalError::changed(Purpose::Token, "its content cannot be read");
    let mut content = Vec::new();
    DeflateDecoder::new(compressed)
        .take((max as u64).saturating_add(1))
        .read_to_end(&mut content)
        .map_err(|_| invalid())?;
    if content.len() > max {
        return Err(ApprovalError::too_large(format_args!(
            "the approval token holds more than {max} bytes: raise max_content if it is a valid one"
        )));
    }
    let (length, rest) = content.split_first_chunk().ok_or_else(invalid)?;
    let length = usize::try_from(u32::from_le_bytes(*length)).map_err(|_| invalid())?;
    let (calls, payload) = rest.split_at_checked(length).ok_or_else(invalid)?;
    let calls = serde_json::from_slice(calls).map_err(|_| invalid())?;
    Ok((calls, payload.to_vec()))
}
