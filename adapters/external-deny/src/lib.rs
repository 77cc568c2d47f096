//! `external-call` for scripts that have no tools: every name is `not-found`,
//! which Python raises as `NameError`.

/// What wit-bindgen generates from `wit/`.
mod bindings {
    wit_bindgen::generate!({
        path: ["../../wit", "../wit"],
        world: "monty:adapters/external-deny",
        with: { "monty:sandbox/types@0.1.0": monty_value::types },
    });
}

use bindings::exports::monty::sandbox::external_call::{Guest, LookupRequest};
use monty_value::types::{Answer, CallId, CallRequest, SettledCall};

/// The component.
struct Component;

impl Guest for Component {
    fn call(_request: CallRequest) -> Answer {
        Answer::NotFound
    }

    fn lookup(_request: LookupRequest) -> Answer {
        Answer::NotFound
    }

    /// No call was ever answered with `pending`, so none is settled.
    fn settle(_pending: Vec<CallId>, _timeout_micros: Option<u64>) -> Vec<SettledCall> {
        Vec::new()
    }
}

bindings::export!(Component with_types_in bindings);
