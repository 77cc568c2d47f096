//! A host that answers as the data says, and compares the requests.

use std::collections::{HashSet, VecDeque};
use std::time::Duration;

use monty_value::Decoder;
use monty_value::Value;
use monty_value::graph::GraphCaps;
use monty_value::types::{Answer, CallRequest, Exception, ObjectId, SourceRange, Value as Message};
use wasmtime::component::Resource;
use wasmtime::{Result, ensure, format_err};

use super::bindings::monty::sandbox::external_call::{self, Reply, Settled};
use super::bindings::monty::sandbox::os_call::{
    self, ErrorCode, FileStat, OpenMode, ScanEntry, ScanOptions, WriteMode,
};
use super::bindings::monty::sandbox::print::{self, StandardStream};
use super::meaning::meaning_of;
use super::script::Step;

/// A pending call.
pub struct Pending;

/// The most that one `print.write` has.
const MOST_PRINTED: usize = 64 << 10;

/// The host.
#[derive(Default)]
pub struct Player {
    steps: VecDeque<Step>,
    /// What is printed and not compared yet.
    printed: Vec<(bool, String)>,
    /// The source of the running snippet.
    source: String,
    /// All calls so far: label and id.
    calls: Vec<(String, u32)>,
    /// The labels of all pending calls so far, by what stands for the handle.
    pending: Vec<String>,
    /// Which of them are held.
    held: HashSet<u32>,
    /// The call that was not found last: it may come again under another name.
    not_found: Option<u32>,
}

impl Player {
    /// Starts a turn.
    pub fn begin(&mut self, source: &str, steps: Vec<Step>) {
        source.clone_into(&mut self.source);
        self.steps = steps.into();
    }

    /// Ends a turn.
    pub fn end(&mut self) -> Result<()> {
        self.compare_prints()?;
        if let Some(step) = self.steps.front() {
            return Err(format_err!("did not come to {step:?}"));
        }
        if let Some(held) = self.held.iter().next() {
            let label = &self.pending[*held as usize];
            return Err(format_err!(
                "the turn is over, and the pending call {label} is held"
            ));
        }
        Ok(())
    }

    /// The id of a call.
    pub fn id_of(&self, label: &str) -> u32 {
        let call = self.calls.iter().find(|(known, _)| known == label);
        call.unwrap_or_else(|| panic!("no call has the label {label}"))
            .1
    }

    fn next(&mut self, asked: &str) -> Result<Step> {
        self.compare_prints()?;
        let step = self.steps.pop_front();
        step.ok_or_else(|| format_err!("{asked}, and nothing more is expected"))
    }

    /// Compares what was printed since the last step.
    fn compare_prints(&mut self) -> Result<()> {
        for (to_error, printed) in std::mem::take(&mut self.printed) {
            match self.steps.pop_front() {
                Some(Step::Print {
                    error,
                    text,
                    raised: None,
                }) if error == to_error && text == printed => {}
                other => {
                    return Err(format_err!("printed {printed:?}, and expected {other:?}"));
                }
            }
        }
        Ok(())
    }

    fn write(&mut self, error: bool, text: String) -> Result<Result<(), Exception>> {
        ensure!(
            text.len() <= MOST_PRINTED,
            "one write of {} bytes",
            text.len()
        );
        ensure!(!text.is_empty(), "a write of nothing");
        match self.printed.last_mut() {
            Some((to_error, printed)) if *to_error == error => printed.push_str(&text),
            _ => self.printed.push((error, text)),
        }
        if let (
            [(to_error, printed)],
            Some(Step::Print {
                error,
                text,
                raised: Some(raised),
            }),
        ) = (self.printed.as_slice(), self.steps.front())
            && (error, text) == (to_error, printed)
        {
            let raised = raised.clone();
            self.steps.pop_front();
            self.printed.clear();
            return Ok(Err(raised));
        }
        Ok(Ok(()))
    }

