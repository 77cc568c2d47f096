//! Scripts and sessions in bytes, signed.
//!
//! | bytes | content |
//! |---|---|
//! | 8 | `MONTYSNP` |
//! | 2 | version of the layout, little-endian |
//! | 8 | which key signed it: the start of HMAC-SHA-256 of nothing under the key |
//! | 8 | length of what follows without the signature, little-endian |
//! | 4 | length of the header, little-endian |
//! | … | the header, as JSON |
//! | … | the interpreter's own snapshot |
//! | 32 | HMAC-SHA-256 (RFC 2104, FIPS 180-4) of all bytes before it |

use std::fmt;
use std::sync::Arc;

use hmac::{Hmac, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use crate::embed::Budget;
use crate::error::Error;
use crate::limits::Limits;
use crate::os::Randomness;

const MAGIC: &[u8; 8] = b"MONTYSNP";

/// The version of the layout.
const VERSION: u16 = 1;

const SIGNATURE_BYTES: usize = 32;

/// A script or a session in the middle of what it does, or a session between
/// two pieces of code.
///
/// It can be resumed as often as one likes: each time from the same point.
/// As bytes it is signed, because it holds code and state that the interpreter
/// trusts. The bytes are not encrypted: who reads them can read the script's
/// values.
#[derive(Clone)]
pub struct Snapshot {
    pub(super) header: Box<Header>,
    pub(super) guest: Arc<[u8]>,
}

/// What the host keeps beside the interpreter's own state.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Header {
    pub(super) kind: SnapshotKind,
    /// What the piece of code that waits for answers may use up.
    pub(super) suspended: Option<Budget>,
    pub(super) limits: Limits,
    pub(super) randomness: Randomness,
    /// How many instances have drawn from it so far.
    pub(super) stream: u64,
}

/// What a [`Snapshot`] is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum SnapshotKind {
    /// A script that waits for answers: [`Monty::resume`](crate::Monty::resume).
    Script,
    /// A session: [`SessionBuilder::restore`](crate::SessionBuilder::restore).
    Session,
}

impl fmt::Debug for Snapshot {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Snapshot")
            .field("kind", &self.header.kind)
            .field("bytes", &self.guest.len())
            .finish_non_exhaustive()
    }
}

/// The secret that snapshots are signed with.
///
/// Whoever has it can write snapshots that are resumed as if the interpreter
/// had written them.
#[derive(Clone)]
pub struct SnapshotKey(Hmac<Sha256>);

impl fmt::Debug for SnapshotKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("SnapshotKey")
    }
}

impl SnapshotKey {
    /// The fewest bytes of a key.
    pub const MIN_BYTES: usize = 16;

    /// A key from random bytes: 32 are right, at least 16.
    ///
    /// # Errors
    ///
    /// If it is shorter.
    pub fn new(secret: impl AsRef<[u8]>) -> Result<Self, Error> {
        let secret = secret.as_ref();
        if secret.len() < Self::MIN_BYTES {
            return Err(Error::request(format_args!(
                "a key for snapshots has at least {} random bytes, not {}",
                Self::MIN_BYTES,
                secret.len()
            )));
        }
        Hmac::new_from_slice(secret)
            .map(Self)
            .map_err(|error| Error::request(format_args!("the key for snapshots: {error}")))
    }

    fn id(&self) -> [u8; 8] {
        let tag: [u8; SIGNATURE_BYTES] = self.0.clone().finalize().into_bytes().into();
        let [a, b, c, d, e, f, g, h, ..] = tag;
        [a, b, c, d, e, f, g, h]
    }
}

impl Snapshot {
    pub(super) fn new(header: Header, guest: Vec<u8>) -> Self {
        Self {
            header: Box::new(header),
            guest: guest.into(),
        }
    }

    /// The interpreter's own snapshot.
    pub(super) fn guest(&self) -> &[u8] {
        &self.guest
    }

    /// What it is of.
    pub fn kind(&self) -> SnapshotKind {
        self.header.kind
    }

