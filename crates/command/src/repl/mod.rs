//! `monty-host repl`.

mod commands;
mod complete;
mod terminal;

use std::io::IsTerminal;
use std::ops::ControlFlow;

use monty_code_mode::AgentTool;
use monty_host::{
    Completeness, Error, ErrorKind, Host, Limits, Monty, Options, Session, Snapshot, Value,
};
use monty_mcp::client::Servers;

use crate::arguments::{Input, ReplArguments};
use crate::console::{self, Console};
use crate::ctrl_c::CtrlC;
use crate::exit::{SUCCESS, USAGE};
use crate::reach::Reached;
use crate::{output, process};

use self::commands::Command;
use self::complete::Names;
use self::terminal::{Line, Prompt, Terminal, history_file};

/// Runs a session to its end.
pub async fn repl(arguments: ReplArguments) -> u8 {
    let terminal = if std::io::stdin().is_terminal() {
        let history = if arguments.no_history {
            None
        } else {
            history_file()
        };
        match Terminal::person(history) {
            Ok(terminal) => terminal,
            Err(error) => return output::failed(USAGE, &error),
        }
    } else {
        Terminal::Pipe
    };
    let mut repl = match Repl::open(arguments).await {
        Ok(repl) => repl,
        Err(error) => return output::failed(output::code(&error), &error),
    };
    if terminal.is_person() {
        repl.ctrl_c = match CtrlC::listen() {
            Ok(ctrl_c) => Some(ctrl_c),
            Err(error) => return output::failed(USAGE, &error),
        };
        console::err(&repl.banner);
    }
    // A person's Ctrl-C is for the running code.
    if repl.has_commands
        && let Err(error) = process::end_with_signals(!terminal.is_person())
    {
        return output::failed(USAGE, &error);
    }
    let code = match repl.read_and_run(terminal).await {
        ControlFlow::Break(code) => code,
        ControlFlow::Continue(()) => SUCCESS,
    };
    repl.servers.close().await;
    code
}

struct Repl {
    monty: Monty,
    /// The session's capabilities, whichever instance it is in.
    host: Host,
    /// Whether any of its functions is a command.
    has_commands: bool,
    /// The limit on a value's text, in bytes.
    output_bytes: Option<u64>,
    session: Session,
    servers: Servers,
    names: Names,
    /// What a person is greeted with.
    banner: String,
    /// What snippets can call.
    tools: Vec<AgentTool>,
    /// The snippets that ended without an exception.
    ran: Vec<String>,
    last_value: LastValue,
    /// A dump of the session before the running snippet, if there is one.
    before: Option<Snapshot>,
    /// The handle that stops the running snippet, unless Ctrl-C stops the
    /// process.
    ctrl_c: Option<CtrlC>,
}

impl Repl {
    async fn open(arguments: ReplArguments) -> Result<Self, Error> {
        let ReplArguments { start, reach, .. } = arguments;
        let config = reach.configuration()?;
        let limits = start.limits(&config.limits);
        let (functions, options) = (reach.functions(), start.options(&reach));
        let reached =
            Reached::new(&reach, config, functions, limits.clone(), options.clone()).await?;
        let Reached {
            monty,
            host,
            has_commands,
            servers,
            tools,
            mounts,
        } = reached;
        let host = host.print(Console);
        let features = monty.capabilities().await?;
        let banner = banner(&features.version, &tools, &mounts);
        let names = tools.iter().map(|tool| tool.get_name().to_owned());
        let names = Names::new(features, names.collect());
        let output_bytes = limits.output_bytes;
        let session = open(&monty, &host, limits, options, start.inputs).await?;
        Ok(Self {
            monty,
            host,
            has_commands,
            output_bytes,
            session,
            servers,
            names,
            banner,
            tools,
            ran: Vec::new(),
            last_value: LastValue::default(),
            before: None,
            ctrl_c: None,
        })
    }

