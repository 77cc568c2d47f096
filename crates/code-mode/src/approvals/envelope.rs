//! Bytes, encrypted and authenticated.
//!
//! | bytes | content |
//! |---|---|
//! | 1 | version of the layout |
//! | 8 | [id](super::KeyId) of the key |
//! | 24 | nonce, random |
//! | … | what is sealed, under XChaCha20-Poly1305 |
//! | 16 | its tag |
//!
//! The tag also covers the version, the id of the key, what the bytes are for,
//! and a context: bytes sealed for one purpose open for no other.

use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce};

use super::error::ApprovalError;
use super::key::{KEY_ID_BYTES, Key, KeyId, Keys};
use super::purpose::Purpose;

/// The version of the layout, which covers what tokens hold too.
pub(super) const VERSION: u8 = 1;

const NONCE_BYTES: usize = 24;
const TAG_BYTES: usize = 16;

/// What an envelope adds to the bytes within.
pub(super) const OVERHEAD: usize = 1 + KEY_ID_BYTES + NONCE_BYTES + TAG_BYTES;

/// What the tag covers beside the bytes.
fn associated_data(purpose: Purpose, key: KeyId, context: &[u8]) -> Vec<u8> {
    // All of one length but the last: no two inputs give the same bytes.
    let mut data = b"monty-code-mode sealed\0".to_vec();
    data.extend_from_slice(&[VERSION, purpose.tag()]);
    data.extend_from_slice(key.as_bytes());
    data.extend_from_slice(context);
    data
}

pub(super) fn seal(
    key: &Key,
    purpose: Purpose,
    context: &[u8],
    content: &[u8],
) -> Result<Vec<u8>, ApprovalError> {
    let mut nonce = [0; NONCE_BYTES];
    getrandom::fill(&mut nonce).map_err(ApprovalError::random)?;
    let aad = associated_data(purpose, key.id(), context);
    let payload = Payload {
        msg: content,
        aad: &aad,
    };
    let sealed = XChaCha20Poly1305::new(key.bytes().into())
        .encrypt(&XNonce::from(nonce), payload)
        .map_err(|_| {
            ApprovalError::too_large(format_args!(
                "{} bytes are more than one message of XChaCha20-Poly1305 holds",
                content.len()
            ))
        })?;
    let mut envelope = Vec::with_capacity(OVERHEAD + content.len());
    envelope.push(VERSION);
    envelope.extend_from_slice(key.id().as_bytes());
    envelope.extend_from_slice(&nonce);
    envelope.extend_from_slice(&sealed);
    Ok(envelope)
}

pub(super) fn open(
    keys: &Keys,
    purpose: Purpose,
    context: &[u8],
    envelope: &[u8],
) -> Result<Vec<u8>, ApprovalError> {
    let truncated = || ApprovalError::changed(purpose, "it is truncated");
    let (&version, rest) = envelope.split_first().ok_or_else(truncated)?;
    if version != VERSION {
        return Err(ApprovalError::version(purpose, version, VERSION));
    }
    let (id, rest) = rest.split_first_chunk().ok_or_else(truncated)?;
    let (nonce, sealed) = rest
        .split_first_chunk::<NONCE_BYTES>()
        .filter(|(_, sealed)| sealed.len() >= TAG_BYTES)
        .ok_or_else(truncated)?;
    let id = KeyId::from_bytes(*id);
    let key = keys.find(id).ok_or_else(|| {
        let known: Vec<_> = keys.ids().map(|id| id.to_string()).collect();
        ApprovalError::unknown_key(purpose, id, known.join(", "))
    })?;
    let aad = associated_data(purpose, id, context);
    let payload = Payload {
        msg: sealed,
        aad: &aad,
    };
    XChaCha20Poly1305::new(key.bytes().into())
        .decrypt(&XNonce::from(*nonce), payload)
        .map_err(|_| ApprovalError::changed(purpose, "it was changed after it was sealed"))
}

impl Keys {
    /// Encrypts bytes that [`Keys::open`] reads with the same context, such as
    /// a parked session on its way into a [`Store`](super::store::Store). They are
    /// 49 bytes longer.
    ///
    /// The context says what the bytes are and whose: bytes that somebody puts
    /// in the place of others do not open.
    ///
    /// # Errors
    ///
    /// If the operating system has no random numbers, or there are more than
    /// 256 GiB.
    pub fn seal(&self, context: &[u8], bytes: &[u8]) -> Result<Vec<u8>, ApprovalError> {
        seal(self.sealing(), Purpose::Blob, context, bytes)
    }

    /// Reads what [`Keys::seal`] returned.
    ///
    /// # Errors
    ///
    /// If the bytes were changed, sealed with another context, or with a key
    /// that is not among these.
    pub fn open(&self, context: &[u8], sealed: &[u8]) -> Result<Vec<u8>, ApprovalError> {
        open(self, Purpose::Blob, context, sealed)
    }
}
