//! How a script or a session runs.

use monty_value::TimeZone;

use crate::os::{Clock, Randomness};

/// How a script, or all of a session, runs: what it is called, where its
/// relative paths start, and what time and randomness it sees. What it may use
/// up is in [`Limits`](crate::Limits).
///
/// By default:
///
/// * tracebacks call a script `script.py`;
/// * relative paths start from `/`;
/// * the time of day is that of this machine, in UTC;
/// * an unseeded `random` starts from the randomness of this machine;
/// * small prints are gathered;
/// * a failed `assert` tells the values that it compared.
///
/// ```
/// use monty_host::os::Randomness;
/// use monty_host::{Monty, Options};
///
/// let options = Options::new().script_name("dice.py").randomness(Randomness::Seeded(7));
/// let roll = || {
///     let script = "import random\nrandom.randint(1, 6)";
///     let report = Monty::new()?.script(script).options(options.clone()).run_blocking()?;
///     report.extract::<u8>()
/// };
/// assert_eq!(roll()?, roll()?);
/// # Ok::<_, monty_host::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Options {
    pub(crate) script_name: Option<String>,
    pub(crate) working_directory: Option<String>,
    pub(crate) clock: Clock,
    pub(crate) local_timezone: Option<LocalTimezone>,
    pub(crate) randomness: Randomness,
    pub(crate) line_buffered: bool,
    pub(crate) explain_assertions: Option<bool>,
}

/// The local time zone of a script.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum LocalTimezone {
    /// By its offset.
    Fixed(TimeZone),
    /// By its name in the IANA database.
    Named(String),
}

impl From<TimeZone> for LocalTimezone {
    fn from(timezone: TimeZone) -> Self {
        Self::Fixed(timezone)
    }
}

impl From<&str> for LocalTimezone {
    fn from(name: &str) -> Self {
        Self::Named(name.to_owned())
    }
}

impl From<String> for LocalTimezone {
    fn from(name: String) -> Self {
        Self::Named(name)
    }
}

impl Options {
    /// The defaults.
    pub fn new() -> Self {
        Self::default()
    }

    /// The name of the script in tracebacks and `sys.argv[0]`. The tracebacks
    /// of a session name its snippets instead.
    #[must_use]
    pub fn script_name(mut self, name: impl Into<String>) -> Self {
        self.script_name = Some(name.into());
        self
    }

    /// The directory that relative paths start from, an absolute POSIX path of
    /// the sandbox.
    #[must_use]
    pub fn working_directory(mut self, path: impl Into<String>) -> Self {
        self.working_directory = Some(path.into());
        self
    }

    /// Where the time of day comes from.
    #[must_use]
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// The script's local time zone: a [`TimeZone`], or a name of the IANA
    /// database such as `"Europe/London"`.
    #[must_use]
    pub fn local_timezone(mut self, timezone: impl Into<LocalTimezone>) -> Self {
        self.local_timezone = Some(timezone.into());
        self
    }

    /// Where an unseeded `random` starts.
    #[must_use]
    pub fn randomness(mut self, randomness: Randomness) -> Self {
        self.randomness = randomness;
        self
    }

    /// Whether each printed line reaches the sink at its end. Otherwise small
    /// prints are gathered; order with calls is kept either way.
    #[must_use]
    pub fn line_buffered(mut self, line_buffered: bool) -> Self {
        self.line_buffered = line_buffered;
        self
    }

    /// Whether a failed `assert` without a message tells the values that it
    /// compared, which CPython does not.
    #[must_use]
    pub fn explain_assertions(mut self, explain: bool) -> Self {
        self.explain_assertions = Some(explain);
        self
    }
}
