//! The host's tools: what a script calls and does not define.
//!
//! A [`Tool`] is a [`Signature`] and a function; [`Tools`] are those of a
//! script. `bind` puts the arguments of a call to the parameters of any
//! signature, `function` makes tools of typed closures, and `probe` finds out
//! what those take.

mod bind;
mod call;
mod error;
mod function;
mod incoming;
mod names;
mod parameter;
mod probe;
mod registry;
mod sealed;
mod signature;
mod suggestion;
mod tool;
mod types;

pub use bind::BoundArguments;
pub use call::{Answer, Call, CallOutcome, ExternalCall, Reply};
pub(crate) use call::{Answered, Outgoing, Ready, unencoded};
pub use error::ToolError;
pub use function::{DynamicFunction, ToolFunction, ToolOutput};
pub(crate) use incoming::Incoming;
pub(crate) use names::is_identifier;
pub use parameter::{Parameter, ParameterKind, Parameters};
pub use registry::Tools;
pub(crate) use sealed::Token;
pub use signature::Signature;
pub use tool::Tool;
pub use types::{Field, Record, Type};
