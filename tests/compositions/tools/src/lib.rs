//! Tools that take their time, for the tests of the compositions, and what
//! became of their calls:
//!
//! - `soon(value)` is pending, and settles as its argument.
//! - `never()` is pending, and does not settle.
//! - `counts()` says how many pending calls are open, were settled and were
//!   given up.

#![allow(
    clippy::result_large_err,
    reason = "`Exception` is a WIT type, and moved once"
)]

/// What wit-bindgen generates from `wit/`.
mod bindings {
    wit_bindgen::generate!({
        path: "../../../wit",
        world: "monty:sandbox/tools",
        with: { "monty:sandbox/types@0.2.0": monty_value::types },
    });
}

use std::cell::{Cell, RefCell};

use bindings::exports::monty::sandbox::external_call::{
    Guest, GuestPendingCall, PendingCall, PendingCallBorrow, Reply, Settled,
};
use monty_value::types::{
    Answer, CallRequest, Duration, Exception, ObjectId, Operand, SourceRange, Value,
};

thread_local! {
    static COUNTS: RefCell<Counts> = const {
        RefCell::new(Counts {
            open: 0,
            settled: 0,
            given_up: 0,
        })
    };
}

/// The outcomes of the pending calls.
struct Counts {
    open: u32,
    settled: u32,
    given_up: u32,
}

/// The component.
struct Component;

impl Guest for Component {
    type PendingCall = Pending;

    fn call(request: CallRequest) -> Reply {
        match request.name.as_str() {
            "soon" => match request.positional.into_iter().next() {
                Some(value) => pending(Some(Value {
                    root: value,
                    graph: request.graph,
                })),
                None => raise("TypeError", "soon() needs a value"),
            },
            "never" => pending(None),
            "counts" => Reply::Answered(Answer::Value(Value {
                root: Operand::Text(COUNTS.with_borrow(Counts::text)),
                graph: None,
            })),
            _ => Reply::Answered(Answer::NotFound),
        }
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

    fn settle(calls: Vec<PendingCallBorrow<'_>>, timeout: Option<Duration>) -> Vec<Settled> {
        let calls: Vec<&Pending> = calls.iter().map(PendingCallBorrow::get).collect();
        let settled: Vec<Settled> = (0..)
            .zip(&calls)
            .filter_map(|(index, call)| {
                let answer = Answer::Value(call.value.take()?);
                Some(call.settle(index, answer))
            })
            .collect();
        match (calls.first(), timeout) {
            _ if !settled.is_empty() => settled,
            (_, Some(timeout)) => {
                std::thread::sleep(std::time::Duration::from_nanos(timeout));
                Vec::new()
            }
            // A wait for `never()` alone would never end.
            (Some(call), None) => {
                let error = Exception::new("TimeoutError", "never() does not settle");
                vec![call.settle(0, Answer::Raised(error))]
            }
            (None, None) => Vec::new(),
        }
    }
}

impl Counts {
    fn text(&self) -> String {
        let Self {
            open,
            settled,
            given_up,
        } = self;
        format!("{open} open, {settled} settled, {given_up} given up")
    }
}

/// A call in progress.
struct Pending {
    /// What it will settle as. Nothing for one that does not settle.
    value: Cell<Option<Value>>,
    settled: Cell<bool>,
}

impl GuestPendingCall for Pending {}

impl Pending {
    fn settle(&self, index: u32, answer: Answer) -> Settled {
        self.settled.set(true);
        Settled { index, answer }
    }
}

/// The guest has the answer, or no longer waits for it.
impl Drop for Pending {
    fn drop(&mut self) {
        COUNTS.with_borrow_mut(|counts| {
            counts.open -= 1;
            if self.settled.get() {
                counts.settled += 1;
            } else {
                counts.given_up += 1;
            }
        });
    }
}

fn pending(value: Option<Value>) -> Reply {
    COUNTS.with_borrow_mut(|counts| counts.open += 1);
    Reply::Pending(PendingCall::new(Pending {
        value: Cell::new(value),
        settled: Cell::new(false),
    }))
}

fn raise(type_name: &str, message: &str) -> Reply {
    Reply::Answered(Answer::Raised(Exception::new(type_name, message)))
}

bindings::export!(Component with_types_in bindings);
