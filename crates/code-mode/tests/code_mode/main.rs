//! Code mode as an agent uses it: what the model is told, what its scripts come
//! to, and what it reads of that.

mod approval;
mod checked;
mod complaints;
mod description;
mod hostile;
mod policy;
mod results;
mod secrets;
mod sessions;
mod streams;
mod support;
