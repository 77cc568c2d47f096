//! The options of a run, checked and in Monty's terms.

use std::time::Duration;

use monty_types::{
    AssertMessageAnnotations, CompileOptions, DateTimeSource, MontyObject, OsPolicy, RandomSeed,
    RandomStart, ResourceLimits, SandboxTimeZone, SleepMode, is_identifier, validate_cwd,
};

use crate::{
    bindings::exports::monty::sandbox::interpreter::{
        Clock, Inputs, Limits, LocalTimezone, Options, Randomness,
    },
    decode::{self, HostObjects},
    leaves, memory,
};

/// The largest `max-recursion-depth`: the recursion that the stack of the
/// component is made for.
const MAX_RECURSION_DEPTH: u32 = 1000;

/// A run, ready to start.
pub struct Request {
    /// The name of the source.
    pub script_name: String,
    /// The names of the global variables.
    pub input_names: Vec<String>,
    /// Their values, in the same order.
    pub inputs: Vec<MontyObject>,
    /// Where relative paths start from.
    pub working_directory: Option<String>,
    /// How the source is compiled.
    pub compile: CompileOptions,
    /// Where clocks and randomness come from.
    pub policy: OsPolicy,
    /// What may be used up.
    pub limits: ResourceLimits,
    /// Whether a newline writes prints out.
    pub line_buffered: bool,
}

impl Request {
    /// Checks the options.
    ///
    /// # Errors
    ///
    /// A text that names the field and what is wrong with it.
    pub fn new(options: Options, host_objects: &mut HostObjects) -> Result<Self, String> {
        let (input_names, inputs) = match options.inputs {
            Some(inputs) => self::inputs(inputs, host_objects)?,
            None => (Vec::new(), Vec::new()),
        };
        Ok(Self {
            script_name: options
                .script_name
                .unwrap_or_else(|| "script.py".to_owned()),
            input_names,
            inputs,
            working_directory: options
                .working_directory
                .map(|path| validate_cwd(&path))
                .transpose()
                .map_err(|error| format!("options.working-directory: {error}"))?,
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
                timezone: options
                    .local_timezone
                    .map(local_timezone)
                    .transpose()?
                    .unwrap_or_default(),
                sleep: SleepMode::CallHost,
                random_start: options.randomness.map(randomness).unwrap_or_default(),
                ..OsPolicy::default()
            },
            limits: limits(options.limits)?,
            line_buffered: options.line_buffered.unwrap_or(false),
        })
    }
}

fn inputs(
    inputs: Inputs,
    host_objects: &mut HostObjects,
) -> Result<(Vec<String>, Vec<MontyObject>), String> {
    let mut names = Vec::with_capacity(inputs.values.len());
    let mut operands = Vec::with_capacity(inputs.values.len());
    for input in inputs.values {
        if !is_identifier(&input.name) {
            return Err(format!(
                "options.inputs: {:?} is not an identifier",
                input.name
            ));
        }
        names.push(input.name);
        operands.push(input.value);
    }
    let mut sorted: Vec<&String> = names.iter().collect();
    sorted.sort_unstable();
    if let Some([name, _]) = sorted.array_windows().find(|[name, next]| name == next) {
        return Err(format!("options.inputs: {name:?} occurs more than once"));
    }
    let values = decode::decode_operands(operands, inputs.graph, host_objects)
        .map_err(|error| format!("options.inputs: {error}"))?;
    Ok((names, values))
}

fn clock(clock: Clock) -> Result<DateTimeSource, String> {
    match clock {
        Clock::System => Ok(DateTimeSource::System),
        Clock::Host => Ok(DateTimeSource::CallHost),
        Clock::Fixed(instant) => {
            let fixed = DateTimeSource::Fixed {
                unix_seconds: instant.seconds,
                microsecond: instant.micros,
            };
            if fixed.read().is_some() {
                Ok(fixed)
            } else {
                Err(format!(
                    "options.clock: {} seconds and {} micros are no instant of the years 1 to 9999",
                    instant.seconds, instant.micros
                ))
            }
        }
    }
}

fn local_timezone(timezone: LocalTimezone) -> Result<SandboxTimeZone, String> {
    match timezone {
        LocalTimezone::Fixed(timezone) => leaves::timezone(&timezone)
            .map(|timezone| SandboxTimeZone::Fixed {
                offset_seconds: timezone.offset_seconds,
                name: timezone.name,
            })
            .map_err(|error| format!("options.local-timezone: {error}")),
        LocalTimezone::Named(name) => SandboxTimeZone::named(&name)
            .map_err(|error| format!("options.local-timezone: {error}")),
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
        max_duration_micros: None,
        max_memory_bytes: None,
        max_recursion_depth: None,
        gc_interval: None,
    });
    let depth = limits.max_recursion_depth.unwrap_or(MAX_RECURSION_DEPTH);
    if !(1..=MAX_RECURSION_DEPTH).contains(&depth) {
        return Err(format!(
            "options.limits.max-recursion-depth: {depth} is not from 1 to {MAX_RECURSION_DEPTH}"
        ));
    }
    Ok(ResourceLimits {
        max_feed_duration: limits.max_duration_micros.map(Duration::from_micros),
        max_memory: Some(memory::limit(limits.max_memory_bytes)),
        max_recursion_depth: depth as usize,
        gc_interval: limits.gc_interval.map(|interval| interval as usize),
        ..ResourceLimits::default()
    })
}
