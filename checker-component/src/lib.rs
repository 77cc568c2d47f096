//! A type checker for what runs in Monty, as a component: ty, with a typeshed of what
//! Monty has, between the two sides of the WIT world `monty:checker/checker`.
//!
//! - [`check`]: a check from its request to its diagnostics.
//! - [`database`] and [`typeshed`]: where ty finds files and the standard library.
//! - [`stubs`] and [`earlier`]: what the host and the session declare.
//! - [`syntax`], [`names`] and [`arguments`]: what Monty does not have, and ty does not know; by the
//!   tables of [`features`], with the [`hints`] that a run gives.
//! - [`origin`], [`guards`] and [`certainty`]: what a diagnostic is worth.
//! - [`ambient`]: what the standard library does not reach.

#[cfg(target_family = "wasm")]
mod ambient;
mod arguments;
mod certainty;
mod check;
mod database;
mod earlier;
mod features;
mod finding;
mod guards;
#[path = "../../guest-component/src/hints.rs"]
mod hints;
mod names;
mod origin;
mod stubs;
mod syntax;
mod text;
mod typeshed;
mod world;
