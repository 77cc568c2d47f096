//! [`ToolIndex`]: finds tools by what they do, and by names that are nearly
//! theirs.

use std::fmt;

use bm25::{Document, SearchEngine, SearchEngineBuilder, Tokenizer};

use crate::stub::Detail;
use crate::toolbox::{AgentTool, ToolKind, Toolbox};

/// The longest query and name that are looked at, in characters. What lies
/// beyond is ignored.
const MAX_QUERY: usize = 500;
const MAX_NAME: usize = 128;

/// How much of a description is indexed.
const MAX_INDEXED: usize = 1_000;

/// How often the words of a name count: a tool that is called so is meant more
/// often than one that mentions it.
const NAME_WEIGHT: usize = 3;

/// How near a name is, from 0 to 1, that could be meant, and how many of them
/// are given.
const NEAR: f64 = 0.7;
const MAX_NEAR: usize = 3;

/// How much less near than the nearest a name may be that is given with it.
const MAX_FURTHER: f64 = 0.1;

/// The shortest name that is near one that it is a part of, in bytes.
const MIN_PART: usize = 4;

/// Finds tools of a [`Toolbox`].
///
/// ```
/// use monty_code_mode::{Toolbox, ToolIndex};
/// use monty_host::Tool;
///
/// let read = Tool::new("read_file", ["path"], |path: String| path)
///     .description("Reads the text of a file");
/// let toolbox = Toolbox::builder().tool(read).build()?;
/// let index = ToolIndex::new(&toolbox);
///
/// let found = index.search("file contents", 5);
/// assert_eq!(found.to_string(), "def read_file(path: str) -> Any: ...\n");
/// let near: Vec<_> = index.nearest("readFile").iter().map(|tool| tool.get_name()).collect();
/// assert_eq!(near, ["read_file"]);
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
pub struct ToolIndex {
    toolbox: Toolbox,
    engine: SearchEngine<u32, u32, Words>,
    /// Each tool's names without case and marks.
    names: Vec<Vec<String>>,
}

impl fmt::Debug for ToolIndex {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_tuple("ToolIndex")
            .field(&self.toolbox)
            .finish()
    }
}

/// Tools that a search found, the best first.
///
/// `Display` writes their signatures, with the types in them, as a script calls
/// them.
#[derive(Clone, Debug)]
pub struct Found<'t> {
    toolbox: &'t Toolbox,
    tools: Vec<&'t AgentTool>,
    /// How many there would be without a limit.
    total: usize,
}

impl<'t> Found<'t> {
    /// The tools, the best first.
    pub fn tools(&self) -> &[&'t AgentTool] {
        &self.tools
    }

    /// How many tools fit the query, with those beyond the limit.
    pub fn total(&self) -> usize {
        self.total
    }
}

impl fmt::Display for Found<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tools = self.tools.iter().copied();
        formatter.write_str(&self.toolbox.stubs().source(tools, Detail::Signature))
    }
}

impl ToolIndex {
    /// Indexes the tools: their names, both in Python and original, split into
    /// words, their descriptions, and the names and descriptions of their
    /// parameters.
    pub fn new(toolbox: &Toolbox) -> Self {
        let documents = toolbox.iter().zip(0_u32..);
        let documents = documents.map(|(tool, id)| Document::new(id, indexed(tool)));
        let documents: Vec<_> = documents.collect();
        Self {
            engine: SearchEngineBuilder::with_tokenizer_and_documents(Words, documents).build(),
            names: toolbox.iter().map(names).collect(),
            toolbox: toolbox.clone(),
        }
    }

