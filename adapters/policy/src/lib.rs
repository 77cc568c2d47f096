//! `external-call` in front of another `external-call`: which tools a script
//! may call, how often, and with how much. A call that is refused raises
//! `PermissionError` in the script, with a text that says what to do.
//!
//! The environment says what is allowed; [`settings`] has the variables.
//! Without any, nothing is.
//!
//! Looking up a name, or an attribute of a tool's object, takes the same
//! permission as calling it; it counts as a request, and not against the budget
//! of the tool. Answers pass as they are. A call that is answered later, as
//! `pending` or `suspend`, counts when it is made, whether or not the script
//! awaits it.
//!
//! Counts belong to the instance of this component, and nothing sets them back.
//! A runtime that makes an instance for each run or request, as `wasmtime run`
//! and `wasmtime serve` do, has budgets for each. Where a session is kept, or a
//! server uses an instance again, they are for all that it runs.

mod log;
mod rules;
mod settings;
mod size;

/// What wit-bindgen generates from `wit/`.
mod bindings {
    wit_bindgen::generate!({
        path: ["../../wit", "../wit"],
        world: "monty:adapters/policy",
        with: { "monty:sandbox/types@0.1.0": monty_value::types },
        generate_all,
    });
}

use std::cell::RefCell;

use bindings::exports::monty::sandbox::external_call::{Guest, LookupRequest};
use bindings::monty::sandbox::external_call as next;
use monty_value::types::{Answer, CallId, CallRequest, Exception, SettledCall};
use rules::{Refused, Rules};
use settings::Settings;

thread_local! {
    static POLICY: RefCell<Policy> = RefCell::new(Policy::from_environment());
}

/// What is allowed, and how much of it is left.
struct Policy {
    /// The text says which variable is wrong. Nothing is allowed then.
    rules: Result<Rules, String>,
    log: bool,
    /// Whether the log holds that a variable is wrong.
    told: bool,
}

impl Policy {
    fn from_environment() -> Self {
        match Settings::from_environment() {
            Ok(settings) => Self {
                log: settings.log,
                rules: Ok(Rules::new(settings)),
                told: false,
            },
            Err(message) => Self {
                log: true,
                rules: Err(message),
                told: false,
            },
        }
    }

    fn call(&mut self, tool: &str, bytes: Result<u64, String>) -> Result<(), Refused> {
        self.rules()?.call(tool, bytes)
    }

    fn lookup(&mut self, tool: &str) -> Result<(), Refused> {
        self.rules()?.lookup(tool)
    }

    fn rules(&mut self) -> Result<&mut Rules, Refused> {
        let logged = !self.told;
        self.rules.as_mut().map_err(|error| {
            self.told = true;
            Refused {
                message: error.clone(),
                logged,
            }
        })
    }
}

/// The component.
struct Component;

impl Guest for Component {
    fn call(request: CallRequest) -> Answer {
        let tool = tool_name(&request.name, request.receiver.is_some());
        let bytes = size::argument_bytes(&request);
        let shown_bytes = *bytes.as_ref().unwrap_or(&0);
        let (allowed, logs) =
            POLICY.with_borrow_mut(|policy| (policy.call(&tool, bytes), policy.log));
        let id = request.id;
        let (answer, outcome) = match allowed {
            Ok(()) => {
                let answer = next::call(&request);
                let outcome = log::outcome(&answer);
                (answer, Some(outcome))
            }
            Err(refused) => (raise(&refused), outcome_of(&refused)),
        };
        if logs && let Some(outcome) = outcome {
            let tool = log::shown(&tool);
            log::line(&format!("call {id} {tool} {shown_bytes} bytes: {outcome}"));
        }
        answer
    }

    fn lookup(request: LookupRequest) -> Answer {
        let tool = tool_name(&request.name, request.receiver.is_some());
        let (allowed, logs) = POLICY.with_borrow_mut(|policy| (policy.lookup(&tool), policy.log));
        match allowed {
            Ok(()) => next::lookup(&next::LookupRequest {
                name: request.name,
                receiver: request.receiver,
                position: request.position,
            }),
            Err(refused) => {
                if logs && let Some(outcome) = outcome_of(&refused) {
                    log::line(&format!("lookup {}: {outcome}", log::shown(&tool)));
                }
                raise(&refused)
            }
        }
    }

    fn settle(pending: Vec<CallId>, timeout_micros: Option<u64>) -> Vec<SettledCall> {
        let settled = next::settle(&pending, timeout_micros);
        if POLICY.with_borrow(|policy| policy.log) {
            for call in &settled {
                log::line(&format!(
                    "call {} settled: {}",
                    call.id,
                    log::outcome(&call.answer)
                ));
            }
        }
        settled
    }
}

/// What the settings call it: methods have a dot in front, because which
/// object they belong to is known to the tools alone.
fn tool_name(name: &str, method: bool) -> String {
    format!("{}{name}", if method { "." } else { "" })
}

fn raise(refused: &Refused) -> Answer {
    Answer::Raised(Exception::new("PermissionError", &refused.message))
}

/// What the log says of a refusal.
fn outcome_of(refused: &Refused) -> Option<String> {
    refused
        .logged
        .then(|| format!("refused ({})", refused.message))
}

bindings::export!(Component with_types_in bindings);