    /// Breaks with the exit code if the output cannot be written.
    async fn read_and_run(&mut self, mut terminal: Terminal) -> ControlFlow<u8> {
        let mut source = String::new();
        // Whether the source has a block, which ends with an empty line.
        let mut in_block = false;
        loop {
            let (prompt, indent) = match source.is_empty() {
                true => (Prompt::First, String::new()),
                false => (Prompt::More, next_indent(&source)),
            };
            let complete = async |line: &str| {
                let names = &self.names;
                names.complete(line, &self.monty, &mut self.session).await
            };
            let line = match terminal.read(prompt, indent, complete).await {
                Ok(line) => line,
                Err(error) => {
                    return ControlFlow::Break(output::failed(
                        USAGE,
                        &format_args!("cannot read standard input: {error}"),
                    ));
                }
            };
            let is_first = source.is_empty();
            match line {
                Line::Cancelled => {
                    source.clear();
                    in_block = false;
                }
                Line::End if is_first => return ControlFlow::Continue(()),
                // No more lines will follow.
                Line::End => {
                    self.run(std::mem::take(&mut source)).await?;
                    in_block = false;
                }
                Line::Text(line) if is_first && leaves(&line) => {
                    return ControlFlow::Continue(());
                }
                Line::Text(line) if is_first && line.trim().is_empty() => {}
                Line::Text(line) => {
                    if is_first && let Some(command) = Command::of(&line) {
                        terminal.remember(&line);
                        self.answer(command)?;
                        continue;
                    }
                    source.push_str(&line);
                    source.push('\n');
                    if self.is_whole(&source, &line, &mut in_block).await {
                        terminal.remember(&source);
                        self.run(std::mem::take(&mut source)).await?;
                        in_block = false;
                    }
                }
            }
        }
    }

    /// Breaks with the exit code if the output cannot be written.
    fn answer(&self, command: Command<'_>) -> ControlFlow<u8> {
        let text = match command {
            Command::Help => Ok(commands::help()),
            Command::Tools => Ok(shown_tools(&self.tools)),
            Command::Save(path) => commands::save(path, &self.ran),
            Command::Wrong(problem) => Err(problem),
        };
        match text {
            Ok(text) => match console::out(&text) {
                Ok(()) => {}
                Err(error) => return ControlFlow::Break(output::unwritten(&error)),
            },
            Err(problem) => console::err(format_args!("error: {problem}\n")),
        }
        ControlFlow::Continue(())
    }

    /// Whether a source can run after its last line.
    async fn is_whole(&self, source: &str, line: &str, in_block: &mut bool) -> bool {
        // A block that is pasted, or comes from the history, ends where it ends.
        let is_empty = line.trim().is_empty() || line.contains('\n');
        match self.monty.source_completeness(source).await {
            Ok(Completeness::Complete) => is_empty || !*in_block,
            Ok(Completeness::Incomplete) => false,
            Ok(Completeness::IncompleteBlock) => {
                *in_block = true;
                is_empty
            }
            // Running it shows the error.
            Err(_) => true,
        }
    }

    /// Runs a snippet and shows the outcome.
    async fn run(&mut self, source: String) -> ControlFlow<u8> {
        // A trap ends the session, so it is dumped before each snippet. That
        // takes 0.1 ms for a small session, 30 ms with a list of 100,000
        // integers and 170 ms with 8 MB of strings, measured on a busy machine:
        // too short for a person to notice.
        if let Ok(snapshot) = self.session.dump().await {
            self.before = Some(snapshot);
        }
        let interrupt = self.session.interrupt_handle();
        let last_value = self.last_value.wanted_by(&source);
        let feed = self.session.feed(&source);
        let feed = async move {
            match last_value {
                Some(value) => feed.input("_", value)?.run().await,
                None => feed.run().await,
            }
        };
        let result = match &mut self.ctrl_c {
            Some(ctrl_c) => ctrl_c.stops(feed, &interrupt).await,
            None => feed.await,
        };
        match result {
            Ok(report) => {
                let room = output::room(self.output_bytes, &report.statistics);
                match output::show_value(&report.value, room) {
                    Ok(_) => {}
                    Err(error) => return ControlFlow::Break(output::unwritten(&error)),
                }
                self.last_value.is(report.value);
                self.ran.push(source);
            }
            Err(error) => {
                if let Some(error) = output::write_error(&error) {
                    return ControlFlow::Break(output::unwritten(error));
                }
                if error.kind() == ErrorKind::Interrupted {
                    console::err("KeyboardInterrupt\n");
                } else {
                    output::show_error(&error, self.output_bytes, &self.tools);
                }
                self.recover().await;
            }
        }
        ControlFlow::Continue(())
    }

