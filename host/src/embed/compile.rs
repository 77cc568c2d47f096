//! Compiles the component.

use wasmtime::Engine;

use crate::component::Source;
use crate::error::Error;
use crate::spans::debug_span;

/// A component's compiled code, as it is written to files. The reason is why it
/// is not loaded.
pub(crate) fn compile(engine: &Engine, source: Source<'_>, reason: &str) -> Result<Vec<u8>, Error> {
    debug_span!("monty.compile", reason).in_scope(|| {
        engine
            .precompile_component(&source.bytes()?)
            .map_err(not_compiled)
    })
}

pub(crate) fn not_compiled(error: wasmtime::Error) -> Error {
    Error::sandbox(
        format!("the component does not compile: {error:#}"),
        Some(error),
    )
}
