//! Runs scripts and answers what they ask for.

use monty::{MontyRepl, ReplFunctionCall, ReplOsCall, ReplProgress, ReplStartError};
use monty_types::{ExtFunctionResult, MontyObject, NamedValues, OsFunctionCall, PrintWriter};

use crate::{Failure, interpreter};

/// The rows of `scripts/`, as Python.
const ROWS: &str = "[{'id': n, 'name': f'product {n}', 'price': 9.5 + n, 'active': n % 2 == 0, \
                    'tags': ['new', 'sale']} for n in range(100)]";

/// What the scripts reach.
pub struct Host {
    rows: MontyObject,
    printed: String,
    /// Answers that the script has not awaited yet.
    pending: Vec<(u32, MontyObject)>,
}

impl Host {
    pub fn new() -> Result<Self, Failure> {
        let mut host = Self {
            rows: MontyObject::none(),
            printed: String::new(),
            pending: Vec::new(),
        };
        (_, host.rows) = host.run(interpreter(), ROWS)?;
        Ok(host)
    }

    /// Runs code to its end.
    pub fn run(
        &mut self,
        repl: MontyRepl,
        source: &str,
    ) -> Result<(MontyRepl, MontyObject), Failure> {
        self.printed.clear();
        self.pending.clear();
        let mut progress = Box::new(repl).feed_start(
            source,
            NamedValues::default(),
            PrintWriter::CollectString(&mut self.printed, None),
        );
        loop {
            progress = match progress.map_err(message)? {
                ReplProgress::Complete { repl, value } => return Ok((*repl, value)),
                ReplProgress::FunctionCall(call) => self.call(call)?,
                ReplProgress::OsCall(call) => self.os_call(call)?,
                ReplProgress::ResolveFutures(futures) => {
                    let answers = self.pending.drain(..);
                    let answers = answers.map(|(id, value)| (id, ExtFunctionResult::Return(value)));
                    let answers = answers.collect();
                    let print = PrintWriter::CollectString(&mut self.printed, None);
                    futures.resume(answers, print)
                }
                ReplProgress::NameLookup(lookup) => {
                    return Err(format!("there is no `{}`", lookup.name).into());
                }
            };
        }
    }

    fn call(
        &mut self,
        call: ReplFunctionCall,
    ) -> Result<Result<ReplProgress, Box<ReplStartError>>, Failure> {
        let print = PrintWriter::CollectString(&mut self.printed, None);
        let int = |index| call.args.arg(index).and_then(|value| value.as_int());
        let value = match call.function_name.as_str() {
            "add" | "add_later" => {
                let sum = int(0).zip(int(1)).map(|(a, b)| a + b);
                MontyObject::int(sum.ok_or("add() takes two ints")?)
            }
            "rows" | "rows_value" => self.rows.clone(),
            "take" | "take_value" => MontyObject::none(),
            name => return Err(format!("there is no `{name}`").into()),
        };
        Ok(if call.function_name != "add_later" {
            call.resume(value, print)
        } else if call.allow_eager_await {
            call.resume_eager(Ok(value), print)
        } else {
            self.pending.push((call.call_id, value));
            call.resume_pending(print)
        })
    }

    fn os_call(
        &mut self,
        call: ReplOsCall,
    ) -> Result<Result<ReplProgress, Box<ReplStartError>>, Failure> {
        let text = match &call.function_call {
            OsFunctionCall::ReadText(path) => {
                let directory = std::env::var("BENCHMARK_DATA")?;
                let path = path.as_str().replacen("/data", &directory, 1);
                MontyObject::string(std::fs::read_to_string(path)?)
            }
            other => return Err(format!("it does not serve {}", other.name()).into()),
        };
        let print = PrintWriter::CollectString(&mut self.printed, None);
        Ok(call.resume(text, print))
    }
}

/// Why a script ended.
pub fn message(ended: Box<ReplStartError>) -> Failure {
    ended.error.to_string().into()
}
