//! The process that holds what the tools act on: `bridge.py`.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value as Json, json};

use crate::Failure;

/// A process that answers one request after another. Clones share it.
#[derive(Clone)]
pub struct Bridge(Arc<Mutex<Process>>);

struct Process {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

/// What a call came to.
#[derive(Clone, Deserialize)]
pub struct Called {
    /// As a model reads it.
    pub text: String,
    /// As a script gets it.
    #[serde(default)]
    pub value: Json,
    /// The message of the error, if it is one.
    pub raised: Option<String>,
}

impl Bridge {
    /// # Errors
    ///
    /// If the command does not start.
    pub fn start(command: &[String]) -> Result<Self, Failure> {
        let [program, arguments @ ..] = command else {
            return Err("the command of the bridge is missing".into());
        };
        let mut child = Command::new(program)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let input = child.stdin.take().ok_or("no input")?;
        let output = BufReader::new(child.stdout.take().ok_or("no output")?);
        Ok(Self(Arc::new(Mutex::new(Process {
            child,
            input,
            output,
        }))))
    }

    /// Begins with a task.
    pub fn open(&self, set: &str, task: &str) -> Result<(), Failure> {
        self.ask::<Map<String, Json>>(&json!({ "open": task, "set": set }))?;
        Ok(())
    }

    /// Calls act on the state of this side from here on.
    pub fn side(&self, side: &str) -> Result<(), Failure> {
        self.ask::<Map<String, Json>>(&json!({ "side": side }))?;
        Ok(())
    }

    pub fn call(&self, name: &str, arguments: &Map<String, Json>) -> Result<Called, Failure> {
        self.ask(&json!({ "call": name, "arguments": arguments }))
    }

    /// How the sides whose calls or whose state at the end are not what they should be
    /// differ.
    pub fn compare(&self) -> Result<BTreeMap<String, String>, Failure> {
        self.ask(&json!({ "compare": true }))
    }

    fn ask<T: DeserializeOwned>(&self, request: &Json) -> Result<T, Failure> {
        let mut process = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        writeln!(process.input, "{request}")?;
        let mut line = String::new();
        if process.output.read_line(&mut line)? == 0 {
            return Err(format!("the bridge ended at {request}").into());
        }
        Ok(serde_json::from_str(&line)?)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // One that is done has ended with its input.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
