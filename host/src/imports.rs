//! The component's imports, on a [`MontyCtx`].

use std::time::Duration;

use monty_value::Decoder;
use monty_value::graph::{GraphCaps, GraphError};
use monty_value::types::{Date, Datetime, Exception, Timezone, Value as Message};

use crate::bindings::monty::sandbox::external_call::{self, Answer, CallRequest, LookupRequest};
use crate::bindings::monty::sandbox::os_call::{
    self, ErrorCode, FileStat, MkdirOptions, OpenMode, ScanEntry, ScanOptions, TimeCaller,
};
use crate::bindings::monty::sandbox::print::{self, StandardStream};
use crate::context::{MontyCtx, Stopped};
use crate::limits::Limit;
use crate::print::Stream;
use crate::tools::{Call, Lookup, Reply, ToolError};

impl external_call::Host for MontyCtx {
    async fn call(&mut self, request: CallRequest) -> wasmtime::Result<Answer> {
        self.count_call()?;
        let _in_host = self.clock.enter_host();
        tracing::trace!(name = request.name, id = request.id, "call");
        let call = decode_call(request, self.caps()).map_err(message_limit)?;
        Ok(encode_answer(self.external.call(call)).await)
    }

    async fn lookup(&mut self, request: LookupRequest) -> wasmtime::Result<Answer> {
        self.count_call()?;
        let _in_host = self.clock.enter_host();
        tracing::trace!(name = request.name, "lookup");
        let lookup = Lookup::new(request.name, request.receiver, request.position);
        Ok(encode_answer(self.external.lookup(lookup)).await)
    }
}

fn decode_call(request: CallRequest, caps: GraphCaps) -> Result<Call, GraphError> {
    let decoder = Decoder::new(request.graph.as_ref(), caps)?;
    let positional = request
        .positional
        .into_iter()
        .map(|operand| decoder.value(&operand))
        .collect::<Result<_, _>>()?;
    let keyword = request
        .keyword
        .into_iter()
        .map(|argument| Ok((argument.name, decoder.value(&argument.value)?)))
        .collect::<Result<_, _>>()?;
    Ok(Call {
        id: request.id,
        name: request.name,
        receiver: request.receiver,
        positional,
        keyword,
        position: request.position,
        awaited: request.awaited,
    })
}

/// A message that is larger or deeper than the host takes ends the run.
pub(crate) fn message_limit(error: GraphError) -> Stopped {
    Stopped {
        limit: Limit::Message,
        message: error.to_string(),
    }
}

async fn encode_answer(reply: Reply) -> Answer {
    let answer = match reply {
        Reply::Now(answer) => answer,
        Reply::Later(future) => future.await,
    };
    match answer {
        Ok(Some(value)) => match value.to_message() {
            Ok(message) => Answer::Value(message),
            Err(error) => Answer::Raised(raised(ToolError::value_error(format_args!(
                "the host's value cannot cross: {error}"
            )))),
        },
        Ok(None) => Answer::NotFound,
        Err(error) => Answer::Raised(raised(error)),
    }
}

fn raised(error: ToolError) -> Exception {
    Exception {
        type_name: error.type_name().to_owned(),
        message: Some(error.message().to_owned()),
        traceback: Vec::new(),
        detail: None,
        hint: None,
    }
}

impl From<ToolError> for ErrorCode {
    fn from(error: ToolError) -> Self {
        Self::Raised(raised(error))
    }
}

impl print::Host for MontyCtx {
    async fn write(&mut self, to: StandardStream, text: String) -> wasmtime::Result<()> {
        let _in_host = self.clock.enter_host();
        self.count_output(&text)?;
        let stream = match to {
            StandardStream::Stdout => Stream::Stdout,
            StandardStream::Stderr => Stream::Stderr,
        };
        self.print.write(stream, &text);
        Ok(())
    }
}

/// Forwards the operations of `os-call` whose arguments are those of [`Os`].
///
/// [`Os`]: crate::os::Os
macro_rules! forward {
    ($($name:ident($($argument:ident: $type:ty => $pass:expr),*) -> $output:ty;)*) => {
        $(
            async fn $name(
                &mut self,
                $($argument: $type),*
            ) -> wasmtime::Result<Result<$output, ErrorCode>> {
                self.count_call()?;
                let _in_host = self.clock.enter_host();
                Ok(self.os.$name($($pass),*).await)
            }
        )*
    };
}

impl os_call::Host for MontyCtx {
    forward! {
        exists(path: String => &path) -> bool;
        is_file(path: String => &path) -> bool;
        is_dir(path: String => &path) -> bool;
        is_symlink(path: String => &path) -> bool;
        stat(path: String => &path) -> FileStat;
        read_text(path: String => &path) -> String;
        read_bytes(path: String => &path) -> Vec<u8>;
        write_text(path: String => &path, data: String => &data) -> ();
        write_bytes(path: String => &path, data: Vec<u8> => &data) -> ();
        append_text(path: String => &path, data: String => &data) -> ();
        append_bytes(path: String => &path, data: Vec<u8> => &data) -> ();
        open(path: String => &path, mode: OpenMode => mode) -> ();
        iterdir(path: String => &path) -> Vec<String>;
        scan(path: String => &path, options: ScanOptions => options) -> Vec<ScanEntry>;
        mkdir(path: String => &path, options: MkdirOptions => options) -> ();
        unlink(path: String => &path) -> ();
        rmdir(path: String => &path) -> ();
        rename(source: String => &source, destination: String => &destination) -> ();
        resolve(path: String => &path) -> String;
        absolute(path: String => &path) -> String;
        getenv(name: String => &name) -> Option<String>;
        environ() -> Vec<(String, String)>;
        date_today() -> Date;
        datetime_now(timezone: Option<Timezone> => timezone) -> Datetime;
        time(caller: TimeCaller => caller) -> f64;
        sleep(duration_micros: u64 => Duration::from_micros(duration_micros)) -> ();
        urandom(size_bytes: u64 => size_bytes) -> Vec<u8>;
    }

    async fn import_module(
        &mut self,
        name: String,
    ) -> wasmtime::Result<Result<Message, ErrorCode>> {
        self.count_call()?;
        let _in_host = self.clock.enter_host();
        let module = match self.os.import_module(&name).await {
            Ok(module) => module,
            Err(error) => return Ok(Err(error)),
        };
        Ok(module.to_message().map_err(|error| {
            ErrorCode::from(ToolError::value_error(format_args!(
                "the host's module '{name}' cannot cross: {error}"
            )))
        }))
    }
}
