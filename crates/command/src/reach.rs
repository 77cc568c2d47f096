//! The capabilities that the options give a script or a session.

use std::time::Duration;

use monty_code_mode::AgentTool;
use monty_host::os::{Clock, Randomness};
use monty_host::{Error, Host, Limits, Monty, Options};
use monty_mcp::client::Servers;

use crate::arguments::{ReachArguments, StartArguments, SuspendArguments};
use crate::assembly::{self, Assembly, Built};
use crate::config::{self, Config};
use crate::interpreter;
use crate::systems::{Systems, in_words};
use crate::tool::Functions;

impl ReachArguments {
    /// The interpreter.
    pub fn monty(&self) -> Result<Monty, Error> {
        interpreter::start(self.precompiled.as_deref())
    }

    /// The configuration that is named, or an empty one.
    pub fn configuration(&self) -> Result<Config, Error> {
        match &self.config {
            Some(path) => Config::read(path),
            None => Ok(Config::default()),
        }
    }

    /// The functions answered by commands.
    pub fn functions(&self) -> Functions {
        Functions::new()
            .tools(&self.tools, false)
            .tools(&self.async_tools, true)
    }
}

/// What a script or a session runs with.
pub struct Reached {
    pub monty: Monty,
    pub host: Host,
    /// Whether any of the tools is a command.
    pub has_commands: bool,
    /// The MCP servers, to be closed at the end.
    pub servers: Servers,
    /// The functions of scripts.
    pub tools: Vec<AgentTool>,
    /// The directories of scripts, and what scripts may do in them.
    pub mounts: Vec<String>,
}

impl Reached {
    /// What the options give it, and a configuration if there is one. The limits and
    /// options are those of the script.
    pub async fn new(
        reach: &ReachArguments,
        config: Config,
        functions: Functions,
        limits: Limits,
        options: Options,
    ) -> Result<Self, Error> {
        let functions = functions.heard();
        let systems = Systems::new(&config, reach);
        let mounts = systems.mounts();
        let mounts = mounts
            .map(|(path, mode)| format!("{path} ({})", in_words(mode)))
            .collect();
        if reach.config.is_none() {
            let has_commands = functions.have_commands();
            let tools = functions.into_tools()?;
            return Ok(Self {
                host: Host::new().tools(&tools).os(systems.make()?),
                monty: reach.monty()?,
                has_commands,
                servers: Servers::new(config.mcp_servers).map_err(Error::invalid)?,
                tools: tools.iter().cloned().map(AgentTool::from).collect(),
                mounts,
            });
        }
        let monty = reach.monty()?;
        let assembly = Assembly::new(monty.clone(), config, reach, functions, limits, options)?;
        let Built {
            code_mode,
            warnings,
        } = assembly.build().await?;
        assembly::tell(&warnings);
        Ok(Self {
            monty,
            host: code_mode.host()?,
            has_commands: assembly.has_commands(),
            servers: assembly.servers().clone(),
            tools: code_mode.toolbox().iter().cloned().collect(),
            mounts,
        })
    }
}

impl StartArguments {
    /// The options of a script or a session.
    pub fn options(&self, reach: &ReachArguments) -> Options {
        // Prints before a crash are not lost.
        let mut options = Options::new().line_buffered(true);
        if let Some(directory) = &self.working_directory {
            options = options.working_directory(directory);
        }
        if let Some(timezone) = &self.timezone {
            options = options.local_timezone(timezone.clone());
        }
        if let Some(instant) = reach.clock {
            options = options.clock(Clock::Fixed(instant));
        }
        if let Some(seed) = reach.seed {
            options = options.randomness(Randomness::Seeded(seed));
        }
        options
    }

    /// The limits of a script, or of each snippet: those of the options, else those of the
    /// configuration, else the default.
    pub fn limits(&self, configured: &config::Limits) -> Limits {
        let size = |given: Option<u64>, configured: Option<config::Size>| {
            given.or(configured.map(|size| size.0))
        };
        let time = |given: Option<Duration>, configured: Option<config::Time>| {
            given.or(configured.map(|time| time.0))
        };
        let mut limits = Limits::default();
        let default = limits.clone();
        limits.memory_bytes = size(self.max_memory, configured.memory).or(default.memory_bytes);
        limits.duration = time(self.max_duration, configured.duration).or(default.duration);
        limits.calls = self.max_calls.or(configured.calls).or(default.calls);
        limits.host_duration =
            time(self.max_host_duration, configured.host_duration).or(default.host_duration);
        limits.wait_duration =
            time(self.max_wait_duration, configured.wait_duration).or(default.wait_duration);
        limits.host_memory_bytes =
            size(self.max_host_memory, configured.host_memory).or(default.host_memory_bytes);
        limits.output_bytes = size(self.max_output, configured.output).or(default.output_bytes);
        if let Some(grace) = time(self.grace, configured.grace) {
            limits.grace = grace;
        }
        if let Some(bytes) = size(self.max_message, configured.message) {
            limits.message_bytes = usize::try_from(bytes).unwrap_or(usize::MAX);
        }
        let concurrent = self.max_concurrent_calls.or(configured.concurrent_calls);
        limits.concurrent_calls = concurrent.or(default.concurrent_calls);
        limits.call_duration = time(self.max_call_duration, configured.call_duration);
        let depth = self.max_recursion_depth.or(configured.recursion_depth);
        limits.recursion_depth = depth.unwrap_or(default.recursion_depth);
        limits
    }
}

impl SuspendArguments {
    /// Adds the functions that suspend at every call.
    pub fn add_to(&self, functions: Functions) -> Functions {
        functions
            .suspending(&self.functions, false)
            .suspending(&self.async_functions, true)
            .may_suspend(true)
    }
}
