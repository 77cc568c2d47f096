//! The scripts of `conformance/scripts`.

use std::fs;

use monty_value::Value;
use monty_value::types::{Answer, Exception, ObjectId};
use serde_json::Value as Json;

use super::meaning::{array, exception, id, string, value_of};
use super::message::{folder, read};

/// A script and what happens.
pub struct Script {
    /// The name of its files.
    pub name: String,
    /// The source.
    pub source: String,
    /// Names and values.
    pub inputs: Vec<(String, Value)>,
    /// The options that are set.
    pub options: Json,
    /// What the host does, in order.
    pub turns: Vec<Turn>,
}

/// Something that the host does.
pub struct Turn {
    /// What.
    pub does: Does,
    /// The calls that arrive meanwhile.
    pub steps: Vec<Step>,
    /// How it ends, as the data has it.
    pub ends: Option<Json>,
}

/// What a host does.
pub enum Does {
    /// Runs the whole source.
    Run,
    /// Feeds the next cell.
    Feed,
    /// Calls a function of the session.
    Call {
        /// Its name.
        name: String,
        /// The positional arguments.
        positional: Vec<Value>,
        /// The keyword arguments.
        keyword: Vec<(String, Value)>,
        /// Whether to await what it returns.
        awaits: bool,
    },
    /// Brings answers by their labels.
    Resume(Vec<(String, Answer)>),
    /// Goes on from the session's dump.
    Restore,
    /// Abandons the suspended snippet.
    Abandon,
}

/// A call that arrives.
#[derive(Debug)]
#[allow(
    clippy::large_enum_variant,
    reason = "a script has a few, which are moved once"
)]
pub enum Step {
    /// `external-call.call`.
    Call {
        /// The function or method.
        name: String,
        /// Its receiver.
        receiver: Option<ObjectId>,
        /// The arguments, as a meaning: a tuple of the positional ones and a
        /// dict of the keyword ones.
        arguments: Json,
        /// Whether it is awaited at once.
        awaited: bool,
        /// The text of its position.
        at: Option<String>,
        /// What later steps call it.
        label: Option<String>,
        /// What to answer; nothing for a call that is pending.
        answer: Option<Answer>,
    },
    /// `get-name`, or `get-attribute` of a receiver.
    Get {
        /// The name.
        name: String,
        /// The object.
        receiver: Option<ObjectId>,
        /// What to answer.
        answer: Result<Option<Value>, Exception>,
    },
    /// `settle`.
    Settle {
        /// The calls that are open.
        open: Vec<String>,
        /// Whether there is a timeout.
        timeout: bool,
        /// The answers by label.
        answers: Vec<(String, Answer)>,
    },
    /// `print.write`.
    Print {
        /// Whether it goes to standard error.
        error: bool,
        /// The text.
        text: String,
        /// What to answer, if it is not written.
        raised: Option<Exception>,
    },
}

impl Script {
    /// All scripts.
    pub fn all() -> Vec<Self> {
        let folder = folder().join("scripts");
        let files = || {
            let files = fs::read_dir(&folder).expect("the folder is there");
            files.map(|entry| entry.expect("it can be listed").file_name())
        };
        let named = |extension: &str| {
            let names =
                files().filter_map(|name| Some(name.to_str()?.strip_suffix(extension)?.to_owned()));
            let mut names: Vec<String> = names.collect();
            names.sort();
            names
        };
        let names = named(".json");
        assert_eq!(names, named(".py"), "each source has its data");
        let scripts = names.into_iter();
        scripts.map(|name| Self::read(&folder, name)).collect()
    }

    fn read(folder: &std::path::Path, name: String) -> Self {
        let data = read(&folder.join(format!("{name}.json")));
        let source = fs::read_to_string(folder.join(format!("{name}.py")))
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        Self {
            inputs: pairs(&data["inputs"]),
            options: data["options"].clone(),
            turns: array(&data["turns"]).iter().map(turn).collect(),
            name,
            source,
        }
    }

