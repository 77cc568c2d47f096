//! Scripts and sessions in bytes.
//!
//! Monty writes its own state as a versioned dump. What this component keeps
//! beside it goes before that, in a header:
//!
//! | bytes | content |
//! |---|---|
//! | 4 | `MSBX` |
//! | 2 | version of the layout, little-endian |
//! | 4 | length of the header, little-endian |
//! | … | the header, as CBOR (RFC 8949) |
//! | … | the dump of Monty |

use std::time::Duration;

use monty::{Dump, Session, SessionRef};
use monty_types::ResourceLimits;
use serde::{Deserialize, Serialize};

use crate::{
    answers::Settled,
    calls::{Calls, SuspendedCall},
    decode::HostObjects,
    origin::Origin,
    sleeps::{Sleep, Sleeps},
    state::{Settings, State, Suspended},
};

const MAGIC: &[u8; 4] = b"MSBX";

/// The version of the layout. No other is read.
const VERSION: u16 = 6;

/// What goes before the header: the magic, the version and the length.
const PREFIX_LENGTH: usize = MAGIC.len() + size_of::<u16>() + size_of::<u32>();

/// What is kept beside Monty's own state.
#[derive(Deserialize)]
struct Header {
    origin: Origin,
    line_buffered: bool,
    /// Those of a script are in Monty's state.
    session_limits: Option<ResourceLimits>,
    host_objects: HostObjects,
    #[serde(default)]
    suspended: Vec<SuspendedCall>,
    #[serde(default)]
    settled: Vec<(u32, Settled)>,
    #[serde(default)]
    sleeps: Vec<SavedSleep>,
}

/// [`Header`], written from where its parts are.
#[derive(Serialize)]
struct HeaderRef<'a> {
    origin: &'a Origin,
    line_buffered: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    session_limits: Option<&'a ResourceLimits>,
    host_objects: &'a HostObjects,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    suspended: &'a [SuspendedCall],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    settled: &'a [(u32, Settled)],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    sleeps: Vec<SavedSleep>,
}

/// An `asyncio.sleep()` that is not over.
#[derive(Serialize, Deserialize)]
struct SavedSleep {
    id: u32,
    duration: Duration,
    left: Duration,
}

/// Writes what is idle or suspended.
///
/// # Errors
///
/// A text that says what has no form in bytes.
pub fn write(
    settings: &Settings,
    host_objects: &HostObjects,
    state: &State,
) -> Result<Vec<u8>, String> {
    let (session, calls) = match state {
        State::Idle(repl) => (SessionRef::Idle(repl), None),
        State::Suspended(suspended) => (
            SessionRef::Suspended(&suspended.progress),
            Some(&suspended.calls),
        ),
        State::Gone => return Err("nothing is left of it".to_owned()),
    };
    let header = HeaderRef {
        origin: &settings.origin,
        line_buffered: settings.line_buffered,
        session_limits: match settings.origin {
            Origin::Script(_) => None,
            Origin::Session(_) => Some(&settings.limits),
        },
        host_objects,
        suspended: calls.map_or(&[], Calls::suspended),
        settled: calls.map_or(&[], Calls::settled),
        sleeps: calls.map(saved_sleeps).unwrap_or_default(),
    };
    let header = minicbor_serde::to_vec(&header).map_err(|error| error.to_string())?;
    let length = u32::try_from(header.len()).map_err(|_| "it is too large".to_owned())?;
    let prefix: [&[u8]; 4] = [
        MAGIC,
        &VERSION.to_le_bytes(),
        &length.to_le_bytes(),
        &header,
    ];

    let mut bytes = monty::dump(settings.origin.script_name(), None, &[], session)
        .map_err(|error| error.to_string())?;
    // A dump may be as large as all that the script holds, so it is moved up to
    // make room, and not copied.
    bytes.reserve_exact(PREFIX_LENGTH + header.len());
    bytes.splice(..0, prefix.concat());
    Ok(bytes)
}

/// Reads what [`write`] wrote.
///
/// # Errors
///
/// A text that says why this component cannot go on from it.
pub fn read(bytes: &[u8]) -> Result<(Settings, HostObjects, State), String> {
    let (magic, rest) = bytes.split_first_chunk().ok_or("it is too short")?;
    if magic != MAGIC {
        return Err("it is not a snapshot of this interpreter".to_owned());
    }
    let (version, rest) = rest.split_first_chunk().ok_or("it is too short")?;
    let version = u16::from_le_bytes(*version);
    if version != VERSION {
        let age = if version < VERSION {
            "an older"
        } else {
            "a newer"
        };
        return Err(format!(
            "it was written by {age} version of this interpreter (layout {version}; this one reads {VERSION}): go on with it in that version"
        ));
    }
    let (length, rest) = rest.split_first_chunk().ok_or("it is too short")?;
    let length = u32::from_le_bytes(*length) as usize;
    let (header, dump) = rest.split_at_checked(length).ok_or("it is too short")?;
    let header: Header = minicbor_serde::from_slice(header).map_err(|error| error.to_string())?;
    let dump = Dump::load(dump).map_err(|error| error.to_string())?;

    let (timezone, state) = match dump.state {
        Session::Idle(repl) => (repl.os_policy().timezone.clone(), State::Idle(repl)),
        Session::Suspended(progress) => {
            let timezone = progress.os_policy().timezone.clone();
            let mut sleeps = Sleeps::default();
            for sleep in header.sleeps {
                sleeps.start(sleep.id, sleep.duration, sleep.left);
            }
            let calls = Calls::restored(header.suspended, header.settled, sleeps);
            let suspended = Suspended {
                progress: *progress,
                calls,
            };
            (timezone, State::Suspended(Box::new(suspended)))
        }
        Session::Running(_) => return Err("it is of another kind of run".to_owned()),
    };
    let settings = Settings {
        origin: header.origin,
        line_buffered: header.line_buffered,
        limits: header.session_limits.unwrap_or_default(),
        timezone,
    };
    Ok((settings, header.host_objects, state))
}

fn saved_sleeps(calls: &Calls) -> Vec<SavedSleep> {
    let saved = |(sleep, left): (&Sleep, Duration)| SavedSleep {
        id: sleep.id,
        duration: sleep.duration,
        left,
    };
    calls.sleeps().left().map(saved).collect()
}
