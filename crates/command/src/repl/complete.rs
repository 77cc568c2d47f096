//! What the tab key completes: names, attributes, modules and commands.

use std::collections::{BTreeSet, HashMap};
use std::sync::LazyLock;
use std::time::Duration;

use monty_host::{FeatureSet, FeedOptions, Host, Limits, Monty, Session, Value};

use super::commands::COMMANDS;

/// The longest that a completion may run Python: a person waits for it.
const MAX_DURATION: Duration = Duration::from_millis(200);

/// The attributes of built-in types, which Monty does not list. Each line is
/// `TYPE: NAME NAME …`; a test looks them up in the interpreter.
static ATTRIBUTES: LazyLock<HashMap<&str, Vec<&str>>> = LazyLock::new(|| {
    let lines = include_str!("attributes.txt").lines();
    let types = lines.filter_map(|line| line.split_once(": "));
    types
        .map(|(name, attributes)| (name, attributes.split(' ').collect()))
        .collect()
});

/// The keywords of statements and expressions that Monty supports.
const KEYWORDS: [&str; 30] = [
    "False", "None", "True", "and", "as", "assert", "async", "await", "break", "case", "class",
    "continue", "def", "elif", "else", "except", "finally", "for", "from", "if", "import", "in",
    "is", "lambda", "match", "not", "or", "raise", "return", "while",
];

/// The names that a session starts with.
pub struct Names {
    features: FeatureSet,
    /// The tools, with their modules: `github.create_issue`.
    tools: Vec<String>,
}

/// A word that is being typed.
struct Word<'l> {
    /// The line before it.
    before: &'l str,
    /// The expression before the last dot, if there is one.
    object: Option<&'l str>,
    /// How the name begins.
    prefix: &'l str,
}

impl Names {
    pub fn new(features: FeatureSet, tools: Vec<String>) -> Self {
        Self { features, tools }
    }

    /// How the word at the end of a line may go on: each answer replaces the last
    /// name. It runs in a copy of the session that reaches nothing.
    pub async fn complete(&self, line: &str, monty: &Monty, session: &mut Session) -> Vec<String> {
        let Some(word) = Word::of(line) else {
            return Vec::new();
        };
        let mut found = BTreeSet::new();
        let statement = word.before.trim_start();
        match word.object {
            None if statement == ":" => {
                found.extend(COMMANDS.map(|(name, _)| name.to_owned()));
            }
            object if matches!(statement, "import " | "from ") => {
                let within = object.map_or(String::new(), |object| format!("{object}."));
                let modules = self.modules();
                let names = modules.filter_map(|name| name.strip_prefix(&within));
                found.extend(names.filter_map(first_part));
            }
            None => {
                found.extend(KEYWORDS.map(str::to_owned));
                found.extend(self.features.builtins.iter().cloned());
                found.extend(self.tools.iter().filter_map(|name| first_part(name)));
                if let Some(mut copy) = copy(monty, session).await {
                    found.extend(names_of(&mut copy).await);
                }
            }
            Some(object) => {
                let prefix = format!("{object}.");
                let tools = self.tools.iter();
                let tools = tools.filter_map(|name| name.strip_prefix(&prefix));
                found.extend(tools.filter_map(first_part));
                if let Some(mut copy) = copy(monty, session).await {
                    found.extend(self.attributes(object, &mut copy).await);
                }
            }
        }
        let shows_private = word.prefix.starts_with('_');
        found
            .into_iter()
            .filter(|name| name.starts_with(word.prefix) && name != word.prefix)
            .filter(|name| shows_private || !name.starts_with('_'))
            .collect()
    }

    /// What can be imported: Monty's modules and those of servers.
    fn modules(&self) -> impl Iterator<Item = &str> {
        let own = self.features.modules.iter();
        let of_tools = self.tools.iter();
        own.map(|module| module.name.as_str())
            .chain(of_tools.filter_map(|name| Some(name.rsplit_once('.')?.0)))
    }

    async fn attributes(&self, object: &str, session: &mut Session) -> Vec<String> {
        // A class has the attributes of its instances, and a module shows its name.
        let described = format!(
            "(type({object}).__name__, {object}.__name__ if type({object}).__name__ == 'type' else repr({object}) if type({object}).__name__ == 'module' else '')"
        );
        let described = evaluated(session, &described).await;
        let described = described.and_then(|value| value.extract::<(String, String)>().ok());
        let Some((kind, name)) = described else {
            return Vec::new();
        };
        if kind == "module" {
            let name = name.trim_start_matches("<module '").trim_end_matches("'>");
            let mut modules = self.features.modules.iter();
            let module = modules.find(|module| module.name == name);
            return module.map_or(Vec::new(), |module| module.names.clone());
        }
        let kind = if kind == "type" { &name } else { &kind };
        if let Some(names) = ATTRIBUTES.get(kind.as_str()) {
            return names.iter().map(|&name| name.to_owned()).collect();
        }
        match evaluated(session, object).await {
            Some(Value::NamedTuple(tuple)) => tuple.field_names().to_vec(),
            Some(Value::Instance(instance)) => {
                let names = instance.attributes.iter().map(|(name, _)| name);
                names.filter_map(Value::as_str).map(str::to_owned).collect()
            }
            _ => Vec::new(),
        }
    }
}

impl<'l> Word<'l> {
    /// The word at the end of a line, unless what stands before its last dot is more
    /// than names.
    fn of(line: &'l str) -> Option<Self> {
        let is_part = |c: char| c.is_alphanumeric() || c == '_' || c == '.';
        let start = line.trim_end_matches(is_part).len();
        let (before, word) = line.split_at_checked(start)?;
        let Some((object, prefix)) = word.rsplit_once('.') else {
            return Some(Self {
                before,
                object: None,
                prefix: word,
            });
        };
        let is_name = |part: &str| part.starts_with(|c: char| c.is_alphabetic() || c == '_');
        object.split('.').all(is_name).then_some(Self {
            before,
            object: Some(object),
            prefix,
        })
    }
}

fn first_part(name: &str) -> Option<String> {
    name.split('.').next().map(str::to_owned)
}

/// A copy of a session that reaches nothing.
async fn copy(monty: &Monty, session: &mut Session) -> Option<Session> {
    let snapshot = session.dump().await.ok()?;
    let builder = monty.session().host(Host::new());
    builder.restore(&snapshot).await.ok()
}

async fn names_of(session: &mut Session) -> Vec<String> {
    let names = evaluated(session, "list(locals())").await;
    names
        .and_then(|names| names.extract().ok())
        .unwrap_or_default()
}

async fn evaluated(session: &mut Session, expression: &str) -> Option<Value> {
    let limits = Limits::default().with_duration(MAX_DURATION);
    let feed = session.feed(expression);
    let feed = feed.options(FeedOptions::new().limits(limits));
    Some(feed.run().await.ok()?.value)
}
