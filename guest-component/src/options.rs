//! Options, checked and in Monty's terms.

use std::{collections::BTreeSet, time::Duration};

use monty::MontyRepl;
use monty_types::{
    AssertMessageAnnotations, CompileOptions, DateTimeSource, NamedValues, OsPolicy, RandomSeed,
    RandomStart, ResourceLimits, ResourceTracker, SandboxTimeZone, SleepMode, is_identifier,
    validate_cwd,
};
use monty_value::types::{Instant, NamedOperand};

use crate::{
    bindings::exports::monty::sandbox::interpreter::{
        Clock, FeedOptions, Inputs, Limits, LocalTimezone, Options, Randomness,
    },
    decode::{self, HostObjects},
    leaves, memory,
    origin::Origin,
    python::Python,
    state::Settings,
};

/// The largest `max-recursion-depth`: the recursion that the stack of the
/// component is made for.
const MAX_RECURSION_DEPTH: u32 = 1000;

/// A script or a session, ready to be opened.
pub struct Request {
    settings: Settings,
    working_directory: Option<String>,
    compile: CompileOptions,
    policy: OsPolicy,
}

/// How one piece of code is run.
pub struct Feed {
    /// The global variables that are set before it runs.
    pub inputs: Option<Inputs>,
    /// What it may use up.
    pub limits: ResourceLimits,
    /// Whether a newline writes prints out.
    pub line_buffered: bool,
}

impl Request {
    /// Checks the options, apart from the inputs.
    ///
    /// # Errors
    ///
    /// A text that names the field and what is wrong with it.
    pub fn new(options: Options, origin: fn(String) -> Origin) -> Result<Self, String> {
        let script_name = options
            .script_name
            .unwrap_or_else(|| "script.py".to_owned());
        let timezone = options
            .local_timezone
            .map(local_timezone)
            .transpose()?
            .unwrap_or_default();
        Ok(Self {
            settings: Settings {
                origin: origin(script_name),
                line_buffered: options.line_buffered.unwrap_or(false),
                limits: limits(options.limits)?,
                timezone: timezone.clone(),
            },
            working_directory: options
                .working_directory
                .map(|path| validate_cwd(&path))
                .transpose()
                .map_err(|error| {
                    // To the interpreter it is the "cwd".
                    let error = error.replacen("cwd", "it", 1);
                    format!("the working directory: {error}")
                })?,
            compile: CompileOptions {
                assert_message_annotations: AssertMessageAnnotations::from(
                    options.explain_assertions.unwrap_or(true),
                ),
                // The parser grows its stack for short sources only where a
                // stack can be switched, which WebAssembly's cannot.
                source_scan_threshold: 0,
            },
            policy: OsPolicy {
                datetime: options.clock.map(clock).transpose()?.unwrap_or_default(),
                timezone,
                sleep: SleepMode::CallHost,
                random_start: options.randomness.map(randomness).unwrap_or_default(),
                ..OsPolicy::default()
            },
        })
    }

    /// An interpreter with these options.
    pub fn open(self) -> Python {
        let tracker = ResourceTracker::new(self.settings.limits.clone());
        let script_name = self.settings.origin.script_name();
        let mut repl =
            MontyRepl::new(script_name, tracker, self.compile).with_os_policy(self.policy);
        if let Some(path) = &self.working_directory {
            repl.set_cwd(path);
        }
        Python::new(self.settings, repl)
    }
}

/// The options of a piece of code, where those of its session are the default.
///
/// # Errors
///
/// A text that names the field and what is wrong with it.
pub fn feed(options: FeedOptions, session: &Settings) -> Result<Feed, String> {
    Ok(Feed {
        inputs: options.inputs,
        limits: match options.limits {
            Some(own) => limits(Some(own))?,
            None => session.limits.clone(),
        },
        line_buffered: options.line_buffered.unwrap_or(session.line_buffered),
    })
}