    /// Restores the session from before the snippet, if the snippet ended it.
    async fn recover(&mut self) {
        if self.session.functions().await.is_ok() {
            return;
        }
        let builder = self.monty.session().host(&self.host);
        let restored = match &self.before {
            Some(snapshot) => builder.restore(snapshot).await,
            None => builder.open().await,
        };
        match restored {
            Ok(session) => {
                self.session = session;
                console::err(
                    "The session ended with it. It is restored to the state before that snippet.\n",
                );
            }
            Err(error) => {
                console::err(format_args!(
                    "error: the session cannot be restored: {error}\n"
                ));
            }
        }
    }
}

/// The last value that was shown, which the next snippets find as `_`.
#[derive(Default)]
struct LastValue {
    value: Option<Value>,
    /// Whether a snippet has given the name to something else, as `for _ in …` does not.
    is_taken: bool,
}

impl LastValue {
    fn is(&mut self, value: Value) {
        if !matches!(value, Value::None) {
            self.value = Some(value);
        }
    }

    /// The value, if a snippet names it. It is a copy: a list that it was is not changed.
    fn wanted_by(&mut self, source: &str) -> Option<&Value> {
        if !source.split(is_between_names).any(|name| name == "_") {
            return None;
        }
        let assigned = source.lines().any(|line| {
            let rest = line.trim_start().strip_prefix('_');
            let rest = rest.map(str::trim_start);
            rest.is_some_and(|rest| rest.starts_with('=') && !rest.starts_with("=="))
        });
        self.is_taken |= assigned;
        match self.is_taken {
            true => None,
            false => self.value.as_ref(),
        }
    }
}

fn is_between_names(character: char) -> bool {
    !character.is_alphanumeric() && character != '_'
}

/// What a person is greeted with: what the session reaches, and where help is.
fn banner(version: &str, tools: &[AgentTool], mounts: &[String]) -> String {
    let mut banner = format!(
        "Python in a sandbox: monty-host {}, Monty {version}\n",
        env!("CARGO_PKG_VERSION")
    );
    let mut functions: Vec<_> = tools.iter().map(AgentTool::get_name).collect();
    let more = functions.len().saturating_sub(SHOWN_FUNCTIONS);
    functions.truncate(SHOWN_FUNCTIONS);
    if !functions.is_empty() {
        let more = match more {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        banner.push_str(&format!("Functions: {}{more}\n", functions.join(", ")));
    }
    if !mounts.is_empty() {
        banner.push_str(&format!("Directories: {}\n", mounts.join(", ")));
    }
    banner.push_str(":help lists the commands, exit() or Ctrl-D leaves\n");
    banner
}

/// The functions that a banner names.
const SHOWN_FUNCTIONS: usize = 8;

/// The signatures, each with the first line of its description.
fn shown_tools(tools: &[AgentTool]) -> String {
    if tools.is_empty() {
        return "no functions: --tool gives some\n".to_owned();
    }
    let lines = tools.iter().map(|tool| {
        let signature = tool.get_signature().to_string();
        let parameters = signature.split_once('(').map_or("", |(_, rest)| rest);
        let def = if tool.is_awaited() { "async " } else { "" };
        let description = tool.get_description().and_then(|text| text.lines().next());
        let description = description.map_or(String::new(), |text| format!("  # {text}"));
        format!("{def}{}({parameters}{description}\n", tool.get_name())
    });
    lines.collect()
}

/// The indent of the line after these: that of the last one, or one step more or less.
fn next_indent(source: &str) -> String {
    let last = source.lines().next_back().unwrap_or_default();
    let code = last.trim();
    let indent = last.len() - last.trim_start().len();
    let mut indent = last.get(..indent).unwrap_or_default().to_owned();
    let first = code.split(is_between_names).next();
    if code.ends_with(':') {
        indent.push_str("    ");
    } else if let Some("return" | "raise" | "pass" | "break" | "continue") = first {
        indent.truncate(indent.len().saturating_sub(4));
    }
    indent
}

/// Opens the session with its inputs.
async fn open(
    monty: &Monty,
    host: &Host,
    limits: Limits,
    options: Options,
    inputs: Vec<Input>,
) -> Result<Session, Error> {
    let builder = monty.session().host(host).limits(limits);
    let mut session = builder.options(options).open().await?;
    if !inputs.is_empty() {
        // A session takes inputs with a feed: this one does nothing.
        let mut feed = session.feed("pass");
        for input in inputs {
            feed = feed.input(&input.name, input.value)?;
        }
        feed.run().await?;
    }
    Ok(session)
}

/// Whether a line requests to leave. The sandbox has no such function.
fn leaves(line: &str) -> bool {
    matches!(line.trim(), "exit()" | "quit()")
}
