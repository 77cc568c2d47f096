//! [`ServerConfig`]: how a server is started or reached, as `mcpServers` has it.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::duration::Span;
use super::keys;
use super::text;

/// How long a server may take to start, unless its configuration says otherwise.
pub const DEFAULT_START_TIMEOUT: Duration = Duration::from_secs(60);
/// How long a call may take, unless the configuration says otherwise.
pub const DEFAULT_CALL_TIMEOUT: Duration = Duration::from_secs(60);
/// The longest message in bytes, unless the configuration says otherwise.
pub const DEFAULT_MAX_MESSAGE: usize = 16 * 1024 * 1024;

/// One server, in the shape of an entry of the `mcpServers` that other clients
/// read.
///
/// ```
/// use monty_mcp::client::ServerConfig;
///
/// let config: ServerConfig = serde_json::from_str(
///     r#"{
///         "command": "npx",
///         "args": ["-y", "@modelcontextprotocol/server-github"],
///         "env": { "GITHUB_TOKEN": "${GITHUB_TOKEN}" },
///         "callTimeout": "30s"
///     }"#,
/// )?;
/// assert_eq!(config.call_timeout.as_secs(), 30);
///
/// let misspelt = serde_json::from_str::<ServerConfig>(r#"{ "comand": "npx" }"#);
/// assert_eq!(
///     misspelt.unwrap_err().to_string(),
///     "unknown key `comand`: did you mean `command`?"
/// );
/// # Ok::<_, serde_json::Error>(())
/// ```
///
/// # Keys
///
/// | key | meaning |
/// |---|---|
/// | `command`, `args`, `env`, `cwd` | a process that speaks MCP over its standard input and output |
/// | `url`, `headers` | a server that speaks MCP over HTTP |
/// | `type` | `stdio`, or `http`, which can be written `streamable-http` too; follows from the others |
/// | `description` | what the tools are for, for the model |
/// | `disabled` | leaves the server out |
/// | `startTimeout` | how long it may take to start: `"30s"`, or seconds. 60 s |
/// | `callTimeout` | how long a call may take, beside a start that it waits for. 60 s |
/// | `maxMessage` | the longest message in either direction, in bytes. 16 MiB |
///
/// Keys that other clients use and that change nothing here are accepted:
/// `alwaysAllow`, `autoApprove`, `dev`, `gallery`, `icon`, `name`, `note`,
/// `trust`, `version`, and those that begin with `$`, `_`, `//` or `x-`. What is
/// allowed is up to [`Policy`](monty_code_mode::Policy).
///
/// # References
///
/// The values of `env`, `headers` and `url`, the entries of `args`, and `cwd` may
/// hold references, which are read each time the server starts:
///
/// - `${NAME}` and `${env:NAME}`: a variable of this program's environment.
///   `${NAME:-text}` has a text for when it is missing.
/// - `${file:PATH}`: the content of a file, without a line break at its end.
/// - `$${` stands for `${`.
///
/// Their values are secrets: errors, logs and results have `[NAME]` in their
/// place. So are values in `env` and `headers` whose name says that they are
/// (`Authorization`, `…_KEY`, `…_TOKEN`, `…_SECRET`, `…_PASSWORD` and the like),
/// since configurations of other clients often have them written down.
/// Variables that say where things are, such as `HOME` and `PATH`, are no
/// secrets, and neither is a value of less than 6 bytes, which would be found in
/// ordinary text.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct ServerConfig {
    /// How it is reached.
    pub transport: Transport,
    /// What its tools are for, for the model.
    pub description: Option<String>,
    /// Whether it is left out.
    pub disabled: bool,
    /// How long it may take to start and to list its tools.
    pub start_timeout: Duration,
    /// How long a call may take.
    pub call_timeout: Duration,
    /// The longest message in either direction, in bytes.
    pub max_message: usize,
}

/// How a server is reached.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub enum Transport {
    /// A process that is started, and speaks MCP over its standard input and
    /// output.
    #[non_exhaustive]
    Stdio {
        /// The program: a path, or a name that is looked for in `PATH`.
        command: String,
        /// Its arguments.
        args: Vec<String>,
        /// Variables beside the few that each server gets.
        env: BTreeMap<String, String>,
        /// The directory that it starts in: that of this program, if none is
        /// given.
        cwd: Option<PathBuf>,
    },
    /// A server that speaks MCP over HTTP.
    #[non_exhaustive]
    Http {
        /// Its address.
        url: String,
        /// Headers of each request.
        headers: BTreeMap<String, String>,
    },
}

impl ServerConfig {
    /// A process without arguments.
    pub fn command(command: impl Into<String>) -> Self {
        Self::new(Transport::Stdio {
            command: command.into(),
            args: Vec::new(),
            env: BTreeMap::new(),
            cwd: None,
        })
    }

