//! The run loop: Monty runs until it needs the host, an import answers, and
//! Monty goes on.

use monty::{MontyRun, RunProgress};
use monty_types::{ExcType, MontyException, ResourceLimits, ResourceTracker};
use monty_value::types::Value;

use crate::{
    bindings::exports::monty::sandbox::interpreter::{Failure, Options},
    decode::HostObjects,
    encode, exceptions, external, memory,
    options::Request,
    os,
    print::Printer,
};

/// Runs a script to its end.
///
/// # Errors
///
/// Why it has no result.
pub fn run(source: String, options: Options) -> Result<Value, Failure> {
    let mut host_objects = HostObjects::default();
    let request = Request::new(options, &mut host_objects).map_err(Failure::InvalidRequest)?;
    let limits = request.limits.clone();
    memory::start_counting().map_err(Failure::Other)?;
    let mut script = MontyRun::new(
        source,
        &request.script_name,
        request.input_names,
        request.compile,
    )
    .map_err(|error| Failure::InvalidSource(exceptions::to_host(error)))?
    .with_os_policy(request.policy);
    if let Some(path) = &request.working_directory {
        script.set_cwd(path);
    }
    let mut printer = Printer::new(request.line_buffered);
    let started = script.start(
        request.inputs,
        ResourceTracker::new(request.limits),
        printer.writer(),
    );
    let finished = match started {
        Err(error) if is_refused_input(&error) => {
            let reason = error.into_message().unwrap_or_default();
            Err(Failure::InvalidRequest(format!("options.inputs: {reason}")))
        }
        started => serve(started, &limits, &mut printer, &mut host_objects),
    };
    printer.flush();
    finished
}

/// Answers what the script asks for until it ends.
fn serve(
    mut progress: Result<RunProgress, MontyException>,
    limits: &ResourceLimits,
    printer: &mut Printer,
    host_objects: &mut HostObjects,
) -> Result<Value, Failure> {
    loop {
        progress = match progress.map_err(|exception| exceptions::failure(exception, limits))? {
            RunProgress::Complete(value) => {
                return encode::encode(value)
                    .map_err(|error| Failure::Other(format!("the result: {error}")));
            }
            RunProgress::FunctionCall(call) => external::call(call, printer, host_objects),
            RunProgress::NameLookup(lookup) => external::lookup(lookup, printer, host_objects),
            RunProgress::OsCall(call) => os::call(call, printer, host_objects),
            RunProgress::ResolveFutures(_) => {
                return Err(Failure::Other(
                    "the script waits for a call that nobody answers later".to_owned(),
                ));
            }
        };
    }
}

/// Whether the script did not start because of an input: what a script raises
/// has a traceback.
fn is_refused_input(error: &MontyException) -> bool {
    error.traceback().is_empty()
        && error.exc_type() == ExcType::RuntimeError
        && error
            .message()
            .is_some_and(|message| message.starts_with("invalid input type: "))
}
