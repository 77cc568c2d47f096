//! The lines that a session answers itself.

use std::fs::File;
use std::io::{self, Write as _};
use std::path::Path;

/// The commands, and what each does.
pub const COMMANDS: [(&str, &str); 3] = [
    ("help", "shows this"),
    ("tools", "lists the functions that a script can call"),
    (
        "save",
        "writes what ran without an error to a new file: `:save FILE`",
    ),
];

/// A line that begins with a colon, which is no Python.
#[derive(Debug, PartialEq, Eq)]
pub enum Command<'l> {
    Help,
    Tools,
    Save(&'l Path),
    /// Another name, or a command without what it needs.
    Wrong(String),
}

impl<'l> Command<'l> {
    /// The command of a line, if it is one.
    pub fn of(line: &'l str) -> Option<Self> {
        let line = line.trim().strip_prefix(':')?;
        let (name, argument) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
        Some(match (name, argument.trim()) {
            ("help" | "h" | "?", "") => Self::Help,
            ("tools", "") => Self::Tools,
            ("save", "") => Self::Wrong(":save needs a file: `:save session.py`".to_owned()),
            ("save", file) => Self::Save(Path::new(file)),
            ("help" | "tools", _) => Self::Wrong(format!(":{name} stands alone")),
            _ => Self::Wrong(format!("no command `:{name}`; :help lists them")),
        })
    }
}

/// What `:help` shows.
pub fn help() -> String {
    let mut text = String::new();
    for (name, what) in COMMANDS {
        text.push_str(&format!(":{name:<7} {what}\n"));
    }
    text.push_str(concat!(
        "\n_ is a copy of the last value. An empty line ends a block, Tab completes,\n",
        "Ctrl-C stops the code that runs or clears the line, Ctrl-D leaves.\n",
    ));
    text
}

/// Writes snippets to a new file.
pub fn save(path: &Path, snippets: &[String]) -> Result<String, String> {
    let shown = path.display();
    let written = File::options()
        .write(true)
        .create_new(true)
        .open(path)
        .and_then(|mut file| file.write_all(snippets.concat().as_bytes()));
    match written {
        Ok(()) => Ok(format!(
            "wrote {shown}: run it with `monty-host run {shown}`\n"
        )),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            Err(format!("{shown} is there already: name another file"))
        }
        Err(error) => Err(format!("cannot write {shown}: {error}; name another file")),
    }
}
