//! Scripts that run in one piece.

use monty_value::types::{CallRequest, SettledCall};

use crate::{
    allocator, ambient,
    bindings::exports::monty::sandbox::interpreter::{Failure, Options, Outcome},
    options::{self, Request},
    origin::Origin,
    python::Python,
    snapshot,
    state::State,
};

/// Prepares the instance for a script or a session.
pub fn prepare() {
    ambient::print_panics();
    allocator::start_counting();
}

/// Runs a script.
///
/// # Errors
///
/// Why it has no result.
pub fn run(source: &str, mut options: Options) -> Result<Outcome, Failure> {
    let inputs = options.inputs.take();
    let request = Request::new(options, Origin::Script).map_err(Failure::InvalidRequest)?;
    prepare();
    let mut python = request.open();
    let inputs = options::inputs(inputs, python.host_objects()).map_err(Failure::InvalidRequest)?;
    let limits = python.settings.limits.clone();
    let line_buffered = python.settings.line_buffered;
    python.feed(source, inputs, limits, line_buffered)
}

/// Goes on with a script that is suspended.
///
/// # Errors
///
/// Why it has no result.
pub fn resume(snapshot: Vec<u8>, answers: Vec<SettledCall>) -> Result<Outcome, Failure> {
    prepare();
    let (settings, host_objects, state) =
        snapshot::read(&snapshot).map_err(Failure::InvalidSnapshot)?;
    // The script holds what was in it.
    drop(snapshot);
    if let Origin::Session(_) = settings.origin {
        return Err(Failure::InvalidSnapshot(
            "it is of a session: `session.restore` opens it".to_owned(),
        ));
    }
    Python::with_state(settings, host_objects, state).resume(answers)
}

/// The calls that a script or a session waits for.
///
/// # Errors
///
/// If the snapshot is not one that this component can go on from.
pub fn suspended_calls(snapshot: &[u8]) -> Result<Vec<CallRequest>, Failure> {
    match snapshot::read(snapshot).map_err(Failure::InvalidSnapshot)? {
        (_, _, State::Suspended(suspended)) => suspended.calls.requests().map_err(|exception| {
            Failure::InvalidSnapshot(exception.into_message().unwrap_or_default())
        }),
        _ => Ok(Vec::new()),
    }
}
