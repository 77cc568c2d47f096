//! The capabilities that the options give a script or a session.

use std::fmt::Display;

use monty_host::os::{MountError, System};
use monty_host::{Error, Limits, Monty, Options};

use crate::arguments::{ReachArguments, StartArguments, SuspendArguments};
use crate::interpreter;
use crate::tool::Functions;

impl ReachArguments {
    /// The interpreter.
    pub fn monty(&self) -> Result<Monty, Error> {
        interpreter::start(self.precompiled.as_deref())
    }

    /// Files and environment.
    pub fn system(&self) -> Result<System, Error> {
        let mut system = System::new();
        for mount in &self.mounts {
            system = system
                .mount(&mount.host, &mount.virtual_path, mount.mode)
                .map_err(|error: MountError| Error::invalid(&error as &dyn Display))?;
        }
        for variable in &self.variables {
            system = system.env(&variable.name, &variable.value);
        }
        Ok(system)
    }

    /// The functions answered by commands.
    pub fn functions(&self) -> Functions {
        Functions::new()
            .tools(&self.tools, false)
            .tools(&self.async_tools, true)
    }
}

impl StartArguments {
    /// The options of a script or a session.
    pub fn options(&self) -> Options {
        // Prints before a crash are not lost.
        let options = Options::new().line_buffered(true);
        match &self.working_directory {
            Some(directory) => options.working_directory(directory),
            None => options,
        }
    }

    /// The limits of a script, or of each snippet.
    pub fn limits(&self) -> Limits {
        let mut limits = Limits::default();
        limits.memory_bytes = self.max_memory.or(limits.memory_bytes);
        limits.duration = self.max_duration.or(limits.duration);
        limits.calls = self.max_calls.or(limits.calls);
        limits.host_duration = self.max_host_duration.or(limits.host_duration);
        limits.wait_duration = self.max_wait_duration.or(limits.wait_duration);
        limits.host_memory_bytes = self.max_host_memory.or(limits.host_memory_bytes);
        limits.output_bytes = self.max_output.or(limits.output_bytes);
        limits.concurrent_calls = self.max_concurrent_calls.or(limits.concurrent_calls);
        limits.call_duration = self.max_call_duration;
        limits.recursion_depth = self.max_recursion_depth.unwrap_or(limits.recursion_depth);
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