    fn answer(&mut self, request: &CallRequest) -> Result<Reply> {
        let asked = format!("called {}", request.name);
        let step = self.next(&asked)?;
        let Step::Call {
            name,
            receiver,
            arguments,
            awaited,
            at,
            label,
            answer,
        } = step
        else {
            return Err(format_err!("{asked}, and expected {step:?}"));
        };
        ensure!(name == request.name, "{asked}, and expected {name}");
        ensure!(
            receiver == request.receiver,
            "{asked} of {:?}, and expected {receiver:?}",
            request.receiver
        );
        let got = arguments_of(request)?;
        ensure!(
            got == arguments,
            "{asked} with {got}\n  and not {arguments}"
        );
        ensure!(
            awaited == request.awaited,
            "{asked}, awaited: {}",
            request.awaited
        );
        if let Some(at) = at {
            let SourceRange { start, end, .. } = request.position;
            let text = self.source.get(start as usize..end as usize);
            ensure!(text == Some(&at), "{asked} at {text:?}");
        }
        let again = self.not_found.take() == Some(request.id);
        let known = self.calls.iter().any(|(_, id)| *id == request.id);
        ensure!(again || !known, "{asked} with the id of another call");
        let label = label.unwrap_or_default();
        self.calls.push((label.clone(), request.id));
        Ok(match answer {
            Some(answer) => {
                if matches!(answer, Answer::NotFound) {
                    self.not_found = Some(request.id);
                }
                Reply::Answered(answer)
            }
            None => {
                let handle = u32::try_from(self.pending.len())?;
                self.pending.push(label);
                self.held.insert(handle);
                Reply::Pending(Resource::new_own(handle))
            }
        })
    }

    fn get(
        &mut self,
        asked: &str,
        of: Option<ObjectId>,
    ) -> Result<Result<Option<Message>, Exception>> {
        let step = self.next(&format!("asked for {asked}"))?;
        let Step::Get {
            name,
            receiver,
            answer,
        } = step
        else {
            return Err(format_err!("asked for {asked}, and expected {step:?}"));
        };
        ensure!(
            (name.as_str(), receiver) == (asked, of),
            "asked for {asked} of {of:?}, and expected {name} of {receiver:?}"
        );
        Ok(match answer {
            Ok(Some(value)) => Ok(Some(value.to_message()?)),
            Ok(None) => Ok(None),
            Err(exception) => Err(exception),
        })
    }

    async fn settle(
        &mut self,
        calls: Vec<Resource<Pending>>,
        timeout: Option<u64>,
    ) -> Result<Vec<Settled>> {
        let waiting: Vec<String> = calls
            .iter()
            .map(|call| self.pending[call.rep() as usize].clone())
            .collect();
        let asked = format!("settled {waiting:?}");
        let step = self.next(&asked)?;
        let Step::Settle {
            open,
            timeout: has_timeout,
            answers,
        } = step
        else {
            return Err(format_err!("{asked}, and expected {step:?}"));
        };
        let sorted = |labels: &[String]| {
            let mut labels = labels.to_vec();
            labels.sort();
            labels
        };
        ensure!(
            sorted(&waiting) == sorted(&open),
            "{asked}, and expected {open:?}"
        );
        ensure!(
            has_timeout == timeout.is_some(),
            "{asked} with the timeout {timeout:?}"
        );
        if let (true, Some(timeout)) = (answers.is_empty(), timeout) {
            tokio::time::sleep(Duration::from_nanos(timeout)).await;
        }
        let settled = answers.into_iter().map(|(label, answer)| {
            let index = waiting.iter().position(|waiting| *waiting == label);
            let index = index.ok_or_else(|| format_err!("{asked}, not {label}"))?;
            Ok(Settled {
                index: u32::try_from(index)?,
                answer,
            })
        });
        settled.collect()
    }
}

fn arguments_of(request: &CallRequest) -> Result<serde_json::Value> {
    let mut decoder = Decoder::new(request.graph.as_ref(), GraphCaps::DEFAULT)?;
    let positional = request.positional.iter();
    let positional: Vec<Value> = positional
        .map(|operand| decoder.value(operand))
        .collect::<std::result::Result<_, _>>()?;
    let mut keyword = Vec::new();
    for argument in &request.keyword {
        keyword.push((
            Value::from(argument.name.as_str()),
            decoder.value(&argument.value)?,
        ));
    }
    Ok(meaning_of(&Value::tuple([
        Value::tuple(positional),
        Value::dict(keyword),
    ])))
}