    /// The tools that fit a query best, at most `limit`.
    ///
    /// Tools that are called as the query come first, the others are ranked by
    /// BM25. A query that no word of a tool is in gives those with a
    /// name near it; one without words gives the first tools by name.
    pub fn search(&self, query: &str, limit: usize) -> Found<'_> {
        let query = start(query, MAX_QUERY);
        let mut tools: Vec<&AgentTool> = match Words.tokenize(query).is_empty() {
            true => {
                let mut tools: Vec<_> = self.toolbox.iter().collect();
                tools.sort_by_key(|tool| tool.get_name());
                tools
            }
            false => self.ranked(query),
        };
        if tools.is_empty() {
            tools = self.nearest(query);
        }
        let total = tools.len();
        tools.truncate(limit);
        Found {
            toolbox: &self.toolbox,
            tools,
            total,
        }
    }

    fn ranked(&self, query: &str) -> Vec<&AgentTool> {
        let wanted = plain(query);
        let mut found: Vec<_> = self
            .engine
            .search(query, None)
            .into_iter()
            .filter_map(|found| {
                let place = usize::try_from(found.document.id).ok()?;
                let is_called_so = self.names.get(place)?.contains(&wanted);
                Some((is_called_so, found.score, self.toolbox.iter().nth(place)?))
            })
            .collect();
        // Among many tools, a short name such as `find` is a word of many others,
        // which say it more often. The engine leaves open which of two that rank
        // the same is first.
        found.sort_by(
            |(called_so, score, tool), (other_called_so, other_score, other)| {
                other_called_so
                    .cmp(called_so)
                    .then_with(|| other_score.total_cmp(score))
                    .then_with(|| tool.get_name().cmp(other.get_name()))
            },
        );
        found.into_iter().map(|(.., tool)| tool).collect()
    }

    /// A tool with its documentation, by its name in Python or the original
    /// one, or the tools of a namespace. [`nearest`](Self::nearest) tells which
    /// could be meant if there is none.
    pub fn describe(&self, name: &str) -> Option<String> {
        let stubs = self.toolbox.stubs();
        if let Some(tool) = self.toolbox.get(name) {
            return Some(stubs.source([tool], Detail::Full));
        }
        let of_name = |tool: &&AgentTool| {
            let original = tool.original_name();
            match tool.get_namespace() {
                None => original == name,
                Some(of) => [&of.name, &of.original_name].into_iter().any(|of| {
                    let rest = name.strip_prefix(of.as_str());
                    rest.and_then(|rest| rest.strip_prefix('.')) == Some(original)
                }),
            }
        };
        if let Some(tool) = self.toolbox.iter().find(of_name) {
            return Some(stubs.source([tool], Detail::Full));
        }
        let within: Vec<_> = self
            .toolbox
            .iter()
            .filter(|tool| {
                let of = tool.get_namespace();
                of.is_some_and(|of| of.name == name || of.original_name == name)
            })
            .collect();
        (!within.is_empty()).then(|| stubs.source(within, Detail::Signature))
    }

    /// The tools that a name could mean that is none of theirs, the nearest
    /// first, three at most.
    ///
    /// A name without a namespace means the tools of that name in all of them.
    /// Case, `_`, `-` and the like do not matter, and original names count too.
    pub fn nearest(&self, name: &str) -> Vec<&AgentTool> {
        let wanted = plain(start(name, MAX_NAME));
        if wanted.is_empty() {
            return Vec::new();
        }
        let near = self
            .toolbox
            .iter()
            .zip(&self.names)
            .filter_map(|(tool, names)| {
                let names = names.iter().map(|name| nearness(&wanted, name));
                let nearest = names.max_by(f64::total_cmp)?;
                (nearest >= NEAR).then_some((nearest, tool))
            });
        let mut near: Vec<_> = near.collect();
        near.sort_by(|(nearness, tool), (other_nearness, other)| {
            other_nearness
                .total_cmp(nearness)
                .then_with(|| tool.get_name().cmp(other.get_name()))
        });
        if let Some((nearest, _)) = near.first() {
            let least = nearest - MAX_FURTHER;
            near.retain(|(nearness, _)| *nearness >= least);
        }
        near.truncate(MAX_NEAR);
        near.into_iter().map(|(_, tool)| tool).collect()
    }

    /// The names of [the nearest tools](Self::nearest), as `a or b`, if there are any.
    ///
    /// ```
    /// # use monty_code_mode::{ToolIndex, Toolbox};
    /// # use monty_host::Tool;
    /// let read = Tool::new("read_file", ["path"], |path: String| path);
    /// let index = ToolIndex::new(&Toolbox::builder().tool(read).build()?);
    /// assert_eq!(index.meant("readFile").as_deref(), Some("read_file"));
    /// assert_eq!(index.meant("launch"), None);
    /// # Ok::<_, monty_code_mode::ToolboxError>(())
    /// ```
    pub fn meant(&self, name: &str) -> Option<String> {
        let near = self.nearest(name);
        let near: Vec<_> = near.into_iter().map(AgentTool::get_name).collect();
        (!near.is_empty()).then(|| near.join(" or "))
    }
}

