//! What a suspended script goes on from, as bytes.

use monty_host::{Error, Snapshot, SnapshotKey};
use serde::{Deserialize, Serialize};

use crate::call_log::CallLog;

/// A suspended script, and what is known of it so far.
pub(crate) struct Suspended {
    pub(crate) snapshot: Snapshot,
    pub(crate) source: String,
    /// Where what is still to run begins, in the source: its length, unless the
    /// script ran while it was written.
    pub(crate) rest: usize,
    pub(crate) printed: String,
    pub(crate) log: CallLog,
    /// Whether the scripts of its conversation share their names.
    pub(crate) is_session: bool,
}

/// The part in JSON, which is before the snapshot.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    source: String,
    rest: usize,
    printed: String,
    log: CallLog,
    is_session: bool,
}

/// What is around a snapshot is authenticated with the embedder's key. This
/// signature shows damage only.
const KEY: &[u8] = b"monty-code-mode, in something sealed";

/// The key of a snapshot in something that is sealed.
pub(crate) fn inner_key() -> Result<SnapshotKey, Error> {
    SnapshotKey::new(KEY)
}

impl Suspended {
    /// The length of the header in four little-endian bytes, the header, the
    /// snapshot.
    pub(crate) fn write(self) -> Result<Vec<u8>, Error> {
        let Self {
            snapshot,
            source,
            rest,
            printed,
            log,
            is_session,
        } = self;
        let header = Header {
            source,
            rest,
            printed,
            log,
            is_session,
        };
        let header = serde_json::to_vec(&header).map_err(Error::invalid)?;
        let length = u32::try_from(header.len()).map_err(Error::invalid)?;
        let mut bytes = length.to_le_bytes().to_vec();
        bytes.extend(header);
        bytes.extend(snapshot.to_bytes(&inner_key()?)?);
        Ok(bytes)
    }

    pub(crate) fn read(bytes: &[u8]) -> Result<Self, Error> {
        let damaged = || Error::invalid("the token holds no suspended script");
        let (length, rest) = bytes.split_first_chunk().ok_or_else(damaged)?;
        let length = usize::try_from(u32::from_le_bytes(*length)).map_err(Error::invalid)?;
        let (header, snapshot) = rest.split_at_checked(length).ok_or_else(damaged)?;
        let header: Header = serde_json::from_slice(header).map_err(|error| {
            Error::invalid(format_args!(
                "the token was sealed by another version of code mode: {error}"
            ))
        })?;
        let Header {
            source,
            rest,
            printed,
            log,
            is_session,
        } = header;
        Ok(Self {
            snapshot: Snapshot::from_bytes(snapshot, &inner_key()?)?,
            source,
            rest,
            printed,
            log,
            is_session,
        })
    }
}
