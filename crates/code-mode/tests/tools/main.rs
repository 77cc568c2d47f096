//! What a model sees of an agent's tools, and how calls get to tools that JSON
//! Schemas describe.

mod calls;
mod catalogue;
mod complaints;
mod conformance;
mod hostile;
mod names;
mod schemas;
mod search;
mod stubs;
mod support;
mod toolbox;
