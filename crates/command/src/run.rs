//! `monty-host run`.

use std::io::Read;
use std::path::Path;
use std::time::Instant;

use monty_code_mode::AgentTool;
use monty_host::{Error, Script};
use monty_mcp::client::Servers;

use crate::arguments::RunArguments;
use crate::check::declared;
use crate::console::Console;
use crate::key::KeyUse;
use crate::output::{self, Form};
use crate::process;
use crate::reach::Reached;
use crate::snapshots::SnapshotStore;

pub async fn run(arguments: RunArguments) -> u8 {
    let json = arguments.json;
    if arguments.json_schema {
        return output::write_out(monty_document::SCHEMA);
    }
    match prepare(arguments).await {
        Ok(Prepared {
            script,
            store,
            output_bytes,
            servers,
            tools,
        }) => {
            let form = Form {
                json,
                output_bytes,
                began: Instant::now(),
                tools,
            };
            let progress = script.start().await;
            let code = output::ended(progress, store.as_ref(), &form);
            servers.close().await;
            code
        }
        Err(error) => output::refused(&error, json),
    }
}

/// A script that is ready to run.
struct Prepared {
    script: Script,
    store: Option<SnapshotStore>,
    output_bytes: Option<u64>,
    servers: Servers,
    tools: Vec<AgentTool>,
}

async fn prepare(arguments: RunArguments) -> Result<Prepared, Error> {
    let (name, source) = source(arguments.file.as_deref(), arguments.code.as_deref())?;
    let RunArguments {
        start,
        reach,
        suspend,
        suspend_dir,
        json,
        check,
        stubs,
        ..
    } = arguments;
    let store = match suspend_dir {
        Some(directory) => {
            let store = SnapshotStore::new(directory, suspend.key_file.clone(), KeyUse::Sign)?;
            store.make_directory()?;
            Some(store)
        }
        None if suspend.functions.is_empty() && suspend.async_functions.is_empty() => None,
        None => {
            return Err(Error::invalid(
                "--suspend and --async-suspend need a place for what is suspended: --suspend-dir",
            ));
        }
    };
    let config = reach.configuration()?;
    let limits = start.limits(&config.limits);
    let options = start.options(&reach).script_name(name);
    let functions = match &store {
        Some(_) => suspend.add_to(reach.functions()),
        None => reach.functions(),
    };
    let reached = Reached::new(&reach, config, functions, limits.clone(), options.clone()).await?;
    if reached.has_commands {
        process::end_with_signals(true).map_err(Error::invalid)?;
    }
    let mut host = reached.host;
    if !json {
        host = host.print(Console);
    }
    let output_bytes = limits.output_bytes;
    let script = reached.monty.script(source).host(host);
    let mut script = script.limits(limits).options(options);
    for input in start.inputs {
        script = script.input(&input.name, input.value)?;
    }
    if check {
        script = script.checked().declarations(declared(stubs.as_deref())?);
    }
    Ok(Prepared {
        script,
        store,
        output_bytes,
        servers: reached.servers,
        tools: reached.tools,
    })
}

/// The script's name and text.
pub fn source(file: Option<&Path>, code: Option<&str>) -> Result<(String, String), Error> {
    if let Some(code) = code {
        return Ok(("<string>".to_owned(), code.to_owned()));
    }
    let path = file.unwrap_or(Path::new("-"));
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
        Err(error) if error.kind() == std::io::ErrorKind::InvalidData => Err(Error::invalid(
            format_args!("the script {shown} is not UTF-8: save it as UTF-8 and run it again"),
        )),
        Err(error) => Err(Error::invalid(format_args!(
            "cannot read the script {shown}: {error}; name a file, `-` for standard input, or use -c CODE"
        ))),
    }
}
