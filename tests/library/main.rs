//! The suites of the library: each through a public surface, with its
//! user-visible output in `snapshots/`.

mod artefact;
mod between;
mod cancellation;
mod capabilities;
#[cfg(unix)]
mod code_cache;
mod compared;
mod conformance;
mod described;
mod dummy;
mod durable;
mod embedding;
mod endurance;
mod examples;
mod failures;
mod fatal;
mod files;
mod foreign;
mod growth;
mod hints;
mod host_costs;
mod hostile;
mod hostile_values;
mod isolation;
mod language;
mod limits;
mod many;
mod parallel;
mod prints;
#[path = "../program.rs"]
mod program;
mod ready;
mod round_trips;
mod sessions;
mod stored;
mod support;
mod tools;
mod tracing;
mod values;
