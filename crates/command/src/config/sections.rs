//! The sections of a configuration.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

use monty_host::os;
use schemars::JsonSchema;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Error, IntoDeserializer as _, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::reference::Reference;
use super::unique::unique;
use super::units::{Size, Time};

/// A function that a command answers
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CommandTool {
    /// Runs in the shell, with the arguments as a JSON object on standard input, and
    /// answers with JSON on standard output
    pub command: String,
    /// What the function does, for the model
    #[serde(default)]
    pub description: Option<String>,
    /// Whether scripts await it, so that several run at once
    #[serde(default, rename = "async")]
    pub is_async: bool,
    /// Whether it changes nothing
    #[serde(default)]
    pub read_only: Option<bool>,
    /// Whether what it does cannot be undone: such calls are asked for
    #[serde(default)]
    pub destructive: Option<bool>,
    /// How long a call may take
    #[serde(default)]
    pub timeout: Option<Time>,
}

/// A directory of this machine
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Mount {
    /// The directory
    pub host: PathBuf,
    /// What scripts may do in it
    #[serde(default)]
    pub mode: MountMode,
}

/// What scripts may do in a directory
#[derive(Clone, Copy, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum MountMode {
    /// They read
    #[default]
    Ro,
    /// They read and write
    Rw,
    /// They read and write, and changes are kept in memory
    Overlay,
}

impl From<MountMode> for os::MountMode {
    fn from(mode: MountMode) -> Self {
        match mode {
            MountMode::Ro => Self::ReadOnly,
            MountMode::Rw => Self::ReadWrite,
            MountMode::Overlay => Self::Overlay,
        }
    }
}

/// What each script may use up. What is left out is as in `monty-host run --help`
#[derive(Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Limits {
    /// Memory of the script's objects
    pub memory: Option<Size>,
    /// Time in Python
    pub duration: Option<Time>,
    /// Time beyond `duration` after which a script is stopped from outside
    pub grace: Option<Time>,
    /// Time that the host works for the script
    pub host_duration: Option<Time>,
    /// Time that the script waits for tools, or sleeps
    pub wait_duration: Option<Time>,
    /// Memory of the host for messages, calls and answers
    pub host_memory: Option<Size>,
    /// One message from the script to the host
    pub message: Option<Size>,
    /// Sleep in all
    pub sleep: Option<Time>,
    /// Depth of Python calls
    pub recursion_depth: Option<u32>,
    /// Calls of tools and of the operating system
    pub calls: Option<u64>,
    /// Text that is printed, and the value of the last line
    pub output: Option<Size>,
    /// Calls of async tools under way at a time
    pub concurrent_calls: Option<usize>,
    /// Time for one call of a tool
    pub call_duration: Option<Time>,
}

/// Which calls are made, asked for and refused
#[derive(Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Policy {
    /// What holds without a rule
    pub default: PolicyDefault,
    /// By function (`github.create_issue`), by module (`github.*`), or for all (`*`)
    #[serde(deserialize_with = "unique")]
    pub rules: BTreeMap<String, RuleSection>,
}

/// What holds for functions without a rule
#[derive(Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum PolicyDefault {
    /// Destructive ones are asked for
    #[default]
    AskDestructive,
    /// All that are not read-only are asked for
    AskUnlessReadOnly,
}

/// A verdict, or an object with budgets too
#[derive(JsonSchema)]
#[schemars(untagged)]
pub enum RuleSection {
    /// A verdict alone
    Verdict(Verdict),
    /// A verdict and budgets
    Rule(Rule),
}

impl<'de> Deserialize<'de> for RuleSection {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;

        impl<'de> Visitor<'de> for Either {
            type Value = RuleSection;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter
                    .write_str("`allow`, `ask`, `deny`, or an object with `verdict` and budgets")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<RuleSection, E> {
                Verdict::deserialize(text.into_deserializer()).map(RuleSection::Verdict)
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<RuleSection, A::Error> {
                Rule::deserialize(MapAccessDeserializer::new(map)).map(RuleSection::Rule)
            }
        }

        deserializer.deserialize_any(Either)
    }
}

/// What is done with a call
#[derive(Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Verdict {
    /// It is made
    Allow,
    /// A person is asked first
    Ask,
    /// The script gets a PermissionError
    Deny,
}

/// A verdict and budgets
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Rule {
    /// What is done with a call
    #[serde(default)]
    pub verdict: Option<Verdict>,
    /// Why calls are denied, for the script
    #[serde(default)]
    pub reason: Option<String>,
    /// Calls of each function in a script
    #[serde(default)]
    pub calls: Option<u64>,
    /// How long a call may take
    #[serde(default)]
    pub timeout: Option<Time>,
    /// How large a result may be in memory
    #[serde(default)]
    pub result_size: Option<Size>,
}

/// A value that tools get and scripts never see
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Secret {
    /// Where the value stands
    pub value: Reference,
    /// The functions that may have it in any argument, such as `github.*`
    #[serde(default)]
    pub tools: Vec<String>,
    /// The functions that may have it in the argument of one parameter
    #[serde(default, deserialize_with = "unique")]
    pub parameters: BTreeMap<String, Vec<String>>,
}

/// How scripts wait for a person
#[derive(Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Approvals {
    /// The key that seals what waits: 32 random bytes in hexadecimal or base64. Without
    /// one, what waits is lost when the server ends, and other servers cannot go on with it
    pub key: Option<Reference>,
    /// Keys that were in use before
    pub old_keys: Vec<Reference>,
    /// A file in which one server keeps what was used and what is too large
    pub store: Option<PathBuf>,
    /// How long a script waits
    pub expires: Option<Time>,
    /// Whether clients that cannot ask their user have the tool `resume`, which the model
    /// calls
    pub resume_tool: Option<bool>,
}

/// What the description and results may take
#[derive(Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Catalogue {
    /// Tokens of signatures in the description
    pub tokens: Option<usize>,
    /// Tokens of a result
    pub result_tokens: Option<usize>,
}

/// The MCP server
#[derive(Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Server {
    /// What it calls itself
    pub name: Option<String>,
    /// The tokens that clients send over HTTP, by the name of the client
    #[serde(deserialize_with = "unique")]
    pub clients: BTreeMap<String, Reference>,
    /// Hosts that clients know it by, besides loopback ones
    pub allowed_hosts: Vec<String>,
    /// Origins of pages that may call it
    pub allowed_origins: Vec<String>,
    /// Scripts that run at once, of all clients
    pub concurrent_scripts: Option<u32>,
    /// Scripts that run at once, of one client
    pub concurrent_scripts_per_client: Option<usize>,
    /// Scripts of one client that wait for their turn
    pub waiting_scripts_per_client: Option<usize>,
    /// What the names of all sessions may take
    pub session_memory: Option<Size>,
    /// How long a request takes before it becomes a task, for clients that know tasks
    pub task_after: Option<Time>,
}
