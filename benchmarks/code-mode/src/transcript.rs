//! A conversation in tokens.

use serde::Serialize;
use tiktoken_rs::o200k_base_singleton;

/// The tokens of a text, as `o200k_base` counts them.
pub fn tokens(text: &str) -> u64 {
    o200k_base_singleton().encode_ordinary(text).len() as u64
}

/// What the model writes at once, and what it reads of it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Exchange {
    /// Calls, or a script.
    pub output: u64,
    pub results: u64,
}

/// What conversations cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Totals {
    /// Requests to the model, with the one that each answer to the user takes.
    pub model_turns: u64,
    /// Of the tools, in one request.
    pub descriptions: u64,
    /// What the model writes: calls or scripts.
    pub output: u64,
    /// What it reads of them.
    pub results: u64,
    /// All input, each text once: as if a prompt cache kept everything.
    pub input_once: u64,
    /// All input, where each request has everything before it once more.
    pub input_resent: u64,
}

impl Totals {
    /// A conversation: for each message of the user, its tokens and the exchanges that
    /// it leads to, with one request more for the answer. That has no tokens here, for
    /// it is not in the data.
    pub fn of<'e, E>(descriptions: u64, turns: impl IntoIterator<Item = (u64, E)>) -> Self
    where
        E: IntoIterator<Item = &'e Exchange>,
    {
        let mut totals = Self {
            descriptions,
            input_once: descriptions,
            ..Self::default()
        };
        // What each request has besides the tools.
        let mut context = 0;
        for (message, exchanges) in turns {
            context += message;
            totals.input_once += message;
            for exchange in exchanges {
                totals.request(context);
                totals.output += exchange.output;
                totals.results += exchange.results;
                totals.input_once += exchange.results;
                context += exchange.output + exchange.results;
            }
            totals.request(context);
        }
        totals
    }

    fn request(&mut self, context: u64) {
        self.model_turns += 1;
        self.input_resent += self.descriptions + context;
    }
}

impl std::ops::AddAssign for Totals {
    fn add_assign(&mut self, other: Self) {
        self.model_turns += other.model_turns;
        self.descriptions += other.descriptions;
        self.output += other.output;
        self.results += other.results;
        self.input_once += other.input_once;
        self.input_resent += other.input_resent;
    }
}
