//! `monty-host repl`.

use std::io::IsTerminal;
use std::ops::ControlFlow;

use monty_host::{Completeness, Error, ErrorKind, Host, Limits, Monty, Options, Session, Snapshot};
use monty_mcp::client::Servers;

use crate::arguments::{Input, ReplArguments};
use crate::console::{self, Console};
use crate::ctrl_c::CtrlC;
use crate::exit::{SUCCESS, USAGE};
use crate::reach::Reached;
use crate::terminal::{Line, Terminal, history_file};
use crate::{output, process};

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
        console::err(concat!(
            "Python in a sandbox, monty-host ",
            env!("CARGO_PKG_VERSION"),
            ". exit() or Ctrl-D leaves.\n"
        ));
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
        let (functions, options) = (reach.functions(), start.options());
        let reached =
            Reached::new(&reach, config, functions, limits.clone(), options.clone()).await?;
        let Reached {
            monty,
            host,
            has_commands,
            servers,
        } = reached;
        let host = host.print(Console);
        let output_bytes = limits.output_bytes;
        let session = open(&monty, &host, limits, options, start.inputs).await?;
        Ok(Self {
            monty,
            host,
            has_commands,
            output_bytes,
            session,
            servers,
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
            let prompt = if source.is_empty() { ">>> " } else { "... " };
            let line = match terminal.read(prompt) {
                Ok(line) => line,
                Err(error) => {
                    return ControlFlow::Break(output::failed(
                        USAGE,
                        &format_args!("cannot read standard input: {error}"),
                    ));
                }
            };
            match line {
                Line::Cancelled => {
                    source.clear();
                    in_block = false;
                }
                Line::End if source.is_empty() => return ControlFlow::Continue(()),
                // No more lines will follow.
                Line::End => {
                    self.run(std::mem::take(&mut source)).await?;
                    in_block = false;
                }
                Line::Text(line) if source.is_empty() && leaves(&line) => {
                    return ControlFlow::Continue(());
                }
                Line::Text(line) if source.is_empty() && line.trim().is_empty() => {}
                Line::Text(line) => {
                    source.push_str(&line);
                    source.push('\n');
                    if self.is_whole(&source, &line, &mut in_block).await {
                        self.run(std::mem::take(&mut source)).await?;
                        in_block = false;
                    }
                }
            }
        }
    }

    /// Whether a source can run after its last line.
    async fn is_whole(&self, source: &str, line: &str, in_block: &mut bool) -> bool {
        let is_empty = line.trim().is_empty();
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
        let feed = self.session.feed(source).run();
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
            }
            Err(error) => {
                if let Some(error) = output::write_error(&error) {
                    return ControlFlow::Break(output::unwritten(error));
                }
                if error.kind() == ErrorKind::Interrupted {
                    console::err("KeyboardInterrupt\n");
                } else {
                    output::show_error(&error, self.output_bytes);
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