/// The inputs, checked.
///
/// # Errors
///
/// A text that names the input and what is wrong with it.
pub fn inputs(
    inputs: Option<Inputs>,
    host_objects: &mut HostObjects,
) -> Result<NamedValues, String> {
    let Some(inputs) = inputs else {
        return Ok(NamedValues::new());
    };
    let mut names = BTreeSet::new();
    for NamedOperand { name, .. } in &inputs.values {
        if !is_identifier(name) {
            return Err(format!(
                "the inputs: {} is not an identifier",
                leaves::quoted(name)
            ));
        }
        if !names.insert(name) {
            return Err(format!(
                "the inputs: {} occurs more than once",
                leaves::quoted(name)
            ));
        }
    }
    decode::named_values(inputs.values, inputs.graph, host_objects)
        .map_err(|error| format!("the inputs: {error}"))
}

fn clock(clock: Clock) -> Result<DateTimeSource, String> {
    match clock {
        Clock::System => Ok(DateTimeSource::System),
        Clock::Host => Ok(DateTimeSource::CallHost),
        Clock::Fixed(instant) => fixed_clock(instant).ok_or_else(|| {
            format!(
                "the clock: {} seconds and {} nanoseconds are no instant of the years 1 to 9999",
                instant.seconds, instant.nanoseconds
            )
        }),
    }
}

fn fixed_clock(instant: Instant) -> Option<DateTimeSource> {
    let fixed = DateTimeSource::Fixed {
        unix_seconds: instant.seconds,
        // Monty refuses more than there are in a second.
        microsecond: instant.nanoseconds / 1000,
    };
    fixed.read().map(|_| fixed)
}

fn local_timezone(timezone: LocalTimezone) -> Result<SandboxTimeZone, String> {
    match timezone {
        LocalTimezone::Fixed(timezone) => leaves::timezone(&timezone)
            .map(|timezone| SandboxTimeZone::Fixed {
                offset_seconds: timezone.offset_seconds,
                name: timezone.name,
            })
            .map_err(|error| format!("the local time zone: {error}")),
        LocalTimezone::Named(name) => {
            SandboxTimeZone::named(&name).map_err(|error| format!("the local time zone: {error}"))
        }
    }
}

fn randomness(randomness: Randomness) -> RandomStart {
    match randomness {
        Randomness::System => RandomStart::System,
        Randomness::Host => RandomStart::CallHost,
        Randomness::Seeded(seed) => RandomStart::Seed(RandomSeed::Int(seed.into())),
    }
}

fn limits(limits: Option<Limits>) -> Result<ResourceLimits, String> {
    let limits = limits.unwrap_or(Limits {
        max_duration: None,
        max_memory: None,
        max_recursion_depth: None,
        gc_interval: None,
    });
    let memory = limits.max_memory.unwrap_or(memory::MOST);
    check_limit("max-memory", memory, 0, memory::MOST)?;
    let depth = limits.max_recursion_depth.unwrap_or(MAX_RECURSION_DEPTH);
    check_limit("max-recursion-depth", depth, 1, MAX_RECURSION_DEPTH)?;
    if let Some(interval) = limits.gc_interval {
        check_limit("gc-interval", interval, 1, u32::MAX)?;
    }
    Ok(ResourceLimits {
        max_feed_duration: limits.max_duration.map(Duration::from_nanos),
        max_memory: Some(memory::limit(memory)),
        max_recursion_depth: depth as usize,
        gc_interval: limits.gc_interval.map(|interval| interval as usize),
        ..ResourceLimits::default()
    })
}

fn check_limit<T>(name: &str, value: T, low: T, high: T) -> Result<(), String>
where
    T: Copy + PartialOrd + std::fmt::Display,
{
    if (low..=high).contains(&value) {
        Ok(())
    } else {
        Err(format!(
            "the limit {name}: {value} is not from {low} to {high}"
        ))
    }
}
