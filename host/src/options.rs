//! Options of a script or a session.

use monty_value::TimeZone;

use crate::os::{Clock, Randomness};

/// Options of a script or a whole session: its name, the base of its relative
/// paths, its time and its randomness. Its limits are in
/// [`Limits`](crate::Limits).
///
/// By default:
///
/// * tracebacks call a script `script.py`;
/// * relative paths start from `/`;
/// * the time of day is that of this machine, in UTC;
/// * `random` is seeded from this machine unless the script seeds it;
/// * small prints are buffered;
/// * a failed `assert` shows the values it compared.
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

    /// The name of the script in tracebacks and `sys.argv[0]`. In a session,
    /// tracebacks name the snippets instead.
    #[must_use]
    pub fn script_name(mut self, name: impl Into<String>) -> Self {
        self.script_name = Some(name.into());
        self
    }

    /// The base of relative paths, an absolute POSIX path of the sandbox.
    #[must_use]
    pub fn working_directory(mut self, path: impl Into<String>) -> Self {
        self.working_directory = Some(path.into());
        self
    }

    /// The source of the time of day.
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

    /// The seed of `random` when the script does not set one.
    #[must_use]
    pub fn randomness(mut self, randomness: Randomness) -> Self {
        self.randomness = randomness;
        self
    }

    /// Whether to flush prints at each newline. Otherwise small prints are
    /// buffered; either way, prints and calls keep their order.
    #[must_use]
    pub fn line_buffered(mut self, line_buffered: bool) -> Self {
        self.line_buffered = line_buffered;
        self
    }

    /// Whether a failed `assert` without a message shows the values it
    /// compared, which CPython does not do.
    #[must_use]
    pub fn explain_assertions(mut self, explain: bool) -> Self {
        self.explain_assertions = Some(explain);
        self
    }
}
