//! The exception that a tool raises.

use std::borrow::Cow;
use std::error::Error;
use std::fmt;

use monty_value::graph::GraphError;
use monty_value::types::Exception;

use crate::account::stop::BoxError;

/// An exception that a tool raises in the script.
///
/// Any error converts into a `RuntimeError` with the error's text, so that `?`
/// works in a tool. The constructors choose another type.
///
/// [`suspend`](Self::suspend) and [`fatal`](Self::fatal) are no exceptions: they
/// end the run.
///
/// ```
/// use monty_host::{ErrorKind, Monty, ToolError, Tools};
///
/// let tools = Tools::new()
///     .function("parse", ["text"], |text: String| Ok::<_, ToolError>(text.parse::<i64>()?))
///     .function("lock", (), || Err::<(), _>(ToolError::permission_error("not yours")))
///     .function("store", (), || {
///         let error = std::io::Error::other("the disk is gone");
///         Err::<(), _>(ToolError::fatal(error))
///     });
///
/// let monty = Monty::new()?;
/// let script = "try:\n    lock()\nexcept PermissionError as e:\n    why = str(e)\nwhy";
/// let report = monty.script(script).host(&tools).run_blocking()?;
/// assert_eq!(report.value.as_str(), Some("not yours"));
///
/// // No `except` sees a fatal error; the host gets it back.
/// let script = "try:\n    store()\nexcept BaseException:\n    pass";
/// let error = monty.script(script).host(&tools).run_blocking().unwrap_err();
/// assert_eq!(error.kind(), ErrorKind::Host);
/// assert!(error.downcast_ref::<std::io::Error>().is_some());
/// # Ok::<_, monty_host::Error>(())
/// ```
#[derive(Debug)]
pub struct ToolError {
    type_name: Cow<'static, str>,
    message: String,
    nature: Nature,
}

/// What an error does besides being one.
#[derive(Debug)]
enum Nature {
    /// An exception of the tool.
    Exception,
    /// An exception because the arguments did not fit.
    Misfit,
    /// No exception: the run is suspended.
    Suspended,
    /// No exception: the run ends with this.
    Failed(BoxError),
}

macro_rules! constructors {
    ($($name:ident => $type_name:literal),* $(,)?) => {
        $(
            #[doc = concat!("A `", $type_name, "`.")]
            pub fn $name(message: impl fmt::Display) -> Self {
                Self::new($type_name, message)
            }
        )*
    };
}

impl ToolError {
    /// An exception of a type by its Python name, such as `ValueError` or
    /// `json.JSONDecodeError`. A type that Monty does not have is raised as
    /// `RuntimeError` with the name before the message.
    pub fn new(type_name: impl Into<Cow<'static, str>>, message: impl fmt::Display) -> Self {
        Self {
            type_name: type_name.into(),
            message: message.to_string(),
            nature: Nature::Exception,
        }
    }

    /// No exception: the answer comes when the run is over, from whoever
    /// resumes it. The run ends as [`Progress::Suspended`].
    ///
    /// [`Progress::Suspended`]: crate::Progress::Suspended
    pub fn suspend() -> Self {
        Self {
            nature: Nature::Suspended,
            ..Self::runtime_error("the answer to this cannot come later")
        }
    }

    /// No exception: the run ends with this error of the host's, which the
    /// script cannot catch. It is an [`Error`] of kind [`ErrorKind::Host`], and
    /// [`Error::downcast`] gives this one back. A session keeps what it had.
    ///
    /// From the value of a name or an attribute too; elsewhere, as in
    /// [`Answers`] or an [`Os`], it is a `RuntimeError`.
    ///
    /// ```
    /// use monty_host::{ErrorKind, Monty, ToolError, Tools};
    ///
    /// let tools = Tools::new().function("pay", ["amount"], |amount: u32| match amount {
    ///     0..100 => Ok(()),
    ///     _ => Err(ToolError::fatal(std::io::Error::other("the ledger is gone"))),
    /// });
    /// let source = "try:\n    pay(900)\nexcept BaseException:\n    pass";
    /// let error = Monty::new()?.script(source).host(tools).run_blocking().unwrap_err();
    /// assert_eq!(error.kind(), ErrorKind::Host);
    /// assert_eq!(error.to_string(), "a tool ended the run: the ledger is gone");
    /// assert!(error.downcast_ref::<std::io::Error>().is_some());
    /// # Ok::<_, monty_host::Error>(())
    /// ```
    ///
    /// [`Error`]: crate::Error
    /// [`Error::downcast`]: crate::Error::downcast
    /// [`ErrorKind::Host`]: crate::ErrorKind::Host
    /// [`Answers`]: crate::Answers
    /// [`Os`]: crate::os::Os
    pub fn fatal(error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        let error = error.into();
        let shown = Self::runtime_error(&error);
        Self {
            nature: Nature::Failed(error),
            ..shown
        }
    }

    /// Whether this is [`suspend`](Self::suspend).
    pub fn is_suspend(&self) -> bool {
        matches!(self.nature, Nature::Suspended)
    }

    /// Whether this is [`fatal`](Self::fatal).
    pub fn is_fatal(&self) -> bool {
        matches!(self.nature, Nature::Failed(_))
    }

    /// Whether a [`Tool`](crate::Tool) was not called, because the arguments did not
    /// fit its parameters.
    ///
    /// ```
    /// # use monty_host::{Call, Tool};
    /// # async fn example() {
    /// let tool = Tool::new("add", ["a", "b"], |a: i64, b: i64| a + b);
    /// let error = tool.call(Call::new("add", [], [])).answer("add").await.unwrap_err();
    /// assert!(error.is_misfit());
    /// # }
    /// ```
    pub fn is_misfit(&self) -> bool {
        matches!(self.nature, Nature::Misfit)
    }

    /// The same of arguments that did not fit.
    pub(super) fn misfit(self) -> Self {
        Self {
            nature: Nature::Misfit,
            ..self
        }
    }

    /// The error that ends the run, if this is one.
    pub(crate) fn into_fatal(self) -> Result<BoxError, Self> {
        match self.nature {
            Nature::Failed(error) => Ok(error),
            _ => Err(self),
        }
    }

    constructors! {
        attribute_error => "AttributeError",
        file_not_found_error => "FileNotFoundError",
        index_error => "IndexError",
        key_error => "KeyError",
        not_implemented_error => "NotImplementedError",
        os_error => "OSError",
        permission_error => "PermissionError",
        runtime_error => "RuntimeError",
        timeout_error => "TimeoutError",
        type_error => "TypeError",
        value_error => "ValueError",
    }

    /// The Python name of the type.
    pub fn type_name(&self) -> &str {
        &self.type_name
    }

    /// The message.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// A value that no message can hold.
    pub(crate) fn unsendable(error: GraphError) -> Self {
        Self::value_error(format_args!(
            "the host's value cannot be sent to the script: {error}"
        ))
    }

    pub(super) fn panicked(tool: &str, reason: &str) -> Self {
        Self::runtime_error(format_args!("{tool}() panicked: {reason}"))
    }
}

impl<E: Error> From<E> for ToolError {
    fn from(error: E) -> Self {
        Self::runtime_error(error)
    }
}

/// The exception alone: [`suspend`](ToolError::suspend) and
/// [`fatal`](ToolError::fatal) are a `RuntimeError`.
impl From<ToolError> for Exception {
    fn from(error: ToolError) -> Self {
        Self::new(error.type_name, error.message)
    }
}