impl external_call::Host for Player {
    async fn call(&mut self, request: CallRequest) -> Result<Reply> {
        self.answer(&request)
    }

    async fn get_name(
        &mut self,
        name: String,
        _position: SourceRange,
    ) -> Result<Result<Option<Message>, Exception>> {
        self.get(&name, None)
    }

    async fn get_attribute(
        &mut self,
        receiver: ObjectId,
        name: String,
        _position: SourceRange,
    ) -> Result<Result<Option<Message>, Exception>> {
        self.get(&name, Some(receiver))
    }

    async fn settle(
        &mut self,
        calls: Vec<Resource<Pending>>,
        timeout: Option<u64>,
    ) -> Result<Vec<Settled>> {
        Self::settle(self, calls, timeout).await
    }
}

impl external_call::HostPendingCall for Player {
    fn drop(&mut self, call: Resource<Pending>) -> Result<()> {
        let was_held = self.held.remove(&call.rep());
        ensure!(was_held, "a pending call is dropped twice");
        Ok(())
    }
}

impl print::Host for Player {
    async fn write(&mut self, to: StandardStream, text: String) -> Result<Result<(), Exception>> {
        Self::write(self, matches!(to, StandardStream::Stderr), text)
    }
}

type OsResult<T> = Result<std::result::Result<T, ErrorCode>>;

/// Nobody serves the system.
impl os_call::Host for Player {
    async fn stat(&mut self, _path: String, _follow_links: bool) -> OsResult<FileStat> {
        Ok(Err(ErrorCode::Unhandled))
    }

    async fn read_link(&mut self, _path: String) -> OsResult<String> {
        Ok(Err(ErrorCode::Unhandled))
    }

    async fn read(&mut self, _path: String) -> OsResult<Vec<u8>> {
        Ok(Err(ErrorCode::Unhandled))
    }

    async fn write(&mut self, _path: String, _data: Vec<u8>, _mode: WriteMode) -> OsResult<()> {
        Ok(Err(ErrorCode::Unhandled))
    }

    async fn open(&mut self, _path: String, _mode: OpenMode) -> OsResult<()> {
        Ok(Err(ErrorCode::Unhandled))
    }

    async fn list_directory(&mut self, _path: String) -> OsResult<Vec<String>> {
        Ok(Err(ErrorCode::Unhandled))
    }

    async fn scan(&mut self, _path: String, _options: ScanOptions) -> OsResult<Vec<ScanEntry>> {
        Ok(Err(ErrorCode::Unhandled))
    }

    async fn create_directory(&mut self, _path: String) -> OsResult<()> {
        Ok(Err(ErrorCode::Unhandled))
    }

    async fn remove_file(&mut self, _path: String) -> OsResult<()> {
        Ok(Err(ErrorCode::Unhandled))
    }

    async fn remove_directory(&mut self, _path: String) -> OsResult<()> {
        Ok(Err(ErrorCode::Unhandled))
    }

    async fn rename(&mut self, _source: String, _destination: String) -> OsResult<()> {
        Ok(Err(ErrorCode::Unhandled))
    }

    async fn getenv(&mut self, _name: String) -> OsResult<Option<String>> {
        Ok(Err(ErrorCode::Unhandled))
    }

    async fn environ(&mut self) -> OsResult<Vec<(String, String)>> {
        Ok(Err(ErrorCode::Unhandled))
    }

    async fn now(&mut self) -> OsResult<monty_value::types::Instant> {
        Ok(Err(ErrorCode::Unhandled))
    }

    async fn monotonic_now(&mut self) -> OsResult<u64> {
        Ok(Err(ErrorCode::Unhandled))
    }

    async fn sleep(&mut self, _duration: u64) -> OsResult<()> {
        Ok(Err(ErrorCode::Unhandled))
    }

    async fn random_bytes(&mut self, _size: u64) -> OsResult<Vec<u8>> {
        Ok(Err(ErrorCode::Unhandled))
    }

    async fn import_module(&mut self, _name: String) -> OsResult<Message> {
        Ok(Err(ErrorCode::Unhandled))
    }
}
