//! Compiles the component.

use std::borrow::Cow;

use wasmtime::Engine;

use crate::component;
use crate::error::Error;
use crate::spans::debug_span;

/// A component's compiled code, as it is written to files. `None` stands for
/// the embedded one. The reason is why it is not loaded.
pub(crate) fn compile(
    engine: &Engine,
    other: Option<&[u8]>,
    reason: &str,
) -> Result<Vec<u8>, Error> {
    debug_span!("monty.compile", reason).in_scope(|| {
        let component = match other {
            Some(component) => Cow::Borrowed(component),
            None => Cow::Owned(component::component()?),
        };
        engine
            .precompile_component(&component)
            .map_err(not_compiled)
    })
}

pub(crate) fn not_compiled(error: wasmtime::Error) -> Error {
    Error::sandbox(
        format!("the interpreter does not compile: {error:#}"),
        Some(error),
    )
}
