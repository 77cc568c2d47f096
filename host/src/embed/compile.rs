//! Compiles the component.

use wasmtime::Engine;
use wasmtime::component::Component;

use super::code_source::CodeSource;
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

/// A component that is compiled for this process alone.
pub(crate) fn compile_here(
    engine: &Engine,
    source: Source<'_>,
) -> Result<(Component, CodeSource), Error> {
    let reason = "the cache is off";
    let component = loaded(engine, &compile(engine, source, reason)?)?;
    Ok((component, CodeSource::NotKept(reason.to_owned())))
}

/// The component of code that [`compile`] gave for the engine.
pub(super) fn loaded(engine: &Engine, code: &[u8]) -> Result<Component, Error> {
    // SAFETY: this engine compiled it just now.
    unsafe { Component::deserialize(engine, code) }.map_err(not_compiled)
}

fn not_compiled(error: wasmtime::Error) -> Error {
    Error::sandbox(
        format!("the component does not compile: {error:#}"),
        Some(error),
    )
}
