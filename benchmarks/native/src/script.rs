//! Runs scripts and answers what they ask for.

use monty::{
    CallAnswer, HostFunctionCall, HostNameLookup, HostOsCall, HostReply, MontyRepl, ReplHost,
    ReplProgress, ReplStartError,
};
use monty_types::{
    ExcType, ExtFunctionResult, MontyException, MontyObject, NameLookupResult, NamedValues,
    OsFunctionCall, PrintWriter, ResourceTracker,
};

use crate::{Failure, interpreter};

/// The rows of `scripts/`, as Python.
const ROWS: &str = "[{'id': n, 'name': f'product {n}', 'price': 9.5 + n, 'active': n % 2 == 0, \
                    'tags': ['new', 'sale']} for n in range(100)]";

/// What the scripts reach.
pub struct Host {
    answers: Answers,
    printed: String,
}

impl Host {
    pub fn new() -> Result<Self, Failure> {
        let mut host = Self {
            answers: Answers {
                rows: MontyObject::none(),
                pending: Vec::new(),
            },
            printed: String::new(),
        };
        (_, host.answers.rows) = host.run(interpreter(), ROWS)?;
        Ok(host)
    }

    /// Runs code to its end.
    pub fn run(
        &mut self,
        repl: MontyRepl,
        source: &str,
    ) -> Result<(MontyRepl, MontyObject), Failure> {
        self.printed.clear();
        self.answers.pending.clear();
        let progress = Box::new(repl).feed_with(
            source,
            NamedValues::default(),
            PrintWriter::CollectString(&mut self.printed, None),
            &mut self.answers,
        );
        match progress.map_err(message)? {
            ReplProgress::Complete { repl, value } => Ok((*repl, value)),
            _ => Err("it is suspended".into()),
        }
    }
}

struct Answers {
    rows: MontyObject,
    /// Answers that the script has not awaited yet.
    pending: Vec<(u32, MontyObject)>,
}

impl Answers {
    fn value(&self, call: &HostFunctionCall<'_>) -> Result<MontyObject, MontyException> {
        let int = |index| call.args.arg(index).and_then(|value| value.as_int());
        match call.function_name.as_str() {
            "add" | "add_later" => {
                let sum = int(0).zip(int(1)).map(|(a, b)| a + b);
                let sum = sum.ok_or_else(|| refused("add() takes two ints".to_owned()))?;
                Ok(MontyObject::int(sum))
            }
            "rows" | "rows_value" => Ok(self.rows.clone()),
            "take" | "take_value" => Ok(MontyObject::none()),
            name => Err(refused(format!("there is no `{name}`"))),
        }
    }
}

impl ReplHost for Answers {
    fn function_call(
        &mut self,
        call: HostFunctionCall<'_>,
        _: &ResourceTracker,
    ) -> HostReply<CallAnswer> {
        let value = match self.value(&call) {
            Ok(value) => value,
            Err(exception) => return HostReply::Abort(exception),
        };
        HostReply::Answer(if call.function_name != "add_later" {
            CallAnswer::Result(ExtFunctionResult::Return(value))
        } else if call.allow_eager_await {
            CallAnswer::Eager(Ok(value))
        } else {
            self.pending.push((call.call_id, value));
            CallAnswer::Result(ExtFunctionResult::Future(call.call_id))
        })
    }

    fn os_call(&mut self, call: HostOsCall<'_>, _: &ResourceTracker) -> HostReply<CallAnswer> {
        match read(call.function_call) {
            Ok(text) => HostReply::Answer(CallAnswer::Result(ExtFunctionResult::Return(
                MontyObject::string(text),
            ))),
            Err(error) => HostReply::Abort(refused(error.to_string())),
        }
    }

    fn name_lookup(
        &mut self,
        lookup: HostNameLookup<'_>,
        _: &ResourceTracker,
    ) -> HostReply<NameLookupResult> {
        HostReply::Abort(refused(format!("there is no `{}`", lookup.name)))
    }

    fn resolve_futures(
        &mut self,
        _: &[u32],
        _: &ResourceTracker,
    ) -> HostReply<Vec<(u32, ExtFunctionResult)>> {
        let answers = self.pending.drain(..);
        let answers = answers.map(|(id, value)| (id, ExtFunctionResult::Return(value)));
        HostReply::Answer(answers.collect())
    }
}

fn read(call: &OsFunctionCall) -> Result<String, Failure> {
    match call {
        OsFunctionCall::ReadText(path) => {
            let directory = std::env::var("BENCHMARK_DATA")?;
            let path = path.as_str().replacen("/data", &directory, 1);
            Ok(std::fs::read_to_string(path)?)
        }
        other => Err(format!("it does not serve {}", other.name()).into()),
    }
}

fn refused(message: String) -> MontyException {
    MontyException::new(ExcType::RuntimeError, Some(message))
}

/// Why a script ended.
pub fn message(ended: Box<ReplStartError>) -> Failure {
    ended.error.to_string().into()
}
