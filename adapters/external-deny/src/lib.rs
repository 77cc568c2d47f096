//! `external-call` for scripts without tools: no function is found and no name
//! has a value, so Python raises `NameError`.

#![allow(
    clippy::result_large_err,
    reason = "`Exception` is a WIT type, and moved once"
)]

/// wit-bindgen's generated bindings for `wit/`.
mod bindings {
    wit_bindgen::generate!({
        path: "../../wit",
        world: "monty:sandbox/tools",
        with: { "monty:sandbox/types@0.2.0": monty_value::types },
    });
}

use bindings::exports::monty::sandbox::external_call::{
    Guest, GuestPendingCall, PendingCallBorrow, Reply, Settled,
};
use monty_value::types::{Answer, CallRequest, Duration, Exception, ObjectId, SourceRange, Value};

/// The component.
struct Component;

impl Guest for Component {
    type PendingCall = Never;

    fn call(_request: CallRequest) -> Reply {
        Reply::Answered(Answer::NotFound)
    }

    fn get_name(_name: String, _position: SourceRange) -> Result<Option<Value>, Exception> {
        Ok(None)
    }

    fn get_attribute(
        _receiver: ObjectId,
        _name: String,
        _position: SourceRange,
    ) -> Result<Option<Value>, Exception> {
        Ok(None)
    }

    fn settle(_calls: Vec<PendingCallBorrow<'_>>, _timeout: Option<Duration>) -> Vec<Settled> {
        Vec::new()
    }
}

/// No call is pending.
enum Never {}

impl GuestPendingCall for Never {}

bindings::export!(Component with_types_in bindings);
