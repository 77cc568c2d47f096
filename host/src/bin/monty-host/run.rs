//! `monty-host run`.

use std::fmt::Display;
use std::io::Read;
use std::path::Path;

use monty_host::os::System;
use monty_host::{Error, ErrorKind, Inherit, Limits, Monty, Script, Tools, Value};

use crate::arguments::RunArguments;
use crate::{LIMIT, SANDBOX, SCRIPT, SUCCESS, USAGE, output};

pub fn run(arguments: RunArguments) -> u8 {
    let json = arguments.json;
    match prepare(arguments) {
        Err(error) => output::failed(code(&error), &error),
        Ok(script) => {
            let result = script.run_blocking();
            match (json, &result) {
                (true, result) => {
                    output::write_json(&output::document(result));
                }
                (false, Ok(report)) => {
                    if !matches!(report.value, Value::None) {
                        output::write_out(&format!("{}\n", report.value));
                    }
                }
                (false, Err(error)) => output::show_error(error),
            }
            result.as_ref().map_or_else(code, |_| SUCCESS)
        }
    }
}

fn code(error: &Error) -> u8 {
    match error.kind() {
        ErrorKind::Script | ErrorKind::Source => SCRIPT,
        ErrorKind::Request => USAGE,
        ErrorKind::Limit => LIMIT,
        _ => SANDBOX,
    }
}

fn prepare(arguments: RunArguments) -> Result<Script, Error> {
    let limits = limits(&arguments);
    let (name, source) = source(&arguments)?;
    let system = system(&arguments)?;
    let tools = arguments
        .tools
        .iter()
        .fold(Tools::new(), |tools, tool| tool.add_to(tools));
    let builder = Monty::builder();
    let monty = match &arguments.precompiled {
        None => builder.build()?,
        // SAFETY: the help of the option says what the file must be.
        Some(path) => unsafe { builder.build_precompiled(path)? },
    };
    let mut script = monty
        .script(source)
        .name(name)
        .limits(limits)
        .tools(&tools)
        .os(system);
    if !arguments.json {
        script = script.print(Inherit).line_buffered(true);
    }
    if let Some(cwd) = arguments.cwd {
        script = script.working_directory(cwd);
    }
    for input in arguments.inputs {
        script = script.input(&input.name, Value::from_json(input.value))?;
    }
    Ok(script)
}

fn limits(arguments: &RunArguments) -> Limits {
    let mut limits = Limits::default();
    limits.memory_bytes = arguments.max_memory.or(limits.memory_bytes);
    limits.duration = arguments.max_duration.or(limits.duration);
    limits.calls = arguments.max_calls.or(limits.calls);
    limits.recursion_depth = arguments
        .max_recursion_depth
        .unwrap_or(limits.recursion_depth);
    limits
}

/// The script's name and text.
fn source(arguments: &RunArguments) -> Result<(String, String), Error> {
    if let Some(code) = &arguments.code {
        return Ok(("<string>".to_owned(), code.clone()));
    }
    let path = arguments.file.as_deref().unwrap_or(Path::new("-"));
    if path == Path::new("-") {
        let mut source = String::new();
        return match std::io::stdin().read_to_string(&mut source) {
            Ok(_) => Ok(("<stdin>".to_owned(), source)),
            Err(error) => Err(Error::invalid(format_args!(
                "cannot read the script from standard input: {error}"
            ))),
        };
    }
    let shown = path.display();
    match std::fs::read_to_string(path) {
        Ok(source) => Ok((shown.to_string(), source)),
        Err(error) => Err(Error::invalid(format_args!(
            "cannot read the script {shown}: {error}; name a file, `-` for standard input, or use -c CODE"
        ))),
    }
}

fn system(arguments: &RunArguments) -> Result<System, Error> {
    let mut system = System::new();
    for mount in &arguments.mounts {
        system = system
            .mount(&mount.host, &mount.virtual_path, mount.mode)
            .map_err(|error: monty_host::os::MountError| Error::invalid(&error as &dyn Display))?;
    }
    for variable in &arguments.variables {
        system = system.env(&variable.name, &variable.value);
    }
    Ok(system)
}
