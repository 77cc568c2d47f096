//! The files and the environment of scripts.

use std::fmt::Display;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use monty_host::Error;
use monty_host::os::{Clock, MountError, MountMode, Randomness, SleepPolicy, System};

use crate::arguments::ReachArguments;
use crate::config::Config;

/// Makes the files and the environment of a script: those of the configuration, and on
/// top of it those of the options.
pub struct Systems {
    mounts: Vec<(PathBuf, String, MountMode)>,
    environment: Vec<(String, String)>,
    clock: Option<SystemTime>,
    seed: Option<u64>,
    max_sleep: Option<Duration>,
}

impl Systems {
    pub fn new(config: &Config, reach: &ReachArguments) -> Self {
        let configured = config.mounts.iter();
        let configured = configured
            .map(|(path, mount)| (config.path(&mount.host), path.clone(), mount.mode.into()));
        let given = reach.mounts.iter();
        let given = given.map(|mount| (mount.host.clone(), mount.virtual_path.clone(), mount.mode));
        let variables = reach.variables.iter();
        let variables = variables.map(|variable| (variable.name.clone(), variable.value.clone()));
        Self {
            mounts: configured.chain(given).collect(),
            environment: config
                .environment
                .clone()
                .into_iter()
                .chain(variables)
                .collect(),
            clock: reach.clock,
            seed: reach.seed,
            max_sleep: reach.max_sleep.or(config.limits.sleep.map(|time| time.0)),
        }
    }

    /// The paths of directories, and what scripts may do there.
    pub fn mounts(&self) -> impl Iterator<Item = (&str, MountMode)> {
        let mounts = self.mounts.iter();
        mounts.map(|(_, path, mode)| (path.as_str(), *mode))
    }

    /// A system of its own for a script.
    pub fn make(&self) -> Result<System, Error> {
        let mut system = System::new();
        for (host, path, mode) in &self.mounts {
            system = system
                .mount(host, path, *mode)
                .map_err(|error: MountError| Error::invalid(&error as &dyn Display))?;
        }
        for (name, value) in &self.environment {
            system = system.env(name, value);
        }
        if let Some(instant) = self.clock {
            system = system.clock(Clock::Fixed(instant));
        }
        if let Some(seed) = self.seed {
            system = system.randomness(Randomness::Seeded(seed));
        }
        if let Some(total) = self.max_sleep {
            system = system.sleep_policy(SleepPolicy::Wait { total });
        }
        Ok(system)
    }
}

/// What scripts may do in a directory, for a person.
pub fn in_words(mode: MountMode) -> &'static str {
    match mode {
        MountMode::ReadOnly => "read-only",
        MountMode::Overlay => "changes are kept in memory",
        _ => "read and write",
    }
}
