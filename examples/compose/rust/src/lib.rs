//! Tools for scripts, as a component: `convert(amount, currency)` and the
//! constant `RATES_OF`.

wit_bindgen::generate!({
    path: ["../../../wit", "../wit"],
    world: "example:tools/tools",
    generate_all,
});

use exports::monty::sandbox::external_call::{Guest, LookupRequest};
use monty::sandbox::types::{Answer, CallId, CallRequest, Exception, Operand, SettledCall, Value};

/// Euros for one unit of a currency.
const RATES: [(&str, f64); 3] = [("EUR", 1.0), ("USD", 0.86), ("JPY", 0.0055)];

struct Tools;

impl Guest for Tools {
    fn call(request: CallRequest) -> Answer {
        match request.name.as_str() {
            "convert" => convert(&request),
            _ => Answer::NotFound,
        }
    }

    fn lookup(request: LookupRequest) -> Answer {
        match (request.name.as_str(), request.receiver) {
            ("RATES_OF", None) => value(Operand::Text("2026-11-20".to_owned())),
            _ => Answer::NotFound,
        }
    }

    /// No call is ever answered with `pending`.
    fn settle(_pending: Vec<CallId>, _timeout_micros: Option<u64>) -> Vec<SettledCall> {
        Vec::new()
    }
}

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
    value(Operand::Float(amount * rate))
}

fn value(root: Operand) -> Answer {
    Answer::Value(Value { root, graph: None })
}

fn raise(type_name: &str, message: &str) -> Answer {
    Answer::Raised(Exception {
        type_name: type_name.to_owned(),
        message: Some(message.to_owned()),
        traceback: Vec::new(),
        detail: None,
        hint: None,
    })
}

export!(Tools);