/// How near two names are. Names of very different lengths are not compared.
fn nearness(wanted: &str, name: &str) -> f64 {
    let (shorter, longer) = match wanted.len() < name.len() {
        true => (wanted, name),
        false => (name, wanted),
    };
    if shorter.len() * 2 < longer.len() {
        return 0.0;
    }
    // `status` for `git_status`.
    let part = match shorter.len() >= MIN_PART && longer.contains(shorter) {
        true => NEAR,
        false => 0.0,
    };
    part.max(strsim::normalized_damerau_levenshtein(wanted, name))
}

/// The names that a tool could be called by.
fn names(tool: &AgentTool) -> Vec<String> {
    let original = tool.original_name();
    let mut names = vec![
        plain(tool.get_name()),
        plain(tool.bare_name()),
        plain(original),
    ];
    if let Some(namespace) = tool.get_namespace() {
        names.push(plain(&namespace.original_name) + &plain(original));
    }
    names.iter_mut().for_each(|name| {
        let end = start(name, MAX_NAME).len();
        name.truncate(end);
    });
    names.sort();
    names.dedup();
    names.retain(|name| !name.is_empty());
    names
}

/// A name without case and marks.
fn plain(name: &str) -> String {
    let letters = name.chars().filter(|character| character.is_alphanumeric());
    letters.flat_map(char::to_lowercase).collect()
}

fn start(text: &str, max_chars: usize) -> &str {
    match text.char_indices().nth(max_chars) {
        Some((end, _)) => text.get(..end).unwrap_or_default(),
        None => text,
    }
}

/// What is indexed of a tool.
fn indexed(tool: &AgentTool) -> String {
    let mut text = String::new();
    let mut add = |part: &str| {
        text.push_str(start(part, MAX_INDEXED));
        text.push('\n');
    };
    for _ in 0..NAME_WEIGHT {
        add(tool.bare_name());
    }
    add(tool.original_name());
    if let Some(namespace) = tool.get_namespace() {
        add(&namespace.name);
        add(&namespace.original_name);
    }
    if let ToolKind::Schema(tool) = tool.kind() {
        add(tool.schema().title.as_deref().unwrap_or_default());
    }
    add(tool.get_description().unwrap_or_default());
    for parameter in tool.get_signature().get_parameters() {
        add(parameter.get_name());
        add(parameter.get_description().unwrap_or_default());
    }
    text
}

/// Splits a text into words, in lower case and without a plural: at everything
/// that is no letter or digit, and at the humps of `camelCase`.
#[derive(Clone, Copy, Debug, Default)]
struct Words;

impl Tokenizer for Words {
    fn tokenize(&self, text: &str) -> Vec<String> {
        let mut words = Vec::new();
        let mut word = String::new();
        let mut last = ' ';
        let mut characters = text.chars().peekable();
        while let Some(character) = characters.next() {
            // `readFile` and `HTTPServer`.
            let next_is_lower = characters.peek().is_some_and(|next| next.is_lowercase());
            let is_hump = character.is_uppercase()
                && (last.is_lowercase()
                    || last.is_numeric()
                    || last.is_uppercase() && next_is_lower);
            if is_hump || !character.is_alphanumeric() {
                end_word(&mut word, &mut words);
            }
            if character.is_alphanumeric() {
                word.extend(character.to_lowercase());
            }
            last = character;
        }
        end_word(&mut word, &mut words);
        words
    }
}

fn end_word(word: &mut String, words: &mut Vec<String>) {
    if word.len() > 3 && word.ends_with('s') && !word.ends_with("ss") {
        word.pop();
    }
    if !word.is_empty() {
        words.push(std::mem::take(word));
    }
}
