//! Type checks of scripts, before they run.
//!
//! The checker is [ty], as a component of its own, with stubs of what Monty has. It
//! knows the tools and inputs of a script, and runs in a sandbox as the interpreter
//! does: in an instance of its own for each check, within [`CheckLimits`].
//!
//! | file | holds |
//! |---|---|
//! | `checker.rs` | [`Checker`]: the component, compiled |
//! | `instance.rs` | one instance, and its limits |
//! | `request.rs` | [`Check`]: a source, and what it can use |
//! | `declarations.rs`, `stub.rs` | [`Declarations`]: tools, names and modules as Python stubs |
//! | `diagnostic.rs`, `render.rs` | [`Diagnostics`], and their forms |
//! | `rules.rs` | [`CheckRules`]: what rejects a script |
//!
//! [ty]: https://docs.astral.sh/ty/

mod bindings;
mod checker;
mod declarations;
mod diagnostic;
mod instance;
mod render;
mod request;
mod rules;
mod stub;

pub use self::checker::{CheckLimits, Checker, CheckerBuilder};
pub use self::declarations::Declarations;
pub use self::diagnostic::{Diagnostic, Diagnostics, Position};
pub use self::render::DiagnosticFormat;
pub use self::request::Check;
pub(crate) use self::request::CheckerOf;
pub use self::rules::{CheckRules, Level};
