//! What a script or a session is set up with.

use monty_value::TimeZone;

use crate::bindings::exports::monty::sandbox::interpreter::{self, LocalTimezone, Options};
use crate::clock::nanos;
use crate::context::MontyCtx;
use crate::limits::{Limits, UNLIMITED_NANOS};
use crate::os::{Clock, Random};
use crate::print::{Collect, Print};

/// What a script or a session is set up with.
pub(crate) struct Setup {
    pub(crate) name: Option<String>,
    pub(crate) working_directory: Option<String>,
    pub(crate) clock: Clock,
    pub(crate) timezone: Option<LocalTimezone>,
    pub(crate) random: Random,
    pub(crate) line_buffered: bool,
    pub(crate) explain_assertions: Option<bool>,
    pub(crate) context: MontyCtx,
    /// Where prints are kept for the report, unless they go elsewhere.
    pub(crate) printed: Option<Collect>,
}

impl Setup {
    pub(crate) fn new() -> Self {
        let printed = Collect::new();
        Self {
            name: None,
            working_directory: None,
            clock: Clock::default(),
            timezone: None,
            random: Random::default(),
            line_buffered: false,
            explain_assertions: None,
            context: MontyCtx::new().print(printed.clone()),
            printed: Some(printed),
        }
    }

    pub(crate) fn set_timezone(&mut self, timezone: TimeZone) {
        self.timezone = Some(LocalTimezone::Fixed(timezone));
    }

    pub(crate) fn set_named_timezone(&mut self, name: String) {
        self.timezone = Some(LocalTimezone::Named(name));
    }

    pub(crate) fn map_context(&mut self, map: impl FnOnce(MontyCtx) -> MontyCtx) {
        let context = std::mem::take(&mut self.context);
        self.context = map(context);
    }

    pub(crate) fn set_print(&mut self, print: impl Print + 'static) {
        self.map_context(|context| context.print(print));
        self.printed = None;
    }

    /// The options for the interpreter, and what is left for the store.
    pub(crate) fn into_options(
        self,
        inputs: Option<interpreter::Inputs>,
    ) -> (Options, MontyCtx, Random, Option<Collect>) {
        let options = Options {
            script_name: self.name,
            inputs,
            working_directory: self.working_directory,
            limits: Some(inner_limits(&self.context.limits)),
            clock: Some(self.clock.into()),
            local_timezone: self.timezone,
            randomness: Some(self.random.into()),
            line_buffered: Some(self.line_buffered),
            explain_assertions: self.explain_assertions,
            extensions: None,
        };
        (options, self.context, self.random, self.printed)
    }
}

/// The limits that the interpreter sees to.
pub(crate) fn inner_limits(limits: &Limits) -> interpreter::Limits {
    let duration = limits.duration.map_or(UNLIMITED_NANOS, nanos);
    interpreter::Limits {
        max_duration: Some(duration.min(UNLIMITED_NANOS)),
        max_memory: limits.memory_bytes,
        max_recursion_depth: Some(limits.recursion_depth),
        gc_interval: limits.gc_interval,
    }
}

/// The methods that choose what a script or a session can touch.
macro_rules! capability_methods {
    () => {
        /// The functions and names that the script finds without defining them.
        pub fn tools(self, tools: &$crate::Tools) -> Self {
            self.external_call(std::sync::Arc::new(tools.clone()))
        }

        /// Answers the script's calls in another way than
        /// [`Tools`](crate::Tools).
        pub fn external_call(mut self, external: std::sync::Arc<dyn $crate::ExternalCall>) -> Self {
            self.setup
                .map_context(|context| context.external_call(external));
            self
        }

        /// Files, environment, clocks, randomness and modules.
        pub fn os(self, os: impl $crate::os::Os + 'static) -> Self {
            self.shared_os(std::sync::Arc::new(os))
        }

        /// Like [`os`](Self::os), for one that several scripts share.
        pub fn shared_os(mut self, os: std::sync::Arc<dyn $crate::os::Os>) -> Self {
            self.setup.map_context(|context| context.os(os));
            self
        }

        /// Takes what the script prints while it runs, instead of the report.
        pub fn print(mut self, print: impl $crate::Print + 'static) -> Self {
            self.setup.set_print(print);
            self
        }

        /// Lets a handle stop what runs.
        pub fn interrupt(mut self, handle: &$crate::InterruptHandle) -> Self {
            let handle = handle.clone();
            self.setup.map_context(|context| context.interrupt(handle));
            self
        }

        /// Whether the tracing spans of calls hold their arguments. They do
        /// not unless asked: arguments may be secret.
        pub fn trace_arguments(mut self, trace: bool) -> Self {
            self.setup
                .map_context(|context| context.trace_arguments(trace));
            self
        }
    };
}

/// The methods that choose how a script or a session runs.
macro_rules! option_methods {
    () => {
        /// The name of the script in tracebacks and `sys.argv[0]`. The
        /// tracebacks of a session name its pieces of code instead.
        pub fn name(mut self, name: impl Into<String>) -> Self {
            self.setup.name = Some(name.into());
            self
        }

        /// Whether each printed line reaches the sink at its end. Otherwise
        /// small prints are gathered; order with calls is kept either way.
        pub fn line_buffered(mut self, line_buffered: bool) -> Self {
            self.setup.line_buffered = line_buffered;
            self
        }

        /// What a script, or each piece of code of a session, may use up.
        pub fn limits(mut self, limits: $crate::Limits) -> Self {
            self.setup.map_context(|context| context.limits(limits));
            self
        }

        /// The directory that relative paths start from, an absolute POSIX
        /// path of the sandbox. `/` by default.
        pub fn working_directory(mut self, path: impl Into<String>) -> Self {
            self.setup.working_directory = Some(path.into());
            self
        }

        /// Where the time of day comes from.
        pub fn clock(mut self, clock: $crate::os::Clock) -> Self {
            self.setup.clock = clock;
            self
        }

        /// The script's local time zone, by its offset. UTC by default.
        pub fn timezone(mut self, timezone: $crate::TimeZone) -> Self {
            self.setup.set_timezone(timezone);
            self
        }

        /// The script's local time zone, by its name in the IANA database,
        /// such as `Europe/London`.
        pub fn named_timezone(mut self, name: impl Into<String>) -> Self {
            self.setup.set_named_timezone(name.into());
            self
        }

        /// Where an unseeded `random` starts.
        pub fn random(mut self, random: $crate::os::Random) -> Self {
            self.setup.random = random;
            self
        }

        /// Whether a failed `assert` without a message tells the values it
        /// compared, which CPython does not. Yes by default.
        pub fn explain_assertions(mut self, explain: bool) -> Self {
            self.setup.explain_assertions = Some(explain);
            self
        }
    };
}

pub(crate) use {capability_methods, option_methods};
