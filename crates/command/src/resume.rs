//! `monty-host resume`.

use std::fmt::Write as _;
use std::path::Path;
use std::time::Instant;

use monty_host::{Answers, Call, Error, Limits, Options, Progress, ToolError, Value};
use monty_mcp::client::Servers;

use crate::arguments::{Raise, ResumeArguments, ToCall};
use crate::console::Console;
use crate::key::KeyUse;
use crate::output::{self, Form};
use crate::process;
use crate::reach::Reached;
use crate::snapshots::{SnapshotStore, shown};

/// Resumes a script from a file.
pub async fn resume(arguments: ResumeArguments) -> u8 {
    let json = arguments.json;
    match start(arguments).await {
        Ok((progress, store, form, servers)) => {
            let code = output::ended(progress, Some(&store), &form);
            servers.close().await;
            code
        }
        Err(error) => output::refused(&error, json),
    }
}

/// Resumes the script. An error in the request comes before the script's own.
async fn start(
    arguments: ResumeArguments,
) -> Result<(Result<Progress, Error>, SnapshotStore, Form, Servers), Error> {
    let beside = || arguments.snapshot.parent().map(Path::to_owned);
    let directory = arguments.suspend_dir.clone().or_else(beside);
    let key_file = arguments.suspend.key_file.clone();
    let store = SnapshotStore::new(directory.unwrap_or_default(), key_file, KeyUse::Check)?;
    let snapshot = store.load(&arguments.snapshot)?;
    let functions = arguments.suspend.add_to(arguments.reach.functions());
    let config = arguments.reach.configuration()?;
    // The script keeps those that it began with.
    let (limits, options) = (Limits::default(), Options::new());
    let reached = Reached::new(&arguments.reach, config, functions, limits, options).await?;
    let monty = reached.monty;
    let waiting = monty.suspended_calls(&snapshot).await?;
    let answers = answers(&arguments.answers, &arguments.exceptions, &waiting)?;
    store.make_directory()?;
    if reached.has_commands {
        process::end_with_signals(true).map_err(Error::invalid)?;
    }
    let mut host = reached.host;
    if !arguments.json {
        host = host.print(Console);
    }
    let form = Form {
        json: arguments.json,
        output_bytes: snapshot.limits().output_bytes,
        began: Instant::now(),
        tools: reached.tools,
    };
    let resume = monty.resume(&snapshot, answers).host(host);
    Ok((resume.start().await, store, form, reached.servers))
}

/// The answers to the calls that a script waits for.
fn answers(
    values: &[ToCall<Value>],
    exceptions: &[ToCall<Raise>],
    waiting: &[Call],
) -> Result<Answers, Error> {
    if values.is_empty() && exceptions.is_empty() {
        return Err(Error::invalid(format_args!(
            "no answer: use --answer or --raise{}",
            listed(waiting)
        )));
    }
    let mut answered = Vec::new();
    let mut find = |id: Option<u32>| {
        let id = match (id, waiting) {
            (Some(id), _) if waiting.iter().any(|call| call.id == id) => id,
            (Some(id), _) => {
                return Err(Error::invalid(format_args!(
                    "the script does not wait for a call {id}{}",
                    listed(waiting)
                )));
            }
            (None, [call]) => call.id,
            (None, _) => {
                return Err(Error::invalid(format_args!(
                    "an answer without the number of its call: write ID=ANSWER{}",
                    listed(waiting)
                )));
            }
        };
        if answered.contains(&id) {
            return Err(Error::invalid(format_args!(
                "call {id} is answered more than once"
            )));
        }
        answered.push(id);
        Ok(id)
    };
    let mut answers = Answers::new();
    for ToCall { id, answer } in values {
        answers = answers.value(find(*id)?, answer.clone())?;
    }
    for ToCall { id, answer } in exceptions {
        let error = ToolError::new(answer.type_name.clone(), &answer.message);
        answers = answers.raise(find(*id)?, error);
    }
    Ok(answers)
}

fn listed(calls: &[Call]) -> String {
    let mut text = String::from("; the script waits for");
    for call in calls {
        let _ = write!(text, "\n  {}  {}", call.id, shown(call));
    }
    text
}
