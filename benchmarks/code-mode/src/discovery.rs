//! How a model comes to know the tools that it calls.

use std::cell::OnceCell;
use std::collections::HashSet;

use monty_code_mode::{CodeMode, ToolIndex};

use crate::scripts;
use crate::task::{Task, UserTurn};
use crate::toolset::Catalogue;
use crate::transcript::Exchange;

/// How many tools a search lists.
const FOUND: usize = 5;

/// What the model has seen of the tools of a task.
pub struct Discovery<'t> {
    code_mode: &'t CodeMode,
    reads_documentation: bool,
    seen: HashSet<&'t str>,
    documented: HashSet<&'t str>,
    pub searched: Searched,
    index: OnceCell<ToolIndex>,
}

/// What became of searches.
#[derive(Default)]
pub struct Searched {
    /// How many tools were looked for.
    pub tools: usize,
    /// Those that the words of their names did not find.
    pub missed: Vec<String>,
    /// How many the message of the user finds.
    pub by_message: usize,
}

impl<'t> Discovery<'t> {
    pub fn new(
        code_mode: &'t CodeMode,
        catalogue: Catalogue,
        description: &str,
        task: &'t Task,
    ) -> Self {
        let called = task.called().into_iter();
        let listed = called.filter(|name| lists(description, code_mode, name));
        Self {
            code_mode,
            reads_documentation: catalogue == Catalogue::Documented,
            seen: listed.collect(),
            documented: HashSet::new(),
            searched: Searched::default(),
            index: OnceCell::new(),
        }
    }

    /// What the model looks up before it makes the calls of a turn: one script that
    /// searches for the tools it has not seen, by the words of their names, and one that
    /// reads documentation.
    pub async fn before(&mut self, turn: &'t UserTurn) -> Vec<Exchange> {
        let mut names: Vec<_> = turn.calls.iter().map(|call| call.name.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        let mut exchanges = Vec::new();
        let unseen = names.iter().copied();
        let unseen: Vec<_> = unseen.filter(|name| !self.seen.contains(name)).collect();
        if !unseen.is_empty() {
            exchanges.push(self.search(&unseen).await);
            let index = self
                .index
                .get_or_init(|| ToolIndex::new(self.code_mode.toolbox()));
            let found = index.search(&turn.message, FOUND);
            let found = found.tools().iter();
            let found = found.filter(|tool| unseen.contains(&tool.original_name()));
            self.searched.by_message += found.count();
        }
        names.retain(|name| !self.documented.contains(name));
        if self.reads_documentation && !names.is_empty() {
            exchanges.push(self.read(&names).await);
        }
        exchanges
    }

    async fn search(&mut self, names: &[&'t str]) -> Exchange {
        let lines = names.iter().map(|name| {
            let words = name.replace(['_', '.', '-'], " ");
            format!("print(search_tools('{words}', limit={FOUND}))")
        });
        let (exchange, text) = self.run(lines).await;
        let missed = names
            .iter()
            .filter(|name| !lists(&text, self.code_mode, name));
        self.searched
            .missed
            .extend(missed.map(|name| (*name).to_owned()));
        self.searched.tools += names.len();
        self.seen.extend(names);
        exchange
    }

    async fn read(&mut self, names: &[&'t str]) -> Exchange {
        let lines = names
            .iter()
            .map(|name| format!("print(describe_tool('{name}'))"));
        let (exchange, _) = self.run(lines).await;
        self.documented.extend(names);
        exchange
    }

    async fn run(&self, lines: impl Iterator<Item = String>) -> (Exchange, String) {
        let script = lines.collect::<Vec<_>>().join("\n");
        let mut conversation = self.code_mode.conversation();
        let (exchange, outcome) =
            scripts::exchange(&script, self.code_mode, &mut conversation).await;
        (exchange, outcome.text().to_owned())
    }
}

/// Whether a text has the signature of a tool.
fn lists(text: &str, code_mode: &CodeMode, original_name: &str) -> bool {
    let tool = code_mode.toolbox().find_original(None, original_name);
    tool.is_some_and(|tool| text.contains(&format!("def {}(", tool.get_name())))
}
