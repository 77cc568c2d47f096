//! The source of a session's lines.

use std::io::BufRead;
use std::path::{Path, PathBuf};

use rustyline::completion::Completer;
use rustyline::error::ReadlineError;
use rustyline::highlight::Highlighter;
use rustyline::hint::Hinter;
use rustyline::history::DefaultHistory;
use rustyline::validate::Validator;
use rustyline::{Config, Context, Editor, Helper};

/// A line of input.
pub enum Line {
    Text(String),
    /// Ctrl-C at the prompt.
    Cancelled,
    /// Ctrl-D, or the end of a file.
    End,
}

/// The source of lines.
pub enum Terminal {
    /// A person, with line editing and history.
    Person(Box<Person>),
    /// A pipe or a file.
    Pipe,
}

pub struct Person {
    editor: Editor<Indent, DefaultHistory>,
    history: Option<PathBuf>,
}

impl Terminal {
    /// A terminal with the history of earlier sessions, if it has a file.
    pub fn person(history: Option<PathBuf>) -> Result<Self, ReadlineError> {
        let config = Config::builder().max_history_size(HISTORY_LINES)?.build();
        let mut editor = Editor::with_config(config)?;
        editor.set_helper(Some(Indent));
        if let Some(path) = &history {
            // It does not exist at first, and an unreadable one is no loss.
            let _ = editor.load_history(path);
        }
        Ok(Self::Person(Box::new(Person { editor, history })))
    }

    /// The next line, without its newline.
    pub fn read(&mut self, prompt: &str) -> Result<Line, ReadlineError> {
        match self {
            Self::Person(person) => match person.editor.readline(prompt) {
                Ok(line) => {
                    person.remember(&line)?;
                    Ok(Line::Text(line))
                }
                Err(ReadlineError::Interrupted) => Ok(Line::Cancelled),
                Err(ReadlineError::Eof) => Ok(Line::End),
                Err(error) => Err(error),
            },
            Self::Pipe => {
                let mut line = String::new();
                if std::io::stdin().lock().read_line(&mut line)? == 0 {
                    return Ok(Line::End);
                }
                line.truncate(line.trim_end_matches(['\n', '\r']).len());
                Ok(Line::Text(line))
            }
        }
    }

    pub fn is_person(&self) -> bool {
        matches!(self, Self::Person(_))
    }
}

/// The number of lines kept.
const HISTORY_LINES: usize = 10_000;

impl Person {
    /// Adds a line to the history. It is written at once, since a session may
    /// be killed.
    fn remember(&mut self, line: &str) -> Result<(), ReadlineError> {
        if line.trim().is_empty() {
            return Ok(());
        }
        self.editor.add_history_entry(line)?;
        if let Some(path) = &self.history {
            // A full disk should not end the session.
            let _ = append_history(&mut self.editor, path);
        }
        Ok(())
    }
}

fn append_history(
    editor: &mut Editor<Indent, DefaultHistory>,
    path: &Path,
) -> Result<(), ReadlineError> {
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

/// Lets the tab key indent.
struct Indent;

impl Completer for Indent {
    type Candidate = &'static str;

    fn complete(
        &self,
        line: &str,
        position: usize,
        _context: &Context<'_>,
    ) -> rustyline::Result<(usize, Vec<&'static str>)> {
        let before = line.get(..position).unwrap_or(line);
        let indents = before.trim().is_empty().then_some("    ");
        Ok((position, indents.into_iter().collect()))
    }
}

impl Hinter for Indent {
    type Hint = String;
}
impl Highlighter for Indent {}
impl Validator for Indent {}
impl Helper for Indent {}
