//! MCP over the standard input and output of a process: a message each line.

use std::io;
use std::sync::Arc;
use std::sync::Mutex as StdMutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use rmcp::RoleClient;
use rmcp::model::{
    ClientJsonRpcMessage, ErrorData, NumberOrString, RequestId, ServerJsonRpcMessage,
};
use rmcp::transport::Transport;
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::process::{ChildStdin, ChildStdout};
use tokio::sync::Mutex;

use super::process::Process;
use super::secrets::Secrets;
use super::text;
use super::traffic::{Seen, Traffic};

/// How much of a message that is too long is kept, to see what it answers.
const KEPT_BYTES: usize = 128;
/// How many bytes may wait for a server that does not read.
const MOST_QUEUED: usize = 64 * 1024 * 1024;
/// How long the rest of the output is read once the process has ended. Somebody
/// whom it started may hold the pipe open.
const DRAIN: Duration = Duration::from_millis(500);
/// How much is shown of a line that is no message.
const MAX_SHOWN: usize = 200;

/// What is told of a connection besides messages.
#[derive(Default)]
pub(super) struct Notes {
    /// The beginning of the first line that was no message.
    pub(super) noise: StdMutex<Option<String>>,
    pub(super) seen: Arc<Seen>,
}

pub(super) struct StdioTransport {
    process: Arc<Process>,
    lines: Lines,
    input: Arc<Mutex<Option<ChildStdin>>>,
    queued: Arc<AtomicUsize>,
    max_message: usize,
    secrets: Arc<Secrets>,
    traffic: Traffic,
    notes: Arc<Notes>,
}

impl StdioTransport {
    pub(super) fn new(
        process: Arc<Process>,
        (output, input): (ChildStdout, ChildStdin),
        max_message: usize,
        secrets: Arc<Secrets>,
        notes: Arc<Notes>,
    ) -> Self {
        Self {
            process,
            lines: Lines {
                reader: BufReader::with_capacity(16 * 1024, output),
                line: Vec::new(),
                tail: Vec::new(),
                surplus: 0,
                max_length: max_message,
            },
            input: Arc::new(Mutex::new(Some(input))),
            queued: Arc::default(),
            max_message,
            secrets,
            traffic: Traffic::new(),
            notes,
        }
    }

    /// A message, or nothing if the line has none that is let in.
    fn message(&mut self, line: &[u8]) -> Option<ServerJsonRpcMessage> {
        let mut value: Value = match serde_json::from_slice(line) {
            Ok(value @ Value::Object(_)) => value,
            _ => {
                self.traffic.charge(line.len());
                let shown = line.get(..MAX_SHOWN * 4).unwrap_or(line);
                let shown = self.secrets.hide(String::from_utf8_lossy(shown));
                let mut noise = self
                    .notes
                    .noise
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner);
                if !shown.trim().is_empty() {
                    noise.get_or_insert_with(|| text::line(&shown, MAX_SHOWN));
                }
                return None;
            }
        };
        // Before anything else sees it.
        self.secrets.hide_json(&mut value);
        let answered = match value.get("method") {
            None => value.get("id").and_then(request_id),
            Some(_) => None,
        };
        let message = match serde_json::from_value(value) {
            Ok(message) => message,
            // Better an error now than a call that waits for its limit.
            Err(error) => match answered {
                Some(id) => refused(format_args!("its answer is no message of MCP: {error}"), id),
                None => {
                    self.traffic.charge(line.len());
                    return None;
                }
            },
        };
        let is_let_in = self.traffic.admit(&message, line.len(), &self.notes.seen);
        is_let_in.then_some(message)
    }
}

/// The answer to a request in place of one that is not passed on.
fn refused(reason: impl std::fmt::Display, id: RequestId) -> ServerJsonRpcMessage {
    ServerJsonRpcMessage::error(
        ErrorData::internal_error(reason.to_string(), None),
        Some(id),
    )
}

