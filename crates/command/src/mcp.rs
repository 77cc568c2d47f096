//! `monty-host mcp`.

use std::io::IsTerminal as _;
use std::sync::Arc;

use monty_code_mode::{CodeMode, EstimatedTokens, TokenCounter as _};
use monty_host::Error;
use monty_mcp::server::{Bearer, Quota, Server, ToolDefinition};
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::arguments::McpArguments;
use crate::assembly::{self, Assembly, Built};
use crate::config::Config;
use crate::exit::{SANDBOX, SUCCESS, USAGE};
use crate::{console, interpreter, output, process};

/// Scripts that run at once, unless the configuration has a number.
const CONCURRENT_SCRIPTS: u32 = 16;

/// Serves until the client leaves, or a signal ends it.
pub async fn mcp(arguments: McpArguments) -> u8 {
    match Box::pin(serve(arguments)).await {
        Ok(code) => code,
        Err(error) => output::failed(output::code(&error), &error),
    }
}

async fn serve(arguments: McpArguments) -> Result<u8, Error> {
    let config = arguments.reach.configuration()?;
    let scripts = config.server.concurrent_scripts;
    let monty = interpreter::start_for(
        arguments.reach.precompiled.as_deref(),
        scripts.unwrap_or(CONCURRENT_SCRIPTS),
    )?;
    let functions = arguments.reach.functions();
    let limits = arguments.start.limits(&config.limits);
    let options = arguments.start.options(&arguments.reach);
    let assembly = Assembly::new(monty, config, &arguments.reach, functions, limits, options)?;
    let assembly = Arc::new(assembly.waiting()?);
    let (latest, code_modes) = watch::channel(None);
    let server = server(&assembly, code_modes)?;
    // Clients are greeted while the servers start.
    let mut following = tokio::spawn(follow(Arc::clone(&assembly), latest));
    if arguments.print_tools {
        let code = match server.definitions().await {
            Some(definitions) => output::write_out(&shown(&definitions)),
            None => failed(following.await),
        };
        assembly.servers().close().await;
        return Ok(code);
    }
    let stop = ended();
    let served = match arguments.http {
        None => {
            if std::io::stdin().is_terminal() {
                console::err(
                    "waiting for an MCP client on standard input; --http serves clients over HTTP\n",
                );
            }
            tokio::select! {
                served = server.serve_stdio() => served.map_err(|error| error.to_string()),
                () = stop => Ok(()),
                end = &mut following => {
                    assembly.servers().close().await;
                    return Ok(failed(end));
                }
            }
        }
        Some(address) => {
            let listener = TcpListener::bind(&address).await.map_err(|error| {
                Error::invalid(format_args!(
                    "cannot listen on {address}: {error}; write HOST:PORT, such as 127.0.0.1:8080"
                ))
            })?;
            let bound = listener.local_addr().map_err(Error::invalid)?;
            let mut http = server.http();
            let section = &assembly.config().server;
            for bearer in bearers(assembly.config())? {
                http = http.bearer(bearer);
            }
            for host in &section.allowed_hosts {
                http = http.allowed_host(host);
            }
            for origin in &section.allowed_origins {
                http = http.allowed_origin(origin);
            }
            http.check(bound).map_err(Error::invalid)?;
            console::err(format_args!("serving MCP at http://{bound}/mcp\n"));
            tokio::select! {
                served = http.serve(listener, stop) => served.map_err(|error| error.to_string()),
                end = &mut following => {
                    assembly.servers().close().await;
                    return Ok(failed(end));
                }
            }
        }
    };
    following.abort();
    process::end_all();
    assembly.servers().close().await;
    match served {
        Ok(()) => Ok(SUCCESS),
        Err(problem) => Ok(output::failed(USAGE, &problem)),
    }
}

/// The clients that may come over HTTP, with their tokens.
pub fn bearers(config: &Config) -> Result<Vec<Bearer>, Error> {
    let clients = config.server.clients.iter();
    let bearers = clients.map(|(name, token)| {
        let what = format!("server.clients.{name}");
        let token = token.read(&config.directory, &what)?;
        Bearer::new(name, token.trim())
            .map_err(|error| Error::invalid(format_args!("{what}: {error}")))
    });
    bearers.collect()
}

fn server(
    assembly: &Assembly,
    code_modes: watch::Receiver<Option<CodeMode>>,
) -> Result<Server, Error> {
    let config = assembly.config();
    let section = &config.server;
    let mut quota = Quota::default();
    if let Some(scripts) = section.concurrent_scripts_per_client {
        quota = quota.concurrent(scripts);
    }
    if let Some(scripts) = section.waiting_scripts_per_client {
        quota = quota.waiting(scripts);
    }
    let mut builder = Server::watching(code_modes).quota(quota);
    if let Some(name) = &section.name {
        builder = builder.name(name);
    }
    if let Some(size) = section.session_memory {
        builder = builder.session_memory(size.0);
    }
    if let Some(duration) = section.task_after {
        builder = builder.task_after(duration.0);
    }
    if let Some(resume_tool) = config.approvals.resume_tool {
        builder = builder.resume_tool(resume_tool);
    }
    if let Some(store) = assembly.store() {
        builder = builder.store(store);
    }
    Ok(builder.build())
}

/// Builds code mode, and again whenever the tools of a server change. Returns why the
/// first could not be built.
async fn follow(assembly: Arc<Assembly>, latest: watch::Sender<Option<CodeMode>>) -> Error {
    let mut changes = assembly.servers().changes();
    let mut told = Vec::new();
    loop {
        changes.mark_unchanged();
        match assembly.build().await {
            Ok(Built {
                code_mode,
                warnings,
            }) => {
                let new = warnings.iter().filter(|warning| !told.contains(*warning));
                assembly::tell(new);
                told = warnings;
                latest.send_replace(Some(code_mode));
            }
            Err(error) if latest.borrow().is_none() => return error,
            Err(error) => console::err(format_args!(
                "warning: the tools have changed, and stay as they were: {error}\n"
            )),
        }
        if changes.changed().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

fn failed(end: Result<Error, tokio::task::JoinError>) -> u8 {
    match end {
        Ok(error) => output::failed(output::code(&error), &error),
        Err(panic) => output::failed(SANDBOX, &panic),
    }
}

/// What a model sees, with its count of tokens.
fn shown(definitions: &[ToolDefinition]) -> String {
    let mut text = String::new();
    let mut total = 0;
    for tool in definitions {
        let schema = serde_json::to_string(&tool.input_schema).unwrap_or_default();
        let tokens = [&tool.name, &tool.description, &schema]
            .map(|part| EstimatedTokens.count(part))
            .iter()
            .sum::<usize>();
        total += tokens;
        text += &format!(
            "# {} (about {tokens} tokens)\n\n{}\n\nArguments: {schema}\n\n",
            tool.name,
            tool.description.trim_end()
        );
    }
    text += &format!("About {total} tokens in all, counted without a model's tokenizer.\n");
    text
}

/// Waits for the signal that ends the server.
async fn ended() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let kinds = [
            SignalKind::terminate(),
            SignalKind::interrupt(),
            SignalKind::hangup(),
            SignalKind::quit(),
        ];
        let mut signals = tokio::task::JoinSet::new();
        for kind in kinds {
            if let Ok(mut signal) = signal(kind) {
                signals.spawn(async move { signal.recv().await });
            }
        }
        signals.join_next().await;
    }
    #[cfg(not(unix))]
    {
        let _ = tokio::signal::ctrl_c().await;
    }
}
