//! Functions that are tools.

mod calls;
mod stubs;
mod support;
