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

use monty::{Dump, ReplProgress, Session, SessionRef};
use monty_types::{CallArgs, MontyUuid, ResourceLimits};
use monty_value::types::{CallRequest, SourceRange};
use serde::{Deserialize, Serialize};

use crate::{
    calls::{Calls, Settled, Sleep},
    decode::{self, HostObjects},
    encode, leaves,
    python::{Origin, Settings, State, Suspended},
};

const MAGIC: &[u8; 4] = b"MSBX";

/// The version of the layout.
const VERSION: u16 = 1;

/// What goes before the header: the magic, the version and the length.
const PREFIX_LENGTH: usize = MAGIC.len() + size_of::<u16>() + size_of::<u32>();

/// What is kept beside Monty's own state.
#[derive(Deserialize)]
struct Header {
    origin: Origin,
    line_buffered: bool,
    limits: ResourceLimits,
    host_objects: HostObjects,
    suspended: Vec<SavedCall>,
    settled: Vec<(u32, Settled)>,
    sleeps: Vec<SavedSleep>,
}

/// [`Header`], written from where its parts are.
#[derive(Serialize)]
struct HeaderRef<'a> {
    origin: &'a Origin,
    line_buffered: bool,
    limits: &'a ResourceLimits,
    host_objects: &'a HostObjects,
    suspended: Vec<SavedCall>,
    settled: &'a [(u32, Settled)],
    sleeps: Vec<SavedSleep>,
}

/// A call that waits for its answer. The arguments are in Monty's form, which
/// holds every value that a script can send.
#[derive(Serialize, Deserialize)]
struct SavedCall {
    id: u32,
    name: String,
    receiver: Option<MontyUuid>,
    arguments: CallArgs,
    filename: String,
    start: u32,
    end: u32,
    awaited: bool,
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
        limits: &settings.limits,
        host_objects,
        suspended: calls
            .into_iter()
            .flat_map(Calls::suspended)
            .map(SavedCall::new)
            .collect::<Result<_, _>>()?,
        settled: calls.map_or(&[], |calls| &calls.settled),
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
        return Err(format!(
            "its layout has version {version}, and this interpreter reads version {VERSION}"
        ));
    }
    let (length, rest) = rest.split_first_chunk().ok_or("it is too short")?;
    let length = u32::from_le_bytes(*length) as usize;
    let (header, dump) = rest.split_at_checked(length).ok_or("it is too short")?;
    let header: Header = minicbor_serde::from_slice(header).map_err(|error| error.to_string())?;
    let dump = Dump::load(dump).map_err(|error| error.to_string())?;

    let settings = Settings {
        origin: header.origin,
        line_buffered: header.line_buffered,
        limits: header.limits,
    };
    let state = match dump.state {
        Session::Idle(repl) => State::Idle(repl),
        Session::Suspended(progress) => {
            let mut calls = Calls::default();
            for call in header.suspended {
                calls.suspend(call.into_request()?);
            }
            calls.settled = header.settled;
            for sleep in header.sleeps {
                calls.sleep_on(sleep.id, sleep.duration, sleep.left);
            }
            State::Suspended(Box::new(Suspended {
                progress: *progress,
                calls,
            }))
        }
        Session::Running(_) => return Err("it is of another kind of run".to_owned()),
    };
    Ok((settings, header.host_objects, state))
}

fn saved_sleeps(calls: &Calls) -> Vec<SavedSleep> {
    let saved = |sleep: &Sleep| SavedSleep {
        id: sleep.id,
        duration: sleep.duration,
        left: calls.left(sleep),
    };
    calls.sleeps().map(saved).collect()
}

impl SavedCall {
    fn new(request: &CallRequest) -> Result<Self, String> {
        Ok(Self {
            id: request.id,
            name: request.name.clone(),
            receiver: request.receiver.map(leaves::uuid),
            arguments: decode::arguments(request)?,
            filename: request.position.filename.clone(),
            start: request.position.start,
            end: request.position.end,
            awaited: request.awaited,
        })
    }

    fn into_request(self) -> Result<CallRequest, String> {
        let arguments = encode::encode_arguments(self.arguments)
            .map_err(|exception| exception.into_message().unwrap_or_default())?;
        Ok(CallRequest {
            id: self.id,
            name: self.name,
            receiver: self.receiver.map(leaves::to_object_id),
            positional: arguments.positional,
            keyword: arguments.keyword,
            graph: arguments.graph,
            position: SourceRange {
                filename: self.filename,
                start: self.start,
                end: self.end,
            },
            awaited: self.awaited,
        })
    }
}

/// Whether an execution waits for one call in the middle of an expression,
/// and which.
pub fn call_in_place(progress: &ReplProgress) -> Option<u32> {
    match progress {
        ReplProgress::FunctionCall(call) => Some(call.call_id),
        _ => None,
    }
}
