//! What a model sees of an agent's tools, and how calls get to tools that JSON
//! Schemas describe.

mod calls;
mod catalogue;
mod names;
mod schemas;
mod stubs;
mod support;
