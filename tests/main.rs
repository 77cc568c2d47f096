//! The suites that cross the boundary: each through a public surface, with
//! what a user sees in `snapshots/`.

mod artefact;
mod capabilities;
mod command;
mod embedding;
mod endurance;
mod examples;
mod failures;
mod files;
mod hints;
mod hostile;
mod hostile_values;
mod limits;
mod prints;
mod round_trips;
mod support;
mod tools;
mod values;
