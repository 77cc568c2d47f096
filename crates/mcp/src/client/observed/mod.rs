//! What results were seen to look like, for tools that do not say.

mod merge;
mod render;
mod shape;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use shape::Shape;

/// The most tools of a server of which shapes are kept.
const MAX_TOOLS: usize = 1_000;

/// The shapes of results that were seen, for tools without an `outputSchema`.
///
/// A shape is the kinds of values and the keys of objects, never a value. It is
/// shown in later stubs, marked as observed. Nothing is checked against it: the
/// next result may be another.
///
/// It is bounded: six levels deep, 40 keys to an object, 300 parts to a tool. An
/// object with more keys than that, with keys that look like data (long ones,
/// dates, numbers, addresses), or whose keys are never the same twice is a
/// `dict[str, …]`. Of a list, the first 50 items count.
///
/// It is serialized as JSON, so that an embedder can keep it from one run of the
/// program to the next, with [`Servers::observed`](super::Servers::observed) and
/// [`ServersBuilder::observed`](super::ServersBuilder::observed).
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(transparent)]
pub struct Observed {
    servers: BTreeMap<String, ObservedTools>,
}

/// The shapes of one server's results, by the names of its tools.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(transparent)]
pub(super) struct ObservedTools {
    tools: BTreeMap<String, Shape>,
}

impl Observed {
    /// Whether nothing was seen.
    pub fn is_empty(&self) -> bool {
        self.servers.values().all(|server| server.tools.is_empty())
    }

    /// What the results of a tool looked like, such as
    /// `list[{'id': int, 'title': str}]`.
    pub fn result(&self, server: &str, tool: &str) -> Option<String> {
        self.servers.get(server)?.result(tool)
    }

    pub(super) fn insert(&mut self, server: &str, tools: ObservedTools) {
        if !tools.tools.is_empty() {
            self.servers.insert(server.to_owned(), tools);
        }
    }

    /// What is known of one server, within the bounds whatever was read.
    pub(super) fn of(&self, server: &str) -> ObservedTools {
        let tools = self.servers.get(server).cloned().unwrap_or_default().tools;
        let bounded = tools.into_iter().take(MAX_TOOLS);
        ObservedTools {
            tools: bounded
                .map(|(name, shape)| (name, shape.bounded()))
                .collect(),
        }
    }
}

impl ObservedTools {
    /// Learns from a result.
    pub(super) fn see(&mut self, tool: &str, value: &Value) {
        if self.tools.len() >= MAX_TOOLS && !self.tools.contains_key(tool) {
            return;
        }
        let seen = Shape::of(value);
        let merged = match self.tools.remove(tool) {
            Some(known) => known.merge(seen),
            None => seen,
        };
        self.tools.insert(tool.to_owned(), merged.bounded());
    }

    /// The shape of a tool's results.
    pub(super) fn result(&self, tool: &str) -> Option<String> {
        self.tools.get(tool)?.render()
    }
}
