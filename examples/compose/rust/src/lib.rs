//! Tools for scripts, as a component: `convert(amount, currency)` and the
//! constant `RATES_OF`.

wit_bindgen::generate!({
    path: "../../../wit",
    world: "monty:sandbox/tools",
});

use exports::monty::sandbox::external_call::{
    Guest, GuestPendingCall, PendingCallBorrow, Reply, Settled,
};
use monty::sandbox::types::{
    Answer, CallRequest, Duration, Exception, ObjectId, Operand, SourceRange, Value,
};

/// Euros for one unit of a currency.
const RATES: [(&str, f64); 3] = [("EUR", 1.0), ("USD", 0.86), ("JPY", 0.0055)];

struct Tools;

impl Guest for Tools {
    type PendingCall = Never;

    fn call(request: CallRequest) -> Reply {
        Reply::Answered(match (request.name.as_str(), request.receiver) {
            ("convert", None) => convert(&request),
            _ => Answer::NotFound,
        })
    }

    fn get_name(name: String, _position: SourceRange) -> Result<Option<Value>, Exception> {
        Ok(match name.as_str() {
            "RATES_OF" => Some(value(Operand::Text("2026-11-20".to_owned()))),
            _ => None,
        })
    }

    /// No value here is an object with attributes.
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

/// No call is ever answered with `pending`.
enum Never {}

impl GuestPendingCall for Never {}

/// `convert(amount, currency="EUR")`. Scalars arrive whole; a list or a dict
/// would be a node of `request.graph`.
fn convert(request: &CallRequest) -> Answer {
    let argument = |index: usize, name: &str| {
        let keyword = request
            .keyword
            .iter()
            .find(|argument| argument.name == name);
        let keyword = keyword.map(|argument| &argument.value);
        request.positional.get(index).or(keyword)
    };
    let amount = match argument(0, "amount") {
        Some(Operand::Integer(amount)) => *amount as f64,
        Some(Operand::Float(amount)) => *amount,
        _ => return raise("TypeError", "convert() needs a number `amount`"),
    };
    let currency = match argument(1, "currency") {
        None => "EUR",
        Some(Operand::Text(currency)) => currency,
        Some(_) => return raise("TypeError", "`currency` is a str, such as 'USD'"),
    };
    let Some((_, rate)) = RATES.iter().find(|(name, _)| *name == currency) else {
        return raise("ValueError", "`currency` is one of EUR, USD and JPY");
    };
    Answer::Value(value(Operand::Float(amount * rate)))
}

/// A scalar.
fn value(root: Operand) -> Value {
    Value { root, graph: None }
}

fn raise(type_name: &str, message: &str) -> Answer {
    Answer::Raised(Exception {
        type_name: type_name.to_owned(),
        message: Some(message.to_owned()),
    })
}

export!(Tools);
