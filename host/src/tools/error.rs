//! The exception that a tool raises.

use std::any::Any;
use std::borrow::Cow;
use std::fmt;

use monty_value::types::Exception;

use crate::account::work::panic_message;

/// An exception that a tool raises in the script.
///
/// Any error converts into a `RuntimeError` with the error's text, so that `?`
/// works in a tool. The constructors choose another type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToolError {
    type_name: Cow<'static, str>,
    message: String,
    suspends: bool,
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
            suspends: false,
        }
    }

    /// No exception: the answer comes when the run is over, from whoever
    /// resumes it. The run ends as [`Progress::Suspended`].
    ///
    /// [`Progress::Suspended`]: crate::Progress::Suspended
    pub fn suspend() -> Self {
        Self {
            suspends: true,
            ..Self::runtime_error("the answer to this cannot come later")
        }
    }

    /// Whether this is [`suspend`](Self::suspend).
    pub fn is_suspend(&self) -> bool {
        self.suspends
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

    pub(super) fn panicked(tool: &str, panic: Box<dyn Any + Send>) -> Self {
        let reason = panic_message(panic);
        Self::runtime_error(format_args!("{tool}() panicked: {reason}"))
    }
}

impl<E: std::error::Error> From<E> for ToolError {
    fn from(error: E) -> Self {
        Self::runtime_error(error)
    }
}

/// The exception alone: [`suspend`](ToolError::suspend) is a `RuntimeError`.
impl From<ToolError> for Exception {
    fn from(error: ToolError) -> Self {
        Self::new(error.type_name, error.message)
    }
}

impl From<ToolError> for std::task::Poll<super::Answer> {
    fn from(error: ToolError) -> Self {
        Self::Ready(Err(error))
    }
}
