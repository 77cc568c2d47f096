//! The configuration file: what scripts reach, and who may do what.

mod reference;
mod sections;
mod unique;
mod units;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use monty_host::Error;
use monty_mcp::client::ServerConfig;
use schemars::JsonSchema;
use serde::Deserialize;

pub use self::reference::Reference;
pub use self::sections::{
    Approvals, Catalogue, CommandTool, Limits, Mount, Policy, PolicyDefault, RuleSection, Secret,
    Server, Verdict,
};
use self::unique::unique;
pub use self::units::{Size, Time};

/// Configuration of `monty-host run`, `repl` and `mcp`.
///
/// Secrets stand in the environment or in files, and are referred to as `${NAME}`,
/// `${env:NAME}` and `${file:PATH}`. Relative paths start from the directory of this file.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
#[schemars(title = "monty-host")]
pub struct Config {
    /// The JSON Schema of this file, for editors
    #[serde(rename = "$schema")]
    pub schema: Option<String>,
    /// MCP servers, each a module for scripts
    #[serde(deserialize_with = "unique")]
    pub mcp_servers: BTreeMap<String, ServerConfig>,
    /// Functions that commands answer, by signature, such as `weather(city, days=1)`
    #[serde(deserialize_with = "unique")]
    pub tools: BTreeMap<String, CommandTool>,
    /// Directories that scripts find, by the path they find them at
    #[serde(deserialize_with = "unique")]
    pub mounts: BTreeMap<String, Mount>,
    /// Environment variables that scripts see
    #[serde(deserialize_with = "unique")]
    pub environment: BTreeMap<String, String>,
    /// What each script may use up
    pub limits: Limits,
    /// Which calls are made, asked for and refused
    pub policy: Policy,
    /// Values that tools get and scripts never see, by the name that scripts use
    #[serde(deserialize_with = "unique")]
    pub secrets: BTreeMap<String, Secret>,
    /// Whether scripts are checked against the types of the tools before they run:
    /// `monty-host mcp` does, unless it is told otherwise
    pub check: Option<bool>,
    /// How scripts wait for a person
    pub approvals: Approvals,
    /// What the description and results may take
    pub catalogue: Catalogue,
    /// The MCP server
    pub server: Server,
    /// The directory of the file.
    #[serde(skip)]
    pub directory: PathBuf,
}

/// The longest configuration, in bytes.
const LONGEST: u64 = 4 * 1024 * 1024;

impl Config {
    /// Reads a file.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let shown = path.display();
        let unreadable = |error: std::io::Error| {
            Error::invalid(format_args!(
                "cannot read the configuration {shown}: {error}"
            ))
        };
        let length = std::fs::metadata(path).map_err(unreadable)?.len();
        if length > LONGEST {
            return Err(Error::invalid(format_args!(
                "the configuration {shown} has {length} bytes, more than {LONGEST}"
            )));
        }
        let text = std::fs::read_to_string(path).map_err(unreadable)?;
        let mut config = Self::parse(&text).map_err(|problem| {
            Error::invalid(format_args!("the configuration {shown}: {problem}"))
        })?;
        let directory = path.parent().unwrap_or(Path::new(""));
        config.directory = match directory.as_os_str().is_empty() {
            true => PathBuf::from("."),
            false => directory.to_owned(),
        };
        Ok(config)
    }

    fn parse(text: &str) -> Result<Self, String> {
        // A list would be taken for the fields in order.
        if !text.trim_start().starts_with('{') {
            return Err("it is no JSON object: write { … }".to_owned());
        }
        let mut reader = serde_json::Deserializer::from_str(text);
        let config = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
            let path = error.path().to_string();
            let inner = error.into_inner();
            match path.as_str() {
                "." | "?" => inner.to_string(),
                path => format!("{path}: {inner}"),
            }
        })?;
        reader.end().map_err(|error| error.to_string())?;
        Ok(config)
    }

    /// A path of the configuration, from the directory of its file.
    pub fn path(&self, path: &Path) -> PathBuf {
        self.directory.join(path)
    }
}

/// The JSON Schema of a configuration, for editors.
pub fn schema() -> String {
    let schema = schemars::schema_for!(Config);
    let mut text = serde_json::to_string_pretty(&schema).unwrap_or_default();
    text.push('\n');
    text
}
