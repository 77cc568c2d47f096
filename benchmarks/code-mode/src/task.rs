//! What is replayed.

use serde::Deserialize;
use serde_json::{Map, Value as Json};

/// All data sets, as `data/sets.py` writes them.
#[derive(Deserialize)]
pub struct Everything {
    pub sets: Vec<Set>,
    /// The tools that are there besides those of a task.
    pub others: Vec<ToolDocument>,
}

#[derive(Deserialize)]
pub struct Set {
    pub name: String,
    /// Whether it is more than replayed.
    pub is_counted: bool,
    pub tasks: Vec<Task>,
}

/// A conversation.
#[derive(Deserialize)]
pub struct Task {
    pub id: String,
    pub tools: Vec<ToolDocument>,
    pub turns: Vec<UserTurn>,
}

/// A message of the user, and the calls that it leads to.
#[derive(Deserialize)]
pub struct UserTurn {
    pub message: String,
    pub calls: Vec<GroundTruthCall>,
}

#[derive(Deserialize)]
pub struct GroundTruthCall {
    pub name: String,
    pub arguments: Map<String, Json>,
    /// The arguments as Python.
    pub literals: Map<String, Json>,
}

#[derive(Clone, Deserialize)]
pub struct ToolDocument {
    pub name: String,
    pub description: String,
    pub input: Json,
    pub output: Option<Json>,
}

impl Task {
    /// The names of the tools that are called.
    pub fn called(&self) -> Vec<&str> {
        let calls = self.turns.iter().flat_map(|turn| &turn.calls);
        let mut names: Vec<_> = calls.map(|call| call.name.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        names
    }
}