    /// The cells of the source.
    pub fn cells(&self) -> Vec<String> {
        let mut cells = vec![String::new()];
        for line in self.source.split_inclusive('\n') {
            if line.trim_end() == "# %%" {
                cells.push(String::new());
            } else if let Some(cell) = cells.last_mut() {
                cell.push_str(line);
            }
        }
        cells
    }
}

fn turn(data: &Json) -> Turn {
    let does = &data["does"];
    Turn {
        does: match does.as_str() {
            Some("run") => Does::Run,
            Some("feed") => Does::Feed,
            Some("restore") => Does::Restore,
            Some("abandon") => Does::Abandon,
            Some(unknown) => panic!("nobody can do {unknown}"),
            None if does.get("resume").is_some() => Does::Resume(answers(&does["resume"])),
            None => {
                let call = &does["call"];
                Does::Call {
                    name: string(&call["name"]),
                    positional: values(&call["positional"]),
                    keyword: pairs(&call["keyword"]),
                    awaits: call["awaits"].as_bool().expect("a bool"),
                }
            }
        },
        steps: list(&data["steps"]).iter().map(step).collect(),
        ends: data.get("ends").cloned(),
    }
}

fn step(data: &Json) -> Step {
    let receiver = data.get("receiver").map(id);
    if let Some(name) = data.get("call") {
        let positional = list(&data["positional"]).to_vec();
        let keyword: Vec<Json> = list(&data["keyword"])
            .iter()
            .map(|pair| serde_json::json!([{ "str": pair[0] }, pair[1]]))
            .collect();
        let reply = &data["reply"];
        return Step::Call {
            name: string(name),
            receiver,
            arguments: serde_json::json!({ "tuple": [{ "tuple": positional }, { "dict": keyword }] }),
            awaited: data["awaited"].as_bool().unwrap_or(false),
            at: data.get("at").map(string),
            label: data.get("as").map(string),
            answer: (reply.as_str() != Some("pending")).then(|| answer(reply)),
        };
    }
    if let Some(name) = data.get("get-name").or_else(|| data.get("get-attribute")) {
        return Step::Get {
            name: string(name),
            receiver,
            answer: match &data["reply"] {
                Json::String(nothing) if nothing == "nothing" => Ok(None),
                reply if reply.get("value").is_some() => Ok(Some(value_of(&reply["value"]))),
                reply => Err(exception(&reply["raised"])),
            },
        };
    }
    if let Some(open) = data.get("settle") {
        return Step::Settle {
            open: array(open).iter().map(string).collect(),
            timeout: data["timeout"].as_bool().expect("a bool"),
            answers: answers(&data["answers"]),
        };
    }
    let error = data.get("print").is_none();
    Step::Print {
        error,
        text: string(&data[if error { "print-error" } else { "print" }]),
        raised: data.get("reply").map(|reply| exception(&reply["raised"])),
    }
}

fn answer(reply: &Json) -> Answer {
    match reply.as_str() {
        Some("not-found") => Answer::NotFound,
        Some("suspend") => Answer::Suspend,
        Some(unknown) => panic!("{unknown} is no answer"),
        None if reply.get("value").is_some() => {
            let message = value_of(&reply["value"]).to_message();
            Answer::Value(message.expect("it fits a message"))
        }
        None => Answer::Raised(exception(&reply["raised"])),
    }
}

fn answers(data: &Json) -> Vec<(String, Answer)> {
    let answers = array(data).iter();
    answers
        .map(|pair| (string(&pair[0]), answer(&pair[1])))
        .collect()
}

fn list(data: &Json) -> &[Json] {
    match data {
        Json::Null => &[],
        list => array(list),
    }
}

/// Values that may share objects.
fn values(data: &Json) -> Vec<Value> {
    let all = value_of(&serde_json::json!({ "tuple": list(data) }));
    all.items().expect("a tuple").to_vec()
}

fn pairs(data: &Json) -> Vec<(String, Value)> {
    let names = list(data).iter().map(|pair| string(&pair[0]));
    let contents: Vec<Json> = list(data).iter().map(|pair| pair[1].clone()).collect();
    names.zip(values(&contents.into())).collect()
}