    /// A server at an address, without headers.
    pub fn url(url: impl Into<String>) -> Self {
        Self::new(Transport::Http {
            url: url.into(),
            headers: BTreeMap::new(),
        })
    }

    fn new(transport: Transport) -> Self {
        Self {
            transport,
            description: None,
            disabled: false,
            start_timeout: DEFAULT_START_TIMEOUT,
            call_timeout: DEFAULT_CALL_TIMEOUT,
            max_message: DEFAULT_MAX_MESSAGE,
        }
    }

    /// Adds arguments. A server at an address has none.
    #[must_use]
    pub fn args(mut self, more: impl IntoIterator<Item = impl Into<String>>) -> Self {
        if let Transport::Stdio { args, .. } = &mut self.transport {
            args.extend(more.into_iter().map(Into::into));
        }
        self
    }

    /// Adds a variable to the environment. A server at an address has none.
    #[must_use]
    pub fn env(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        if let Transport::Stdio { env, .. } = &mut self.transport {
            env.insert(name.into(), value.into());
        }
        self
    }

    /// Names the directory that a process starts in.
    #[must_use]
    pub fn cwd(mut self, directory: impl Into<PathBuf>) -> Self {
        if let Transport::Stdio { cwd, .. } = &mut self.transport {
            *cwd = Some(directory.into());
        }
        self
    }

    /// Adds a header to the requests. A process gets none.
    #[must_use]
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        if let Transport::Http { headers, .. } = &mut self.transport {
            headers.insert(name.into(), value.into());
        }
        self
    }

    /// Says what the tools are for.
    #[must_use]
    pub fn description(mut self, description: impl Into<String>) -> Self {
        self.description = Some(description.into());
        self
    }

    /// Leaves the server out, or not.
    #[must_use]
    pub fn disabled(mut self, disabled: bool) -> Self {
        self.disabled = disabled;
        self
    }

    /// Limits how long it may take to start.
    #[must_use]
    pub fn start_timeout(mut self, timeout: Duration) -> Self {
        self.start_timeout = timeout;
        self
    }

    /// Limits how long a call may take.
    #[must_use]
    pub fn call_timeout(mut self, timeout: Duration) -> Self {
        self.call_timeout = timeout;
        self
    }

    /// Limits the length of a message, in bytes.
    #[must_use]
    pub fn max_message(mut self, bytes: usize) -> Self {
        self.max_message = bytes;
        self
    }
}

impl fmt::Debug for ServerConfig {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("ServerConfig")
            .field("transport", &self.transport)
            .field("description", &self.description)
            .field("disabled", &self.disabled)
            .field("start_timeout", &self.start_timeout)
            .field("call_timeout", &self.call_timeout)
            .field("max_message", &self.max_message)
            .finish()
    }
}

/// Shows no values, since people write secrets into them in spite of references.
impl fmt::Debug for Transport {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stdio {
                command,
                args,
                env,
                cwd,
            } => formatter
                .debug_struct("Stdio")
                .field("command", command)
                .field("args", &args.len())
                .field("env", &env.keys().collect::<Vec<_>>())
                .field("cwd", cwd)
                .finish(),
            Self::Http { headers, .. } => formatter
                .debug_struct("Http")
                .field("headers", &headers.keys().collect::<Vec<_>>())
                .finish_non_exhaustive(),
        }
    }
}

/// The configuration of an MCP server.
#[derive(Default, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Written {
    /// `stdio` or `http`. It follows from the other keys.
    #[serde(rename = "type", default, skip_serializing_if = "Option::is_none")]
    kind: Option<Kind>,
    /// The program that speaks MCP over its standard input and output.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    command: Option<String>,
    /// Its arguments. They may hold references: `${NAME}`, `${env:NAME}`, `${file:PATH}`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    args: Option<Vec<String>>,
    /// Variables of its environment. The values may hold references.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    env: Option<BTreeMap<String, String>>,
    /// The directory that it starts in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    cwd: Option<PathBuf>,
    /// The address of a server that speaks MCP over HTTP. It may hold references.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    url: Option<String>,
    /// Headers of each request. The values may hold references.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    headers: Option<BTreeMap<String, String>>,
    /// What the tools are for, for the model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    /// Leaves the server out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    disabled: Option<bool>,
    /// How long it may take to start: `"30s"`, or seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    start_timeout: Option<Span>,
    /// How long a call may take: `"30s"`, or seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    call_timeout: Option<Span>,
    /// The longest message in either direction, in bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    max_message: Option<u64>,
    /// What else is written.
    #[serde(flatten, skip_serializing)]
    #[schemars(skip)]
    rest: BTreeMap<String, serde::de::IgnoredAny>,
}

#[derive(Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum Kind {
    Stdio,
    #[serde(alias = "streamable-http", alias = "streamableHttp")]
    Http,
    /// For an error that says what to do.
    #[serde(untagged)]
    #[schemars(skip)]
    Other(String),
}

