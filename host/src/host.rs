//! The capabilities of a script.

use std::fmt;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use crate::account::stop::InterruptHandle;
use crate::check::Declarations;
use crate::os::{DenyAll, Os};
use crate::print::{Print, Stream};
use crate::tools::{ExternalCall, Tools};

/// Everything that a script or session reaches, and the handle that interrupts
/// it.
///
/// By default:
///
/// * no function and no name is found;
/// * no file, variable, clock, module or random number is served;
/// * prints go to the [`Report`](crate::Report);
/// * nothing interrupts;
/// * tracing spans do not hold the arguments of calls.
///
/// Clones share everything, so one value serves any number of scripts, and a
/// resumed script reaches the same as before.
///
/// ```
/// use monty_host::os::System;
/// use monty_host::{Host, Inherit, Monty, Tools};
///
/// let tools = Tools::new().value("answer", 42)?;
/// let host = Host::new()
///     .tools(&tools)
///     .os(System::new().env("LANG", "C"))
///     .print(Inherit);
/// let script = "import os\nprint(os.getenv('LANG'), answer)";
/// Monty::new()?.script(script).host(host).run_blocking()?;
/// # Ok::<_, monty_host::Error>(())
/// ```
///
/// Tools alone convert to a `Host`: `script.host(&tools)`.
#[derive(Clone)]
pub struct Host {
    pub(crate) external: Arc<dyn ExternalCall>,
    pub(crate) os: Arc<dyn Os>,
    pub(crate) print: Option<SharedPrint>,
    /// Each run and each session has one of its own otherwise.
    pub(crate) interrupt: Option<InterruptHandle>,
    pub(crate) trace_arguments: bool,
}

impl fmt::Debug for Host {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Host").finish_non_exhaustive()
    }
}

impl Default for Host {
    fn default() -> Self {
        Self {
            external: Arc::new(Tools::new()),
            os: Arc::new(DenyAll),
            print: None,
            interrupt: None,
            trace_arguments: false,
        }
    }
}

impl Host {
    /// A host that serves nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// The functions and names that the script uses without defining them.
    #[must_use]
    pub fn tools(self, tools: &Tools) -> Self {
        self.external_call(Arc::new(tools.clone()))
    }

    /// Answers the script's calls with an implementation other than [`Tools`].
    #[must_use]
    pub fn external_call(mut self, external: Arc<dyn ExternalCall>) -> Self {
        self.external = external;
        self
    }

    /// Files, environment, clocks, randomness and modules.
    #[must_use]
    pub fn os(self, os: impl Os + 'static) -> Self {
        self.shared_os(Arc::new(os))
    }

    /// Like [`os`](Self::os), for one that is shared.
    #[must_use]
    pub fn shared_os(mut self, os: Arc<dyn Os>) -> Self {
        self.os = os;
        self
    }

    /// A sink for the script's prints while it runs, instead of the report.
    #[must_use]
    pub fn print(mut self, print: impl Print + 'static) -> Self {
        self.print = Some(SharedPrint::new(print));
        self
    }

    /// Lets a handle stop everything that runs on this host. Without one, each
    /// run and each session has its own handle, such as
    /// [`Session::interrupt_handle`](crate::Session::interrupt_handle).
    #[must_use]
    pub fn interrupt(mut self, handle: &InterruptHandle) -> Self {
        self.interrupt = Some(handle.clone());
        self
    }

    /// What a script can use of this host, for a [type check](crate::check): tools,
    /// values and modules.
    pub fn declarations(&self) -> Declarations {
        self.external.declarations().and(self.os.declarations())
    }

    /// Whether tracing spans of calls record their arguments. Off by default,
    /// since arguments may be secret.
    #[cfg(feature = "tracing")]
    #[must_use]
    pub fn trace_arguments(mut self, trace: bool) -> Self {
        self.trace_arguments = trace;
        self
    }
}

impl From<&Tools> for Host {
    fn from(tools: &Tools) -> Self {
        Self::new().tools(tools)
    }
}

impl From<Tools> for Host {
    fn from(tools: Tools) -> Self {
        Self::new().external_call(Arc::new(tools))
    }
}

impl From<&Host> for Host {
    fn from(host: &Host) -> Self {
        host.clone()
    }
}

/// A print sink shared by several runs, which write one piece of text at a
/// time.
#[derive(Clone)]
pub(crate) struct SharedPrint(Arc<Mutex<dyn Print>>);

impl SharedPrint {
    pub(crate) fn new(print: impl Print + 'static) -> Self {
        Self(Arc::new(Mutex::new(print)))
    }

    pub(crate) fn write(&self, stream: Stream, text: &str) -> io::Result<()> {
        // The sink handles state that a panic left inconsistent.
        let mut print = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        print.write(stream, text)
    }
}
