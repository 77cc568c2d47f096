//! The source of a session's lines.

use std::borrow::Cow;
use std::io::BufRead;
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::thread;

use rustyline::completion::Completer;
use rustyline::error::ReadlineError;
use rustyline::highlight::Highlighter;
use rustyline::hint::Hinter;
use rustyline::history::DefaultHistory;
use rustyline::validate::Validator;
use rustyline::{CompletionType, Config, Context, Editor, Helper};
use tokio::sync::{mpsc as queue, oneshot};

use crate::styles;

/// A line of input.
pub enum Line {
    /// One line, or a block that was pasted or taken from the history.
    Text(String),
    /// Ctrl-C at the prompt.
    Cancelled,
    /// Ctrl-D, or the end of a file.
    End,
}

/// The prompts.
#[derive(Clone, Copy)]
pub enum Prompt {
    /// Of the first line of a snippet.
    First,
    /// Of a line that goes on with it.
    More,
}

impl Prompt {
    fn text(self) -> &'static str {
        match self {
            Self::First => ">>> ",
            Self::More => "... ",
        }
    }
}

/// The source of lines.
pub enum Terminal {
    /// A person, with line editing, completion and history.
    Person(Person),
    /// A pipe or a file.
    Pipe,
}

/// An editor on a thread of its own: while it waits for keys, this one completes words
/// and serves what the session reaches.
pub struct Person {
    requests: mpsc::Sender<Request>,
    questions: queue::UnboundedReceiver<Question>,
}

enum Request {
    Read {
        prompt: Prompt,
        indent: String,
        line: oneshot::Sender<Result<Line, ReadlineError>>,
    },
    Remember(String),
}

/// A question of the tab key: how may the name at the end of a line go on?
struct Question {
    line: String,
    names: mpsc::SyncSender<Vec<String>>,
}

impl Terminal {
    /// A terminal with the history of earlier sessions, if it has a file.
    pub fn person(history: Option<PathBuf>) -> Result<Self, ReadlineError> {
        let (questioner, questions) = queue::unbounded_channel();
        let config = Config::builder()
            .max_history_size(HISTORY_ENTRIES)?
            .completion_type(CompletionType::List)
            .build();
        let mut editor = Editor::with_config(config)?;
        editor.set_helper(Some(Assistant { questioner }));
        if let Some(path) = &history {
            // It does not exist at first, and an unreadable one is no loss.
            let _ = editor.load_history(path);
        }
        let (requests, received) = mpsc::channel();
        thread::Builder::new()
            .name("terminal".to_owned())
            .spawn(move || edit(editor, history.as_deref(), &received))?;
        Ok(Self::Person(Person {
            requests,
            questions,
        }))
    }

    /// The next line, without its newline. A person's starts with `indent`, and
    /// `complete` gives the names that the last one of a line may become.
    pub async fn read(
        &mut self,
        prompt: Prompt,
        indent: String,
        mut complete: impl AsyncFnMut(&str) -> Vec<String>,
    ) -> Result<Line, ReadlineError> {
        let Self::Person(Person {
            requests,
            questions,
        }) = self
        else {
            return read_pipe();
        };
        let (line, mut read) = oneshot::channel();
        let request = Request::Read {
            prompt,
            indent,
            line,
        };
        if requests.send(request).is_err() {
            return Ok(Line::End);
        }
        loop {
            tokio::select! {
                line = &mut read => return line.unwrap_or(Ok(Line::End)),
                Some(question) = questions.recv() => {
                    let names = complete(&question.line).await;
                    // The editor waits for it.
                    let _ = question.names.send(names);
                }
            }
        }
    }

    /// Adds a snippet to the history, as one entry.
    pub fn remember(&self, snippet: &str) {
        if let Self::Person(person) = self {
            let snippet = snippet.trim_end().to_owned();
            let _ = person.requests.send(Request::Remember(snippet));
        }
    }

    pub fn is_person(&self) -> bool {
        matches!(self, Self::Person(_))
    }
}

fn read_pipe() -> Result<Line, ReadlineError> {
    let mut line = String::new();
    if std::io::stdin().lock().read_line(&mut line)? == 0 {
        return Ok(Line::End);
    }
    line.truncate(line.trim_end_matches(['\n', '\r']).len());
    Ok(Line::Text(line))
}

type LineEditor = Editor<Assistant, DefaultHistory>;

/// Serves requests until nobody is left to send any.
fn edit(mut editor: LineEditor, history: Option<&Path>, requests: &mpsc::Receiver<Request>) {
    while let Ok(request) = requests.recv() {
        match request {
            Request::Read {
                prompt,
                indent,
                line,
            } => {
                let read = editor.readline_with_initial(prompt.text(), (&indent, ""));
                let _ = line.send(match read {
                    Ok(text) => Ok(Line::Text(text)),
                    Err(ReadlineError::Interrupted) => Ok(Line::Cancelled),
                    Err(ReadlineError::Eof) => Ok(Line::End),
                    Err(error) => Err(error),
                });
            }
            // A full disk should not end the session.
            Request::Remember(snippet) => drop(remember(&mut editor, &snippet, history)),
        }
    }
}

/// The number of snippets kept.
const HISTORY_ENTRIES: usize = 10_000;

/// Adds a snippet to the history. It is written at once, since a session may be killed.
fn remember(
    editor: &mut LineEditor,
    snippet: &str,
    history: Option<&Path>,
) -> Result<(), ReadlineError> {
    editor.add_history_entry(snippet)?;
    let Some(path) = history else {
        return Ok(());
    };
    if let Some(directory) = path.parent() {
        std::fs::create_dir_all(directory)?;
    }
    editor.append_history(path)
}

/// The history file.
pub fn history_file() -> Option<PathBuf> {
    let state = if cfg!(windows) {
        PathBuf::from(std::env::var_os("LOCALAPPDATA")?)
    } else {
        let is_absolute = |path: &PathBuf| path.is_absolute();
        std::env::var_os("XDG_STATE_HOME")
            .map(PathBuf::from)
            .filter(is_absolute)
            .or_else(|| Some(std::env::home_dir()?.join(".local/state")))?
    };
    Some(state.join("monty-host").join("history"))
}

/// Lets the tab key indent or complete, and colors prompts.
struct Assistant {
    questioner: queue::UnboundedSender<Question>,
}

impl Completer for Assistant {
    type Candidate = String;

    fn complete(
        &self,
        text: &str,
        position: usize,
        _context: &Context<'_>,
    ) -> rustyline::Result<(usize, Vec<String>)> {
        let before = text.get(..position).unwrap_or(text);
        let line = before.rsplit('\n').next().unwrap_or(before);
        if line.trim().is_empty() {
            return Ok((position, vec!["    ".to_owned()]));
        }
        let (sender, receiver) = mpsc::sync_channel(1);
        let question = Question {
            line: line.to_owned(),
            names: sender,
        };
        let names = match self.questioner.send(question) {
            Ok(()) => receiver.recv().unwrap_or_default(),
            Err(_) => Vec::new(),
        };
        let is_part = |c: char| c.is_alphanumeric() || c == '_';
        Ok((before.trim_end_matches(is_part).len(), names))
    }
}

impl Highlighter for Assistant {
    fn highlight_prompt<'b, 's: 'b, 'p: 'b>(
        &'s self,
        prompt: &'p str,
        _is_default: bool,
    ) -> Cow<'b, str> {
        styles::prompt(prompt)
    }
}

impl Hinter for Assistant {
    type Hint = String;
}
impl Validator for Assistant {}
impl Helper for Assistant {}
