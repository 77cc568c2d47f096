//! Scripts and sessions as signed bytes.
//!
//! | bytes | content |
//! |---|---|
//! | 8 | `MONTYSNP` |
//! | 2 | version of the layout, little-endian |
//! | 8 | which key signed it: the start of HMAC-SHA-256 of nothing under the key |
//! | 8 | length of what follows without the signature, little-endian |
//! | 4 | length of the header, little-endian |
//! | … | the [header](header), as JSON |
//! | … | the interpreter's own snapshot |
//! | 32 | HMAC-SHA-256 (RFC 2104, FIPS 180-4) of all bytes before it |
//!
//! The version covers the table above and the header, whose documentation says
//! which changes need a new one. A reader rejects every version but its own.
//! The interpreter's snapshot has its own version, which the interpreter
//! checks.

mod header;

use std::fmt;
use std::sync::Arc;

use hmac::{Hmac, Mac};
use sha2::Sha256;

pub(super) use self::header::{Header, Subject};
use crate::error::Error;
use crate::limits::Limits;

const MAGIC: &[u8; 8] = b"MONTYSNP";

/// The version of the layout.
const VERSION: u16 = 2;

const SIGNATURE_BYTES: usize = 32;

/// A suspended script or session, or a session between two snippets.
///
/// It can be resumed any number of times, each time from the same point.
///
/// ```
/// use monty_host::{Answers, Monty, Progress, Snapshot, SnapshotKey, ToolError, Tools};
///
/// let monty = Monty::new()?;
/// let ask = || Err::<(), _>(ToolError::suspend());
/// let tools = Tools::new().function("ask", (), ask);
/// let script = monty.script("f'hello {ask()}'").host(&tools);
/// let Progress::Suspended(suspension) = script.start_blocking()? else {
///     panic!("the tool suspends it");
/// };
///
/// // Bytes outlive the process. The key is a secret of the host.
/// let key = SnapshotKey::new([7; 32])?;
/// let bytes = suspension.snapshot.to_bytes(&key)?;
/// let snapshot = Snapshot::from_bytes(&bytes, &key)?;
/// let answers = Answers::new().value(suspension.calls[0].id, "world")?;
/// let report = monty.resume(&snapshot, answers).host(&tools).run_blocking()?;
/// assert_eq!(report.value.as_str(), Some("hello world"));
/// # Ok::<_, monty_host::Error>(())
/// ```
#[derive(Clone)]
pub struct Snapshot {
    pub(super) header: Box<Header>,
    pub(super) guest: Arc<[u8]>,
}

/// The kind of a [`Snapshot`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SnapshotKind {
    /// A suspended script: [`Monty::resume`](crate::Monty::resume).
    Script,
    /// A session: [`SessionBuilder::restore`](crate::SessionBuilder::restore).
    Session,
}

impl fmt::Debug for Snapshot {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Snapshot")
            .field("kind", &self.kind())
            .field("bytes", &self.guest.len())
            .finish_non_exhaustive()
    }
}

/// The secret that snapshots are signed with.
///
/// Anyone who has it can write snapshots that are resumed as if the interpreter
/// had written them.
#[derive(Clone)]
pub struct SnapshotKey(Hmac<Sha256>);

impl fmt::Debug for SnapshotKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("SnapshotKey")
    }
}

impl SnapshotKey {
    /// The minimum length of a key, in bytes.
    pub const MIN_BYTES: usize = 16;

    /// A key from random bytes: at least 16, better 32.
    ///
    /// # Errors
    ///
    /// If it is too short.
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

    /// Its kind.
    pub fn kind(&self) -> SnapshotKind {
        match self.header.subject {
            Subject::Script(_) => SnapshotKind::Script,
            Subject::Session { .. } => SnapshotKind::Session,
        }
    }

    /// The limits of the script or session, which are those it started with.
    pub fn limits(&self) -> &Limits {
        match &self.header.subject {
            Subject::Script(budget)
            | Subject::Session {
                suspended: Some(budget),
                ..
            } => &budget.limits,
            Subject::Session { limits, .. } => limits,
        }
    }

    /// The snapshot in bytes, signed.
    ///
    /// # Errors
    ///
    /// If it is too large for its layout.
    pub fn to_bytes(&self, key: &SnapshotKey) -> Result<Vec<u8>, Error> {
        let header = self
            .header
            .to_json()
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

    /// Reads a snapshot from bytes signed with the same key.
    ///
    /// # Errors
    ///
    /// If the bytes are not a snapshot, have another layout version than this
    /// version of the crate, or are truncated, modified or signed with another
    /// key. The message says which.
    pub fn from_bytes(bytes: &[u8], key: &SnapshotKey) -> Result<Self, Error> {
        read(bytes, key).map_err(Error::request)
    }
}

/// The bytes before the header and its length.
const FIXED_BYTES: usize = MAGIC.len() + 2 + 8 + 8;

fn read(bytes: &[u8], key: &SnapshotKey) -> Result<Snapshot, String> {
    let truncated = || "the snapshot is truncated".to_owned();
    let (magic, rest) = bytes
        .split_first_chunk()
        .ok_or_else(|| format!("too short to be a snapshot: {} bytes", bytes.len()))?;
    if magic != MAGIC {
        return Err("not a snapshot: it does not start with MONTYSNP".to_owned());
    }
    let (version, rest) = rest.split_first_chunk().ok_or_else(truncated)?;
    let version = u16::from_le_bytes(*version);
    if version != VERSION {
        let age = if version < VERSION {
            "an older"
        } else {
            "a newer"
        };
        return Err(format!(
            "the snapshot was written by {age} version of monty-host (layout {version}; this one reads {VERSION}): resume it with that version"
        ));
    }
    let (signer, rest) = rest.split_first_chunk::<8>().ok_or_else(truncated)?;
    if *signer != key.id() {
        return Err("the snapshot was signed with another key".to_owned());
    }
    let (length, rest) = rest.split_first_chunk().ok_or_else(truncated)?;
    let length = usize::try_from(u64::from_le_bytes(*length)).map_err(|_| truncated())?;
    let (body, signature) = rest.split_at_checked(length).ok_or_else(truncated)?;
    if signature.len() < SIGNATURE_BYTES {
        return Err(truncated());
    }
    let signed = bytes.get(..FIXED_BYTES + length).ok_or_else(truncated)?;
    key.0
        .clone()
        .chain_update(signed)
        .verify_slice(signature)
        .map_err(|_| "the snapshot was changed after it was signed".to_owned())?;

    // From here on, the bytes come from a holder of the key.
    let unreadable = |reason| {
        format!(
            "the snapshot's header cannot be read: {reason}; resume it with the version of monty-host that wrote it"
        )
    };
    let (header, guest) = split_header(body)
        .ok_or_else(|| unreadable("it is longer than the snapshot".to_owned()))?;
    Ok(Snapshot {
        header: Box::new(Header::from_json(header).map_err(unreadable)?),
        guest: guest.into(),
    })
}

fn split_header(body: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = body.split_first_chunk()?;
    let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
    rest.split_at_checked(length)
}