    /// What the script or the session goes on within: the limits that it
    /// started with.
    pub fn limits(&self) -> &Limits {
        match &self.header.suspended {
            Some(budget) => &budget.limits,
            None => &self.header.limits,
        }
    }

    /// The snapshot in bytes, signed.
    ///
    /// # Errors
    ///
    /// If it is larger than its layout can say.
    pub fn to_bytes(&self, key: &SnapshotKey) -> Result<Vec<u8>, Error> {
        let header = serde_json::to_vec(&self.header)
            .map_err(|error| Error::request(format_args!("the snapshot: {error}")))?;
        let header_length = u32::try_from(header.len()).map_err(Error::request)?;
        let body_length = 4 + header.len() + self.guest.len();
        let mut bytes = Vec::with_capacity(FIXED_BYTES + body_length + SIGNATURE_BYTES);
        bytes.extend_from_slice(MAGIC);
        bytes.extend_from_slice(&VERSION.to_le_bytes());
        bytes.extend_from_slice(&key.id());
        bytes.extend_from_slice(&(body_length as u64).to_le_bytes());
        bytes.extend_from_slice(&header_length.to_le_bytes());
        bytes.extend_from_slice(&header);
        bytes.extend_from_slice(&self.guest);
        let signature = key.0.clone().chain_update(&bytes).finalize().into_bytes();
        bytes.extend_from_slice(&signature);
        Ok(bytes)
    }

    /// A snapshot from bytes that were signed with the same key.
    ///
    /// # Errors
    ///
    /// If the bytes are none of a snapshot, of another version, cut off,
    /// changed, or signed with another key; the message says which.
    pub fn from_bytes(bytes: &[u8], key: &SnapshotKey) -> Result<Self, Error> {
        read(bytes, key).map_err(|reason| Error::request(format_args!("the snapshot {reason}")))
    }
}

/// What stands before the header and its length.
const FIXED_BYTES: usize = MAGIC.len() + 2 + 8 + 8;

fn read(bytes: &[u8], key: &SnapshotKey) -> Result<Snapshot, String> {
    let cut_off = || "is cut off".to_owned();
    let (magic, rest) = bytes.split_first_chunk().ok_or("is too short to be one")?;
    if magic != MAGIC {
        return Err("does not start as one does".to_owned());
    }
    let (version, rest) = rest.split_first_chunk().ok_or_else(cut_off)?;
    match u16::from_le_bytes(*version) {
        VERSION => {}
        version if version < VERSION => {
            return Err(format!(
                "has the format {version}, which is older than what this version of monty-host reads ({VERSION})"
            ));
        }
        version => {
            return Err(format!(
                "has the format {version}, which is newer than what this version of monty-host reads ({VERSION})"
            ));
        }
    }
    let (signer, rest) = rest.split_first_chunk::<8>().ok_or_else(cut_off)?;
    if *signer != key.id() {
        return Err("was signed with another key".to_owned());
    }
    let (length, rest) = rest.split_first_chunk().ok_or_else(cut_off)?;
    let length = usize::try_from(u64::from_le_bytes(*length)).map_err(|_| cut_off())?;
    let (body, signature) = rest.split_at_checked(length).ok_or_else(cut_off)?;
    if signature.len() < SIGNATURE_BYTES {
        return Err(cut_off());
    }
    let signed = bytes.get(..FIXED_BYTES + length).ok_or_else(cut_off)?;
    key.0
        .clone()
        .chain_update(signed)
        .verify_slice(signature)
        .map_err(|_| "was changed after it was signed".to_owned())?;

    let (header_length, rest) = body.split_first_chunk().ok_or_else(cut_off)?;
    let (header, guest) = rest
        .split_at_checked(u32::from_le_bytes(*header_length) as usize)
        .ok_or_else(cut_off)?;
    let header = serde_json::from_slice(header)
        .map_err(|error| format!("was written by another version of monty-host: {error}"))?;
    Ok(Snapshot {
        header,
        guest: guest.into(),
    })
}