/// The longest message that can be allowed, in bytes.
const MOST_MESSAGE: u64 = 1 << 30;

impl TryFrom<Written> for ServerConfig {
    type Error = String;

    fn try_from(written: Written) -> Result<Self, String> {
        for key in written.rest.keys() {
            keys::check(key)?;
        }
        let is_http = match (&written.kind, &written.command, &written.url) {
            (_, Some(_), Some(_)) => {
                return Err("both `command` and `url`: leave one of them out".to_owned());
            }
            (Some(Kind::Other(kind)), _, _) if kind == "sse" => {
                return Err(
                    "the type `sse` is the HTTP transport of 2024, which is not spoken here: give the address of the server's streamable HTTP endpoint, with the type `http`"
                        .to_owned(),
                );
            }
            (Some(Kind::Other(kind)), _, _) => {
                return Err(format!(
                    "the type `{}` is not known: write `stdio` or `http`",
                    text::line(kind, 60)
                ));
            }
            (Some(Kind::Http), _, None) => return Err("the type `http` needs a `url`".to_owned()),
            (Some(Kind::Stdio), None, _) => {
                return Err("the type `stdio` needs a `command`".to_owned());
            }
            (None, None, None) => {
                return Err("neither `command` nor `url`: a server needs one of them".to_owned());
            }
            (_, None, Some(_)) => true,
            (_, Some(_), None) => false,
        };
        let belongs = |is_there: bool, key: &str, to: &str| match is_there {
            true => Err(format!("`{key}` belongs to `{to}`: leave it out")),
            false => Ok(()),
        };
        let transport = match (is_http, written.command, written.url) {
            (false, Some(command), _) => {
                belongs(written.headers.is_some(), "headers", "url")?;
                if command.trim().is_empty() {
                    return Err("`command` is empty: name the program".to_owned());
                }
                Transport::Stdio {
                    command,
                    args: written.args.unwrap_or_default(),
                    env: written.env.unwrap_or_default(),
                    cwd: written.cwd,
                }
            }
            (_, _, url) => {
                belongs(written.args.is_some(), "args", "command")?;
                belongs(written.env.is_some(), "env", "command")?;
                belongs(written.cwd.is_some(), "cwd", "command")?;
                Transport::Http {
                    url: url.unwrap_or_default(),
                    headers: written.headers.unwrap_or_default(),
                }
            }
        };
        let max_message = match written.max_message {
            None => DEFAULT_MAX_MESSAGE,
            Some(bytes @ 1024..=MOST_MESSAGE) => usize::try_from(bytes).unwrap_or(usize::MAX),
            Some(bytes) => {
                return Err(format!(
                    "`maxMessage` is {bytes}: give a number of bytes from 1024 to {MOST_MESSAGE}"
                ));
            }
        };
        Ok(Self {
            transport,
            description: written.description,
            disabled: written.disabled.unwrap_or(false),
            start_timeout: written.start_timeout.map_or(DEFAULT_START_TIMEOUT, |s| s.0),
            call_timeout: written.call_timeout.map_or(DEFAULT_CALL_TIMEOUT, |s| s.0),
            max_message,
        })
    }
}

impl From<&ServerConfig> for Written {
    fn from(config: &ServerConfig) -> Self {
        let unless =
            |duration: Duration, usual: Duration| (duration != usual).then_some(Span(duration));
        let mut written = Self {
            description: config.description.clone(),
            disabled: config.disabled.then_some(true),
            start_timeout: unless(config.start_timeout, DEFAULT_START_TIMEOUT),
            call_timeout: unless(config.call_timeout, DEFAULT_CALL_TIMEOUT),
            max_message: (config.max_message != DEFAULT_MAX_MESSAGE)
                .then_some(config.max_message as u64),
            ..Self::default()
        };
        match &config.transport {
            Transport::Stdio {
                command,
                args,
                env,
                cwd,
            } => {
                written.command = Some(command.clone());
                written.args = (!args.is_empty()).then(|| args.clone());
                written.env = (!env.is_empty()).then(|| env.clone());
                written.cwd = cwd.clone();
            }
            Transport::Http { url, headers } => {
                written.kind = Some(Kind::Http);
                written.url = Some(url.clone());
                written.headers = (!headers.is_empty()).then(|| headers.clone());
            }
        }
        written
    }
}

impl<'de> Deserialize<'de> for ServerConfig {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let written = Written::deserialize(deserializer)?;
        Self::try_from(written).map_err(serde::de::Error::custom)
    }
}

impl Serialize for ServerConfig {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Written::from(self).serialize(serializer)
    }
}

impl JsonSchema for ServerConfig {
    fn schema_name() -> Cow<'static, str> {
        "ServerConfig".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        Written::json_schema(generator)
    }
}