fn request_id(value: &Value) -> Option<RequestId> {
    match value {
        Value::Number(number) => number.as_i64().map(NumberOrString::Number),
        Value::String(text) => Some(NumberOrString::String(text.as_str().into())),
        _ => None,
    }
}

impl Transport<RoleClient> for StdioTransport {
    type Error = io::Error;

    fn send(
        &mut self,
        item: ClientJsonRpcMessage,
    ) -> impl Future<Output = io::Result<()>> + Send + 'static {
        let line = serde_json::to_vec(&item)
            .map_err(io::Error::from)
            .and_then(|mut line| {
                if line.len() > self.max_message {
                    return Err(io::Error::other(format!(
                        "the message to it has {} bytes, and `maxMessage` is {}: pass less",
                        line.len(),
                        self.max_message
                    )));
                }
                line.push(b'\n');
                Queued::new(&self.queued, line)
            });
        if line.is_ok() {
            self.traffic.sent(&item);
        }
        let input = Arc::clone(&self.input);
        async move {
            let line = line?;
            let mut input = input.lock().await;
            let Some(input) = input.as_mut() else {
                return Err(io::ErrorKind::NotConnected.into());
            };
            input.write_all(&line.bytes).await?;
            input.flush().await
        }
    }

    async fn receive(&mut self) -> Option<ServerJsonRpcMessage> {
        loop {
            self.traffic.ready().await;
            let read = tokio::select! {
                read = self.lines.next() => read,
                () = rest_was_read(&self.process) => Read::End,
            };
            let message = match read {
                Read::Line => {
                    let line = std::mem::take(&mut self.lines.line);
                    let message = self.message(&line);
                    // Its room is used again, unless it is large.
                    if line.capacity() <= 1024 * 1024 {
                        self.lines.line = line;
                        self.lines.line.clear();
                    }
                    message
                }
                Read::TooLong { bytes, id } => {
                    let max_message = self.max_message;
                    let refused = id.map(|id| {
                        let reason = format_args!(
                            "its answer has {bytes} bytes, and `maxMessage` is {max_message}: ask for less"
                        );
                        refused(reason, id)
                    });
                    match refused {
                        Some(message) => self
                            .traffic
                            .admit(&message, bytes, &self.notes.seen)
                            .then_some(message),
                        None => {
                            self.traffic.charge(bytes);
                            None
                        }
                    }
                }
                Read::End => {
                    // By itself, so that its exit code can be told.
                    let _ = tokio::time::timeout(DRAIN, self.process.wait()).await;
                    self.process.end();
                    return None;
                }
            };
            if message.is_some() {
                return message;
            }
        }
    }

    async fn close(&mut self) -> io::Result<()> {
        self.process.end();
        // Someone may be writing to a server that does not read. Its end ends that.
        if let Ok(mut input) = self.input.try_lock() {
            input.take();
        }
        Ok(())
    }
}

/// Waits until the process has ended, and a while for the rest of its output.
async fn rest_was_read(process: &Process) {
    match process.wait().await {
        Some(_) => tokio::time::sleep(DRAIN).await,
        None => std::future::pending().await,
    }
}

/// A line that waits to be written.
struct Queued {
    bytes: Vec<u8>,
    queued: Arc<AtomicUsize>,
}

impl Queued {
    fn new(queued: &Arc<AtomicUsize>, bytes: Vec<u8>) -> io::Result<Self> {
        let before = queued.fetch_add(bytes.len(), Ordering::Relaxed);
        let line = Self {
            bytes,
            queued: Arc::clone(queued),
        };
        match before.saturating_add(line.bytes.len()) > MOST_QUEUED {
            true => Err(io::Error::other(format!(
                "it does not read what is sent to it, and more than {MOST_QUEUED} bytes wait"
            ))),
            false => Ok(line),
        }
    }
}

