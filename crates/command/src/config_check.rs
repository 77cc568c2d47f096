//! `monty-host config check`.

use std::fmt::Write as _;
use std::time::Duration;

use monty_code_mode::{EstimatedTokens, TokenCounter as _, Verdict};
use monty_host::{Error, Limits, Options};
use monty_mcp::client::ServerState;

use crate::arguments::{ConfigCheckArguments, ReachArguments, StartArguments};
use crate::assembly::{Assembly, Built};
use crate::config::Config;
use crate::exit::{SCRIPT, SUCCESS};
use crate::systems::in_words;
use crate::tool::Functions;
use crate::{interpreter, mcp, output};

/// Says what a configuration means. The exit code says whether all of it holds.
pub async fn check(arguments: ConfigCheckArguments) -> u8 {
    match explained(&arguments).await {
        Ok((text, all_holds)) => match output::write_out(&text) {
            SUCCESS if !all_holds => SCRIPT,
            code => code,
        },
        Err(error) => output::failed(output::code(&error), &error),
    }
}

async fn explained(arguments: &ConfigCheckArguments) -> Result<(String, bool), Error> {
    let config = Config::read(&arguments.file)?;
    let monty = interpreter::start(None)?;
    let reach = ReachArguments::default();
    let limits = StartArguments::default().limits(&config.limits);
    let shown_limits = shown(&limits);
    let assembly = Assembly::new(
        monty,
        config,
        &reach,
        Functions::new(),
        limits,
        Options::new(),
    )?;
    let assembly = assembly.waiting()?;
    // Each has a token that will do.
    mcp::bearers(assembly.config())?;
    let Built {
        code_mode,
        warnings,
    } = assembly.build().await?;
    let mut text = String::new();
    for status in assembly.servers().status() {
        let state = match status.state {
            ServerState::Disabled => "disabled".to_owned(),
            ServerState::Running => format!(
                "{} tools, MCP {}",
                status.tools,
                status.protocol.as_deref().unwrap_or("of no known version")
            ),
            _ => "does not run".to_owned(),
        };
        let _ = writeln!(text, "server {}: {state}", status.name);
    }
    for tool in code_mode.toolbox() {
        let verdict = match code_mode.verdict(tool.get_name()) {
            Some(Verdict::Allow) => "allow".to_owned(),
            Some(Verdict::Ask) => "ask".to_owned(),
            Some(Verdict::Deny(reason)) => format!("deny ({reason})"),
            None => "by its arguments".to_owned(),
        };
        let _ = writeln!(text, "function {}: {verdict}", tool.get_name());
    }
    for (path, mount) in &assembly.config().mounts {
        let host = assembly.config().path(&mount.host);
        let _ = writeln!(
            text,
            "directory {path}: {} ({})",
            host.display(),
            in_words(mount.mode.into())
        );
    }
    for (name, secret) in &assembly.config().secrets {
        let receivers: Vec<_> = secret
            .tools
            .iter()
            .cloned()
            .chain(secret.parameters.iter().flat_map(|(tool, parameters)| {
                parameters
                    .iter()
                    .map(move |parameter| format!("{tool}({parameter})"))
            }))
            .collect();
        let receivers = match receivers.is_empty() {
            true => "nothing: no tool may have it".to_owned(),
            false => receivers.join(", "),
        };
        let _ = writeln!(text, "secret {name} from {} to {receivers}", secret.value);
    }
    for (name, token) in &assembly.config().server.clients {
        let _ = writeln!(text, "client {name}: token from {token}");
    }
    let _ = writeln!(text, "limits: {shown_limits}");
    let tokens = EstimatedTokens.count(&code_mode.session_definition().description);
    let _ = writeln!(text, "description: about {tokens} tokens");
    for warning in &warnings {
        let _ = writeln!(text, "warning: {warning}");
    }
    assembly.servers().close().await;
    Ok((text, warnings.is_empty()))
}

fn shown(limits: &Limits) -> String {
    let size = |bytes: Option<u64>| match bytes {
        None => "no limit".to_owned(),
        Some(bytes) if bytes % (1 << 20) == 0 => format!("{} MiB", bytes >> 20),
        Some(bytes) => format!("{bytes} bytes"),
    };
    let time =
        |time: Option<Duration>| time.map_or("no limit".to_owned(), |time| format!("{time:?}"));
    let count = |count: Option<u64>| count.map_or("no limit".to_owned(), |count| count.to_string());
    format!(
        "memory {}, duration {}, grace {:?}, host duration {}, wait duration {}, host memory {}, message {}, calls {}, output {}, recursion depth {}",
        size(limits.memory_bytes),
        time(limits.duration),
        limits.grace,
        time(limits.host_duration),
        time(limits.wait_duration),
        size(limits.host_memory_bytes),
        size(Some(limits.message_bytes as u64)),
        count(limits.calls),
        size(limits.output_bytes),
        limits.recursion_depth,
    )
}