impl Drop for Queued {
    fn drop(&mut self) {
        self.queued.fetch_sub(self.bytes.len(), Ordering::Relaxed);
    }
}

/// Reads lines of bounded length. What was read stays if a read is dropped.
struct Lines {
    reader: BufReader<ChildStdout>,
    /// The line so far, or the beginning of one that is too long.
    line: Vec<u8>,
    /// The end of a line that is too long.
    tail: Vec<u8>,
    /// How many bytes of it are left out.
    surplus: usize,
    max_length: usize,
}

enum Read {
    Line,
    TooLong { bytes: usize, id: Option<RequestId> },
    End,
}

impl Lines {
    async fn next(&mut self) -> Read {
        loop {
            let Ok(available) = self.reader.fill_buf().await else {
                return Read::End;
            };
            if available.is_empty() {
                return Read::End;
            }
            let newline = available.iter().position(|byte| *byte == b'\n');
            let part = available
                .get(..newline.unwrap_or(available.len()))
                .unwrap_or_default();
            let taken = part.len() + usize::from(newline.is_some());
            if self.surplus == 0 && self.line.len() + part.len() <= self.max_length {
                self.line.extend_from_slice(part);
            } else {
                self.surplus += part.len();
                self.tail.extend_from_slice(part);
                let before = self.tail.len().saturating_sub(KEPT_BYTES);
                self.tail.drain(..before);
            }
            self.reader.consume(taken);
            if newline.is_none() {
                continue;
            }
            if self.surplus == 0 {
                return Read::Line;
            }
            let bytes = self.line.len() + self.surplus;
            let head = self.line.get(..KEPT_BYTES).unwrap_or(&self.line);
            let id = answered(head, &self.tail);
            self.line = Vec::new();
            self.tail.clear();
            self.surplus = 0;
            return Read::TooLong { bytes, id };
        }
    }
}

/// The request that a message answers, by its beginning and its end. Servers
/// write the identifier first or last, and requests from here have numbers.
fn answered(head: &[u8], tail: &[u8]) -> Option<RequestId> {
    let compact = |bytes: &[u8]| -> String {
        let text = String::from_utf8_lossy(bytes);
        text.chars().filter(|c| !c.is_whitespace()).collect()
    };
    let head = compact(head);
    let first = head
        .strip_prefix("{\"jsonrpc\":\"2.0\",")
        .or_else(|| head.strip_prefix('{'))
        .and_then(|rest| rest.strip_prefix("\"id\":"))
        .and_then(|rest| rest.split_once(','))
        .map(|(number, _)| number);
    let tail = compact(tail);
    // What stands right before the last brace is in the outermost object.
    let tail = tail
        .strip_suffix(",\"jsonrpc\":\"2.0\"}")
        .or_else(|| tail.strip_suffix('}'));
    let last = tail
        .and_then(|tail| tail.rsplit_once(",\"id\":"))
        .map(|(_, number)| number);
    let numbers = [first, last].into_iter().flatten();
    let mut numbers = numbers.filter_map(|number| number.parse().ok());
    numbers.next().map(NumberOrString::Number)
}

#[cfg(test)]
mod tests {
    use super::{NumberOrString, answered};

    #[test]
    fn the_identifier_is_found_at_either_end() {
        let seven = Some(NumberOrString::Number(7));
        assert_eq!(
            answered(
                b"{\"jsonrpc\": \"2.0\", \"id\": 7, \"result\": {\"a",
                b"\"}}"
            ),
            seven
        );
        assert_eq!(
            answered(b"{\"result\":{\"a", b"b\"},\"jsonrpc\":\"2.0\",\"id\":7}"),
            seven
        );
        assert_eq!(
            answered(b"{\"result\":{\"a", b"b\"},\"id\":7,\"jsonrpc\":\"2.0\"}"),
            seven
        );
        // Of what is in the result.
        assert_eq!(answered(b"{\"result\":{\"a", b"\"b\",\"id\":7}}"), None);
    }
}
